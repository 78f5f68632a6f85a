"""A dry run on the user's own data: what each threshold drops, pairs near the border, what the settings miss, what the whole costs."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from textclean._native import Texts
from textclean.dedup.bands import Bands, choose_bands
from textclean.dedup.comparison import Comparison, compare
from textclean.dedup.differences import kinds_of_difference
from textclean.dedup.documents import read_documents, units_of
from textclean.dedup.duplicates import find, unit_span
from textclean.dedup.memory import bytes_at_once
from textclean.dedup.settings import Settings, Unit, settings_for

#: Thresholds tried beside the one asked for.
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)


class AtThreshold(NamedTuple):
    """What one threshold would drop from the sample.

    Attributes:
        threshold: Jaccard similarity.
        dropped: units that would go.
        share: of all units in the sample, 0 to 1.
        characters: code points that would go.
        numbers: those of them that differ from their witness in a number.
        negations: those that differ in how often they say "not" or the like.
        one_word: those that differ in one word alone.
    """

    threshold: float
    dropped: int
    share: float
    characters: int
    numbers: int
    negations: int
    one_word: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """The answer of `calibrate`.

    Attributes:
        units: units in the sample.
        total_units: units in the corpus, as the sample suggests.
        thresholds: one entry a threshold, ascending.
        border: pairs around the threshold asked for, those nearest to it first.
        bands: how signatures would be cut with ``method="minhash"``.
        recall: what bands find of what comparing all pairs drops, measured on the sample; 1.0 if nothing repeats.
        seconds: wall-clock time that the whole corpus would take, with the workers asked for.
        memory: bytes that the whole corpus would take beside the texts.
    """

    units: int
    total_units: int
    thresholds: tuple[AtThreshold, ...]
    border: tuple[Comparison, ...]
    bands: Bands
    recall: float
    seconds: float
    memory: int

    def __str__(self) -> str:
        lines = [
            f"{self.units:,} units in the sample, about {self.total_units:,} in all: "
            f"about {self.seconds:.1f} s and {self.memory / 1e6:,.0f} MB beside the texts",
            f"with method='minhash', {self.bands.bands} bands of {self.bands.rows} rows: recall {self.recall:.2%} on the sample",
            "threshold   dropped   share   code points   of these differ in: a number  a negation  one word",
            *(
                f"{t.threshold:9.2f} {t.dropped:9,} {t.share:7.2%} {t.characters:13,} {t.numbers:30,} {t.negations:11,} {t.one_word:9,}"
                for t in self.thresholds
            ),
            *(f"\n{pair}" for pair in self.border),
        ]
        return "\n".join(lines)


def calibrate(
    docs: Any,
    *,
    sample: int = 100_000,
    pairs: int = 10,
    unit: Unit = "paragraph",
    threshold: float = 0.8,
    ngram_size: int | None = None,
    num_perm: int = 256,
    seed: int = 1,
    min_words: int = 10,
    same_numbers: bool | None = None,
    text: str = "text",
    workers: int | None = None,
) -> Calibration:
    """Try settings on part of a corpus before they are used on all of it.

    The sample is the first documents: copies stand near each other in most corpora, and a random sample of one document in ten would
    keep one pair in a hundred. Still, what is found in a sample is less than what the whole holds.

    Args:
        docs: the corpus; of an iterable all is read, of a table only what is asked for.
        unit: what is compared, ``paragraph`` or ``document``.
        threshold: the Jaccard similarity to look around.
        ngram_size: tokens in a shingle; None for 3 (paragraphs) or 5 (documents).
        num_perm: values in a signature, for the recall of bands.
        seed: of the signatures' permutations.
        min_words: units with fewer words take no part.
        same_numbers: whether units with different numbers are no repeats; None for yes if they are paragraphs.
        text: key or column of the text.
        workers: threads; None for one a processor, fewer for a small corpus.
        sample: documents to look at.
        pairs: pairs near the threshold to show.

    Raises:
        ConfigError: an option has a value that it can't have.
        InputError: ``docs`` is no collection of texts.

    >>> wire = [f"The council voted on Tuesday to close the bridge number {i} for repairs until May." for i in "1123"]
    >>> result = calibrate(wire, unit="document", threshold=0.8, ngram_size=3)
    >>> [(t.threshold, t.dropped) for t in result.thresholds if t.threshold in (0.6, 1.0)]
    [(0.6, 3), (1.0, 1)]
    """
    settings = settings_for(
        unit, threshold, ngram_size, num_perm=num_perm, seed=seed, min_words=min_words, same_numbers=same_numbers, workers=workers
    )
    documents = read_documents(docs, text)
    part = documents.first(sample)
    units = units_of(part.texts, unit)
    start = time.perf_counter()
    witness, _, effort = find(units, None, settings)
    seconds = time.perf_counter() - start
    scale = len(documents) / max(len(part), 1)
    return Calibration(
        units=len(units),
        total_units=round(len(units) * scale),
        thresholds=tuple(_at_threshold(units, replace(settings, threshold=t)) for t in sorted({*THRESHOLDS, threshold})),
        border=_border(units, settings, pairs),
        bands=choose_bands(threshold, num_perm),
        recall=_recall(units, settings, int((witness >= 0).sum())),
        seconds=seconds * scale,
        memory=round(bytes_at_once(len(units), effort.keys) * scale),
    )


def _at_threshold(units: Texts, settings: Settings) -> AtThreshold:
    witness, similarity, _ = find(units, None, settings)
    spans = unit_span(units)[witness >= 0]
    # Of verbatim repeats there are many, and they differ in nothing that counts; those that are alike to 1 may differ in their order.
    near = np.flatnonzero((witness >= 0) & (similarity < 1.0)).tolist()
    kinds = [kinds_of_difference(units.get(unit), units.get(int(witness[unit]))) for unit in near]
    return AtThreshold(
        settings.threshold,
        len(spans),
        len(spans) / max(len(units), 1),
        int((spans[:, 1] - spans[:, 0]).sum()),
        sum(kind.number for kind in kinds),
        sum(kind.negation for kind in kinds),
        sum(kind.one_word for kind in kinds),
    )


def _border(units: Texts, settings: Settings, pairs: int) -> tuple[Comparison, ...]:
    """The pairs whose similarity is nearest to the threshold, from a run with a threshold a little lower."""
    lower = replace(settings, threshold=max(settings.threshold - 0.1, 0.05))
    witness, similarity, _ = find(units, None, lower)
    dropped = np.flatnonzero(witness >= 0)
    nearest = dropped[np.argsort(np.abs(similarity[dropped] - settings.threshold), kind="stable")][:pairs]
    return tuple(compare(units.get(int(i)), units.get(int(witness[i])), float(similarity[i])) for i in nearest)


def _recall(units: Texts, settings: Settings, total: int) -> float:
    """1 - (what comparing all pairs would still drop among what bands keep) / (what it drops from everything)."""
    banded, _, _ = find(units, None, replace(settings, method="minhash"))
    kept = np.flatnonzero(banded < 0).astype(np.uint32)
    left, _, _ = find(units, kept, settings)
    return 1 - int((left >= 0).sum()) / max(total, 1)
