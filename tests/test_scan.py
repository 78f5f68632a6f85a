"""The scanner: where it says that ftfy leaves a line alone, ftfy does."""

from __future__ import annotations

import itertools
import unicodedata

import ftfy.badness
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle
import strategies
from textclean import _native
from textclean.cleaning.fixer import fixer

#: Characters that the scanner lets pass without looking at what stands beside them, though ftfy knows them as parts of mojibake.
QUIET = "\xa0\xad·–—…«»©®™•\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u02bc"
#: One ASCII character of each kind that ftfy's patterns tell apart.
ASCII = "aAzZ 0-.,;:'\"!?()&<>~^`$"


def passed_over(lines, *, quotes=False, width=False):
    """The lines that never get to ftfy on their way through the native half."""
    lines = [line.strip(" \t") for line in lines]
    batch = _native.Batch(lines, fixer(quotes, width).scanner, False)
    looked_at = {page for page, _ in batch.dirty()}
    return [line for page, line in enumerate(lines) if page not in looked_at]


def missed(lines, *, quotes=False, width=False):
    """The lines that are passed over though ftfy changes them."""
    return [line for line in passed_over(lines, quotes=quotes, width=width) if oracle.may_change(line, quotes=quotes, width=width)]


@given(strategies.line_texts())
def test_never_under_reports(line):
    """Whatever a line is made of, if ftfy changes it, the scanner has reported that it may."""
    assert missed([line]) == []


@given(strategies.line_texts(), st.booleans(), st.booleans())
def test_never_under_reports_when_asked_for_more(line, quotes, width):
    """With straight quotes and usual widths asked for, the scanner still reports every line that ftfy changes."""
    assert missed([line], quotes=quotes, width=width) == []


@given(st.text(st.sampled_from(QUIET + ASCII + "éÃâ€œžŠ¢\u0301ﬁ"), max_size=12))
def test_never_under_reports_around_mojibake(line):
    """Among the characters that mojibake is made of, the scanner still reports every line that ftfy changes."""
    assert missed([line]) == []


def test_quiet_characters_in_threes():
    """No three characters, quiet ones and ASCII of each kind, are changed by ftfy without the scanner's word."""
    assert missed("".join(three) for three in itertools.product(QUIET + ASCII, repeat=3)) == []


def test_single_characters():
    """No character of the BMP alone is changed by ftfy without the scanner's word."""
    line_ends = {*"\n\r\x0b\x0c\u2028\u2029"}
    alone = (chr(c) for c in range(0x10000) if not 0xD800 <= c <= 0xDFFF)
    assert missed(c for c in alone if c not in line_ends) == []


@pytest.mark.parametrize(("quotes", "width"), [(True, False), (False, True), (True, True)])
def test_single_characters_when_asked_for_more(quotes, width):
    """No character that ftfy straightens or narrows, alone or between letters, is passed over by the scanner."""
    ranges = itertools.chain(range(0x80, 0x100), range(0x2B0, 0x300), range(0x2000, 0x2070), range(0x3000, 0x3100), range(0xFE00, 0x10000))
    lines = [line for c in map(chr, ranges) if c not in "\u2028\u2029" for line in (c, f"a{c}b")]
    assert missed(lines, quotes=quotes, width=width) == []


def _composing_pairs():
    """For each base that some mark composes with, and some that none does, all marks; and the vowels and finals of Hangul."""
    marks = [chr(c) for c in range(0x110000) if unicodedata.combining(chr(c))]
    bases = [
        *(f for c in range(0x110000) if len(f := unicodedata.normalize("NFD", chr(c))) == 2 and not 0xAC00 <= c <= 0xD7A3),
        *(chr(base) + mark for base in (0x61, 0xE9, 0x645, 0x915, 0x3042, 0x4E2D, 0xAC00, 0x1F600, 0x1100, 0xE01) for mark in marks),
        *("\u1100\u1161\u11a8"[i:j] for i, j in ((0, 2), (0, 3), (1, 3))),
        "\uac00\u11a8",
        "\uac01\u11a8",
    ]
    return dict.fromkeys(bases)


def test_bases_and_marks():
    """No base with a combining mark is composed or put in order by ftfy without the scanner's word."""
    assert missed(_composing_pairs()) == []


def test_order_of_marks():
    """Two marks in the wrong order are never passed over."""
    below, above = "\u0323", "\u0307"
    assert passed_over(base + above + below for base in "aé\u0645\u3042\u4e2d😀") == []


def _known_to_ftfy():
    """Every non-ASCII character that ftfy's pattern names, alone or in a range."""
    badness = ftfy.badness.BADNESS_RE
    single = {c for c in badness.pattern if ord(c) > 0x7F}
    return sorted(single | {chr(c) for c in range(0x80, 0x3100) if badness.search(chr(c))} | set(QUIET))


@pytest.mark.parametrize("first", [*"aAz0 ", *QUIET], ids=lambda c: f"{ord(c):04X}")
def test_agrees_with_the_tables_of_ftfy(first):
    """Wherever ftfy's pattern finds mojibake in a pair or a triple of its characters, the scanner looks at the line."""
    search = ftfy.badness.BADNESS_RE.search
    known = _known_to_ftfy()
    lines = [first + c + d for c in known for d in "aA \xa0’”™" + c] + [c + first + c for c in known] + [c + first for c in known]
    assert [line for line in passed_over(lines) if search(line)] == []


def test_no_character_of_mojibake_is_taken_for_quiet():
    """Every character of ftfy's tables but the quiet ones makes the scanner look as soon as the pattern matches beside it."""
    search = ftfy.badness.BADNESS_RE.search
    known = _known_to_ftfy()
    assert len(known) > 250
    for c in known:
        lines = [
            before + c + after
            for before in ("", "a", "A", " ", c, "’", "Ã", "\x80")
            for after in ("", "a", "A", " ", c, "’", "\xa0", "\x80")
        ]
        assert not [line for line in passed_over(lines) if search(line)], f"{ord(c):04X}"


def test_plain_lines_are_passed_over():
    """The proof is worth its cost: ordinary prose in any of these languages does not go to ftfy."""
    lines = [
        *(sentence for sentence in strategies.SENTENCES),
        "“Quotes” – and dashes — and ‘more’ … © 2019 Café™",
        "R&D, AT&T and Q & A; x < y",
        "日本語の文章。「引用」、カタカナ。",
        "두 번째 문장입니다.",
    ]
    assert passed_over(lines) == lines


def test_the_scanner_says_no():
    """The scanner, asked by itself, passes over a plain line too."""
    assert not fixer(False, False).scanner.may_change("A plain line.")


def test_planes_beyond_the_first():
    """No character beyond the BMP that ftfy changes is passed over."""
    changed = (chr(c) for c in range(0x10000, 0x110000) if unicodedata.normalize("NFC", chr(c)) != chr(c))
    samples = (chr(c) for c in range(0x10000, 0x110000, 97))
    assert missed(itertools.chain(changed, samples)) == []
