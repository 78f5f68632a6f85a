"""Writes cleaned documents to files, each whole or absent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from textclean.document import Cleaned
from textclean.files.disk import Disk
from textclean.files.output import Output
from textclean.files.places import OutputPlace
from textclean.files.sources import Format, Source, split_name
from textclean.formats.records import Document
from textclean.formats.writers import DocumentWriter, writer

if TYPE_CHECKING:
    from textclean.formats.across import Across


class Sink(Protocol):
    """Takes cleaned documents: for each source `begin`, any number of `write`, `end`. After an error only `discard` is called."""

    def begin(self, source: Source) -> None:
        """Begins a source; its documents follow."""

    def write(self, document: Document, cleaned: Cleaned, across: Across | None = None) -> None:
        """Takes one document.

        Args:
            document: the document as it was read.
            cleaned: the result of cleaning.
            across: what remains after the comparison with other documents; None if they were not compared or all of it remains.
        """

    def end(self) -> None:
        """Ends the source."""

    def discard(self) -> None:
        """Discards the output that is not whole; does nothing between `end` and `begin`."""


class FileSink:
    """Writes a file for each source, or several files of about one size.

    Args:
        written: the place for each source.
        force: replace files that are there already.
        removals_field: the name of a field of records that gets the list of removals; None for no such field.
        shard_bytes: begin another file after so many bytes, counted before compression; None for one file however large.
        tag: names the run, see `Output`.
        room: a folder for drafts, see `Output`.
        disk: writes the files; whoever gives it settles it.

    Attributes:
        bytes: size of the files written so far, as stored.
    """

    def __init__(
        self,
        written: Mapping[Source, OutputPlace],
        force: bool,
        removals_field: str | None = None,
        shard_bytes: int | None = None,
        tag: str | None = None,
        room: Path | None = None,
        disk: Disk | None = None,
    ) -> None:
        self.bytes = 0
        self._tag = tag
        self._room = room
        self._disk = disk or Disk()
        self._written = written
        self._force = force
        self._removals_field = removals_field
        self._shard_bytes = shard_bytes
        self._output: Output | None = None
        self._writer: DocumentWriter | None = None
        self._shard = 0
        # A text that could not be read leaves no file; a JSONL file of no records is one.
        self._wanted = False
        self._source: Source | None = None

    def begin(self, source: Source) -> None:
        """Opens the file of a source, and makes the folders for it."""
        self._source, self._shard = source, 0
        self._open()
        self._wanted = source.format is not Format.TXT

    def write(self, document: Document, cleaned: Cleaned, across: Across | None = None) -> None:
        """Writes the document, into a new file if the present one is full."""
        assert self._writer
        assert self._output
        if self._shard_bytes and self._output.size >= self._shard_bytes:
            self._commit()
            self._shard += 1
            self._open()
        self._writer(document, cleaned, across)
        self._wanted = True

    def end(self) -> None:
        """Completes the file and gives it its final name. A text file without a document leaves no file."""
        if self._wanted:
            self._commit()
        self.discard()

    def discard(self) -> None:
        """Removes the draft of the file that is being written."""
        if self._output:
            self._output.discard()
            self._output = None

    def _open(self) -> None:
        assert self._source
        place = self._written[self._source]
        if self._shard_bytes:
            place = shard_of(place, self._shard)
        place.make_folder(self._disk)
        self._output = Output(place, self._force, self._tag, self._room, self._disk)
        self._writer = writer(self._output, self._removals_field)

    def _commit(self) -> None:
        assert self._writer
        assert self._output
        self._writer.close()
        self._output.commit()
        self.bytes += self._output.stored
        self._output = None


def shard_of(place: OutputPlace, number: int) -> OutputPlace:
    """Returns the place of file `number` of the several files that a source is written to.

    >>> from textclean.files.places import Local
    >>> shard_of(Local(Path("clean.jsonl.zst")), 7).name
    'clean-00007.jsonl.zst'
    """
    stem, suffixes = split_name(place.name)
    return place.sibling(f"{stem}-{number:05}{suffixes}")
