"""Answers for documents that are in an index already, as they were answered when they were added: for a run that was broken off."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from textclean._native import Texts
from textclean.errors import InputError, picture
from textclean.index import batch
from textclean.index.batch import Decided, Row
from textclean.index.file import select
from textclean.index.header import Rules
from textclean.index.similar import keyed
from textclean.index.tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textclean._native import KeyOrder


def add(
    tables: Tables,
    rules: Rules,
    order: KeyOrder,
    rows: list[Row],
    units: Texts,
    chosen: NDArray[np.uint32],
    spans: NDArray[np.int64],
    there: set[str],
) -> Decided:
    """Adds the documents that are not there, and answers for the others from what is stored.

    Args:
        tables: the index, within a transaction that may write.
        rules: by what is compared.
        order: the order of shingles of the index.
        rows: the documents.
        units: their units, among others.
        chosen: the numbers of their units.
        spans: where each unit stands in its document.
        there: the ids that are in the index.

    Raises:
        InputError: a document that is there said something else when it was added.
    """
    parts, at = [], 0
    for known, run in groupby(rows, lambda row: row.id in there):
        some = list(run)
        end = at + sum(row.units for row in some)
        if known:
            parts.append(_stored(tables, rules, order, some, units, chosen[at:end]))
        else:
            parts.append(batch.add(tables, rules, order, some, units, chosen[at:end], spans[at:end]))
        at = end
    columns = [np.concatenate(column) for column in list(zip(*parts, strict=True))[:3]]
    return Decided(columns[0], columns[1], columns[2], sum(part.exempt for part in parts))


def _stored(tables: Tables, rules: Rules, order: KeyOrder, rows: list[Row], units: Texts, chosen: NDArray[np.uint32]) -> Decided:
    found = keyed(units, chosen, order, rules.settings)
    texts, connection = tables.known(found.distinct), tables.connection
    documents = {
        id: (first, count)
        for id, first, count in select(connection, "SELECT id, first_unit, units FROM document WHERE id IN ({})", [row.id for row in rows])
    }
    numbers, witness, similarity = np.zeros(len(chosen), np.int64), np.zeros(len(chosen), np.int64), np.zeros(len(chosen))
    at = 0
    for row in rows:
        first, count = documents[row.id]
        says = [None if print_ is None else texts.get(print_, 0) for print_ in found.fingerprints[at : at + row.units]]
        answers = _answers(tables, first, count)
        if count != row.units or {place: text for place, text in enumerate(says) if text is not None} != {
            number - first: text for number, (text, _, _) in answers.items()
        }:
            raise InputError(
                f"the id {picture(row.id)} is in the index with another text: remove it first, or add this one by another id; nothing of"
                " this part was added"
            )
        numbers[at : at + count] = first + np.arange(count)
        witness[at : at + count] = -1
        for number, (_, kept, share) in answers.items():
            if kept != number:
                witness[at + number - first], similarity[at + number - first] = kept, share
        at += count
    return Decided(numbers, witness, similarity, found.fingerprints.count(None))


def _answers(tables: Tables, first: int, count: int) -> dict[int, tuple[int, int, float]]:
    """The units of a document: the text that each says, the unit that stays for it (itself, if it stays), and the similarity."""
    rows = tables.connection.execute("SELECT number, text FROM unit WHERE number >= ? AND number < ?", (first, first + count)).fetchall()
    kept = tables.kept(sorted({text for _, text in rows}))
    return {number: (text, *kept[text]) for number, text in rows}
