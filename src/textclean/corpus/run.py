"""A run: shard by shard, each of them whole before the next, noted in the run's folder.

    across "none":   read -> clean -> write
    else, pass 1:    read -> clean -> spool         for each shard
          between:   decide                         for all of them
          pass 2:    spool -> take out -> write     for shards that have whole inputs together

A shard is a stretch of the cleaned documents, cut in `shards.py`. It is what is done again after a kill.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textclean.config import Config
from textclean.corpus.counts import Counts
from textclean.corpus.folder import Folder
from textclean.corpus.shards import Shards, of_whole_inputs
from textclean.corpus.stream import CleanEvent, Point, cleaned_from
from textclean.corpus.summary import Summary
from textclean.errors import OutputError
from textclean.files.output import Output
from textclean.files.places import Place
from textclean.files.sources import Source
from textclean.formats import Begin, End, Reading
from textclean.formats.across import Across
from textclean.formats.sinks import Sink

if TYPE_CHECKING:
    from textclean.corpus.decide import Comparing, Decision
    from textclean.corpus.samples import Sampler
    from textclean.corpus.sites import Sites
    from textclean.corpus.spool import Shard
    from textclean.corpus.uses import Uses

#: Takes a shard, by its number and with what is counted of it, into the spool or the outputs.
Put = Callable[[int, Iterator[CleanEvent], Counts], None]
Left = Iterable[tuple[CleanEvent, Across | None]]


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
    def numbers(self) -> dict[Source, int]:
        """The inputs by their place among all, from 0."""
        return {source: number for number, source in enumerate(self.sources)}

    @property
    def accounts(self) -> bool:
        """Whether what is removed is needed beyond its number."""
        return self.listed or self.removals is not None


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
    def put(number: int, events: Iterator[CleanEvent], counts: Counts) -> None:
        _write(job, number, ((event, None) for event in events), counts)

    def clean() -> None:
        _clean(job, "write", False, put)

    yield "clean", clean


def _in_two(job: Job) -> Iterator[tuple[str, Callable[[], None]]]:
    from textclean.corpus.decide import Answer, Decision, decide
    from textclean.corpus.spool import Shard

    assert job.comparing
    comparing = job.comparing
    spool = job.folder.sub("spool")
    ends: list[Point] = []

    def clean() -> None:
        ends.extend(_clean(job, "clean", True, partial(_spool, job, spool)))

    yield "clean", clean

    shards = [Shard(_named(spool, number), job.sources, job.reading, job.accounts) for number, _ in enumerate(ends)]
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
        for number, some in enumerate(of_whole_inputs(ends)):
            if before := job.folder.done("write", number):
                _take_up(job, number, before)
                continue
            with _work(job, "write", number) as (counts, _):
                left = (_left(shards[each], decision, int(decision.starts[each])) for each in some)
                _write(job, number, chain.from_iterable(left), counts)
        if job.sampler:
            job.sampler.across(decision)

    yield "write", write


def _clean(job: Job, stage: str, within: bool, put: Put) -> list[Point]:
    """The pass that reads and cleans, from where it was broken off; returns where each shard ends, those finished before too."""
    ends: list[Point] = []
    while before := job.folder.done(stage, len(ends)):
        _take_up(job, len(ends), before)
        ends.append(Point(*before["end"]))
    point = ends[-1] if ends else Point()
    with closing(cleaned_from(point, job.sources, job.reading, job.config, job.workers, job.sites)) as events:
        shards = Shards(events, point, job.numbers, within)
        while not shards.done:
            with _work(job, stage, len(ends)) as (counts, noted):
                put(len(ends), _shown(job, shards.next(counts, job.summary.counts), counts), counts)
                noted["end"] = shards.point
            ends.append(shards.point)
    return ends


def _shown(job: Job, events: Iterator[CleanEvent], counts: Counts) -> Iterator[CleanEvent]:
    """Documents as they are cleaned, shown to whoever looks at them."""
    for event in events:
        if isinstance(event, tuple):
            if job.sampler:
                job.sampler.look(*event)
            if job.uses:
                job.uses.look(*event)
            job.on_document(job.summary.counts, counts)
        yield event


def _spool(job: Job, spool: Path, number: int, events: Iterator[CleanEvent], counts: Counts) -> None:
    """Documents into the spool."""
    from textclean.corpus.spool import Writer

    assert job.comparing
    writer = Writer(_named(spool, number), job.numbers, job.accounts, job.accounts or job.sampler is not None, job.comparing.key)
    try:
        for event in events:
            writer.add(event)
        writer.close()
    except BaseException:
        writer.discard()
        raise


def _left(shard: Shard, decision: Decision, number: int) -> Iterator[tuple[CleanEvent, Across | None]]:
    """What is in a shard of the spool, with what each document is left with; `number` is that of its first."""
    for event in shard.events():
        if isinstance(event, tuple):
            yield event, decision.across(number, event[1])
            number += 1
        else:
            yield event, None


@contextmanager
def _work(job: Job, stage: str, number: int) -> Iterator[tuple[Counts, dict[str, Any]]]:
    """A piece of work: its counts, and what else is to be noted of it. Noted as finished if the block ends well."""
    counts, noted = Counts(), dict[str, Any]()
    yield counts, noted
    if job.sampler:
        noted["samples"] = job.sampler.take()
    if job.uses:
        noted["templates"] = job.uses.put_aside(_uses(job, number), job.folder.tag)
    job.folder.finish(stage, number, counts=counts.to_dict(), **noted)
    job.summary.counts.add(counts)


def _take_up(job: Job, number: int, noted: dict[str, Any]) -> None:
    """What was noted of a piece of work that was finished before."""
    if job.sampler:
        job.sampler.restore(noted["samples"])
    if job.uses and noted.get("templates"):
        job.uses.take_up(_uses(job, number))
    job.summary.counts.add(Counts.from_dict(noted["counts"]))


def _uses(job: Job, number: int) -> Path:
    """Where counts of templates are put aside: only the stage that cleans has some."""
    return _named(job.folder.sub("templates"), number)


def _write(job: Job, number: int, events: Left, counts: Counts) -> None:
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
                counts.write(document, len(across.text) if across else result.characters, across)
                if job.comparing:
                    job.on_document(job.summary.counts, counts)
                if part:
                    part.write("".join(document.account(result, across)))
    counts.bytes_out += getattr(job.sink, "bytes", 0) - before


def _part(job: Job, number: int) -> Output:
    return Output(_named(job.folder.sub("removals"), number), force=True, tag=job.folder.tag)


def _named(folder: Path, number: int) -> Path:
    return folder / f"{number:05}"


def _join_removals(job: Job) -> None:
    """The list of what was removed, from its parts."""
    if not job.removals or job.folder.done("removals"):
        return
    with Output(job.removals, job.force, job.folder.tag, job.folder.drafts) as output:
        for number in range(job.folder.count("write")):
            part = _named(job.folder.path / "removals", number)
            try:
                with open(part, "rb") as file, output.errors():
                    shutil.copyfileobj(file, output.file, 1 << 20)
            except OSError as error:
                raise OutputError(f"{part}: can't be read again: {os.strerror(error.errno or 0)}") from error
    job.folder.finish("removals")
