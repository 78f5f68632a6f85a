"""Finds the files to read, and tells their format from their names.

What is named may be a file, a folder, a pattern (``pages/**/*.jsonl``), a URL of any kind that fsspec knows, or ``-``. Folders are searched
in the order of their sorted names, so that the result does not depend on the file system. Hidden names are passed over there, and links to
folders are not followed (they can lead round in a circle); a file named by the user is always taken.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from glob import glob, has_magic
from pathlib import Path, PurePosixPath
from typing import IO, Any

from textclean.errors import ConfigError, SourceError
from textclean.files import urls
from textclean.files.places import Local, OutputPlace
from textclean.files.remote import Remote


class Format(StrEnum):
    """A file format, as named by the options ``format`` and ``--format``."""

    TXT = "txt"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"
    ARROW = "arrow"
    WARC = "warc"
    MEDIAWIKI = "mediawiki"

    @property
    def written(self) -> Format:
        """The format written by default: this one, or JSONL for archives and wiki dumps, which are only read."""
        return Format.JSONL if self in (Format.WARC, Format.MEDIAWIKI) else self

    @property
    def is_table(self) -> bool:
        """Whether the format has columns of typed values."""
        return self in (Format.PARQUET, Format.ARROW)


class Packing(StrEnum):
    """A compression of files; its value is the end of the file name."""

    NONE = ""
    GZIP = ".gz"
    ZSTD = ".zst"
    BZIP2 = ".bz2"
    XZ = ".xz"


_FORMATS = {
    ".txt": Format.TXT,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".arrow": Format.ARROW,
    ".feather": Format.ARROW,
    ".warc": Format.WARC,
    ".wet": Format.WARC,
    ".xml": Format.MEDIAWIKI,
}
STDIN = "-"
#: Bytes read from a file at once: each time another thread may get in.
_BUFFER = 1 << 18


@dataclass(frozen=True)
class Source:
    """One input.

    Attributes:
        path: the file on this machine; None for stdin and URLs.
        relative: the path that its output gets below an output folder.
        format: its format.
        packing: its compression.
        url: the URL, if it is not a file of this machine.
    """

    path: Path | None
    relative: Path
    format: Format
    packing: Packing = Packing.NONE
    url: str | None = None

    @property
    def name(self) -> str:
        """The name for messages, as the user gave it."""
        return self.url or (STDIN if self.path is None else str(self.path))

    def open(self, stdin: IO[bytes] | None) -> AbstractContextManager[IO[bytes]]:
        """Opens the file for reading its bytes, still compressed. At the end of the block stdin stays open, other files are closed.

        Args:
            stdin: the file to read for ``-``.

        Raises:
            SourceError: the file can't be opened.
            MissingExtraError: a package for the URL is not installed.
        """
        if self.url:
            return urls.opened(self.url)
        if self.path is None:
            if stdin is None:
                raise ValueError("a source without a path needs a file in reading.stdin")
            return nullcontext(stdin)
        try:
            return open(self.path, "rb", buffering=_BUFFER)
        except OSError as error:
            raise SourceError(f"{self.name}: {error.strerror}", "unreadable") from error


def told_by_name(name: str) -> tuple[Format | None, Packing]:
    """Returns the format and the compression that a file's name tells; None for a format that it does not tell.

    >>> [str(part) for part in told_by_name("news.JSONL.gz")]
    ['jsonl', '.gz']
    >>> told_by_name("README.md")[0] is None
    True
    """
    stem, suffix = os.path.splitext(name.lower())
    packing = Packing(suffix) if suffix and suffix in tuple(Packing) else Packing.NONE
    return _FORMATS.get(os.path.splitext(stem)[1] if packing else suffix), packing


def split_name(name: str) -> tuple[str, str]:
    """Splits a file's name before the suffixes that tell its format and compression.

    >>> split_name("crawl.warc.wet.gz"), split_name("README")
    (('crawl.warc', '.wet.gz'), ('README', ''))
    """
    told, packing = told_by_name(name)
    stem = name[: -len(packing)] if packing else name
    stem = os.path.splitext(stem)[0] if told else stem
    return stem, name[len(stem) :]


def find(paths: Iterable[str], format_: Format | None = None, passed_over: Iterable[OutputPlace] = ()) -> Iterator[Source | SourceError]:
    """Yields the inputs that paths name, in order; an error in the place of each that is not there.

    Args:
        paths: files, folders, patterns, URLs, or ``-`` for stdin.
        format_: the format of stdin (text, if None) and of files whose names do not tell it.
        passed_over: output folders, which are not searched where they stand inside an input folder.

    Raises:
        ConfigError: a file's name does not tell its format, and `format_` is None.
        MissingExtraError: a package for a URL is not installed.
    """
    passed_over = list(passed_over)
    here = [place.path for place in passed_over if isinstance(place, Local)]
    there = [(place.files, place.path) for place in passed_over if isinstance(place, Remote)]
    for path in map(urls.local, paths):
        if path == STDIN:
            kind = format_ or Format.TXT
            yield Source(None, Path(f"stdin.{kind}"), kind)
        elif urls.is_url(path):
            yield from _at_url(path, format_, there)
        elif os.path.isdir(path):
            yield from _in_folder(Path(path), here)
        elif has_magic(path) and not os.path.exists(path):
            yield from _matching(path, format_)
        else:
            yield _file(Path(path), format_)


def _file(path: Path, format_: Format | None, relative: Path | None = None) -> Source | SourceError:
    if not os.path.exists(path):
        return SourceError(f"{path}: no such file or folder", "missing")
    kind, packing = _kind(str(path), format_)
    return Source(path, relative or Path(path.name), kind, packing)


def _kind(name: str, format_: Format | None) -> tuple[Format, Packing]:
    told, packing = told_by_name(name)
    kind = told or format_
    if kind is None:
        raise ConfigError(
            f"{name}: the name does not tell the format ({', '.join(_FORMATS)} do, with {', '.join(filter(None, Packing))} after it): "
            "say format='txt', format='jsonl' or another"
        )
    return kind, packing


def _matching(pattern: str, format_: Format | None) -> Iterator[Source | SourceError]:
    """Yields the files that match a pattern, sorted. Below an output folder they keep the path behind the pattern's last plain folder."""
    plain = Path(*_before_magic(Path(pattern).parts))
    found = [Path(name) for name in sorted(glob(pattern, recursive=True)) if not os.path.isdir(name)]
    if not found:
        yield SourceError(f"{pattern}: no file has such a name", "missing")
    for path in found:
        yield _file(path, format_, path.relative_to(plain))


def _before_magic(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        if has_magic(part):
            return
        yield part


def _at_url(url: str, format_: Format | None, passed_over: list[tuple[Any, str]]) -> Iterator[Source | SourceError]:
    """Yields the files at a URL.

    Their names there decide where output goes only as plain names of files and folders, never as ``..`` or ``/``.
    """
    try:
        for found, relative in urls.find(url, lambda name: told_by_name(name)[0] is not None, passed_over):
            kind, packing = _kind(found, format_)
            safe = [part for part in PurePosixPath(relative).parts if part not in ("/", "..")]
            yield Source(None, Path(*safe), kind, packing, found)
    except SourceError as error:
        yield error


def _in_folder(folder: Path, passed_over: list[Path]) -> Iterator[Source | SourceError]:
    problems: list[SourceError] = []
    count = 0
    for here, folders, files in os.walk(
        folder, onerror=lambda error: problems.append(SourceError(f"{error.filename}: {error.strerror}", "unreadable"))
    ):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _is(Path(here, name), passed_over))
        for name in sorted(files):
            told, packing = told_by_name(name)
            path = Path(here, name)
            # A pipe that nobody writes to would be waited for.
            if told and not name.startswith(".") and (path.is_file() or not path.exists()):
                count += 1
                yield Source(path, path.relative_to(folder), told, packing)
    yield from problems
    if not count and not problems:
        yield SourceError(f"{folder}: no file to read in this folder: {', '.join(_FORMATS)} are read, hidden ones are not", "missing")


def _is(path: Path, others: list[Path]) -> bool:
    return any(other.exists() and path.samefile(other) for other in others)
