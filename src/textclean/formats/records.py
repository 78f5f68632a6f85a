"""What every format gives and takes: documents and the events around them, how they are to be read, and the bytes they are read from."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol

from textclean.document import Cleaned
from textclean.errors import RecordError, SourceError
from textclean.files.escapes import escaped
from textclean.files.packing import pieces
from textclean.files.sources import Source
from textclean.formats.json_record import dumps

if TYPE_CHECKING:
    from textclean.formats.across import Across

_MB = 1_000_000
#: What some programs put before the first byte.
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Reading:
    """How documents are read.

    Attributes:
        text_field, id_field, source_field: of records.
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


class Fields(Protocol):
    """What belongs to a text: the members of a JSON object, the columns of a row."""

    def value(self, name: str | None) -> str | None:
        """One of them, in JSON; None if there is none."""

    def fields(self) -> dict[str, Any]:
        """All of them, the text too."""

    def replaced(self, utf8: bytes, extra: tuple[str, Any] | None = None) -> bytes:
        """All of them as a line of JSON, with another text, and with one set or added."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text to clean, and where it stood.

    Attributes:
        line: of a file of records, from 1: the line, or the number of the record; None for a text file.
        id, origin: the record's id and source as they stand in it, in JSON.
        field: the name of the record's text.
        size: code points of the text, if it is not at hand any more.
    """

    source: Source
    text: str
    line: int | None = None
    record: Fields | None = None
    id: str | None = None
    origin: str | None = None
    field: str = "text"
    size: int | None = None

    @property
    def characters(self) -> int:
        """Code points of the text."""
        return len(self.text) if self.size is None else self.size

    @property
    def place(self) -> str:
        """File and line."""
        return location(self.source, self.line)

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

    def rendered(self, cleaned: Cleaned, removals_field: str | None = None, across: Across | None = None) -> bytes:
        """The document as it is written: with the clean text, or what other documents leave of it, and all else as it was; UTF-8."""
        utf8 = across.text.encode() if across else cleaned.utf8
        if self.record is None:
            return utf8 + b"\n" if utf8 else b""
        extra = (removals_field, self.removed(cleaned, across)) if removals_field else None
        return self.record.replaced(utf8, extra) + b"\n"

    def removed(self, cleaned: Cleaned, across: Across | None = None) -> list[dict[str, Any]]:
        """What was removed, as JSON has it."""
        removed = [removal.to_dict() for removal in cleaned.removals]
        if across:
            removed.extend(repeat.to_dict() for repeat in across.repeats)
        return removed

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


def location(source: Source, line: int | None) -> str:
    """File and line, as compilers write them."""
    return source.name if line is None else f"{source.name}:{line}"


class Pieces(Iterator[bytes]):
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
            self.failed = SourceError(f"{self._source.name}: {error}", error.reason)
            raise StopIteration from None
        self._on_bytes(self._source, count)
        return piece


class Stream(io.RawIOBase):
    """The same as a file, for libraries that want one. Wrap it in `io.BufferedReader`."""

    def __init__(self, data: Iterable[bytes]) -> None:
        self._data = iter(data)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fills the buffer as far as one piece goes."""
        while not self._rest:
            piece = next(self._data, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        part = self._rest[: len(buffer)]
        buffer[: len(part)] = part
        self._rest = self._rest[len(part) :]
        return len(part)


def document(source: Source, text: str, number: int, record: Fields, reading: Reading, size: int | None = None) -> Document:
    """A record with its id and source."""
    id_, origin = record.value(reading.id_field), record.value(reading.source_field)
    return Document(source, text, number, record, id_, origin, reading.text_field, size)


def decoded(data: bytes, whole: bool = True) -> str:
    """Bytes as text; of those that break off, up to the last whole character.

    Raises:
        RecordError: they are not UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if not whole and error.reason == "unexpected end of data":
            return data[: error.start].decode("utf-8")
        raise RecordError(
            f"not UTF-8: byte 0x{data[error.start]:02x} at {error.start:,} (convert it first, e.g. iconv -f WINDOWS-1252 -t UTF-8)",
            "not-utf8",
        ) from None


def over_limit(reading: Reading) -> str:
    """What is said of a record that is too long."""
    return f"over the limit of {reading.max_bytes:,} bytes (max_mb=... raises it)"


#: Why such a record is skipped, in counts.
OVER_LIMIT = "over-limit"
