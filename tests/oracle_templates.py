"""A naive twin of the native learner: sets instead of sketches, whole pages instead of outlines, nothing forgotten.

It gives the same answer for pages of at most 128 different shingles, of which the sketch is complete.
"""

from __future__ import annotations

import calendar
import unicodedata
from dataclasses import dataclass, field

import textclean
from textclean._native import tokens

#: Date words that the tests use.
DATES = {name.lower() for names in (calendar.month_name, calendar.month_abbr, calendar.day_name, calendar.day_abbr) for name in names}
DATES |= {"dienstag"}
KEPT, ESTABLISHED, OTHER, STRANGERS = 16, 5, 8, 2


def is_number(char: str) -> bool:
    """Whether it is a digit or another number."""
    return unicodedata.category(char).startswith("N")


def mask(line: str) -> str | None:
    """Tokens, with a 0 for what changes."""
    words = ["0" if "@" in word or "://" in word or "www." in word else word for word in line.split()]
    has_address = any(mark in line for mark in ("@", "://", "www."))
    found = tokens(" ".join(words) if has_address else line)
    dated = any(is_number(char) for token in found for char in token)
    out: list[str] = []
    for token in found:
        masked = ""
        for char in token:
            if not is_number(char):
                masked += char
            elif not masked.endswith("0"):
                masked += "0"
        masked = "0" if dated and token in DATES else masked
        if masked != "0" or out[-1:] != ["0"]:
            out.append(masked)
    return " ".join(out) if any(token != "0" for token in out) else None


def ends_sentence(line: str) -> bool:
    """Whether a mark closes it."""
    return line.rstrip("\"'”’»)]」』").endswith((".", "!", "?", ":", ";", "…"))


def is_prose(line: str) -> bool:
    """Whether it reads as running text."""
    return len(line) >= 200 or (len(line) >= 60 and ends_sentence(line))


def shingles(line: str) -> set[str]:
    """Runs of two tokens."""
    found = tokens(line)
    return {" ".join(found[i : i + 2]) for i in range(max(1, len(found) - 1))}


@dataclass(eq=False)
class Page:
    """A page; its running text as (masked line, its shingles that no line before it has)."""

    lines: list[str]
    sketch: list[tuple[str, set[str]]] = field(default_factory=list)
    text: int = 0

    def running(self, i: int) -> bool:
        """Whether line `i` is running text: no heading, no label, and no headline."""
        line = self.lines[i]
        return is_prose(line) or (i > 0 and ends_sentence(line) and not line.endswith(":"))

    def add(self, line: str) -> None:
        """Adds a line to what the page is told by."""
        known = set().union(*(found for _, found in self.sketch))
        self.sketch.append((mask(line), shingles(line) - known))
        self.text += len(tokens(line))


def differ(one: Page, other: Page, masked: str) -> bool:
    """Whether a third of each is in lines that are new to the other, a line aside."""
    return is_other(one, other, masked) and is_other(other, one, masked)


def is_other(one: Page, other: Page, masked: str) -> bool:
    """Whether a third of one page is in lines of which less than a third stands on the other; the first that reads so aside."""
    there = set().union(*(found for _, found in other.sketch))
    keys = [key for key, _ in one.sketch]
    aside = keys.index(masked) if masked in keys else None
    lines = [found for number, (_, found) in enumerate(one.sketch) if number != aside]
    new = sum(len(found) for found in lines if 3 * len(found & there) < len(found))
    size = sum(map(len, lines))
    return size > 0 and 3 * new >= size


def learn(texts: list[str]) -> dict[str, tuple[int, list[int]]]:
    """Documents and profile (top, inside, bottom) of each line of several documents, by masked form."""
    counts: dict[str, int] = {}
    kept: dict[str, list[Page]] = {}
    for text in texts:
        page = Page([line for line in textclean.normalize(text).splitlines() if mask(line)])
        established = {masked for masked, count in counts.items() if count >= ESTABLISHED}
        for i, line in enumerate(page.lines):
            if mask(line) not in established and page.running(i):
                page.add(line)
        for masked in dict.fromkeys(map(mask, page.lines)):
            # A line that stands twice is counted where it first can be.
            for i in (i for i, line in enumerate(page.lines) if mask(line) == masked):
                size = len(tokens(page.lines[i])) if page.running(i) else 0
                other = page.text if masked in established else page.text - size
                if other < max(OTHER, size // 2) or page in kept.get(masked, []):
                    continue
                if all(differ(page, seen, masked) for seen in kept.get(masked, [])):
                    counts[masked] = counts.get(masked, 0) + 1
                    if len(kept.setdefault(masked, [])) < KEPT:
                        kept[masked].append(page)
    repeated = {masked for masked, count in counts.items() if count > 1}
    return {masked: (counts[masked], profile(masked, kept[masked], repeated)) for masked in repeated}


def profile(masked: str, pages: list[Page], repeated: set[str]) -> list[int]:
    """Pages in which all its places are at the top, not so, at the bottom."""
    found = [0, 0, 0]
    for page in pages:
        keys = [mask(line) for line in page.lines]
        first, last = keys.index(masked), len(keys) - 1 - keys[::-1].index(masked)
        bottom = len(keys) - edge(page.lines[::-1], repeated)
        found[2 if first >= bottom else 0 if last < edge(page.lines, repeated) else 1] += 1
    return found


def edge(lines: list[str], repeated: set[str]) -> int:
    """Lines up to the last repeated one before prose, or more than two short lines, that nothing repeats."""
    depth = strangers = 0
    for i, line in enumerate(lines):
        if mask(line) in repeated:
            depth = i + 1
            continue
        strangers += 1
        if is_prose(line) or strangers > STRANGERS:
            break
    return depth
