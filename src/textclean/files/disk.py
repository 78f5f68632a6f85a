"""Writes to the disks of this machine: all files that the package writes, and all names that it gives or takes away, go through `Disk`.

What a system is told to write stands in its memory for a while, and names in folders do as well, each by itself: after a power cut a file
may have its name and nothing in it. So the order is always the same: the file is forced to the disk, then it gets its name, then the
folder is forced to the disk, and only then somebody is told that the file is there (`settle`).
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

#: What systems answer that can't force a folder to the disk, as some network drives can't.
_NOT_FOR_FOLDERS = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EBADF}


class Disk:
    """Writes files so that they outlast a power cut.

    Names that were given or taken away are on the disk once `settle` has returned. Every method may raise `OSError`.

    Args:
        fsync: whether anything is forced to the disk. Without it a kill loses nothing and a power cut may lose anything.

    Attributes:
        fsync: as above.
    """

    def __init__(self, fsync: bool = True) -> None:
        self.fsync = fsync
        #: Folders in which names have changed, in the order in which they did.
        self._changed: dict[Path, None] = {}
        self._known: set[Path] = set()

    def create(self, path: Path, buffering: int = -1) -> BinaryIO:
        """Makes a file, which must not be there yet, and opens it for writing bytes.

        Args:
            path: the path of the file.
            buffering: bytes that are held back, as in `open`.
        """
        file = open(path, "xb", buffering)  # noqa: SIM115 - closed by the caller
        self._note(path)
        return file

    def open_in_place(self, path: str | Path) -> BinaryIO:
        """Opens for writing what has its name already, as a device or a pipe, or needs none that lasts, as a lock."""
        return open(path, "wb")

    def sync(self, file: IO[bytes]) -> None:
        """Forces to the disk what was written to an open file.

        An error means that some of it may be lost. Trying again would not tell: systems forget what they could not write.
        """
        file.flush()
        if self.fsync:
            _force(file.fileno())

    def write(self, path: Path, data: bytes) -> None:
        """Makes a file of these bytes, which are on the disk when this returns; its name is once `settle` has returned."""
        with self.create(path) as file:
            file.write(data)
            self.sync(file)

    def append(self, path: Path, end: int, data: bytes) -> None:
        """Cuts a file off and appends bytes, which are on the disk when this returns.

        What is cut off is so before anything is appended: else parts of both could stand together after a power cut.

        Args:
            path: the path of a file that is there.
            end: where it is cut off, in bytes.
            data: what is appended.
        """
        with self._open_again(path) as file:
            if os.fstat(file.fileno()).st_size != end:
                file.truncate(end)
                self.sync(file)
            file.seek(end)
            file.write(data)
            self.sync(file)

    def rename(self, old: Path, new: Path) -> None:
        """Gives a file or a folder another name in its folder; a file of that name is replaced."""
        os.replace(old, new)
        self._forget(old)
        self._note(new)

    def link(self, old: Path, new: Path) -> None:
        """Gives a file one more name in its folder.

        Raises:
            FileExistsError: something has that name.
            OSError, NotImplementedError: there are no hard links here.
        """
        os.link(old, new)
        self._note(new)

    def remove(self, path: Path) -> None:
        """Removes a file; does nothing if there is none."""
        with suppress(FileNotFoundError):
            os.unlink(path)
            self._note(path)

    def remove_tree(self, path: Path) -> None:
        """Removes a folder and what is in it, as far as that is possible."""
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
            self._forget(path)
            self._note(path)

    def make_folder(self, path: Path) -> None:
        """Makes a folder, with those above it, if they are not there.

        The folders above are settled too, even if they are there: a process that was killed may have made them.
        """
        path = _absolute(path)
        if path in self._known:
            return
        if not path.is_dir():
            if path.parent != path:
                self.make_folder(path.parent)
            self._make(path)
        for folder in (path, *path.parents):
            self._known.add(folder)
            if folder.parent != folder:
                self._note(folder)

    def settle(self) -> None:
        """Forces all names to the disk that were given and taken away."""
        while self._changed:
            folder = next(iter(self._changed))
            self.sync_folder(folder)
            del self._changed[folder]

    def sync_folder(self, folder: Path) -> None:
        """Forces the names in a folder to the disk, where the system can do that and the folder is still there."""
        # Windows has no call for that.
        if not self.fsync or os.name == "nt":
            return
        try:
            number = os.open(folder, os.O_RDONLY)
        except OSError as error:
            if error.errno in _NOT_FOR_FOLDERS | {errno.ENOENT, errno.ENOTDIR}:
                return
            raise
        try:
            _force(number)
        except OSError as error:
            if error.errno not in _NOT_FOR_FOLDERS:
                raise
        finally:
            os.close(number)

    def _open_again(self, path: Path) -> BinaryIO:
        return open(path, "r+b")

    def _make(self, path: Path) -> None:
        path.mkdir(exist_ok=True)

    def _note(self, path: Path) -> None:
        self._changed[_absolute(path).parent] = None

    def _forget(self, path: Path) -> None:
        gone = _absolute(path)
        # Most of what gets another name is a file, and there may be as many folders as files.
        if gone in self._known:
            self._known = {folder for folder in self._known if not folder.is_relative_to(gone)}


def boot() -> str | None:
    """Returns a name of the time since this machine was started; None where the system has none."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return None


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))


def _force(number: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        # There fsync leaves the data in the memory of the drive. Not all file systems know the call that does not.
        with suppress(OSError):
            fcntl.fcntl(number, fcntl.F_FULLFSYNC)
            return
    os.fsync(number)
