"""Where cleaned documents go: files, each whole or not there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from textclean.document import Cleaned
from textclean.errors import OutputError
from textclean.io.output import Output
from textclean.io.records import Document
from textclean.io.sources import Format, Source

if TYPE_CHECKING:
    from textclean.io.across import Across


class Sink(Protocol):
    """What takes cleaned documents: for each source `begin`, any number of `write`, `end`. After an error only `discard` is called."""

    def begin(self, source: Source) -> None:
        """The documents of this source follow."""

    def write(self, document: Document, cleaned: Cleaned, across: Across | None = None) -> None:
        """One document; `across` says what other documents leave of it, if they were compared."""

    def end(self) -> None:
        """No more of this source."""

    def discard(self) -> None:
        """What is not whole goes; does nothing between `end` and `begin`."""


class Files:
    """A file for each source."""

    def __init__(self, written: Mapping[Source, Path], force: bool, removals_field: str | None = None) -> None:
        self._written = written
        self._force = force
        self._removals_field = removals_field
        self._output: Output | None = None
        # A text that could not be read leaves no file; a JSONL file of no records is one.
        self._wanted = False

    def begin(self, source: Source) -> None:
        """Opens its file, and makes the folders for it."""
        path = self._written[source]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path.parent}: can't be made: {error.strerror}") from error
        self._output = Output(path, self._force)
        self._wanted = source.format is not Format.TXT

    def write(self, document: Document, cleaned: Cleaned, across: Across | None = None) -> None:
        """Adds the document."""
        assert self._output
        self._output.write(document.rendered(cleaned, self._removals_field, across))
        self._wanted = True

    def end(self) -> None:
        """Gives the file its name."""
        assert self._output
        if self._wanted:
            self._output.commit()
            self._output = None
        self.discard()

    def discard(self) -> None:
        """Leaves nothing of the file that is being written."""
        if self._output:
            self._output.discard()
            self._output = None
