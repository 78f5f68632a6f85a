"""What other documents say already, taken out of cleaned ones: the documents of a run, held in memory, and what each is left with.

It stands between the stream of cleaned documents and the sinks. Spans are those of the clean texts as they are compared: a removal of the
cleaning has its place in the source, a repeat across documents has its own in what came of that.

Not for: more documents than fit in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from textclean.document import Cleaned, Kind
from textclean.errors import ConfigError
from textclean.io.jsonl import dumps
from textclean.io.records import Begin, Document, End

if TYPE_CHECKING:
    from textclean.duplicates import Duplicates

#: What `keep` may be beside a field.
ORDERS = ("first", "last", "longest")
_KEY = "key"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A paragraph of a clean text, or all of it, that a document which stays has too.

    Attributes:
        span: ``[start, end)`` in code points of the clean text.
        similarity: exact Jaccard similarity with the witness.
        witness: the document that stays, or whose paragraph does.
        witness_span: in code points of its clean text.
    """

    unit: str
    span: tuple[int, int]
    similarity: float
    text: str
    witness: Document
    witness_span: tuple[int, int]

    @property
    def kind(self) -> Kind:
        """Exact if both have the same shingles, near otherwise."""
        return Kind.REPEAT_EXACT if self.similarity == 1 else Kind.REPEAT_NEAR

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; the witness by file and line."""
        witness = {"file": self.witness.source.name, "line": self.witness.line, "span": list(self.witness_span)}
        return self._what() | {"witness": witness}

    def to_json(self) -> str:
        """A JSON object; the witness by file, line, id and source, the last two spelled as its record spells them."""
        return f'{dumps(self._what())[:-1]}, "witness": {{{self.witness.where}, "span": {dumps(self.witness_span)}}}}}'

    def _what(self) -> dict[str, Any]:
        what = {"unit": self.unit, "span": list(self.span), "similarity": self.similarity, "text": self.text}
        return {"kind": str(self.kind), "rule": "across"} | what


@dataclass(frozen=True, slots=True)
class Across:
    """What a cleaned document is left with.

    Attributes:
        text: without the paragraphs that repeat others.
        left_out: the document repeats another as a whole.
    """

    text: str
    repeats: tuple[Repeat, ...] = ()
    left_out: bool = False


@dataclass
class Deduplication:
    """How documents are compared, and, once they were, what was found.

    Attributes:
        unit: what is compared, ``paragraph`` (a line) or ``document``.
        threshold: least Jaccard similarity of a repeat.
        keep: ``first``, ``last``, ``longest``, or a field of the records: of two repeats the one with the smaller value stays, one without
            a value goes.
        min_words: units with fewer words take no part.
        workers: threads; None for as many as the corpus is worth.
    """

    unit: Literal["paragraph", "document"]
    threshold: float
    keep: str
    min_words: int
    workers: int | None = None
    found: Duplicates | None = field(default=None, init=False)

    def __call__(
        self, events: Iterable[Begin | End | tuple[Document, Cleaned]]
    ) -> Iterator[Begin | End | tuple[Document, Cleaned, Across]]:
        """The events, all read before the first is given on, with what each document is left with.

        Raises:
            ConfigError: no record has the field `keep`, or its values can't be put in order.
        """
        # NumPy takes longer to load than most commands to run.
        from textclean.duplicates import deduplicate

        events = list(events)
        pairs = [event for event in events if isinstance(event, tuple)]
        docs: list[Any] = [cleaned.text for _, cleaned in pairs]
        keep = self.keep
        if keep not in ORDERS:
            keys = _keys([document for document, _ in pairs], keep)
            docs = [{"text": text, _KEY: key} for text, key in zip(docs, keys, strict=True)]
            keep = _KEY if docs else "first"
        self.found = deduplicate(docs, unit=self.unit, threshold=self.threshold, keep=keep, min_words=self.min_words, workers=self.workers)
        results = self._results(pairs, self.found)
        for event in events:
            yield (*event, next(results)) if isinstance(event, tuple) else event

    def _results(self, pairs: list[tuple[Document, Cleaned]], found: Duplicates) -> Iterator[Across]:
        """What each document is left with, in order."""
        rows = found.records()
        row = next(rows, None)
        texts = iter(found.texts())
        for number in range(len(pairs)):
            repeats: list[Repeat] = []
            while row is not None and row["document"] == number:
                repeats.append(self._repeat(row, pairs))
                row = next(rows, None)
            left_out = self.unit == "document" and bool(repeats)
            yield Across("" if left_out else next(texts), tuple(repeats), left_out)

    def _repeat(self, row: dict[str, Any], pairs: list[tuple[Document, Cleaned]]) -> Repeat:
        (start, end), witness = row["span"], row["witness"]
        text = pairs[row["document"]][1].text[start:end]
        return Repeat(self.unit, (start, end), row["similarity"], text, pairs[witness["document"]][0], tuple(witness["span"]))


def _keys(documents: list[Document], name: str) -> list[Any]:
    """A field of the records; None where it is missing."""
    raw = [document.record.value(name) if document.record else None for document in documents]
    if documents and not any(raw):
        raise ConfigError(f"no record has a field {name!r} to say which of two repeats stays: name one, or {', '.join(ORDERS)}")
    return [None if value is None else _key(value, document) for value, document in zip(raw, documents, strict=True)]


def _key(raw: str, document: Document) -> Any:
    try:
        return json.loads(raw)
    except ValueError as error:  # a number of very many digits
        raise ConfigError(f"{document.place}: its value can't be put in order ({error})") from None
