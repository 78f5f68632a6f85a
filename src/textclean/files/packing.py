"""Reads and writes plain and compressed files, a piece of bytes at a time.

A piece is bounded whatever the file holds, so a small file that unpacks to a huge one costs no memory. It costs little time either: a file
that unpacks to hundreds of times its size is given up.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, BinaryIO, cast

from textclean.errors import MissingExtraError, SourceError
from textclean.files.sources import Packing

PIECE = 1 << 18
#: Bytes of streams that may follow one another, fed at once: what stands behind a stream is copied, and one may have twenty bytes.
_STEP = 1 << 14
#: For zlib: the format of gzip, with its checks.
_GZIP = 16 + zlib.MAX_WBITS
#: Zstandard may blow 4 bytes up to 128 KiB, so little is fed to it at once.
_ZSTD_PIECE = 1 << 12
#: What ``zstd --long=31`` needs; the large dumps of forums are packed so. Only such files take that memory.
_ZSTD_WINDOW = 1 << 31
#: The largest dictionary that `xz -9` makes, and what stands around it.
_XZ_MEMORY = 1 << 27
#: A file that unpacks to so many times its size, once it gave so many bytes, was made to do that. Text of one letter packs a thousandfold,
#: dumps five- to thirtyfold.
BOMB_RATIO, BOMB_BYTES = 250, 1 << 28


class _Reader(io.RawIOBase):
    """A file that counts the bytes read from it."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._take = getattr(raw, "read1", raw.read)
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        data = bytes(self._take(PIECE if size < 0 else size))
        self.count += len(data)
        return data


class _DamagedError(Exception):
    """Damaged Zstandard data."""


def require_package(packing: Packing) -> None:
    """Makes sure that files of this compression can be read and written.

    Raises:
        MissingExtraError: the package for the compression is not installed.
    """
    if packing is Packing.ZSTD:
        _zstandard()


def pieces(raw: IO[bytes], packing: Packing) -> Iterator[tuple[bytes, int]]:
    """Yields the unpacked bytes of a file, piece by piece, each with the number of packed bytes read from the file so far.

    Raises:
        SourceError: the file can't be read, or is damaged or cut short. The pieces that came before are good.
        MissingExtraError: the package for the compression is not installed.
    """
    reader = _Reader(raw)
    unpacked = 0
    try:
        for piece in _UNPACK[packing](reader):
            unpacked += len(piece)
            if packing and unpacked > BOMB_BYTES and unpacked > BOMB_RATIO * reader.count:
                raise SourceError(
                    f"given up: {reader.count:,} bytes unpacked to {unpacked:,}, over {BOMB_RATIO} times as many: unpack it first if it is "
                    "meant to be read",
                    "bomb",
                )
            yield piece, reader.count
    except EOFError:
        raise SourceError(
            f"cut short: the {packing[1:]} data ends after {reader.count:,} bytes in the middle of a stream", "cut-short"
        ) from None
    except (zlib.error, lzma.LZMAError, _DamagedError) as error:
        raise SourceError(f"damaged {packing[1:]} data within the first {reader.count:,} bytes: {error}", "damaged") from None
    except OSError as error:
        # bz2 raises OSError for damaged data too; only an error of the system has a number.
        reason = "unreadable" if error.errno else "damaged"
        raise SourceError(error.strerror or f"damaged {packing[1:]} data: {error}", reason) from None


def packer(raw: BinaryIO, packing: Packing, fast: bool = False) -> IO[bytes]:
    """Returns a file object that compresses what is written to it into `raw`. Closing it leaves `raw` open.

    The same bytes in give the same bytes out: the header holds no name and no time of day, and Zstandard always packs in one thread of its
    own.

    Args:
        raw: the file that receives the packed bytes.
        packing: the compression; `Packing.NONE` returns `raw` itself.
        fast: prefer speed to size, where the compression offers a choice.
    """
    if packing is Packing.GZIP:
        return cast("IO[bytes]", gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0))
    if packing is Packing.ZSTD:
        return cast(
            "IO[bytes]",
            _zstandard().ZstdCompressor(level=1 if fast else 3, write_checksum=True, threads=1).stream_writer(raw, closefd=False),
        )
    if packing is Packing.BZIP2:
        return cast("IO[bytes]", bz2.BZ2File(raw, "wb"))
    if packing is Packing.XZ:
        return cast("IO[bytes]", lzma.LZMAFile(raw, "wb"))
    return raw


def _plain(reader: _Reader) -> Iterator[bytes]:
    while piece := reader.read(PIECE):
        yield piece


def _gunzip(reader: _Reader) -> Iterator[bytes]:
    """Unpacks members that stand one after the other. Zero bytes behind a whole one are padding, and ignored.

    The standard library's reader looks at padding byte by byte.
    """
    stream, whole = None, 0
    for data in iter(lambda: reader.read(_STEP), b""):
        while True:
            if stream is None:
                data = data.lstrip(b"\0") if whole else data
                if not data:
                    break
                stream = zlib.decompressobj(_GZIP)
            piece = stream.decompress(data, PIECE)
            if piece:
                yield piece
            if stream.eof:
                data, stream, whole = stream.unused_data, None, whole + 1
                continue
            data = stream.unconsumed_tail
            if not data and len(piece) < PIECE:
                break
    if stream:
        raise EOFError


def _unzstd(reader: _Reader) -> Iterator[bytes]:
    zstandard = _zstandard()
    context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = None
    try:
        while data := reader.read(_ZSTD_PIECE):
            while data:
                frame = frame or context.decompressobj()
                yield frame.decompress(data)
                data = frame.unused_data
                if frame.eof:
                    frame = None
    except zstandard.ZstdError as error:
        raise _DamagedError(str(error)) from None
    if frame:
        raise EOFError


def _unbzip2(reader: _Reader) -> Iterator[bytes]:
    return _stepwise(reader, bz2.BZ2Decompressor)


def _unxz(reader: _Reader) -> Iterator[bytes]:
    return _stepwise(reader, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY))


def _stepwise(reader: _Reader, make: Callable[[], Any]) -> Iterator[bytes]:
    """Unpacks streams that stand one after the other. Zero bytes after the last whole stream are padding, and ignored."""
    stream, data, whole = make(), b"", 0
    while True:
        if stream.needs_input and not data and not (data := reader.read(_STEP)):
            break
        try:
            piece = stream.decompress(data, PIECE)
        except (OSError, lzma.LZMAError):
            if whole and not stream.eof and not data.strip(b"\0"):
                return
            raise
        data = b""
        if piece:
            yield piece
        if stream.eof:
            data, stream, whole = stream.unused_data, make(), whole + 1
            if not data and not (data := reader.read(_STEP)):
                return
    if reader.count:
        raise EOFError


_UNPACK: dict[Packing, Callable[[_Reader], Iterator[bytes]]] = {
    Packing.NONE: _plain,
    Packing.GZIP: _gunzip,
    Packing.ZSTD: _unzstd,
    Packing.BZIP2: _unbzip2,
    Packing.XZ: _unxz,
}


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError:
        raise MissingExtraError("zstandard", "zstd", "reading and writing .zst files") from None
    return zstandard
