"""Reads pages from web archives (WET and WARC), with warcio.

A WET file (text that a crawler extracted) gives its texts. Of a WARC file the responses that are HTML pages give what trafilatura extracts
from them; all else in it (requests, images, notes on the crawl) is passed over. A record's address, date and id go along as ``url``,
``date`` and ``id``; none of them says where anything is written.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any, cast

from textclean.errors import CorpusError, MissingExtraError, RecordError, SourceError
from textclean.files.sources import Source
from textclean.formats.json_record import built
from textclean.formats.records import OVER_LIMIT, Event, Pieces, Reading, Stream, decoded, document, location, over_limit

_HTML = ("text/html", "application/xhtml+xml")


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
    broken, records = _warcio(data)
    number = 0
    while True:
        number += 1
        try:
            record = next(records)
            text = _text(record, reading) if number >= first else None
        except StopIteration:
            return
        except RecordError as error:
            yield RecordError(f"{location(source, number)}: {error}", error.reason)
            continue
        except (broken, OSError, EOFError, ValueError) as error:
            # Where the next record begins is not known any more.
            if not data.failed:
                yield SourceError(f"{location(source, number)}: no WARC record: {error}", "damaged")
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
    return _extract()(_content(record, reading)) or "" if kind in _HTML else None


def _content(record: Any, reading: Reading) -> bytes:
    try:
        content = cast("bytes", record.content_stream().read(reading.max_bytes + 1))
    except (AttributeError, zlib.error) as error:
        # warcio undoes the encoding of the content, and not every version of every decoder is as it expects.
        encoding = record.http_headers.get_header("Content-Encoding") if record.http_headers else None
        raise RecordError(f"its content, encoded as {encoding}, can't be decoded: {error}", "damaged") from None
    if len(content) > reading.max_bytes:
        raise RecordError(over_limit(reading), OVER_LIMIT)
    return content


def _warcio(data: Pieces) -> tuple[type[Exception], Iterator[Any]]:
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError:
        raise MissingExtraError("warcio", "warc", "reading WARC and WET") from None
    return ArchiveLoadFailed, iter(ArchiveIterator(io.BufferedReader(Stream(data), 1 << 18), arc2warc=True))


def _extract() -> Callable[[bytes], str | None]:
    try:
        from trafilatura import extract
    except ImportError:
        raise MissingExtraError("trafilatura", "html", "text out of HTML pages") from None
    return cast("Callable[[bytes], str | None]", extract)
