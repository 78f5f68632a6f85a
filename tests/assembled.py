"""Pages put together from the lines of others, as one `Random` decides: what a search for counterexamples reads.

A page keeps the look of its lines and loses their order: furniture stands in the middle of paragraphs, first lines come again, two pages
run into each other, and what real pages rarely have together (markup, code, filled lines, damage) stands side by side.
"""

from __future__ import annotations

import textwrap
from random import Random

import strategies

#: More lines than this are not taken of one page: cleaning is linear, and a fault of a long page is one of a short page too.
LONGEST = 400

CODE = (
    "def read(line):¦    if not line:¦        return None¦    value = line.strip()¦for (i = 0; i < 9; i++) {¦}¦  count += 1;¦"
    'server:¦  port: 80¦  hosts:¦    - a¦{"name": "a",¦ "list": [1, 2]}¦```¦```python¦@@ -1,3 +1,3 @@¦-old¦+new¦| a | b |¦'
    "|---|---|¦Name      Score   Team¦Anna         12   A¦Stadt\tEinwohner¦K\xf6ln\t1000¦all: a.o¦\tcc -o a a.o¦x = y¦call(a, b);¦"
    "#include <vector>¦std::vector<int> v;¦if a < b && c > d:¦import os¦return value¦a: b¦key:"
).split("¦")
MARKUP = (
    "<p>¦</p>¦<div class='x'>¦</div>¦<ul><li>One</li><li>Two</li></ul>¦<b>Share this</b>¦<a href='u'>Read more</a> about it¦"
    "The grapheme <a> stands for a sound.¦put it between <b> and </b>¦Vec<u8>¦<br>¦text<br/>text¦&lt;b&gt;bold&lt;/b&gt;¦<html>¦"
    "<body>¦<!doctype html>¦<script>var a = 1;</script>¦<!-- a remark -->¦<h1>Ferry Cancelled for Third Day</h1>¦&nbsp;¦R&amp;D¦"
    "&amp;lt;i&amp;gt;¦<table><tr><td>1</td></tr></table>¦1 < 2 and 3 > 2¦<unknown>¦<¦<<b>>¦&#60;b&#62;¦<i>¦</i>"
).split("¦")
PARTED = (
    ", said the warden¦. It went on¦“We have¦a link¦and¦infor-¦mation about it¦Vor-¦und Nachteile¦two-¦to three-storey¦soft\xad¦"
    "ware for all¦co\xadoperation¦\xad¦word\u200b¦\ufeff¦\ud800¦\udfff text¦â€™s own¦Ã©tÃ©¦\x85¦e¦\u0301¦By¦Ann Smith¦By Ann¦"
    "3 May¦2019¦*¦* * *¦- item¦• item¦1. item¦# Heading¦## Heading¦Heading:¦===¦---¦\u200e¦\x00¦\x1b[31mred¦｢full｣¦Ｆｕｌｌ¦ﬁne¦…¦"
    "Share this…¦© 2019¦日本語。¦3¦1,500¦-¦(¦)¦?¦”"
).split("¦")
WORDS = [
    "the",
    "harbour",
    "was",
    "closed",
    "a",
    "on",
    "Monday,",
    "said",
    "Ann",
    "Smith",
    "of",
    "3",
    "and",
    "it",
    "is.",
    "Share",
    "by",
    "<b>",
    "&amp;",
    "-",
]
_SIGNS = [*",.;:!?-`\"'()[]{}<>|=*#&_/\\", "```", "--", "”", "“", "…", "a", "B", "the", "and", "3", "\xad", " ", "  ", "\t"]
_STORY = [a + b for a in ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki") for b in ("rd", "lt", "nst", "rm", "sk", "v")]
ENDS = ["\n", "\n\n", "\r\n", "\r", "\n \n", "\u2029", "\x0b", "\r\n\r\n", "\n\n\n", "\r\r", "\n\r"]
ODD = strategies.FURNITURE + strategies.WORDS + strategies.HEADLINES


def made_up(count: int = 200) -> list[dict[str, str]]:
    """Pages of nothing but lines of the tests, of a few sites each of which repeats some lines."""
    random = Random(0)
    own = {f"site-{i}.example": random.sample(ODD, 4) for i in range(3)}
    pages = []
    for number in range(count):
        site = random.choice(sorted(own))
        above, below = ([random.choice(ODD) for _ in range(random.randint(0, 8))] for _ in range(2))
        body = [" ".join(random.choices(strategies.SENTENCES, k=random.randint(1, 3))) for _ in range(random.randint(1, 8))]
        # A sentence that no other page has: two pages tell two stories.
        body.append(" ".join(f"{word}{number}" for word in random.sample(_STORY, 40)) + ".")
        pages.append({"text": "\n\n".join([*own[site][:1], *above, *body, *own[site][1:], *below]), "site": site})
    return pages


def lines_of(page: str) -> list[str]:
    """The lines of a page, blank ones too, and no more than `LONGEST`."""
    return page.splitlines()[:LONGEST]


def assembled(random: Random, pages: list[str]) -> str:
    """A page from one or two of these, or from nothing but odd lines.

    >>> assembled(Random(1), ["One line.", "Another line."]) == assembled(Random(1), ["One line.", "Another line."])
    True
    """
    lines = random.choice(_BEGINNINGS)(random, pages)
    for _ in range(random.choice([0, 0, 1, 1, 1, 2, 3])):
        lines = random.choice(_CHANGES)(random, lines)
    return _written(random, lines)


def _page(random: Random, pages: list[str]) -> list[str]:
    return lines_of(random.choice(pages))


def _two(random: Random, pages: list[str]) -> list[str]:
    one, other = _page(random, pages), _page(random, pages)
    return one[: random.randint(0, len(one))] + other[random.randint(0, len(other)) :]


def _some(random: Random, pages: list[str]) -> list[str]:
    """A few lines from a few places, as small pages are: each label then hangs on few others."""
    lines = _two(random, pages) or [""]
    out = []
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(lines))
        out += lines[at : at + random.randint(1, 4)]
    return out


def _odd(random: Random, pages: list[str]) -> list[str]:
    """Odd lines, and no page among them."""
    several = random.choice([[CODE, MARKUP], [MARKUP, PARTED, ODD], [CODE, PARTED], [CODE, MARKUP, PARTED, ODD, strategies.SENTENCES]])
    return [_odd_line(random, several) for _ in range(random.randint(1, 24))]


def _odd_line(random: Random, several: list[list[str]]) -> str:
    line = random.choice(random.choice(several))
    while random.random() < 0.15:
        line += random.choice(["", " ", "  ", "\t"]) + random.choice(random.choice(several))
    return " " * random.choice([0, 0, 0, 0, 2, 4]) + line


def _pieces(random: Random, pages: list[str]) -> list[str]:
    """Lines of a few pieces, most of which mean something to some step."""
    kinds = random.sample([_SIGNS, WORDS, MARKUP, CODE, PARTED, strategies.ENTITIES, strategies.TAGS, strategies.MOJIBAKE, ODD], 4)
    lines = []
    for _ in range(random.randint(1, 30)):
        several = random.choice(kinds)
        count = random.choice([1, 1, 2, 3, 5, 9, 14])
        lines.append(
            random.choice(["", "", "", "  ", "    ", "\t"]) + random.choice([" ", " ", "", "  "]).join(random.choices(several, k=count))
        )
    return lines


def _shuffled(random: Random, lines: list[str]) -> list[str]:
    """A region in any order."""
    start, end = sorted(random.randint(0, len(lines)) for _ in range(2))
    return lines[:start] + random.sample(lines[start:end], end - start) + lines[end:]


def _first_again(random: Random, lines: list[str]) -> list[str]:
    """The first short line below itself and further on."""
    short = next((line for line in lines if 0 < len(line.strip()) <= 80), "The mill")
    out = [short] * random.randint(0, 3) + lines
    for _ in range(random.randint(1, 3)):
        out.insert(random.randint(0, min(len(out), random.choice([5, 500]))), short)
    return out


def _region_again(random: Random, lines: list[str]) -> list[str]:
    start = random.randint(0, len(lines))
    again = lines[start : start + random.randint(1, 12)]
    at = random.randint(0, len(lines))
    return lines[:at] + again * random.choice([1, 1, 2, 3]) + lines[at:]


def _mixed(random: Random, lines: list[str]) -> list[str]:
    """Odd lines among the others."""
    several = random.choice([[CODE], [MARKUP], [PARTED], [ODD], [CODE, MARKUP, PARTED, ODD]])
    out = list(lines)
    for _ in range(random.randint(1, 8)):
        at = random.randint(0, len(out))
        out[at:at] = [_odd_line(random, several) for _ in range(random.choice([1, 1, 2, 3, 4]))]
    return out


def _filled(random: Random, lines: list[str]) -> list[str]:
    """Long lines filled to a width, with hyphens or without, and some of the lines between taken for words."""
    width = random.choice([24, 40, 60, 72])
    out: list[str] = []
    for line in lines:
        if len(line) > width and random.random() < 0.7:
            out += textwrap.wrap(_hyphenated(random, line) if random.random() < 0.3 else line, width)
        else:
            out.append(line)
    return out[:LONGEST]


def _hyphenated(random: Random, line: str) -> str:
    words = line.split(" ")
    for i, word in enumerate(words):
        if len(word) > 6 and random.random() < 0.2:
            at = random.randint(2, len(word) - 2)
            words[i] = word[:at] + random.choice(["- ", "\xad ", "\xad", "-"]) + word[at:]
    return " ".join(words)


def _parted(random: Random, lines: list[str]) -> list[str]:
    """Lines broken where links and emphasis stood."""
    out: list[str] = []
    for line in lines:
        words = line.split(" ")
        while len(words) > 3 and random.random() < 0.4:
            at = random.randint(1, len(words) - 1)
            out.append(" ".join(words[:at]))
            words = words[at:]
        out.append(" ".join(words))
    return out[:LONGEST]


def _marked_up(random: Random, lines: list[str]) -> list[str]:
    """Tags, entities, damage and odd characters inside of lines."""
    pieces = random.choice([strategies.TAGS, strategies.ENTITIES, strategies.MOJIBAKE, strategies.INVISIBLE, strategies.SURROGATES, MARKUP])
    share = random.choice([0.02, 0.2, 0.8])
    out = []
    for line in lines:
        if random.random() < share:
            at = random.choice([0, len(line), random.randint(0, len(line))])
            line = line[:at] + random.choice(pieces) + line[at:]
        out.append(line)
    return out


def _cut_short(random: Random, lines: list[str]) -> list[str]:
    """Lines that lost their ends, and lines of a few words."""
    return [line[: random.randint(0, len(line))] if random.random() < 0.1 else line for line in lines]


def _small(random: Random, lines: list[str]) -> list[str]:
    """Nothing but short lines, and a paragraph or two."""
    return [line for line in lines if len(line) < 60 or random.random() < 0.2]


def _edited(random: Random, lines: list[str]) -> list[str]:
    """Long lines again, with a word changed, an end cut or two put together."""
    out = list(lines)
    long = [line for line in lines if len(line.split()) > 9] or [" ".join(random.choices(WORDS, k=14))]
    for _ in range(random.randint(1, 5)):
        words = random.choice(long).split()
        how = random.randrange(4)
        if how == 0:
            words[random.randrange(len(words))] = random.choice(WORDS)
        elif how == 1:
            words = words[: random.randint(4, len(words))]
        elif how == 2:
            words += random.choice(long).split()
        out.insert(random.randint(0, len(out)), " ".join(words))
    return out


def _written(random: Random, lines: list[str]) -> str:
    if random.random() < 0.6:
        return random.choice(["\n", "\n", "\n\n", "\r\n"]).join(lines)
    ends = random.choices(ENDS, k=5)
    return "".join(line + random.choice(ends) for line in lines)


_BEGINNINGS = [_page, _page, _page, _two, _two, _some, _some, _odd, _pieces]
_CHANGES = [
    *(_shuffled, _first_again, _region_again, _mixed, _mixed, _filled, _parted, _marked_up, _cut_short, _small, _edited),
]
