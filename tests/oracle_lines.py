"""Naive twins of the line model's kernels: profiles of lines, features, trees. Plain and slow."""

from __future__ import annotations

import itertools
import math
import re

import regex

CLOSERS = "\"'”’»)]」』"
UNSPACED = re.compile("[\u0e00-\u0e7f\u3000-\u30ff\u3400-\u9fff\uff00-\uffef\U00020000-\U0003ffff]")
SYMBOLS = set("|/[]{}<>=_@#*+~»›•·©→←×✓▶►■●★")
FAR = 999


def is_letter(c: str) -> bool:
    """A letter, a mark that belongs to one, or a digit."""
    return regex.match(r"[\p{Alphabetic}\p{N}]", c) is not None


def words(line: str) -> list[str]:
    """Runs of letters and digits; letters of scripts without spaces stand alone."""
    found, run = [], ""
    for c in line + " ":
        if is_letter(c) and not (ord(c) > 0x7F and UNSPACED.match(c)):
            run += c
            continue
        if run:
            found.append(run)
        run = ""
        if is_letter(c):
            found.append(c)
    return found


def share(word: str) -> float:
    """What a word counts for: a Chinese letter is a part of one, a Thai one less."""
    if len(word) > 1 or not UNSPACED.match(word) or word.isascii():
        return 1.0
    return 0.25 if "\u0e00" <= word <= "\u0e7f" else 0.6


def count_words(line: str) -> float:
    """Words of a line."""
    return sum(map(share, words(line)))


def end(line: str) -> int:
    """0 anything, 1 comma, 2 colon, 3 sentence, 4 ellipsis."""
    bare = line.rstrip(CLOSERS) or line
    for number, marks in ((4, ("...", "…")), (3, tuple(".!?。！？؟।｡")), (2, (":", "：")), (1, tuple(",;،、"))):
        if bare.endswith(marks):
            return number
    return 0


def commas(line: str) -> int:
    """Commas and semicolons of any script."""
    return sum(c in ",;，、،；" for c in line)


def stops(line: str) -> int:
    """Sentences that end before the end of the line: a mark, perhaps a quote or a bracket, a space, a letter or digit."""
    passed = ' .!?؟।。！？,;，、،；"“”„«»「」' + CLOSERS
    count, gap = sum(c in "。！？" for c in line), ""
    for c in line:
        if is_letter(c):
            mark = max(map(gap.rfind, ".!?؟।"))
            count += mark >= 0 and " " in gap[mark:]
            gap = ""
        else:
            gap = gap + c if c in passed else ""
    return count


def symbols(line: str) -> float:
    """Share of the characters that are marks of layout."""
    return sum(c in SYMBOLS for c in line) / max(len(line), 1)


def is_prose(line: str) -> bool:
    """Whether the line reads as running text."""
    size = count_words(line)
    several = size >= 10 and commas(line) + stops(line) >= 2
    return ((size >= 12 and end(line) >= 3) or several or size >= 25) and symbols(line) < 0.05


def densest(worths: list[float]) -> tuple[int, int]:
    """Returns the run of the greatest positive sum: every run is tried; of equal ones the first to end is taken, of these the shortest."""
    best, block = 0.0, (0, 0)
    for stop in range(1, len(worths) + 1):
        for start in reversed(range(stop)):
            total = sum(worths[start:stop])
            if total > best + 1e-6:
                best, block = total, (start, stop)
    return block


def nearest(places: list[bool], at: int, step: int) -> int:
    """How far away, in the direction of `step`, the nearest place is."""
    i = at + step
    while 0 <= i < len(places):
        if places[i]:
            return abs(i - at)
        i += step
    return FAR


def features(lines: list[str]) -> list[dict[str, float]]:
    """Some of the features of each line of a text that no rule has anything to say of."""
    sizes = [count_words(line) for line in lines]
    prose = [is_prose(line) for line in lines]
    block = densest([size - 6 if is_ else -6 for size, is_ in zip(sizes, prose, strict=True)])
    rows = []
    for i, line in enumerate(lines):
        around = sizes[max(0, i - 4) : i]
        rows.append(
            {
                "words": sizes[i],
                "characters": len(line),
                "end": end(line),
                "commas": commas(line),
                "digits": sum(regex.match(r"\p{N}", c) is not None for c in line) / len(line),
                "layout marks": symbols(line),
                "said again": lines.count(line) - 1,
                "words -1": sizes[i - 1] if i else -1,
                "words +2": sizes[i + 2] if i + 2 < len(lines) else -1,
                "words -4 to -1": sum(around) / max(len(around), 1),
                "prose +1 to +12": sum(prose[i + 1 : i + 13]) / max(len(prose[i + 1 : i + 13]), 1),
                "page: lines": len(lines),
                "page: words": sum(sizes),
                "lines below": len(lines) - 1 - i,
                "prose is above": nearest(prose, i, -1),
                "prose is below": nearest(prose, i, 1),
                "in prose block 6": float(block[0] <= i < block[1]),
                "after the start of prose block 6": i - block[0],
            }
        )
    return rows


def word_hashes(tokens: list[str]) -> list[int]:
    """The hash of each word, and of each two side by side, the edges of the line among them."""

    def word(token: str) -> int:
        value = 0x811C9DC5
        for byte in token.encode():
            value = (value ^ byte) * 0x01000193 % 2**32
        return value ^ value >> 16

    def pair(first: int, second: int) -> int:
        turned = (first << 15 | first >> 17) % 2**32
        mixed = (turned ^ second) * 0x9E3779B1 % 2**32
        return mixed ^ mixed >> 16

    found = list(map(word, tokens))
    edged = [1, *found, 1] if found else []
    return found + [pair(first, second) for first, second in itertools.pairwise(edged)]


def says(tokens: list[str], bias: float, scale: float, weights: list[int]) -> float:
    """What the words of a short line say."""
    hashes = word_hashes(tokens)
    if not hashes:
        return -3.0
    total = sum(weights[value % len(weights)] for value in hashes)
    return max(-6.0, min(6.0, bias + scale * total / math.sqrt(len(hashes))))


def bar(odds: list[float], words: list[float], weight: float) -> float:
    """The bar of a whole page: the log-odds of the last line that stays where the F-measure to be expected is greatest; at most 0."""

    def expected(least: float) -> float:
        stay = [(size, 1 / (1 + math.exp(-odd))) for odd, size in zip(odds, words, strict=True) if odd >= least]
        every = sum(size / (1 + math.exp(-odd)) for odd, size in zip(odds, words, strict=True))
        return sum(size * p for size, p in stay) / max(sum(size for size, _ in stay) + weight * every, 1e-300)

    return min(max(sorted(set(odds), reverse=True), key=expected, default=0.0), 0.0)


def ask(trees: list[list[list[float]]], row: list[float]) -> float:
    """The sum of what the trees answer."""
    total = 0.0
    for feature, threshold, right, value in trees:
        at = 0
        while feature[at] >= 0:
            at = at + 1 if row[feature[at]] <= threshold[at] else right[at]
        total += value[at]
    return total
