"""What a run is asked for, and its way from there to a job: inputs found, outputs named, all of it checked before any work."""

from __future__ import annotations

import dataclasses
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from textclean.config import Config
from textclean.corpus.counts import Counts
from textclean.corpus.folder import Folder
from textclean.corpus.run import Job, run
from textclean.corpus.samples import Sampler
from textclean.corpus.sites import Sites, check_readable_twice, check_sites, digest, learn_from
from textclean.corpus.summary import Summary, versions
from textclean.corpus.uses import Uses
from textclean.errors import ConfigError, CorpusError
from textclean.files.locate import place
from textclean.files.places import Local, Place
from textclean.files.sources import Format, Source, find
from textclean.files.targets import check_all, is_folder, targets
from textclean.files.urls import is_url, local
from textclean.formats import Reading
from textclean.formats.across import ORDERS
from textclean.formats.sinks import Files, Sink, shard_of

if TYPE_CHECKING:
    from textclean.corpus.decide import Comparing
    from textclean.sites.templates import Templates

_log = logging.getLogger("textclean")

UNITS = ("paragraph", "document", "none")
_sizes = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_size = re.compile(r"(\d{1,15}(?:\.\d{1,3})?) ?(|[KMGT]B)")


@dataclass
class Request:
    """What `textclean.clean_corpus` takes; it says what each is.

    Attributes:
        stdin: what is read for ``-``.
        sink: made of the sources if there is no output.
        hooks: are told how far the work is.
    """

    inputs: tuple[str, ...]
    output: str | None
    config: Config
    across: str = "paragraph"
    keep: str = "first"
    threshold: float = 0.8
    format: Format | None = None
    output_format: Format | None = None
    shard_bytes: int | None = None
    text: str = "text"
    id: str | None = None
    source: str | None = None
    removals: str | None = None
    removals_field: str | None = None
    run: str | None = None
    resume: bool = False
    force: bool = False
    memory: int | None = None
    workers: int | None = None
    max_bytes: int = 256_000_000
    templates: Templates | None = None
    learn_templates: bool = False
    site: str | None = None
    stdin: IO[bytes] | None = None
    wanted: Callable[[Source], CorpusError | None] = lambda source: None
    sink: Callable[[list[Source]], tuple[Sink, bool]] | None = None
    started: Callable[[list[Source]], None] = lambda sources: None
    on_bytes: Callable[[Source, int], None] = lambda source, count: None
    on_stage: Callable[[str, int], None] = lambda stage, documents: None
    on_document: Callable[[Counts, Counts], None] = lambda before, counts: None

    def __post_init__(self) -> None:
        # Files of this machine are such by any name.
        self.inputs = tuple(map(local, self.inputs))
        for name in ("output", "removals", "run"):
            if (named := getattr(self, name)) is not None:
                setattr(self, name, local(named))
        if self.across not in UNITS:
            raise ConfigError(f"across={self.across!r} is unknown: use {', '.join(map(repr, UNITS))}")
        if self.resume and self.output is None:
            raise ConfigError("there is nothing to resume without an output: say where to write")
        if self.run is not None and self.output is None:
            raise ConfigError("a run without an output leaves nothing to keep: say where to write")
        if self.run is not None and is_url(self.run):
            raise ConfigError(f"{self.run}: the folder of a run has to be on this machine: give --run a path; outputs may go to URLs")
        if self.resume and self.run is None and is_url(self.output or ""):
            raise ConfigError("a run whose output is at a URL keeps what resuming needs only if --run says where: name that folder")
        if self.templates is not None and self.learn_templates:
            raise ConfigError("--templates and --learn-templates: use one; textclean templates learn and merge make one file of both")
        if self.removals_field == self.text:
            raise ConfigError("the field of the removals is that of the text, and the text would be lost: name another")

    @property
    def several(self) -> bool:
        """Whether there may be more than one input."""
        first = self.inputs[0]
        return len(self.inputs) > 1 or os.path.isdir(first) or (has_magic(first) and not os.path.exists(first))

    @property
    def folder(self) -> Path | None:
        """Where the run keeps what it needs to be resumed: beside the output, unless named; nowhere, if that is a device or at a URL."""
        if self.run is not None:
            return Path(self.run)
        if self.output is None or is_url(self.output) or not _is_plain(self.output):
            return None
        output = Path(os.path.abspath(self.output))
        return output.with_name(f".{output.name}.textclean")

    @property
    def begun(self) -> bool:
        """Whether something of a run is there."""
        return self.folder is not None and self.folder.exists()

    def reading(self) -> Reading:
        """How documents are read."""
        return Reading(self.text, self.id, self.source, self.max_bytes, self.stdin, self.on_bytes)

    def found(self, skip: Callable[[CorpusError], None]) -> list[Source]:
        """The inputs; what can't be read is told. One named twice is read once."""
        written: list[Place] = [place(self.output)] if self.output and is_folder(self.output, self.several) else []
        found: dict[Source, None] = {}
        for source in find(self.inputs, self.format, written + ([Local(self.folder)] if self.folder else [])):
            if isinstance(source, CorpusError):
                skip(source)
            elif refusal := self.wanted(source):
                skip(refusal)
            else:
                found[source] = None
        return list(found)


def perform(request: Request) -> Summary:
    """Does what was asked for.

    Raises:
        TextcleanError: it can't be done, or not to its end.
    """
    summary = Summary(settings=_settings(request))
    sources = request.found(summary.counts.skip)
    written = targets(sources, request.output, request.several, request.output_format) if request.output else {}
    _check(request, sources, written)
    sites = known(request, sources)
    others = [place(request.removals)] if request.removals else []
    check_all(sources, [] if request.resume else _first(request, written), [] if request.resume else others, request.force)
    if request.resume and not request.begun and all(each.exists() for each in (*_first(request, written), *others)):
        _log.info("nothing to resume: the outputs are there")
        return summary
    request.started(sources)
    with _folder(request, summary.settings | {"sources": [_identity(source) for source in sources]}) as folder:
        if folder.done("done"):
            return _finished(folder, summary)
        force = request.force or folder.resumed
        if request.sink:
            sink, listed = request.sink(sources)
        else:
            listed = request.removals_field is not None
            sink = Files(written, force, request.removals_field, request.shard_bytes, folder.tag, folder.drafts)
        job = Job(
            sources,
            sink,
            request.reading(),
            request.config,
            folder,
            comparing(request),
            request.workers,
            sites,
            others[0] if others else None,
            listed,
            force,
            request.on_stage,
            request.on_document,
            sampler=Sampler() if request.run is not None else None,
            uses=Uses(sites) if request.run is not None and sites else None,
            summary=summary,
        )
        run(job)
        if job.sampler:
            templates = {"templates": job.uses.to_dict()} if job.uses else {}
            folder.write("report.json", job.sampler.to_dict() | templates)
            folder.write("summary.json", summary.to_dict())
        folder.finish("done", done=True)
    return summary


def _first(request: Request, written: dict[Source, Place]) -> Iterator[Place]:
    """The first file of each output."""
    return (shard_of(each, 0) if request.shard_bytes else each for each in written.values())


def _finished(folder: Folder, summary: Summary) -> Summary:
    """What a run did that came to its end before."""
    for entry in folder.entries():
        if entry["stage"] == "decide":
            summary.units, summary.dropped, summary.witnesses = entry["counts"]
        elif "counts" in entry:
            summary.counts.add(Counts.from_dict(entry["counts"]))
    return summary


@contextmanager
def _folder(request: Request, settings: dict[str, Any]) -> Iterator[Folder]:
    """The run's folder; a temporary one if there is nothing that could be resumed."""
    where = request.folder
    folder = Folder(
        where or Path(tempfile.mkdtemp(prefix="textclean-")),
        settings,
        kept=request.run is not None,
        resume=request.resume,
        force=request.force,
    )
    # Whoever asked for what can't be will ask for something else.
    over = where is None
    try:
        yield folder
        over = True
    except ConfigError:
        over = True
        raise
    finally:
        folder.close(over)


def _check(request: Request, sources: list[Source], written: dict[Source, Place]) -> None:
    """Options that do not go with each other or with the inputs.

    Raises:
        ConfigError: there are such.
    """
    texts = any(source.format is Format.TXT for source in sources)
    if request.removals_field and any(source.format.written is not Format.JSONL for source in sources):
        raise ConfigError("--removals-field needs JSONL inputs: other files have no field that could hold it; --removals FILE takes all")
    if request.across != "none" and request.keep not in ORDERS and texts:
        raise ConfigError(f"--across-keep {request.keep} needs JSONL inputs: a text file has no fields; use {', '.join(ORDERS)}")
    if request.shard_bytes and texts and any(each.name.endswith(".txt") for each in written.values()):
        raise ConfigError("a text file is one text and can't be written in parts: shards are for records")


def known(request: Request, sources: list[Source]) -> Sites | None:
    """What the sites of the inputs repeat, if templates are used: as given, or learned from the inputs.

    Raises:
        ConfigError: an input does not say where its texts come from, or would have to be read twice and can't.
    """
    if request.templates is None and not request.learn_templates:
        return None
    check_sites(sources, request.source, request.site, "--source-field")
    if request.templates is not None:
        return Sites(request.templates, request.site)
    check_readable_twice(sources)
    # What can't be read is named when it is read again; and no part of the first reading is progress.
    reading = Reading(request.text, None, request.source, request.max_bytes)
    return Sites(learn_from(sources, reading, request.site), request.site)


def comparing(request: Request) -> Comparing | None:
    """How documents are compared, if they are.

    Raises:
        ConfigError: an option has a value that it can't have.
    """
    if request.across == "none":
        return None
    # NumPy takes longer to load than most commands to run.
    from textclean.corpus.decide import Comparing

    memory = request.memory if request.memory is not None else physical_memory()
    found = Comparing(request.across, request.threshold, request.keep, request.config.min_words, memory)  # type: ignore[arg-type]
    found.settings(request.workers)
    return found


def _settings(request: Request) -> dict[str, Any]:
    """What the result depends on, as JSON has it."""
    names = ("inputs", "output", "across", "keep", "threshold", "format", "output_format", "shard_bytes", "text", "id", "source")
    asked = {name: getattr(request, name) for name in (*names, "removals", "removals_field", "max_bytes", "learn_templates", "site")}
    asked["templates"] = digest(request.templates)
    config = {each.name: _plain(getattr(request.config, each.name)) for each in dataclasses.fields(request.config)}
    return asked | {"config": config, "version": versions().get("textclean")}


def _plain(value: Any) -> Any:
    if isinstance(value, (frozenset, tuple)):
        return sorted(map(str, value))
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def _identity(source: Source) -> list[Any]:
    try:
        found = source.path.stat() if source.path else None
    except OSError:
        found = None
    return [source.name, found.st_size if found else None, found.st_mtime_ns if found else None]


def _is_plain(output: str) -> bool:
    """Whether files of a run can stand beside an output: not beside a device."""
    return not os.path.exists(output) or os.path.isfile(output) or os.path.isdir(output)


def physical_memory() -> int:
    """Four fifths of the machine's memory, in bytes."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 4 // 5
    except (AttributeError, ValueError, OSError):
        return 4 * 10**9


def bytes_of(size: str) -> int:
    """A size as people write it, in bytes.

    Raises:
        ConfigError: it is none.

    >>> bytes_of("4GB"), bytes_of("1.5 MB")
    (4000000000, 1500000)
    """
    found = _size.fullmatch(size.strip().upper())
    if not found or float(found[1]) == 0:
        raise ConfigError(f"{size!r} is no size: use a number over 0 and KB, MB or GB, e.g. 4GB")
    return int(float(found[1]) * _sizes[found[2]])
