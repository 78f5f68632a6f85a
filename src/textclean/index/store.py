"""What the decision on new documents asks of an index and hands to it, wherever the index is kept: `Store`.

`tables.py` is the store in a SQLite file. A store decides nothing: one that answers these questions rightly gives the answers of
`deduplicate`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from textclean._native import KeyOrder
    from textclean.dedup.duplicates import Earlier


class Known(NamedTuple):
    """A text of an index.

    Attributes:
        number: its number.
        first: the unit that says it first.
        witness: the text that it went for; None for one that stays.
        said: its tokens, joined by one space.
    """

    number: int
    first: int
    witness: int | None
    said: str


class Postings(NamedTuple):
    """Which texts have which keys; int64, one entry a key of a text.

    Attributes:
        keys: the keys, ascending.
        texts: the text that has each.
        sizes: the number of shingles of that text.
    """

    keys: NDArray[np.int64]
    texts: NDArray[np.int64]
    sizes: NDArray[np.int64]


class Document(NamedTuple):
    """A document to be written, as the index numbers it; see `batch.Row`."""

    number: int
    id: str
    source: str | None
    date: int | None
    first_unit: int
    units: int


class Text(NamedTuple):
    """A text to be written.

    Attributes:
        number: its number.
        first: the unit that says it first.
        size: its number of shingles.
        witness: the text that it goes for; None for one that stays.
        similarity: with that text; None for one that stays.
        said: its tokens, `packed`.
        fingerprint: 16 bytes that stand for its tokens.
    """

    number: int
    first: int
    size: int
    witness: int | None
    similarity: float | None
    said: bytes
    fingerprint: bytes


class Unit(NamedTuple):
    """A unit to be written: where it stands in its document, in code points, and which text it says."""

    number: int
    document: int
    start: int
    end: int
    text: int


class Addition(NamedTuple):
    """All that a batch of documents adds to an index.

    Attributes:
        documents: the documents.
        texts: the new texts that are remembered.
        units: the units that are remembered: all that took part, or in an index without removal the first of each new text, in their order.
        keys: keys of the new texts; a text may have one twice; uint32.
        owners: the number of the text that has each; int64.
    """

    documents: list[Document]
    texts: list[Text]
    units: list[Unit]
    keys: NDArray[np.uint32]
    owners: NDArray[np.int64]


class Store(Protocol):
    """An index as it was at one moment. No list that is passed in has a value twice."""

    def documents(self) -> int:
        """Counts the documents."""

    def ids(self, ids: list[str]) -> set[str]:
        """Returns those of some ids that documents have."""

    def known(self, fingerprints: list[bytes]) -> dict[bytes, int]:
        """Returns the texts that have some fingerprints, by fingerprint."""

    def postings(self, keys: list[int]) -> Postings:
        """Returns the texts that have some keys, which ascend."""

    def texts(self, numbers: list[int]) -> dict[int, Known]:
        """Returns texts by number."""

    def kept(self, numbers: list[int]) -> dict[int, tuple[int, float]]:
        """Returns for each of some texts the first unit that says what stays for it, or itself if it stays, and the similarity."""

    def earlier(self, units: list[int]) -> list[Earlier]:
        """Returns units by number, which ascend; in their order."""

    def order(self) -> KeyOrder:
        """Returns the order of shingles that the keys have."""

    def reserve(self, documents: int, units: int) -> tuple[int, int]:
        """Returns the number of the first of so many documents to come, and of the first of their units, greater than all before."""

    def number(self, firsts: list[int]) -> list[int]:
        """Returns the numbers of texts to come, given the units that say them first."""

    def write(self, addition: Addition) -> None:
        """Writes what a batch adds, all or nothing of it."""


class Growing(Store, Protocol):
    """A store whose keys can be written anew in another order of shingles."""

    def grown(self) -> tuple[int, int]:
        """Returns of how many texts the order was learned, and how many there are, about."""

    def sample(self, most: int) -> list[str]:
        """Returns the tokens of so many texts at most, from all over the index."""

    def pieces(self, count: int) -> Iterator[tuple[list[int], list[str]]]:
        """Yields the numbers and tokens of all texts, so many at a time."""

    def rewrite(self, order: KeyOrder, learned: int, postings: Iterable[tuple[NDArray[np.uint32], NDArray[np.int64]]]) -> None:
        """Puts an order, learned of so many texts, and the keys and owners that go with it, in the place of those there are."""


def packed(said: bytes) -> bytes:
    """Returns tokens as they are stored."""
    return zlib.compress(said, 1, wbits=-15)


def unpacked(stored: bytes) -> str:
    """Returns the tokens that were stored.

    Raises:
        zlib.error, UnicodeDecodeError: they are damaged.
    """
    return zlib.decompress(stored, wbits=-15).decode()
