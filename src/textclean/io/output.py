"""Files that are whole or not there.

An output is written under a temporary name in its own folder and renamed when it is whole. It never replaces a file unless that was asked
for. Nothing is forced to the disk: a power cut may still lose what was just written.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
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

    Raises:
        OutputExistsError: the file is there already.
        OutputError: it can't be written. Every method may raise this.
    """

    def __init__(self, path: Path, force: bool = False) -> None:
        self.path = path
        self._force = force
        check(path, force)
        self._final = path.resolve()
        # A device or a pipe is written to as it is: renaming would put a file in its place.
        self._temporary = None if _special(self._final) else self._final.with_name(f".textclean-{secrets.token_hex(6)}.tmp")
        try:
            self._raw = open(self._temporary or self._final, "xb" if self._temporary else "wb")  # noqa: SIM115 - closed by commit and discard
        except OSError as error:
            raise self._error(error) from error
        self._file: IO[bytes] = packer(self._raw, told_by_name(path.name)[1])

    def write(self, text: str) -> None:
        """Adds text, as UTF-8."""
        try:
            self._file.write(text.encode("utf-8"))
        except OSError as error:
            raise self._error(error) from error

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
        if self._file is not self._raw:
            self._file.close()
        self._raw.close()

    def _error(self, error: OSError) -> OutputError:
        return OutputError(f"{self.path}: can't be written: {error.strerror or error}")


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
