"""What an index answers wherever it is kept: `BaseIndex`, under `Index`."""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

import numpy as np

from textclean._native import Texts
from textclean.checks import exact_str
from textclean.dedup.documents import Documents, read_documents, units_of
from textclean.dedup.duplicates import Duplicates, Effort, Found, unit_doc, unit_span
from textclean.dedup.settings import Settings
from textclean.errors import ConfigError, picture
from textclean.index import asking, batch, metadata
from textclean.index.header import Rules
from textclean.index.similar import candidates, keyed, similarity
from textclean.index.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Documents of a stream that are added together.
_STREAM = 1024

T = TypeVar("T")


class Match(NamedTuple):
    """A unit of an index that a unit of a text repeats.

    Attributes:
        span: the unit of the text, ``[start, end)`` in code points.
        id: the document that has the unit of the index.
        source: where that comes from; None if nobody said.
        date: of that document, seconds since 1970 in UTC; None if nobody said.
        witness_span: where the unit stands in it.
        similarity: exact Jaccard similarity.
    """

    span: tuple[int, int]
    id: str
    source: str | None
    date: int | None
    witness_span: tuple[int, int]
    similarity: float


class BaseIndex(ABC):
    """Texts that were seen, in some store."""

    #: Units that go in together, at most, unless one document has more: what is committed is whole documents.
    _UNITS = 1 << 15

    @property
    @abstractmethod
    def rules(self) -> Rules:
        """By what it compares."""

    @property
    def settings(self) -> Settings:
        """By what it compares, as `Duplicates.settings` has it."""
        return self.rules.settings

    @property
    def read_only(self) -> bool:
        """Whether it can only be asked."""
        return False

    @abstractmethod
    def close(self) -> None:
        """Closes it. Nothing that was added is lost without it."""

    @abstractmethod
    def add(self, docs: Any, *, id: Any = None, source: Any = None, date: Any = None, text: str = "text") -> Duplicates:
        """Adds documents, and finds which of their units repeat one that was there before or comes before in them."""

    @abstractmethod
    def _read(self, ask: Callable[[Store], T]) -> T:
        """Asks the index as it is at one moment. `ask` may be called again, and must do nothing but ask."""

    @abstractmethod
    def _add(self, rows: list[batch.Row], units: Texts, part: slice, spans: NDArray[np.int64]) -> batch.Decided:
        """Adds whole documents, so that all of them count or none."""

    def __len__(self) -> int:
        """Counts the documents."""
        return self._read(lambda store: store.documents())

    def __bool__(self) -> bool:
        """Is true of an empty index too: it is there."""
        return True

    def __contains__(self, id: object) -> bool:
        """Whether a document with such an id is in it."""
        return bool(self._read(lambda store: store.ids([str(id)])))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def add_many(self, docs: Iterable[Any], **how: Any) -> Iterator[Duplicates]:
        """Adds a stream of documents, a thousand at a time; yields the answer for each thousand. Takes what `add` takes, but sequences.

        Raises:
            ConfigError: `id`, `source` or `date` is a sequence, and no key.
        """
        for name in ("id", "source", "date"):
            if how.get(name) is not None and not isinstance(how[name], str):
                raise ConfigError(f"{name}={picture(how[name])}: of a stream the name of a key is needed")
        stream = iter(docs)
        while some := list(islice(stream, _STREAM)):
            yield self.add(some, **how)

    def compare(self, docs: Any, *, id: Any = None, source: Any = None, text: str = "text") -> Duplicates:
        """Gives the answer that `add` would give, and adds nothing.

        Args:
            docs: as for `deduplicate`.
            id: key or column to carry into `Duplicates.records` and `Duplicates.to_arrow`; None for none.
            source: another one.
            text: key or column that holds the text.

        Raises:
            ConfigError: a key or column is not there.
            IndexFileError: the file can't be read.
        """
        documents = read_documents(docs, text)
        for name in (id, source):
            if name is not None:
                documents.column(name)
        units = units_of(documents.texts, self.rules.unit)
        found, earlier = self._read(lambda store: asking.compare(store, self.rules, units))
        return Duplicates(documents, units, self.rules.settings, found, id, source, earlier)

    def find(self, text: str) -> list[Match]:
        """Finds what the units of a text repeat, and adds nothing.

        Args:
            text: a document.

        Returns:
            All units of the index that stay and reach the threshold with one of the text, by the units of the text, then in the order in
            which they were added.

        Raises:
            NotTextError: `text` is no str.
            IndexFileError: the file can't be read.
        """
        units = self._units(text)
        spans = unit_span(units).tolist()

        def ask(store: Store) -> list[Match]:
            repeats = []
            found = keyed(units, None, store.order(), self.rules.settings)
            part = found.part
            for at, near in zip(part.tolist(), candidates(store, found, part, self.rules.threshold), strict=True):
                stay = ((known, units.get(at)) for known in near if known.witness is None)
                shares = ((known.first, similarity(known, said, self.rules.settings)) for known, said in stay)
                repeats += [(spans[at], first, share) for first, share in shares if share is not None]
            numbers = sorted({first for _, first, _ in repeats})
            place = dict(zip(numbers, store.earlier(numbers), strict=True))
            return [
                Match((start, end), (earlier := place[first]).id, earlier.source, earlier.date, earlier.span, share)
                for (start, end), first, share in repeats
            ]

        return self._read(ask)

    def seen(self, text: str) -> bool:
        """Whether all units of a text that are long enough repeat one of the index, and at least one is.

        Raises:
            NotTextError: `text` is no str.
            IndexFileError: the file can't be read.
        """
        units = self._units(text)

        def ask(store: Store) -> bool:
            settings = self.rules.settings
            found = keyed(units, None, store.order(), settings)
            part = {fingerprint: at for at, fingerprint in enumerate(found.fingerprints) if fingerprint is not None}
            known = store.known(list(part))
            rest = np.array(sorted(at for fingerprint, at in part.items() if fingerprint not in known), np.int64)
            near = candidates(store, found, rest, self.rules.threshold) if len(rest) else []
            return bool(part) and all(
                any(text.witness is None and similarity(text, units.get(at), settings) is not None for text in some)
                for at, some in zip(rest.tolist(), near, strict=True)
            )

        return self._read(ask)

    async def aadd(self, docs: Any, **how: Any) -> Duplicates:
        """Does what `add` does in a thread, so that the event loop stays free."""
        return await asyncio.to_thread(lambda: self.add(docs, **how))

    async def afind(self, text: str) -> list[Match]:
        """Does what `find` does in a thread, so that the event loop stays free."""
        return await asyncio.to_thread(self.find, text)

    async def aseen(self, text: str) -> bool:
        """Does what `seen` does in a thread, so that the event loop stays free."""
        return await asyncio.to_thread(self.seen, text)

    def _units(self, text: str) -> Texts:
        return units_of(Texts.from_list([exact_str(text)]), self.rules.unit)

    def _add_all(self, docs: Any, id: Any, source: Any, date: Any, text: str, add: Callable[..., batch.Decided]) -> Duplicates:
        """Reads documents and adds them part by part, each by `add`, which is `_add` or takes what that takes."""
        documents = read_documents(docs, text)
        units = units_of(documents.texts, self.rules.unit)
        per_document = np.bincount(unit_doc(units), minlength=len(documents)).tolist() if len(documents) else []
        ids = _ids(len(documents)) if id is None else metadata.values(documents, "id", id)
        rows = metadata.rows(documents, per_document, ids, source, date)
        spans = unit_span(units)
        parts = [add(rows[docs_of], units, slice_of, spans) for docs_of, slice_of in self._parts(per_document)]
        columns = {"id": id if isinstance(id, str) else None, "source": source if isinstance(source, str) else None}
        return self._answer(documents, units, parts, columns)

    def _answer(self, documents: Documents, units: Texts, parts: list[batch.Decided], columns: dict[str, str | None]) -> Duplicates:
        """Numbers witnesses as the caller does: first the units of the call, then those from before."""
        count = len(units)
        number = np.concatenate([part.numbers for part in parts]) if parts else np.zeros(0, np.int64)
        witness = np.concatenate([part.witness for part in parts]) if parts else np.zeros(0, np.int64)
        similarity = np.concatenate([part.similarity for part in parts]) if parts else np.zeros(0)
        by_number = np.argsort(number)
        at = np.searchsorted(number, witness, sorter=by_number)
        place = by_number[np.minimum(at, count - 1)] if count else at
        own = (at < count) & (number[place] == witness) if count else at < 0
        before = np.unique(witness[(witness >= 0) & ~own])
        known = {number: unit for part in parts for number, unit in part.before.items()}
        if unknown := [number for number in before.tolist() if number not in known]:
            known |= zip(unknown, self._read(lambda store: store.earlier(unknown)), strict=True)
        earlier = [known[number]._replace(number=number) for number in before.tolist()]
        shown = np.where(own, place, count + np.searchsorted(before, witness))
        shown[witness < 0] = -1
        exempt = sum(part.exempt for part in parts)
        found = Found(shown.astype(np.int64), similarity, Effort(exempt, count - exempt, 0, 0))
        return Duplicates(documents, units, self.rules.settings, found, columns["id"], columns["source"], earlier, number)

    def _parts(self, units: list[int]) -> Iterator[tuple[slice, slice]]:
        """Cuts documents into parts that go in together; yields which documents, and which units."""
        doc = unit = 0
        while doc < len(units):
            start, first, count = doc, unit, 0
            while doc < len(units) and (doc == start or count + units[doc] <= self._UNITS):
                count += units[doc]
                doc += 1
            unit = first + count
            yield slice(start, doc), slice(first, unit)


def _ids(count: int) -> list[str]:
    """Names for documents that have none: random enough that no other call, on whatever machine, gives the same."""
    call = os.urandom(8).hex()
    return [f"#{call}-{at}" for at in range(1, count + 1)]
