"""Takes documents out of an index, so that it answers as if they had never been added.

A text that nobody says any more is forgotten. If it stayed, others may have gone for it: the next of them stays from now on, and others may
go for that one. So texts are decided anew in the order in which they are said, each change being handed to the texts that come later and
are like it. Nothing else can change: a text that goes says nothing about others.
"""

from __future__ import annotations

import heapq

import numpy as np

from textclean._native import Texts
from textclean.index.file import select
from textclean.index.header import Rules
from textclean.index.similar import Keyed, candidates, keyed, similarity, taking_all
from textclean.index.store import Known
from textclean.index.tables import Tables


def remove(tables: Tables, rules: Rules, documents: list[tuple[int, int, int]]) -> None:
    """Removes documents.

    Args:
        tables: the index, within a transaction that may write.
        rules: by what is compared.
        documents: of each its number, its first unit, and how many units it has.
    """
    affected: set[int] = set()
    connection = tables.connection
    for _, first, units in documents:
        span = (first, first + units)
        affected.update(text for (text,) in connection.execute("SELECT text FROM unit WHERE number >= ? AND number < ?", span))
        connection.execute("DELETE FROM unit WHERE number >= ? AND number < ?", span)
    connection.executemany("DELETE FROM document WHERE number = ?", ((number,) for number, _, _ in documents))
    _Removal(tables, rules).settle(sorted(affected))


class _Removal:
    """The texts that change when some of what says them goes."""

    def __init__(self, tables: Tables, rules: Rules) -> None:
        self._tables = tables
        self._connection = tables.connection
        self._rules = rules
        self._settings = rules.settings
        self._order = tables.order()
        #: Texts to be decided anew, by the unit that says them first.
        self._open: list[tuple[int, int]] = []
        self._waiting: set[int] = set()

    def settle(self, affected: list[int]) -> None:
        firsts = self._firsts(affected)
        changed = [text for text in self._tables.texts(affected).values() if firsts.get(text.number) != text.first]
        # One that went goes still if it is said later: what it went for is said before it.
        stayed = [text for text in changed if text.witness is None]
        doubtful = {text.number: text.first for text in stayed}
        doubtful |= {other.number: other.first for some in self._like(stayed) for other, _ in some}
        gone = [text for text in changed if text.number not in firsts]
        self._forget(gone)
        moved = [(firsts[text.number], text.number) for text in changed if text.number in firsts]
        self._connection.executemany("UPDATE text SET first = ? WHERE number = ?", moved)
        for number in doubtful.keys() - {text.number for text in gone}:
            self._push(number, firsts.get(number, doubtful[number]))
        while self._open:
            _, number = heapq.heappop(self._open)
            self._waiting.discard(number)
            self._decide(self._tables.texts([number])[number])

    def _firsts(self, texts: list[int]) -> dict[int, int]:
        """The first unit that still says each text, if one does."""
        return dict(select(self._connection, "SELECT text, min(number) FROM unit WHERE text IN ({}) GROUP BY text", texts))

    def _push(self, number: int, first: int) -> None:
        if number not in self._waiting:
            self._waiting.add(number)
            heapq.heappush(self._open, (first, number))

    def _like(self, texts: list[Known]) -> list[list[tuple[Known, float]]]:
        """The other texts that reach the threshold with each text, and their similarity, in the order in which they are said."""
        found = self._keyed(texts)
        out = []
        for text, near in zip(texts, candidates(self._tables, found, np.arange(len(texts)), self._rules.threshold), strict=True):
            shares = ((other, similarity(other, text.said, self._settings)) for other in near if other.number != text.number)
            out.append([(other, share) for other, share in shares if share is not None])
        return out

    def _decide(self, text: Known) -> None:
        (like,) = self._like([text])
        kept = next(((other, share) for other, share in like if other.witness is None and other.first < text.first), None)
        witness, share = (kept[0].number, kept[1]) if kept else (None, None)
        self._connection.execute("UPDATE text SET witness = ?, similarity = ? WHERE number = ?", (witness, share, text.number))
        if (text.witness is None) != (witness is None):
            for other, _ in like:
                if other.first > text.first:
                    self._push(other.number, other.first)

    def _forget(self, texts: list[Known]) -> None:
        found = self._keyed(texts)
        keys, places = found.of(np.arange(len(texts)))
        owners = np.array([text.number for text in texts], np.int64)[places]
        self._tables.forget([text.number for text in texts], found.distinct, keys, owners)

    def _keyed(self, texts: list[Known]) -> Keyed:
        return keyed(Texts.from_list([text.said for text in texts]), None, self._order, taking_all(self._settings))
