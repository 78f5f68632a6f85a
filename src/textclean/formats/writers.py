"""How documents stand in an output: one module knows each format, this one which of them an output wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from textclean.document import Cleaned
from textclean.files.output import Output
from textclean.files.sources import Format, told_by_name
from textclean.formats.json_record import built
from textclean.formats.records import Document, Fields

if TYPE_CHECKING:
    from textclean.formats.across import Across


class DocumentWriter(Protocol):
    """Puts documents into an output; `close` writes what is held back, and leaves the output open."""

    def __call__(self, document: Document, cleaned: Cleaned, across: Across | None) -> None:
        """Adds a document: its clean text, or what other documents leave of it."""

    def close(self) -> None:
        """No more documents."""


def writer(output: Output, removals_field: str | None = None) -> DocumentWriter:
    """The writer for a file of this name. A name that tells nothing, as ``/dev/stdout``, is written as the documents came."""
    told = told_by_name(output.place.name)[0]
    if told in (None, Format.TXT, Format.JSONL):
        return _Lines(output, removals_field, told is Format.JSONL)
    rows = row_writer(output)
    return _Rows(rows) if told in (Format.PARQUET, Format.ARROW) else _Records(rows)


def row_writer(output: Output) -> RowWriter:
    """The writer of rows for a file of this name."""
    told = told_by_name(output.place.name)[0]
    if told in (Format.CSV, Format.TSV):
        from textclean.formats import delimited

        return delimited.DelimitedWriter(output, told)
    if told in (Format.PARQUET, Format.ARROW):
        from textclean.formats import tables

        return tables.TableWriter(output, told)
    raise output.refused("rows need a name that ends in .csv, .tsv, .parquet or .arrow")


class _Lines:
    """Texts, and records as lines of JSON."""

    def __init__(self, output: Output, removals_field: str | None, records: bool) -> None:
        self._output = output
        self._removals_field = removals_field
        self._records = records

    def __call__(self, document: Document, cleaned: Cleaned, across: Across | None) -> None:
        if document.record is None and self._records:
            document = Document(document.source, document.text, record=_record(document))
        self._output.write(document.rendered(cleaned, self._removals_field, across))

    def close(self) -> None:
        """Nothing is held back."""


class RowWriter(Protocol):
    """Puts records into an output, a row each."""

    def write(self, fields: dict[str, Any]) -> None:
        """Adds a record."""

    def close(self) -> None:
        """No more."""


class _Records:
    """Records as rows."""

    def __init__(self, rows: RowWriter) -> None:
        self._rows = rows

    def __call__(self, document: Document, cleaned: Cleaned, across: Across | None) -> None:
        self._rows.write(_fields(document, across.text if across else cleaned.text))

    def close(self) -> None:
        """Writes what is held back."""
        self._rows.close()


class _Rows(_Records):
    """Rows as rows: columns keep their types if they had any."""

    def __init__(self, table: Any) -> None:
        super().__init__(table)
        self._table = table

    def __call__(self, document: Document, cleaned: Cleaned, across: Across | None) -> None:
        if document.source.format.is_table:
            self._table.write_row(document.record, across.text if across else cleaned.text)
        else:
            super().__call__(document, cleaned, across)


def _record(document: Document) -> Fields:
    """What a text file is as a record."""
    return document.record or built({"file": document.source.relative.as_posix(), "text": document.text}, "text")


def _fields(document: Document, text: str) -> dict[str, Any]:
    fields = _record(document).fields()
    # The text is the field that holds it: a record may have it under any name.
    return fields | {document.field: text}
