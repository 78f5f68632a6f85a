"""The words that all steps speak: kinds of line, removals, a cleaned document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any


class Kind(StrEnum):
    """What a line that is not the article is; ``Kind("byline") == "byline"``."""

    COMMENT_FORM = "comment-form"
    COMMENTS = "comments"
    SHARE = "share"
    NEWSLETTER = "newsletter"
    TIP_LINE = "tip-line"
    RELATED = "related"
    NAVIGATION = "navigation"
    SECTION_LABEL = "section-label"
    BYLINE = "byline"
    DATELINE = "dateline"
    CAPTION = "caption"
    CREDIT = "credit"
    ADVERT = "advert"
    LEGAL = "legal"
    COOKIE = "cookie"
    PAYWALL = "paywall"
    AUTHOR_BIO = "author-bio"
    TEMPLATE = "template"
    REPEAT_EXACT = "repeat-exact"
    REPEAT_NEAR = "repeat-near"
    REPEAT_CONTAINED = "repeat-contained"


#: Kinds by number, as the native half counts them.
KINDS = tuple(Kind)
#: Kinds that go into `Cleaned.fields` when they are recognised, beside the title.
FIELD_KINDS = (Kind.BYLINE, Kind.DATELINE, Kind.SECTION_LABEL, Kind.CAPTION)


@dataclass(frozen=True, slots=True)
class Removal:
    """A stretch of the source that is not in the result.

    Attributes:
        start, end: where it stood, ``[start, end)`` in code points of the text as passed in.
        kind: what it was found to be.
        rule: what found it: a rule as ``language/id``, or ``under-heading``, ``between``, ``verbatim``, ``headline``, ``near``, ``covered``.
        score: 1.0 for a rule; for a repeat the Jaccard similarity, or the share of its tokens that others cover.
        text: the stretch as it stood in the source.
        witness: for a repeat, where the text stands that it repeats: ``(start, end)`` of each, in code points of the source.
    """

    start: int
    end: int
    kind: Kind
    rule: str
    score: float
    text: str
    witness: tuple[tuple[int, int], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"kind": str(self.kind), "witness": [list(span) for span in self.witness]}


class Cleaned:
    """A text after cleaning, and what was done to it. ``str(cleaned)`` is the text.

    Attributes:
        text: the clean text.
        source: the text as passed in.
        error: with ``clean_many(on_error="keep")``, why this one was passed through as it was; else None.
    """

    def __init__(
        self,
        source: str,
        text: str,
        removals: Callable[[], list[Removal]] = list,
        fields: Callable[[], dict[str, str]] = dict,
        fixes: tuple[str, ...] = (),
        error: Exception | None = None,
    ) -> None:
        self.source = source
        self.text = text
        self.fixes = fixes
        self.error = error
        self._removals = removals
        self._fields = fields

    @cached_property
    def removals(self) -> list[Removal]:
        """What was removed, in the order of the source; spans are disjoint."""
        return self._removals()

    @cached_property
    def fields(self) -> dict[str, str]:
        """What was recognised, removed or not: ``title``, ``byline``, ``dateline``, ``section``, ``caption``; the first of each."""
        return self._fields()

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Cleaned(text={self.text[:40]!r}…, {len(self.removals)} removals)"

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it: text, removals, fields, fixes."""
        return {
            "text": self.text,
            "removals": [removal.to_dict() for removal in self.removals],
            "fields": dict(self.fields),
            "fixes": list(self.fixes),
        }
