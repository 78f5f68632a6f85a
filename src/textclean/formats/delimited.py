"""Reads and writes rows of .csv and .tsv with the standard library's `csv`. The first row names the columns.

Every value is a string and stays one, so a postcode keeps its zeros. A row is a record: its values become a JSON object and are written as
a row again. Files without a header can't be read.
"""

from __future__ import annotations

import csv
import io
from collections import deque
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
    # The limit holds for the whole process. It is never lowered, since other code may rely on its own limit.
    csv.field_size_limit(max(csv.field_size_limit(), reading.max_bytes))
    feed = _Lines(data, reading)
    header: list[str] | None = None
    held: Document | CorpusError | None = None
    for start, row in _rows(feed, _delimiter(source.format)):
        if isinstance(row, csv.Error):
            if header is None:
                yield SourceError(f"{source.name}: the line that names the columns can't be read: {row}", "no-text-field")
                return
            found: Document | CorpusError | None = RecordError(f"{location(source, start)}: not read: {row}", "not-csv")
        elif feed.too_long:
            feed.too_long = False
            found = RecordError(f"{location(source, feed.number)}: {over_limit(reading)}", OVER_LIMIT)
        elif not row:
            continue
        elif header is None:
            header = row
            if problem := _problem(header, reading.text_field):
                yield SourceError(f"{source.name}: {problem}", "no-text-field")
                return
            continue
        else:
            found = _document(source, start, header, row, reading) if start >= first else None
        if held:
            yield held
        held = found
    if held and not data.failed:
        yield held


def _rows(feed: _Lines, delimiter: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yields the rows, each with the number of the line in which it begins, from 1.

    A quote that is not closed, or closed in mid-value, would take in all rows up to the next quote. It is an error in the place of its
    row, and costs that line alone: reading goes on with the next line. In a .tsv, which many programs write without quoting anything,
    such a line is read as it stands.
    """
    rows = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        start = feed.mark()
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            line = feed.go_back_behind_first()
            yield start, error if delimiter != "\t" else _as_it_stands(line)
            rows = csv.reader(feed, delimiter=delimiter, strict=True)
            continue
        yield start, row


def _as_it_stands(line: str) -> list[str]:
    """Parts a line at its tabs. Not by `csv`, which refuses a carriage return within a line even where nothing is quoted."""
    body = line.removesuffix("\n").removesuffix("\r")
    return body.split("\t") if body else []


class _Lines(Iterator[str]):
    """An iterator of bounded lines for `csv`. Bytes that are not UTF-8 become lone surrogates, so that only their own row is refused.

    Attributes:
        number: how many lines were given so far.
        too_long: whether one of them was over the limit, and was given as an empty line.
    """

    def __init__(self, data: Pieces, reading: Reading) -> None:
        self.too_long = False
        self.number = 0
        self._lines = lines(data, reading.max_bytes)
        #: Lines since the mark, and lines to be given again.
        self._since: list[str] = []
        self._again: deque[str] = deque()

    def mark(self) -> int:
        """Marks the beginning of a row; returns the number of its first line, from 1."""
        self._since.clear()
        return self.number + 1

    def go_back_behind_first(self) -> str:
        """Goes back to the second line since the mark, so that it comes next; returns the first line."""
        line, *behind = self._since
        self._again.extendleft(reversed(behind))
        self.number -= len(behind)
        return line

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        self.number += 1
        self._since.append(line)
        return line

    def _read(self) -> str:
        line = next(self._lines)
        if line is None:
            self.too_long = True
            return "\n"
        if self.number == 0:
            line = line.removeprefix(BOM)
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
