"""The two sample articles: every line is kept, or dropped for what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import textclean

SEEDS = Path(__file__).parents[1] / "seeds"
EXPECTED = json.loads((Path(__file__).parent / "cases" / "seeds.json").read_text(encoding="utf-8"))
LINES = [pytest.param(name, line, id=f"{name[:3]}-{line['start']}") for name, article in EXPECTED.items() for line in article["lines"]]


def read(name):
    """An article, as the bytes are."""
    return (SEEDS / name).read_bytes().decode("utf-8")


@pytest.mark.parametrize(("name", "line"), LINES)
def test_line(name, line):
    """A line that is the article stays whole; one that is not goes whole, and is called what it is."""
    source, start, end = read(name), line["start"], line["end"]
    result = textclean.explain(source)
    touching = [removal for removal in result.removals if removal.start < end and start < removal.end]
    if line["keep"]:
        assert touching == []
        assert textclean.normalize(source[start:end]) in result.text.split("\n")
    else:
        kinds = {line["kind"], "related"} if source[start:end] == "The Latest" else {line["kind"]}
        assert [(r.start, r.end, True) for r in touching] == [(start, end, touching[0].kind in kinds)]


@pytest.mark.parametrize("name", EXPECTED)
def test_fields(name):
    """Title and byline are recognised, though the byline is dropped."""
    fields = textclean.explain(read(name)).fields
    assert {key: fields.get(key) for key in EXPECTED[name]["fields"]} == EXPECTED[name]["fields"]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_line_is_told(name):
    """The expectations cover the article: no text stands outside of their lines."""
    source, at = read(name), 0
    for line in EXPECTED[name]["lines"]:
        assert source[at : line["start"]].strip() == ""
        at = line["end"]
    assert source[at:].strip() == ""


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_else_changes(name):
    """The clean text is the kept lines, normalized, in order, and at rest."""
    source = read(name)
    kept = [textclean.normalize(source[line["start"] : line["end"]]) for line in EXPECTED[name]["lines"] if line["keep"]]
    clean = textclean.clean(source)
    assert [line for line in clean.split("\n") if line] == kept
    assert textclean.clean(clean) == clean


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("kind", ["byline", "caption", "section-label", "repeat-exact", "repeat-contained", "comment-form"])
def test_kinds_can_be_kept(name, kind):
    """A kind that is kept stays in the text; every other line goes or stays as before."""
    source = read(name)
    usual = textclean.explain(source).removals
    gone = textclean.explain(source, keep_kinds=[kind]).removals
    assert [(r.start, r.end) for r in gone] == [(r.start, r.end) for r in usual if r.kind != kind]
