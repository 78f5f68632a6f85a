"""Which crawl is which: the job that a crawl belongs to, and the file by which a crawl that was killed is noticed.

A crawl that ends takes its file away. One that was killed leaves it, and nobody holds its lock any more. What the crawl had put into the
index may then never have reached a feed or a database, so the next crawl takes it out again: text that comes twice is an annoyance, and
text that never comes is a loss.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from textclean.errors import IndexFileError
from textclean.files.disk import Disk


class Crawl(NamedTuple):
    """A run of a spider.

    Attributes:
        job: what it is a part of: with ``JOBDIR`` all crawls of that folder, else itself.
        session: itself.
    """

    job: str
    session: str

    @property
    def source(self) -> str:
        """What an index has as source of its documents."""
        return f"{self.job}/{self.session}"

    @property
    def resumable(self) -> bool:
        """Whether the job may go on in another crawl."""
        return self.job != self.session


def this_crawl(jobdir: str | None) -> Crawl:
    """Returns a new crawl; of the job whose folder is given, if one is.

    Args:
        jobdir: Scrapy's ``JOBDIR``. A file in it holds the name of the job, so that a folder that was made anew is another job.

    Raises:
        OSError: the folder can't be read or written.
    """
    session = os.urandom(6).hex()
    if not jobdir:
        return Crawl(session, session)
    path, disk = Path(jobdir) / "textclean.job", Disk(fsync=False)
    disk.make_folder(path.parent)
    with suppress(FileExistsError):
        disk.write(path, os.urandom(6).hex().encode())
    job = path.read_text(encoding="ascii", errors="replace").strip()
    if not re.fullmatch(r"[0-9a-f]{12}", job):
        # Cut off while it was written: nothing was passed on by that name.
        job = os.urandom(6).hex()
        disk.remove(path)
        disk.write(path, job.encode())
    return Crawl(job, session)


class CrawlFile:
    """A file beside the index, locked as long as the crawl runs: SQLite's locks go with the process, on all systems.

    Attributes:
        crawl: the crawl that made it.
    """

    def __init__(self, path: Path, crawl: Crawl, whole: bool = True) -> None:
        self.crawl = crawl
        self._whole = whole
        self._path = path
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            # The lock that the first statement takes is held until the connection closes; a kill loses no commit, and a power cut may.
            for statement in ("PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF"):
                self._connection.execute(statement)
            self._connection.execute("BEGIN EXCLUSIVE")
            self._connection.execute("CREATE TABLE IF NOT EXISTS passed (id TEXT PRIMARY KEY) WITHOUT ROWID")
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._connection.close()
            raise

    @classmethod
    def begin(cls, index: Path, crawl: Crawl) -> CrawlFile:
        """Makes the file of a crawl that begins.

        Raises:
            IndexFileError: it can't be written.
        """
        path = index.with_name(f"{index.name}-crawl-{crawl.job}-{crawl.session}")
        try:
            return cls(path, crawl)
        except sqlite3.Error as error:
            problem = f"no file {path.name} can be made beside it ({error}): look at the folder and its rights"
            raise IndexFileError(str(index), problem) from None

    @classmethod
    def running(cls, index: Path) -> bool:
        """Whether a crawl uses an index now."""
        return any(file is None for file in _files(index))

    @classmethod
    def killed(cls, index: Path) -> Iterator[CrawlFile]:
        """Yields the files of crawls that did not end, each locked."""
        return (file for file in _files(index) if file is not None)

    def expect(self, ids: Iterable[str]) -> None:
        """Notes documents that are about to be passed on. Of a crawl that can't be resumed, all go if it is killed: nothing to note."""
        if self.crawl.resumable:
            self._write("INSERT OR IGNORE INTO passed VALUES (?)", ids)

    def settle(self, ids: Iterable[str]) -> None:
        """Notes that documents have been through all pipelines, or are out of the index again."""
        if self.crawl.resumable:
            self._write("DELETE FROM passed WHERE id = ?", ids)

    def expected(self) -> list[str] | None:
        """Returns the documents of which nobody knows whether they came through; None if that can't be told, so that none may stay."""
        if not self.crawl.resumable or not self._whole:
            return None
        try:
            return [id for (id,) in self._connection.execute("SELECT id FROM passed")]
        except sqlite3.Error:
            return None

    def end(self) -> None:
        """Takes the file away."""
        self._connection.close()
        disk = Disk(fsync=False)
        for suffix in ("-wal", "-journal", ""):
            with suppress(OSError):
                disk.remove(self._path.with_name(self._path.name + suffix))

    def _write(self, statement: str, ids: Iterable[str]) -> None:
        self._connection.execute("BEGIN")
        self._connection.executemany(statement, [(id,) for id in ids])
        self._connection.execute("COMMIT")


def _files(index: Path) -> Iterator[CrawlFile | None]:
    """Yields the files beside an index: None for one that is locked, since its crawl is running."""
    for path in sorted(index.parent.glob("*-crawl-*")):
        named = re.fullmatch(re.escape(index.name) + r"-crawl-([0-9a-f]{12})-([0-9a-f]{12})", path.name)
        if not named:
            continue
        crawl = Crawl(named[1], named[2])
        try:
            yield CrawlFile(path, crawl)
        except sqlite3.OperationalError:
            yield None
        except sqlite3.DatabaseError:
            # Damaged by a power cut: made anew, it is locked, and says nothing of what came through.
            disk = Disk(fsync=False)
            disk.remove(path)
            yield CrawlFile(path, crawl, whole=False)
