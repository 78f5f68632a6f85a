"""Where an output goes: what every place can do (`OutputPlace`), and a file of this machine (`Local`).

Each output is written as a draft on this machine, and gets its name when the draft is whole. Files at URLs stand in
`textclean.files.remote`; `textclean.files.locate` tells which of the two a name means, and nobody else asks.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from textclean.errors import OutputError, OutputExistsError

#: What was seen of folders while many places are checked, so that each is listed once.
Listings = dict[Hashable, dict[str, Any]]


class OutputPlace(Protocol):
    """Where a file goes. ``str(place)`` is what the user calls it. Every method may raise `OutputError`."""

    @property
    def name(self) -> str:
        """The last part of it, which tells format and compression."""

    @property
    def identity(self) -> Hashable:
        """Equal for two names of one file."""

    def within(self, relative: Path) -> OutputPlace:
        """The place of this name below it."""

    def sibling(self, name: str) -> OutputPlace:
        """The place of this name in the same folder."""

    def exists(self) -> bool:
        """Whether something is there."""

    def is_folder(self) -> bool:
        """Whether a folder is there."""

    def check(self, force: bool, listings: Listings | None = None) -> None:
        """Makes sure, before any work, that a file may be written.

        Raises:
            OutputExistsError: it is there already, without `force`.
            OutputError: it is a folder.
        """

    def check_folder(self) -> None:
        """Makes sure that there is a folder for it, where folders are not made as they are needed."""

    def try_out(self) -> None:
        """Makes sure that something can be written there, where the only way to know is to do it."""

    def make_folder(self) -> None:
        """Makes the folder for it."""

    def draft(self, tag: str | None, room: Path | None) -> Path | None:
        """Where the file is written until it is whole; None for what is written as it is.

        Args:
            tag: of the run, see `temporary_name`.
            room: a folder for drafts that can't stand beside the file; None for that of the system.
        """

    def publish(self, draft: Path, force: bool, tag: str | None) -> None:
        """Gives a whole draft its name; the draft itself may stay.

        Raises:
            OutputExistsError: there is a file of that name, without `force`.
        """


def temporary_name(final: str, tag: str | None) -> str:
    """A name that no reader takes for a finished file; that of a run is always the same for the same file."""
    told = hashlib.blake2b(f"{tag}/{final}".encode("utf-8", "surrogateescape"), digest_size=6).hexdigest() if tag else secrets.token_hex(6)
    return f".textclean-{told}.tmp"


def exists_already(where: OutputPlace) -> OutputExistsError:
    """The error for a file that is not to be replaced."""
    return OutputExistsError(f"{where}: exists already (force=True replaces it)")


@dataclass(frozen=True)
class Local:
    """A file of this machine. A link is followed, as ``>`` does in a shell."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.name

    @property
    def identity(self) -> Hashable:
        """What the system calls the file, if it is there: two names may be one file."""
        try:
            found = self.path.stat()
        except OSError:
            return self.path.resolve()
        return found.st_dev, found.st_ino

    def within(self, relative: Path) -> Local:
        """A path below it."""
        return Local(self.path / relative)

    def sibling(self, name: str) -> Local:
        """A path beside it."""
        return Local(self.path.with_name(name))

    def exists(self) -> bool:
        """Whether anything has this path."""
        return self.path.exists()

    def is_folder(self) -> bool:
        """Whether a folder has this path."""
        return self.path.is_dir()

    def check(self, force: bool, listings: Listings | None = None) -> None:
        """As `OutputPlace.check`; a device or a pipe may always be written to."""
        if self.path.is_dir():
            raise OutputError(f"{self.path}: a file is needed here, and this is a folder")
        if self.path.exists() and not force and not _special(self.path):
            raise exists_already(self)

    def check_folder(self) -> None:
        """A slip in a folder's name is told rather than made a folder of."""
        if not self.path.parent.is_dir():
            raise OutputError(f"{self.path}: there is no folder {self.path.parent}")

    def try_out(self) -> None:
        """Nothing: what stands in the way here is seen when the file is opened."""

    def make_folder(self) -> None:
        """Makes it and those above."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.path.parent}: can't be made: {error.strerror}") from error

    def draft(self, tag: str | None, room: Path | None) -> Path | None:
        """A name beside the file, so that renaming is one step. None for a device or a pipe: renaming would put a file in its place."""
        final = self.path.resolve()
        return None if _special(final) else final.with_name(temporary_name(final.name, tag))

    def publish(self, draft: Path, force: bool, tag: str | None) -> None:
        """Renames; without `force` not even a file that came in the meantime is replaced."""
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
