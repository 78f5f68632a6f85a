"""Keeps the order of shingles of an index fit for its size.

Any order finds all pairs; a good one puts rare shingles first, so that few texts share a key by chance. Which are rare is learned from the
texts, so an index that has grown much learns it again and writes its keys anew: some three times up to half a million texts, and then no
more, since tens of thousands of texts tell enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from textclean._native import KeyOrder, Texts
from textclean.index.header import Rules
from textclean.index.similar import keyed, taking_all
from textclean.index.store import Growing

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Texts from which an order is worth learning, and by how much an index grows until it is learned again.
_LEAST, _GROWTH = 256, 8
#: Texts of which it is learned, at most.
_MOST = 1 << 16
#: Texts whose keys are made at once.
_TEXTS = 1 << 15


def keep_fit(store: Growing, rules: Rules, units: Texts, chosen: NDArray[np.uint32]) -> KeyOrder:
    """Returns the order that the index has, or a better one if units to come make it so much larger.

    Args:
        store: the index, which may be written.
        rules: by what is compared.
        units: the units to come, among others.
        chosen: their numbers.
    """
    learned, texts = store.grown()
    # Of more texts than are learned of, every second is taken, or every third: half of the most is enough.
    if learned <= _MOST // 2 and texts + len(chosen) >= max(_LEAST, _GROWTH * learned):
        if texts < len(chosen):
            some = chosen[:: 1 + len(chosen) // _MOST]
            settings = rules.settings
            order = units.learn_order(some, settings.threshold, settings.ngram_size, settings.same_numbers)
            store.rewrite(order, len(some), _keys(store, rules, order))
        else:
            learn(store, rules)
    return store.order()


def learn(store: Growing, rules: Rules) -> None:
    """Learns the order from the texts of the index, and writes all keys anew.

    Args:
        store: the index, which may be written.
        rules: by what is compared.
    """
    said = Texts.from_list(store.sample(_MOST))
    settings = rules.settings
    order = said.learn_order(None, settings.threshold, settings.ngram_size, settings.same_numbers)
    store.rewrite(order, len(said), _keys(store, rules, order))


def _keys(store: Growing, rules: Rules, order: KeyOrder) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.int64]]]:
    """The keys that all texts have by an order, and their owners."""
    for numbers, said in store.pieces(_TEXTS):
        found = keyed(Texts.from_list(said), None, order, taking_all(rules.settings))
        keys, places = found.of(np.arange(len(numbers)))
        yield keys, np.array(numbers, np.int64)[places]
