"""Keeps the order of shingles of an index fit for its size.

Any order finds all pairs; a good one puts rare shingles first, so that few texts share a key by chance. Which are rare is learned from the
texts, so an index that has grown much learns it again and writes its keys anew: some three times up to half a million texts, and then no
more, since tens of thousands of texts tell enough.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import numpy as np

from textclean._native import KeyOrder, Texts
from textclean.index.batch import store_postings
from textclean.index.file import IndexFile, store_order
from textclean.index.header import Rules
from textclean.index.similar import keyed, taking_all, unpacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Texts from which an order is worth learning, and by how much an index grows until it is learned again.
_LEAST, _GROWTH = 256, 8
#: Texts of which it is learned, at most.
_MOST = 1 << 16
#: Texts whose keys are made at once.
_TEXTS = 1 << 15


def keep_fit(file: IndexFile, connection: sqlite3.Connection, units: Texts, chosen: NDArray[np.uint32]) -> KeyOrder:
    """Returns the order that the index has, or a better one if units to come make it so much larger.

    Args:
        file: the index.
        connection: within a transaction that may write.
        units: the units to come, among others.
        chosen: their numbers.
    """
    (learned,) = connection.execute("SELECT value FROM header WHERE name = 'order_texts'").fetchone()
    (texts,) = connection.execute("SELECT ifnull(max(number), 0) FROM text").fetchone()
    # Of more texts than are learned of, every second is taken, or every third: half of the most is enough.
    if learned > _MOST // 2 or texts + len(chosen) < max(_LEAST, _GROWTH * learned):
        return file.order(connection)
    if texts < len(chosen):
        some = chosen[:: 1 + len(chosen) // _MOST]
        settings = file.rules.settings
        order = units.learn_order(some, settings.threshold, settings.ngram_size, settings.same_numbers)
        rewrite(connection, file.rules, order, len(some))
    else:
        learn(connection, file.rules)
    return file.order(connection)


def learn(connection: sqlite3.Connection, rules: Rules) -> None:
    """Learns the order from the texts of the index, and writes all keys anew.

    Args:
        connection: within a transaction that may write.
        rules: by what is compared.
    """
    (texts,) = connection.execute("SELECT count(*) FROM text").fetchone()
    step = 1 + texts // _MOST
    rows = connection.execute("SELECT said FROM text WHERE number % ? = 0", (step,))
    said = Texts.from_list([unpacked(stored) for (stored,) in rows])
    settings = rules.settings
    order = said.learn_order(None, settings.threshold, settings.ngram_size, settings.same_numbers)
    rewrite(connection, rules, order, len(said))


def rewrite(connection: sqlite3.Connection, rules: Rules, order: KeyOrder, learned: int) -> None:
    """Puts an order in the place of the one there is, and writes the keys of all texts anew.

    Args:
        connection: within a transaction that may write.
        rules: by what is compared.
        order: the order.
        learned: of how many texts it was learned.
    """
    store_order(connection, order, learned)
    connection.execute("DELETE FROM posting")
    settings = taking_all(rules.settings)
    last = 0
    while rows := connection.execute("SELECT number, said FROM text WHERE number > ? ORDER BY number LIMIT ?", (last, _TEXTS)).fetchall():
        numbers = np.array([number for number, _ in rows], np.int64)
        found = keyed(Texts.from_list([unpacked(stored) for _, stored in rows]), None, order, settings)
        keys, places = found.of(np.arange(len(rows)))
        store_postings(connection, keys, numbers[places])
        last = rows[-1][0]
