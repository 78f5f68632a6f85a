"""Which files to read, and what a file's name says about them.

Folders are searched in the order of their sorted names, so that the result does not depend on the file system. Hidden names are passed over
there, and links to folders are not followed (they can lead round in a circle); a file named by the user is always taken.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from textclean.errors import ConfigError, SourceError


class Format(StrEnum):
    """How documents stand in a file."""

    TXT = "txt"
    JSONL = "jsonl"


class Packing(StrEnum):
    """How a file is compressed."""

    NONE = ""
    GZIP = ".gz"
    ZSTD = ".zst"


_FORMATS = {".txt": Format.TXT, ".jsonl": Format.JSONL, ".ndjson": Format.JSONL}
STDIN = "-"


@dataclass(frozen=True)
class Source:
    """One input.

    Attributes:
        path: where it is; None for stdin.
        relative: where it belongs under an output folder.
    """

    path: Path | None
    relative: Path
    format: Format
    packing: Packing = Packing.NONE

    @property
    def name(self) -> str:
        """The name to call it by, as the user gave it."""
        return STDIN if self.path is None else str(self.path)


def told_by_name(name: str) -> tuple[Format | None, Packing]:
    """The format and compression that a file's name tells.

    >>> [str(part) for part in told_by_name("news.JSONL.gz")]
    ['jsonl', '.gz']
    >>> told_by_name("README.md")[0] is None
    True
    """
    stem, suffix = os.path.splitext(name.lower())
    packing = Packing(suffix) if suffix in (Packing.GZIP, Packing.ZSTD) else Packing.NONE
    return _FORMATS.get(os.path.splitext(stem)[1] if packing else suffix), packing


def find(paths: Iterable[str], format_: Format | None = None, passed_over: Path | None = None) -> Iterator[Source | SourceError]:
    """The inputs that paths name, in order; an error in the place of each that can't be read.

    Args:
        paths: files, folders, or ``-`` for stdin.
        format_: of stdin (else text) and of files whose names do not tell it.
        passed_over: a folder that is not searched: the output's, which may stand inside an input folder.

    Raises:
        ConfigError: a file's name does not tell its format, and `format_` doesn't either.
    """
    for path in paths:
        if path == STDIN:
            kind = format_ or Format.TXT
            yield Source(None, Path(f"stdin.{kind}"), kind)
        elif os.path.isdir(path):
            yield from _in_folder(Path(path), passed_over)
        else:
            yield _file(Path(path), format_)


def _file(path: Path, format_: Format | None) -> Source | SourceError:
    if not os.path.exists(path):
        return SourceError(f"{path}: no such file or folder")
    told, packing = told_by_name(path.name)
    kind = told or format_
    if kind is None:
        raise ConfigError(
            f"{path}: the name does not tell the format (.txt, .jsonl and .ndjson do, with .gz or .zst after it): "
            "say --format txt or --format jsonl"
        )
    return Source(path, Path(path.name), kind, packing)


def _in_folder(folder: Path, passed_over: Path | None) -> Iterator[Source | SourceError]:
    problems: list[SourceError] = []
    count = 0
    for here, folders, files in os.walk(folder, onerror=lambda error: problems.append(SourceError(f"{error.filename}: {error.strerror}"))):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _is(Path(here, name), passed_over))
        for name in sorted(files):
            told, packing = told_by_name(name)
            if told and not name.startswith("."):
                count += 1
                path = Path(here, name)
                yield Source(path, path.relative_to(folder), told, packing)
    yield from problems
    if not count and not problems:
        yield SourceError(f"{folder}: no .txt, .jsonl or .ndjson file in this folder (.gz and .zst of them count, hidden ones do not)")


def _is(path: Path, other: Path | None) -> bool:
    return other is not None and other.exists() and path.samefile(other)
