"""Reads and writes rows of Parquet and Arrow files with pyarrow. Columns keep their types, and all columns but the text their values.

Rows come and go in batches as they stand in the file, and each batch is bounded in rows and in bytes (`table_batches.py`). A packed file
(.parquet.gz) is unpacked to a temporary one first, as such files are read from their end.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from textclean.errors import CorpusError, MissingExtraError, RecordError, SourceError, short
from textclean.files.output import Output
from textclean.files.packing import pieces
from textclean.files.sources import Format, Packing, Source
from textclean.formats.json_record import dumps
from textclean.formats.records import OVER_LIMIT, Event, Reading, document, location, over_limit
from textclean.formats.table_batches import BYTES, ROWS, batches


def pyarrow() -> Any:
    """Imports the package pyarrow and its module for Parquet, and returns the package.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "arrow", "reading and writing Parquet and Arrow") from None
    return pyarrow


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a batch.

    Attributes:
        batch: the record batch.
        index: the row's number in the batch, from 0.
        column: the number of the column that holds the text, from 0.
    """

    batch: Any
    index: int
    column: int

    def value(self, name: str | None) -> str | None:
        """Returns the value of a column as JSON; None if there is no such column or `name` is None."""
        at = self.batch.schema.get_field_index(name) if name is not None else -1
        return None if at < 0 else _json(self.batch.column(at)[self.index].as_py())

    def fields(self) -> dict[str, Any]:
        """Returns the values of all columns as Python objects, by column name."""
        row: dict[str, Any] = self.batch.slice(self.index, 1).to_pylist()[0]
        return row

    def replaced(self, utf8: bytes, extra: tuple[str, Any] | None = None) -> bytes:
        """Returns the row as a JSON object, see `Fields.replaced`. Dates and other types that JSON lacks become strings."""
        fields = self.fields() | {self.batch.schema.names[self.column]: utf8.decode()} | (dict([extra]) if extra else {})
        return _json(fields).encode()


def _json(value: Any) -> str:
    try:
        return dumps(value)
    except TypeError:
        return dumps(plain_value(value))


def plain_value(value: Any) -> Any:
    """Returns a value in JSON's own types; a type that JSON lacks becomes a string."""
    if isinstance(value, dict):
        return {str(key): plain_value(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_value(each) for each in value]
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


@contextmanager
def opened(source: Source, raw: IO[bytes]) -> Iterator[Iterator[Any]]:
    """Opens a table and gives its record batches.

    Raises:
        SourceError: the file is no such table, or is damaged; also while the block reads on.
        MissingExtraError: pyarrow is not installed.
    """
    arrow = pyarrow()
    with tempfile.TemporaryFile() as unpacked:
        try:
            file = raw
            if source.packing is not Packing.NONE or not raw.seekable():
                for piece, _ in pieces(raw, source.packing):
                    unpacked.write(piece)
                unpacked.seek(0)
                file = unpacked
            yield batches(arrow, file, source.format)
        except SourceError as error:
            raise SourceError(f"{source.name}: {error}", error.reason) from None
        except (arrow.ArrowException, MemoryError, OSError, ValueError, struct.error) as error:
            raise SourceError(f"{source.name}: not read as {source.format}: {short(error)}", "damaged") from error


def documents(source: Source, found: Iterator[Any], reading: Reading, first: int = 1) -> Iterator[Event | CorpusError]:
    """Yields a document for each row, and an error for each row whose text can't be read.

    Args:
        source: the file, for the places of documents.
        found: its record batches.
        reading: field names and limits.
        first: number of the first row wanted, from 1. Only batches that end before it are passed over, so some rows before it may come.

    Raises:
        SourceError: there is no column of the text's name.
    """
    number = 0
    for batch in found:
        column = batch.schema.get_field_index(reading.text_field)
        if column < 0:
            names = ", ".join(map(repr, batch.schema.names))
            raise SourceError(
                f"no column {reading.text_field!r}; the columns are {names} (text=FIELD names the one with the text)", "no-text-field"
            )
        if number + batch.num_rows < first:
            number += batch.num_rows
            continue
        for index, value in enumerate(batch.column(column)):
            number += 1
            try:
                text = _text(value, reading)
            except RecordError as error:
                yield RecordError(f"{location(source, number)}: {error}", error.reason)
                continue
            yield document(source, text, number, TableRow(batch, index, column), reading)


def _text(value: Any, reading: Reading) -> str:
    try:
        text = value.as_py()
    except UnicodeDecodeError:
        raise RecordError("not UTF-8", "not-utf8") from None
    if not isinstance(text, str):
        raise RecordError(f"column {reading.text_field!r} is not a string but {text!r:.40}", "not-a-text")
    if len(text) > reading.max_bytes:
        raise RecordError(over_limit(reading), OVER_LIMIT)
    return text


class TableWriter:
    """Writes a table, batch by batch.

    Rows that were read from a table keep their types; for other records the first batch decides the types.

    Args:
        output: the file.
        format_: Parquet or Arrow (the file format, compressed with LZ4, which is Feather version 2).
    """

    def __init__(self, output: Output, format_: Format) -> None:
        self._arrow = pyarrow()
        self._output = output
        self._format = format_
        self._table: Any = None
        self._batch: Any = None
        self._rows: list[tuple[int, str]] = []
        self._records: list[dict[str, Any]] = []
        self._held = 0

    def write_row(self, row: TableRow, text: str) -> None:
        """Adds a row with another text in its text column."""
        if row.batch is not self._batch:
            self._flush()
            self._batch = row.batch
            self._column = row.column
        self._rows.append((row.index, text))

    def write(self, fields: dict[str, Any]) -> None:
        """Adds a record.

        Raises:
            OutputError: the file can't be written, or a value does not fit the type that earlier records gave its field.
        """
        self._records.append(fields)
        self._held += _size(fields)
        if len(self._records) >= ROWS or self._held >= BYTES:
            self._flush()

    def close(self) -> None:
        """Writes the rows held back and the end of the table."""
        self._flush()
        if self._table is None:
            # A table of no rows has no columns that anybody told.
            self._open(self._arrow.schema([]))
        with self._output.errors():
            self._table.close()

    def _flush(self) -> None:
        if self._rows:
            self._put(replaced(self._batch, self._column, self._rows))
            self._rows = []
        if self._records:
            self._put(self._typed(self._records))
            self._records, self._held = [], 0

    def _typed(self, records: list[dict[str, Any]]) -> Any:
        arrow = self._arrow
        try:
            if self._table is None:
                batch = arrow.RecordBatch.from_pylist(records, schema=self._schema(records))
            else:
                known = set(self._known.names)
                if strange := next((name for record in records for name in record if name not in known), None):
                    raise self._output.refused(f"a record has the field {strange!r}, which none of the first has: write .jsonl instead")
                batch = arrow.RecordBatch.from_pylist(records, schema=self._known)
        except (arrow.ArrowException, TypeError, OverflowError) as error:
            raise self._output.refused(f"values of one field have no one type ({error}): write .jsonl instead") from None
        return batch

    def _schema(self, records: list[dict[str, Any]]) -> Any:
        arrow = self._arrow
        names = dict.fromkeys(name for record in records for name in record)
        types = {name: arrow.array([record.get(name) for record in records]).type for name in names}
        # A field of nothing but null may hold anything later; mostly that is text.
        return arrow.schema([(name, arrow.string() if type_ == arrow.null() else type_) for name, type_ in types.items()])

    def _open(self, schema: Any) -> None:
        arrow, self._known = self._arrow, schema
        with self._output.errors():
            if self._format is Format.PARQUET:
                self._table = arrow.parquet.ParquetWriter(self._output.file, schema, compression="zstd")
            else:
                options = arrow.ipc.IpcWriteOptions(compression="lz4")
                self._table = arrow.ipc.new_file(self._output.file, schema, options=options)

    def _put(self, batch: Any) -> None:
        if self._table is None:
            self._open(batch.schema)
        with self._output.errors():
            self._table.write_batch(batch)
        self._output.size += batch.nbytes


def _size(value: Any) -> int:
    """Returns about how many bytes a value of JSON takes, each code point counted as one."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + _size(each) for key, each in value.items())
    return sum(map(_size, value)) if isinstance(value, list) else 8


def replaced(batch: Any, column: int, rows: list[tuple[int, str]]) -> Any:
    """Returns some rows of a batch with other texts. All other columns, and the schema with its metadata, stay as they are.

    Args:
        batch: the record batch.
        column: the number of the text column, from 0.
        rows: the numbers of the wanted rows, from 0, each with its new text.
    """
    arrow = pyarrow()
    indices = [index for index, _ in rows]
    part = taken(batch, indices)
    field = batch.schema.field(column)
    texts = arrow.array([text for _, text in rows], arrow.large_string()).cast(_string(arrow, field.type))
    if arrow.types.is_dictionary(field.type):
        texts = texts.dictionary_encode().cast(field.type)
    return arrow.RecordBatch.from_arrays([*part.columns[:column], texts, *part.columns[column + 1 :]], schema=batch.schema)


def taken(batch: Any, indices: list[int]) -> Any:
    """Returns some rows of a batch, given by their numbers in ascending order; the batch itself if these are all of its rows."""
    if len(indices) == batch.num_rows:
        return batch
    arrow = pyarrow()
    try:
        return batch.take(arrow.array(indices, arrow.int64()))
    except NotImplementedError:
        # Arrow's kernels don't know some types (string_view). Slices and their concatenation know all.
        rows = arrow.Table.from_batches([batch.slice(index, 1) for index in indices], batch.schema).combine_chunks()
        return rows.to_batches()[0] if indices else batch.slice(0, 0)


def _string(arrow: Any, type_: Any) -> Any:
    return type_.value_type if arrow.types.is_dictionary(type_) else type_
