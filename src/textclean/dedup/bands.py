"""Chooses the bands and rows into which MinHash signatures are cut, and tells the probability with which they find a pair.

With ``bands`` bands of ``rows`` values two texts of Jaccard similarity s share a band with probability ``1 - (1 - s**rows)**bands``
(Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", 3.4). Libraries that only estimate similarity place the steep part of that
curve on the threshold, so that misses and false finds balance; at the threshold itself they find about half. Here every candidate is
verified, a false one costs microseconds and is never reported, so the curve is placed below the threshold instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textclean.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Least probability of finding a pair right at the threshold. Most pairs are above it, so of a corpus more are found.
RECALL = 0.995


class Bands(NamedTuple):
    """The way in which signatures are cut into bands.

    Attributes:
        bands: the number of bands.
        rows: the number of values in a band.
        recall: the probability that a pair right at the threshold shares a band.
    """

    bands: int
    rows: int
    recall: float


def match_probability(similarity: float, bands: int, rows: int) -> float:
    """Returns the probability that two texts of this Jaccard similarity share a band.

    >>> round(match_probability(0.8, 32, 8), 4)
    0.9972
    """
    return float(1 - (1 - similarity**rows) ** bands)


def choose_bands(threshold: float, num_perm: int, recall: float = RECALL) -> Bands:
    """Returns the bands with the most rows, hence the fewest false candidates, that reach ``recall`` at ``threshold``.

    Args:
        threshold: Jaccard similarity, 0 < threshold <= 1.
        num_perm: number of values in a signature; at most so many are used.
        recall: least probability at the threshold.

    Raises:
        ConfigError: no number of rows reaches ``recall`` with so few values.

    >>> choose_bands(0.8, 256)[:2]
    (32, 8)
    """
    for rows in range(num_perm, 0, -1):
        bands = num_perm // rows
        found = match_probability(threshold, bands, rows)
        if found >= recall:
            return Bands(bands, rows, found)
    raise ConfigError(
        f"num_perm={num_perm} can't find pairs at threshold {threshold} with probability {recall}: "
        "raise num_perm=..., or leave method='exact'"
    )


def permutations(num_perm: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Returns the permutations of datasketch's scheme affine32: uint32 factors and uint32 summands, ``(num_perm,)`` each."""
    from datasketch import MinHash

    a, b = MinHash(num_perm=num_perm, seed=seed, scheme="affine32").permutations
    return a, b
