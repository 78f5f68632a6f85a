"""Requests: the options of a run, checked as far as that is possible without looking at the inputs.

Options that belong together stand together: inputs, outputs, comparing, templates. `request_for` makes a request from the arguments of
`textclean.clean_corpus`; the command line uses it too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path
from typing import IO, Any

from textclean.checks import check_flag, check_whole, check_workers, is_number
from textclean.config import Config
from textclean.corpus.listener import Listener
from textclean.dedup.settings import Across, Comparing, comparing
from textclean.errors import ConfigError, CorpusError
from textclean.files.locate import place
from textclean.files.places import Local, OutputPlace
from textclean.files.sources import Format, Source, find
from textclean.files.targets import is_folder
from textclean.files.urls import is_url, local
from textclean.formats import Reading
from textclean.formats.sinks import Sink
from textclean.sites.templates import Templates

_sizes = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_size = re.compile(r"(\d{1,15}(?:\.\d{1,3})?) ?(|[KMGT]B)")


@dataclass(frozen=True)
class Inputs:
    """Options that say what is read.

    Attributes:
        names: paths, patterns, URLs, or ``-`` for stdin.
        format: the format of inputs whose names do not tell it.
        refusal: returns the error for an input that must not be read, else None.
    """

    names: tuple[str, ...]
    format: Format | None = None
    refusal: Callable[[Source], CorpusError | None] = lambda source: None

    @property
    def several(self) -> bool:
        """Whether there may be more than one input."""
        first = self.names[0]
        return len(self.names) > 1 or os.path.isdir(first) or (has_magic(first) and not os.path.exists(first))


@dataclass(frozen=True)
class Outputs:
    """Options that say what is written.

    Attributes:
        name: a file or a folder, a path or a URL; None if `sink` takes the documents.
        format: the format of the files in a folder; None to keep that of each input.
        shard_bytes: begin another file after so many bytes, counted before compression; None for one file however large.
        removals: a file or URL to which the removals are written; None to write none.
        removals_field: a field of each record to which its removals are written; None for no such field.
        force: replace files that are there.
        fsync: force what is finished to the disk before it is called so.
        sink: given the inputs, returns a sink for the documents and whether that sink lists removals; None to write files.
    """

    name: str | None
    format: Format | None = None
    shard_bytes: int | None = None
    removals: str | None = None
    removals_field: str | None = None
    force: bool = False
    fsync: bool = True
    sink: Callable[[list[Source]], tuple[Sink, bool]] | None = None


@dataclass(frozen=True)
class TemplateOptions:
    """Options that say how templates are used.

    Attributes:
        templates: what sites repeat, if that is known.
        learn: whether to learn templates first from the inputs themselves.
        site: the site from which all texts come; None if each text says so itself.
    """

    templates: Templates | None = None
    learn: bool = False
    site: str | None = None

    @property
    def asked(self) -> bool:
        """Whether templates are used at all."""
        return self.templates is not None or self.learn


@dataclass(frozen=True)
class IndexOptions:
    """Options that say what documents are compared with beside each other.

    Attributes:
        path: the file of an index.
        asked: rules of the index by name, as `textclean.Index` takes them; None for one that was not given.
    """

    path: str
    asked: dict[str, Any]


@dataclass(frozen=True)
class Request:
    """All options of a run.

    Attributes:
        inputs: what is read.
        outputs: what is written.
        config: how texts are cleaned.
        reading: how documents are read.
        comparing: how clean documents are compared; None if they are not.
        memory: bytes that comparing may take.
        templates: how templates are used.
        index: an index of what was seen; None for none.
        run: a folder of this machine in which the run's summary and journal are kept; None for a hidden folder, removed at the end.
        resume: go on with a run that was interrupted.
        workers: number of threads; None for one a core.
        listener: is told how far the run is.

    Raises:
        ConfigError: options do not go together.
    """

    inputs: Inputs
    outputs: Outputs
    config: Config
    reading: Reading
    comparing: Comparing | None
    memory: int
    templates: TemplateOptions = TemplateOptions()
    index: IndexOptions | None = None
    run: str | None = None
    resume: bool = False
    workers: int | None = None
    listener: Listener = field(default_factory=Listener)

    def __post_init__(self) -> None:
        output = self.outputs.name
        if self.resume and output is None:
            raise ConfigError("resume=True: there is nothing to resume without an output: say where to write")
        if self.run is not None and output is None:
            raise ConfigError(f"run={self.run!r}: a run without an output leaves nothing to keep: say where to write")
        if self.run is not None and is_url(self.run):
            raise ConfigError(f"run={self.run!r}: the folder of a run has to be on this machine: name a path; outputs may go to URLs")
        if self.resume and self.run is None and is_url(output or ""):
            raise ConfigError("resume=True: a run whose output is at a URL keeps what resuming needs only in a folder named with run=...")
        if self.templates.templates is not None and self.templates.learn:
            raise ConfigError(
                "templates=... and learn_templates=True: use one of them; `textclean templates learn` and `merge` make one file of both"
            )
        if self.index:
            self._check_index(f"index={self.index.path!r}")
        if self.outputs.removals_field == self.reading.text_field:
            raise ConfigError(
                f"removals_field={self.outputs.removals_field!r}: is the field of the text, and the text would be lost: name another"
            )

    def _check_index(self, said: str) -> None:
        if self.comparing is None:
            raise ConfigError(f"{said}: says what documents are compared with, and across='none' compares none")
        if self.comparing.keep != "first":
            raise ConfigError(
                f"keep={self.comparing.keep!r}: with index=... what was seen first stays: leave keep out, or say keep='first'"
            )
        if self.folder is None:
            raise ConfigError(
                f"{said}: a run that adds to an index has to be one that can go on when it is broken off: say where to write, and name a"
                " folder with run=... if that is a URL or a device"
            )

    @property
    def folder(self) -> Path | None:
        """The folder in which the run keeps what resuming needs: `run`, else a hidden folder beside the output.

        None for an output that is a device or at a URL.
        """
        if self.run is not None:
            return Path(self.run)
        output = self.outputs.name
        if output is None or is_url(output) or not _is_plain(output):
            return None
        path = Path(os.path.abspath(output))
        return path.with_name(f".{path.name}.textclean")

    @property
    def begun(self) -> bool:
        """Whether the folder of a run is there."""
        return self.folder is not None and self.folder.exists()

    def sources(self, skip: Callable[[CorpusError], None]) -> list[Source]:
        """Finds the inputs; one that is named twice is read once.

        Args:
            skip: called with the error of each input that can't be read.

        Raises:
            ConfigError: a file's name does not tell its format, and no format was given.
        """
        output, several = self.outputs.name, self.inputs.several
        written: list[OutputPlace] = [place(output)] if output and is_folder(output, several) else []
        found: dict[Source, None] = {}
        for source in find(self.inputs.names, self.inputs.format, written + ([Local(self.folder)] if self.folder else [])):
            if isinstance(source, CorpusError):
                skip(source)
            elif refusal := self.inputs.refusal(source):
                skip(refusal)
            else:
                found[source] = None
        return list(found)


def request_for(
    inputs: Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str] | None,
    config: Config,
    *,
    across: Across = "none",
    keep: str | None = None,
    threshold: float | None = None,
    same_numbers: bool | None = None,
    text: str = "text",
    id: str | None = None,
    source: str | None = None,
    format: str | None = None,
    output_format: str | None = None,
    shard: int | str | None = None,
    removals: str | os.PathLike[str] | None = None,
    removals_field: str | None = None,
    run: str | os.PathLike[str] | None = None,
    resume: bool = False,
    force: bool = False,
    fsync: bool = True,
    memory: int | str | None = None,
    workers: int | None = None,
    max_mb: float = 256,
    templates: Templates | None = None,
    learn_templates: bool = False,
    site: str | None = None,
    index: str | os.PathLike[str] | None = None,
    stdin: IO[bytes] | None = None,
    refusal: Callable[[Source], CorpusError | None] = lambda source: None,
    sink: Callable[[list[Source]], tuple[Sink, bool]] | None = None,
    listener: Listener | None = None,
) -> Request:
    """Makes a request from the arguments of `textclean.clean_corpus`, which explains each.

    Four more belong to the command line: `stdin` is read for ``-``; `refusal` and `sink` are explained in `Inputs` and `Outputs`;
    `listener` is told how far the run is.

    Raises:
        ConfigError: an option has a value that it can't have, or options do not go together.
    """
    for name, value in (("resume", resume), ("force", force), ("fsync", fsync), ("learn_templates", learn_templates)):
        check_flag(name, value)
    if templates is not None and not isinstance(templates, Templates):
        raise ConfigError(f"templates={templates!r}: a textclean.Templates is needed, e.g. textclean.Templates.load(path)")
    if not is_number(max_mb) or not 0 < max_mb <= 4000:
        raise ConfigError(f"max_mb={max_mb!r}: a number over 0 and at most 4,000 is needed")
    if site is not None and templates is None and not learn_templates:
        raise ConfigError(f"site={site!r}: says whose templates are used: add templates=... or learn_templates=True")
    if index is not None and (not isinstance(index, (str, os.PathLike)) or not os.fspath(index)):
        raise ConfigError(f"index={index!r}: the path of a file is needed, e.g. 'seen.db'")
    check_workers(workers)
    told = listener or Listener()
    # Files of this machine are such by any name.
    names = tuple(local(os.fspath(name)) for name in inputs)
    if not names:
        raise ConfigError("inputs: nothing is named: give a file, a folder, a pattern or a URL")
    return Request(
        Inputs(names, _format("format", format), refusal),
        Outputs(
            _local(output),
            _format("output_format", output_format),
            None if shard is None else bytes_of(shard, "shard"),
            _local(removals),
            removals_field,
            force,
            fsync,
            sink,
        ),
        config,
        Reading(text, id, source, int(max_mb * 1_000_000), stdin, told.on_bytes),
        comparing(across, keep, threshold, config.min_words, workers, same_numbers),
        default_memory_limit() if memory is None else bytes_of(memory, "memory"),
        TemplateOptions(templates, learn_templates, site),
        None if index is None else IndexOptions(os.fspath(index), _asked(config, across, threshold, same_numbers)),
        _local(run),
        resume,
        workers,
        told,
    )


def default_memory_limit() -> int:
    """Returns the memory that comparing may take by default, in bytes: four fifths of the machine's memory."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 4 // 5
    except (AttributeError, ValueError, OSError):
        return 4 * 10**9


def bytes_of(size: int | str, name: str) -> int:
    """Returns a size in bytes.

    Args:
        size: a number of bytes, or a str with KB, MB, GB or TB, which are powers of 1,000.
        name: the name of the option, for the error.

    Raises:
        ConfigError: it is no size.

    >>> bytes_of("4GB", "memory"), bytes_of("1.5 MB", "shard"), bytes_of(2048, "shard")
    (4000000000, 1500000, 2048)
    """
    if isinstance(size, int) and not isinstance(size, bool):
        check_whole(name, size, 1, 1 << 62)
        return size
    found = _size.fullmatch(size.strip().upper()) if isinstance(size, str) else None
    if not found or float(found[1]) == 0:
        raise ConfigError(f"{name}={size!r}: is no size: use a number over 0 and KB, MB or GB, e.g. 4GB")
    return int(float(found[1]) * _sizes[found[2]])


def _format(name: str, value: Any) -> Format | None:
    if value is None or value in list(Format):
        return None if value is None else Format(value)
    raise ConfigError(f"{name}={value!r} is unknown: use {', '.join(map(repr, map(str, Format)))}")


def _asked(config: Config, across: Across, threshold: float | None, same_numbers: bool | None) -> dict[str, Any]:
    """Returns the rules that an index has to have: those that were chosen otherwise than by leaving them as they are."""
    words = None if config.min_words == Config.min_words else config.min_words
    return {"unit": across, "threshold": threshold, "same_numbers": same_numbers, "min_words": words}


def _local(name: str | os.PathLike[str] | None) -> str | None:
    return None if name is None else local(os.fspath(name))


def _is_plain(output: str) -> bool:
    """Returns whether the folder of a run can stand beside an output; beside a device it can't."""
    return not os.path.exists(output) or os.path.isfile(output) or os.path.isdir(output)
