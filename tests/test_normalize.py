"""Normalization: what ftfy repairs, what it leaves, and lines that must come out as they went in."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import oracle
import strategies
import textclean
from textclean import _native


def unwrapped(text):
    """A text through normalization alone, its lines left as lines."""
    return str(textclean.explain(text, drop_kinds=(), unwrap=False))


@pytest.mark.cases("normalize.json")
def test_cases(case):
    """Each case comes out as it says."""
    assert textclean.normalize(case["input"]) == case["expected"], case["comment"]


@pytest.mark.cases("normalize.json")
def test_expected_results_are_at_rest(case):
    """What a case expects is left alone when it is passed in itself."""
    assert textclean.normalize(case["expected"]) == case["expected"]


@given(strategies.texts())
def test_idempotent(text):
    """Normalizing twice is normalizing once."""
    once = textclean.normalize(text)
    assert textclean.normalize(once) == once


def is_plain(text):
    """Whether a text holds no code and is no HTML: then each of its lines is repaired by itself."""
    plain = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return not _native.code_lines(plain) and "markup" not in textclean.explain(text).fixes


@given(strategies.texts())
@example("a\ud800b\n\n\x1b[0m&amp;amp;lt;\u200bx")
@example("Ã&amp;copy; â\u200b€\u200b™")
def test_same_as_running_ftfy_on_every_line(text):
    """Skipping the lines that ftfy can't change, the result is that of running ftfy on each."""
    assume(is_plain(text))
    assert unwrapped(text) == oracle.normalize(text)


@given(st.lists(strategies.line_texts(), max_size=6))
def test_same_as_running_ftfy_on_every_damaged_line(lines):
    """The same where nearly every line is damaged."""
    text = "\n".join(lines)
    assume(is_plain(text))
    assert unwrapped(text) == oracle.normalize(text)


@given(strategies.line_texts(6), st.lists(strategies.line_texts(), max_size=4))
@example("caf&eacute; Ã©", ["a <b> c", "x < y"])
def test_equal_lines_come_out_equal(line, others):
    """What stands in other lines makes no difference to a line."""
    alone = oracle.normalize(line)
    text = "\n\n".join([*others, line])
    before = unwrapped("\n\n".join(others))
    assume(is_plain(text) and is_plain("\n\n".join(others)))
    assert unwrapped(text) == "\n\n".join(part for part in (before, alone) if part)


@pytest.mark.parametrize(
    "newline", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\u2028", "\u2029"], ids=lambda n: n.encode("unicode_escape").decode()
)
def test_newlines(newline):
    """Every kind of line end ends a line, two in a row make a blank line, and more make no more."""
    assert textclean.normalize(f"one{newline}two{newline}{newline}three{newline * 5}four{newline}") == "one\ntwo\n\nthree\n\nfour"


def test_next_line_control_is_an_ellipsis():
    """U+0085 is what Latin-1 makes of a Windows ellipsis, and no line end."""
    assert textclean.normalize("And then\x85 nothing.") == "And then… nothing."


@given(strategies.any_text())
def test_no_invisible_characters_are_left(text):
    """No control character, no surrogate, no white space but single spaces and line ends is left."""
    assume(is_plain(text))
    result = textclean.normalize(text)
    assert not {*result} & (oracle.INVISIBLE | {*oracle.SPACES} - {" ", "\n"})
    assert not [c for c in result if "\ud800" <= c <= "\udfff"]
    assert "  " not in result
    assert "\n\n\n" not in result
    assert all(line == line.strip() for line in result.split("\n"))


@given(strategies.line_texts())
@example('<a href="<x>">y')
@example("<a b= c=d>y")
@example("<!-->y<!----><!doctype x></br/>")
@example("\U0001f3f4\u200b\U000e0067 👩\u200d<b>💻")
def test_tidy_is_the_naive_tidy(line):
    """The native kernel and its naive twin take the same things out of a line."""
    assert _native.tidy_line(line) == oracle.tidy(line)


_MARKUP = ["<", ">", "</", "/>", "a", "b", "br", "p", " ", "href=", '"', "'", "=", "x", "!--", "--", "\u200b", "\u200d", "\t", "P", "1"]


@given(st.lists(st.sampled_from(_MARKUP), max_size=25).map("".join))
def test_tidy_is_the_naive_tidy_among_tags(line):
    """The same in lines that are nothing but broken markup."""
    assert _native.tidy_line(line) == oracle.tidy(line)


def test_long_stretch_is_no_tag():
    """What stands between `<` and `>` over more than 4,096 bytes is text."""
    tag = '<a title="%s">'
    fits = tag % ("x" * (4096 - len(tag) + 2))
    assert _native.tidy_line(f"one {fits}two") == "one two"
    assert _native.tidy_line(f"one {fits[:-2]}x{fits[-2:]}two") != "one two"


def _tame(c):
    """Whether Python's tables and the native ones are sure to agree on a character's lower case."""
    return c.isprintable() or c in oracle.SPACES


@given(strategies.line_texts().filter(lambda line: all(map(_tame, line))), st.booleans())
@example("» “It’s” – Here… READ MORE →", False)
@example("ＳＨＡＲＥ：YORUM YAZIN İı", True)
@example("ΑΣ ẞ Ǆ", False)
def test_fold_is_the_naive_fold(line, case):
    """Rules see a line as the naive twin folds it."""
    assert _native.fold_line(line, case) == oracle.fold(line, case=case)


@given(strategies.any_text())
@example("")
@example("\r\n\r\n a \t\n\r\r\nb")
def test_lines_are_those_of_a_plain_split(text):
    """Lines, and the blank lines between them, are where a plain split has them."""
    plain = oracle.lines(text)
    marked = "".join(c if c in "\n\r\x0b\x0c\u2028\u2029 \t" else "x" for c in text)
    expected = "".join(("\n\n" if line.after_blank else "\n") * bool(i) + "w" for i, line in enumerate(plain))
    assert "".join("w" if part.strip() else part for part in _split_keep(unwrapped(marked))) == expected


def _split_keep(text):
    parts = []
    for part in text.replace("\n\n", "\n\0\n").split("\n"):
        parts.append("" if part == "\0" else part)
    out = []
    for i, part in enumerate(parts):
        out += ["\n"] * bool(i) + [part]
    return out


@given(strategies.any_text())
@example("&amp;amp;")
@example("&bogus;")
@example("<<b>i>\u1e9b\u0323")
def test_fixes_are_named_when_something_changed(text):
    """A single line that comes out otherwise than it went in names at least one fix; one that comes out the same names none."""
    line = oracle.LINE_END.sub(" ", text).strip(" \t")
    result = textclean.explain(line, drop_kinds=())
    if result.text == line:
        assert result.fixes == ()
    else:
        assert result.fixes


@pytest.mark.parametrize(
    ("option", "source", "expected"),
    [
        ("straighten_quotes", "“It’s” ‘so’", "\"It's\" 'so'"),
        ("narrow_width", "ＡＢＣ１２３ ｶﾀｶﾅ", "ABC123 カタカナ"),
    ],
)
def test_asked_for(option, source, expected):
    """Quotes and widths change when they are asked to, and only then."""
    assert textclean.clean(source, **{option: True}) == expected
    assert textclean.clean(source) == source


def test_fixes_name_the_steps():
    """The steps that changed something are named, each once."""
    assert textclean.explain("plain").fixes == ()
    assert textclean.explain("a  b").fixes == ("white-space",)
    assert "unescape_html" in textclean.explain("a &amp; b").fixes
    assert "invisible" in textclean.explain("in\u200bvisible").fixes
