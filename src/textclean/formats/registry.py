"""Chooses the module that reads a format, and reads a source whatever its format.

What can't be read is yielded as an error in the place of the document: `RecordError` for one record, `SourceError` for a file or the rest
of it. To add a format, write a module with a function `documents` like the other formats have, and name the module here.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import IO

from textclean.errors import CorpusError, RecordError, SourceError
from textclean.files.sources import Format, Source
from textclean.formats import tables
from textclean.formats.records import Begin, Document, End, Event, Pieces, Reading

#: The module of each format, loaded when there is such a file.
_MODULES = {
    Format.TXT: "txt",
    Format.JSONL: "jsonl",
    Format.CSV: "delimited",
    Format.TSV: "delimited",
    Format.WARC: "archives",
    Format.MEDIAWIKI: "wiki",
}


def read(source: Source, reading: Reading, first: int = 1) -> Iterator[Event | CorpusError]:
    """Yields the events of a source: `Begin`, documents and errors in their order, `End`.

    A file of which nothing can be read gives a `SourceError` alone. A file that is damaged or cut short gives the documents before it,
    a `SourceError`, and `End`. An incomplete last line is dropped, but a text is kept up to that place.

    A document that `reading.check` refuses gives the error in its place.

    Args:
        source: the file.
        reading: field names and limits.
        first: number of the first record wanted. Records before it are left out where that saves work, and may come where it does not.

    Raises:
        MissingExtraError: a package for the format, the compression or the URL is not installed.
    """
    for event in _read(source, reading, first):
        if isinstance(event, Document):
            try:
                reading.check(event)
            except RecordError as error:
                yield error
                continue
        yield event


def _read(source: Source, reading: Reading, first: int) -> Iterator[Event | CorpusError]:
    try:
        file = source.open(reading.stdin)
    except SourceError as error:
        yield error
        return
    with file as raw:
        if source.format.is_table:
            yield from _table(source, raw, reading, first)
            return
        data = Pieces(source, raw, reading)
        data.first = next(filter(None, data), b"")
        if data.failed and not data.first:
            yield data.failed
            return
        yield Begin(source)
        reader = import_module(f"textclean.formats.{_MODULES[source.format]}")
        yield from reader.documents(source, data, reading, first)
        if data.failed:
            yield data.failed
        yield End(source)


def _table(source: Source, raw: IO[bytes], reading: Reading, first: int) -> Iterator[Event | CorpusError]:
    """Reads a table through its own library, which reads from any part of the file."""
    begun = False
    try:
        with tables.opened(source, raw) as batches:
            yield Begin(source)
            begun = True
            yield from tables.documents(source, batches, reading, first)
    except SourceError as error:
        yield error
    if begun:
        yield End(source)
