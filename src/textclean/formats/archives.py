"""Reads pages from web archives (WET and WARC), with warcio.

A WET file (text that a crawler extracted) gives its texts. Of a WARC file the responses that are HTML pages give what trafilatura extracts
from them; all else in it (requests, images, notes on the crawl) is passed over. A record's address, date and id go along as ``url``,
``date`` and ``id``; none of them says where anything is written.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, cast

from textclean.errors import CorpusError, MissingExtraError, RecordError, SourceError, TextcleanError, short
from textclean.files.sources import Source
from textclean.formats.encodings import TooLargeError, decoded_content
from textclean.formats.json_record import built
from textclean.formats.markup_bounds import costly_html
from textclean.formats.records import OVER_LIMIT, Event, Pieces, Reading, Stream, decoded, document, location, over_limit

_HTML = ("text/html", "application/xhtml+xml")
#: Bytes of a line of headers that are read at once, and of all headers of a record.
_LINE, _HEADS = 1 << 16, 1 << 20


def documents(source: Source, data: Pieces, reading: Reading, first: int = 1) -> Iterator[Event | CorpusError]:
    """Yields a document for each page of an archive, and an error for each record that can't be read.

    Args:
        source: the archive, for the places of documents.
        data: its unpacked bytes.
        reading: field names and limits.
        first: number of the first record wanted. Records are counted from 1, including requests, images and others that are passed over.

    Raises:
        MissingExtraError: warcio is not installed, or there is an HTML page and trafilatura is not installed.
    """
    reader, records = _warcio(data)
    number = 0
    while True:
        number += 1
        reader.begin()
        try:
            record = next(records)
            text = _text(record, reading) if number >= first else None
        except StopIteration:
            return
        except RecordError as error:
            yield RecordError(f"{location(source, number)}: {error}", error.reason)
            continue
        except (TextcleanError, MemoryError):
            raise
        except Exception as error:
            # Of whatever kind, it comes from the records. Where the next one begins is not known any more.
            if not data.failed:
                yield SourceError(f"{location(source, number)}: no WARC record: {short(error)}", "damaged")
            return
        # Of an archive that breaks off, the record in which it does.
        if text is not None and not data.failed:
            found = built(_about(record) | {reading.text_field: text}, reading.text_field)
            yield document(source, found.text, number, found, reading)


def _about(record: Any) -> dict[str, str]:
    headers = {"id": "WARC-Record-ID", "url": "WARC-Target-URI", "date": "WARC-Date"}
    return {name: value for name, header in headers.items() if (value := record.rec_headers.get_header(header)) is not None}


def _text(record: Any, reading: Reading) -> str | None:
    """Returns the text of a record; None if the record is no page."""
    if record.rec_type == "conversion":
        return decoded(_content(record, reading))
    if record.rec_type == "response" and record.http_headers:
        kind, status = record.http_headers.get_header("Content-Type"), record.http_headers.get_statuscode()
        if not (status or "").startswith("2"):
            return None
    elif record.rec_type == "resource":
        kind = record.rec_headers.get_header("Content-Type")
    else:
        return None
    kind = (kind or "").split(";")[0].strip().lower()
    if kind == "text/plain":
        return decoded(_content(record, reading))
    return _extracted(_content(record, reading)) if kind in _HTML else None


def _content(record: Any, reading: Reading) -> bytes:
    """Returns the content of a record without the encodings of HTTP. warcio would undo them without a limit."""
    from warcio.bufferedreaders import ChunkedDataReader

    headers, stream = record.http_headers, record.raw_stream
    told = (headers.get_header(name) or "" for name in ("Transfer-Encoding", "Content-Encoding")) if headers else ("", "")
    transfer, encodings = told
    if transfer.strip().lower() == "chunked":
        stream = ChunkedDataReader(stream)
    content = cast("bytes", stream.read(reading.max_bytes + 1))
    try:
        if len(content) > reading.max_bytes:
            raise TooLargeError
        return decoded_content(content, encodings, reading.max_bytes)
    except TooLargeError:
        raise RecordError(over_limit(reading), OVER_LIMIT) from None


def _extracted(page: bytes) -> str:
    """Returns the text that trafilatura finds in a page."""
    extract = _extract()
    if problem := costly_html(page):
        raise RecordError(problem, "markup")
    try:
        return extract(page) or ""
    except MemoryError:
        raise
    except Exception as error:  # of the parsers below it
        raise RecordError(f"its page can't be read: {type(error).__name__}: {short(error)}", "markup") from None


def _extract() -> Callable[[bytes], str | None]:
    try:
        from trafilatura import extract
    except ImportError:
        raise MissingExtraError("trafilatura", "html", "text out of HTML pages") from None
    return cast("Callable[[bytes], str | None]", extract)


def _warcio(data: Pieces) -> tuple[Any, Iterator[Any]]:
    """Returns warcio's reader of lines, with limits, and its records."""
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.bufferedreaders import DecompressingBufferedReader
    except ImportError:
        raise MissingExtraError("warcio", "warc", "reading WARC and WET") from None

    class Bounded(DecompressingBufferedReader):  # type: ignore[misc]
        """Reads lines of headers: of a longer one a part at a time, since they are put together in the square of their length."""

        def begin(self) -> None:
            """Begins a record."""
            self.heads = 0

        def readline(self, length: int | None = None) -> bytes:
            line = cast("bytes", super().readline(_LINE if length is None else min(length, _LINE)))
            self.heads += len(line)
            if self.heads > _HEADS:
                raise ValueError(f"its headers are over the limit of {_HEADS:,} bytes")
            return line

    records = ArchiveIterator(io.BufferedReader(Stream(data), 1 << 18), arc2warc=True)
    records.reader = Bounded(records.fh, block_size=1 << 14)
    records.reader.begin()
    return records.reader, iter(records)
