"""Where an output goes: `OutputPlace`, the methods that every place has, and `Local`, a file of this machine.

Each output is written as a draft on this machine, and gets its name when the draft is whole. Files at URLs are `textclean.files.remote`;
only `textclean.files.locate` decides which of the two a name means.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from textclean.errors import OutputError, OutputExistsError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: Contents of folders, kept while many places are checked, so that each folder is listed once.
Listings = dict[Hashable, dict[str, Any]]
#: A draft of so few seconds may not be locked yet.
_YOUNG = 10


class OutputPlace(Protocol):
    """A place where an output file can be written. ``str(place)`` is the name as the user gave it. Every method may raise `OutputError`."""

    @property
    def name(self) -> str:
        """The last part of the path, which tells format and compression."""

    @property
    def identity(self) -> Hashable:
        """A value that is equal for two places exactly if they are the same file."""

    def within(self, relative: Path) -> OutputPlace:
        """Returns the place at the path `relative` below this one."""

    def sibling(self, name: str) -> OutputPlace:
        """Returns the place called `name` in the same folder."""

    def exists(self) -> bool:
        """Returns whether a file or a folder is there."""

    def is_folder(self) -> bool:
        """Returns whether a folder is there."""

    def check(self, force: bool, listings: Listings | None = None) -> None:
        """Makes sure, before any work, that a file may be written here.

        Args:
            force: whether a file that is there may be replaced.
            listings: contents of folders, filled as places are checked, so that each remote folder is listed once. None asks for each file.

        Raises:
            OutputExistsError: a file is there already, and `force` is not set.
            OutputError: a folder is there.
        """

    def check_folder(self) -> None:
        """Makes sure that the parent folder is there, where missing folders are not made.

        Raises:
            OutputError: there is no such folder.
        """

    def try_out(self) -> None:
        """Makes sure that a file can be written here, where only a trial write can tell.

        Raises:
            OutputError: it can't.
        """

    def make_folder(self) -> None:
        """Makes the parent folder, with those above it."""

    def draft(self, tag: str | None, room: Path | None) -> Path | None:
        """Returns the path of the draft, where the file is written until it is whole; None if the file is written directly, as a device is.

        Args:
            tag: names the run, see `temporary_name`.
            room: a folder for drafts that can't stand beside the file; None for the system's folder of temporary files.
        """

    def publish(self, draft: Path, force: bool, tag: str | None) -> None:
        """Gives a whole draft its final name. The draft itself may stay.

        Args:
            draft: the path that `draft` returned.
            force: replace a file of that name.
            tag: names the run, see `temporary_name`.

        Raises:
            OutputExistsError: there is a file of that name, and `force` is not set.
        """


def temporary_name(final: str, tag: str | None) -> str:
    """Returns a file name that no reader takes for a finished file.

    Args:
        final: the name or path that the file will have.
        tag: names the run, which then gets the same temporary name for the same file each time; None for a random name.
    """
    told = hashlib.blake2b(f"{tag}/{final}".encode("utf-8", "surrogateescape"), digest_size=6).hexdigest() if tag else secrets.token_hex(6)
    return f".textclean-{told}.tmp"


def _mark(final: str) -> str:
    """Returns what the names of all drafts of a file of this machine begin with."""
    return f".textclean-{hashlib.blake2b(final.encode('utf-8', 'surrogateescape'), digest_size=4).hexdigest()}-"


def remove_stale(draft: Path, final: str) -> None:
    """Removes drafts of the same file that runs have left which were killed and not resumed.

    A draft that is being written is locked, and one that was just begun is left alone. A run that is resumed begins its draft anew.

    Args:
        draft: the draft that is about to be made; another one of that name is not looked at.
        final: the name that the file will have.
    """
    for other in draft.parent.glob(f"{_mark(final)}*.tmp"):
        with suppress(OSError):
            if other != draft and time.time() - other.stat().st_mtime > _YOUNG and not _is_locked(other):
                other.unlink()


def lock(file: IO[bytes]) -> None:
    """Locks a draft for as long as it is open, where the file system has locks."""
    if fcntl:
        with suppress(OSError):
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_locked(path: Path) -> bool:
    # Without locks, as on Windows, a file that is open can't be removed.
    if fcntl is None:
        return False
    with open(path, "rb") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def exists_already(where: OutputPlace) -> OutputExistsError:
    """Returns the error for a file that may not be replaced."""
    return OutputExistsError(f"{where}: exists already (force=True replaces it)")


@dataclass(frozen=True)
class Local:
    """A file of this machine. A symbolic link is followed, as ``>`` does in a shell."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.name

    @property
    def identity(self) -> Hashable:
        """Device and inode of the file if it is there, since two paths may name one file; else its resolved path."""
        try:
            found = self.path.stat()
        except OSError:
            return self.path.resolve()
        return found.st_dev, found.st_ino

    def within(self, relative: Path) -> Local:
        """Returns the file at the path `relative` below this one."""
        return Local(self.path / relative)

    def sibling(self, name: str) -> Local:
        """Returns the file called `name` in the same folder."""
        return Local(self.path.with_name(name))

    def exists(self) -> bool:
        """Returns whether a file or a folder has this path."""
        return self.path.exists()

    def is_folder(self) -> bool:
        """Returns whether a folder has this path."""
        return self.path.is_dir()

    def check(self, force: bool, listings: Listings | None = None) -> None:
        """Makes sure that a file may be written here, see `OutputPlace.check`. A device or a pipe may always be written to."""
        if self.path.is_dir():
            raise OutputError(f"{self.path}: a file is needed here, and this is a folder")
        if self.path.exists() and not force and not _special(self.path):
            raise exists_already(self)

    def check_folder(self) -> None:
        """Makes sure that the parent folder is there: a typing error in its name should be reported, not made into a new folder."""
        if not self.path.parent.is_dir():
            raise OutputError(f"{self.path}: there is no folder {self.path.parent}")

    def try_out(self) -> None:
        """Does nothing, since opening the file shows at once whether it can be written."""

    def make_folder(self) -> None:
        """Makes the parent folder, with those above it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.path.parent}: can't be made: {error.strerror}") from error

    def draft(self, tag: str | None, room: Path | None) -> Path | None:
        """Returns a temporary path beside the file, so that a rename completes it.

        For a device or a pipe it returns None: a rename would put a file in its place.
        """
        final = self.path.resolve()
        if _special(final):
            return None
        name = temporary_name(final.name, tag).removeprefix(".textclean-")
        return final.with_name(_mark(final.name) + name)

    def publish(self, draft: Path, force: bool, tag: str | None) -> None:
        """Renames the draft. Without `force` it replaces no file, not even one that was made in the meantime."""
        try:
            _rename(draft, self.path.resolve(), force)
        except FileExistsError:
            raise exists_already(self) from None


def _special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _rename(temporary: Path, final: Path, force: bool) -> None:
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
