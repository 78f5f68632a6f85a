"""How much memory comparing takes: a fixed part, and so much for each document, each unit and each key of a unit's prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textclean.errors import MemoryLimitError

if TYPE_CHECKING:
    from textclean.corpus.decide import Comparing

#: The interpreter and the libraries, buffers of reading, cleaning and writing.
FIXED = 200_000_000
#: Length, place of its units, what it is left with; and the value of a field that says which stays.
PER_DOCUMENT, PER_KEY_FIELD = 40, 120
#: Place, number, fingerprint, size, the answer.
PER_UNIT = 110
#: A key of a unit's prefix, with its slot in the filters and, if it is shared, its posting.
PER_KEY = 10
#: Bytes of text for each shingle of it.
_BYTES_PER_SHINGLE = 6
#: Units are found only when all texts were read: until then a short paragraph.
_BYTES_PER_UNIT = 200


def needed(documents: int, text_bytes: int, units: int | None, comparing: Comparing) -> int:
    """Bytes that comparing takes at its peak."""
    if units is None:
        units = documents if comparing.unit == "document" else max(documents, text_bytes // _BYTES_PER_UNIT)
    keys = units + int((1 - comparing.threshold) * text_bytes / _BYTES_PER_SHINGLE)
    per_document = PER_DOCUMENT + (PER_KEY_FIELD if comparing.key else 0)
    return FIXED + per_document * documents + PER_UNIT * units + PER_KEY * keys


def check(documents: int, text_bytes: int, units: int | None, comparing: Comparing) -> None:
    """Makes sure that there is enough.

    Raises:
        MemoryLimitError: there is not.
    """
    bytes_ = needed(documents, text_bytes, units, comparing)
    if bytes_ > comparing.memory:
        raise MemoryLimitError(bytes_, comparing.memory)
