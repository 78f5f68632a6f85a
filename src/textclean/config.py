"""What can be chosen. One frozen dataclass; each default says why it is so."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from textclean.document import Kind
from textclean.errors import ConfigError


@dataclass(frozen=True)
class Config:
    """How texts are cleaned.

    Raises:
        ConfigError: an option has a value that it can't have.

    >>> Config(keep={"byline", "caption"}).dropped == frozenset(Kind) - {"byline", "caption"}
    True
    """

    drop: frozenset[Kind] = frozenset(Kind)
    """Kinds of line to remove. All: what is not the article is what the caller came to lose."""
    keep: frozenset[Kind] = frozenset()
    """Kinds to leave in after all; they are still recognised and put in `Cleaned.fields`."""
    languages: tuple[str, ...] | None = None
    """Rule files to use, by language code. None, all: a page in one language has buttons in another, and rules are whole-line."""
    rules: tuple[Path, ...] = ()
    """Rule files of your own, used beside the built-in ones."""
    repeats: bool = True
    """Whether to remove what the document says twice."""
    min_words: int = 10
    """Tokens below which a repeated line stays: headings, list items, dialogue and refrains repeat on purpose."""
    threshold: float = 0.8
    """Jaccard similarity of 3-token shingles from which a paragraph is a near repeat."""
    unwrap: bool = True
    """Whether to join hard-wrapped lines into paragraphs."""
    straighten_quotes: bool = False
    """Whether to turn curly quotes into straight ones. No: curly quotes are not damage."""
    narrow_width: bool = False
    """Whether to turn full-width Latin letters and half-width Katakana into their usual forms. No: it changes what was written."""
    regex_timeout: float = 1.0
    """Seconds that one rule may spend on one line. The built-in rules need microseconds; this bounds the rules of others."""

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "drop", _kinds("drop", self.drop))
        set_(self, "keep", _kinds("keep", self.keep))
        if self.languages is not None:
            set_(self, "languages", tuple(_strings("languages", self.languages)))
        set_(self, "rules", tuple(Path(path) for path in _strings("rules", self.rules)))
        if not isinstance(self.min_words, int) or not 3 <= self.min_words <= 1_000_000:
            raise ConfigError(f"min_words={self.min_words!r}: a whole number from 3 to 1,000,000 is needed")
        if not 0 < self.threshold <= 1:
            raise ConfigError(f"threshold={self.threshold!r}: a Jaccard similarity over 0 and at most 1 is needed")
        if not self.regex_timeout > 0:
            raise ConfigError(f"regex_timeout={self.regex_timeout!r}: seconds over 0 are needed")

    @property
    def dropped(self) -> frozenset[Kind]:
        """The kinds that are removed: `drop` without `keep`."""
        return self.drop - self.keep


def resolve(config: Config | None, overrides: dict[str, Any]) -> Config:
    """The configuration with single options changed.

    Raises:
        ConfigError: no such option, or no such value.
    """
    if config is None:
        config = _DEFAULT
    elif not isinstance(config, Config):
        raise ConfigError(f"config={config!r}: a textclean.Config is needed")
    if not overrides:
        return config
    try:
        return _replaced(config, tuple(overrides.items()))
    except TypeError:
        # A list or a set among the values: not to be cached by.
        return _replace(config, overrides)


def _replace(config: Config, overrides: dict[str, Any]) -> Config:
    names = [field.name for field in fields(Config)]
    if unknown := sorted(overrides.keys() - set(names)):
        raise ConfigError(f"no option {', '.join(unknown)}: the options are {', '.join(names)}")
    return replace(config, **overrides)


@lru_cache(maxsize=256)
def _replaced(config: Config, overrides: tuple[tuple[str, Any], ...]) -> Config:
    return _replace(config, dict(overrides))


def _kinds(name: str, values: Iterable[str]) -> frozenset[Kind]:
    try:
        return frozenset(Kind(value) for value in _strings(name, values))
    except ValueError as error:
        raise ConfigError(f"{name}: {error}; the kinds are {', '.join(Kind)}") from None


def _strings(name: str, values: Iterable[Any]) -> list[Any]:
    """A lone string where several are asked for is a slip that would be read letter by letter."""
    if isinstance(values, (str, bytes, os.PathLike)):
        raise ConfigError(f"{name}={values!r}: a list or set is needed, e.g. [{str(values)!r}]")
    try:
        return list(values)
    except TypeError:
        raise ConfigError(f"{name}={values!r}: a list or set is needed") from None


_DEFAULT = Config()
