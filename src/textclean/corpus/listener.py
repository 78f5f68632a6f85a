"""The interface through which a run tells how far it is."""

from __future__ import annotations

from collections.abc import Sequence

from textclean.corpus.counts import Counts
from textclean.files.sources import Source


class Listener:
    """Is told how far a run is, and does nothing with it.

    Override the methods of interest; all are called in the thread that runs the job.
    """

    def begin(self, sources: Sequence[Source]) -> None:
        """Takes the inputs that will be read."""

    def on_bytes(self, source: Source, count: int) -> None:
        """Takes how many bytes of a source were read so far."""

    def on_stage(self, stage: str, documents: int) -> None:
        """Takes the stage that begins (``clean``, ``compare`` or ``write``), and how many documents are cleaned by then."""

    def on_document(self, before: Counts, counts: Counts) -> None:
        """Takes, for each document that is cleaned or written, what was counted before its shard and in it."""
