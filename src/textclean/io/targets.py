"""Which file each source is written to.

Names come from the paths that the user gave and from the folders that were searched, never from what is in a file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from textclean.errors import ConfigError, OutputError
from textclean.io.output import check
from textclean.io.packing import need
from textclean.io.sources import Format, Source, split_name, told_by_name


def is_folder(output: str, several: bool) -> bool:
    """Whether an output is a folder: for several inputs always, for one if it is there or its name ends with a slash."""
    return several or os.path.isdir(output) or output.endswith(("/", os.sep))


def targets(sources: Sequence[Source], output: str, several: bool, format_: Format | None = None) -> dict[Source, Path]:
    """The file that each source is written to.

    Args:
        sources: what is read.
        output: a folder, or for one source a file, whose name tells the format.
        several: whether there may be several sources.
        format_: of files in a folder; None for that of each source.

    Raises:
        ConfigError: two would be written to the same file, or the source can't be written in such a format.
        OutputError: the folder for it is not there.
    """
    if is_folder(output, several):
        if os.path.exists(output) and not os.path.isdir(output):
            raise ConfigError(f"{output}: several inputs need a folder as output, and this is a file")
        return _distinct({source: Path(output, _name(source, format_)) for source in sources})
    path = Path(output)
    if len(sources) > 1:
        raise ConfigError(f"{output}: there are {len(sources):,} inputs, which need a folder as output: end its name with a slash")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}")
    for source in sources:
        told, _ = told_by_name(path.name)
        _check_format(source, told or format_, path)
    return dict.fromkeys(sources, path)


def _name(source: Source, format_: Format | None) -> Path:
    """The source's own name, or one that tells another format."""
    wanted = format_ or source.format.written
    _check_format(source, wanted, source.relative)
    if wanted is source.format:
        return source.relative
    # Tables are packed inside.
    packing = "" if wanted.is_table else source.packing
    return source.relative.with_name(f"{split_name(source.relative.name)[0]}.{wanted}{packing}")


def _check_format(source: Source, wanted: Format | None, path: Path) -> None:
    if wanted is None or wanted is source.format is wanted.written:
        return
    if wanted is not wanted.written:
        raise ConfigError(f"{path}: {wanted} is read and not written: write .jsonl, .csv, .parquet or .arrow")
    if wanted is Format.TXT:
        raise ConfigError(f"{path}: {source.name} is {source.format}, records that a text can't hold: give the output a name that says so")


def check_all(sources: Iterable[Source], written: Mapping[Source, Path], others: Iterable[Path], force: bool) -> None:
    """Makes sure, before any work, that everything can be read and written as asked.

    Raises:
        ConfigError: an output is an input, or two outputs are the same file.
        OutputExistsError, OutputError, MissingExtraError: as they say.
    """
    inputs = {_identity(source.path) for source in sources if source.path}
    others = list(others)
    for source in sources:
        need(source.packing)
    for path in (*written.values(), *others):
        need(told_by_name(path.name)[1])
        if path.exists() and _identity(path) in inputs:
            raise ConfigError(f"{path}: is an input, and an input is never written to")
        check(path, force)
    taken = {path.resolve() for path in written.values()} if others else set()
    for path in others:
        if path.resolve() in taken:
            raise ConfigError(f"{path}: two outputs can't go to the same file")


def _distinct(written: dict[Source, Path]) -> dict[Source, Path]:
    taken: dict[Path, Source] = {}
    for source, path in written.items():
        if path in taken:
            raise ConfigError(f"{path}: both {taken[path].name} and {source.name} would be written here: clean them in two runs")
        taken[path] = source
    return written


def _identity(path: Path) -> tuple[int, int] | Path:
    # Two names may be one file: what the system calls it by counts.
    try:
        found = path.stat()
    except OSError:
        return path
    return found.st_dev, found.st_ino


def is_same(source: Source, stream: IO[str]) -> bool:
    """Whether a source is the file that a stream goes to: what is written there would be read again, without end."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and source.path is not None and _identity(source.path) == (found.st_dev, found.st_ino)
