"""Writes files at URLs through fsspec.

What fsspec promises of a file being written differs by back end: many ignore ``autocommit=False`` and transactions, and a buffered file
that is merely forgotten may be sent as it is. So a file is written on this machine and sent when it is whole. Unless the back end is known
to show an object only when all of it has come, the file is sent under a temporary name and renamed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textclean.errors import OutputError
from textclean.files.disk import Disk
from textclean.files.places import Listings, exists_already, temporary_name
from textclean.files.urls import backend_errors, file_system

#: Back ends whose `put_file` is one request, or parts that nobody sees before they are put together: under its name stands all or nothing.
#: They have no folders to be made, and to rename there is to copy.
_WHOLE = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"}


@dataclass(frozen=True)
class Remote:
    """A file at a URL.

    Args:
        files: the fsspec file system.
        path: the path in this file system.
        url: the URL as the user gave it.
    """

    files: Any
    path: str
    url: str = field(compare=False)

    @classmethod
    def at(cls, url: str) -> Remote:
        """Returns the place that a URL names.

        Raises:
            ConfigError, OutputError, MissingExtraError: as `textclean.files.urls.file_system` raises them.
        """
        files, path = file_system(url)
        path = path.rstrip("/")
        return cls(files, path, url.rstrip("/") if path else url)

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def here(self) -> bool:
        """False: how long it lasts is the back end's promise."""
        return False

    @property
    def identity(self) -> Hashable:
        """File system and path: fsspec makes one file system object for each host and key."""
        return self.files, self.path

    @property
    def _folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def _whole(self) -> bool:
        protocol = self.files.protocol
        return not _WHOLE.isdisjoint((protocol,) if isinstance(protocol, str) else protocol)

    def within(self, relative: Path) -> Remote:
        """Returns the place at the path `relative` below this one.

        No URL is built and parsed for it, since a file's name may contain characters that mean something in a URL.
        """
        below = relative.as_posix()
        return Remote(self.files, f"{self.path}/{below}", f"{self.url}/{below}")

    def sibling(self, name: str) -> Remote:
        """Returns the file called `name` in the same folder."""
        return Remote(self.files, f"{self._folder}/{name}", f"{self.url.rpartition('/')[0]}/{name}")

    def exists(self) -> bool:
        """Returns whether a file or a folder has this path."""
        return self._kind() is not None

    def is_folder(self) -> bool:
        """Returns whether a folder has this path."""
        return self._kind() == "directory"

    def check(self, force: bool, listings: Listings | None = None) -> None:
        """Makes sure that a file may be written here, see `OutputPlace.check`."""
        kind = self._kind() if listings is None else self._listed(listings).get(self.path)
        if kind == "directory":
            raise OutputError(f"{self.url}: a file is needed here, and this is a folder")
        if kind and not force:
            raise exists_already(self)

    def check_folder(self) -> None:
        """Does nothing, since `publish` makes missing folders where the back end has folders at all."""

    def try_out(self) -> None:
        """Writes an empty file under a temporary name and removes it: only that tells whether the user may write here."""
        probe = self.sibling(temporary_name(self.path, None))
        with backend_errors(self.url, written=True), tempfile.TemporaryDirectory() as folder:
            empty = Path(folder, "empty")
            empty.touch()
            self._make_folder()
            self.files.put_file(str(empty), probe.path)
            # Where nothing may be removed, an empty hidden file stays.
            with suppress(Exception) if self._whole else backend_errors(self.url, written=True):
                self.files.rm_file(probe.path)

    def make_folder(self, disk: Disk) -> None:
        """Does nothing, since `publish` makes the folder when it sends the file."""

    def draft(self, tag: str | None, room: Path | None) -> Path:
        """Returns a path in a folder of this machine: `room`, or the system's folder of temporary files."""
        if room:
            room.mkdir(exist_ok=True)
        # By the whole path: drafts of many folders are in one.
        return Path(room or tempfile.gettempdir(), temporary_name(self.path, tag))

    def publish(self, draft: Path, force: bool, tag: str | None, disk: Disk) -> None:
        """Sends the draft.

        Without `force` it looks once more whether a file came in the meantime; a file that comes during the sending itself is not noticed.
        """
        with backend_errors(self.url, written=True):
            if self._whole:
                self._look_again(force)
                self.files.put_file(str(draft), self.path)
                return
            self._make_folder()
            temporary = self.sibling(temporary_name(self.name, tag)).path
            try:
                self.files.put_file(str(draft), temporary)
                self._need(temporary, draft.stat().st_size)
                self._look_again(force)
                self._rename(temporary, force)
                self._need(self.path, draft.stat().st_size)
            except BaseException:
                with suppress(Exception):
                    self.files.rm_file(temporary)
                raise

    def _look_again(self, force: bool) -> None:
        if not force and self.exists():
            raise exists_already(self)

    def _rename(self, temporary: str, force: bool) -> None:
        from fsspec.spec import AbstractFileSystem

        if type(self.files).mv is AbstractFileSystem.mv:
            # What it does, but for names with * or [ in them, which it would take for patterns.
            self.files.cp_file(temporary, self.path)
            self.files.rm_file(temporary)
            return
        try:
            self.files.mv(temporary, self.path)
        except Exception:
            if not force:
                raise
        if force and self._kind_of(temporary):
            # Some servers rename to free names only, and some of these say nothing.
            with suppress(FileNotFoundError):
                self.files.rm_file(self.path)
            self.files.mv(temporary, self.path)

    def _need(self, path: str, size: int) -> None:
        """Makes sure that the whole file, `size` bytes, has arrived."""
        self._forget(path)
        there = self.files.info(path).get("size")
        if there not in (None, size):
            raise OSError(f"{there:,} of {size:,} bytes have come")

    def _make_folder(self) -> None:
        # An object store would take it for a bucket that is to be made.
        if not self._whole and self._folder.strip("/"):
            self.files.makedirs(self._folder, exist_ok=True)

    def _kind(self) -> str | None:
        """Returns what is there: ``file``, ``directory``, or None."""
        with backend_errors(self.url, written=True):
            return self._kind_of(self.path)

    def _kind_of(self, path: str) -> str | None:
        self._forget(path)
        try:
            return str(self.files.info(path)["type"])
        except FileNotFoundError:
            return None

    def _listed(self, listings: Listings) -> dict[str, str]:
        """Returns the contents of the parent folder: the kind of each path."""
        where = (self.files, self._folder)
        if where not in listings:
            with backend_errors(self.url, written=True):
                self._forget(self.path)
                try:
                    found = self.files.ls(self._folder, detail=True)
                except FileNotFoundError:
                    found = []
            listings[where] = {each["name"].rstrip("/"): each["type"] for each in found}
        return listings[where]

    def _forget(self, path: str) -> None:
        """Drops what the back end remembers of a folder: other programs may have written since."""
        self.files.invalidate_cache(os.path.dirname(path))
