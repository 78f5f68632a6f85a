"""Puts documents into an index: decides on their units and writes what there is to remember.

The decision is that of `deduplicate`, made by the same code over the new texts and those of the index that may repeat them. What it leaves
out can't matter: texts of the index that stay don't repeat each other, and others share no key with a new text.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from textclean._native import Texts
from textclean.dedup.duplicates import Earlier, find
from textclean.index.header import Rules
from textclean.index.similar import Keyed, candidates, keyed, taking_all
from textclean.index.store import Addition, Document, Store, Text, Unit, packed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textclean._native import KeyOrder


class Row(NamedTuple):
    """A document on its way into the index.

    Attributes:
        id: its name, which no other has.
        source: where it comes from.
        date: seconds since 1970, UTC.
        units: how many it has.
    """

    id: str
    source: str | None
    date: int | None
    units: int


class Decided(NamedTuple):
    """The answer for the units of a batch.

    Attributes:
        numbers: the number of each unit in the index.
        witness: the number, in the index, of the unit that each repeats; -1 for one that stays.
        similarity: exact Jaccard similarity with the witness; 0.0 for one that stays.
        exempt: units that took no part.
        before: witnesses that are none of the batch, by number, as far as they were read when it was decided.
    """

    numbers: NDArray[np.int64]
    witness: NDArray[np.int64]
    similarity: NDArray[np.float64]
    exempt: int
    before: Mapping[int, Earlier] = MappingProxyType({})


class _New(NamedTuple):
    """The texts of a batch that the index does not have, in the order in which they are first said.

    Attributes:
        at: the first unit of the batch that says each.
        number: the number that each gets in the index; 0 for one that is not stored.
        witness: the text of the index that each goes for; None for one that stays.
        witness_unit: the unit of the index that says the witness first.
        similarity: with the witness.
    """

    at: list[int]
    number: list[int]
    witness: list[int | None]
    witness_unit: list[int | None]
    similarity: list[float | None]


class _Batch(NamedTuple):
    """What is known of a batch before it is decided on.

    Attributes:
        rows: the documents.
        units: their units, among others.
        chosen: the numbers of their units.
        spans: where each unit stands in its document.
        found: the keys of the units.
        document, unit: the numbers in the index of the first document and the first unit.
        known: the texts of the index that units say, by fingerprint.
        first: the first unit that says each other text, by fingerprint.
    """

    rows: list[Row]
    units: Texts
    chosen: NDArray[np.uint32]
    spans: NDArray[np.int64]
    found: Keyed
    document: int
    unit: int
    known: dict[bytes, int]
    first: dict[bytes, int]


def add(
    store: Store,
    rules: Rules,
    order: KeyOrder,
    rows: list[Row],
    units: Texts,
    chosen: NDArray[np.uint32],
    spans: NDArray[np.int64],
    tokens: bool = False,
) -> Decided:
    """Adds documents.

    Args:
        store: the index, which may be written.
        rules: by what is compared.
        order: the order of shingles of the index.
        rows: the documents.
        units: their units, among others.
        chosen: the numbers of their units.
        spans: where each unit stands in its document, in code points; int64, ``(units, 2)``.
        tokens: whether the units are tokens that an index stored: then all take part that have any.
    """
    found = keyed(units, chosen, order, taking_all(rules.settings) if tokens else rules.settings)
    document, unit = store.reserve(len(rows), len(chosen))
    known = store.known(found.distinct)
    first: dict[bytes, int] = {}
    for at, fingerprint in enumerate(found.fingerprints):
        if fingerprint is not None and fingerprint not in known:
            first.setdefault(fingerprint, at)
    batch = _Batch(rows, units, chosen, spans, found, document, unit, known, first)
    new = _decided(store, rules, batch)
    answer = _answer(store, batch, new)
    store.write(_addition(rules, batch, new))
    return answer


def _decided(store: Store, rules: Rules, batch: _Batch) -> _New:
    """Decides on new texts."""
    at = list(batch.first.values())
    near = candidates(store, batch.found, np.array(at, np.int64), rules.threshold)
    old = sorted({text for some in near for text in some if text.witness is None}, key=lambda text: text.first)
    corpus = [text.said for text in old] + [batch.units.get(int(batch.chosen[i])) for i in at]
    answer = find(Texts.from_list(corpus), None, taking_all(rules.settings))
    witnesses, shares = answer.witness[len(old) :].tolist(), answer.similarity[len(old) :].tolist()
    stored = [i for i, witness in enumerate(witnesses) if rules.removable or witness < 0]
    new = _New(at, [0] * len(at), [], [], [])
    for i, number in zip(stored, store.number([batch.unit + at[i] for i in stored]), strict=True):
        new.number[i] = number
    for witness, share in zip(witnesses, shares, strict=True):
        if witness < 0:
            new.witness.append(None)
            new.witness_unit.append(None)
        elif witness < len(old):
            new.witness.append(old[witness].number)
            new.witness_unit.append(old[witness].first)
        else:
            new.witness.append(new.number[witness - len(old)])
            new.witness_unit.append(batch.unit + at[witness - len(old)])
        new.similarity.append(share if witness >= 0 else None)
    return new


def _answer(store: Store, batch: _Batch, new: _New) -> Decided:
    """Spreads what was decided on texts to the units that say them."""
    fingerprints = batch.found.fingerprints
    witness = np.full(len(fingerprints), -1, np.int64)
    similarity = np.zeros(len(fingerprints))
    repeats = store.kept(sorted(set(batch.known.values())))
    place = {at: i for i, at in enumerate(new.at)}
    for unit, fingerprint in enumerate(fingerprints):
        if fingerprint is None:
            continue
        if fingerprint in batch.known:
            witness[unit], similarity[unit] = repeats[batch.known[fingerprint]]
            continue
        i = place[batch.first[fingerprint]]
        if (kept := new.witness_unit[i]) is not None:
            witness[unit], similarity[unit] = kept, new.similarity[i]
        elif unit != new.at[i]:
            witness[unit], similarity[unit] = batch.unit + new.at[i], 1.0
    return Decided(batch.unit + np.arange(len(witness)), witness, similarity, fingerprints.count(None))


def _addition(rules: Rules, batch: _Batch, new: _New) -> Addition:
    """Puts together what there is to write: documents, units, and new texts with their keys."""
    found, base = batch.found, batch.unit
    counts = [row.units for row in batch.rows]
    starts = (base + np.cumsum([0, *counts])[:-1]).tolist()
    documents = [
        Document(number, row.id, row.source, row.date, start, row.units)
        for number, (row, start) in enumerate(zip(batch.rows, starts, strict=True), batch.document)
    ]
    stored = [i for i, number in enumerate(new.number) if number]
    at = np.array([new.at[i] for i in stored], np.int64)
    prints = list(batch.first)
    texts = [
        Text(new.number[i], base + new.at[i], int(found.sizes[new.at[i]]), new.witness[i], new.similarity[i], packed(tokens), prints[i])
        for i, tokens in zip(stored, batch.units.said(batch.chosen[at]), strict=True)
    ]
    keys, places = found.of(at)
    owners = np.array([text.number for text in texts], np.int64)[places]
    return Addition(documents, texts, _units(rules, batch, counts, {text.fingerprint: text.number for text in texts}), keys, owners)


def _units(rules: Rules, batch: _Batch, counts: list[int], number: dict[bytes, int]) -> list[Unit]:
    """The units that are remembered; `number` has the new texts by fingerprint."""
    fingerprints, number_of = batch.found.fingerprints, {**batch.known, **number}
    says = [batch.first[print_] for print_ in number] if not rules.removable else range(len(fingerprints))
    owner = (np.repeat(np.arange(len(counts)), counts) + batch.document).tolist()
    spans = batch.spans.tolist()
    return [
        Unit(batch.unit + i, owner[i], spans[i][0], spans[i][1], number_of[fingerprint])
        for i in says
        if (fingerprint := fingerprints[i]) is not None
    ]
