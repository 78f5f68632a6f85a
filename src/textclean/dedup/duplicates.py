"""Finds repeats across documents: paragraphs, or whole documents, that say what an earlier one said.

One rule: in the order that ``keep`` gives, a unit goes if a unit that stays has Jaccard similarity >= ``threshold`` with it, shingle sets
compared and not estimated. That unit is its witness. So no unit goes as a repeat of one that itself goes, and the answer depends on
nothing but texts, order and threshold: not on the number of threads, the process or the machine.

It is not made for repeats inside one document (`clean` finds these), for short lines (`learn_templates` finds these), or for a corpus
larger than memory (`clean_corpus` takes such).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textclean._native import Texts, shingle_hash, signature
from textclean.dedup.bands import permutations
from textclean.dedup.documents import Documents, read_documents, units_of
from textclean.dedup.seen import Seen, check_index
from textclean.dedup.settings import MIN_WORDS, THRESHOLD, Comparing, Method, Settings, Unit, check_keep, settings_for
from textclean.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    import pyarrow
    from datasketch import MinHash
    from numpy.typing import NDArray

    from textclean.dedup.comparison import Comparison

Keep = str | Callable[[Any], Any]


class Effort(NamedTuple):
    """The work that a search took.

    Attributes:
        exempt: units too short to take part.
        distinct: units that took part, verbatim repeats counted once.
        keys: number of all keys by which candidates were found.
        verified: pairs whose similarity was computed exactly.
    """

    exempt: int
    distinct: int
    keys: int
    verified: int


class Found(NamedTuple):
    """The answer of the native search.

    Attributes:
        witness: the unit that each unit repeats; -1 for a unit that stays; int64, ``(units,)``.
        similarity: exact Jaccard similarity with the witness; float64, ``(units,)``.
        effort: the work that it took.
    """

    witness: NDArray[np.int64]
    similarity: NDArray[np.float64]
    effort: Effort


class Group(NamedTuple):
    """A unit that stays, and the units that repeat it.

    Attributes:
        kept: the number of the unit that stays.
        dropped: the numbers of the units that repeat it, ascending; int64.
    """

    kept: int
    dropped: NDArray[np.int64]


class Earlier(NamedTuple):
    """A unit of an index that a unit repeats, added by an earlier call or run.

    Attributes:
        id: its document.
        source: where that comes from; None if nobody said.
        date: of that document, seconds since 1970 in UTC; None if nobody said.
        span: where the unit stands in it, ``[start, end)`` in code points.
        tokens: what it says: its tokens, joined by one space.
        number: its number in the index, see `Duplicates.numbers`.
    """

    id: str
    source: str | None
    date: int | None
    span: tuple[int, int]
    tokens: str
    number: int = 0


class Duplicates:
    """The answer of `deduplicate`, and of `Index.add`. Units are numbered from 0, as they stand in the documents.

    Attributes:
        dropped: whether each unit is dropped; bool, ``(units,)``.
        witness: the unit that each dropped unit repeats, which itself stays; -1 for a unit that stays; int64, ``(units,)``. Numbers from
            ``len(duplicates)`` on are units that an index had before: ``duplicates.earlier[number - len(duplicates)]``.
        similarity: exact Jaccard similarity with the witness; 0.0 for a unit that stays; float64, ``(units,)``.
        earlier: units of an index that are witnesses, in the order in which they were added; none without an index.
        numbers: the number that each unit has in the index for as long as it is there; int64, ``(units,)``. None without an index.
        settings: the options, with the bands chosen and the recall that they predict.
        effort: the work that the search took.
    """

    def __init__(
        self,
        documents: Documents,
        units: Texts,
        settings: Settings,
        found: Found,
        id: str | None = None,
        source: str | None = None,
        earlier: Sequence[Earlier] = (),
        numbers: NDArray[np.int64] | None = None,
    ) -> None:
        self.witness, self.similarity, self.effort = found
        self.earlier = earlier
        self.numbers = numbers
        self.dropped: NDArray[np.bool_] = self.witness >= 0
        self.settings = settings
        self._documents = documents
        self._units = units
        self._columns = {"id": id, "source": source}

    def __len__(self) -> int:
        return len(self._units)

    def __repr__(self) -> str:
        count, settings = int(self.dropped.sum()), self.settings
        return f"Duplicates({count:,} of {len(self):,} {settings.unit}s dropped, threshold={settings.threshold:g})"

    @cached_property
    def unit_doc(self) -> NDArray[np.int32]:
        """The number of the document of each unit; int32, ``(units,)``."""
        return unit_doc(self._units)

    @cached_property
    def unit_span(self) -> NDArray[np.int64]:
        """The span of each unit in its document, ``[start, end)`` in code points; int64, ``(units, 2)``."""
        return unit_span(self._units)

    def text(self, i: int) -> str:
        """Returns the text of unit ``i``.

        Raises:
            ConfigError: there is no such unit.
        """
        return self._units.get(self._index(i))

    def groups(self) -> Iterator[Group]:
        """Yields each unit that others repeat, in order, with the units that repeat it; units that an index had before come last."""
        dropped = np.flatnonzero(self.dropped)
        by_witness = dropped[np.argsort(self.witness[dropped], kind="stable")]
        kept, starts = np.unique(self.witness[by_witness], return_index=True)
        for unit, members in zip(kept.tolist(), np.split(by_witness, starts[1:]), strict=False):
            yield Group(unit, members)

    def texts(self) -> list[str]:
        """Returns the documents without what repeats.

        With ``unit="document"`` these are the documents that stay. With ``unit="paragraph"`` they are all documents, each without its
        dropped paragraphs, so a document may be empty.
        """
        if self.settings.unit == "document":
            return [self._units.get(int(i)) for i in np.flatnonzero(~self.dropped)]
        damaged = set(self.unit_doc[self.dropped].tolist())
        starts = np.searchsorted(self.unit_doc, np.arange(len(self._documents) + 1))
        whole = self._documents.texts
        return [
            self._without_dropped(whole.get(doc), slice(starts[doc], starts[doc + 1])) if doc in damaged else whole.get(doc)
            for doc in range(len(self._documents))
        ]

    def _without_dropped(self, text: str, units: slice) -> str:
        return without_units(text, self.unit_span[units].tolist(), self.dropped[units].tolist())

    def explain(self, i: int) -> Comparison:
        """Compares unit ``i`` with its witness, word by word.

        Raises:
            ConfigError: unit ``i`` stays, so it has no witness; or there is no such unit.
        """
        from textclean.dedup.comparison import compare

        i = self._index(i)
        witness = int(self.witness[i])
        if witness < 0:
            raise ConfigError(f"unit {i:,} is kept and has no witness: np.flatnonzero(duplicates.dropped) lists the units that have one")
        kept = self.text(witness) if witness < len(self) else self.earlier[witness - len(self)].tokens
        return compare(self.text(i), kept, float(self.similarity[i]))

    def to_datasketch(self, i: int) -> MinHash:
        """Computes the MinHash of unit ``i``, as the package `datasketch` itself would make it from the same shingles.

        Raises:
            ConfigError: there is no such unit.
        """
        from datasketch import MinHash

        settings = self.settings
        a, b = permutations(settings.num_perm, settings.seed)
        values = np.frombuffer(signature(self.text(i), settings.ngram_size, a, b), np.uint32)
        return MinHash(seed=settings.seed, hashfunc=shingle_hash, hashvalues=values, permutations=np.array([a, b]), scheme="affine32")

    def records(self) -> Iterator[dict[str, Any]]:
        """Yields a dict that JSON can hold for each dropped unit.

        Its keys are ``unit``, ``document``, ``span``, ``similarity`` and ``witness``, with the columns that `deduplicate` got as `id` and
        `source`. A witness that an index had before has ``id``, ``source``, ``date`` and ``span``.
        """
        columns = {name: self._documents.column(column) for name, column in self._columns.items() if column is not None}
        docs, spans = self.unit_doc, self.unit_span

        def place(unit: int) -> dict[str, Any]:
            if unit >= len(self):
                known = self.earlier[unit - len(self)]
                return {"id": known.id, "source": known.source, "date": known.date, "span": list(known.span)}
            doc = int(docs[unit])
            return {"unit": unit, "document": doc, **{name: values[doc] for name, values in columns.items()}, "span": spans[unit].tolist()}

        for unit in np.flatnonzero(self.dropped).tolist():
            yield {**place(unit), "similarity": float(self.similarity[unit]), "witness": place(int(self.witness[unit]))}

    def to_arrow(self) -> pyarrow.Table:
        """Returns a table with a row for each unit.

        Its columns are ``unit_doc``, ``start``, ``end``, ``dropped``, ``witness`` and ``similarity`` (both null for a unit that stays), and
        the columns that `deduplicate` got as `id` and `source`.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        try:
            import pyarrow as pa
        except ImportError:
            raise MissingExtraError("pyarrow", "arrow", "Duplicates.to_arrow") from None
        table = pa.table(
            {
                "unit_doc": self.unit_doc,
                "start": self.unit_span[:, 0],
                "end": self.unit_span[:, 1],
                "dropped": self.dropped,
                "witness": pa.array(self.witness, mask=~self.dropped),
                "similarity": pa.array(self.similarity, mask=~self.dropped),
            }
        )
        for name, column in self._columns.items():
            if column is not None:
                values = pa.array(self._documents.column(column))
                table = table.append_column(name, values.take(pa.array(self.unit_doc)))
        return table

    def _index(self, i: int) -> int:
        if not -len(self) <= i < len(self):
            raise ConfigError(f"unit {i:,} does not exist: there are {len(self):,}")
        return int(i) % len(self)


def deduplicate(
    docs: Any,
    *,
    unit: Unit | None = None,
    threshold: float | None = None,
    ngram_size: int | None = None,
    keep: Keep = "first",
    num_perm: int = 256,
    seed: int = 1,
    min_words: int | None = None,
    same_numbers: bool | None = None,
    text: str = "text",
    id: str | None = None,
    source: str | None = None,
    workers: int | None = None,
    method: Method = "exact",
    index: Seen | None = None,
) -> Duplicates:
    """Finds the paragraphs, or documents, that repeat others.

    Args:
        docs: list of str, list of dict, or a table with the Arrow PyCapsule interface (pyarrow, polars, pandas, datasets), whose strings
            are not copied.
        unit: what is compared: ``paragraph`` (a line that is not blank, or the lines of one hard-wrapped paragraph) or ``document``; None
            for paragraphs.
        threshold: least Jaccard similarity of a repeat, 0 < threshold <= 1; None for 0.8.
        ngram_size: tokens in a shingle; None for 3 (paragraphs) or 5 (documents).
        keep: which of two repeats stays: ``first``, ``last``, ``longest`` (in code points), or the one whose document has the smallest key:
            a callable on the document, or a column (an earlier date, a lower priority number; missing values last). Ties go to the first.
        num_perm: number of values in a signature, for ``minhash`` and `Duplicates.to_datasketch`.
        seed: the seed of the signatures' permutations.
        min_words: units with fewer words (tokens, or stretches between spaces if those are more) take no part; None for 10. Short lines
            that repeat are templates.
        same_numbers: whether units are no repeats if their numbers differ, in order: digits, whatever parts thousands; None for yes if they
            are paragraphs, no if they are documents.
        text: key or column that holds the text.
        id: key or column to carry into `Duplicates.records` and `Duplicates.to_arrow`; None for none.
        source: another key or column to carry along, such as the site of a document; None for none.
        workers: number of threads; None for one a processor, fewer for a small corpus. The result does not depend on it.
        method: how candidates are found. ``exact`` compares all pairs that could reach the threshold and misses none (prefix filter:
            Chaudhuri, Ganti and Kaushik 2006; Xiao et al. 2008). ``minhash`` compares pairs that share a band of their MinHash signatures
            (Broder 1997), as an approximate index would; it may miss some, see ``Duplicates.settings.recall``. Both verify exactly.
        index: a `textclean.Index`: the documents are compared with all that it has seen too, and added to it, by the ids of `id`. It
            compares by its own rules: what is None is as it has it. One that was opened with ``read_only=True`` is asked, and nothing
            is added. None for no index.

    Raises:
        ConfigError: an option has a value that it can't have, or contradicts `index`.
        IndexFileError: the index can't be written.
        InputError: ``docs`` is no collection of texts.
        MissingExtraError: pyarrow is not installed, and `keep`, `id` or `source` is a column of a table.

    >>> wire = "The council voted on Tuesday to close the bridge for repairs until the end of the year."
    >>> found = deduplicate([wire, "Ignored.", wire.replace("Tuesday", "TUESDAY") + " It did."], unit="document", threshold=0.7)
    >>> found.dropped.tolist(), found.witness.tolist(), round(float(found.similarity[2]), 3)
    ([False, False, True], [-1, -1, 0], 0.867)
    """
    if not callable(keep):
        check_keep(keep)
    if index is not None:
        asked = {"unit": unit, "threshold": threshold, "ngram_size": ngram_size, "min_words": min_words, "same_numbers": same_numbers}
        asked |= {name: value for name, value, usual in (("num_perm", num_perm, 256), ("seed", seed, 1)) if value != usual}
        check_index(index, asked | {"keep": keep, "method": method})
        found: Duplicates = (index.compare if index.read_only else index.add)(docs, id=id, source=source, text=text)
        return found
    settings = settings_for(
        "paragraph" if unit is None else unit,
        THRESHOLD if threshold is None else threshold,
        ngram_size,
        num_perm=num_perm,
        seed=seed,
        min_words=MIN_WORDS if min_words is None else min_words,
        same_numbers=same_numbers,
        method=method,
        workers=workers,
    )
    documents = read_documents(docs, text)
    for column in (id, source):
        if column is not None:
            documents.column(column)
    units = units_of(documents.texts, settings.unit)
    return Duplicates(documents, units, settings, find(units, keep_order(documents, units, keep), settings), id, source)


def compared(docs: Any, how: Comparing, keep: Keep, workers: int | None) -> Duplicates:
    """Finds what repeats among documents that are clean, as `deduplicate` does.

    Args:
        docs: as for `deduplicate`.
        how: how they are compared, but for which of two repeats stays.
        keep: which of two repeats stays, as for `deduplicate`: the caller knows by what name `docs` have the field that `how` names.
        workers: number of threads; None for one a core.
    """
    return deduplicate(
        docs,
        unit=how.unit,
        threshold=how.threshold,
        keep=keep,
        min_words=how.min_words,
        same_numbers=how.same_numbers,
        workers=workers,
    )


def without_units(text: str, spans: list[list[int]], dropped: list[bool]) -> str:
    """Returns a document without its dropped units, each cut out up to the start of the next unit.

    Args:
        text: the document.
        spans: the ``[start, end)`` of all its units, in code points.
        dropped: whether each unit is dropped.
    """
    ends = [start for start, _ in spans[1:]] + [len(text)]
    pieces = [text[start:end] for (start, _), end, gone in zip(spans, ends, dropped, strict=True) if not gone]
    result = text[: spans[0][0]] + "".join(pieces)
    return result.rstrip() if dropped[-1] else result


def find(units: Texts, order: NDArray[np.uint32] | None, settings: Settings) -> Found:
    """Runs the native search for repeats.

    Args:
        units: the texts.
        order: the numbers of the units in the order in which they are taken; units that are not in it take no part. None for all, as they
            stand.
        settings: the options.
    """
    bands = settings.bands
    witness, similarity, effort = units.find_repeats(
        order,
        threshold=settings.threshold,
        ngram_size=settings.ngram_size,
        min_words=settings.min_words,
        same_numbers=settings.same_numbers,
        workers=settings.workers or 0,
        bands=None if bands is None else (*permutations(settings.num_perm, settings.seed), bands.bands, bands.rows),
    )
    return Found(np.frombuffer(witness, np.int64), np.frombuffer(similarity, np.float64), Effort(*effort))


def unit_doc(units: Texts) -> NDArray[np.int32]:
    """Returns the number of the document of each unit; int32, ``(units,)``."""
    return np.frombuffer(units.unit_doc(), np.int32)


def unit_span(units: Texts) -> NDArray[np.int64]:
    """Returns the span of each unit in its document, ``[start, end)`` in code points; int64, ``(units, 2)``."""
    return np.frombuffer(units.unit_span(), np.int64).reshape(-1, 2)


def keep_order(documents: Documents, units: Texts, keep: Keep) -> NDArray[np.uint32] | None:
    """Returns the order in which units are taken, as uint32: of two repeats the first taken stays. None stands for the order of the units.

    Raises:
        ConfigError: ``keep`` is neither a known word nor a column, or its values can't be put in order.
    """
    if keep == "first":
        return None
    if keep == "last":
        return np.arange(len(units), dtype=np.uint32)[::-1].copy()
    if keep == "longest":
        spans = unit_span(units)
        return np.argsort(spans[:, 0] - spans[:, 1], kind="stable").astype(np.uint32)
    keys = [keep(item) for item in documents.items()] if callable(keep) else documents.column(keep)
    return np.argsort(ranks(keys)[unit_doc(units)], kind="stable").astype(np.uint32)


def ranks(keys: Sequence[Any]) -> NDArray[np.int64]:
    """Returns the rank of each key, from 0; equal keys share one, and None comes after all others; int64.

    Raises:
        ConfigError: the keys can't be put in order.
    """
    try:
        ordered = sorted({key for key in keys if key is not None})
    except TypeError as error:
        raise ConfigError(f"keep: the keys can't be put in order ({error}): return values of one sortable, hashable type") from None
    rank = {key: i for i, key in enumerate(ordered)}
    return np.array([len(rank) if key is None else rank[key] for key in keys], np.int64)
