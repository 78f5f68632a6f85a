"""Naive twin of strict matching: whether everything that a paragraph says stands, in that order, in what stays.

It is written from the contract's words, tries all ways to cut a paragraph into stretches, and knows neither keys nor a budget. It knows
texts in Latin letters: words, the signs of currencies and per cent, sentences that end with a mark before white space.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass

WORD = re.compile(r"[^\W_]+|[$€£¥%°]")
#: Words of a stretch that is followed by another.
STRETCH = 5


@dataclass(frozen=True)
class Word:
    """A word, and whether a sentence or quotation can begin with it or ends with it."""

    text: str
    begins: bool
    finishes: bool


def words(text: str) -> list[Word]:
    """The words of a paragraph."""
    text = unicodedata.normalize("NFKC", text)
    found = list(WORD.finditer(text))
    marks = [text[a.end() : b.start()] for a, b in itertools.pairwise(found)]
    before, behind = ["", *marks], [*marks, ""]
    return [
        Word(match[0].casefold(), i == 0 or _opens(before[i]), i == len(found) - 1 or _closes(behind[i])) for i, match in enumerate(found)
    ]


def _ends(marks: str) -> bool:
    return re.search(r"[.!?…;].", marks, re.DOTALL) is not None


def _opens(marks: str) -> bool:
    return _ends(marks) or re.search(r"[\"“”„«»(\[|•·—:‘*]| [–-] ", marks) is not None


def _closes(marks: str) -> bool:
    return _ends(marks) or re.search(r"[\"“”„«»]|,['’]", marks) is not None


def trails_off(text: str) -> bool:
    """Whether a paragraph shows that its end was cut: by dots, or by whole sentences before one that has no end."""
    tail = re.search(r"[^\w]*$", text)[0]
    return "…" in tail or ".." in tail or (not re.search(r"[.!?;\"“”„«»]", tail) and re.search(r"[.!?…;]\W", text) is not None)


def is_open(text: str) -> bool:
    """Whether the last word of a paragraph may be half a word."""
    tail = re.search(r"[^\w]*$", text)[0]
    return "…" in tail or ".." in tail or not re.search(r"[.!?;\"“”„«»]", tail)


def is_said_by(text: str, others: list[str]) -> bool:
    """Whether the others say all that a paragraph says, in stretches that are verbatim and, within each of them, in order."""
    unit, sources = words(text), [words(other) for other in others]
    front = re.match(r"\W*", text)[0]
    cut = "…" in front or ".." in front or (re.search(r"[^\W_]", text) or [" "])[0].islower()

    def covers(at: int, reached: tuple[int, ...]) -> bool:
        if at == len(unit):
            return True
        for number, source in enumerate(sources):
            for start in range(reached[number], len(source)):
                if not (source[start].begins or (at == 0 and cut)):
                    continue
                length = 0
                while at + length < len(unit) and start + length < len(source):
                    mine, its = unit[at + length], source[start + length]
                    last = at + length == len(unit) - 1
                    if mine.text != its.text:
                        half = last and is_open(text) and its.text.startswith(mine.text) and (mine.text + its.text).isalpha()
                        if half and length > 0:
                            return True
                        break
                    length += 1
                    if last:
                        if its.finishes or trails_off(text):
                            return True
                    elif (its.finishes and length >= STRETCH) or start + length == len(source):
                        joins = start + length == len(source) or unit[at + length].begins
                        after = (*reached[:number], start + length, *reached[number + 1 :])
                        if joins and covers(at + length, after):
                            return True
        return False

    return covers(0, (0,) * len(sources))
