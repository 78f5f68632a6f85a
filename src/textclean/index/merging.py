"""Puts the documents of one index into another."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np

from textclean._native import Texts
from textclean.errors import ConfigError, InputError, picture
from textclean.index import batch, order
from textclean.index.batch import Row
from textclean.index.file import IndexFile
from textclean.index.header import Rules
from textclean.index.store import Document, unpacked
from textclean.index.tables import Tables

#: Units that are added together.
_UNITS = 1 << 14


def merge(file: IndexFile, other: IndexFile) -> int:
    """Adds the documents of another index; see `Index.merge`.

    Args:
        file: the index that grows.
        other: the one that is read.
    """
    if not other.rules.removable:
        raise ConfigError(f"{other.path} was made with removable=False and remembers only what stays: it can't be added to another")
    for name in ("unit", "threshold", "ngram_size", "min_words", "same_numbers"):
        here, there = getattr(file.rules, name), getattr(other.rules, name)
        if here != there:
            raise ConfigError(f"{other.path} has {name}={there!r}, and {file.path} has {name}={here!r}: only like rules can be merged")
    count = 0
    with ExitStack() as stack:
        reading = stack.enter_context(other.reading())
        tables = Tables(file, stack.enter_context(file.writing()))
        rows = reading.execute("SELECT number, id, source, date, first_unit, units FROM document ORDER BY number")
        for documents in _pieces(Document(*row) for row in rows):
            ids = [document.id for document in documents]
            both = tables.ids(ids)
            if both:
                first = next(id for id in ids if id in both)
                raise InputError(f"the id {picture(first)} is in both: remove it from one; nothing was added")
            _add(tables, file.rules, reading, documents)
            count += len(documents)
    return count


def _pieces(documents: Iterator[Document]) -> Iterator[list[Document]]:
    """Yields the documents in pieces of so many units, or of one document that has more."""
    piece: list[Document] = []
    units = 0
    for document in documents:
        if piece and units + document.units > _UNITS:
            yield piece
            piece, units = [], 0
        piece.append(document)
        units += document.units
    if piece:
        yield piece


def _add(tables: Tables, rules: Rules, reading: sqlite3.Connection, documents: list[Document]) -> None:
    """Adds documents from what is stored of them: the tokens of units that took part, nothing of others."""
    last = documents[-1]
    rows = reading.execute(
        "SELECT unit.number, start, end, said FROM unit JOIN text ON text.number = text WHERE unit.number >= ? AND unit.number < ?"
        " ORDER BY unit.number",
        (documents[0].first_unit, last.first_unit + last.units),
    ).fetchall()
    stored = {number: (start, end, unpacked(said)) for number, start, end, said in rows}
    numbers = [number for document in documents for number in range(document.first_unit, document.first_unit + document.units)]
    units = Texts.from_list([stored[number][2] if number in stored else "" for number in numbers])
    spans = np.array([stored[number][:2] if number in stored else (0, 0) for number in numbers], np.int64).reshape(-1, 2)
    chosen = np.arange(len(numbers), dtype=np.uint32)
    fit = order.keep_fit(tables, rules, units, chosen)
    batch.add(tables, rules, fit, [Row(one.id, one.source, one.date, one.units) for one in documents], units, chosen, spans, tokens=True)
