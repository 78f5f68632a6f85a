"""The types that all formats share: documents, the events around them, options of reading, and the bytes that are read."""

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
        text_field, id_field, source_field: names of the fields that hold a record's text, id and source.
        max_bytes: largest size of a record or a text file, unpacked. It bounds memory, which is some ten times the longest text.
        stdin: the file that is read for the source ``-``.
        on_bytes: called with a source and the number of its bytes that were read so far.
        check: called with each document that was read; raises `RecordError` for one that could not be written later.
    """

    text_field: str = "text"
    id_field: str | None = None
    source_field: str | None = None
    max_bytes: int = 256 * _MB
    stdin: IO[bytes] | None = None
    on_bytes: Callable[[Source, int], None] = lambda source, count: None
    check: Callable[[Document], None] = lambda document: None


class Fields(Protocol):
    """What belongs to a text: the members of a JSON object, or the columns of a row."""

    def value(self, name: str | None) -> str | None:
        """Returns the value of one field as JSON; None if there is no such field or `name` is None."""

    def fields(self) -> dict[str, Any]:
        """Returns all fields, decoded; the text is among them."""

    def replaced(self, utf8: bytes, extra: tuple[str, Any] | None = None) -> bytes:
        """Returns all fields as a line of JSON, with another text (given as UTF-8), and with the field `extra` set or added."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text to clean, and where it stood.

    Attributes:
        source: the file.
        text: the text.
        line: the line or the record number in a file of records, from 1; None for a text file.
        record: the fields that belong to the text; None for a text file.
        id, origin: the record's id and source, as JSON, spelled as in the record.
        field: the name of the field that holds the text.
        size: the text's length in code points, where `text` is not in memory any more.
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
        """Length of the text in code points."""
        return len(self.text) if self.size is None else self.size

    @property
    def place(self) -> str:
        """File and line, as compilers write them: ``pages.jsonl:7``."""
        return location(self.source, self.line)

    @property
    def where(self) -> str:
        """File, line, id and source, as members of a JSON object, without its braces."""
        # Id and source go over as they are written in the record: no number changes its spelling.
        members = {
            "file": dumps(self.source.name),
            "line": dumps(self.line),
            "id": escaped(self.id or "null"),
            "source": escaped(self.origin or "null"),
        }
        return ", ".join(f'"{name}": {value}' for name, value in members.items())

    def rendered(self, cleaned: Cleaned, removals_field: str | None = None, across: Across | None = None) -> bytes:
        """Returns the document as it is written, in UTF-8: with the cleaned text, and every other field as it was.

        Args:
            cleaned: the result of cleaning.
            removals_field: the name of a field that gets the list of removals; None for no such field.
            across: what remains of the text after the comparison with other documents; None if all of it remains.
        """
        utf8 = across.text.encode() if across else cleaned.utf8
        if self.record is None:
            return utf8 + b"\n" if utf8 else b""
        extra = (removals_field, self.removed(cleaned, across)) if removals_field else None
        return self.record.replaced(utf8, extra) + b"\n"

    def removed(self, cleaned: Cleaned, across: Across | None = None) -> list[dict[str, Any]]:
        """Lists what was removed, as dicts that JSON can hold: removals of cleaning first, repeats of other documents last."""
        removed = [removal.to_dict() for removal in cleaned.removals]
        if across:
            removed.extend(repeat.to_dict() for repeat in across.repeats)
        return removed

    def account(self, cleaned: Cleaned, across: Across | None = None) -> Iterator[str]:
        """Yields a line of JSON for each removal: file, line, id and source of the document, then the fields of `Removal` or `Repeat`."""
        removed = [dumps(removal.to_dict()) for removal in cleaned.removals]
        if across:
            removed.extend(repeat.to_json() for repeat in across.repeats)
        for line in removed:
            yield f"{{{self.where}, {line[1:]}\n"

    def to_json(self, cleaned: Cleaned) -> str:
        """Returns text, removals, fields and fixes of a cleaned document as a JSON object, for a record with file and line before them."""
        where = {} if self.line is None else {"file": self.source.name, "line": self.line}
        return dumps(where | cleaned.to_dict())


@dataclass(frozen=True, slots=True)
class Begin:
    """The event that a source could be opened. The events of its documents follow."""

    source: Source


@dataclass(frozen=True, slots=True)
class End:
    """The event that all documents of a source that could be read have come."""

    source: Source


Event = Begin | Document | End


def location(source: Source, line: int | None) -> str:
    """Returns file and line, as compilers write them: ``pages.jsonl:7``."""
    return source.name if line is None else f"{source.name}:{line}"


class Pieces(Iterator[bytes]):
    """An iterator over the unpacked pieces of a file, up to its end or to where it breaks off.

    Attributes:
        first: a piece that comes before the others, put back by a reader that has looked at it.
        failed: the error, if the file broke off; else None.
    """

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
    """A raw binary file that reads from pieces of bytes, for libraries that want a file. Wrap it in `io.BufferedReader`."""

    def __init__(self, data: Iterable[bytes | memoryview]) -> None:
        self._data = iter(data)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Returns True: the stream can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fills the buffer from one piece and returns the number of bytes; 0 at the end."""
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
    """Makes the document of a record, with its id and source looked up.

    Args:
        source: the file.
        text: the record's text.
        number: the line or the record number, from 1.
        record: the fields of the record.
        reading: the names of the fields.
        size: the text's length in code points, if `text` is not the text itself.
    """
    id_, origin = record.value(reading.id_field), record.value(reading.source_field)
    return Document(source, text, number, record, id_, origin, reading.text_field, size)


def decoded(data: bytes, whole: bool = True) -> str:
    """Decodes UTF-8.

    Args:
        data: the bytes.
        whole: whether the bytes are all there; if not, an incomplete character at their end is dropped.

    Raises:
        RecordError: the bytes are not UTF-8.
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
    """Returns the message for a record that is too long."""
    return f"over the limit of {reading.max_bytes:,} bytes (max_mb=... raises it)"


#: Why such a record is skipped, in counts.
OVER_LIMIT = "over-limit"
