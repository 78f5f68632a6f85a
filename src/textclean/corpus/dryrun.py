"""Predicts what a run would do, from a part of the inputs; nothing is written.

The sample is the beginning of some inputs, evenly chosen. Repeats across documents are found within the sample alone, so the whole has
more of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from textclean.corpus.counts import Counts
from textclean.corpus.perform import sites_of
from textclean.corpus.request import Request
from textclean.corpus.sites import Sites
from textclean.corpus.stream import cleaned_events, size_of
from textclean.corpus.summary import repeats
from textclean.files.sources import Source

#: Inputs that are looked into, and bytes of each, as they stand on the disk.
SOURCES, BYTES = 8, 4_000_000
#: Reading again, packing and writing take about a third of what reading and cleaning take.
_WRITING = 1.3


@dataclass(frozen=True)
class Prediction:
    """The answer of `predict`. ``str(prediction)`` is a page to show.

    Attributes:
        sample: counts of the sample.
        scale: how many times as large as the sample the whole is, in bytes.
        files, bytes: number and size of all inputs.
        unit: what was compared across documents: ``paragraph``, ``document`` or ``none``.
        units, dropped, witnesses: units compared within the sample, units that repeat others, and units that they repeat.
        seconds: wall-clock time that the whole would take.
        memory: bytes of memory that comparing the whole would take; 0 without comparing.
        disk: bytes that the spool would take; 0 without comparing.
    """

    sample: Counts
    scale: float
    files: int
    bytes: int
    unit: str
    units: int
    dropped: int
    witnesses: int
    seconds: float
    memory: int
    disk: int

    def __str__(self) -> str:
        def all_(count: float) -> str:
            return f"{round(count * self.scale):,}"

        counts = self.sample
        lines = [
            f"{self.files:,} {'file' if self.files == 1 else 'files'}, {self.bytes / 1e6:,.1f} MB; looked at {counts.documents:,} texts,"
            f" 1 / {self.scale:,.1f} of all",
            f"about {all_(counts.documents)} texts, {all_(counts.characters_in / 1e6)} million characters",
            f"would remove about {all_(counts.kinds.total())}: "
            + (", ".join(f"{kind} {all_(count)}" for kind, count in counts.kinds.most_common()) or "nothing"),
        ]
        if self.unit != "none":
            lines.append(f"within the sample, {repeats(self.unit, self.units, self.dropped, self.witnesses)}; the whole has more")
            lines.append(f"comparing would take about {self.memory / 1e6:,.0f} MB of memory, the spool {self.disk / 1e6:,.0f} MB of disk")
        lines.append(f"would take about {_duration(self.seconds)}")
        if skipped := counts.skipped:
            named = ", ".join(f"{reason} {count:,}" for reason, count in skipped.most_common())
            lines.append(f"in the sample, {skipped.total():,} could not be read ({named})")
        return "\n".join(lines)


def predict(request: Request) -> Prediction:
    """Reads and cleans a part of the inputs, and predicts the whole run.

    Raises:
        ConfigError: an option has a value that it can't have.
    """
    counts = Counts()
    sources = request.sources(counts.skip)
    chosen = sources[:: max(1, -(-len(sources) // SOURCES))]
    sites = sites_of(request, sources)
    texts: list[str] = []
    marks: list[float] = []
    looked_at = sum(_look(source, request, sites, counts, texts, marks) for source in chosen)
    # The first texts take longer, as rules are made ready when they are first needed.
    settled = len(marks) // 4
    seconds = (marks[-1] - marks[settled]) * len(marks) / (len(marks) - settled) if marks else 0.0
    whole = sum(map(size_of, sources))
    scale = max(1.0, whole / looked_at) if looked_at else 1.0
    how = request.comparing
    units = dropped = witnesses = memory = disk = 0
    if how:
        from textclean.corpus.memory import MemoryEstimate
        from textclean.dedup.duplicates import compared

        began = time.monotonic()
        found = compared(texts, how, how.keep if how.key is None else "first", request.workers)
        seconds = seconds * _WRITING + time.monotonic() - began
        units, dropped = len(found), int(found.dropped.sum())
        witnesses = len(set(found.witness[found.dropped].tolist()))
        disk = int(sum(len(text.encode()) for text in texts) * scale)
        memory = MemoryEstimate(int(len(texts) * scale), disk, how, request.memory).peak_of_all(int(units * scale))
    return Prediction(
        counts, scale, len(sources), whole, how.unit if how else "none", units, dropped, witnesses, seconds * scale, memory, disk
    )


def _look(source: Source, request: Request, sites: Sites | None, counts: Counts, texts: list[str], marks: list[float]) -> int:
    """Cleans the beginning of a source, and notes the time when each text was done; returns the number of bytes read."""
    read = 0

    def on_bytes(_: Source, count: int) -> None:
        nonlocal read
        read = count

    reading = replace(request.reading, on_bytes=on_bytes)
    before = sum(map(len, texts))
    for event in cleaned_events([source], reading, request.config, request.workers, counts, sites):
        if isinstance(event, tuple):
            texts.append(event[1].text)
            marks.append(time.monotonic())
            if read >= BYTES:
                break
    # Tables are read by their library, which does not say how far it is.
    return read or min(size_of(source), sum(map(len, texts)) - before) or 1


def _duration(seconds: float) -> str:
    """Returns a duration in seconds as people say it.

    >>> _duration(0.4), _duration(75), _duration(40000)
    ('a second', '75 s', '11.1 h')
    """
    if seconds < 1:
        return "a second"
    return f"{seconds:,.0f} s" if seconds < 100 else f"{seconds / 60:,.0f} min" if seconds < 6000 else f"{seconds / 3600:,.1f} h"
