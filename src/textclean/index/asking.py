"""Compares documents with an index, and adds none of them: the answer is that of adding them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from textclean._native import Texts
from textclean.dedup.duplicates import Earlier, Effort, Found, find
from textclean.index.similar import Keyed, candidates, keyed, taking_all
from textclean.index.store import Known, Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textclean.index.header import Rules

#: Units whose candidates are looked up together.
_UNITS = 1 << 15


def compare(store: Store, rules: Rules, units: Texts) -> tuple[Found, list[Earlier]]:
    """Finds which units repeat one of the index that stays, or one of those before them that would.

    Args:
        store: the index.
        rules: by what is compared.
        units: the units.

    Returns:
        The answer; witnesses from ``len(units)`` on are units of the index, which come with it.
    """
    found = keyed(units, None, store.order(), rules.settings)
    part = found.part
    old = _like(store, rules, found, part)
    texts = [text.said for text in old] + [units.get(at) for at in part.tolist()]
    answer = find(Texts.from_list(texts), None, taking_all(rules.settings))
    # What stays in the index repeats nothing of it, so these come first and are never dropped.
    told, similarity = answer.witness[len(old) :], answer.similarity[len(old) :]
    seen = (told >= 0) & (told < len(old))
    used = np.unique(told[seen])
    witness, shares = np.full(len(units), -1, np.int64), np.zeros(len(units))
    own = told >= len(old)
    witness[part[own]] = part[told[own] - len(old)]
    witness[part[seen]] = len(units) + np.searchsorted(used, told[seen])
    shares[part] = similarity
    exempt = len(units) - len(part)
    before = [old[at].first for at in used.tolist()]
    earlier = [unit._replace(number=number) for number, unit in zip(before, store.earlier(before), strict=True)]
    return Found(witness, shares, Effort(exempt, len(part), 0, 0)), earlier


def _like(store: Store, rules: Rules, found: Keyed, part: NDArray[np.int64]) -> list[Known]:
    """The texts that stay and may be like one of some units, in the order in which they were said."""
    known: dict[int, Known] = {}
    for start in range(0, len(part), _UNITS):
        for near in candidates(store, found, part[start : start + _UNITS], rules.threshold):
            known.update((text.number, text) for text in near if text.witness is None)
    return sorted(known.values(), key=lambda text: text.first)
