"""The options of cleaning: one frozen dataclass, in which each default says why it is so."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from textclean.checks import check_choice, check_flag, check_similarity, check_whole, is_number
from textclean.document import KINDS, Kind
from textclean.errors import ConfigError

#: What a text can be.
PAGES = ("auto", "article", "page")
#: How much the line model may take: a name, or a number, 0 for the first and 1 for the last of these.
EFFORTS = ("careful", "balanced", "thorough")
#: What near and contained repeats inside a document can be.
MATCHINGS = ("strict", "loose")


@dataclass(frozen=True)
class Config:
    """The options of cleaning: what to remove and how. Every field can also be given by name to `clean` and the other functions.

    Attributes:
        drop_kinds: kinds of line to remove; by default all but the headline.
        keep_kinds: kinds of line to leave in, even if `drop_kinds` names them.
        languages: codes of the languages whose rules are used; None for all.
        rules: rule files of your own, used beside the built-in ones.
        without_rules: names of single rules that are not used, e.g. ``{"en/section-label"}``.
        repeats: whether to remove what a text says twice.
        min_words: least number of words (tokens) of a repeated line that is removed.
        repeat_matching: what near and contained repeats are: ``"strict"``, what stays says all that they say, or ``"loose"``.
        near_threshold: Jaccard similarity, over 0 and at most 1, from which a paragraph is a near repeat of another of the same text, with
            loose matching.
        line_model: whether a model of page layout judges the lines that no rule knows.
        page: what the texts are: ``"article"``, ``"page"``, or ``"auto"`` to find out for each.
        effort: how much the line model may take: ``"careful"``, ``"balanced"``, ``"thorough"``, or a number from 0 to 1, which is thorough.
        unwrap: whether to join hard-wrapped lines into paragraphs.
        straighten_quotes: whether to turn curly quotes into straight ones.
        narrow_width: whether to turn full-width Latin letters and half-width Katakana into their usual forms.
        regex_timeout: seconds that one rule may spend on one line.

    Each field says in the source why its default is what it is.

    Raises:
        ConfigError: an option has a value that it can't have.

    >>> Config(keep_kinds={"byline", "caption"}).dropped == frozenset(Kind) - {"byline", "caption", "headline"}
    True
    """

    drop_kinds: frozenset[Kind] = frozenset(Kind) - {Kind.HEADLINE}
    """Kinds of line to remove. All but the headline: what is not the article is what the caller came to lose. ``drop_kinds=Kind``, all."""
    keep_kinds: frozenset[Kind] = frozenset()
    """Kinds to leave in after all; they are still recognised and put in `Cleaned.fields`."""
    languages: tuple[str, ...] | None = None
    """Rule files to use, by language code. None, all: a page in one language has buttons in another, and rules are whole-line."""
    rules: tuple[Path, ...] = ()
    """Rule files of your own, used beside the built-in ones. A file is read once in a process."""
    without_rules: frozenset[str] = frozenset()
    """Single rules to switch off, by their names as `Removal.rule` and ``textclean rules`` give them: ``{"en/section-label"}``."""
    repeats: bool = True
    """Whether to remove what the document says twice."""
    min_words: int = 10
    """Tokens below which a repeated line stays: headings, list items, dialogue and refrains repeat on purpose."""
    repeat_matching: str = "strict"
    """How alike a repeat is to what stays. ``"strict"``: all that it says stands there, in that order; case, marks, accents and one letter
    of a long word may differ, ends may be cut, a dateline may stand in front, and what comes again and again between other text stays. A
    number, a name or a "not" is a fact, and a line too many is an annoyance. ``"loose"``: nearly all of it stands there, whatever the rest
    is."""
    near_threshold: float = 0.8
    """Jaccard similarity of 3-token shingles from which a paragraph of the document is a near repeat of another of its paragraphs, with
    loose matching. Strict matching asks for the same words instead."""
    line_model: bool = True
    """Whether a model of page layout judges the lines that no rule knows."""
    page: str = "auto"
    """What the texts are: ``"article"``, what an extractor found; ``"page"``, all the text of a page, menus and all; ``"auto"``, to be
    seen for each. The line model removes little from an article and half the lines of a page."""
    effort: str | float = "careful"
    """How much the model may take. ``"careful"``: what is in doubt stays, since a line too many is an annoyance, and a fact that goes is a
    fault. ``"balanced"`` and ``"thorough"`` take more of the furniture, and more that belongs; docs/cleaning.md says how much. A number
    from 0 (careful) to 1 (thorough) lies between them."""
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
        set_(self, "drop_kinds", _kinds("drop_kinds", self.drop_kinds))
        set_(self, "keep_kinds", _kinds("keep_kinds", self.keep_kinds))
        set_(self, "without_rules", frozenset(_several("without_rules", self.without_rules, str)))
        if self.languages is not None:
            set_(self, "languages", tuple(_several("languages", self.languages, str)))
        set_(self, "rules", tuple(Path(path) for path in _several("rules", self.rules, (str, os.PathLike))))
        for option in fields(self):
            if isinstance(option.default, bool):
                check_flag(option.name, getattr(self, option.name))
        check_choice("page", self.page, PAGES)
        _check_effort(self.effort)
        check_choice("repeat_matching", self.repeat_matching, MATCHINGS)
        check_whole("min_words", self.min_words, 3, 1_000_000)
        check_similarity("near_threshold", self.near_threshold)
        if not is_number(self.regex_timeout) or not 0 < self.regex_timeout <= 3600:
            raise ConfigError(f"regex_timeout={self.regex_timeout!r}: seconds over 0 and at most 3,600 are needed")

    @property
    def dropped(self) -> frozenset[Kind]:
        """The kinds that are removed: `drop_kinds` without `keep_kinds`."""
        return self.drop_kinds - self.keep_kinds


def resolve(config: Config | None, overrides: dict[str, Any]) -> Config:
    """Returns a configuration with single options changed.

    Args:
        config: the configuration; None for the defaults.
        overrides: new values of its fields, by name.

    Raises:
        ConfigError: there is no such option, or an option has a value that it can't have.
    """
    if config is None:
        config = _DEFAULT
    elif not isinstance(config, Config):
        raise ConfigError(f"config={config!r}: a textclean.Config is needed")
    if not overrides:
        return config
    try:
        return _replaced(config, tuple((name, value, type(value)) for name, value in overrides.items()))
    except TypeError:
        # A list or a set among the values: not to be cached by.
        return _replace(config, overrides)


#: What somebody means who names an option that is another's, or none.
_NEIGHBOURS = {
    "keep": "keep_kinds says which kinds of line stay, and keep, where documents are compared, which of two repeats",
    "drop": "drop_kinds says which kinds of line go",
    "threshold": "near_threshold is the similarity of near repeats inside a document, and threshold that across documents",
    "source": "site says where a text comes from, and source, where records are read, which of their fields does",
    "exhaustive": "method='exact' or method='minhash', where documents are compared, says how candidates are found",
    "disable_rules": "without_rules switches single rules off",
}


def _replace(config: Config, overrides: dict[str, Any]) -> Config:
    names = [field.name for field in fields(Config)]
    if unknown := sorted(overrides.keys() - set(names)):
        hints = "".join(f"; {_NEIGHBOURS[name]}" for name in unknown if name in _NEIGHBOURS)
        raise ConfigError(f"no option {', '.join(unknown)}: the options are {', '.join(names)}{hints}")
    return replace(config, **overrides)


# With types: True, 1 and 1.0 are equal, and not equally right.
@lru_cache(maxsize=256)
def _replaced(config: Config, overrides: tuple[tuple[str, Any, type], ...]) -> Config:
    return _replace(config, {name: value for name, value, _ in overrides})


def _kinds(name: str, values: Iterable[str]) -> frozenset[Kind]:
    several = _several(name, values, str)
    if unknown := [value for value in several if value not in KINDS]:
        raise ConfigError(f"{name}: no kind {', '.join(map(repr, unknown))}; the kinds are {', '.join(KINDS)}")
    return frozenset(map(Kind, several))


def _check_effort(effort: Any) -> None:
    if not (effort in EFFORTS if isinstance(effort, str) else is_number(effort) and 0 <= effort <= 1):
        raise ConfigError(f"effort={effort!r}: one of {', '.join(map(repr, EFFORTS))} or a number from 0 to 1 is needed")


def _several(name: str, values: Iterable[Any], types: type | tuple[type, ...]) -> list[Any]:
    # A lone string where several are asked for is a slip that would be read letter by letter.
    lone = isinstance(values, (str, bytes, os.PathLike)) or not isinstance(values, Iterable)
    several = [] if lone else list(values)
    if lone or not all(isinstance(value, types) for value in several):
        raise ConfigError(f"{name}={values!r}: a list or set of strings is needed")
    return several


_DEFAULT = Config()
