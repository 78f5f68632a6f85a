"""Holds what was counted of a site's lines, and decides when that is enough to call them templates.

A line is safe to remove for one of two reasons. It stands above or below the article: notices, forms and tip lines stand there, and few
pages are enough to know them. Or it stands in the middle of so many pages that no writer would have put it there, as an advertisement
does. A heading that some articles have ("What happens next?") is neither.

All counts are of *documents that tell different stories* (`rust/src/sites/learn.rs`), so copies of one story are one document here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Literal

from textclean import _native
from textclean.errors import ConfigError

Zone = Literal["top", "inside", "bottom", "edges"]
When = int | str | None

#: Of the pages examined, so many have the line at one edge if that is its place: pages change, and some are cut short.
_AT_EDGE = 0.8
#: Jaccard similarity of the tokens of two masked lines that are variants of one template, and the tokens they need.
_VARIANT = 0.7
_VARIANT_WORDS = 4


@dataclass(frozen=True)
class Thresholds:
    """How much evidence a template needs.

    Attributes:
        documents: least number of documents of one site, telling different stories, that have the line.
        share: least share of the site's documents that have it, from 0 to 1.
        inside_documents: least number of documents for a line in the middle of pages, or a line that is the words of a story.
        inside_share: least share for such lines, and for lines that may be a headline above the article.

    Raises:
        ConfigError: a value is out of its range.
    """

    documents: int = 5
    share: float = 0.005
    inside_documents: int = 20
    inside_share: float = 0.5

    def __post_init__(self) -> None:
        for name in ("documents", "inside_documents"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 2 <= value <= 1 << 30:
                raise ConfigError(f"{name}={value!r}: a whole number from 2 is needed: a line of one document repeats nothing")
        for name in ("share", "inside_share"):
            value = getattr(self, name)
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
                raise ConfigError(f"{name}={value!r}: a share of documents from 0 to 1 is needed")


@dataclass(frozen=True, slots=True)
class Line:
    """What was counted of a line that stands in several documents of one site.

    Lines that differ only in case, punctuation, digits, dates and addresses are one line here, see `mask`.

    Attributes:
        documents: the number of documents that have it.
        top, inside, bottom: in how many of the documents examined (at most 16) it stood above, in and below the article.
        first, last: the first and last document that has it, by ISO date if there are dates, else by position in the input, from 0.
        story: whether it is the words of a story, or stands beside such words: what people say in quotes is not the site's.
        samples: the line as it reads in some documents, at most 3.
    """

    documents: int
    top: int
    inside: int
    bottom: int
    first: When
    last: When
    story: bool
    samples: tuple[str, ...]

    def merged(self, other: Line) -> Line:
        """Returns the line with the counts of another part of the corpus added."""
        seen = [when for when in (self.first, self.last, other.first, other.last) if when is not None]
        return Line(
            self.documents + other.documents,
            self.top + other.top,
            self.inside + other.inside,
            self.bottom + other.bottom,
            min(seen, default=None),
            max(seen, default=None),
            self.story or other.story,
            tuple(dict.fromkeys(self.samples + other.samples))[:3],
        )


@dataclass(slots=True)
class SiteCounts:
    """What was counted of one site.

    Attributes:
        documents: the number of documents of the site.
        short: the most by which a line's count may be too small, as lines were forgotten to bound memory.
        lines: the lines by their masked form, see `mask`.
    """

    documents: int = 0
    short: int = 0
    lines: dict[str, Line] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateEntry:
    """A line that a site repeats, with its near variants.

    Attributes:
        site: the name of the site.
        id: its name among the site's templates: 8 hexadecimal digits. It stays the same as long as its most frequent variant does.
        documents: the number of documents, telling different stories, that have it.
        share: their share of the site's documents, from 0 to 1; the score of the removals that it causes.
        place: where it stands: at the ``top``, ``inside``, at the ``bottom``, or at both ``edges``.
        top, inside, bottom: in how many of the documents examined it stood above, in and below the article.
        first, last: the first and last document that has it, by ISO date if there are dates, else by position in the input, from 0.
        story: whether it is the words of a story, or stands beside such words.
        learned: whether the evidence is enough, so that `clean` removes it.
        samples: the line as it reads in some documents, the most frequent variant first.
        variants: the masked forms of its variants, the most frequent first, see `mask`.
    """

    site: str
    id: str
    documents: int
    share: float
    place: Zone
    top: int
    inside: int
    bottom: int
    first: When
    last: When
    story: bool
    learned: bool
    samples: tuple[str, ...]
    variants: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The name by which removals name it as their rule: ``template/SITE/ID``."""
        return f"template/{self.site}/{self.id}"


def entries(name: str, site: SiteCounts, thresholds: Thresholds) -> list[TemplateEntry]:
    """Returns the lines of a site as entries, the most frequent first. Near variants of one line are one entry.

    Args:
        name: the name of the site.
        site: what was counted of it.
        thresholds: the evidence that an entry needs to be `learned`.
    """
    found = [_entry(name, site, group, thresholds) for group in _variants(site.lines)]
    return sorted(found, key=lambda entry: (-entry.documents, entry.id))


def _entry(name: str, site: SiteCounts, group: list[str], thresholds: Thresholds) -> TemplateEntry:
    line = site.lines[group[0]]
    for other in group[1:]:
        line = line.merged(site.lines[other])
    # Merging two lists of counts may find a line in more documents than there are, if they overlap.
    share = min(1.0, line.documents / max(1, site.documents))
    place = _place(line)
    samples = tuple(dict.fromkeys(sample for variant in group for sample in site.lines[variant].samples))
    learned = _enough(line, place, share, samples, thresholds)
    counts = (line.documents, share, place, line.top, line.inside, line.bottom, line.first, line.last)
    return TemplateEntry(name, _id(group[0]), *counts, line.story, learned, samples, tuple(group))


def _id(masked: str) -> str:
    return blake2b(masked.encode(), digest_size=4).hexdigest()


def _place(line: Line) -> Zone:
    examined = line.top + line.inside + line.bottom
    if line.bottom >= _AT_EDGE * examined:
        return "bottom"
    if line.top >= _AT_EDGE * examined:
        return "top"
    return "edges" if line.top + line.bottom >= _AT_EDGE * examined else "inside"


def _enough(line: Line, place: Zone, share: float, samples: tuple[str, ...], thresholds: Thresholds) -> bool:
    if line.documents < thresholds.documents or share < thresholds.share:
        return False
    if place == "inside" or line.story or _reports(samples):
        return line.documents >= thresholds.inside_documents and share >= thresholds.inside_share
    # Above the article stands its headline, and some headlines return every week.
    return place == "bottom" or _is_sentence(samples[0]) or share >= thresholds.inside_share


def _is_sentence(text: str) -> bool:
    return text.rstrip("\"'”’»)]」』 ").endswith((".", "!", "?", "…", "。", "！", "？", "؟", "।"))


def _reports(samples: tuple[str, ...]) -> bool:
    """Returns whether a sentence has other figures on other pages, as a note on a poll has: that is news. Another date alone is none."""
    if len(samples[0]) < _SENTENCE or not _is_sentence(samples[0]):
        return False
    figures = [{number for number in re.findall(r"\d+", sample) if not _is_year(number)} for sample in samples]
    return any(len(figures[0] ^ other) > _DATE_NUMBERS for other in figures)


def _is_year(number: str) -> bool:
    return len(number) == 4 and number[:2] in ("19", "20")


#: Characters from which a sentence can report anything.
_SENTENCE = 60
#: Numbers that differ between two dates with a day each.
_DATE_NUMBERS = 2


def is_quoting(text: str) -> bool:
    """Returns whether a line quotes somebody: at least five words and 25 characters in quotation marks.

    >>> is_quoting("“We have never seen water come over the wall,” said the warden.")
    True
    >>> is_quoting('Sign up for "The Week in Five" here.')
    False
    """
    return any(len(quoted) >= _QUOTED_CHARS and len(quoted.split()) >= _QUOTED_WORDS for quoted in re.findall(_QUOTES, text))


_QUOTED_WORDS, _QUOTED_CHARS = 5, 25
# To the mark that closes it, or to the end: a quotation of several paragraphs is closed in the last one.
_QUOTES = '[“„«"]([^“„«”»"]+)'


def _variants(lines: Mapping[str, Line]) -> Iterable[list[str]]:
    """Groups lines by template, the most frequent variant first. Variants have the same two words at their beginning, or at their end."""
    groups: list[list[str]] = []
    leaders: dict[tuple[str, ...], list[tuple[set[str], list[str]]]] = {}
    for masked in sorted(lines, key=lambda masked: (-lines[masked].documents, masked)):
        words = masked.split(" ")
        own = set(words)
        ends = [("first", *words[:2]), ("last", *words[-2:])] if len(words) >= _VARIANT_WORDS else []
        group = next((group for end in ends for leader, group in leaders.get(end, ())[:_LEADERS] if _near(leader, own)), None)
        if group is None:
            groups.append(group := [])
            for end in ends:
                leaders.setdefault(end, []).append((own, group))
        group.append(masked)
    return groups


#: Leaders that a line is compared with, at most: bounds the work for a file made to need much.
_LEADERS = 64


def _near(one: set[str], other: set[str]) -> bool:
    return len(one & other) >= _VARIANT * len(one | other)


def mask(line: str) -> str | None:
    """Returns the masked form of a line: its tokens, with ``0`` for digits, dates, addresses and handles; None if no word is left.

    >>> mask("Updated: March 5, 2019, mail a@example.org")
    'updated 0 mail 0'
    """
    return _native.mask_line(line)


def shifted(line: Line, positions: int) -> Line:
    """Returns the line with its first and last document moved on by so many positions; a line with dates stays as it is."""
    if not positions or not isinstance(line.first, int) or not isinstance(line.last, int):
        return line
    return replace(line, first=line.first + positions, last=line.last + positions)
