"""Back ends of fsspec for the tests: files of this machine under another protocol, sent piece by piece as a server's would be."""

from __future__ import annotations

import time

import fsspec
from fsspec.implementations.local import LocalFileSystem


class Disk(LocalFileSystem):
    """A server that shows what has come of a file, and renames in one step."""

    protocol = "disk"
    piece, pause, room = 1 << 12, 0.0, None

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.removeprefix("disk://"))

    def unstrip_protocol(self, name):
        """The URL of a path."""
        return f"disk://{self._strip_protocol(name)}"

    def put_file(self, lpath, rpath, callback=None, **kwargs):
        """Sends a file."""
        self.makedirs(self._parent(rpath), exist_ok=True)
        with open(lpath, "rb") as here, open(rpath, "wb") as there:
            while data := here.read(self.piece):
                if self.room is not None and there.tell() >= self.room:
                    raise ConnectionResetError("the server has gone")
                there.write(data)
                there.flush()
                time.sleep(self.pause)

    def rm_file(self, path):
        """Removes one file."""
        super().rm_file(self._strip_protocol(path))


class Strict(Disk):
    """One that renames to free names only, and says nothing if it does not."""

    protocol = "strict"

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.removeprefix("strict://"))

    def mv(self, path1, path2, **kwargs):
        """Renames."""
        if not self.exists(path2):
            super().mv(path1, path2)


class Lossy(Disk):
    """One that loses the end of what it is sent, and says nothing."""

    protocol = "lossy"

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.removeprefix("lossy://"))

    def put_file(self, lpath, rpath, callback=None, **kwargs):
        """Sends a file."""
        super().put_file(lpath, rpath)
        with open(rpath, "r+b") as there:
            there.truncate(there.seek(0, 2) // 2)


def register() -> None:
    """Makes them known."""
    for each in (Disk, Strict, Lossy):
        fsspec.register_implementation(each.protocol, each, clobber=True)
