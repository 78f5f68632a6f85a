"""Reads and writes rows of .csv and .tsv with the standard library's `csv`. The first row names the columns.

Every value is a string and stays one, so a postcode keeps its zeros. A row is a record: its values become a JSON object and are written as
a row again. Files without a header can't be read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from textclean.errors import CorpusError, RecordError, SourceError
from textclean.files.lines import lines
from textclean.files.output import Output
from textclean.files.sources import Format, Source
from textclean.formats.json_record import built
from textclean.formats.records import BOM, OVER_LIMIT, Document, Event, Pieces, Reading, document, location, over_limit


def documents(source: Source, data: Pieces, reading: Reading, first: int = 1) -> Iterator[Event | CorpusError]:
    """Yields a document for each row, and an error for each row that can't be read.

    Of a file that breaks off, the last row is left out.

    Args:
        source: the file, for the places of documents.
        data: its unpacked bytes.
        reading: field names and limits.
        first: number of the line, from 1, in which the first row wanted begins.
    """
    # The limit is that of the process. It is never lowered: others may rely on theirs.
    csv.field_size_limit(max(csv.field_size_limit(), reading.max_bytes))
    feed = _Lines(data, reading)
    rows = csv.reader(feed, delimiter=_delimiter(source.format))
    header: list[str] | None = None
    held: Document | CorpusError | None = None
    while True:
        start = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            if held:
                yield held
            held = None
            yield RecordError(f"{location(source, start)}: not read: {error}", "not-csv")
            continue
        if feed.too_long:
            feed.too_long = False
            if held:
                yield held
            held = None
            yield RecordError(f"{location(source, rows.line_num)}: {over_limit(reading)}", OVER_LIMIT)
        elif header is None and row:
            header = row
            if problem := _problem(header, reading.text_field):
                yield SourceError(f"{source.name}: {problem}", "no-text-field")
                return
        elif row and header:
            if held:
                yield held
            held = _document(source, start, header, row, reading) if start >= first else None
    if held and not data.failed:
        yield held


class _Lines(Iterator[str]):
    """An iterator of bounded lines for `csv`. Bytes that are not UTF-8 become lone surrogates, so that only their own row is refused."""

    def __init__(self, data: Pieces, reading: Reading) -> None:
        self.too_long = False
        self._lines = lines(data, reading.max_bytes)
        self._first = True

    def __next__(self) -> str:
        line = next(self._lines)
        if line is None:
            self.too_long = True
            return "\n"
        if self._first:
            line, self._first = line.removeprefix(BOM), False
        return line.decode("utf-8", "surrogateescape") + "\n"


def _problem(header: list[str], text_field: str) -> str | None:
    if text_field not in header:
        return f"no column {text_field!r}; the columns are {', '.join(map(repr, header))} (text=FIELD names the one with the text)"
    doubled = {name for name in header if header.count(name) > 1}
    return f"two columns are called {min(doubled)!r}: rename one" if doubled else None


def _document(source: Source, number: int, header: list[str], row: list[str], reading: Reading) -> Document | RecordError:
    if len(row) != len(header):
        return RecordError(f"{location(source, number)}: {len(row):,} values in a row of {len(header):,} columns", "not-csv")
    if any(not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value) for value in row):
        return RecordError(f"{location(source, number)}: not UTF-8 (convert it first, e.g. iconv -f WINDOWS-1252 -t UTF-8)", "not-utf8")
    record = built(dict(zip(header, row, strict=True)), reading.text_field)
    return document(source, record.text, number, record, reading)


def _delimiter(format_: Format) -> str:
    return "\t" if format_ is Format.TSV else ","


class DelimitedWriter:
    """Writes records as rows below a header, which has the field names of the first record."""

    def __init__(self, output: Output, format_: Format) -> None:
        self._output = output
        self._delimiter = _delimiter(format_)
        self._header: list[str] | None = None

    def write(self, fields: dict[str, Any]) -> None:
        """Writes a record as a row. A value that is not a string is written as JSON, None as an empty cell.

        Raises:
            OutputError: the file can't be written, or the record has a field that the header does not have.
        """
        if self._header is None:
            self._header = list(fields)
            self._row(self._header)
        if strange := fields.keys() - set(self._header):
            raise self._output.refused(f"a record has the field {min(strange)!r}, which the first one has not: write .jsonl instead")
        self._row([_cell(fields.get(name)) for name in self._header])

    def close(self) -> None:
        """Does nothing, since every row is written at once."""

    def _row(self, cells: list[str]) -> None:
        line = io.StringIO()
        csv.writer(line, delimiter=self._delimiter, lineterminator="\n").writerow(cells)
        self._output.write(line.getvalue())


def _cell(value: Any) -> str:
    from textclean.formats.json_record import dumps

    return value if isinstance(value, str) else "" if value is None else dumps(value)
