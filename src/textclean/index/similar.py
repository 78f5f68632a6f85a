"""Finds the texts of an index that may repeat given ones: by the keys that they share."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from textclean._native import Texts, repeat_similarity
from textclean.dedup.settings import Settings
from textclean.index.store import Known, Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textclean._native import KeyOrder


class Keyed(NamedTuple):
    """What an index knows of units.

    Attributes:
        fingerprints: 16 bytes that stand for the tokens of each; None for a unit that takes no part.
        sizes: numbers of shingles; uint32, ``(units,)``.
        ends: where the keys of each end; int64, ``(units,)``.
        keys: the keys of all; uint32.
    """

    fingerprints: list[bytes | None]
    sizes: NDArray[np.uint32]
    ends: NDArray[np.int64]
    keys: NDArray[np.uint32]

    @property
    def part(self) -> NDArray[np.int64]:
        """The units that take part."""
        return np.array([at for at, fingerprint in enumerate(self.fingerprints) if fingerprint is not None], np.int64)

    @property
    def distinct(self) -> list[bytes]:
        """The fingerprints that there are, each once, in the order in which they lie on the disk."""
        return sorted({fingerprint for fingerprint in self.fingerprints if fingerprint is not None})

    def of(self, units: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Returns the keys of some units, and for each the place of its unit among these."""
        if len(units) == len(self.ends):
            return self.keys, np.repeat(np.arange(len(units)), np.diff(self.ends, prepend=0))
        starts = np.concatenate([[0], self.ends[:-1]])[units] if len(self.ends) else self.ends[:0]
        lengths = self.ends[units] - starts
        places = np.repeat(np.arange(len(units)), lengths)
        within = np.arange(len(places)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return self.keys[np.repeat(starts, lengths) + within], places


def keyed(units: Texts, chosen: NDArray[np.uint32] | None, order: KeyOrder, settings: Settings) -> Keyed:
    """Makes the keys of units.

    Args:
        units: the units.
        chosen: the numbers of those that are asked for; None for all.
        order: the order of shingles of the index.
        settings: by what is compared.
    """
    fingerprints, sizes, ends, keys = units.keyed(
        chosen,
        order,
        threshold=settings.threshold,
        ngram_size=settings.ngram_size,
        min_words=settings.min_words,
        same_numbers=settings.same_numbers,
    )
    whole, nothing = bytes(fingerprints), bytes(16)
    pieces = [whole[at : at + 16] for at in range(0, len(whole), 16)]
    return Keyed(
        [None if piece == nothing else piece for piece in pieces],
        np.frombuffer(sizes, np.uint32),
        np.frombuffer(ends, np.uint64).astype(np.int64),
        np.frombuffer(keys, np.uint32),
    )


def candidates(store: Store, found: Keyed, units: NDArray[np.int64], threshold: float) -> list[list[Known]]:
    """Returns the texts of the index that may reach the threshold with each of some units, in the order in which they were first said.

    All that do are among them (prefix filter: Chaudhuri, Ganti and Kaushik 2006): their prefixes share as many keys as what stands beyond
    the prefixes leaves missing.

    Args:
        store: the index.
        found: the units' keys.
        units: the units that are asked for, as numbers in `found`.
        threshold: least Jaccard similarity of a repeat.
    """
    keys, places = found.of(units)
    have = store.postings(sorted(set(keys.tolist())))
    if not len(have.keys):
        return [[] for _ in units]
    start, end = np.searchsorted(have.keys, keys, "left"), np.searchsorted(have.keys, keys, "right")
    counts = end - start
    mine = np.repeat(places, counts)
    at = np.repeat(start, counts) + np.arange(len(mine)) - np.repeat(np.cumsum(counts) - counts, counts)
    pairs, where, shared = np.unique(np.stack([mine, have.texts[at]], axis=1), axis=0, return_index=True, return_counts=True)
    size = have.sizes[at][where]
    own = found.sizes[units].astype(np.int64)[pairs[:, 0]]
    pairs = pairs[_may_reach(own, size, shared, threshold)]
    known = store.texts(np.unique(pairs[:, 1]).tolist())
    out: list[list[Known]] = [[] for _ in units]
    for unit, text in pairs.tolist():
        out[unit].append(known[text])
    for some in out:
        some.sort(key=lambda text: text.first)
    return out


def _may_reach(one: NDArray[np.int64], other: NDArray[np.int64], shared: NDArray[np.int64], threshold: float) -> NDArray[np.bool_]:
    """Whether sets of such sizes, whose prefixes share so many keys, may reach the threshold. Never no for a pair that does."""
    total = one + other
    least = threshold / (1 + threshold) * total - 1e-6
    beyond = np.ceil(threshold * np.maximum(one, other) + 1e-6)
    fits = np.minimum(one, other) >= threshold * np.maximum(one, other) - 1e-6
    return np.asarray(fits & (shared + beyond >= least))


def similarity(text: Known, said: str, settings: Settings) -> float | None:
    """Returns the exact Jaccard similarity of a text of the index and another, if that is a repeat: decided as `deduplicate` does."""
    return repeat_similarity(text.said, said, settings.threshold, settings.ngram_size, settings.same_numbers)


@cache
def taking_all(settings: Settings) -> Settings:
    """The same settings for texts that are known to take part, whose stored tokens may be fewer than their words."""
    return replace(settings, min_words=0)
