"""Puts documents into an index: decides on their units and writes what there is to remember.

The decision is that of `deduplicate`, made by the same code over the new texts and those of the index that may repeat them. What it leaves
out can't matter: texts of the index that stay don't repeat each other, and others share no key with a new text.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from textclean._native import Texts
from textclean.dedup.duplicates import find
from textclean.index.file import select
from textclean.index.header import Rules
from textclean.index.similar import Keyed, candidates, keyed, packed, taking_all

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
    """

    numbers: NDArray[np.int64]
    witness: NDArray[np.int64]
    similarity: NDArray[np.float64]
    exempt: int


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


def add(
    connection: sqlite3.Connection,
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
        connection: within a transaction that may write.
        rules: by what is compared.
        order: the order of shingles of the index.
        rows: the documents.
        units: their units, among others.
        chosen: the numbers of their units.
        spans: where each unit stands in its document, in code points; int64, ``(units, 2)``.
        tokens: whether the units are tokens that an index stored: then all take part that have any.
    """
    settings = taking_all(rules.settings) if tokens else rules.settings
    found = keyed(units, chosen, order, settings)
    base = _next(connection, "SELECT first_unit + units FROM document ORDER BY number DESC LIMIT 1")
    known = _known(connection, found)
    first: dict[bytes, int] = {}
    for at, fingerprint in enumerate(found.fingerprints):
        if fingerprint is not None and fingerprint not in known:
            first.setdefault(fingerprint, at)
    new = _decided(connection, rules, found, units, chosen, list(first.values()), base)
    answer = _answer(connection, found, base, known, first, new)
    _store(connection, rules, found, rows, units, chosen, spans, base, known, first, new)
    return answer


def _next(connection: sqlite3.Connection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return 1 if row is None or row[0] is None else int(row[0])


def _known(connection: sqlite3.Connection, found: Keyed) -> dict[bytes, int]:
    asked = sorted({fingerprint for fingerprint in found.fingerprints if fingerprint is not None})
    return dict(select(connection, "SELECT fingerprint, text FROM fingerprint WHERE fingerprint IN ({})", asked))


def _decided(
    connection: sqlite3.Connection,
    rules: Rules,
    found: Keyed,
    units: Texts,
    chosen: NDArray[np.uint32],
    at: list[int],
    base: int,
) -> _New:
    """Decides on new texts."""
    near = candidates(connection, found, np.array(at, np.int64), rules.threshold)
    old = sorted({text for some in near for text in some if text.witness is None}, key=lambda text: text.first)
    corpus = [text.said for text in old] + [units.get(int(chosen[i])) for i in at]
    answer = find(Texts.from_list(corpus), None, taking_all(rules.settings))
    number = _next(connection, "SELECT max(number) + 1 FROM text")
    new = _New(at, [], [], [], [])
    for witness, share in zip(answer.witness[len(old) :].tolist(), answer.similarity[len(old) :].tolist(), strict=True):
        stored = rules.removable or witness < 0
        new.number.append(number if stored else 0)
        number += stored
        if witness < 0:
            new.witness.append(None)
            new.witness_unit.append(None)
        elif witness < len(old):
            new.witness.append(old[witness].number)
            new.witness_unit.append(old[witness].first)
        else:
            new.witness.append(new.number[witness - len(old)])
            new.witness_unit.append(base + at[witness - len(old)])
        new.similarity.append(share if witness >= 0 else None)
    return new


def _answer(
    connection: sqlite3.Connection, found: Keyed, base: int, known: dict[bytes, int], first: dict[bytes, int], new: _New
) -> Decided:
    """Spreads what was decided on texts to the units that say them."""
    witness = np.full(len(found.fingerprints), -1, np.int64)
    similarity = np.zeros(len(found.fingerprints))
    rows = select(
        connection,
        "SELECT text.number, ifnull(kept.first, text.first), ifnull(text.similarity, 1.0) FROM text"
        " LEFT JOIN text AS kept ON kept.number = text.witness WHERE text.number IN ({})",
        sorted(set(known.values())),
    )
    repeats = {number: (unit, share) for number, unit, share in rows}
    place = {at: i for i, at in enumerate(new.at)}
    for unit, fingerprint in enumerate(found.fingerprints):
        if fingerprint is None:
            continue
        if fingerprint in known:
            witness[unit], similarity[unit] = repeats[known[fingerprint]]
            continue
        i = place[first[fingerprint]]
        if (kept := new.witness_unit[i]) is not None:
            witness[unit], similarity[unit] = kept, new.similarity[i]
        elif unit != new.at[i]:
            witness[unit], similarity[unit] = base + new.at[i], 1.0
    numbers = base + np.arange(len(witness))
    return Decided(numbers, witness, similarity, sum(fingerprint is None for fingerprint in found.fingerprints))


def _store(
    connection: sqlite3.Connection,
    rules: Rules,
    found: Keyed,
    rows: list[Row],
    units: Texts,
    chosen: NDArray[np.uint32],
    spans: NDArray[np.int64],
    base: int,
    known: dict[bytes, int],
    first: dict[bytes, int],
    new: _New,
) -> None:
    """Writes documents, units, and new texts with their keys."""
    document = _next(connection, "SELECT max(number) + 1 FROM document")
    starts = base + np.cumsum([0] + [row.units for row in rows])[:-1]
    lines = (
        (number, row.id, row.source, row.date, int(start), row.units)
        for number, (row, start) in enumerate(zip(rows, starts, strict=True), document)
    )
    connection.executemany("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?)", lines)
    stored = [i for i, number in enumerate(new.number) if number]
    at = np.array([new.at[i] for i in stored], np.int64)
    said = units.said(chosen[at])
    numbers = [new.number[i] for i in stored]
    connection.executemany(
        "INSERT INTO text VALUES (?, ?, ?, ?, ?, ?)",
        (
            (new.number[i], base + new.at[i], int(found.sizes[new.at[i]]), new.witness[i], new.similarity[i], packed(tokens))
            for i, tokens in zip(stored, said, strict=True)
        ),
    )
    connection.executemany("INSERT INTO fingerprint VALUES (?, ?)", sorted((found.fingerprints[new.at[i]], new.number[i]) for i in stored))
    keys, places = found.of(at)
    store_postings(connection, keys, np.array(numbers, np.int64)[places])
    number_of = {**known, **{fingerprint: number for fingerprint, number in zip(first, new.number, strict=True) if number}}
    owner = np.repeat(np.arange(len(rows)), [row.units for row in rows]) + document
    says = ((i, found.fingerprints[i]) for i in range(len(found.fingerprints)))
    if not rules.removable:
        says = ((new.at[i], found.fingerprints[new.at[i]]) for i in stored)
    connection.executemany(
        "INSERT INTO unit VALUES (?, ?, ?, ?, ?)",
        (
            (base + i, int(owner[i]), int(spans[i, 0]), int(spans[i, 1]), number_of[fingerprint])
            for i, fingerprint in says
            if fingerprint is not None
        ),
    )


def store_postings(connection: sqlite3.Connection, keys: NDArray[np.uint32], texts: NDArray[np.int64]) -> None:
    """Writes under which keys texts are found, in the order in which they lie on the disk.

    Args:
        connection: within a transaction that may write.
        keys: keys; a text may have one twice.
        texts: the text of each.
    """
    by_key = np.lexsort((texts, keys))
    lines = zip(keys[by_key].tolist(), texts[by_key].tolist(), strict=True)
    connection.executemany("INSERT OR IGNORE INTO posting VALUES (?, ?)", lines)
