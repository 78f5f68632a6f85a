"""Looks a whole index over."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator

import numpy as np

from textclean._native import Texts
from textclean.index.file import IndexFile
from textclean.index.similar import candidates, keyed, similarity, taking_all
from textclean.index.store import Known, unpacked
from textclean.index.tables import Tables

#: Texts that are looked at together.
_TEXTS = 1 << 14
#: Faults of one kind that are named.
_NAMED = 10


def verify(file: IndexFile) -> list[str]:
    """Returns what is wrong with an index; see `Index.verify`.

    Args:
        file: the index.
    """
    faults = [f"SQLite: {line}" for line in file.integrity()]
    if faults:
        return faults
    with file.reading() as connection:
        faults = list(_references(connection))
        # Where a reference leads nowhere, texts can't be compared.
        return faults or [fault for fault, _ in zip(_texts(file, connection), range(_NAMED), strict=False)]


#: What must not be found, and what it means.
_NEVER = {
    "SELECT number FROM unit WHERE document NOT IN (SELECT number FROM document)": "unit {}: its document is missing",
    "SELECT number FROM unit WHERE text NOT IN (SELECT number FROM text)": "unit {}: its text is missing",
    "SELECT number FROM text WHERE number NOT IN (SELECT text FROM unit)": "text {}: nothing says it",
    "SELECT number FROM text WHERE first <> (SELECT min(number) FROM unit WHERE unit.text = text.number)": "text {}: not the first unit",
    "SELECT DISTINCT text FROM posting WHERE text NOT IN (SELECT number FROM text)": "text {}: it has keys and is missing",
    "SELECT DISTINCT text FROM recent_posting WHERE text NOT IN (SELECT number FROM text)": "text {}: it has keys and is missing",
    "SELECT text FROM fingerprint WHERE text NOT IN (SELECT number FROM text)": "text {}: it has a fingerprint and is missing",
    "SELECT text FROM recent_fingerprint WHERE text NOT IN (SELECT number FROM text)": "text {}: it has a fingerprint and is missing",
    "SELECT text.number FROM text LEFT JOIN text AS kept ON kept.number = text.witness WHERE text.witness IS NOT NULL"
    " AND (kept.number IS NULL OR kept.witness IS NOT NULL OR kept.first >= text.first)": "text {}: what it repeats does not stay",
}


def _references(connection: sqlite3.Connection) -> Iterator[str]:
    removable = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'unit_text'").fetchone()
    for statement, fault in _NEVER.items():
        # Without the index by text this one would take the square of the units; there is one unit a text then.
        if not removable and "min(number)" in statement:
            statement = "SELECT text.number FROM text LEFT JOIN unit ON unit.number = first WHERE unit.text IS NOT text.number"
        for (number,) in connection.execute(f"{statement} LIMIT {_NAMED}"):
            yield fault.format(number)


def _texts(file: IndexFile, connection: sqlite3.Connection) -> Iterator[str]:
    tables, settings, last, keys = Tables(file, connection), taking_all(file.rules.settings), 0, 0
    fit = tables.order()
    while True:
        rows = connection.execute(
            "SELECT number, first, witness, said, size, similarity FROM text WHERE number > ? ORDER BY number LIMIT ?", (last, _TEXTS)
        ).fetchall()
        if not rows:
            break
        last = rows[-1][0]
        texts = []
        for number, first, witness, stored, size, share in rows:
            try:
                texts.append((Known(number, first, witness, unpacked(stored)), size, share))
            except (zlib.error, UnicodeDecodeError):
                yield f"text {number}: its tokens are damaged"
                # What it repeats, and what repeats it, can't be told.
                return
        found = keyed(Texts.from_list([text.said for text, _, _ in texts]), None, fit, settings)
        prints = {text: stored for stored, text in tables.known(found.distinct).items()}
        near = candidates(tables, found, np.arange(len(texts)), file.rules.threshold)
        for at, (text, size, share) in enumerate(texts):
            if size != found.sizes[at] or prints.get(text.number) != found.fingerprints[at]:
                yield f"text {text.number}: its tokens have another fingerprint or size"
            like = [other for other in near[at] if other.number != text.number and other.witness is None and other.first < text.first]
            repeats = ((other.number, similarity(other, text.said, settings)) for other in like)
            kept = next(((number, same) for number, same in repeats if same is not None), (None, None))
            if kept != (text.witness, share):
                yield f"text {text.number}: it repeats {kept[0]}, and {text.witness} is stored"
        pairs = np.stack(found.of(np.arange(len(texts))), axis=1)
        keys += len(np.unique(pairs, axis=0))
    (stored,) = connection.execute("SELECT (SELECT count(*) FROM posting) + (SELECT count(*) FROM recent_posting)").fetchone()
    if stored != keys:
        yield f"{stored:,} keys are stored, and the texts have {keys:,}"
