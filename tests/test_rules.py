"""Rules as data: every example of every rule, and files that are not as they have to be."""

from __future__ import annotations

import re
import time
from functools import cache
from importlib import resources

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import oracle_words
import textclean
from textclean.config import Config
from textclean.errors import ConfigError, RuleError, RuleTimeoutError
from textclean.rules import ruleset
from textclean.rules.ruleset import COMPILED, Rule, built_in_files, compile_files, load, native_rules, read, read_file, share

FILES = sorted(path for path in resources.files("textclean").joinpath("rules").iterdir() if path.name.endswith(".toml"))
#: Loading must not stop the other tests from being collected, so a broken file has no rules here and fails the test of its own.
RULES_OF, WORDS = {}, {}
for _path in FILES:
    try:
        RULES_OF[_path.name], WORDS[_path.name.removesuffix(".toml")] = read_file(_path)
    except RuleError:
        RULES_OF[_path.name] = []
WORDS = share(WORDS)
RULES = [rule for rules in RULES_OF.values() for rule in rules]
BY_NAME = {rule.name: rule for rule in RULES}
every_rule = pytest.mark.parametrize("rule", BY_NAME.values(), ids=BY_NAME)


@cache
def native():
    """The native half of all built-in rules, numbered as in `RULES`."""
    return native_rules(RULES, WORDS)


def test_compiled_rules_are_those_of_the_files():
    """The rules that are loaded are made from the files as they are now: after an edit, `make rules`."""
    compiled = resources.files("textclean").joinpath("rules", COMPILED).read_text(encoding="utf-8")
    assert compiled == compile_files(built_in_files())


def test_loaded_rules_are_those_of_the_files():
    """All that a rule says but its examples is the same once it is loaded."""
    told = [(r.name, r.kind, r.pattern, r.where, r.takes, r.case, r.max_chars) for r in RULES]
    assert [(r.name, r.kind, r.pattern, r.where, r.takes, r.case, r.max_chars) for r in load(None, ()).rules] == told


def native_of(pattern, **options):
    """The native half of one rule."""
    return native_rules([Rule("mine/one", textclean.Kind.ADVERT, pattern, **options)])


def takes(rule, line):
    """Whether a rule takes a line as a page has it."""
    return RULES.index(rule) in native().candidates(line)


def folds_to(rule, line):
    """Whether a rule matches a line as a page has it."""
    return rule.matches(oracle.fold(line, case=rule.case), 5)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file(path):
    """A file can be read, names its language as it is called, and its rules have ids of their own."""
    rules = read(path)
    assert rules
    assert {rule.name.partition("/")[0] for rule in rules} == {path.name.removesuffix(".toml")}
    assert len({rule.name for rule in rules}) == len(rules)


def test_languages():
    """There are rules for at least these languages, and for all."""
    wanted = {"any", *["en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "cs", "sv", "hu", "tr", "ja", "zh", "ko", "ar"]}
    missing = wanted - {path.name.removesuffix(".toml") for path in FILES}
    assert not missing


@every_rule
def test_match(rule):
    """A rule takes each of its examples, none of which is longer than the lines that it judges."""
    assert rule.match, "a rule needs examples"
    assert [line for line in rule.match if not takes(rule, line)] == []
    assert [line for line in rule.match if oracle.judged_length(line) > rule.max_chars] == []


@every_rule
def test_reject(rule):
    """A rule takes none of its counter-examples, and none is an example too."""
    assert rule.reject, "a rule needs counter-examples"
    assert [line for line in rule.reject if takes(rule, line)] == []
    assert not {*rule.match} & {*rule.reject}


def by_file(known=()):
    """A test for each file; those in `known` are known failures."""
    marks = {name: [pytest.mark.xfail(strict=True, reason=reason)] for name, reason in dict(known).items()}
    return pytest.mark.parametrize("rules", [pytest.param(rules, id=name, marks=marks.get(name, [])) for name, rules in RULES_OF.items()])


@by_file()
def test_prefilter_never_under_reports(rules):
    """Each example, however it is written, is among the native candidates of its rule."""
    missing = []
    for rule in rules:
        number = RULES.index(rule)
        for line in rule.match:
            written = [line, f"» {line} →", f"* {line}:", line.replace("'", "’").replace('"', "“").replace("-", "–")]
            if not rule.case:
                written += [line.upper(), line.title()]
            judged = [w for w in written if oracle_words.takes(rule, WORDS, w)]
            missing += [(rule.name, w) for w in judged if number not in native().candidates(w)]
    assert missing == []


@by_file()
def test_worst_lines_take_no_time(rules):
    """No line that a rule judges, made of its own examples over and over and spoilt at the end, keeps it busy."""
    for rule in rules:
        number = RULES.index(rule)
        for line in rule.match[:4]:
            for part in (line, line[: len(line) // 2], line[-1:], line.split(" ")[0] + " "):
                for end in "§;":
                    worst = (part * (rule.max_chars // max(1, len(part)) + 1))[: rule.max_chars - 1] + end
                    if number in native().candidates(worst):
                        rule.matches(oracle.fold(worst, case=rule.case), 0.5)


def test_none_is_unanchored():
    """Every built-in rule has literals to be found by, so that no rule looks at every line."""
    assert [RULES[number].name for number in native().unanchored()] == []


@by_file()
def test_patterns_are_plain(rules):
    """Patterns keep to what all engines read alike: no look-around, no back-references, no possessive or atomic groups."""
    odd = re.compile(r"\\[1-9AZbBGKRXkhHvVzZ<>]|(?<!\\)\(\?(?!:|P<)|(?<!\\)[*+?}]\+(?![^\[]*\])|\[[^\]]*(?:&&|--|~~)")
    found = [(rule.name, match.group()) for rule in rules for match in odd.finditer(rule.pattern)]
    assert [(name, what) for name, what in found if what != "?+"] == []


@by_file()
def test_patterns_are_read(rules):
    """The engine that decides reads every pattern."""
    for rule in rules:
        regex.compile(rule.pattern)


def test_native_half_decides():
    """No built-in rule needs a second engine."""
    assert [RULES[number].name for number in native().undecided()] == []


@by_file()
def test_native_half_is_the_other_engine(rules):
    """Each example and counter-example, whole and spoilt, is decided natively as `regex` decides it."""
    for rule in rules:
        one = native_of(rule.pattern, case=rule.case, max_chars=rule.max_chars)
        for line in (*rule.match, *rule.reject):
            for spoilt in (line, line[1:], line[:-1], line + "s", "A " + line, line.replace(" ", "  ", 1), line[: len(line) // 2]):
                assert bool(one.candidates(spoilt)) == bool(oracle.candidates([rule], spoilt)), (rule.name, spoilt)


@settings(max_examples=150)
@given(st.data())
def test_native_half_is_the_other_engine_for_made_up_lines(data):
    """A line made up from a rule's pattern is decided natively as `regex` decides it."""
    plain = [rule for rule in RULES if "\\p{" not in rule.pattern and len(rule.pattern) < 2000]
    rule = data.draw(st.sampled_from(plain), label="rule")
    line = data.draw(st.from_regex(rule.pattern, fullmatch=True), label="line")
    assert oracle_words.takes(rule, WORDS, line) == takes(rule, line)


@settings(max_examples=60)
@given(st.data())
def test_prefilter_is_the_naive_one(data):
    """Among all rules, those that match a line are its candidates: examples with letters changed, put in and taken out."""
    line = data.draw(st.sampled_from(RULES).flatmap(lambda rule: st.sampled_from(rule.match)), label="example")
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(line)))
        line = (
            line[:at] + data.draw(st.sampled_from(["", " ", "x", "s", "’", "…", "İ", "A", "1"])) + line[at + data.draw(st.integers(0, 1)) :]
        )
    naive = [number for number in oracle.candidates(RULES, line) if oracle_words.takes(RULES[number], WORDS, line)]
    assert naive == native().candidates(line)


DIALECTS = [
    (r"zq (?=x)x zq", "zq x zq"),
    (r"(zq) \1", "zq zq"),
    (r"(?i)ZQ OPEN", "zq open"),
    (r"(?:(?i)Z)q open", "zq open"),
    (r"zq\s+open", "zq open"),
    (r"zq \w+ zq", "zq größe zq"),
    (r"zq \w+ zq", "zq na\u0308\u0304 zq"),
    (r"zq \d zq", "zq ٣ zq"),
    (r"zq .zq", "zq 😀zq"),
    (r"zq #1", "zq #1"),
    (r"zq\Z", "zq"),
    (r"^zq$", "zq"),
    (r"zq\b.{1,4}\bzq", "zq - zq"),
    (r"zq (?P<name>x) zq", "zq x zq"),
    (r"zq (?<name>x)++ zq", "zq x zq"),
    (r"zq [[:alpha:]]+ zq", "zq x zq"),
    (r"zq \N{BULLET} zq", "zq • zq"),
    (r"zq \X zq", "zq e zq"),
    (r"[^a]{2}(x|y)[^a]{2}", "zqxzq"),
    (r"zq(?:\.\.\.)?", "zq"),
    (r"zq \p{Lu}?zq", "zq zq"),
    (r"(zq|zr){2,}?", "zqzr"),
    (r"zq(x+)*", "zq"),
    (r"zq(x*y)?z*?", "zq"),
    (r"zq(?:x{2,})*", "zq"),
]
_OTHERWISE = [
    (r"zq []&&x] zq", "zq x zq"),
    (r"zq[a[b]]", "zq[]"),
    (r"zq [^]~~x] zq", "zq a zq"),
    (r"zq[]-a]zq", "zq_zq"),
    (r"zqx{2, 3}", "zqx{2, 3}"),
    (r"zq.{1,5}(?:(?:(?:(?:a{0,65536}){0,65536}){0,65536}){0,65536})x", "zq-aax"),
    (r"zq \<b\> zq", "zq <b> zq"),
    (r"zq [a&&b] zq", "zq & zq"),
    (r"zq [~~x] zq", "zq ~ zq"),
]
_LAZY = [(r"zq(x{3})?", "zq"), (r"zq(x{2,3})?zq", "zqzq"), (r"(x{2})?zq", "zq")]


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        *DIALECTS,
        *_LAZY,
        *_OTHERWISE,
    ],
)
def test_engines_agree_on_patterns_of_users(pattern, line):
    """Whatever a pattern is made of, a line that it matches is a candidate."""
    assert regex.compile(pattern).fullmatch(line)
    assert native_of(pattern).candidates(line) == [0]


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in (*DIALECTS, *_LAZY, *_OTHERWISE)])
@settings(max_examples=50)
@given(st.data())
def test_what_is_decided_natively_is_decided_alike(pattern, data):
    """A pattern of the user's that the native half decides on means there what it means to `regex`."""
    rules = native_of(pattern)
    pieces = st.sampled_from(["zq", "zr", "x", "y", "z", " ", "&", "a", "b", "~", "é", "1", "-", "."])
    line = "".join(data.draw(st.lists(pieces, min_size=1, max_size=6), label="line"))
    folded = oracle.fold(line, case=False)
    if not rules.undecided() and oracle.strip(line):
        assert rules.candidates(line) == ([0] if regex.compile(pattern).fullmatch(folded) else [])


def test_max_chars_bounds_the_candidates():
    """A line longer than every rule judges is no rule's candidate; one just as long as a rule judges may be."""
    one = native_of("zq.*", max_chars=20)
    assert one.candidates("zq" + "x" * 18) == [0]
    assert one.candidates("zq" + "x" * 19) == []
    assert one.candidates("zq" + "…" * 5 + "xyz") == [0]
    assert one.candidates("zq" + "…" * 6 + "x") == []
    assert native().candidates("Leave a Reply " * 200) == []


@pytest.mark.parametrize("decoration", [20, 200, 2000])
def test_decoration_does_not_hide_a_line(decoration):
    """Bullets, rules and arrows at the ends of a line do not count, however many they are."""
    assert native_of("leave a reply").candidates("=" * decoration + " Leave a Reply " + "-" * decoration) == [0]


# Files of the user's.

GOOD = 'language = "mine"\n[[rule]]\nid = "one"\nkind = "advert"\npattern = "zq"\n'


def write(tmp_path, text):
    """A rule file."""
    path = tmp_path / "mine.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_of_the_users(tmp_path):
    """A rule in a file of the user's removes its lines and is named by the file's language and its id."""
    path = write(tmp_path, GOOD)
    for rules in ([path], [str(path)], (path,)):
        assert [r.rule for r in textclean.explain("zq\n\nA line.", rules=rules).removals] == ["mine/one"]


def test_the_language_is_the_files_name_if_it_names_none(tmp_path):
    """A file that names no language has its own name for one."""
    path = write(tmp_path, GOOD.partition("\n")[2])
    assert [rule.name for rule in read(path)] == ["mine/one"]


def test_inner_literals(tmp_path):
    """A rule with inner literals is found by them, wherever they stand in the line."""
    path = write(tmp_path, GOOD.replace('"zq"', '".{1,30}zq.{1,30}"\ninner = ["zq"]'))
    assert [r.text for r in textclean.explain("one zq two\n\nA line.", rules=[path]).removals] == ["one zq two"]


def rule_error(tmp_path, text):
    """The message for a rule file, without its path."""
    path = write(tmp_path, text)
    with pytest.raises(RuleError) as caught:
        textclean.clean("Some text", rules=[path])
    assert isinstance(caught.value, ConfigError)
    assert str(path) in str(caught.value)
    return str(caught.value).replace(str(path), "FILE")


KEYS = "id, kind, pattern, where, takes, case, max_chars, tail, names, inner, match, reject, comment"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = ", "rule file FILE: Invalid value (at end of document)"),
        (b"\xff", "rule file FILE: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        ("rule = 3", "rule file FILE: [[rule]] tables are needed"),
        ("rule = [3]", "rule file FILE: [[rule]] tables are needed"),
        (GOOD + "colour = 1", f"rule mine/one in FILE: no key colour; the keys are {KEYS}"),
        (GOOD.replace('kind = "advert"\n', ""), "rule mine/one in FILE: kind is missing"),
        (GOOD.replace('pattern = "zq"\n', ""), "rule mine/one in FILE: pattern is missing"),
        ('[[rule]]\nid = "x"', "rule mine/x in FILE: kind, pattern is missing"),
        (GOOD.replace("advert", "ad"), f"rule mine/one in FILE: kind 'ad'; the kinds are {', '.join(textclean.Kind)}"),
        (GOOD + 'where = "middle"', "rule mine/one in FILE: where 'middle'; one of any, top, bottom, edges is needed"),
        (GOOD + 'takes = "all"', "rule mine/one in FILE: takes 'all'; one of line, list, rest is needed"),
        (GOOD + GOOD.partition("\n")[2], "rule file FILE: two rules have the same id"),
    ],
)
def test_rule_errors(tmp_path, text, message):
    """Each thing that can be wrong with a file is told, with the file, the rule, the value and what is needed."""
    assert rule_error(tmp_path, text) == message


def test_a_file_that_is_not_there(tmp_path):
    """A file that can't be read is named."""
    path = tmp_path / "none.toml"
    with pytest.raises(RuleError, match=re.escape(f"rule file {path}: [Errno 2] No such file or directory")):
        textclean.clean("x", rules=[path])
    with pytest.raises(RuleError, match=re.escape(f"rule file {tmp_path}: ")):
        textclean.clean("x", rules=[tmp_path])


@pytest.mark.parametrize("pattern", ["(zq", "zq)", "[zq", "zq{2,1}", "*zq"])
def test_a_pattern_that_is_none(tmp_path, pattern):
    """A pattern that can't be read is shown with its rule, before any text is looked at."""
    path = write(tmp_path, GOOD.replace('"zq"', f"'{pattern}'"))
    with pytest.raises(RuleError, match=re.escape(f"rule mine/one: pattern {pattern!r}: ")):
        textclean.clean("", rules=[path])
    with pytest.raises(RuleError):
        textclean.clean_many([], rules=[path])


@pytest.mark.parametrize(
    "line",
    [
        "pattern = 3",
        "max_chars = -1",
        'max_chars = "long"',
        "max_chars = 99999999999",
        'case = "yes"',
        "inner = 3",
        "inner = [3]",
        'match = "x"',
        "reject = 1",
    ],
)
def test_a_value_of_the_wrong_type(tmp_path, line):
    """A value of the wrong type is a rule error that names the rule and the key."""
    text = GOOD.replace('pattern = "zq"\n', "") if line.startswith("pattern") else GOOD
    message = rule_error(tmp_path, text + line)
    assert message.startswith("rule mine/one in FILE: ")
    assert line.split(" ")[0] in message


def test_a_rule_without_id(tmp_path):
    """A rule needs an id, since removals name it."""
    assert rule_error(tmp_path, GOOD.replace('id = "one"\n', "")) == "rule mine/? in FILE: an id is needed, a string"


def test_too_many_rules(tmp_path, monkeypatch):
    """More rules than can be numbered are refused with the limit and the remedy."""
    assert ruleset._MAX_RULES < 2**16
    monkeypatch.setattr(ruleset, "_MAX_RULES", 5)
    with pytest.raises(RuleError, match=r"^\d+ rules are over the limit of 5: join alternatives into one pattern$"):
        textclean.clean("x", languages=[], rules=[write(tmp_path, GOOD)])


BACKTRACKS = GOOD.replace('"zq"', r"'(?=z)zq (?:a|aa)+[bc]'")


def test_a_pattern_that_backtracks_is_stopped(tmp_path):
    """A rule that runs too long on a line is stopped at the time given, and named."""
    path = write(tmp_path, BACKTRACKS)
    line = "zq " + "a" * 60
    before = time.perf_counter()
    with pytest.raises(RuleTimeoutError) as caught:
        textclean.clean(f"A line.\n\n{line}", rules=[path], regex_timeout=0.2)
    assert time.perf_counter() - before < 5
    assert caught.value.rule == "mine/one"
    assert str(caught.value) == (
        f"rule mine/one ran longer than 0.2 s on a line of 63 code points ({line[:40]!r}…): "
        "write its pattern without nested repetition, or lower its max_chars"
    )


def test_a_pattern_that_backtracks_fails_one_item_alone(tmp_path):
    """Among many texts, only the one with the line that it can't decide fails."""
    path = write(tmp_path, BACKTRACKS)
    texts = ["One line.", "zq " + "a" * 60, "zq aab\n\nAnother line."]
    got = list(textclean.clean_many(texts, rules=[path], regex_timeout=0.2, workers=1, on_error="keep"))
    assert [c.text for c in got] == ["One line.", texts[1], "Another line."]
    assert [type(c.error) for c in got] == [type(None), RuleTimeoutError, type(None)]


def test_rules_are_loaded_once():
    """Equal choices share one set of rules."""
    assert load(("en",), ()) is load(("en",), ())
    assert Config(languages=["en"]) == Config(languages=("en",))


def test_a_rule_tells_whole_lines():
    """A rule's pattern must match the whole line."""
    rule = Rule("mine/one", textclean.Kind.ADVERT, "zq|zq zq")
    assert rule.matches("zq", 1)
    assert rule.matches("zq zq", 1)
    assert not rule.matches("zq zq zq", 1)
