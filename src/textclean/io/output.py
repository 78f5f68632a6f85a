"""Files that are whole or not there.

An output is written under a temporary name in its own folder and renamed when it is whole. It never replaces a file unless that was asked
for. Nothing is forced to the disk: a power cut may still lose what was just written.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from textclean.errors import OutputError, OutputExistsError
from textclean.io.packing import packer
from textclean.io.sources import told_by_name


class Output:
    """A file being written. As a context manager: whole if the block ends well, else discarded.

    Args:
        path: its name tells whether it is compressed.
        force: replace a file that is there already. A link is followed, as ``>`` does in a shell.
        tag: of the run that it belongs to. A run that is resumed then takes the place of what it left behind when it was killed.

    Attributes:
        file: the same for libraries that write bytes. Wrap what they do in `errors`.
        size: bytes written, before they were packed.

    Raises:
        OutputExistsError: the file is there already.
        OutputError: it can't be written. Every method may raise this.
    """

    def __init__(self, path: Path, force: bool = False, tag: str | None = None) -> None:
        self.path = path
        self._force = force
        check(path, force)
        self._final = path.resolve()
        # A device or a pipe is written to as it is: renaming would put a file in its place.
        self._temporary = None if _special(self._final) else _temporary(self._final, tag)
        try:
            if self._temporary and tag:
                # Not written over: a kill may have come when it already had its name as well.
                self._temporary.unlink(missing_ok=True)
            self._raw = open(self._temporary or self._final, "xb" if self._temporary else "wb")  # noqa: SIM115 - closed by commit and discard
        except OSError as error:
            raise self._error(error) from error
        self.file: IO[bytes] = packer(self._raw, told_by_name(path.name)[1])
        self.size = 0

    def write(self, text: str) -> None:
        """Adds text, as UTF-8."""
        data = text.encode("utf-8")
        self.size += len(data)
        with self.errors():
            self.file.write(data)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Errors of writing as the project's own."""
        try:
            yield
        except OSError as error:
            raise self._error(error) from error

    def refused(self, why: str) -> OutputError:
        """The error for what can't be put into such a file."""
        return OutputError(f"{self.path}: can't be written: {why}")

    def commit(self) -> None:
        """Ends the file and gives it its name."""
        try:
            self._close()
            if self._temporary:
                _rename(self._temporary, self._final, self._force)
        except FileExistsError:
            self.discard()
            raise OutputExistsError(_exists(self.path)) from None
        except OSError as error:
            self.discard()
            raise self._error(error) from error

    def discard(self) -> None:
        """Leaves nothing behind."""
        with suppress(OSError, ValueError):
            self._close()
        with suppress(OSError):
            self._raw.close()
        if self._temporary:
            self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> Output:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()

    def _close(self) -> None:
        if self.file is not self._raw:
            self.file.close()
        self._raw.close()

    def _error(self, error: OSError) -> OutputError:
        return self.refused(error.strerror or str(error))


def _temporary(final: Path, tag: str | None) -> Path:
    """A name beside the file; that of a run is always the same for the same file."""
    told = (
        hashlib.blake2b(f"{tag}/{final.name}".encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
        if tag
        else secrets.token_hex(6)
    )
    return final.with_name(f".textclean-{told}.tmp")


def check(path: Path, force: bool) -> None:
    """Makes sure, before any work, that a file may be written.

    Raises:
        OutputExistsError: it is there already, without `force`.
        OutputError: it is a folder.
    """
    if path.is_dir():
        raise OutputError(f"{path}: a file is needed here, and this is a folder")
    if path.exists() and not force and not _special(path):
        raise OutputExistsError(_exists(path))


def _exists(path: Path) -> str:
    return f"{path}: exists already (--force replaces it)"


def _special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _rename(temporary: Path, final: Path, force: bool) -> None:
    """Gives a file its name; without `force` not even a file that came in the meantime is replaced."""
    if force:
        os.replace(temporary, final)
        return
    try:
        os.link(temporary, final)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # No hard links here (FAT, some network drives): a rename, after a last look.
        if final.exists():
            raise FileExistsError from None
        os.replace(temporary, final)
    else:
        os.unlink(temporary)
