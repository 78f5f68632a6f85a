"""Shows how far the work is: with a bar on a terminal, else with a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textclean.commands.log import log
from textclean.corpus.counts import Counts
from textclean.corpus.listener import Listener
from textclean.files.sources import Source

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_STAGES = {"clean": "cleaning", "compare": "comparing", "write": "writing"}


class ShownProgress(Listener):
    """Shows on stderr how far a run is, once the run has taken a moment.

    Args:
        bar: draw a bar.
        lines: without a bar, write a line now and then.
    """

    _MOMENT, _LINES = 2.0, 30.0

    def __init__(self, bar: bool, lines: bool = False) -> None:
        self._drawn, self._lines = bar, lines
        self._total: int | None = 0
        self._before, self._now = 0, 0
        self._current: Source | None = None
        self._stage, self._documents = "clean", 0
        self._begun = time.monotonic()
        self._next = self._begun + (self._MOMENT if bar else self._LINES)
        self._bar: Bar | None = None

    def begin(self, sources: Sequence[Source]) -> None:
        """Takes the inputs that will be read."""
        paths = [source.path for source in sources]
        self._total = sum(path.stat().st_size if path and path.exists() else 0 for path in paths) if all(paths) else None

    def on_bytes(self, source: Source, count: int) -> None:
        """Takes how many bytes of a source were read so far."""
        if source is not self._current:
            self._before += self._now
            self._current = source
        self._now = count

    @property
    def bytes(self) -> tuple[int, int | None]:
        """Bytes read so far, and bytes of all inputs; None for the latter if the size of an input is not known."""
        return self._before + self._now, self._total

    def on_stage(self, stage: str, documents: int) -> None:
        """Takes the stage that begins, and how many documents are cleaned by then."""
        self._stage, self._documents, self._begun = stage, documents, time.monotonic()
        if stage != "clean" and (self._bar or self._lines):
            log.debug("%s: %s, %s texts", time.strftime("%H:%M:%S"), _STAGES.get(stage, stage), f"{documents:,}")
        if self._bar:
            self._bar.reset(self._bar.task_ids[0], total=None if stage == "compare" else self._total, description=_STAGES[stage])

    def on_document(self, before: Counts, counts: Counts) -> None:
        """Takes the counts of all earlier shards and of this one, once for each document that is done."""
        if (self._drawn or self._lines) and time.monotonic() > self._next:
            self._next = time.monotonic() + (0.2 if self._drawn else self._LINES)
            done, removed = before.documents + counts.documents, before.kinds.total() + counts.kinds.total()
            said = f"{done:,} done, {removed:,} removed" if self._stage == "clean" else f"{before.written + counts.written:,} written"
            self._draw(said, before.written + counts.written) if self._drawn else self._say(said)

    def __enter__(self) -> ShownProgress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.stop()

    def _draw(self, said: str, written: int) -> None:
        if self._bar is None:
            self._bar = _bar()
            self._bar.add_task("", total=self._total)
            self._bar.start()
        done = self.bytes[0] if self._stage == "clean" else (self._total or 0) * written // max(self._documents, 1)
        self._bar.update(self._bar.task_ids[0], completed=done, description=said)

    def _say(self, said: str) -> None:
        done, total = self.bytes
        seconds = time.monotonic() - self._begun
        parts = [said]
        if self._stage == "clean":
            parts.append(f"{done / 1e6:,.0f}" + (f" of {total / 1e6:,.0f} MB" if total else " MB"))
            parts.append(f"{done / 1e6 / seconds:,.1f} MB/s")
            if total and done:
                parts.append(f"about {seconds * (total - done) / done / 60:,.0f} min left")
        log.info("%s: %s", _STAGES[self._stage], ", ".join(parts))


def for_terminal(quiet: bool, scrolls: bool) -> ShownProgress:
    """Returns the progress that suits stderr: a bar on a terminal, lines elsewhere.

    Args:
        quiet: show nothing.
        scrolls: results are printed on the terminal and scroll by, so no bar is drawn.
    """
    terminal = sys.stderr.isatty()
    return ShownProgress(terminal and not quiet and not scrolls, not terminal and not quiet)


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TextColumn("{task.description}", markup=False), TimeRemainingColumn())
    # Messages on stderr pass above the bar; stdout is not touched: it is a file or a pipe here.
    return Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
