"""Documents out of a source: one a file for text, one a line for JSONL.

What can't be read is yielded as an error in the place of the document: `RecordError` for one record, `SourceError` for (the rest of) a
file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from textclean.document import Cleaned
from textclean.errors import CorpusError, RecordError, SourceError
from textclean.io.escapes import escaped
from textclean.io.jsonl import Record, dumps, parse
from textclean.io.lines import lines
from textclean.io.packing import pieces
from textclean.io.sources import Format, Source

if TYPE_CHECKING:
    from textclean.io.across import Across

_MB = 1_000_000
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Reading:
    """How documents are read.

    Attributes:
        text_field, id_field, source_field: of JSONL records.
        max_bytes: of a record or a text file, unpacked. Bounds memory, which is some ten times the longest text.
        stdin: what is read for the source ``-``.
        on_bytes: is told how many bytes of the file were read so far.
    """

    text_field: str = "text"
    id_field: str | None = None
    source_field: str | None = None
    max_bytes: int = 256 * _MB
    stdin: IO[bytes] | None = None
    on_bytes: Callable[[Source, int], None] = lambda source, count: None


@dataclass(frozen=True, slots=True)
class Document:
    """A text to clean, and where it stood.

    Attributes:
        line: of a JSONL file, from 1; None for a text file.
        id, origin: the record's id and source as they stand in it, in JSON.
    """

    source: Source
    text: str
    line: int | None = None
    record: Record | None = None
    id: str | None = None
    origin: str | None = None

    @property
    def place(self) -> str:
        """File and line."""
        return place(self.source, self.line)

    @property
    def where(self) -> str:
        """File, line, id and source, as members of a JSON object."""
        # Id and source go over as they are written in the record: no number changes its spelling.
        members = {
            "file": dumps(self.source.name),
            "line": dumps(self.line),
            "id": escaped(self.id or "null"),
            "source": escaped(self.origin or "null"),
        }
        return ", ".join(f'"{name}": {value}' for name, value in members.items())

    def rendered(self, cleaned: Cleaned, removals_field: str | None = None, across: Across | None = None) -> str:
        """The document as it is written: with the clean text, or what other documents leave of it, and all else as it was."""
        text = across.text if across else cleaned.text
        if self.record is None:
            return f"{text}\n" if text else ""
        if not removals_field:
            return f"{self.record.replaced(text)}\n"
        removed = [removal.to_dict() for removal in cleaned.removals]
        if across:
            removed.extend(repeat.to_dict() for repeat in across.repeats)
        return f"{self.record.replaced(text, (removals_field, removed))}\n"

    def account(self, cleaned: Cleaned, across: Across | None = None) -> Iterator[str]:
        """A line of JSON for each removal: file, line, id and source of the document, then what `Removal` or `Repeat` says."""
        removed = [dumps(removal.to_dict()) for removal in cleaned.removals]
        if across:
            removed.extend(repeat.to_json() for repeat in across.repeats)
        for line in removed:
            yield f"{{{self.where}, {line[1:]}\n"

    def to_json(self, cleaned: Cleaned) -> str:
        """All that is known of the cleaned document, as a line of JSON: file and line for JSONL, then what `Cleaned` says."""
        where = {} if self.line is None else {"file": self.source.name, "line": self.line}
        return dumps(where | cleaned.to_dict())


@dataclass(frozen=True, slots=True)
class Begin:
    """A source could be opened; its documents follow."""

    source: Source


@dataclass(frozen=True, slots=True)
class End:
    """All documents of a source that could be read have come."""

    source: Source


Event = Begin | Document | End


def place(source: Source, line: int | None) -> str:
    """File and line, as compilers write them."""
    return source.name if line is None else f"{source.name}:{line}"


def read(source: Source, reading: Reading) -> Iterator[Event | CorpusError]:
    """What is in a source: `Begin`, documents and errors in their order, `End`.

    A file of which nothing could be read gives a `SourceError` alone. One that is damaged or cut short gives what could be read of it, with
    a `SourceError` before `End`; the line in which it breaks off is dropped, a text is kept up to there.
    """
    try:
        file = open(source.path, "rb") if source.path else nullcontext(reading.stdin)  # noqa: SIM115 - closed by the with below
    except OSError as error:
        yield SourceError(f"{source.name}: {error.strerror}")
        return
    with file as raw:
        if raw is None:
            raise ValueError("a source without a path needs a file in reading.stdin")
        data = _Pieces(source, raw, reading)
        first = next(filter(None, data), b"")
        if data.failed and not first:
            yield data.failed
            return
        data.first = first
        yield Begin(source)
        yield from (_text if source.format is Format.TXT else _records)(source, data, reading)
        if data.failed:
            yield data.failed
        yield End(source)


class _Pieces(Iterator[bytes]):
    """Pieces of a file up to its end or to where it breaks off; then `failed` says why."""

    def __init__(self, source: Source, raw: IO[bytes], reading: Reading) -> None:
        self.first = b""
        self.failed: SourceError | None = None
        self._source = source
        self._pieces = pieces(raw, source.packing)
        self._on_bytes = reading.on_bytes

    def __next__(self) -> bytes:
        if self.first:
            first, self.first = self.first, b""
            return first
        try:
            piece, count = next(self._pieces)
        except SourceError as error:
            self.failed = SourceError(f"{self._source.name}: {error}")
            raise StopIteration from None
        self._on_bytes(self._source, count)
        return piece


def _text(source: Source, data: _Pieces, reading: Reading) -> Iterator[Event | CorpusError]:
    held: list[bytes] = []
    size = 0
    for piece in data:
        size += len(piece)
        if size > reading.max_bytes:
            yield RecordError(f"{source.name}: {_over_limit(reading)}")
            return
        held.append(piece)
    try:
        yield Document(source, _decoded(b"".join(held), whole=data.failed is None))
    except RecordError as error:
        yield RecordError(f"{source.name}: {error}")


def _records(source: Source, data: _Pieces, reading: Reading) -> Iterator[Event | CorpusError]:
    for number, line in enumerate(lines(data, reading.max_bytes, lambda: data.failed is not None), 1):
        yield from _record(source, number, line, reading)


def _record(source: Source, number: int, line: bytes | None, reading: Reading) -> Iterator[Document | RecordError]:
    try:
        if line is None:
            raise RecordError(_over_limit(reading))
        # Some programs put a byte order mark before the first record, and no parser of JSON takes it.
        text = _decoded(line.removeprefix(_BOM) if number == 1 else line)
        if text.strip():
            record = parse(text, reading.text_field)
            yield Document(source, record.text, number, record, record.value(reading.id_field), record.value(reading.source_field))
    except RecordError as error:
        yield RecordError(f"{place(source, number)}: {error}")


def _decoded(data: bytes, whole: bool = True) -> str:
    """Bytes as text; of those that break off, up to the last whole character."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if not whole and error.reason == "unexpected end of data":
            return data[: error.start].decode("utf-8")
        raise RecordError(
            f"not UTF-8: byte 0x{data[error.start]:02x} at {error.start:,} (convert it first, e.g. iconv -f WINDOWS-1252 -t UTF-8)"
        ) from None


def _over_limit(reading: Reading) -> str:
    return f"over the limit of {reading.max_bytes:,} bytes (--max-mb raises it)"
