"""Decides, between the two passes, which paragraphs or documents are taken out, and tells what remains of each document.

The answer is that of `textclean.deduplicate` on the same clean texts in the same order, bit for bit: it is the same native search, over
texts that stay in files instead of in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textclean._native import Spooled, Texts
from textclean.corpus.memory import MemoryEstimate
from textclean.corpus.spool import SpooledShard
from textclean.corpus.witnesses import Before
from textclean.dedup.duplicates import ranks, unit_span, without_units
from textclean.dedup.settings import ORDERS, Comparing, Settings
from textclean.document import Cleaned
from textclean.errors import ConfigError, OutputError
from textclean.files.disk import Disk
from textclean.formats.across import Across, DocumentPlace, Repeat

_NONE = np.uint32(0xFFFF_FFFF)


@dataclass(frozen=True)
class Answer:
    """The result of the search for repeats.

    Attributes:
        gone: numbers of the units that are taken out, ascending; uint32.
        witness: for each of them the number of the unit that it repeats; uint32. Numbers behind those of all units are of an index.
        similarity: for each of them the Jaccard similarity with its witness; float64.
        doc_units: the number of units of each document; uint32.
    """

    gone: NDArray[np.uint32]
    witness: NDArray[np.uint32]
    similarity: NDArray[np.float64]
    doc_units: NDArray[np.uint32]

    @property
    def counts(self) -> tuple[int, int, int]:
        """The number of units, of units taken out, and of different witnesses."""
        return int(self.doc_units.sum(dtype=np.int64)), len(self.gone), len(np.unique(self.witness))

    def save(self, folder: Path, disk: Disk) -> None:
        """Writes the answer to a folder, whole or not at all; `disk` is to be settled.

        Raises:
            OutputError: the folder can't be written.
        """
        draft = folder.with_name(f"{folder.name}.part")
        try:
            disk.remove_tree(draft)
            disk.make_folder(draft)
            for name, values in vars(self).items():
                with disk.create(draft / f"{name}.npy") as file:
                    # Not `np.save`, which writes past the file object.
                    np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(values))
                    file.write(memoryview(values).cast("B") if len(values) else b"")
                    disk.sync(file)
            disk.sync_folder(draft)
            disk.rename(draft, folder)
        except OSError as error:
            raise OutputError(f"{folder}: can't be written: {error.strerror}") from error

    @classmethod
    def load(cls, folder: Path) -> Answer:
        """Reads the answer that `save` wrote.

        Raises:
            OutputError: it is not there any more, or damaged.
        """
        names = ("gone", "witness", "similarity", "doc_units")
        try:
            return cls(**{name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in names})
        except (OSError, ValueError, EOFError) as error:
            raise OutputError(f"{folder}: can't be read again ({error}): force=True begins the run again") from error


def memory_for(shards: Sequence[SpooledShard], comparing: Comparing, limit: int) -> MemoryEstimate:
    """Estimates the memory that comparing clean texts takes.

    Args:
        shards: the clean texts.
        comparing: how they are compared.
        limit: bytes that comparing may take.
    """
    lengths = [shard.lengths() for shard in shards]
    return MemoryEstimate(sum(map(len, lengths)), int(sum(each.sum() for each in lengths)), comparing, limit)


def decide(shards: Sequence[SpooledShard], comparing: Comparing, memory: int, workers: int | None) -> Answer:
    """Finds the repeats among all clean texts: in one go if `memory` allows, else slice by slice.

    Args:
        shards: the clean texts, in order.
        comparing: how they are compared.
        memory: bytes that comparing may take.
        workers: number of threads; None for one a core.

    Raises:
        ConfigError: no record has the field that says which of two repeats stays, or its values can't be put in order.
        MemoryLimitError: comparing needs more than `memory`.
    """
    lengths = [shard.lengths() for shard in shards]
    need = MemoryEstimate(sum(map(len, lengths)), int(sum(each.sum() for each in lengths)), comparing, memory)
    need.units_at_once()
    units = Spooled(
        [shard.texts for shard in shards], lengths, paragraphs=comparing.unit == "paragraph", count_chars=comparing.keep == "longest"
    )
    doc_units = np.frombuffer(units.doc_units(), np.uint32)
    room = need.units_at_once(len(units))
    order, settings = _order(units, doc_units, shards, comparing), comparing.settings(workers)
    if len(units) > room and need.can_sift(len(units)):
        order = sifted(units, order, settings)
    gone, witness, similarity = search(units, order, settings, room)
    by_unit = np.argsort(gone)
    return Answer(gone[by_unit], witness[by_unit], similarity[by_unit], doc_units)


Found = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]


def search(units: Spooled, order: NDArray[np.uint32] | None, settings: Settings, room: int) -> Found:
    """Finds the repeats with at most `room` units searched in one go; returns the units to take out, their witnesses and similarities.

    If all units don't fit, the search decides on a first slice of them. The units of the slice that stay are held while the others pass by
    in lots; each unit that repeats one held is taken out. Then it decides on the next slice of the units that are left, and so on. A unit's
    earliest witness is in the first slice that holds any, and the same pairs are compared, so slices change nothing in the answer. Time
    grows with their number.

    Args:
        units: all units.
        order: the order in which units are taken; None for the order in which they stand.
        settings: threshold, size of shingles, least words, threads.
        room: how many units may be searched in one go.
    """
    left = np.arange(len(units), dtype=np.uint32) if order is None else order
    found: list[Found] = []
    while len(left) > room:
        base, rest = left[: room // 2], left[room // 2 :]
        at, witness, similarity = _run(units, base, settings)
        found.append((base[at], base[witness], similarity))
        kept = np.delete(base, at)
        lots = []
        for start in range(0, len(rest), room - len(kept)):
            lot = rest[start : start + room - len(kept)]
            at, witness, similarity = _run(units, np.concatenate([kept, lot]), settings)
            # Another one of the lot is no witness yet: it may go itself.
            final = witness < len(kept)
            at, witness, similarity = at[final], witness[final], similarity[final]
            found.append((lot[at - len(kept)], kept[witness], similarity))
            lots.append(np.delete(lot, at - len(kept)))
        left = np.concatenate(lots)
    at, witness, similarity = _run(units, left, settings)
    found.append((left[at], left[witness], similarity))
    gone, witnesses, similarities = zip(*found, strict=True)
    return np.concatenate(gone), np.concatenate(witnesses), np.concatenate(similarities)


def sifted(units: Spooled, order: NDArray[np.uint32] | None, settings: Settings) -> NDArray[np.uint32]:
    """Returns, in their order, the units that share enough keys with others to repeat one or be repeated: in most corpora not many."""
    places = np.frombuffer(units.sift(order, **_asked(settings)), np.uint32)
    return places if order is None else order[places]


def _run(units: Spooled, some: NDArray[np.uint32], settings: Settings) -> tuple[NDArray[np.intp], NDArray[np.uint32], NDArray[np.float64]]:
    """Searches some units in one go; returns places in `some`: of each repeat, and of its witness, with their similarity."""
    witness, similarity, _ = units.find_repeats(some, **_asked(settings))
    witnesses = np.frombuffer(witness, np.uint32)
    at = np.flatnonzero(witnesses != _NONE)
    return at, witnesses[at], np.frombuffer(similarity, np.float64)[at]


def _asked(settings: Settings) -> dict[str, Any]:
    """Returns the settings as arguments of the native search."""
    return {
        "threshold": settings.threshold,
        "ngram_size": settings.ngram_size,
        "min_words": settings.min_words,
        "same_numbers": settings.same_numbers,
        "workers": settings.workers or 0,
    }


def _order(
    units: Spooled, doc_units: NDArray[np.uint32], shards: Sequence[SpooledShard], comparing: Comparing
) -> NDArray[np.uint32] | None:
    """Returns the order in which units are taken, see `textclean.dedup.duplicates.keep_order`; None for the order in which they stand."""
    if comparing.keep == "first":
        return None
    if comparing.keep == "last":
        return np.arange(len(units), dtype=np.uint32)[::-1].copy()
    if comparing.keep == "longest":
        chars = np.frombuffer(units.unit_chars(), np.uint32).astype(np.int64)
        return np.argsort(-chars, kind="stable").astype(np.uint32)
    keys = [key for shard in shards for key in shard.keep_keys()]
    if keys and all(key is None for key in keys):
        raise ConfigError(f"no record has a field {comparing.keep!r} to say which of two repeats stays: name one, or {', '.join(ORDERS)}")
    return np.argsort(np.repeat(ranks(keys), doc_units), kind="stable").astype(np.uint32)


class Decision:
    """Tells what remains of each document.

    Args:
        answer: the result of the search.
        shards: the clean texts.
        unit: what was compared: ``paragraph`` or ``document``.
        listed: whether each repeat is listed with its witness.
        before: reads the witnesses that an index had seen; None without an index.
    """

    def __init__(self, answer: Answer, shards: Sequence[SpooledShard], unit: str, listed: bool, before: Before | None = None) -> None:
        self.answer = answer
        self.unit = unit
        self.listed = listed
        self._shards = shards
        self._before = before
        self._first = np.concatenate([[0], np.cumsum(answer.doc_units, dtype=np.int64)])
        #: Where among what goes the units of each document begin.
        self._bounds = np.searchsorted(answer.gone, self._first)
        counts = [len(shard) for shard in shards]
        #: The number of the first document of each shard.
        self.starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        self._document = lru_cache(maxsize=256)(self._document_of)

    def across(self, number: int, cleaned: Cleaned) -> Across | None:
        """Returns what remains of document `number` (from 0, over all shards); None if all of it remains."""
        gone = slice(self._bounds[number], self._bounds[number + 1])
        if gone.start == gone.stop:
            return None
        text = cleaned.text
        spans = self._spans(text)
        at = (self.answer.gone[gone] - self._first[number]).tolist()
        repeats = tuple(self._repeats(gone, at, text, spans)) if self.listed else ()
        if self.unit == "document":
            return Across("", repeats, 1, left_out=True)
        dropped = set(at)
        return Across(without_units(text, spans, [unit in dropped for unit in range(len(spans))]), repeats, len(at))

    def _repeats(self, gone: slice, at: list[int], text: str, spans: list[list[int]]) -> Iterator[Repeat]:
        witnesses, similarities = self.answer.witness[gone].tolist(), self.answer.similarity[gone].tolist()
        for unit, witness, similarity in zip(at, witnesses, similarities, strict=True):
            start, end = spans[unit]
            place, witness_span, _ = self.unit_at(witness)
            yield Repeat(self.unit, (start, end), similarity, text[start:end], place, witness_span)

    def unit_at(self, unit: int) -> tuple[DocumentPlace, tuple[int, int], str]:
        """Returns the place of the document in which a unit stands, the unit's span there in code points, and its text."""
        if unit >= self._first[-1]:
            assert self._before
            return self._before.unit(unit - int(self._first[-1]))
        number = int(np.searchsorted(self._first, unit, "right")) - 1
        place, text, spans = self._document(number)
        start, end = spans[unit - int(self._first[number])]
        return place, (start, end), text[start:end]

    def _document_of(self, number: int) -> tuple[DocumentPlace, str, list[list[int]]]:
        shard = int(np.searchsorted(self.starts, number, "right")) - 1
        text, place = self._shards[shard].document(number - int(self.starts[shard]))
        return DocumentPlace(place), text, self._spans(text)

    def _spans(self, text: str) -> list[list[int]]:
        if self.unit == "document":
            return [[0, len(text)]]
        spans: list[list[int]] = unit_span(Texts.from_list([text]).paragraphs()).tolist()
        return spans
