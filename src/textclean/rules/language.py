"""What a rule file says of its language: how notices speak in it, and how people are named.

Two tables of a rule file, both of them lists of words in lower case:

    [voice]     how notices speak (`rust/src/rules/voice.rs`); ``spaced = false`` where words are not told apart by spaces, or grow
                together: lists then hold pieces of lines; ``capitals = false`` where capitals stand for more than names
        speaks      words that address the reader: we, you, click
        tells       words that no notice has, since somebody is told of: he, said
        sure        pieces of lines that no prose has: all rights reserved
        words       other words that notices are made of, function words included; those of the file's own notice rules are added
    [names]     how people are named (`rust/src/rules/names.rs`)
        after       words after which a name stands: by
        joins       words between two names: and
        ends        words that end a name before a date: on
        given       first names
        never       words that no name has: articles, prepositions, nouns of titles
        alone       words that are no name by themselves: weekdays, months, feasts
        roles       what those are called who write: reporter, reuters

``*`` at an end of a word stands for any letters. First names and roles of ``any.toml`` hold in all languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: The lists of each table.
VOICE = ("speaks", "tells", "sure", "words")
NAMES = ("after", "joins", "ends", "given", "never", "alone", "roles")
#: Code points by which the forms of one word are taken for the same, as in `rust/src/rules/voice.rs`.
KNOWN = 5

_Lists = dict[str, list[str]]


@dataclass(frozen=True)
class Language:
    """The words of one rule file; see the module's head."""

    voice: _Lists = field(default_factory=dict)
    names: _Lists = field(default_factory=dict)
    spaced: bool = True
    capitals: bool = True

    def row(self) -> tuple[_Lists, _Lists, bool, bool]:
        """The language as the native half takes it."""
        return self.voice, self.names, self.spaced, self.capitals

    def with_shared(self, shared: Language) -> Language:
        """The language with the first names and roles that hold in all."""
        if not self.names:
            return self
        both = {key: [*self.names.get(key, ()), *shared.names.get(key, ())] for key in ("given", "roles")}
        return Language(self.voice, {**self.names, **both}, self.spaced, self.capitals)


def read_language(data: Mapping[str, Any], notices: Iterable[tuple[str, Iterable[str]]]) -> Language:
    """The language of a rule file's tables; `notices` are patterns and examples of its notice rules, whose words are words of notices.

    Raises:
        ValueError: a table is not as it has to be; the message says how.
    """
    voice, names = _table(data, "voice", (*VOICE, "spaced", "capitals")), _table(data, "names", NAMES)
    spaced, capitals = voice.pop("spaced", True), voice.pop("capitals", True)
    if not isinstance(spaced, bool) or not isinstance(capitals, bool):
        raise ValueError("[voice]: spaced and capitals are true or false")
    lists = {key: _words(f"[voice] {key}", value) for key, value in voice.items()}
    if lists:
        known = {word[:KNOWN] for key in ("words", "speaks") for word in lists.get(key, ())}
        for pattern, examples in notices:
            known |= {word.lower()[:KNOWN] for word in words_of(pattern)}
            known |= {word.lower()[:KNOWN] for line in examples for word in re.split(r"[\W_]+", line) if len(word) > 3}
        lists["known"] = sorted(known) if spaced else []
        lists.pop("words", None)
    return Language(lists, {key: _words(f"[names] {key}", value) for key, value in names.items()}, spaced, capitals)


def _table(data: Mapping[str, Any], name: str, keys: tuple[str, ...]) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"[{name}] is no table")
    if unknown := table.keys() - set(keys):
        raise ValueError(f"[{name}]: no key {', '.join(sorted(unknown))}; the keys are {', '.join(keys)}")
    return dict(table)


def _words(name: str, value: Any) -> list[str]:
    """A list of words, which may be written as one string with white space between them."""
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
        raise ValueError(f"{name}: words are needed, as a list or as one string")
    return words


def words_of(pattern: str) -> list[str]:
    """The words of three letters or more that are written out in a pattern, or the parts of words that are."""
    plain = re.sub(r"\\p\{[^}]*\}|\[[^\]]*\]|\{[^}]*\}|\(\?:|\\.", " ", pattern)
    return [word for word in re.split(r"[\W_]+", plain) if len(word) >= 3]
