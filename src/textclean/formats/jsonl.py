"""Reads JSONL: one JSON object a line, a document each. `textclean.formats.json_record` takes objects apart and puts them together."""

from __future__ import annotations

from collections.abc import Iterator

from textclean.errors import CorpusError, RecordError
from textclean.files.lines import behind, lines
from textclean.files.sources import Source
from textclean.formats.json_record import parse, plain
from textclean.formats.records import BOM, OVER_LIMIT, Document, Event, Pieces, Reading, decoded, document, location, over_limit


def documents(source: Source, data: Pieces, reading: Reading, first: int) -> Iterator[Event | CorpusError]:
    """Yields a document for each line, and an error for each line that is no record. The line in which a file breaks off is left out.

    Args:
        source: the file, for the places of documents.
        data: its unpacked bytes.
        reading: field names and limits.
        first: number of the first line wanted, from 1.
    """
    wanted = behind(data, first - 1)
    for number, line in enumerate(lines(wanted, reading.max_bytes, lambda: data.failed is not None), first):
        yield from _record(source, number, line, reading)


def _record(source: Source, number: int, line: bytes | None, reading: Reading) -> Iterator[Document | RecordError]:
    try:
        if line is None:
            raise RecordError(over_limit(reading), OVER_LIMIT)
        # Some programs put a byte order mark before the first record, and no parser of JSON takes it.
        line = line.removeprefix(BOM) if number == 1 else line
        record = plain(line, reading.text_field)
        if record is None:
            text = decoded(line)
            if not text.strip():
                return
            record = parse(text, reading.text_field)
        yield document(source, record.text, number, record, reading)
    except RecordError as error:
        yield RecordError(f"{location(source, number)}: {error}", error.reason)
