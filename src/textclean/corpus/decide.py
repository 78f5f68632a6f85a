"""Between the passes: which paragraphs, or documents, go, and what each document is left with.

The answer is that of `textclean.deduplicate` on the same clean texts in the same order, bit for bit: it is the same native search, over
texts that stay in files instead of in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from textclean._native import Spooled, Texts
from textclean.corpus.memory import check
from textclean.corpus.spool import Shard
from textclean.duplicates import Settings, ranks, settings_for, unit_span, without_units
from textclean.errors import ConfigError, OutputError
from textclean.io.across import ORDERS, Across, Place, Repeat

_NONE = np.uint32(0xFFFF_FFFF)


@dataclass(frozen=True)
class Comparing:
    """How documents are compared.

    Attributes:
        unit: what is compared, ``paragraph`` (a line) or ``document``.
        threshold: least Jaccard similarity of a repeat.
        keep: ``first``, ``last``, ``longest``, or a field of the records: of two repeats the one with the smaller value stays, one without
            a value goes.
        min_words: units with fewer words take no part.
        memory: bytes that comparing may take.
    """

    unit: Literal["paragraph", "document"]
    threshold: float
    keep: str
    min_words: int
    memory: int

    @property
    def key(self) -> str | None:
        """The field that says which of two repeats stays, if it is one."""
        return None if self.keep in ORDERS else self.keep

    def settings(self, workers: int | None) -> Settings:
        """The same for the search.

        Raises:
            ConfigError: a value is out of its range.
        """
        return settings_for(
            self.unit, self.threshold, None, num_perm=256, seed=1, min_words=self.min_words, exhaustive=True, workers=workers
        )


@dataclass(frozen=True)
class Answer:
    """What the search found.

    Attributes:
        witness: uint32, the unit that each unit repeats, the largest number for what stays.
        similarity: float64, with the witness.
        doc_units: uint32, units of each document.
    """

    witness: NDArray[np.uint32]
    similarity: NDArray[np.float64]
    doc_units: NDArray[np.uint32]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Units, units that go, and units that they repeat."""
        gone = self.witness[self.witness != _NONE]
        return len(self.witness), len(gone), len(np.unique(gone))

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
        return cls(**{name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in ("witness", "similarity", "doc_units")})


def decide(shards: Sequence[Shard], comparing: Comparing, workers: int | None) -> Answer:
    """Compares all clean texts.

    Raises:
        ConfigError: no record has the field that says which stays, or its values can't be put in order.
        MemoryLimitError: it needs more memory than it may have.
    """
    settings = comparing.settings(workers)
    lengths = [np.array(shard.lengths(), np.uint64) for shard in shards]
    check(sum(map(len, lengths)), int(sum(each.sum() for each in lengths)), None, comparing)
    units = Spooled(
        [shard.texts for shard in shards], lengths, paragraphs=comparing.unit == "paragraph", count_chars=comparing.keep == "longest"
    )
    doc_units = np.frombuffer(units.doc_units(), np.uint32)
    check(len(doc_units), int(sum(each.sum() for each in lengths)), len(units), comparing)
    witness, similarity, _ = units.find_repeats(
        _order(units, doc_units, shards, comparing),
        threshold=settings.threshold,
        ngram_size=settings.ngram_size,
        min_words=settings.min_words,
        workers=settings.workers or 0,
    )
    return Answer(np.frombuffer(witness, np.uint32), np.frombuffer(similarity, np.float64), doc_units)


def _order(units: Spooled, doc_units: NDArray[np.uint32], shards: Sequence[Shard], comparing: Comparing) -> NDArray[np.uint32] | None:
    """The order in which units are taken, as `textclean.duplicates.keep_order` has it."""
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

    Attributes:
        dropped: whether each unit goes; bool.
    """

    def __init__(self, answer: Answer, shards: Sequence[Shard], unit: str, listed: bool) -> None:
        self.answer = answer
        self.unit = unit
        self.listed = listed
        self._shards = shards
        self._first = np.concatenate([[0], np.cumsum(answer.doc_units, dtype=np.int64)])
        self.dropped = answer.witness != _NONE
        counts = [len(shard.lengths()) for shard in shards]
        #: The number of the first document of each shard.
        self.starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        self._ends = lru_cache(maxsize=4)(self._ends_of)
        self._document = lru_cache(maxsize=256)(self._document_of)

    def across(self, number: int, text: str) -> Across:
        """What document `number` is left with; `text` is its clean text."""
        units = slice(self._first[number], self._first[number + 1])
        dropped = self.dropped[units]
        if not dropped.any():
            return Across(text)
        spans = self._spans(text)
        repeats = tuple(self._repeats(units.start, dropped, text, spans)) if self.listed else ()
        if self.unit == "document":
            return Across("", repeats, 1, left_out=True)
        return Across(without_units(text, spans, dropped.tolist()), repeats, int(dropped.sum()))

    def _repeats(self, first: int, dropped: NDArray[np.bool_], text: str, spans: list[list[int]]) -> Any:
        for at in np.flatnonzero(dropped).tolist():
            start, end = spans[at]
            place, witness_span, _ = self.unit_at(int(self.answer.witness[first + at]))
            yield Repeat(self.unit, (start, end), float(self.answer.similarity[first + at]), text[start:end], place, witness_span)

    def unit_at(self, unit: int) -> tuple[Place, tuple[int, int], str]:
        """Where a unit stands: its document, its span there, its text."""
        number = int(np.searchsorted(self._first, unit, "right")) - 1
        place, text, spans = self._document(number)
        start, end = spans[unit - int(self._first[number])]
        return place, (start, end), text[start:end]

    def _document_of(self, number: int) -> tuple[Place, str, list[list[int]]]:
        shard = int(np.searchsorted(self.starts, number, "right")) - 1
        at = number - int(self.starts[shard])
        texts, places = self._ends(shard)
        text = self._shards[shard].text(*texts[at : at + 2].tolist())
        place = self._shards[shard].place(*places[at : at + 2].tolist()) if len(places) > 1 else ""
        return Place(place), text, self._spans(text)

    def _ends_of(self, shard: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the texts of a shard end, and their places; each begins where the one before ends."""
        texts = np.cumsum(np.frombuffer(self._shards[shard].lengths(), np.uint64), dtype=np.int64)
        places = np.frombuffer(self._shards[shard].lengths("place-ends"), np.uint64).astype(np.int64)
        return np.concatenate([[0], texts]), np.concatenate([[0], places])

    def _spans(self, text: str) -> list[list[int]]:
        if self.unit == "document":
            return [[0, len(text)]]
        spans: list[list[int]] = unit_span(Texts.from_list([text]).paragraphs()).tolist()
        return spans
