"""Undoes the encodings that HTTP has for content (``Content-Encoding``): gzip, deflate, br, zstd, one after the other, up to a limit."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from textclean.errors import MissingExtraError, RecordError, SourceError, short
from textclean.files.packing import pieces
from textclean.files.sources import Packing

#: Bytes that are fed to a decoder that has no limit of its own. Brotli may blow each byte up by far, but not all that stands in so few.
_FED = 1 << 8
#: Encodings that are undone, one after the other; more of them were made to cost time.
_MOST = 3


class TooLargeError(Exception):
    """The content is over the limit once it is decoded."""


def decoded_content(data: bytes, encodings: str, limit: int) -> bytes:
    """Returns content without its encodings.

    Many crawlers store content that they have decoded and leave the header as it was: what does not begin as its encoding does is returned
    as it is.

    Args:
        data: the content.
        encodings: the value of the header.
        limit: bytes of the content, decoded, at most.

    Raises:
        TooLargeError: it is over the limit.
        RecordError: it is damaged, in an encoding that is not known, or one for which a package is missing.
    """
    names = [name for name in (part.strip().lower() for part in encodings.split(",")) if name and name != "identity"]
    if len(names) > _MOST:
        raise RecordError(f"its content has {len(names):,} encodings, {_MOST} at most are undone", "damaged")
    for name in reversed(names):
        if name not in _DECODERS:
            raise RecordError(f"its content is encoded as {short(name)}; {', '.join(sorted(_DECODERS))} are known", "damaged")
        data = _joined(name, data, limit)
    return data


def _joined(name: str, data: bytes, limit: int) -> bytes:
    found: list[bytes] = []
    size = 0
    try:
        for piece in _DECODERS[name](data):
            found.append(piece)
            size += len(piece)
            if size > limit:
                raise TooLargeError
    except TooLargeError:
        raise
    except MissingExtraError as error:
        raise RecordError(f"its content is encoded as {name}: {error}", "damaged") from None
    except Exception as error:  # each decoder has errors of its own
        if not size:
            return data
        raise RecordError(f"its content, encoded as {name}, can't be decoded: {short(error)}", "damaged") from None
    return b"".join(found)


def _unpacked(data: bytes, packing: Packing) -> Iterator[bytes]:
    try:
        for piece, _ in pieces(io.BytesIO(data), packing):
            yield piece
    except SourceError as error:
        if error.reason == "cut-short":
            return
        raise


def _inflated(data: bytes) -> Iterator[bytes]:
    # Some servers send it without the head that the name asks for.
    whole = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    stream = zlib.decompressobj(zlib.MAX_WBITS if whole else -zlib.MAX_WBITS)
    while data and not stream.eof:
        yield stream.decompress(data, 1 << 18)
        data = stream.unconsumed_tail
    yield stream.flush(1 << 18)


def _unbrotli(data: bytes) -> Iterator[bytes]:
    stream = _brotli().Decompressor()
    if hasattr(stream, "can_accept_more_data"):
        # Since 1.2 it can be told where to stop.
        at = 0
        while at < len(data) or not stream.can_accept_more_data():
            fed = b"" if not stream.can_accept_more_data() else data[at : at + (1 << 14)]
            at += len(fed)
            yield stream.process(fed, output_buffer_limit=1 << 18)
            if stream.is_finished():
                return
        return
    for at in range(0, len(data), _FED):
        yield stream.process(data[at : at + _FED])


def _brotli() -> Any:
    try:
        import brotli
    except ImportError:
        raise MissingExtraError("brotli", "warc", "reading content that is encoded as br") from None
    return brotli


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": lambda data: _unpacked(data, Packing.GZIP),
    "x-gzip": lambda data: _unpacked(data, Packing.GZIP),
    "zstd": lambda data: _unpacked(data, Packing.ZSTD),
    "deflate": _inflated,
    "br": _unbrotli,
}
