"""What `textclean.deduplicate` has to answer, from the words of docs/repeats.md and of DESIGN.md alone: all pairs, no shortcut.

It was written without a look at the native search, so that a mistake of one is not one of the other. `oracle_dedupe.py` is the twin of
the search's parts; this is the judge of the whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

# Letters, marks and numbers; letters of scripts without spaces stand alone, each with its marks.
_ALONE = (
    r"\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}"
)
_TOKEN = regex.compile(rf"(?V1)[\p{{L}}&&[{_ALONE}]]\p{{M}}*|(?:[\p{{L}}--[{_ALONE}]]|\p{{M}}|\p{{N}})+")
_NUMERALS = regex.compile(r"\p{N}+")
_SPACE = regex.compile(r"\p{White_Space}+")
_AROUND = regex.compile(r"^\p{White_Space}+|\p{White_Space}+$")
_LINE = re.compile("\r\n|[\n\r\x0b\x0c\u2028\u2029]")


@dataclass(frozen=True)
class Asked:
    """The options of a comparison."""

    unit: str = "paragraph"
    threshold: float = 0.8
    ngram_size: int = 3
    min_words: int = 10
    same_numbers: bool = True


@dataclass(frozen=True)
class Answer:
    """The witness of each unit, -1 for one that stays, and its similarity."""

    witness: list[int]
    similarity: list[float]


def tokens(text: str) -> list[str]:
    """The tokens of a text: NFKC, casefolded, runs of letters, marks and numbers.

    >>> tokens("Ｆｕｌｌ ﬁne, 北京 1,500")
    ['full', 'fine', '北', '京', '1', '500']
    """
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def shingles(words: list[str], size: int) -> frozenset[tuple[str, ...]]:
    """The runs of `size` tokens; a text with fewer is one, and one without tokens has none."""
    if not words:
        return frozenset()
    return frozenset(tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)))


def jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """What two sets share, of all that they have."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def numbers(words: list[str]) -> list[str]:
    """The numbers of a text in order; a token of three numerals right behind one of one to three, or behind such a group, is thousands.

    >>> numbers(["1", "500", "and", "12", "b4", "345", "678"])
    ['1500', '12', '4', '345678']
    """
    out: list[str] = []
    grows = False  # Whether the token before is such a group.
    for word in words:
        runs = _NUMERALS.findall(word)
        whole = runs == [word]
        if grows and whole and len(word) == 3:
            out[-1] += word
            continue
        out += runs
        grows = whole and len(word) <= 3
    return out


def words_in(text: str, some: list[str]) -> int:
    """How many words a text has: its tokens, or its stretches between white space if those are more."""
    return max(len(some), len(_SPACE.sub(" ", text).strip(" ").split(" ")) if _SPACE.sub("", text) else 0)


def paragraphs(text: str) -> list[tuple[int, int]]:
    """The spans of the lines that hold more than white space, without that around them. It knows nothing of filled lines."""
    ends = [(m.start(), m.end()) for m in _LINE.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    spans = []
    for start, end in zip(starts, [*(start for start, _ in ends), len(text)], strict=True):
        line = text[start:end]
        if body := _AROUND.sub("", line):
            left = start + line.index(body)
            spans.append((left, left + len(body)))
    return spans


def order_of(keep: str | Callable[[int], object], lengths: Sequence[int], docs: Sequence[int]) -> list[int]:
    """The numbers of the units in the order that `keep` gives: of two repeats the first in it stays."""
    every = range(len(lengths))
    if keep == "first":
        return list(every)
    if keep == "last":
        return list(reversed(every))
    if keep == "longest":
        return sorted(every, key=lambda i: -lengths[i])
    assert callable(keep)
    return sorted(every, key=lambda i: keep(docs[i]))


def repeats(texts: Sequence[str], order: Sequence[int], asked: Asked) -> Answer:
    """Which units go, and for which: each is compared with every unit that stays and comes before it."""
    words = [tokens(text) for text in texts]
    sets = [shingles(some, asked.ngram_size) for some in words]
    said = [numbers(some) for some in words]
    takes_part = [bool(own) and words_in(text, some) >= asked.min_words for text, some, own in zip(texts, words, sets, strict=True)]
    answer = Answer([-1] * len(texts), [0.0] * len(texts))
    kept: list[int] = []
    for i in order:
        if not takes_part[i]:
            continue
        for other in kept:
            if asked.same_numbers and said[i] != said[other]:
                continue
            similarity = jaccard(sets[i], sets[other])
            if similarity >= asked.threshold:
                answer.witness[i], answer.similarity[i] = other, similarity
                break
        else:
            kept.append(i)
    return answer


def untrue(found: Answer, texts: Sequence[str], order: Sequence[int], asked: Asked) -> list[str]:
    """What is wrong with an answer that may have missed some: a drop that no kept earlier unit justifies, a verbatim repeat that stayed."""
    place = {unit: at for at, unit in enumerate(order)}
    words = [tokens(text) for text in texts]
    sets = [shingles(some, asked.ngram_size) for some in words]
    wrong = []
    for i, witness in enumerate(found.witness):
        if witness < 0:
            continue
        similarity = jaccard(sets[i], sets[witness])
        if found.witness[witness] >= 0 or place[witness] >= place[i]:
            wrong.append(f"unit {i}: its witness {witness} does not stay, or comes later")
        if similarity < asked.threshold or similarity != found.similarity[i]:
            wrong.append(f"unit {i}: similarity {similarity} with {witness}, reported {found.similarity[i]}")
        if asked.same_numbers and numbers(words[i]) != numbers(words[witness]):
            wrong.append(f"unit {i}: other numbers than {witness}")
    full = repeats(texts, order, asked)
    exempt = [full.witness[i] < 0 and found.witness[i] >= 0 and not _justified(i, full, found) for i in range(len(texts))]
    wrong += [f"unit {i}: takes no part, or nothing is like it" for i, bad in enumerate(exempt) if bad]
    stays = [i for i in order if found.witness[i] < 0 and sets[i] and words_in(texts[i], words[i]) >= asked.min_words]
    for one, other in pairwise(sorted(stays, key=lambda i: (sorted(sets[i]), numbers(words[i]), place[i]))):
        if sets[one] == sets[other] and (not asked.same_numbers or numbers(words[one]) == numbers(words[other])):
            wrong.append(f"unit {other}: says the same as {one}, and stays")
    return wrong


def _justified(i: int, full: Answer, found: Answer) -> bool:
    """Whether a unit may go that an exhaustive search keeps: its witness went there, and was missed here."""
    return full.witness[found.witness[i]] >= 0
