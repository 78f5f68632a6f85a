"""Which module reads which format, and how a source is read whatever its format.

What can't be read is yielded as an error in the place of the document: `RecordError` for one record, `SourceError` for (the rest of) a
file. To add a format, write a module with a function `documents` as those below have it, and name it here.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import IO

from textclean.errors import CorpusError, SourceError
from textclean.files.sources import Format, Source
from textclean.formats import tables
from textclean.formats.records import Begin, End, Event, Pieces, Reading

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
    """What is in a source: `Begin`, documents and errors in their order, `End`.

    Of records those before number `first` are not wanted: they are left out where that saves work, and may come where it does not.

    A file of which nothing could be read gives a `SourceError` alone. One that is damaged or cut short gives what could be read of it, with
    a `SourceError` before `End`; the line in which it breaks off is dropped, a text is kept up to there.
    """
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
    """Tables are read by their own library, from wherever it needs to in the file."""
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
