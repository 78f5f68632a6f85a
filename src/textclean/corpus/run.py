"""A run: shard by shard, each of them whole before the next, noted in the run's folder.

    across "none":   read -> clean -> write
    else, pass 1:    read -> clean -> spool         for each shard
          between:   decide                         for all of them
          pass 2:    spool -> take out -> write     for each shard

A shard is some inputs that stand next to each other. It is what is done again after a kill.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textclean.api import clean_many
from textclean.config import Config
from textclean.corpus.counts import Counts
from textclean.corpus.folder import Folder
from textclean.corpus.summary import Summary
from textclean.document import Cleaned
from textclean.errors import CorpusError, OutputError, RecordError
from textclean.io import Begin, Document, End, Event, Output, Reading, Source, cleaned, read
from textclean.io.across import Across
from textclean.io.places import Place
from textclean.io.sinks import Sink

if TYPE_CHECKING:
    from textclean.corpus.decide import Comparing, Decision
    from textclean.corpus.samples import Sampler
    from textclean.corpus.sites import Sites
    from textclean.corpus.spool import Shard
    from textclean.corpus.uses import Uses

_log = logging.getLogger("textclean")

#: Inputs that stand next to each other are one shard up to this size, as files: done again in some seconds.
SHARD_BYTES, SHARD_SOURCES = 64_000_000, 10_000

Events = Iterable[Begin | End | tuple[Document, Cleaned]]


@dataclass
class Job:
    """What is to be done, checked.

    Attributes:
        sources: what is read.
        sink: takes the documents.
        comparing: how documents are compared; None if they are not.
        sites: what the sites of the documents repeat; None if nobody asks.
        removals: where what was removed is written.
        listed: whether the sink wants to know what was removed.
        sampler: collects what the report of the run shows.
        uses: counts what the report shows of templates.
        on_stage: is told of each stage, and how many documents are cleaned by then.
        on_document: is told of each document that is cleaned or written: what was counted before this shard, and of it.
    """

    sources: list[Source]
    sink: Sink
    reading: Reading
    config: Config
    folder: Folder
    comparing: Comparing | None = None
    workers: int | None = None
    sites: Sites | None = None
    removals: Place | None = None
    listed: bool = False
    force: bool = False
    on_stage: Callable[[str, int], None] = lambda stage, documents: None
    on_document: Callable[[Counts, Counts], None] = lambda before, counts: None
    sampler: Sampler | None = None
    uses: Uses | None = None
    summary: Summary = field(default_factory=Summary)

    @cached_property
    def shards(self) -> list[list[Source]]:
        """The inputs, shard by shard. A file that cannot be measured is one by itself."""
        shards: list[list[Source]] = []
        size = SHARD_BYTES + 1
        for source in self.sources:
            size += size_of(source)
            if size > SHARD_BYTES or len(shards[-1]) >= SHARD_SOURCES:
                shards.append([])
                size = size_of(source)
            shards[-1].append(source)
        return shards

    @property
    def accounts(self) -> bool:
        """Whether what is removed is needed beyond its number."""
        return self.listed or self.removals is not None


def size_of(source: Source) -> int:
    """Bytes of a file; of what cannot be measured, as many as a shard has."""
    try:
        return source.path.stat().st_size if source.path else SHARD_BYTES
    except OSError:
        return 0


def run(job: Job) -> Summary:
    """Does it.

    Raises:
        TextcleanError: it can't be done, or not to its end.
    """
    started = time.monotonic()
    job.summary.unit = job.comparing.unit if job.comparing else "none"
    with ExitStack() as stack:
        stack.callback(job.sink.discard)
        for stage, work in (_in_two if job.comparing else _in_one)(job):
            begun = time.monotonic()
            job.on_stage(stage, job.summary.counts.documents)
            work()
            job.summary.seconds[stage] = time.monotonic() - begun
        _join_removals(job)
    job.summary.seconds["all"] = time.monotonic() - started
    return job.summary


def _in_one(job: Job) -> Iterator[tuple[str, Callable[[], None]]]:
    def clean() -> None:
        for number, shard in enumerate(job.shards):
            with _work(job, "write", number) as counts:
                if counts is not None:
                    _write(job, number, ((event, None) for event in _cleaned(job, shard, counts)), counts)

    yield "clean", clean


def _in_two(job: Job) -> Iterator[tuple[str, Callable[[], None]]]:
    from textclean.corpus.decide import Answer, Decision, decide
    from textclean.corpus.spool import Shard

    assert job.comparing
    comparing = job.comparing
    spool = job.folder.sub("spool")
    shards = [Shard(spool / f"{n:05}", job.sources, job.reading, job.accounts) for n, _ in enumerate(job.shards)]
    yield "clean", partial(_spool, job, spool)

    kept = job.folder.path / "decision"

    def compare() -> None:
        if not job.folder.done("decide"):
            shutil.rmtree(kept, ignore_errors=True)
            answer = decide(shards, comparing, job.workers)
            answer.save(kept)
            job.folder.finish("decide", counts=answer.counts)

    yield "compare", compare

    def write() -> None:
        decision = Decision(Answer.load(kept), shards, comparing.unit, job.accounts)
        job.summary.units, job.summary.dropped, job.summary.witnesses = decision.answer.counts
        for number, shard in enumerate(shards):
            with _work(job, "write", number) as counts:
                if counts is not None:
                    _write(job, number, _left(shard, decision, int(decision.starts[number])), counts)
        if job.sampler:
            job.sampler.across(decision)

    yield "write", write


def _spool(job: Job, spool: Path) -> None:
    """The first pass."""
    from textclean.corpus.spool import Writer

    assert job.comparing
    for number, shard in enumerate(job.shards):
        with _work(job, "clean", number) as counts:
            if counts is None:
                continue
            writer = Writer(spool / f"{number:05}", job.sources, job.accounts, job.accounts or job.sampler is not None, job.comparing.key)
            try:
                for event in _cleaned(job, shard, counts):
                    writer.add(event)
                writer.close()
            except BaseException:
                writer.discard()
                raise


def _left(shard: Shard, decision: Decision, number: int) -> Iterator[tuple[Begin | End | tuple[Document, Cleaned], Across | None]]:
    """What is in a shard of the spool, with what each document is left with; `number` is that of its first."""
    for event in shard.events():
        if isinstance(event, tuple):
            yield event, decision.across(number, event[1].text)
            number += 1
        else:
            yield event, None


class _work:  # noqa: N801 - used as a function is
    """A piece of work: its counts, or None if it was finished before. Noted as finished if the block ends well."""

    def __init__(self, job: Job, stage: str, number: int) -> None:
        self._job, self._stage, self._number = job, stage, number
        self._before = job.folder.done(stage, number)
        self._counts = Counts()

    def __enter__(self) -> Counts | None:
        return None if self._before else self._counts

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        counts, job = self._counts, self._job
        if self._before:
            counts = Counts.from_dict(self._before["counts"])
            if job.sampler:
                job.sampler.restore(self._before["samples"])
            if job.uses and self._before.get("templates"):
                job.uses.take_up(self._uses())
        elif kind is None:
            seen: dict[str, Any] = {"samples": job.sampler.take()} if job.sampler else {}
            if job.uses:
                seen["templates"] = job.uses.put_aside(self._uses(), job.folder.tag)
            job.folder.finish(self._stage, self._number, counts=counts.to_dict(), **seen)
        job.summary.counts.add(counts)

    def _uses(self) -> Path:
        """Where counts of templates are put aside: only the stage that cleans has some."""
        return self._job.folder.sub("templates") / f"{self._number:05}"


def _cleaned(job: Job, shard: list[Source], counts: Counts) -> Iterator[Begin | End | tuple[Document, Cleaned]]:
    for event in cleaned_events(shard, job.reading, job.config, job.workers, counts, job.sites):
        if isinstance(event, tuple):
            if job.sampler:
                job.sampler.look(*event)
            if job.uses:
                job.uses.look(*event)
            job.on_document(job.summary.counts, counts)
        yield event


def cleaned_events(
    sources: Iterable[Source], reading: Reading, config: Config, workers: int | None, counts: Counts, sites: Sites | None = None
) -> Iterator[Begin | End | tuple[Document, Cleaned]]:
    """What is in the sources, cleaned; what can't be is counted and named."""
    events: Iterable[Event | CorpusError] = chain.from_iterable(read(source, reading) for source in sources)
    cleaning = partial(clean_many, config=config, workers=workers, on_error="keep")
    if sites:
        events = following = sites.following(events)
        cleaning = partial(cleaning, source=following.next, templates=sites.templates)
    with closing(cleaned(events, cleaning, counts.skip)) as stream:
        for event in stream:
            if isinstance(event, Begin):
                counts.opened += 1
                counts.bytes_in += size_of(event.source) if event.source.path else 0
                _log.debug("%s: begun", event.source.name)
            elif isinstance(event, End):
                _log.debug("%s: done, %s texts so far", event.source.name, f"{counts.documents:,}")
            elif event[1].error is not None:
                counts.skip(RecordError(f"{event[0].place}: {event[1].error}", "not-cleaned"))
                continue
            else:
                counts.clean(*event)
            yield event


def _write(job: Job, number: int, events: Iterable[tuple[Begin | End | tuple[Document, Cleaned], Across | None]], counts: Counts) -> None:
    """Documents into the sink, and a part of the list of what was removed."""
    before = getattr(job.sink, "bytes", 0)
    with ExitStack() as stack:
        part = stack.enter_context(_part(job, number)) if job.removals else None
        for event, across in events:
            if isinstance(event, Begin):
                job.sink.begin(event.source)
            elif isinstance(event, End):
                job.sink.end()
            else:
                document, result = event
                if not (across and across.left_out):
                    job.sink.write(document, result, across)
                counts.write(document, across.text if across else result.text, across)
                if across:
                    job.on_document(job.summary.counts, counts)
                if part:
                    part.write("".join(document.account(result, across)))
    counts.bytes_out += getattr(job.sink, "bytes", 0) - before


def _part(job: Job, number: int) -> Output:
    return Output(job.folder.sub("removals") / f"{number:05}", force=True, tag=job.folder.tag)


def _join_removals(job: Job) -> None:
    """The list of what was removed, from its parts."""
    if not job.removals or job.folder.done("removals"):
        return
    with Output(job.removals, job.force, job.folder.tag, job.folder.drafts) as output:
        for number, _ in enumerate(job.shards):
            part = job.folder.path / "removals" / f"{number:05}"
            try:
                with open(part, "rb") as file, output.errors():
                    shutil.copyfileobj(file, output.file, 1 << 20)
            except OSError as error:
                raise OutputError(f"{part}: can't be read again: {os.strerror(error.errno or 0)}") from error
    job.folder.finish("removals")
