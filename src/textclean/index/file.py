"""The file of an index: one SQLite database, its connection, its transactions, and what can be wrong with it.

SQLite, and no file format of our own: several processes may use one file, a commit is whole or not there, and anybody can look inside.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textclean._native import KeyOrder
from textclean.errors import IndexBusyError, IndexFileError, InputError, picture, short
from textclean.index import header
from textclean.index.header import Rules

#: Values that a statement is given, at most. SQLite keeps the values of the statements that it has ready.
MOST_VALUES = 1 << 13
#: Kibibytes of pages that a connection keeps in memory.
_CACHE = 48 * 1024

_TABLES = """
CREATE TABLE header (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE document (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT, date INTEGER, first_unit INTEGER NOT NULL, units INTEGER NOT NULL
);
CREATE INDEX document_source ON document (source) WHERE source IS NOT NULL;
CREATE INDEX document_date ON document (date) WHERE date IS NOT NULL;
CREATE TABLE unit (
    number INTEGER PRIMARY KEY, document INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, text INTEGER NOT NULL
);
CREATE TABLE text (
    number INTEGER PRIMARY KEY, first INTEGER NOT NULL, size INTEGER NOT NULL, witness INTEGER, similarity REAL, said BLOB NOT NULL
);
CREATE TABLE fingerprint (fingerprint BLOB PRIMARY KEY, text INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE posting (key INTEGER, text INTEGER, PRIMARY KEY (key, text)) WITHOUT ROWID;
CREATE TABLE recent_fingerprint (fingerprint BLOB PRIMARY KEY, text INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE recent_posting (key INTEGER, text INTEGER, PRIMARY KEY (key, text)) WITHOUT ROWID;
INSERT INTO header VALUES ('settled', 0);
"""
#: Where a text stands, for taking documents out: half a hundred bytes a unit that an index without removal saves.
_REMOVABLE = "CREATE INDEX unit_text ON unit (text);"


class IndexFile:
    """A file that is open.

    Attributes:
        path: its path, for errors.
        rules: by what it compares.
    """

    def __init__(self, path: str | os.PathLike[str], asked: dict[str, Any], *, read_only: bool, timeout: float, fsync: bool) -> None:
        self.path = os.fspath(path)
        self.read_only = read_only
        self._timeout = timeout
        self._fsync = fsync
        self._lock = threading.RLock()
        self._order: tuple[int, KeyOrder] | None = None
        self._connection: sqlite3.Connection | None = None
        self._process = os.getpid()
        # Options that can't be are refused before a file is made.
        made = header.rules(asked)
        if Path(self.path).is_dir():
            raise IndexFileError(self.path, "it is a folder: name a file in it")
        if read_only and not Path(self.path).exists():
            raise IndexFileError(self.path, "there is no such file: leave read_only=True out to make one")
        self._connect()
        with self._explained():
            self.rules = self._opened(asked, made)

    def close(self) -> None:
        """Closes the file; nothing is lost if it is not called."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Opens a transaction that sees one state of the file.

        Raises:
            IndexFileError: the file can't be read.
            IndexBusyError: another process held it for longer than the time that was given.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Opens a transaction that may change the file: all of it counts, or nothing of it.

        Raises:
            IndexFileError: the file can't be written, or the disk is full; nothing was changed.
            IndexBusyError: another process held it for longer than the time that was given.
        """
        if self.read_only:
            raise IndexFileError(self.path, "it was opened with read_only=True, and can only be asked")
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def order(self, connection: sqlite3.Connection) -> KeyOrder:
        """Returns the order of shingles that the keys in the file have, within a transaction."""
        (version,) = connection.execute("SELECT value FROM header WHERE name = 'order_version'").fetchone()
        if self._order is None or self._order[0] != version:
            (stored,) = connection.execute("SELECT value FROM header WHERE name = 'order'").fetchone()
            try:
                self._order = (version, KeyOrder(stored))
            except (ValueError, TypeError):
                raise IndexFileError(self.path, "the order of its keys is damaged: take a copy that was made before") from None
        return self._order[1]

    def vacuum(self) -> None:
        """Gives the room that nothing uses back to the system."""
        with self._lock, self._explained():
            self._live().execute("VACUUM")
            self._live().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def integrity(self) -> list[str]:
        """Returns what SQLite finds wrong with the file."""
        with self._lock, self._explained():
            found = [line for (line,) in self._live().execute("PRAGMA integrity_check(20)")]
        return [] if found == ["ok"] else found

    @property
    def bytes(self) -> int:
        """The size of the file with its log, in bytes."""
        return sum(os.path.getsize(path) for path in (self.path, f"{self.path}-wal") if os.path.exists(path))

    def _connect(self) -> None:
        with self._explained():
            # A file that this call makes gets the rights of any new file; a name with "?" in it is a name.
            name = Path(self.path).absolute().as_uri() + ("?mode=ro" if self.read_only else "?mode=rwc")
            connection = sqlite3.connect(
                name, uri=True, timeout=self._timeout, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            self._connection, self._process = connection, os.getpid()
            connection.execute(f"PRAGMA cache_size = -{_CACHE}")
            connection.execute(f"PRAGMA synchronous = {'FULL' if self._fsync else 'NORMAL'}")

    def _opened(self, asked: dict[str, Any], made: Rules) -> Rules:
        """Makes the tables of a new file, or reads what an old one says of itself."""
        connection = self._live()
        if not self.read_only and self._is_empty(connection):
            if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
                raise IndexFileError(self.path, "its file system can't hold a log beside it (WAL): use a local disk")
            with self.writing():
                # Another process may have been first.
                if self._is_empty(connection):
                    self._make(connection, made)
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != header.APPLICATION_ID:
            raise IndexFileError(self.path, "it is a database, and no index of textclean's: name another file")
        lines = dict(connection.execute("SELECT name, value FROM header WHERE typeof(value) = 'text'"))
        return header.read(self.path, lines, asked)

    def _is_empty(self, connection: sqlite3.Connection) -> bool:
        return connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None

    def _make(self, connection: sqlite3.Connection, made: Rules) -> None:
        for statement in (_TABLES + (_REMOVABLE if made.removable else "")).split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {header.APPLICATION_ID}")
        connection.executemany("INSERT INTO header VALUES (?, ?)", header.written(made).items())
        store_order(connection, KeyOrder(bytes(16)), 0)

    def _live(self) -> sqlite3.Connection:
        """Returns the connection; a process that was forked makes its own."""
        if self._connection is None:
            raise IndexFileError(self.path, "it was closed: open it again")
        if self._process != os.getpid():
            self._lock = threading.RLock()
            self._connect()
        return self._connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        self._live()
        with self._lock, self._explained():
            connection = self._live()
            if connection.in_transaction:
                yield connection
                return
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Says of SQLite's errors what they mean here."""
        try:
            yield
        except sqlite3.OperationalError as error:
            said = str(error)
            if "locked" in said or "busy" in said:
                raise IndexBusyError(
                    self.path,
                    f"another process has been writing to it for {self._timeout:g} seconds: wait and try again, or say timeout=... to wait"
                    " longer; nothing was changed",
                ) from None
            remedy = _NOT_BESIDE if self.read_only and said.startswith("attempt to write") else _REMEDIES.get(said, short(said))
            raise IndexFileError(self.path, f"{remedy}; nothing was changed") from None
        except sqlite3.DatabaseError as error:
            remedy = "take a copy that was made before, or build it anew"
            if "not a database" in str(error):
                remedy = "it is no index: name another file"
            raise IndexFileError(self.path, f"{short(str(error))}: {remedy}") from None
        except UnicodeEncodeError as error:
            raise InputError(
                f"the name {picture(error.object)} holds half a character (a lone surrogate), which can't be stored: replace it; nothing"
                " was changed"
            ) from None


#: What asks a file writes down beside it what it is reading; without that another process could change it meanwhile.
_NOT_BESIDE = "its folder may not be written, which asking needs too (files …-wal and …-shm stand there meanwhile): copy it elsewhere"
_REMEDIES = {
    "database or disk is full": "the disk is full: make room",
    "attempt to write a readonly database": "it may not be written: change its rights, or open it with read_only=True to ask it",
    "unable to open database file": "it can't be opened or made: look at the folder and its rights",
    "disk I/O error": "the disk does not answer as it should (or is full): look at it",
    "no such table: header": "it is a database, and no index of textclean's: name another file",
}


def store_order(connection: sqlite3.Connection, order: KeyOrder, texts: int) -> None:
    """Writes the order of shingles; keys of another order must go with it.

    Args:
        connection: within a transaction.
        order: the order.
        texts: of how many texts it was learned.
    """
    row = connection.execute("SELECT value FROM header WHERE name = 'order_version'").fetchone()
    lines = [("order", order.to_bytes()), ("order_texts", texts), ("order_version", row[0] + 1 if row else 1)]
    connection.executemany("INSERT OR REPLACE INTO header VALUES (?, ?)", lines)


def select(connection: sqlite3.Connection, statement: str, values: Sequence[Any]) -> list[Any]:
    """Runs a statement for any number of values, which stand in the place of its ``{}``; returns all rows.

    Args:
        connection: within a transaction.
        statement: ``... IN ({})``.
        values: the values, none twice.
    """
    rows: list[Any] = []
    for at in range(0, len(values), MOST_VALUES):
        some = values[at : at + MOST_VALUES]
        # One statement for each power of two, so that they are few: the last value stands again where there is room.
        room = 1 << (len(some) - 1).bit_length()
        rows += connection.execute(statement.format(",".join("?" * room)), [*some, *[some[-1]] * (room - len(some))]).fetchall()
    return rows
