"""Chooses the writer for an output's format; each format has one module that writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from textclean.document import Cleaned
from textclean.errors import RecordError
from textclean.files.output import Output
from textclean.files.sources import Format, told_by_name
from textclean.formats.json_record import NOT_WRITTEN, built
from textclean.formats.records import Document, Fields

if TYPE_CHECKING:
    from textclean.formats.across import Across

#: Whole numbers that a column of a table can hold.
_LEAST, _MOST = -(1 << 63), (1 << 64) - 1


class DocumentWriter(Protocol):
    """Writes documents into an output."""

    def __call__(self, document: Document, cleaned: Cleaned, across: Across | None) -> None:
        """Writes a document: its clean text, or what `across` leaves of it."""

    def close(self) -> None:
        """Writes what is held back, and leaves the output open."""


def writer(output: Output, removals_field: str | None = None) -> DocumentWriter:
    """Returns the writer of documents for the format that the output's name tells.

    A name that tells no format, as ``/dev/stdout``, is written in the format in which the documents came.

    Args:
        output: the file.
        removals_field: the name of a field of JSONL records that gets the list of removals; None for no such field.

    Raises:
        MissingExtraError: the package for the format is not installed.
    """
    told = told_by_name(output.place.name)[0]
    if told in (None, Format.TXT, Format.JSONL):
        return _Lines(output, removals_field, told is Format.JSONL)
    rows = row_writer(output)
    return _Rows(rows) if told in (Format.PARQUET, Format.ARROW) else _Records(rows)


def check_fields(document: Document, told: Format | None) -> None:
    """Makes sure that the fields of a record, which are written as they came in JSONL alone, can be written in a format.

    Args:
        document: the document.
        told: the format that the output's name tells; None for the one in which the document came.

    Raises:
        RecordError: they hold what the format has no room for: lone surrogates, or numbers larger than its own.
    """
    if document.record is None or told in (None, Format.TXT, Format.JSONL) or document.source.format.is_table:
        return
    try:
        fields = document.record.fields()
        problem = _problem(fields, None if told in (Format.CSV, Format.TSV) else fields)
    except RecordError as error:
        problem = str(error)
    if problem:
        raise RecordError(f"{document.place}: can't be written as {told}: {problem}: write .jsonl instead", NOT_WRITTEN)


def _problem(fields: dict[str, Any], deep: Any) -> str | None:
    """Says what is wrong with names and strings of a record and, down to its depths, with `deep`."""
    for text in (*fields, *(value for value in fields.values() if isinstance(value, str))):
        if has_surrogates(text):
            return "lone surrogates, which are no text"
    rest = [deep]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            rest.extend((*value, *value.values()))
        elif isinstance(value, list):
            rest.extend(value)
        elif isinstance(value, str) and has_surrogates(value):
            return "lone surrogates, which are no text"
        elif isinstance(value, int) and not _LEAST <= value <= _MOST:
            return "a whole number of more than 64 bits"
    return None


def has_surrogates(text: str) -> bool:
    """Returns whether there are lone surrogates in a str, so that it has no UTF-8."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


def row_writer(output: Output) -> RowWriter:
    """Returns the writer of rows for the format that the output's name tells.

    Raises:
        OutputError: that format has no rows.
        MissingExtraError: the package for the format is not installed.
    """
    told = told_by_name(output.place.name)[0]
    if told in (Format.CSV, Format.TSV):
        from textclean.formats import delimited

        return delimited.DelimitedWriter(output, told)
    if told in (Format.PARQUET, Format.ARROW):
        from textclean.formats import tables

        return tables.TableWriter(output, told)
    raise output.refused("rows need a name that ends in .csv, .tsv, .parquet or .arrow")


class _Lines:
    """Writes texts as they are, and records as lines of JSON."""

    def __init__(self, output: Output, removals_field: str | None, records: bool) -> None:
        self._output = output
        self._removals_field = removals_field
        self._records = records

    def __call__(self, document: Document, cleaned: Cleaned, across: Across | None) -> None:
        if document.record is None and self._records:
            document = Document(document.source, document.text, record=_record(document))
        self._output.write(document.rendered(cleaned, self._removals_field, across))

    def close(self) -> None:
        """Does nothing, since every document is written at once."""


class RowWriter(Protocol):
    """Writes records into an output, a row each."""

    def write(self, fields: dict[str, Any]) -> None:
        """Writes a record."""

    def close(self) -> None:
        """Writes what is held back, and leaves the output open."""


class _Records:
    """Writes documents as rows of a .csv or .tsv file."""

    def __init__(self, rows: RowWriter) -> None:
        self._rows = rows

    def __call__(self, document: Document, cleaned: Cleaned, across: Across | None) -> None:
        fields = _fields(document, across.text if across else cleaned.text)
        if document.source.format.is_table:
            from textclean.formats.tables import plain_value

            # Times, decimals and bytes have no spelling of their own in a cell.
            fields = plain_value(fields)
        self._rows.write(fields)

    def close(self) -> None:
        """Writes what is held back."""
        self._rows.close()


class _Rows(_Records):
    """Writes documents as rows of a table. Rows that came from a table keep their types."""

    def __init__(self, table: Any) -> None:
        super().__init__(table)
        self._table = table

    def __call__(self, document: Document, cleaned: Cleaned, across: Across | None) -> None:
        if document.source.format.is_table:
            self._table.write_row(document.record, across.text if across else cleaned.text)
        else:
            super().__call__(document, cleaned, across)


def _record(document: Document) -> Fields:
    """Returns the record of a document; a text file gets a record of its path and its text."""
    return document.record or built({"file": document.source.relative.as_posix(), "text": document.text}, "text")


def _fields(document: Document, text: str) -> dict[str, Any]:
    fields = _record(document).fields()
    # The text is the field that holds it: a record may have it under any name.
    return fields | {document.field: text}
