"""Hard-wrapped lines become paragraphs; lines that someone meant stay lines."""

from __future__ import annotations

import re
import textwrap

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import strategies
import textclean


@pytest.mark.cases("unwrap.json")
def test_cases(case):
    """Each case comes out as it says."""
    assert textclean.normalize("\n".join(case["input"])) == "\n".join(case["expected"]), case["comment"]


@pytest.mark.cases("unwrap.json")
def test_cases_without_unwrapping(case):
    """With unwrap off, every line of every case stays a line."""
    result = str(textclean.explain("\n".join(case["input"]), drop_kinds=(), unwrap=False))
    lines = [line.strip().replace("\xad", "") for line in case["input"]]
    assert [line for line in result.split("\n") if line] == [re.sub("[ \t]+", " ", line) for line in lines if line]


@pytest.mark.cases("unwrap.json")
def test_windows_line_ends_make_no_difference(case):
    """The kind of line end makes no difference."""
    assert textclean.normalize("\r\n".join(case["input"])) == textclean.normalize("\n".join(case["input"]))


PROSE = st.lists(st.sampled_from(strategies.SENTENCES[:10]), min_size=3, max_size=6, unique=True).map(" ".join)


def tells(lines):
    """Whether most line ends of a filled paragraph fall inside a sentence, before a small letter: then it can be told from a list."""
    return sum(line[0].islower() for line in lines[1:]) * 4 >= len(lines[1:]) * 3


@given(st.lists(PROSE, min_size=1, max_size=3), st.integers(56, 100))
def test_wrapping_is_undone(paragraphs, width):
    """Paragraphs of prose that a program fills to a margin, a blank line between, come back as they were."""
    wrapped = [textwrap.wrap(text, width, break_on_hyphens=False) for text in paragraphs]
    assume(all(map(tells, wrapped)))
    assert textclean.normalize("\n\n".join("\n".join(lines) for lines in wrapped)) == "\n\n".join(paragraphs)


@given(PROSE, st.integers(50, 100))
def test_no_word_is_lost(text, width):
    """Whether lines are joined or not, the words are the same, in the same order."""
    wrapped = "\n".join(textwrap.wrap(text, width))
    assert textclean.normalize(wrapped).replace("-\n", "-").split() == text.split()


@given(st.lists(st.sampled_from(strategies.SENTENCES + strategies.HEADLINES), min_size=1, max_size=8), st.sampled_from(["\n", "\n\n"]))
def test_whole_paragraphs_stay(paragraphs, newline):
    """Lines that are whole sentences stay lines."""
    text = newline.join(paragraphs)
    assert textclean.normalize(text) == text


def test_unwrapping_is_a_fix():
    """The fix is named when lines were joined, and only then."""
    wrapped = "\n".join(textwrap.wrap(" ".join(strategies.SENTENCES[:4]), 66))
    assert "unwrap" in textclean.explain(wrapped).fixes
    assert "unwrap" not in textclean.explain(wrapped, unwrap=False).fixes
    assert "unwrap" not in textclean.explain(strategies.SENTENCES[0]).fixes


def test_a_removed_paragraph_spans_its_lines():
    """A wrapped paragraph is removed as one stretch, from its first line to its last."""
    paragraph = " ".join(strategies.SENTENCES[:3])
    wrapped = "\n".join(textwrap.wrap(paragraph, 66))
    source = f"{paragraph}\n\n{strategies.SENTENCES[4]}\n\n{wrapped}"
    (removal,) = textclean.explain(source).removals
    assert (removal.start, removal.end, removal.text) == (len(source) - len(wrapped), len(source), wrapped)
