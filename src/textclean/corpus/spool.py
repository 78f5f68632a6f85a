"""Stores what the first pass leaves to the second: clean texts, the records they belong to, and what was removed from them.

A shard is a folder:

    texts      the clean texts, UTF-8, one after the other: compared where they stand, read back when they are written
    places     file, line, id and source of each document, to name the documents that are witnesses
    ends       where the text and the place of each document end, in bytes: two uint64
    events     the records without their texts, a line each, compressed if zstandard is installed
    rows-N     the rows of table N as an Arrow stream
    keys       the value of each document that says which of two repeats stays

The folder gets its name once it is whole. Clean texts hold no lone surrogates, so all of them can be UTF-8. A shard may begin or end within
an input, whose other part is then in another shard.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from struct import Struct
from typing import IO, Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from textclean.document import Cleaned, Kind, Removal
from textclean.errors import MissingExtraError, OutputError, RecordError, SourceError
from textclean.files.disk import Disk
from textclean.files.lines import lines
from textclean.files.packing import packer, pieces, require_package
from textclean.files.sources import Packing, Source
from textclean.formats import Begin, Document, End, Reading
from textclean.formats.json_record import Frame, Record, decoded_value, parse
from textclean.formats.records import Fields, document

#: No line of the spool is too long: the reader of the input has seen to that.
_ANY = 1 << 62
_BUFFER = 1 << 20
#: Numbers that are made Python's at once: one by one that takes longer.
_AT_ONCE = 10_000
#: Where a text and a place end.
_ENDS = Struct("=QQ")


class SpoolWriter:
    """Writes a shard.

    Args:
        folder: the folder that the shard will be.
        numbers: the number of each input of the run, from 0.
        accounts: whether removals are stored too.
        places: whether the places of documents are stored too.
        key: the field whose value says which of two repeats stays; None for no such field.
        disk: writes the shard; whoever gives it settles it. None for one of its own that forces nothing to the disk.

    Raises:
        OutputError: the shard can't be written. Every method may raise this.
    """

    def __init__(
        self,
        folder: Path,
        numbers: Mapping[Source, int],
        accounts: bool,
        places: bool,
        key: str | None = None,
        disk: Disk | None = None,
    ) -> None:
        self._disk = disk or Disk(fsync=False)
        self._folder = folder
        self._draft = folder.with_name(f"{folder.name}.part")
        self._numbers = numbers
        self._begun = False
        self._accounts, self._wants_places = accounts, places
        self._key = key
        self._ends = array("Q")
        self._text_end = self._place_end = 0
        self._stack = ExitStack()
        self._files: list[BinaryIO] = []
        self._rows: _RowsWriter | None = None
        self._held = bytearray()
        with self._said():
            self._disk.remove_tree(self._draft)
            self._disk.make_folder(self._draft)
            self._texts, self._places, self._keys = self._open("texts"), self._open("places"), self._open("keys")
            self._raw = self._open("events")
            self._events = packer(self._raw, _packing(), fast=True)
            if self._events is not self._raw:
                self._stack.callback(self._events.close)

    def add(self, event: Begin | End | tuple[Document, Cleaned]) -> None:
        """Writes the next event or document."""
        with self._said():
            if isinstance(event, Begin):
                self._begin(b"B", event.source)
                return
            if not self._begun:
                self._begin(b"C", event[0].source if isinstance(event, tuple) else event.source)
            if isinstance(event, End):
                self._end_rows()
                self._line(b"E")
            else:
                self._document(*event)

    def close(self) -> None:
        """Completes the shard and gives it its final name."""
        with self._said():
            self._end_rows()
            self._flush()
            self._open("ends").write(self._ends.tobytes())
            if self._events is not self._raw:
                self._events.close()
            for file in self._files:
                self._disk.sync(file)
            self._stack.close()
            self._disk.sync_folder(self._draft)
            self._disk.remove_tree(self._folder)
            self._disk.rename(self._draft, self._folder)

    def discard(self) -> None:
        """Removes the unfinished shard."""
        with self._said():
            self._stack.close()
        self._disk.remove_tree(self._draft)

    def _begin(self, mark: bytes, source: Source) -> None:
        self._begun = True
        self._line(mark, b"%d" % self._numbers[source])

    def _document(self, document: Document, cleaned: Cleaned) -> None:
        self._text_end += self._texts.write(cleaned.utf8)
        number = document.line or 0
        if document.record is None:
            self._line(b"T")
        elif document.source.format.is_table:
            self._row(document)
            self._line(b"A", b"%d" % number)
        elif frame := cast("Record", document.record).frame(cleaned.utf8):
            self._line(b"F", b"%d %d %d %b" % (number, frame.at, frame.ascii, frame.raw))
        else:
            self._line(b"R", b"%d %b" % (number, cast("Record", document.record).raw))
        if self._accounts:
            self._line(b"", json.dumps([len(document.text), [_packed(removal) for removal in cleaned.removals]]).encode())
        if self._wants_places:
            self._place_end += self._places.write(document.where.encode())
        self._ends.extend((self._text_end, self._place_end))
        if self._key is not None:
            self._keys.write(order_key(document, self._key).encode() + b"\n")

    def _row(self, document: Document) -> None:
        if self._rows is None:
            self._rows = _RowsWriter(self._open(f"rows-{self._numbers[document.source]}"))
        self._rows.add(document.record)

    def _end_rows(self) -> None:
        if self._rows:
            self._rows.close()
            self._rows = None

    def _line(self, mark: bytes, content: bytes = b"") -> None:
        self._held += b"%b%b\n" % (mark, content)
        if len(self._held) >= _BUFFER:
            self._flush()

    def _flush(self) -> None:
        self._events.write(self._held)
        self._held = bytearray()

    def _open(self, name: str) -> BinaryIO:
        # Writing lets other threads in, and waiting for them costs more than it does.
        self._files.append(self._stack.enter_context(self._disk.create(self._draft / name, _BUFFER)))
        return self._files[-1]

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(f"{self._folder}: can't be written: {error.strerror or error}") from error


class SpooledShard:
    """A whole shard in the spool.

    Args:
        folder: the folder of the shard.
        sources: all inputs of the run.
        reading: how the documents were read.
        accounts: whether the shard holds removals.
    """

    def __init__(self, folder: Path, sources: list[Source], reading: Reading, accounts: bool) -> None:
        self._folder = folder
        self._sources = sources
        self._reading = reading
        self._accounts = accounts

    @property
    def texts(self) -> Path:
        """The file of the clean texts."""
        return self._folder / "texts"

    def __len__(self) -> int:
        """Returns the number of documents."""
        with self._readable():
            return (self._folder / "ends").stat().st_size // _ENDS.size

    def lengths(self) -> NDArray[np.uint64]:
        """Returns the lengths of the clean texts, in bytes; uint64.

        Raises:
            OutputError: the shard is not there any more.
        """
        with self._readable():
            ends = np.fromfile(self._folder / "ends", np.uint64)[::2]
        return np.diff(ends, prepend=np.uint64(0))

    def keep_keys(self) -> Iterator[Any]:
        """Yields the value of each document that says which of two repeats stays; None for a document without one."""
        with open(self._folder / "keys", "rb") as file:
            for line in file:
                yield json.loads(line)

    def document(self, number: int) -> tuple[str, str]:
        """Returns the clean text of a document, and its file, line, id and source as members of a JSON object.

        Args:
            number: the document's number in the shard, from 0.

        Raises:
            SourceError: the spool can't be read.
        """
        ends = _part(self._folder / "ends", max(number - 1, 0) * _ENDS.size, (number + 1) * _ENDS.size)
        (text, place), (text_end, place_end) = _ENDS.unpack(ends[: -_ENDS.size] or bytes(_ENDS.size)), _ENDS.unpack(ends[-_ENDS.size :])
        return _part(self.texts, text, text_end).decode(), _part(self._folder / "places", place, place_end).decode()

    def documents(self, texts: bool = True) -> Iterator[tuple[str, str]]:
        """Yields the clean text of each document, and its file, line, id and source as members of a JSON object.

        Args:
            texts: whether the texts are wanted; else they are empty.
        """
        with open(self.texts, "rb", buffering=_BUFFER) as file, open(self._folder / "places", "rb", buffering=_BUFFER) as places:
            with self._readable():
                ends = np.fromfile(self._folder / "ends", np.uint64)
            lengths, spans = np.diff(ends[::2], prepend=np.uint64(0)), np.diff(ends[1::2], prepend=np.uint64(0))
            for start in range(0, len(lengths), _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                for length, span in zip(lengths[part].tolist(), spans[part].tolist(), strict=True):
                    yield file.read(length).decode() if texts else "", places.read(span).decode()

    def events(self) -> Iterator[Begin | End | tuple[Document, Cleaned]]:
        """Yields the events and documents that were written, in order.

        Documents come without their original text, which is not stored.
        """
        with open(self.texts, "rb", buffering=_BUFFER) as texts, open(self._folder / "events", "rb") as raw:
            lengths = self._lengths()
            found = (line for line in lines((piece for piece, _ in pieces(raw, _packing())), _ANY) if line is not None)
            source = self._sources[0]
            rows: Iterator[Fields] = iter(())
            for line in found:
                mark, content = line[:1], line[1:]
                if mark in (b"B", b"C"):
                    source = self._sources[int(content)]
                    rows = _rows(self._folder / f"rows-{int(content)}", self._reading.text_field)
                    if mark == b"B":
                        yield Begin(source)
                elif mark == b"E":
                    yield End(source)
                else:
                    size, removals = self._account(found)
                    document = self._document(mark, content, source, rows, size)
                    yield document, Cleaned.restored("", texts.read(next(lengths)), removals)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(f"{self._folder}: can't be read again ({error.strerror}): force=True begins the run again") from error

    def _document(self, mark: bytes, content: bytes, source: Source, rows: Iterator[Fields], size: int) -> Document:
        """Makes a document without its original text, which nobody needs any more."""
        if mark == b"T":
            return Document(source, "", size=size)
        if mark == b"A":
            return document(source, "", int(content), next(rows), self._reading, size)
        record: Fields
        if mark == b"F":
            number, at, ascii_, raw = content.split(b" ", 3)
            record = Frame(raw, int(at), self._reading.text_field, ascii_ == b"1")
        else:
            number, _, raw = content.partition(b" ")
            record = parse(raw.decode(), self._reading.text_field)
        return document(source, "", int(number), record, self._reading, size)

    def _lengths(self) -> Iterator[int]:
        lengths = self.lengths()
        for start in range(0, len(lengths), _AT_ONCE):
            yield from lengths[start : start + _AT_ONCE].tolist()

    def _account(self, found: Iterator[bytes]) -> tuple[int, list[Removal]]:
        """Reads the length of the original text in code points and the removals from it; 0 and none if they were not stored."""
        size, removals = json.loads(next(found)) if self._accounts else (0, [])
        return size, [_unpacked(row) for row in removals]


def _packing() -> Packing:
    """Chooses Zstandard if it is installed: it takes less time than writing the bytes that it saves."""
    try:
        require_package(Packing.ZSTD)
    except MissingExtraError:
        return Packing.NONE
    return Packing.ZSTD


def _part(path: Path, start: int, end: int) -> bytes:
    try:
        with open(path, "rb") as file:
            file.seek(start)
            return file.read(end - start)
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}", "unreadable") from error


def _packed(removal: Removal) -> list[Any]:
    return [removal.start, removal.end, str(removal.kind), removal.rule, removal.score, removal.text, removal.witness]


def _unpacked(row: list[Any]) -> Removal:
    start, end, kind, rule, score, text, witness = row
    return Removal(start, end, Kind(kind), rule, score, text, tuple((a, b) for a, b in witness))


def order_key(document: Document, name: str) -> str:
    """Returns the value of a field as JSON on one line; ``null`` if there is none.

    Raises:
        RecordError: it can't be put in order: a number of thousands of digits, or nested too deeply.
    """
    raw = document.record.value(name) if document.record else None
    try:
        return "null" if raw is None else json.dumps(decoded_value(raw))
    except RecordError as error:
        raise RecordError(f"{document.place}: field {name!r} can't be put in order: {error}", error.reason) from None


class _RowsWriter:
    """Writes rows of a table, batch by batch, without those that could not be read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._stream: Any = None
        self._batch: Any = None
        self._kept: list[int] = []

    def add(self, row: Any) -> None:
        if row.batch is not self._batch:
            self._flush()
            self._batch = row.batch
        self._kept.append(row.index)

    def close(self) -> None:
        self._flush()
        if self._stream:
            self._stream.close()

    def _flush(self) -> None:
        from textclean.formats.tables import pyarrow, taken

        if not self._kept:
            return
        arrow = pyarrow()
        batch = taken(self._batch, self._kept)
        if self._stream is None:
            options = arrow.ipc.IpcWriteOptions(compression="lz4")
            self._stream = arrow.ipc.new_stream(self._file, batch.schema, options=options)
        self._stream.write_batch(batch)
        self._kept = []


def _rows(path: Path, field: str) -> Iterator[Fields]:
    """Reads the rows of a table."""
    if not path.exists():
        return
    from textclean.formats.tables import TableRow, pyarrow

    with open(path, "rb") as file:
        for batch in pyarrow().ipc.open_stream(file):
            column = batch.schema.get_field_index(field)
            yield from (TableRow(batch, index, column) for index in range(batch.num_rows))
