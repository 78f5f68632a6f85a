"""The store in a SQLite file: what the decision asks, as statements.

Keys and fingerprints come in no order, so a batch of them touches nearly every page of a large table, and each page is written anew. So
they go to small tables first, which stay in memory, and now and then all at once to the large ones, in the order in which they lie there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from textclean._native import KeyOrder
from textclean.dedup.duplicates import Earlier
from textclean.index.file import IndexFile, select, store_order
from textclean.index.store import Addition, Known, Postings, unpacked

if TYPE_CHECKING:
    from numpy.typing import NDArray


#: Texts after which the small tables are emptied into the large ones: at least, and at most.
_FEW, _MANY = 1 << 14, 1 << 18


class Tables:
    """A file of an index, within a transaction; it is a `store.Growing`.

    Attributes:
        connection: the connection, in its transaction.
    """

    def __init__(self, file: IndexFile, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._file = file

    def documents(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM document").fetchone()[0])

    def ids(self, ids: list[str]) -> set[str]:
        return {id for (id,) in select(self.connection, "SELECT id FROM document WHERE id IN ({})", ids)}

    def known(self, fingerprints: list[bytes]) -> dict[bytes, int]:
        old = select(self.connection, "SELECT fingerprint, text FROM fingerprint WHERE fingerprint IN ({})", fingerprints)
        new = select(self.connection, "SELECT fingerprint, text FROM recent_fingerprint WHERE fingerprint IN ({})", fingerprints)
        return dict(old + new)

    def postings(self, keys: list[int]) -> Postings:
        rows = select(self.connection, "SELECT key, text FROM posting WHERE key IN ({})", keys)
        rows += select(self.connection, "SELECT key, text FROM recent_posting WHERE key IN ({})", keys)
        rows.sort()
        have = np.array(rows, np.int64).reshape(-1, 2)
        texts = np.unique(have[:, 1])
        sizes = dict(select(self.connection, "SELECT number, size FROM text WHERE number IN ({})", texts.tolist()))
        by_text = np.array([sizes[number] for number in texts.tolist()], np.int64)
        return Postings(have[:, 0], have[:, 1], by_text[np.searchsorted(texts, have[:, 1])])

    def texts(self, numbers: list[int]) -> dict[int, Known]:
        rows = select(self.connection, "SELECT number, first, witness, said FROM text WHERE number IN ({})", numbers)
        return {number: Known(number, first, witness, unpacked(said)) for number, first, witness, said in rows}

    def kept(self, numbers: list[int]) -> dict[int, tuple[int, float]]:
        rows = select(
            self.connection,
            "SELECT text.number, ifnull(kept.first, text.first), ifnull(text.similarity, 1.0) FROM text"
            " LEFT JOIN text AS kept ON kept.number = text.witness WHERE text.number IN ({})",
            numbers,
        )
        return {number: (unit, share) for number, unit, share in rows}

    def earlier(self, units: list[int]) -> list[Earlier]:
        rows = select(
            self.connection,
            "SELECT unit.number, document.id, source, date, start, end, said FROM unit JOIN document ON document.number = unit.document"
            " JOIN text ON text.number = unit.text WHERE unit.number IN ({})",
            units,
        )
        rows.sort()
        return [Earlier(id, source, date, (start, end), unpacked(said)) for _, id, source, date, start, end, said in rows]

    def order(self) -> KeyOrder:
        return self._file.order(self.connection)

    def reserve(self, documents: int, units: int) -> tuple[int, int]:
        # The transaction is the only one that writes, so nothing has to be kept free.
        return (
            self._next("SELECT max(number) + 1 FROM document"),
            self._next("SELECT first_unit + units FROM document ORDER BY number DESC LIMIT 1"),
        )

    def number(self, firsts: list[int]) -> list[int]:
        number = self._next("SELECT max(number) + 1 FROM text")
        return list(range(number, number + len(firsts)))

    def write(self, addition: Addition) -> None:
        connection = self.connection
        connection.executemany("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?)", addition.documents)
        connection.executemany("INSERT INTO text VALUES (?, ?, ?, ?, ?, ?)", (text[:6] for text in addition.texts))
        prints = sorted((text.fingerprint, text.number) for text in addition.texts)
        connection.executemany("INSERT INTO recent_fingerprint VALUES (?, ?)", prints)
        connection.executemany("INSERT INTO recent_posting VALUES (?, ?)", _sorted(addition.keys, addition.owners))
        connection.executemany("INSERT INTO unit VALUES (?, ?, ?, ?, ?)", addition.units)
        self._settle()

    def forget(self, numbers: list[int], fingerprints: list[bytes], keys: NDArray[np.uint32], owners: NDArray[np.int64]) -> None:
        """Forgets texts, with their fingerprints and their keys, each with the text that has it."""
        pairs = list(_sorted(keys, owners))
        for table in ("posting", "recent_posting"):
            self.connection.executemany(f"DELETE FROM {table} WHERE key = ? AND text = ?", pairs)  # noqa: S608
        for table in ("fingerprint", "recent_fingerprint"):
            self.connection.executemany(f"DELETE FROM {table} WHERE fingerprint = ?", ((one,) for one in fingerprints))  # noqa: S608
        self.connection.executemany("DELETE FROM text WHERE number = ?", ((number,) for number in sorted(numbers)))

    def grown(self) -> tuple[int, int]:
        (learned,) = self.connection.execute("SELECT value FROM header WHERE name = 'order_texts'").fetchone()
        (texts,) = self.connection.execute("SELECT ifnull(max(number), 0) FROM text").fetchone()
        return learned, texts

    def sample(self, most: int) -> list[str]:
        (texts,) = self.connection.execute("SELECT count(*) FROM text").fetchone()
        rows = self.connection.execute("SELECT said FROM text WHERE number % ? = 0", (1 + texts // most,))
        return [unpacked(stored) for (stored,) in rows]

    def pieces(self, count: int) -> Iterator[tuple[list[int], list[str]]]:
        last, statement = 0, "SELECT number, said FROM text WHERE number > ? ORDER BY number LIMIT ?"
        while rows := self.connection.execute(statement, (last, count)).fetchall():
            yield [number for number, _ in rows], [unpacked(stored) for _, stored in rows]
            last = rows[-1][0]

    def rewrite(self, order: KeyOrder, learned: int, postings: Iterable[tuple[NDArray[np.uint32], NDArray[np.int64]]]) -> None:
        store_order(self.connection, order, learned)
        self.connection.execute("DELETE FROM posting")
        self.connection.execute("DELETE FROM recent_posting")
        for keys, owners in postings:
            self.connection.executemany("INSERT INTO posting VALUES (?, ?)", _sorted(keys, owners))

    def _next(self, statement: str) -> int:
        row = self.connection.execute(statement).fetchone()
        return 1 if row is None or row[0] is None else int(row[0])

    def _settle(self) -> None:
        """Empties the small tables into the large ones, if there is enough in them."""
        connection = self.connection
        (settled,) = connection.execute("SELECT value FROM header WHERE name = 'settled'").fetchone()
        last = self._next("SELECT max(number) FROM text")
        if last - settled < max(_FEW, min(settled // 2, _MANY)):
            return
        connection.execute("INSERT INTO posting SELECT key, text FROM recent_posting ORDER BY key, text")
        connection.execute("INSERT INTO fingerprint SELECT fingerprint, text FROM recent_fingerprint ORDER BY fingerprint")
        connection.execute("DELETE FROM recent_posting")
        connection.execute("DELETE FROM recent_fingerprint")
        connection.execute("UPDATE header SET value = ? WHERE name = 'settled'", (last,))


def _sorted(keys: NDArray[np.uint32], owners: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yields each key of each text once, in the order in which they lie on the disk."""
    pairs = np.unique(keys.astype(np.uint64) << np.uint64(32) | owners.astype(np.uint64))
    return zip((pairs >> np.uint64(32)).tolist(), (pairs & np.uint64(0xFFFFFFFF)).tolist(), strict=True)
