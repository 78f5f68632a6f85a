"""The vocabulary that all steps share: kinds of line, removals, a cleaned document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

from textclean import _native


class Kind(StrEnum):
    """What kind of text a line is that does not belong to the article; ``Kind("byline") == "byline"``."""

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
    HEADLINE = "headline"
    TEMPLATE = "template"
    REPEAT_EXACT = "repeat-exact"
    REPEAT_NEAR = "repeat-near"
    REPEAT_CONTAINED = "repeat-contained"


#: Kinds by number, as the native half counts them in this process. A kind may be added anywhere in the enum, so nothing that outlives the
#: process holds a number: files name their kinds.
KINDS = tuple(Kind)
_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}


def kind_number(kind: Kind) -> int:
    """Returns the number by which the native half knows a kind in this process."""
    return _NUMBERS[kind]


def kind_mask(kinds: Iterable[Kind]) -> int:
    """Returns a set of kinds as the native half takes it: an int with a bit for each kind."""
    return sum(1 << _NUMBERS[kind] for kind in set(kinds))


#: Kinds whose first line goes into `Cleaned.fields` as it stands, and under which name.
FIELD_KINDS = {Kind.SECTION_LABEL: "section", Kind.CAPTION: "caption"}


@dataclass(frozen=True, slots=True)
class Removal:
    """A stretch of the source that is not in the result.

    Attributes:
        start, end: where it stood, ``[start, end)`` in code points of the text as passed in.
        kind: the kind of text that it is.
        rule: the name of the rule or step that found it: a rule as ``language/id``, a template as ``template/SITE/ID``, or
            ``under-heading``, ``between``, ``line-model``, ``above-article`` (a headline that goes), ``verbatim``, ``headline`` (one that
            is said again), ``near``, ``covered``.
        score: how sure that is, from 0 to 1. For a rule 1.0; for a template the share of its site's documents that have it; for the line
            model the probability that the line is not of the article; for a repeat the Jaccard similarity with its witness, or the share of
            its tokens that its witnesses cover.
        text: the stretch as it stood in the source.
        witness: for a repeat, the spans of the texts that it repeats: ``(start, end)`` of each, in code points of the source.
        reasons: for the line model, the features that spoke most against the line, the strongest first, with their values.
    """

    start: int
    end: int
    kind: Kind
    rule: str
    score: float
    text: str
    witness: tuple[tuple[int, int], ...] = ()
    reasons: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns the removal as a dict that JSON can hold."""
        return asdict(self) | {"kind": str(self.kind), "witness": [list(span) for span in self.witness], "reasons": list(self.reasons)}


#: One removal in numbers: start, end, kind, rule, score, witnesses, reasons.
Row = tuple[int, int, int, int, float, list[tuple[int, int]], list[tuple[int, float]]]
#: What the native half says of one document: its removals; start, end and kind of what was recognised and left; the title.
Account = tuple[list[Row], list[tuple[int, int, int]], str | None]


class Reader(Protocol):
    """Turns the native half's account of a document, which is in numbers, into words; the pipeline has one."""

    def removals(self, source: str, account: Account) -> list[Removal]:
        """Returns the removals, with the text of each."""

    def fields(self, source: str, account: Account) -> dict[str, str]:
        """Returns what was recognised, see `Cleaned.fields`."""


class Cleaned:
    """A text after cleaning, and what was done to it. ``str(cleaned)`` is the text.

    Attributes:
        source: the text as passed in.
        fixes: the names of the normalization steps that changed something.
        error: with ``clean_many(on_error="keep")``, the error because of which the text was passed through as it was; else None.
    """

    __slots__ = ("_account", "_fields", "_reader", "_removals", "_text", "error", "fixes", "source")

    def __init__(
        self,
        source: str,
        text: str | bytes,
        account: Account = ([], [], None),
        reader: Reader | None = None,
        fixes: tuple[str, ...] = (),
        error: Exception | None = None,
    ) -> None:
        self.source = source
        # As it came: who writes it to a file wants UTF-8, and to decode it takes as long as some steps of the pipeline.
        self._text = text
        self.fixes = fixes
        self.error = error
        # Most callers want the text alone: the account is put into words when it is asked for.
        self._account = account
        self._reader = reader
        self._removals: list[Removal] | None = None if reader else []
        self._fields: dict[str, str] | None = None if reader else {}

    @classmethod
    def restored(cls, source: str, text: str | bytes, removals: list[Removal]) -> Cleaned:
        """Makes a document of its parts, for one that was cleaned before and stored."""
        cleaned = cls(source, text)
        cleaned._removals = removals
        return cleaned

    @property
    def text(self) -> str:
        """The clean text."""
        if isinstance(self._text, bytes):
            self._text = self._text.decode()
        return self._text

    @property
    def utf8(self) -> bytes:
        """The clean text as UTF-8, which costs less than encoding `text`. Lone surrogates, which only an uncleaned text can hold, pass."""
        return self._text if isinstance(self._text, bytes) else self._text.encode("utf-8", "surrogatepass")

    @property
    def characters(self) -> int:
        """Length of the clean text in code points."""
        return _native.code_points(self._text) if isinstance(self._text, bytes) else len(self._text)

    @property
    def removals(self) -> list[Removal]:
        """The stretches that were removed, in the order of the source; their spans are disjoint."""
        if self._removals is None:
            assert self._reader is not None
            self._removals = self._reader.removals(self.source, self._account)
        return self._removals

    @property
    def fields(self) -> dict[str, str]:
        """What a text says of itself, removed or not; a field that is not sure is not there.

        ``title`` (the headline), ``byline`` (the line that names who wrote it) and ``author`` (the names alone), ``dateline`` (the day as
        it is written) and ``date`` (the day as ISO 8601), ``section``, ``caption`` (the first).
        """
        if self._fields is None:
            assert self._reader is not None
            self._fields = self._reader.fields(self.source, self._account)
        return self._fields

    @property
    def removed(self) -> dict[Kind, int]:
        """The number of stretches removed, by kind. It costs less than `removals`."""
        if self._removals is None:
            return dict(Counter(KINDS[row[2]] for row in self._account[0]))
        return dict(Counter(removal.kind for removal in self._removals))

    def __reduce__(self) -> tuple[Callable[..., Cleaned], tuple[Any, ...]]:
        # The account counts kinds and rules as this process does; its words mean the same in others.
        return _restore, (self.source, self.text, self.removals, self.fields, self.fixes, self.error)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Cleaned(text={self.text[:40]!r}…, {sum(self.removed.values())} removals)"

    def to_dict(self) -> dict[str, Any]:
        """Returns text, removals, fields and fixes as a dict that JSON can hold."""
        return {
            "text": self.text,
            "removals": [removal.to_dict() for removal in self.removals],
            "fields": dict(self.fields),
            "fixes": list(self.fixes),
        }


def _restore(
    source: str,
    text: str,
    removals: list[Removal],
    fields: dict[str, str],
    fixes: tuple[str, ...],
    error: Exception | None,
) -> Cleaned:
    """Makes a document of its parts, for `pickle`."""
    cleaned = Cleaned(source, text, fixes=fixes, error=error)
    cleaned._removals, cleaned._fields = removals, fields
    return cleaned
