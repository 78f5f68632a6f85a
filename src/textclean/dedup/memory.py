"""Estimates how much memory comparing takes beside the texts: one formula for corpora in memory and in files.

Measured peaks of four corpora stand in benchmarks/README.md; the formula is at or above all of them.
"""

from __future__ import annotations

#: What a unit takes whatever its length: its number, fingerprint, size, its place in the answer.
PER_UNIT_AT_ONCE = 130
#: What a shingle of a unit's prefix takes: itself, its slots in the filters and, for the fewer that are shared, their posting.
PER_KEY = 7


def bytes_at_once(units: float, keys: float) -> float:
    """Returns an estimate of the memory that comparing takes, in bytes.

    Args:
        units: the number of units that are compared in one go.
        keys: the number of all keys by which they are found (`Effort.keys`).
    """
    return PER_UNIT_AT_ONCE * units + PER_KEY * keys
