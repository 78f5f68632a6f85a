"""What other documents say already, and what each document is left with.

Spans are those of the clean texts as they are compared: a removal of the cleaning has its place in the source, a repeat across documents
has its own in what came of that.
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
    """Where a document stands, once the document itself is no longer at hand.

    Attributes:
        where: file, line, id and source, as members of a JSON object, spelled as its record spells them.
    """

    where: str

    @cached_property
    def _members(self) -> dict[str, Any]:
        # Numbers are not looked at, and may have more digits than Python takes.
        members: dict[str, Any] = json.loads(f"{{{self.where}}}", parse_int=str, parse_float=str)
        return members

    @property
    def file(self) -> str:
        """The name of the file."""
        return str(self._members["file"])

    @property
    def line(self) -> int | None:
        """The line in it, if it is a file of records."""
        line = self._members["line"]
        return None if line is None else int(line)

    @property
    def name(self) -> str:
        """File and line, as compilers write them."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


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
    witness: DocumentPlace
    witness_span: tuple[int, int]

    @property
    def kind(self) -> Kind:
        """Exact if both have the same shingles, near otherwise."""
        return Kind.REPEAT_EXACT if self.similarity == 1 else Kind.REPEAT_NEAR

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; the witness by file and line."""
        witness = {"file": self.witness.file, "line": self.witness.line, "span": list(self.witness_span)}
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
        repeats: what went, if that is wanted.
        gone: how much went.
        left_out: the document repeats another as a whole.
    """

    text: str
    repeats: tuple[Repeat, ...] = ()
    gone: int = 0
    left_out: bool = False
