"""Anything goes in: a result or a clear error, never a crash, never a hang."""

from __future__ import annotations

import array
import time

import pytest

import strategies
import textclean
from textclean.errors import NotTextError, TextcleanError

MB = 1_000_000
PROSE = " ".join(strategies.SENTENCES[:10])

ENTRANCES = {
    "normalize": textclean.normalize,
    "clean": textclean.clean,
    "explain": lambda text: textclean.explain(text).text,
    "clean_many": lambda text: next(textclean.clean_many([text], workers=1, on_error="keep")).text,
}
every_entrance = pytest.mark.parametrize("entrance", ENTRANCES.values(), ids=ENTRANCES)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "expected str, got NoneType: pass a str"),
        (3, "expected str, got int: pass a str"),
        (["a"], "expected str, got list: pass a str"),
        (b"a", "expected str, got bytes: decode it first, e.g. value.decode('utf-8', 'replace')"),
        (bytearray(b"a"), "expected str, got bytearray: decode it first, e.g. value.decode('utf-8', 'replace')"),
        (memoryview(b"a"), "expected str, got memoryview: decode it first, e.g. value.decode('utf-8', 'replace')"),
        (array.array("b"), "expected str, got array: pass a str"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("function", [textclean.normalize, textclean.clean, textclean.explain])
def test_no_text(function, value, message):
    """A value that is no str is refused with its type and a remedy; the error is a TypeError too."""
    with pytest.raises(NotTextError) as caught:
        function(value)
    assert str(caught.value) == message
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, TextcleanError)


def test_a_kind_of_str():
    """A subclass of str is a str."""

    class Markup(str):
        __slots__ = ()

    assert textclean.clean(Markup("One  line.")) == "One line."
    assert type(textclean.clean(Markup("One line."))) is str


SMALL = {
    "empty": ("", ""),
    "space": (" ", ""),
    "white-space": (" \t\r\n\x0b\x0c\x1c\xa0\u2028\u3000", ""),
    "invisible": ("\u200b\ufeff\u2060\xad", ""),
    "nul": ("\x00", ""),
    "nuls-in-a-line": ("a\x00b\x00", "ab"),
    "lone-surrogate": ("\ud800", "\ufffd"),
    "surrogates-the-wrong-way-round": ("\udc00\ud800", "\ufffd\ufffd"),
    "surrogates-that-are-a-pair": ("\ud83d\ude42", "🙂"),
    "surrogate-in-a-line": ("caf\udce9 au lait", "caf\ufffd au lait"),
    "last-code-point": ("\U0010ffff", "\U0010ffff"),
    "replacement-character": ("a \ufffd b", "a \ufffd b"),
    "one-character": ("Q", "Q"),
    "ornaments": ("***", "***"),
    "lone-less-than": ("<", "<"),
    "lone-ampersand": ("&", "&"),
    "escape": ("\x1b[", "["),
}


@every_entrance
@pytest.mark.parametrize(("text", "expected"), SMALL.values(), ids=SMALL)
def test_small(entrance, text, expected):
    """Odd texts have the same plain result through every entrance."""
    assert entrance(text) == expected


def test_surrogates_have_spans():
    """Positions count code points of the text as passed in, lone surrogates too."""
    text = "\ud800 A headline 😀\n\nLeave a Reply"
    (removal,) = textclean.explain(text).removals
    assert (removal.start, removal.text) == (len(text) - 13, "Leave a Reply")


def nested_numeric(depth):
    """An entity one of whose digits is an entity, one of whose digits is an entity, and so on."""
    before, code, after = "", "38", ""
    for _ in range(depth):
        before, code, after = f"{before}&#", str(ord(code[0])), f"{code[1:]};{after}"
    return f"{before}&#{code};{after}"


LARGE = {
    "newlines": lambda: "\n" * MB,
    "carriage-returns": lambda: "\r" * MB,
    "newlines-of-all-kinds": lambda: "\n\r\r\n\x0b\x0c\u2028\u2029 \t" * (MB // 9),
    "word": lambda: "a" * (10 * MB),
    "word-beyond-ascii": lambda: "é" * (5 * MB),
    "japanese-line": lambda: "日本" * MB,
    "spaces": lambda: "a" + " " * (10 * MB) + "b",
    "line-of-words": lambda: "word " * (2 * MB),
    "prose": lambda: (PROSE + "\n\n") * 5000,
    "one-letter-lines": lambda: "a\n" * (2 * MB),
    "short-distinct-lines": lambda: "\n".join(f"line {n}" for n in range(200_000)),
    "zero-width-spaces": lambda: "\u200b" * (3 * MB),
    "zero-width-between-letters": lambda: "a\u200b" * MB,
    "combining-marks": lambda: "a" + "\u0301" * MB,
    "nuls": lambda: "\x00" * (10 * MB),
    "surrogates": lambda: "\ud800" * MB,
    "lines-of-surrogates": lambda: "\ud800\n" * (MB // 10),
    "joiners": lambda: "👩\u200d" * (MB // 2),
    "ampersands": lambda: "&" * (10 * MB),
    "entities": lambda: "&amp;" * (2 * MB),
    "deep-entity": lambda: "&" + "amp;" * (2 * MB),
    "deep-numeric-entity": lambda: "&" + "#38;" * (2 * MB),
    "deep-mixed-entity": lambda: "&" + "#x26;amp;#038;AMP;" * (MB // 2),
    "half-entities": lambda: "&amp" * (2 * MB),
    "entities-in-entities": lambda: nested_numeric(3000) * 5,
    "entity-lines": lambda: "&amp;lt;\n" * (MB // 10),
    "less-thans": lambda: "<" * (5 * MB),
    "open-tags": lambda: "<b" * (2 * MB),
    "tags": lambda: "<b></b>" * MB,
    "nested-tags": lambda: "<" * MB + "b>" * MB,
    "tags-in-attributes": lambda: '<a href="' * (MB // 2) + '">' * (MB // 2),
    "comments": lambda: "<!--" * MB + "-->" * MB,
    "escaped-tags": lambda: "&lt;b&gt;" * MB,
    "attributes": lambda: "<a" + " b=c" * (MB // 2) + ">",
    "mojibake": lambda: "â€™" * (MB // 4),
    "mojibake-lines": lambda: "itâ€™s\n" * (MB // 10),
    "mojibake-with-zero-width": lambda: "â\u200b€\u200b™" * (MB // 10),
    "mojibake-many-times": lambda: "Ã\x83Â\x83" * (MB // 20),
    "terminal-escapes": lambda: "\x1b[31m" * MB,
    "open-terminal-escapes": lambda: "\x1b[" + "1;" * (2 * MB),
    "furniture": lambda: "Share this\n" * (MB // 10),
    "furniture-and-short-lines": lambda: "Share this\nA short line\n" * (MB // 20),
    "distinct-furniture": lambda: "\n".join(f"By Ann Smith | May 4, 2019 | {n % 12 + 1}:{n % 60:02} AM EDT" for n in range(20_000)),
    "comment-forms": lambda: "Leave a Reply\n" * (MB // 10),
    "list-headings": lambda: "Related Articles\n" * (MB // 10),
    "ornament-lines": lambda: "*\n" * MB,
    "equal-prose": lambda: (strategies.SENTENCES[0] + "\n") * 20_000,
    "wrapped-prose": lambda: "\n".join(strategies.SENTENCES[n % 10][:72] for n in range(30_000)),
    "hyphens-at-line-ends": lambda: "the members of the board walked along the old quay and looked at infor-\n" * 20_000,
    "stitched": lambda: "\n\n".join(
        strategies.SENTENCES[n % 10] + f" Number {n}. " + strategies.SENTENCES[(n * 7) % 10] for n in range(10_000)
    ),
    "brackets": lambda: "(" * (2 * MB),
    "quotes": lambda: "'" * (2 * MB) + '"' * (2 * MB),
    "ellipses": lambda: "…" * (2 * MB),
    "dots": lambda: "." * (5 * MB),
    "decorated": lambda: "»" * MB + " Leave a Reply " + "-" * MB,
    "digits": lambda: "1" * (5 * MB),
    "right-to-left": lambda: "\u202e" * MB + "שלום " * (MB // 5),
}
#: Real articles go through at some 20 MB a second and ftfy at one; whatever is slower than that by far is not linear.
SECONDS = 12


@pytest.mark.timeout(120)
@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_large(make):
    """No text of a few megabytes takes more than seconds, and its result is at rest."""
    text = make()
    before = time.process_time()
    result = textclean.clean(text)
    assert time.process_time() - before < SECONDS
    assert len(result) <= len(text) + 10
    if len(result) < MB:
        assert textclean.clean(result) == result


def seconds(make, count, **options):
    """The time that cleaning takes, the best of three."""
    text, best = make(count), float("inf")
    for _ in range(3):
        before = time.process_time()
        textclean.clean(text, **options)
        best = min(best, time.process_time() - before)
    return best


def letters(number, width):
    """A number as a word of so many letters."""
    return "".join(chr(97 + number // 26**place % 26) for place in range(width))


def word(seed, width=7):
    """A word that looks like chance and is the same each time."""
    return letters(seed * 2_654_435_761 % 26**width, width)


def bottom_rules(count):
    """Lines of prose each of which is an author's biography once those below it are gone."""
    return "\n".join(
        f"{word(n).title()} {word(n + count).title()} ist seit 2015 Redakteur bei der Hafenzeitung und schreibt über Wirtschaft."
        for n in range(count)
    )


def kept_furniture(count):
    """Lines that are recognised and kept."""
    return "Share this\n" * count


def near_one_long_paragraph(count):
    """Many paragraphs that each take something from one that is long."""
    long = [word(n) for n in range(count * 14)]
    starts = [n * 7919 % (len(long) - 20) for n in range(count)]
    own = [" ".join(word(10**7 + n * 7 + i, 9) for i in range(7)) for n in range(count)]
    return "\n\n".join([" ".join(long) + ".", *(" ".join(long[at : at + 16]) + f" {rest}." for at, rest in zip(starts, own, strict=True))])


def headings_above_prose(count):
    """Headings of lists with prose between."""
    return "\n".join(f"Related Articles\n{PROSE[:90]} {word(n)}." for n in range(count))


def alternating(count):
    """Furniture and short lines by turns: each line that goes makes its neighbours neighbours."""
    return "\n".join(f"Share this\n{word(n)} {word(n + count)}" for n in range(count))


def wrapped(count):
    """One block of filled lines."""
    return "\n".join(f"{word(n)} and the members of the board walked along the old quay and {word(n + 1)}" for n in range(count))


def cut_words(count):
    """Blocks of filled lines, each with a word that was cut."""
    return "\n\n".join(
        f"the members of the board walked along the old {word(n)[:5]}-\n{word(n)[5:]}tion and looked at the sheds that are\npulled down."
        for n in range(count)
    )


def marks_out_of_order(count):
    """Marks on one letter that stand in another order than the canonical one."""
    return "a" + "\u0301\u0323" * count


SHAPES = [
    (marks_out_of_order, 20_000, {}),
    (bottom_rules, 1000, {"repeats": False}),
    (kept_furniture, 20_000, {"repeats": False, "keep_kinds": ["share"]}),
    (near_one_long_paragraph, 1500, {}),
    (headings_above_prose, 4000, {}),
    (alternating, 16_000, {}),
    (wrapped, 10_000, {}),
    (cut_words, 4000, {}),
]


@pytest.mark.parametrize(("make", "count", "options"), SHAPES, ids=lambda value: getattr(value, "__name__", ""))
def test_linear(make, count, options):
    """Four times the text takes about four times as long: sixteen times would be the square."""
    textclean.clean("warm up", **options)
    factors = []
    # A busy machine can spoil a measurement, but not make a square look like a line.
    for _ in range(3):
        one, four = seconds(make, count, **options), seconds(make, 4 * count, **options)
        factors.append(four / one)
        if four < max(9 * one, 0.1):
            return
    pytest.fail(f"four times the text took {factors} times as long")


def test_entities_in_entities_come_to_rest():
    """However an entity hides in another, the result is at rest."""
    for depth in (1, 5, 15, 16, 17, 40, 200):
        once = textclean.normalize(nested_numeric(depth))
        assert textclean.normalize(once) == once
