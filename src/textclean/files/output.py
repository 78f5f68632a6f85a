"""Output files that are either whole or absent.

An output is written as a draft: under a temporary name in its own folder or, for a URL, in a folder of this machine. It gets its name when
it is whole. It never replaces a file unless that was asked for. Nothing is forced to the disk: a power cut may still lose what was just
written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from textclean.errors import CorpusError, OutputError
from textclean.files.packing import packer
from textclean.files.places import Local, OutputPlace, lock, remove_stale
from textclean.files.sources import told_by_name


class Output:
    """A file being written. As a context manager it keeps the file if the block ends without an error, and else discards it.

    Args:
        where: the place of the file. The end of its name decides whether the file is compressed.
        force: replace a file that is there already.
        tag: names the run that writes the file. A resumed run has the same tag, so it overwrites the draft it left when it was killed.
        room: a folder for the draft of a file that is not on this machine; None for the system's folder of temporary files.

    Attributes:
        file: a binary file object for libraries that write by themselves. Wrap their calls in `errors`.
        size: bytes written so far, before compression.
        stored: size of the finished file in bytes, known once it is closed; 0 for a device.

    Raises:
        OutputExistsError: the file is there already.
        OutputError: the file can't be written. Every method may raise this.
    """

    def __init__(self, where: Path | OutputPlace, force: bool = False, tag: str | None = None, room: Path | None = None) -> None:
        self.place: OutputPlace = Local(where) if isinstance(where, Path) else where
        self._force = force
        self._tag = tag
        self.place.check(force)
        try:
            self._draft = self.place.draft(tag, room)
            if self._draft and tag:
                # Not written over: a kill may have come when it already had its name as well.
                self._draft.unlink(missing_ok=True)
            if self._draft and isinstance(self.place, Local):
                remove_stale(self._draft, self.place.path.resolve().name)
            self._raw = open(self._draft or str(self.place), "xb" if self._draft else "wb")  # noqa: SIM115 - closed by commit and discard
            lock(self._raw)
        except OSError as error:
            raise self._error(error) from error
        self.file: IO[bytes] = packer(self._raw, told_by_name(self.place.name)[1])
        self.size = self.stored = 0

    def write(self, text: str | bytes) -> None:
        """Appends text (encoded as UTF-8) or bytes."""
        data = text.encode("utf-8") if isinstance(text, str) else text
        self.size += len(data)
        with self.errors():
            self.file.write(data)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turns an `OSError` of the block into an `OutputError` that names the file."""
        try:
            yield
        except OSError as error:
            raise self._error(error) from error

    def refused(self, why: str) -> OutputError:
        """Returns the error for content that this file can't hold."""
        return OutputError(f"{self.place}: can't be written: {why}")

    def commit(self) -> None:
        """Closes the file and gives the finished draft its final name."""
        try:
            self._close()
            if self._draft:
                self.place.publish(self._draft, self._force, self._tag)
        except CorpusError:
            # OutputExistsError is an OSError as well, and says all already.
            raise
        except OSError as error:
            raise self._error(error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Closes the file and removes the draft; does nothing after `commit`."""
        with suppress(OSError, ValueError):
            self._close()
        with suppress(OSError):
            self._raw.close()
        if self._draft:
            self._draft.unlink(missing_ok=True)

    def __enter__(self) -> Output:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()

    def _close(self) -> None:
        if self._raw.closed:
            return
        if self.file is not self._raw:
            self.file.close()
        self._raw.flush()
        self.stored = os.fstat(self._raw.fileno()).st_size
        self._raw.close()

    def _error(self, error: OSError) -> OutputError:
        return self.refused(error.strerror or str(error))
