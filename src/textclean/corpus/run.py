"""Runs a job shard by shard; each shard is whole before the next begins, and noted in the run's folder.

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

from textclean.corpus.counts import Counts
from textclean.corpus.request import Request
from textclean.corpus.run_folder import RunFolder
from textclean.corpus.shards import Shards, of_whole_inputs
from textclean.corpus.stream import CleanEvent, Point, cleaned_from
from textclean.corpus.summary import Summary
from textclean.errors import OutputError
from textclean.files.output import Output
from textclean.files.places import OutputPlace
from textclean.files.sources import Source
from textclean.formats import Begin, End
from textclean.formats.across import Across
from textclean.formats.sinks import Sink

if TYPE_CHECKING:
    from textclean.corpus.decide import Answer, Decision
    from textclean.corpus.samples import Sampler
    from textclean.corpus.sites import Sites
    from textclean.corpus.spool import SpooledShard
    from textclean.corpus.uses import TemplateUses
    from textclean.index import Index

#: Writes a shard, given its number, its documents and its counts, into the spool or the outputs.
ShardWriter = Callable[[int, Iterator[CleanEvent], Counts], None]
#: Cleaned documents, each with what is left of it without its repeats; None where that is all of it.
WithoutRepeats = Iterable[tuple[CleanEvent, Across | None]]


@dataclass
class Job:
    """A request made ready: inputs found, outputs named, all of it checked.

    Attributes:
        request: the options.
        sources: the inputs.
        sink: takes the documents.
        folder: the run's folder, where finished work is noted.
        sites: what the sites of the documents repeat; None without templates.
        removals: the file to which the removals are written; None to write none.
        listed: whether the sink lists removals.
        sampler: collects samples for the report of the run; None without a report.
        uses: counts the uses of templates for the report; None without a report or without templates.
        index: an index of what was seen; None for none.
        summary: the counts of the run, filled in as it goes on.
    """

    request: Request
    sources: list[Source]
    sink: Sink
    folder: RunFolder
    sites: Sites | None = None
    removals: OutputPlace | None = None
    listed: bool = False
    sampler: Sampler | None = None
    uses: TemplateUses | None = None
    index: Index | None = None
    summary: Summary = field(default_factory=Summary)

    @cached_property
    def numbers(self) -> dict[Source, int]:
        """The number of each input, from 0."""
        return {source: number for number, source in enumerate(self.sources)}

    @property
    def force(self) -> bool:
        """Whether outputs that are there are replaced. A resumed run replaces its own."""
        return self.request.outputs.force or self.folder.resumed

    @property
    def accounts(self) -> bool:
        """Whether each removal is listed, not only counted."""
        return self.listed or self.removals is not None

    @property
    def places(self) -> bool:
        """Whether documents are named when what repeats across them goes."""
        return self.accounts or self.sampler is not None or self.index is not None


def run(job: Job) -> Summary:
    """Runs a checked job to its end, and returns its summary. Shards that were finished before are not cleaned or written again.

    Raises:
        TextcleanError: the run can't be finished.
    """
    started = time.monotonic()
    job.summary.unit = job.request.comparing.unit if job.request.comparing else "none"
    with ExitStack() as stack:
        stack.callback(job.sink.discard)
        for stage, work in (_in_two if job.request.comparing else _in_one)(job):
            begun = time.monotonic()
            job.request.listener.on_stage(stage, job.summary.counts.documents)
            work()
            job.summary.seconds[stage] = time.monotonic() - begun
        _join_removals(job)
    job.summary.seconds["all"] = time.monotonic() - started
    return job.summary


def _in_one(job: Job) -> Iterator[tuple[str, Callable[[], None]]]:
    def write(number: int, events: Iterator[CleanEvent], counts: Counts) -> None:
        _write(job, number, ((event, None) for event in events), counts)

    def clean() -> None:
        _clean(job, "write", False, write)

    yield "clean", clean


def _in_two(job: Job) -> Iterator[tuple[str, Callable[[], None]]]:
    from textclean.corpus.decide import Answer, Decision, decide
    from textclean.corpus.spool import SpooledShard
    from textclean.corpus.witnesses import Before

    comparing = job.request.comparing
    assert comparing
    spool = job.folder.sub("spool")
    ends: list[Point] = []

    def clean() -> None:
        ends.extend(_clean(job, "clean", True, partial(_spool, job, spool)))

    yield "clean", clean

    shards = [SpooledShard(_named(spool, number), job.sources, job.request.reading, job.accounts) for number, _ in enumerate(ends)]
    kept = job.folder.path / "decision"

    def compare() -> None:
        if not job.folder.done("decide"):
            job.folder.disk.remove_tree(kept)
            answer = (
                _with_index(job, shards) if job.index is not None else decide(shards, comparing, job.request.memory, job.request.workers)
            )
            answer.save(kept, job.folder.disk)
            job.folder.finish("decide", counts=answer.counts)

    yield "compare", compare

    def write() -> None:
        before = Before(_before(job), job.index.path) if job.index is not None else None
        if noted := job.folder.done("index"):
            job.summary.run = noted["run"]
        decision = Decision(Answer.load(kept), shards, comparing.unit, job.accounts, before)
        job.summary.units, job.summary.dropped, job.summary.witnesses = decision.answer.counts
        for number, some in enumerate(of_whole_inputs(ends)):
            if finished := job.folder.done("write", number):
                _restore_finished(job, number, finished)
                continue
            with _work(job, "write", number) as (counts, _):
                left = (_without_repeats(shards[each], decision, int(decision.starts[each])) for each in some)
                _write(job, number, chain.from_iterable(left), counts)
        if job.sampler:
            job.sampler.across(decision)

    yield "write", write


def _with_index(job: Job, shards: list[SpooledShard]) -> Answer:
    """Decides with the index, which gets the documents by a name of the run that it keeps when it is resumed."""
    from textclean.corpus.decide import memory_for
    from textclean.corpus.seen import decide, run_name

    assert job.index is not None
    assert job.request.comparing
    if not job.folder.done("index"):
        # Noted before anything goes in, so that what a run has added can be told whenever it is broken off.
        job.folder.finish("index", run=run_name(), path=os.path.abspath(job.index.path), began=int(time.time()))
    noted = job.folder.done("index")
    assert noted
    need = memory_for(shards, job.request.comparing, job.request.memory)
    return decide(job.index, noted["run"], noted["began"], shards, _before(job), need, job.folder.disk)


def _before(job: Job) -> Path:
    """Returns the file for witnesses that the index had seen before."""
    return job.folder.sub("spool") / "before"


def _clean(job: Job, stage: str, within: bool, write_shard: ShardWriter) -> list[Point]:
    """Reads and cleans, from the place at which the run was interrupted; returns the end of each shard, those finished before included."""
    ends: list[Point] = []
    while before := job.folder.done(stage, len(ends)):
        _restore_finished(job, len(ends), before)
        ends.append(Point(*before["end"]))
    point = ends[-1] if ends else Point()
    with closing(cleaned_from(point, job.sources, job.request.reading, job.request.config, job.request.workers, job.sites)) as events:
        shards = Shards(events, point, job.numbers, within)
        while not shards.done:
            with _work(job, stage, len(ends)) as (counts, noted):
                write_shard(len(ends), _shown(job, shards.next(counts, job.summary.counts), counts), counts)
                noted["end"] = shards.point
            ends.append(shards.point)
    return ends


def _shown(job: Job, events: Iterator[CleanEvent], counts: Counts) -> Iterator[CleanEvent]:
    """Shows documents to the sampler, to the counts of templates and to the listener while they pass."""
    for event in events:
        if isinstance(event, tuple):
            if job.sampler:
                job.sampler.look(*event)
            if job.uses:
                job.uses.look(*event)
            job.request.listener.on_document(job.summary.counts, counts)
        yield event


def _spool(job: Job, spool: Path, number: int, events: Iterator[CleanEvent], counts: Counts) -> None:
    """Writes a shard of documents into the spool."""
    from textclean.corpus.spool import SpoolWriter

    assert job.request.comparing
    writer = SpoolWriter(
        _named(spool, number),
        job.numbers,
        job.accounts,
        job.places,
        job.request.comparing.key,
        job.folder.disk,
    )
    try:
        for event in events:
            writer.add(event)
        writer.close()
    except BaseException:
        writer.discard()
        raise


def _without_repeats(shard: SpooledShard, decision: Decision, number: int) -> Iterator[tuple[CleanEvent, Across | None]]:
    """Reads a shard from the spool, each document with what remains of it; `number` is the number of the shard's first document."""
    for event in shard.events():
        if isinstance(event, tuple):
            yield event, decision.across(number, event[1])
            number += 1
        else:
            yield event, None


@contextmanager
def _work(job: Job, stage: str, number: int) -> Iterator[tuple[Counts, dict[str, Any]]]:
    """Begins a piece of work, noted as finished if the block ends well; gives its counts, and a dict for more values to be noted."""
    counts, noted = Counts(), dict[str, Any]()
    yield counts, noted
    if job.sampler:
        noted["samples"] = job.sampler.take()
    if job.uses:
        noted["templates"] = job.uses.put_aside(_uses_file(job, number), job.folder.tag, job.folder.disk)
    job.folder.finish(stage, number, counts=counts.to_dict(), **noted)
    job.summary.counts.add(counts)


def _restore_finished(job: Job, number: int, noted: dict[str, Any]) -> None:
    """Adds the journal's counts of a piece of work that was finished before."""
    if job.sampler:
        job.sampler.restore(noted["samples"])
    if job.uses and noted.get("templates"):
        job.uses.take_up(_uses_file(job, number))
    job.summary.counts.add(Counts.from_dict(noted["counts"]))


def _uses_file(job: Job, number: int) -> Path:
    """Returns the file for a shard's counts of templates, which only the stage that cleans has."""
    return _named(job.folder.sub("templates"), number)


def _write(job: Job, number: int, events: WithoutRepeats, counts: Counts) -> None:
    """Writes a shard of documents into the sink, and its part of the list of removals."""
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
                if job.request.comparing:
                    job.request.listener.on_document(job.summary.counts, counts)
                if part:
                    part.write("".join(document.account(result, across)))
    counts.bytes_out += getattr(job.sink, "bytes", 0) - before


def _part(job: Job, number: int) -> Output:
    return Output(_named(job.folder.sub("removals"), number), force=True, tag=job.folder.tag, disk=job.folder.disk)


def _named(folder: Path, number: int) -> Path:
    return folder / f"{number:05}"


def _join_removals(job: Job) -> None:
    """Joins the parts of the list of removals into one file."""
    if not job.removals or job.folder.done("removals"):
        return
    with Output(job.removals, job.force, job.folder.tag, job.folder.drafts, job.folder.disk) as output:
        for number in range(job.folder.count("write")):
            part = _named(job.folder.path / "removals", number)
            try:
                with open(part, "rb") as file, output.errors():
                    shutil.copyfileobj(file, output.file, 1 << 20)
            except OSError as error:
                raise OutputError(f"{part}: can't be read again: {os.strerror(error.errno or 0)}") from error
    job.folder.finish("removals")
