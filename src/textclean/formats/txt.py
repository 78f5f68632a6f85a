"""Reads text files: one document each."""

from __future__ import annotations

from collections.abc import Iterator

from textclean.errors import CorpusError, RecordError
from textclean.files.sources import Source
from textclean.formats.records import OVER_LIMIT, Document, Event, Pieces, Reading, decoded, over_limit


def documents(source: Source, data: Pieces, reading: Reading, first: int) -> Iterator[Event | CorpusError]:
    """Yields the one document of a text file, or an error. Of a file that breaks off, the text before that place is kept.

    Args:
        source: the file.
        data: its unpacked bytes.
        reading: limits.
        first: not used, since there is one document.
    """
    held: list[bytes] = []
    size = 0
    for piece in data:
        size += len(piece)
        if size > reading.max_bytes:
            yield RecordError(f"{source.name}: {over_limit(reading)}", OVER_LIMIT)
            return
        held.append(piece)
    try:
        yield Document(source, decoded(b"".join(held), whole=data.failed is None))
    except RecordError as error:
        yield RecordError(f"{source.name}: {error}", error.reason)
