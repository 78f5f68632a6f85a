"""Rules as data: reading rule files and checking each rule.

A rule file is TOML: ``language`` and any number of ``[[rule]]`` tables. CONTRIBUTING.md tells how to write one; the built-in files in
``rules/`` are examples. A rule has

    id          unique in its file
    kind        what a line is that it matches (`textclean.document.Kind`)
    pattern     must match the whole folded line (`rust/src/rules/fold.rs`: lower case, straight quotes, no bullets)
    where       any (default), top, bottom or edges of the page
    takes       line (default), list (and the short lines below) or rest (and all below)
    case        true: the pattern sees capitals; for names
    max_chars   code points of the longest line it judges (default 120)
    tail        how a line that the pattern matches may go on: notice, where the pattern is open (ten or more of any letters), as notices
                do by the file's [voice] table (default for the kinds in `NOTICES`); title, as names and titles do, and not as a sentence
                of prose (default for all others); or any, if the comment says why
    names       true: the line must name somebody, by the file's [names] table (`textclean.rules.language`)
    inner       literals of which every matching line has one among its last 120 code points; only where the pattern neither begins
                nor ends with literal text
    match       lines that it must match
    reject      lines that it must not match
    comment     why, if not obvious
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache, cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textclean import _native
from textclean.document import KINDS, Kind, kind_mask, kind_number
from textclean.errors import ConfigError, RuleError, RuleTimeoutError, picture, short
from textclean.rules.language import Language, read_language
from textclean.rules.patterns import check_pattern

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
#: Kinds whose lines are words that an article may have for a heading, a cell of a table or an answer. A byline or a date line says what it
#: is wherever it stands.
WORDS = FURNITURE | {Kind.SECTION_LABEL}
#: Those of them whose lines may be a heading even where their rule allows them anywhere.
LABELS = frozenset({Kind.NAVIGATION, Kind.RELATED, Kind.LEGAL, Kind.SECTION_LABEL})
#: Kinds of which an article has a line or two. Where they come again and again, they belong to posts, or to the dates of a tour.
MARKS = frozenset({Kind.BYLINE, Kind.DATELINE})
#: Kinds of lines that speak to the reader: where such a rule's pattern is open, the line must speak as a notice.
NOTICES = frozenset(
    {
        *(Kind.COMMENT_FORM, Kind.COMMENTS, Kind.SHARE, Kind.NEWSLETTER, Kind.TIP_LINE, Kind.ADVERT),
        *(Kind.LEGAL, Kind.COOKIE, Kind.PAYWALL),
    }
)
_TAILS = ("notice", "title", "any")
_PLACES = ("any", "top", "bottom", "edges")
_TAKES = ("line", "list", "rest")


@dataclass(frozen=True)
class Rule:
    """Holds one rule; the head of this module says what its fields mean."""

    name: str
    kind: Kind
    pattern: str
    where: str = "any"
    takes: str = "line"
    case: bool = False
    max_chars: int = 120
    tail: str = ""
    names: bool = False
    inner: tuple[str, ...] = ()
    literals: tuple[list[str], list[str], list[str]] | None = field(default=None, repr=False, compare=False)
    match: tuple[str, ...] = field(default=(), repr=False)
    reject: tuple[str, ...] = field(default=(), repr=False)
    comment: str = field(default="", repr=False)
    #: The name of the language whose words it goes by, if its own name does not begin with it.
    words: str = field(default="", repr=False, compare=False)

    @property
    def needs(self) -> str:
        """What a line must show besides matching: ``names``, ``notice``, ``title``, or nothing."""
        if self.names:
            return "names"
        tail = self.tail or ("notice" if self.kind in NOTICES else "title")
        return "" if tail == "any" else tail

    def matches(self, line: str, timeout: float) -> bool:
        """Returns whether the pattern matches a whole folded line.

        Raises:
            RuleTimeoutError: it ran longer than `timeout` seconds.
        """
        try:
            return _compiled(self.name, self.pattern).fullmatch(line, timeout=timeout, concurrent=False) is not None
        except (TimeoutError, MemoryError):
            # The engine keeps the places to which it may have to go back, and gives up when they are too many.
            raise RuleTimeoutError(self.name, timeout, line) from None


@dataclass(frozen=True)
class Ruleset:
    """Holds rules by number, and the native half that decides on all patterns which both engines read alike."""

    rules: tuple[Rule, ...]
    native: _native.Rules

    @cached_property
    def names(self) -> dict[int, str]:
        """The names of rules, and of all else that can make a line go, by the numbers that the native half uses."""
        return dict(enumerate(rule.name for rule in self.rules)) | _native.CAUSES

    def matches(self, question: tuple[int, str], timeout: float) -> bool:
        """Returns whether rule number ``question[0]`` matches the folded line ``question[1]``.

        Raises:
            RuleTimeoutError: it ran longer than `timeout` seconds.
        """
        return self.rules[question[0]].matches(question[1], timeout)


@lru_cache(maxsize=32)
def load(languages: tuple[str, ...] | None, paths: tuple[Path, ...], without: frozenset[str] = frozenset()) -> Ruleset:
    """Loads the built-in rules of these languages (None: all; ``any`` is always among them) and those in files of the user's.

    Args:
        languages: language codes, as the rule files are named.
        paths: files of the user's own.
        without: names of rules to leave out, ``language/id``.

    Raises:
        ConfigError: there is no such language, or no such rule to leave out.
        RuleError: a file is not as it has to be.
    """
    built_in: dict[str, dict[str, Any]] = json.loads(_folder().joinpath(COMPILED).read_text(encoding="utf-8"))
    if unknown := set(languages or ()) - built_in.keys():
        raise ConfigError(f"languages: no rules for {', '.join(sorted(unknown))}; there are {', '.join(built_in)}")
    chosen = [table for name in built_in if languages is None or name in languages or name == "any" for table in built_in[name]["rules"]]
    words = share({name: Language(**built_in[name]["language"]) for name in built_in})
    rules = [Rule(**(table | {"kind": Kind(table["kind"])})) for table in chosen]
    for path in paths:
        own, language = read_file(path)
        if own:
            words[f"{path}"] = language
            own = [replace(rule, words=f"{path}") for rule in own]
        # The patterns of others are tried now rather than when a line first needs them; the built-in ones are tested.
        for rule in own:
            _compiled(rule.name, rule.pattern)
        rules.extend(own)
    if strange := without - {rule.name for rule in rules} - {table["name"] for name in built_in for table in built_in[name]["rules"]}:
        raise ConfigError(f"without_rules: there is no rule {', '.join(map(repr, sorted(strange)))}: `textclean rules` lists them")
    rules = [rule for rule in rules if rule.name not in without]
    if len(rules) > _MAX_RULES:
        raise RuleError(f"{len(rules):,} rules are over the limit of {_MAX_RULES:,}: join alternatives into one pattern")
    return Ruleset(tuple(rules), native_rules(rules, words))


def share(words: Mapping[str, Language]) -> dict[str, Language]:
    """Languages by name, each with what ``any`` has for all of them."""
    return {name: language.with_shared(words["any"]) for name, language in words.items()}


def _folder() -> Traversable:
    return resources.files(__package__)


def built_in_files() -> dict[str, Traversable]:
    """Returns the built-in rule files by language code, in the order of the codes."""
    files = sorted((path.name, path) for path in _folder().iterdir())
    return {name.removesuffix(".toml"): path for name, path in files if name.endswith(".toml")}


#: The built-in rules without examples and with their literals found: TOML and the search for literals would cost the first call most of a
#: second. Made by ``make rules``; a test says when it is stale.
COMPILED = "compiled.json"


def compile_files(files: Mapping[str, Any]) -> str:
    """Returns what `COMPILED` has to hold for these rule files: JSON by language, its words and one rule a line."""
    languages = []
    for name, path in files.items():
        rules, language = read_file(path)
        rows = ",\n".join(json.dumps(_compact(rule), ensure_ascii=False) for rule in rules)
        words = json.dumps(asdict(language), ensure_ascii=False)
        languages.append(f'{json.dumps(name)}: {{"language": {words}, "rules": [\n{rows}\n]}}')
    return "{\n" + ",\n".join(languages) + "\n}\n"


def _compact(rule: Rule) -> dict[str, Any]:
    literals = _native.rule_literals(rule.pattern, list(rule.inner))
    plain = Rule(rule.name, rule.kind, rule.pattern)
    keys = ("where", "takes", "case", "max_chars", "tail", "names")
    chosen = {key: getattr(rule, key) for key in keys if getattr(rule, key) != getattr(plain, key)}
    return {"name": rule.name, "kind": rule.kind, "pattern": rule.pattern, **chosen, "literals": literals}


_MAX_RULES = 60_000


def read(path: Any) -> list[Rule]:
    """Reads the rules of one file; raises what `read_file` does."""
    return read_file(path)[0]


def read_file(path: Any) -> tuple[list[Rule], Language]:
    """Reads the rules of one file, each checked, and what the file says of its language.

    Raises:
        RuleError: the file can't be read, or a rule in it is not as it has to be.
    """
    data = _toml(path)
    language = data.get("language", Path(str(path)).stem)
    tables = data.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RuleError(f"rule file {path}: [[rule]] tables are needed")
    rules = [_rule(language, path, table) for table in tables]
    if len({rule.name for rule in rules}) < len(rules):
        raise RuleError(f"rule file {path}: two rules have the same id")
    try:
        return rules, read_language(data, ((rule.pattern, rule.match) for rule in rules if rule.needs == "notice"))
    except ValueError as error:
        raise RuleError(f"rule file {path}: {error}") from None


def _toml(path: Any) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE + 1)
        if len(content) > _MAX_FILE:
            raise RuleError(f"rule file {path}: over the limit of {_MAX_FILE:,} bytes: split it into several files")
        return tomllib.loads(content.decode("utf-8").replace("\r\n", "\n"))
    except RecursionError:
        raise RuleError(f"rule file {path}: its values are nested too deeply: no key of a rule file needs more than a list") from None
    except RuleError:
        raise
    except (OSError, ValueError) as error:  # damaged, not UTF-8, a number of thousands of digits
        raise RuleError(f"rule file {path}: {short(error)}") from error


def _rule(language: str, path: Any, table: dict[str, Any]) -> Rule:
    table = dict(table)
    identity = table.pop("id", None)
    name = f"{language}/{'?' if identity is None else identity}"

    def fail(why: str) -> RuleError:
        return RuleError(f"rule {short(name)} in {path}: {why}")

    if not isinstance(identity, str) or not identity:
        raise fail("an id is needed, a string")
    if unknown := table.keys() - _KEYS:
        raise fail(f"no key {', '.join(sorted(unknown))}; the keys are id, {', '.join(_KEYS)}")
    if missing := {"kind", "pattern"} - table.keys():
        raise fail(f"{', '.join(sorted(missing))} is missing")
    if table["kind"] not in KINDS:
        raise fail(f"kind {picture(table['kind'])}; the kinds are {', '.join(KINDS)}")
    for key, allowed in (("where", _PLACES), ("takes", _TAKES), ("tail", _TAILS)):
        if table.get(key, allowed[0]) not in allowed:
            raise fail(f"{key} {picture(table[key])}; one of {', '.join(allowed)} is needed")
    for key, (types, wanted) in _TYPES.items():
        if key in table and (not isinstance(table[key], types) or (types is int and isinstance(table[key], bool))):
            raise fail(f"{key} {picture(table[key])}; {wanted} is needed")
    for key in ("inner", "match", "reject"):
        table[key] = tuple(table.get(key, ()))
        if not all(isinstance(line, str) and line for line in table[key]):
            raise fail(f"{key} {picture(list(table[key]))}; a list of strings is needed")
    if not 1 <= table.get("max_chars", 1) <= _MAX_CHARS:
        raise fail(f"max_chars {picture(table['max_chars'])}; a whole number from 1 to {_MAX_CHARS:,} is needed")
    if (length := max(map(len, table["inner"]), default=0)) > _MAX_LITERAL:
        raise fail(f"inner has a literal of {length:,} code points; lines are searched for {_MAX_LITERAL} at most")
    if (length := sum(map(len, table["inner"]))) > _MAX_LITERALS:
        raise fail(f"inner has {length:,} code points, over the limit of {_MAX_LITERALS:,}: name those that tell most")
    try:
        check_pattern(table["pattern"])
    except ValueError as error:
        raise fail(str(error)) from None
    return Rule(name=name, **(table | {"kind": Kind(table["kind"])}))


#: Bytes of a rule file.
_MAX_FILE = 1 << 23
#: Code points of a literal that a rule names, and of all of them: searches for them are made ready from all together.
_MAX_LITERAL, _MAX_LITERALS = 120, 4_000
_MAX_CHARS = 1_000_000
_TYPES: dict[str, tuple[type, str]] = {
    "pattern": (str, "a string"),
    "comment": (str, "a string"),
    **dict.fromkeys(("case", "names"), (bool, "true or false")),
    "max_chars": (int, "a whole number"),
    **dict.fromkeys(("inner", "match", "reject"), (list, "a list of strings")),
}
_KEYS = ("kind", "pattern", "where", "takes", "case", "max_chars", "tail", "names", "inner", "match", "reject", "comment")


#: Code points of a pattern that an error shows.
_SHOWN = 300


@cache
def _compiled(name: str, pattern: str) -> regex.Pattern[str]:
    import regex

    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, MemoryError, OverflowError) as error:
        shown = pattern if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]}…"
        raise RuleError(f"rule {name}: pattern {shown!r}: {error or type(error).__name__}") from None


def native_rules(rules: Iterable[Rule], words: Mapping[str, Language] | None = None) -> _native.Rules:
    """Makes the native half of these rules; the number of a rule is its place among them. `words` are the languages that they name.

    Without the table that it needs, a rule needs nothing: a pattern in a file of the user's means what it says.
    """
    words = words or {}
    numbers = {name: number for number, name in enumerate(words)}
    rows = [_row(rule, words, numbers) for rule in rules]
    kinds = (kind_mask(FURNITURE), kind_mask(WORDS), kind_mask(LABELS), kind_mask(MARKS))
    return _native.Rules(rows, kinds, [language.row() for language in words.values()])


_Needs = tuple[str, int]


def _row(
    rule: Rule, words: Mapping[str, Language], numbers: Mapping[str, int]
) -> tuple[str, int, bool, int, str, str, tuple[list[str], list[str], list[str]], _Needs]:
    heads, tails, inner = rule.literals or _native.rule_literals(rule.pattern, list(rule.inner))
    name = rule.words or rule.name.partition("/")[0]
    language = words.get(name, Language())
    told = language.names if rule.needs == "names" else language.voice
    needs = (rule.needs, numbers[name]) if told else ("", 0)
    return (rule.pattern, rule.max_chars, rule.case, kind_number(rule.kind), rule.where, rule.takes, (heads, tails, inner), needs)
