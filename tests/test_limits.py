"""Rule files and files of templates that were made to cost memory or time: a short error names the limit."""

from __future__ import annotations

import json

import pytest

import textclean
from textclean.errors import RuleError, TemplatesError, short
from textclean.rules import ruleset
from textclean.rules.patterns import MOST_SIZE, check_pattern
from textclean.rules.ruleset import read_file
from textclean.sites import template_file

RULE = 'language = "xx"\n[[rule]]\nid = "a"\nkind = "share"\n'
#: A message may name all kinds, or all keys.
LENGTH = 600

FILES = {
    "nested arrays": ("x = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
    "nested tables": ("x = " + "{a=" * 5000 + "1" + "}" * 5000, "nested too deeply"),
    "digits": (RULE + "pattern = 'a'\nmax_chars = " + "9" * 5000, "Exceeds the limit"),
    "many digits": (RULE + "pattern = 'a'\nmax_chars = " + "9" * 4000, "a whole number from 1 to"),
    "count": (RULE + "pattern = 'a{100000000}'", "with its counts written out"),
    "counts in counts": (RULE + "pattern = '((ab{900}){30}){30}'", "with its counts written out"),
    "recursion": (RULE + "pattern = '(?R)?a'", "a pattern that calls itself"),
    "call": (RULE + "pattern = '(?P<x>a(?&x)?)'", "a pattern that calls itself"),
    "groups": (RULE + "pattern = '" + "(" * 200 + "a" + ")" * 200 + "'", "nested more than"),
    "long pattern": (RULE + "pattern = '" + "a" * 60_000 + "'", "is over the limit of 50,000"),
    "long literal": (RULE + "pattern = '.{1,9}'\ninner = ['" + "a" * 8000 + "']", "a literal of 8,000 code points"),
    "many literals": (
        RULE + "pattern = '.{1,9}'\ninner = [" + ",".join(f"'literal {n}'" for n in range(900)) + "]",
        "over the limit of 4,000",
    ),
    "large file": ("# " + "a" * 9_000_000, "over the limit of 8,388,608 bytes"),
    "long kind": ("[[rule]]\nid = 'a'\npattern = 'a'\nkind = '" + "a" * 100_000 + "'", "the kinds are"),
    "long id": ("[[rule]]\nid = '" + "a" * 100_000 + "'\npattern = 'a'\nkind = 'x'", "the kinds are"),
}


@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
def test_a_rule_file_is_refused_when_it_is_loaded(tmp_path, content, message):
    """Before an engine makes anything of it, and in few words."""
    path = tmp_path / "rules.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RuleError, match=message) as caught:
        textclean.clean("A line.", rules=[path])
    assert len(str(caught.value).replace(str(tmp_path), "")) < LENGTH


def test_patterns_of_a_size_are_taken():
    """Counts of classes, escapes, braces that count nothing, groups of all kinds."""
    for pattern in (
        r"[\p{L} .'-]{2,120}",
        r"\{a{3}\}",
        r"(?:a|b){400}",
        r"a{,5}b{3,}c{4}",
        r"(?P<n>a)(?P=n)",
        r"[]{99999999}]x",
        r"x\{99999999}",
        "a{b}",
    ):
        check_pattern(pattern)
    check_pattern(f"a{{{MOST_SIZE - 1}}}")
    with pytest.raises(ValueError, match="counts written out"):
        check_pattern(f"a{{{MOST_SIZE + 1}}}")


def test_a_rule_that_needs_too_much_memory_has_run_too_long(monkeypatch, tmp_path):
    """The engine's own limit of what it remembers is an error of ours, which names the rule."""
    (tmp_path / "rules.toml").write_text(RULE + "pattern = '(?=a)a.{1,9}'\n", encoding="utf-8")
    (rule,), _ = read_file(tmp_path / "rules.toml")

    class Engine:
        def fullmatch(self, *args, **options):
            raise MemoryError

    monkeypatch.setattr("textclean.rules.ruleset._compiled", lambda name, pattern: Engine())
    with pytest.raises(textclean.errors.RuleTimeoutError, match="rule xx/a ran longer"):
        rule.matches("aa", 1.0)


HEAD = {"format": "textclean-templates", "version": 1, "mask": textclean._native.MASK_VERSION}
TEMPLATES = {
    "values": ("[" + "[]," * 2000 + "[]]", "4,002 values are over the limit of 4,000"),
    "long format": (json.dumps({"format": "x" * 5000}), "format is 'x"),
    "long name": (json.dumps(HEAD | {"sources": {"x" * 5000: 1}}), "an object is needed"),
    "digits": ('{"format": ' + "9" * 5000 + "}", "not JSON"),
    "deep": ("[" * 3900, "not JSON"),
    "list for file": (json.dumps([["x" * 50] * 50] * 50), "an object is needed"),
}


@pytest.mark.parametrize(("content", "message"), TEMPLATES.values(), ids=TEMPLATES)
def test_a_file_of_templates_is_refused_in_few_words(tmp_path, monkeypatch, content, message):
    """What is wrong is shown from its beginning, and values are counted before they are made."""
    monkeypatch.setattr(template_file, "MAX_VALUES", 4000)
    (tmp_path / "t.json").write_text(content)
    with pytest.raises(TemplatesError, match=message) as caught:
        textclean.Templates.load(tmp_path / "t.json")
    assert len(str(caught.value).replace(str(tmp_path), "")) < LENGTH


def test_short():
    """A picture of any value is a line, however large the value."""
    for value in ("x" * 10_000, ["x" * 10_000] * 10_000, {"x" * 10_000: [[[[[[1]]]]]]}, ValueError("x" * 10_000), 10**4000):
        assert len(short(value)) <= 310
    assert short(["a", 1]) == "['a', 1]"


@pytest.mark.parametrize("threshold", [0, 1e-300, 9e-7, -1, 1.01, float("nan"), True, "0.8"])
def test_a_similarity_out_of_range_is_refused(threshold):
    """By both functions that compare, before anything is read."""
    for call in (textclean.deduplicate, textclean.calibrate):
        with pytest.raises(textclean.errors.ConfigError, match="threshold"):
            call(["a b c"], threshold=threshold)


def test_too_many_rules_are_refused(tmp_path, monkeypatch):
    """More rules than there are numbers for them are an error that says how many they are, before any is compiled."""
    built_in = len(ruleset.load(None, ()).rules)
    monkeypatch.setattr(ruleset, "_MAX_RULES", built_in + 1)
    one = '[[rule]]\nid = "{0}"\nkind = "share"\npattern = "share {0}"\nmatch = ["share {0}"]\n'
    few, many = tmp_path / "few.toml", tmp_path / "many.toml"
    few.write_text('language = "xx"\n' + one.format("a"))
    many.write_text('language = "xx"\n' + one.format("a") + one.format("b"))
    assert textclean.clean("Share a", rules=[few]) == ""
    with pytest.raises(RuleError, match=f"{built_in + 2:,} rules are over the limit of {built_in + 1:,}: join alternatives"):
        textclean.clean("Share a", rules=[many])
