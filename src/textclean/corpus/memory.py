"""Estimates how much memory comparing takes, and how many units fit into a limit.

The estimate is a fixed part, a part for each document and each unit, and a part for each unit that is searched in one go, with the keys of
its prefix. If there is no room for all units, those that can repeat no other are left out, and the others are searched slice by slice:
`textclean.corpus.decide.search`.
"""

from __future__ import annotations

from dataclasses import dataclass

from textclean.dedup.memory import PER_KEY, PER_UNIT_AT_ONCE
from textclean.dedup.settings import Comparing
from textclean.errors import MemoryLimitError

#: The interpreter and the libraries, buffers of reading, cleaning and writing.
FIXED = 300_000_000
#: Length, place of its units, what it is left with; and the value of a field that says which stays.
PER_DOCUMENT, PER_KEY_FIELD = 40, 120
#: Its place in the spool, its place in the order.
PER_UNIT = 24
#: To tell which units can repeat another: their order, twice, the answer; and what is noted of a key, of which there are some more then.
PER_UNIT_SIFTED, PER_KEY_SIFTED, MORE_KEYS = 16, 2, 12
#: Bytes of text for each shingle of it.
_BYTES_PER_SHINGLE = 6
#: Units are found only when all texts were read: until then short paragraphs.
_BYTES_PER_UNIT = 200
#: There is to be room for so many units, and for such a part of all: more slices would take too long.
_LEAST, _SLICES = 10_000, 40


@dataclass(frozen=True)
class MemoryEstimate:
    """An estimate of the memory that comparing some documents takes.

    Attributes:
        documents: the number of documents.
        text_bytes: size of all their clean texts, in bytes of UTF-8.
        comparing: how they are compared.
        limit: bytes that comparing may take.
    """

    documents: int
    text_bytes: int
    comparing: Comparing
    limit: int

    def units_at_once(self, units: int | None = None) -> int:
        """Returns how many units can be searched in one go within the limit.

        Args:
            units: the number of units; None for a guess from the size of the texts.

        Raises:
            MemoryLimitError: the limit leaves room for too few.
        """
        units = self._guess() if units is None else units
        least = min(units, max(_LEAST, 2 * units // _SLICES))
        if self.peak(units, least) > self.limit:
            raise MemoryLimitError(self.peak(units, least), self.limit)
        return max(int((self.limit - self.peak(units, 0)) / self._at_once(units)), least)

    def check_at_once(self, at_once: int) -> None:
        """Makes sure that so many units can be searched in one go within the limit, or all, if they are fewer.

        Raises:
            MemoryLimitError: they can't.
        """
        units = self._guess()
        if (peak := self.peak(units, min(units, at_once))) > self.limit:
            raise MemoryLimitError(peak, self.limit)

    def peak(self, units: int, at_once: int) -> int:
        """Returns the peak of memory in bytes, with `at_once` of the units searched in one go."""
        per_document = PER_DOCUMENT + (PER_KEY_FIELD if self.comparing.key else 0)
        return FIXED + per_document * self.documents + PER_UNIT * units + int(at_once * self._at_once(units))

    def can_sift(self, units: int) -> bool:
        """Returns whether the limit leaves room to find out which units can repeat another."""
        each = PER_UNIT_SIFTED + PER_KEY_SIFTED * (self._keys(units) + MORE_KEYS)
        return self.peak(units, 0) + int(units * each) <= self.limit

    def peak_of_all(self, units: int | None = None) -> int:
        """Returns the peak of memory in bytes, with all units searched in one go.

        Args:
            units: the number of units; None for a guess from the size of the texts.
        """
        units = self._guess() if units is None else units
        return self.peak(units, units)

    def _at_once(self, units: int) -> float:
        """Returns the bytes for each unit that is searched in one go."""
        return PER_UNIT_AT_ONCE + PER_KEY * self._keys(units)

    def _keys(self, units: int) -> float:
        """Returns the keys of a unit's prefix: one, and a share of its shingles."""
        shingles = self.text_bytes / _BYTES_PER_SHINGLE / max(units, 1)
        return 1 + (1 - self.comparing.threshold) * shingles

    def _guess(self) -> int:
        return self.documents if self.comparing.unit == "document" else max(self.documents, self.text_bytes // _BYTES_PER_UNIT)
