"""Rules as data: reading rule files and checking each rule.

A rule file is TOML: ``language`` and any number of ``[[rule]]`` tables. CONTRIBUTING.md tells how to write one; the built-in files in
``rules/`` are examples. A rule has

    id          unique in its file
    kind        what a line is that it matches (`textclean.document.Kind`)
    pattern     must match the whole folded line (`rust/src/fold.rs`: lower case, straight quotes, no bullets)
    where       any (default), top, bottom or edges of the page
    takes       line (default), list (and the short lines below) or rest (and all below)
    case        true: the pattern sees capitals; for names
    max_chars   code points of the longest line it judges (default 120)
    inner       literals of which every matching line has one; only for patterns that neither begin nor end with literal text
    match       lines that it must match
    reject      lines that it must not match
    comment     why, if not obvious
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textclean import _native
from textclean.document import KINDS, Kind
from textclean.errors import ConfigError, RuleError, RuleTimeoutError

if TYPE_CHECKING:
    import regex

#: Kinds of page furniture: a short line between two such lines is furniture too. A headline stands between a section label and a byline,
#: so these are not among them.
FURNITURE = frozenset(
    {
        *(Kind.COMMENT_FORM, Kind.COMMENTS, Kind.SHARE, Kind.NEWSLETTER, Kind.RELATED, Kind.NAVIGATION),
        *(Kind.ADVERT, Kind.LEGAL, Kind.COOKIE, Kind.PAYWALL),
    }
)
_PLACES = ("any", "top", "bottom", "edges")
_TAKES = ("line", "list", "rest")


@dataclass(frozen=True)
class Rule:
    """One rule; see the module's head."""

    name: str
    kind: Kind
    pattern: str
    where: str = "any"
    takes: str = "line"
    case: bool = False
    max_chars: int = 120
    inner: tuple[str, ...] = ()
    match: tuple[str, ...] = field(default=(), repr=False)
    reject: tuple[str, ...] = field(default=(), repr=False)
    comment: str = field(default="", repr=False)

    def matches(self, line: str, timeout: float) -> bool:
        """Whether the pattern matches a whole folded line.

        Raises:
            RuleTimeoutError: it ran longer than `timeout` seconds.
        """
        try:
            return _compiled(self.name, self.pattern).fullmatch(line, timeout=timeout, concurrent=False) is not None
        except TimeoutError:
            raise RuleTimeoutError(self.name, timeout, line) from None


@dataclass(frozen=True)
class Ruleset:
    """Rules by number, and the native half that finds candidates among lines."""

    rules: tuple[Rule, ...]
    native: _native.Rules
    #: What was decided lately: the furniture of a site comes with each of its pages.
    _decided: dict[tuple[int, str], bool] = field(default_factory=dict, repr=False, compare=False)

    def matches(self, question: tuple[int, str], timeout: float) -> bool:
        """Whether rule number ``question[0]`` matches the folded line ``question[1]``.

        Raises:
            RuleTimeoutError: it ran longer than `timeout` seconds.
        """
        decision = self._decided.get(question)
        if decision is None:
            if len(self._decided) >= _REMEMBERED:
                self._decided.clear()
            decision = self._decided[question] = self.rules[question[0]].matches(question[1], timeout)
        return decision


#: Decisions kept; lines are short, so this is a few megabytes.
_REMEMBERED = 1 << 15


@lru_cache(maxsize=32)
def load(languages: tuple[str, ...] | None, paths: tuple[Path, ...]) -> Ruleset:
    """The built-in rules of these languages (None: all; ``any`` is always among them) and those in files of the user's.

    Raises:
        ConfigError: no such language.
        RuleError: a file is not as it has to be.
    """
    files = {path.name.removesuffix(".toml"): path for path in resources.files("textclean").joinpath("rules").iterdir()}
    files = {name: path for name, path in sorted(files.items()) if path.name.endswith(".toml")}
    if unknown := set(languages or ()) - files.keys():
        raise ConfigError(f"languages: no rules for {', '.join(sorted(unknown))}; there are {', '.join(files)}")
    chosen = [path for name, path in files.items() if languages is None or name in languages or name == "any"]
    rules = [rule for path in (*chosen, *paths) for rule in read(path)]
    for path in paths:
        # The patterns of others are tried now rather than when a line first needs them; the built-in ones are tested.
        for rule in read(path):
            _compiled(rule.name, rule.pattern)
    if len(rules) > _MAX_RULES:
        raise RuleError(f"{len(rules):,} rules are over the limit of {_MAX_RULES:,}: join alternatives into one pattern")
    return Ruleset(tuple(rules), _native.Rules([_row(rule) for rule in rules]))


_MAX_RULES = 60_000


def read(path: Any) -> list[Rule]:
    """The rules of one file.

    Raises:
        RuleError: the file can't be read, or a rule in it is not as it has to be.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"rule file {path}: {error}") from error
    language = data.get("language", Path(str(path)).stem)
    tables = data.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RuleError(f"rule file {path}: [[rule]] tables are needed")
    rules = [_rule(language, path, table) for table in tables]
    if len({rule.name for rule in rules}) < len(rules):
        raise RuleError(f"rule file {path}: two rules have the same id")
    return rules


def _rule(language: str, path: Any, table: dict[str, Any]) -> Rule:
    table = dict(table)
    name = f"{language}/{table.pop('id', '?')}"

    def fail(why: str) -> RuleError:
        return RuleError(f"rule {name} in {path}: {why}")

    if unknown := table.keys() - _KEYS:
        raise fail(f"no key {', '.join(sorted(unknown))}; the keys are id, {', '.join(_KEYS)}")
    if missing := {"kind", "pattern"} - table.keys():
        raise fail(f"{', '.join(sorted(missing))} is missing")
    if table["kind"] not in KINDS:
        raise fail(f"kind {table['kind']!r}; the kinds are {', '.join(KINDS)}")
    for key, allowed in (("where", _PLACES), ("takes", _TAKES)):
        if table.get(key, allowed[0]) not in allowed:
            raise fail(f"{key} {table[key]!r}; one of {', '.join(allowed)} is needed")
    for key in ("inner", "match", "reject"):
        table[key] = tuple(table.get(key, ()))
    try:
        return Rule(name=name, **(table | {"kind": Kind(table["kind"])}))
    except TypeError as error:
        raise fail(str(error)) from None


_KEYS = ("kind", "pattern", "where", "takes", "case", "max_chars", "inner", "match", "reject", "comment")


@cache
def _compiled(name: str, pattern: str) -> regex.Pattern[str]:
    import regex

    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise RuleError(f"rule {name}: pattern {pattern!r}: {error}") from None


def _row(rule: Rule) -> tuple[str, list[str], int, bool, int, str, str, bool]:
    kind = KINDS.index(rule.kind)
    furniture = rule.kind in FURNITURE
    return (rule.pattern, list(rule.inner), rule.max_chars, rule.case, kind, rule.where, rule.takes, furniture)


def names(rules: Iterable[Rule]) -> dict[int, str]:
    """Rule numbers, as the native half counts them, to names."""
    return dict(enumerate(rule.name for rule in rules)) | {
        _native.RULE_UNDER: "under-heading",
        _native.RULE_BETWEEN: "between",
        _native.RULE_EXACT: "verbatim",
        _native.RULE_HEADLINE: "headline",
        _native.RULE_NEAR: "near",
        _native.RULE_CONTAINED: "covered",
    }
