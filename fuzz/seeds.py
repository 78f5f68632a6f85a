"""Writes the seeds of the native fuzz targets: `python fuzz/seeds.py`. What a fuzzer found stands beside them as `found-*`.

Seeds are where a search begins, a few for each way through the code. Targets that take text have a byte of options before it; those that
make pages read a byte or two for each line, as `src/pages.rs` says.
"""

from __future__ import annotations

import struct
from pathlib import Path

FOLDER = Path(__file__).parent / "seeds"

WRAPPED = """The committee met on Tuesday to discuss the new proposals for the
harbour, which had been delayed since the spring by a lack of infor-
mation about the cost of the work and about who was going to pay
forward for it. Nobody said a word about the Vor- und Nachteile of
the long-term plan.

A short line."""
CODE = """Run this:

    def wrapped(block, margin=72):
        return [line for line in block if len(line) > margin]

```
x = y + 1;
```
| a | b |
| 1 | 2 |
- removed
+ added
Then go on with the story, which is no code at all."""
HTML = """<html><head><title>Storm</title><script>if (a<b) {}</script></head><body>
<h1>Storm closes harbour</h1><p>The harbour was <b>closed</b> on Monday &amp; Tuesday.</p><!-- note -->
<ul><li>One<li>Two</ul></body></html>"""
DAMAGED = (
    "sch\u00c3\u00b6n \u00e2\u20ac\u2122 R&amp;D &lt;b&gt;\r\na\u200bb\u00adc\u00a0d \ufb01n cafe\u0301 \u0130\u0131\r"
    "put it between <b> and </b>"
    "\u2028<p>One<br/>two</p>\x0b\x01bell\x0c"
    "👩\u200d💻 می\u200cخواهم\n \t \n&amp;amp;lt;i&amp;gt;\u2029日本語の文。"
)
INLINE = """The report of the
Herald Tribune
, which was printed on Monday
, says that the
harbour
was closed after the storm broke two cranes.
"""
LISTS = "1. one\n2) two\n(a) three\n* four\n- five\n12:30 six\nhttps://example.org/a/b\nhttps://example.org/a/c\nPosts: 386\nname: value\n"

TEXTS = {"wrapped": WRAPPED, "code": CODE, "html": HTML, "damaged": DAMAGED, "inline": INLINE, "lists": LISTS}

RECORDS = {
    "plain": '{"text": "The harbour \\u2026 was closed.", "id": 7, "tags": ["a", {"b": null}], "text": "again"}',
    "numbers": ' {"a": 1e400 , "b\\u0063":-0.5e-7,"c":[{}],"d":true} ',
    "surrogates": '{"text": "\\ud83d\\ude00 \\ud800 \\"\\\\\\/\\b\\f\\n\\r\\t"}',
    "none": '[{"a": 1}]',
    "broken": '{"a": "b',
    "deep": '{"a": ' + "[" * 40 + "]" * 40 + "}",
}

#: Lines of a page, as `src/pages.rs` reads them: what the line is, its parameters, its end.
PROSE = [bytes([0, number, 0]) for number in range(14)]
MENU = [bytes([4, number, 0]) for number in range(24)]
ODD = [bytes([10, number, 0]) for number in range(24)]


def again(number: int) -> bytes:
    """An earlier line as it was."""
    return bytes([6, number, 64])


def changed(number: int, at: int, how: int, word: int = 0) -> bytes:
    """An earlier line with a change."""
    return bytes([7, number, at, how, *([word] if how in (1, 2) else []), 64])


PAGES = {
    "article": b"".join([MENU[14], MENU[7], MENU[8], PROSE[0], PROSE[1], PROSE[2], PROSE[12], MENU[5]]),
    "page": b"".join([*MENU[:5], MENU[14], MENU[7], *PROSE[:6], MENU[9], *MENU[10:14], *MENU[16:24]]),
    "copies": b"".join([MENU[14], PROSE[0], PROSE[1], again(1), again(2), bytes([8, 1, 2, 0]), bytes([8, 1, 1, 0]), PROSE[3], PROSE[4]]),
    "changes": b"".join([PROSE[0], PROSE[1], *(changed(1, 6, how, 1) for how in range(10)), *(changed(0, 12, how) for how in range(10))]),
    "teaser": b"".join([bytes([3, 0, 1, 2, 0]), PROSE[0], PROSE[1], PROSE[2], bytes([2, 0, 2, 64]), changed(0, 30, 4)]),
    "wrapped": b"".join([bytes([9, 20, 0, 1, 0]), bytes([9, 30, 0, 2, 64]), MENU[5], bytes([9, 25, 1, 3, 128]), again(0)]),
    "odd": b"".join([*ODD, PROSE[5], PROSE[8], PROSE[9], PROSE[10]]),
    "raw": b"".join(
        [
            PROSE[0],
            b"\x0b\x1dThe harbour \xe2\x80\x94 was closed.\n",
            PROSE[6],
            b"\x0b\x14\xed\xa0\x80 \xff\xfe & <b> \xc3\xa9\r\n@x 7",
            PROSE[7],
        ]
    ),
}


def trees(*features: int) -> bytes:
    """Trees of the model for `src/model.rs`: one with an inner node for each feature and leaves beside."""
    nodes = b""
    for number, feature in enumerate(features):
        nodes += struct.pack("<bfBf", feature, 0.5, 2, 0.25) if number % 2 == 0 else struct.pack("<bfBf", -1, 0.0, 0, -1.0)
    return bytes([1, len(features)]) + nodes + b"\0"


def rule(*pieces: int, options: int = 0x80) -> bytes:
    """A rule of `src/rules.rs`: pieces of its pattern by number, and its options."""
    return bytes([len(pieces) - 1, *pieces, options])


def seeds() -> dict[str, dict[str, bytes]]:
    """Returns the seeds by target and name."""
    texts = {name: b" " + text.encode() for name, text in TEXTS.items()}
    words = texts | {
        "scripts": " ＳＨＡＲＥ STRASSE straße ﬁn Σς ขิ่ข日本語abcが e\u0301\u0323 \u1112\u1161\u11ab ٣٤ ① ½ 1,234,567 3.5".encode()
    }
    words["lines"] = (
        b"\x02Updated: March 5, 2019\nHAMBURG, March 5 (Reuters)\na b c d May 6\nsee https://example.org/7 or @one\n1,204 comments\n"
    )
    documents = b"".join(bytes([2 * n % 24, *range(2 * n % 24)]) for n in range(12)) + bytes(20)
    near = b"".join(bytes([20, *range(n, n + 20), 1, 3, n]) for n in range(6)) + bytes(20)
    strings = b"".join(bytes([n, *b"a text of some length"[:n]]) for n in (0, 5, 12, 13, 19))
    columns = {
        f"{name}-{lie}": bytes([options, lie]) + (bytes([2]) if lie & 1 else b"") + bytes([null, 5]) + strings + bytes(40)
        for name, options, null in (("utf8", 0, 0), ("large", 1, 0), ("view", 2, 0), ("field", 128, 0), ("dictionary", 64 + 32, 0))
        for lie in (0, 1, 6, 7 + 48)
    }
    patterns = {
        "anchored": bytes([3]) + rule(2, 3) + rule(4, 38, 1) + rule(21, 5, 6) + rule(0, 7) + bytes([2, 2, 3, 4] * 12),
        "open": bytes([1]) + rule(23, 7, 0) + rule(20, 6) + bytes([1, 0, 3] * 12),
        "odd": bytes([2]) + rule(31, 0) + rule(36, 37, 0) + rule(9, 0, 11, 1, 10, 12) + bytes([0, 6, 1, 9, 10] * 8),
    }
    pages = {name: b"\0" + page for name, page in PAGES.items()}
    both = {name: b"\0\0\0" + page + page for name, page in PAGES.items()} | {
        f"{name}-{options}": bytes([options, 0xFF, 0xFF]) + page + page[::-1]
        for name, page in list(PAGES.items())[:3]
        for options in (2, 12, 36, 90)
    }
    bar = struct.pack("<5f", -2.4, 1.0, -4.2, -1.3, 0.0)
    return {
        "split": texts,
        "repair": texts,
        "unwrap": texts,
        "words": words,
        "json": {name: b"\1" + record.encode() for name, record in RECORDS.items()},
        "rules": patterns,
        "dedup": {"exact": b"\2\x50\0" + documents, "near": b"\2\x3c\x0b" + near, "short": b"\0\x01\x06" + documents[::-1]},
        "arrow": columns,
        "repeats": pages,
        "templates": {name: b"\0" + b"".join(bytes([n, 60]) + page[:64] for n in range(6)) for name, page in PAGES.items()},
        "model": {name: b"\1" + trees(3, -1, -1) + trees(90, -1, -1) + trees(5, -1, -1) + bar + page for name, page in PAGES.items()},
        "clean": both,
    }


if __name__ == "__main__":
    for target, files in seeds().items():
        folder = FOLDER / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
