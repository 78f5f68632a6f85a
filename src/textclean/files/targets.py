"""Decides which file each source is written to.

Names come from the paths that the user gave and from the folders that were searched, never from what is in a file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Hashable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

from textclean.errors import ConfigError, TextcleanError
from textclean.files.locate import place
from textclean.files.packing import require_package
from textclean.files.places import Listings, Local, OutputPlace
from textclean.files.sources import Format, Source, split_name, told_by_name


def is_folder(output: str, several: bool) -> bool:
    """Returns whether the output is a folder: always for several inputs; for one if the folder exists or the name ends with a slash."""
    return several or output.endswith(("/", os.sep)) or place(output).is_folder()


def targets(sources: Sequence[Source], output: str, several: bool, format_: Format | None = None) -> dict[Source, OutputPlace]:
    """Returns the place that each source is written to.

    Args:
        sources: the inputs.
        output: a folder, or for one source a file, whose name tells the format; a path or a URL.
        several: whether there may be several inputs, so that the output is a folder.
        format_: the format of the files in a folder; None to keep the format of each source.

    Raises:
        ConfigError: two sources would be written to the same file, or a source can't be written in that format.
        OutputError: the parent folder of the output is not there.
    """
    where = place(output)
    if is_folder(output, several):
        if where.exists() and not where.is_folder():
            raise ConfigError(f"{output}: several inputs need a folder as output, and this is a file")
        return _distinct({source: where.within(_name(source, format_)) for source in sources})
    if len(sources) > 1:
        raise ConfigError(f"{output}: there are {len(sources):,} inputs, which need a folder as output: end its name with a slash")
    where.check_folder()
    for source in sources:
        told, _ = told_by_name(where.name)
        _check_format(source, told or format_, where)
    return dict.fromkeys(sources, where)


def _name(source: Source, format_: Format | None) -> Path:
    """Returns the source's own name, with other suffixes if the output has another format."""
    wanted = format_ or source.format.written
    _check_format(source, wanted, source.relative)
    if wanted is source.format:
        return source.relative
    # Tables are packed inside.
    packing = "" if wanted.is_table else source.packing
    return source.relative.with_name(f"{split_name(source.relative.name)[0]}.{wanted}{packing}")


def _check_format(source: Source, wanted: Format | None, path: Path | OutputPlace) -> None:
    if wanted is None or wanted is source.format is wanted.written:
        return
    if wanted is not wanted.written:
        raise ConfigError(f"{path}: {wanted} is read and not written: write .jsonl, .csv, .parquet or .arrow")
    if wanted is Format.TXT:
        raise ConfigError(f"{path}: {source.name} is {source.format}, records that a text can't hold: give the output a name that says so")


def check_all(sources: Iterable[Source], written: Iterable[OutputPlace], others: Iterable[OutputPlace], force: bool) -> None:
    """Makes sure, before any work, that everything can be read and written as asked.

    Args:
        sources: the inputs.
        written: the outputs: single files, or the files of one folder.
        others: other files that are written.
        force: whether files may be replaced.

    Raises:
        ConfigError: an output is an input, or two outputs are the same file.
        OutputExistsError: an output is there already, and `force` is not set.
        OutputError: an output can't be written.
        MissingExtraError: a package for a compression or a URL is not installed.
    """
    written, others = list(written), list(others)
    for source in sources:
        require_package(source.packing)
    inputs = {_identity(source) for source in sources} if written or others else set()
    # A folder at a URL takes as long to be listed as one file in it to be looked at.
    listings: Listings | None = {} if len(written) > _FEW else None
    for where in (*written, *others):
        require_package(told_by_name(where.name)[1])
        if where.identity in inputs:
            raise ConfigError(f"{where}: is an input, and an input is never written to")
        where.check(force, listings)
    taken = {where.identity for where in written} if others else set()
    for where in others:
        if where.identity in taken:
            raise ConfigError(f"{where}: two outputs can't go to the same file")
        taken.add(where.identity)
    for where in (*islice(written, 1), *others):
        where.try_out()


#: Files that are looked at one by one.
_FEW = 8


def _distinct(written: dict[Source, OutputPlace]) -> dict[Source, OutputPlace]:
    taken: dict[OutputPlace, Source] = {}
    for source, where in written.items():
        if where in taken:
            raise ConfigError(f"{where}: both {taken[where].name} and {source.name} would be written here: clean them in two runs")
        taken[where] = source
    return written


def _identity(source: Source) -> Hashable:
    """Returns a value by which a source can be compared with the `identity` of places; None for stdin."""
    if source.path:
        return Local(source.path).identity
    try:
        # Of a chain, as an archive and a file in it, the last part is what could be written to.
        return place(source.url.rpartition("::")[2]).identity if source.url else None
    except TextcleanError:
        # It is one that can't be written to.
        return None


def is_same(source: Source, stream: IO[str]) -> bool:
    """Returns whether a source is the file that a stream is written to. Reading it would then never end."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and source.path is not None and Local(source.path).identity == (found.st_dev, found.st_ino)
