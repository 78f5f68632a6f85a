"""Harm: what a reporter or a novelist writes stays, however much its beginning is that of a notice; titles are no bylines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import textclean
from test_rules import RULES, WORDS, every_rule, native, takes
from textclean import _native

CASES = json.loads(Path(__file__).parent.joinpath("cases", "content.json").read_text(encoding="utf-8"))
#: Languages in which sentences, titles and bylines are written out; for all others beginnings are continued.
HELD = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja")


def lines_of(part):
    """The cases of one part, each a test."""
    found = [(language, line) for language, lines in CASES[part].items() for line in lines]
    return pytest.mark.parametrize(("language", "line"), found, ids=[f"{language}-{line}" for language, line in found])


def continued(rule, tails):
    """The examples of a rule, and their first halves, each continued as content goes on, as long as the rule judges such lines."""
    for example in rule.match:
        words = example.rstrip(".!?… ").split(" ")
        for head in (words, words[: max(2, len(words) // 2)]):
            for tail in tails:
                line = " ".join(head) + tail + ("" if tail.endswith(("。", ".")) else ".")
                if len(line) <= rule.max_chars:
                    yield line


def test_the_cases():
    """There are tails for each language that has rules, and sentences for ten languages at least."""
    assert not {rule.name.partition("/")[0] for rule in RULES} - {"any"} - CASES["tails"].keys()
    assert set(HELD) <= CASES["prose"].keys()
    assert len(CASES["titles"]) >= 10
    assert len(CASES["bylines"]) >= 10


@every_rule
def test_no_example_goes_on_as_prose(rule):
    """Where a rule is open, none of its examples is taken if it goes on as content does."""
    tails = CASES["tails"].get(rule.name.partition("/")[0], ())
    if rule.tail != "any" and _native.rule_is_open(rule.pattern):
        assert [line for line in continued(rule, tails) if takes(rule, line)] == []


def around(language):
    """Three sentences of content in a language."""
    return CASES["prose"].get(language, CASES["prose"]["en"])[:3]


@pytest.mark.parametrize("at", [0, 1, 3])
@lines_of("prose")
def test_prose_stays(language, line, at):
    """No rule takes a sentence of prose, be it the first of a text, in the middle or the last."""
    lines = [other for other in around(language) if other != line]
    lines.insert(at, line)
    assert [r for r in textclean.explain("\n\n".join(["A title", *lines]), repeats=False).removals if r.text.strip() == line] == []


@pytest.mark.parametrize("at", [0, 1, 3])
@lines_of("titles")
def test_titles_stay(language, line, at):
    """No byline rule takes a title or a deadline, be it the first line, a subheading or the last line."""
    lines = [*around(language)]
    lines.insert(at, line)
    removals = textclean.explain("\n\n".join(lines), repeats=False, line_model=False).removals
    assert [r for r in removals if r.text.strip() == line] == []


@lines_of("bylines")
def test_bylines_go(language, line):
    """A line that names somebody below a headline is a byline."""
    text = "\n\n".join(["A headline of the day", line, *around(language)])
    assert line in [r.text.strip() for r in textclean.explain(text).removals if r.kind == "byline"]


def test_open_rules_are_judged():
    """A rule with an open stretch that may stand anywhere or at edges is judged, or its comment says why it need not be."""
    free = [rule for rule in RULES if rule.where in ("any", "edges") and _native.rule_is_open(rule.pattern)]
    free = [rule for rule in free if rule.tail == "any" or (not WORDS[rule.name.partition("/")[0]].voice and not rule.names)]
    assert [rule.name for rule in free if rule.name.partition("/")[0] != "any" and not rule.comment] == []
    assert native()


def test_the_table_is_fresh():
    """The page about harm has the rules as they are now: after an edit, `tools/rule_harm.py --write`."""
    page = Path(__file__).parent.parent / "docs" / "rule-harm.md"
    free = [rule for rule in RULES if _native.rule_is_open(rule.pattern)]
    assert f"\n{len(free)} of {len(RULES)} rules are open.\n" in page.read_text(encoding="utf-8")
