"""What remains of a document once text that repeats other documents is taken out.

Spans of such repeats count code points of the clean text, since clean texts are compared. Spans of removals by cleaning count code points
of the source text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from textclean.document import Kind
from textclean.formats.json_record import dumps


@dataclass(frozen=True)
class DocumentPlace:
    """The place of a document: its file and line, for documents whose record is not in memory any more.

    Attributes:
        where: file, line, id and source, as members of a JSON object, without its braces; id and source spelled as in their record. Of a
            document that an index has seen in an earlier run: index, id, source and date.
    """

    where: str

    @cached_property
    def _members(self) -> dict[str, Any]:
        # Numbers are not looked at, and may have more digits than Python takes.
        members: dict[str, Any] = json.loads(f"{{{self.where}}}", parse_int=str, parse_float=str)
        return members

    @property
    def short(self) -> dict[str, Any]:
        """File and line, or index and id, as a dict that JSON can hold."""
        if "index" in self._members:
            return {"index": self._members["index"], "id": self._members["id"]}
        return {"file": self.file, "line": self.line}

    @property
    def file(self) -> str:
        """The name of the file."""
        return str(self._members["file"])

    @property
    def line(self) -> int | None:
        """The line or record number in the file, from 1; None for a text file."""
        line = self._members["line"]
        return None if line is None else int(line)

    @property
    def name(self) -> str:
        """File and line, as compilers write them: ``pages.jsonl:7``; of a document of an index the index and its id there."""
        if "index" in self._members:
            return f"{self._members['index']}: {self._members['id']}"
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A paragraph, or a whole document, that repeats one that stays (its witness).

    Attributes:
        unit: ``paragraph`` or ``document``.
        span: ``[start, end)`` in code points of the clean text.
        similarity: exact Jaccard similarity of this unit and its witness.
        text: the repeated text.
        witness: the document in which the witness stands.
        witness_span: the span of the witness in code points of that document's clean text.
    """

    unit: str
    span: tuple[int, int]
    similarity: float
    text: str
    witness: DocumentPlace
    witness_span: tuple[int, int]

    @property
    def kind(self) -> Kind:
        """Kind of removal: exact if unit and witness have the same shingles, else near."""
        return Kind.REPEAT_EXACT if self.similarity == 1 else Kind.REPEAT_NEAR

    def to_dict(self) -> dict[str, Any]:
        """Returns the repeat as a dict that JSON can hold, the witness by file, line and span, or by index, id and span."""
        return self._what() | {"witness": self.witness.short | {"span": list(self.witness_span)}}

    def to_json(self) -> str:
        """Returns the repeat as a JSON object, the witness by file, line, id, source and span, or by index, id, source, date and span.

        Id and source of the witness are spelled as in its record.
        """
        return f'{dumps(self._what())[:-1]}, "witness": {{{self.witness.where}, "span": {dumps(self.witness_span)}}}}}'

    def _what(self) -> dict[str, Any]:
        what = {"unit": self.unit, "span": list(self.span), "similarity": self.similarity, "text": self.text}
        return {"kind": str(self.kind), "rule": "across"} | what


@dataclass(frozen=True, slots=True)
class Across:
    """What remains of a cleaned document after the comparison with other documents.

    Attributes:
        text: the clean text without the paragraphs that repeat others.
        repeats: the repeats taken out; empty if nobody lists them.
        gone: the number of units taken out.
        left_out: whether the whole document repeats another and is not written.
    """

    text: str
    repeats: tuple[Repeat, ...] = ()
    gone: int = 0
    left_out: bool = False
