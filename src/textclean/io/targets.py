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
from textclean.io.sources import Source, told_by_name


def is_folder(output: str, several: bool) -> bool:
    """Whether an output is a folder: for several inputs always, for one if it is there or its name ends with a slash."""
    return several or os.path.isdir(output) or output.endswith(("/", os.sep))


def targets(sources: Sequence[Source], output: str, several: bool) -> dict[Source, Path]:
    """The file that each source is written to.

    Raises:
        ConfigError: two would be written to the same file, or the name says another format than the source has.
        OutputError: the folder for it is not there.
    """
    if is_folder(output, several):
        if os.path.exists(output) and not os.path.isdir(output):
            raise ConfigError(f"{output}: several inputs need a folder as output, and this is a file")
        return _distinct({source: Path(output, source.relative) for source in sources})
    path = Path(output)
    if not path.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}")
    for source in sources:
        told, _ = told_by_name(path.name)
        if told and told != source.format:
            raise ConfigError(f"{path}: {source.name} is {source.format}, and so is what comes of it: give the output a name that says so")
    return dict.fromkeys(sources, path)


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
