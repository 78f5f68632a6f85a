"""Between the passes: which paragraphs, or documents, go, and what each document is left with.

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
from textclean.dedup.duplicates import ranks, unit_span, without_units
from textclean.dedup.settings import ORDERS, Comparing, Settings
from textclean.document import Cleaned
from textclean.errors import ConfigError, OutputError
from textclean.formats.across import Across, DocumentPlace, Repeat

_NONE = np.uint32(0xFFFF_FFFF)


@dataclass(frozen=True)
class Answer:
    """What the search found.

    Attributes:
        gone: uint32, the units that go, ascending.
        witness: uint32, the unit that each of them repeats.
        similarity: float64, with the witness.
        doc_units: uint32, units of each document.
    """

    gone: NDArray[np.uint32]
    witness: NDArray[np.uint32]
    similarity: NDArray[np.float64]
    doc_units: NDArray[np.uint32]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Units, units that go, and units that they repeat."""
        return int(self.doc_units.sum(dtype=np.int64)), len(self.gone), len(np.unique(self.witness))

    def save(self, folder: Path) -> None:
        """Puts it into a folder, whole or not at all.

        Raises:
            OutputError: it can't be written.
        """
        draft = folder.with_name(f"{folder.name}.part")
        try:
            draft.mkdir(exist_ok=True)
            for name, values in vars(self).items():
                np.save(draft / f"{name}.npy", values, allow_pickle=False)
            draft.rename(folder)
        except OSError as error:
            raise OutputError(f"{folder}: can't be written: {error.strerror}") from error

    @classmethod
    def load(cls, folder: Path) -> Answer:
        """What `save` wrote."""
        return cls(**{name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in ("gone", "witness", "similarity", "doc_units")})


def decide(shards: Sequence[SpooledShard], comparing: Comparing, memory: int, workers: int | None) -> Answer:
    """Compares all clean texts, at once if `memory` (bytes) allows, else slice by slice.

    Raises:
        ConfigError: no record has the field that says which stays, or its values can't be put in order.
        MemoryLimitError: it needs more memory than it may have.
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
    """The units that go, their witnesses and similarities, with no more than `room` units looked at in one go.

    If all units don't fit, the first of them are decided on, and what stays of these is held while the others pass by in lots: whoever
    repeats one of them goes. Then the first of what is left are decided on, and so on. The earliest witness is in the first slice that
    holds any, and what is compared is the same as ever, so the answer is that of one go. Time grows with the number of slices.
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
    """The units, in their order, that share enough keys with others to repeat one or be repeated: in most corpora not many."""
    places = np.frombuffer(units.sift(order, **_asked(settings)), np.uint32)
    return places if order is None else order[places]


def _run(units: Spooled, some: NDArray[np.uint32], settings: Settings) -> tuple[NDArray[np.intp], NDArray[np.uint32], NDArray[np.float64]]:
    """One go: which of these units repeat which, by their places among them."""
    witness, similarity, _ = units.find_repeats(some, **_asked(settings))
    witnesses = np.frombuffer(witness, np.uint32)
    at = np.flatnonzero(witnesses != _NONE)
    return at, witnesses[at], np.frombuffer(similarity, np.float64)[at]


def _asked(settings: Settings) -> dict[str, Any]:
    """The settings as the native half takes them."""
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
    """The order in which units are taken, as `textclean.dedup.duplicates.keep_order` has it."""
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
    """What each document is left with.

    Args:
        answer: of the search.
        shards: the clean texts.
        unit: what was compared.
        listed: tell of each unit that goes what it repeats.
    """

    def __init__(self, answer: Answer, shards: Sequence[SpooledShard], unit: str, listed: bool) -> None:
        self.answer = answer
        self.unit = unit
        self.listed = listed
        self._shards = shards
        self._first = np.concatenate([[0], np.cumsum(answer.doc_units, dtype=np.int64)])
        #: Where among what goes the units of each document begin.
        self._bounds = np.searchsorted(answer.gone, self._first)
        counts = [len(shard) for shard in shards]
        #: The number of the first document of each shard.
        self.starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        self._document = lru_cache(maxsize=256)(self._document_of)

    def across(self, number: int, cleaned: Cleaned) -> Across | None:
        """What document `number` is left with; None if that is all of it."""
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
        """Where a unit stands: its document, its span there, its text."""
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
