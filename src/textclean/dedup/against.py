"""Finds what repeats documents that stay as they are, whatever comes: those of yesterday."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from textclean.dedup.documents import read_documents, units_of
from textclean.dedup.duplicates import Duplicates, Earlier, Found, deduplicate


def deduplicate_against(
    before: Sequence[Mapping[str, Any]],
    docs: Sequence[Mapping[str, Any]],
    *,
    id: str,
    text: str = "text",
    columns: tuple[str | None, str | None],
    **how: Any,
) -> Duplicates:
    """Finds the units that repeat one of `before`, or one that comes before them and stays.

    Args:
        before: documents that come first and are never dropped.
        docs: the documents to look at.
        id: the key by which documents of `before` are named in the answer.
        text: the key of the text.
        columns: `id` and `source`, as `deduplicate` takes them, of `docs`; the second is that of `before` too.
        **how: what else `deduplicate` takes, but for `keep`: what comes first stays.

    Returns:
        The answer for `docs`; witnesses in `before` are in `Duplicates.earlier`.

    Raises:
        ConfigError: an option has a value that it can't have.
        InputError: what was passed in is no collection of texts.
    """
    both = deduplicate([*before, *docs], text=text, **how)
    first = int(np.searchsorted(both.unit_doc, len(before)))
    told, count = both.witness[first:], len(both) - first
    seen = (told >= 0) & (told < first)
    used = np.unique(told[seen])
    witness = np.where(seen, count + np.searchsorted(used, told), told - first)
    witness[told < 0] = -1
    source = columns[1]
    documents, spans = both.unit_doc, both.unit_span.tolist()

    def earlier(unit: int) -> Earlier:
        document = before[int(documents[unit])]
        origin = None if source is None else document[source]
        return Earlier(str(document[id]), None if origin is None else str(origin), None, tuple(spans[unit]), both.text(unit))

    own = read_documents(list(docs), text)
    units = units_of(own.texts, both.settings.unit)
    found = Found(witness.astype(np.int64), both.similarity[first:], both.effort)
    return Duplicates(own, units, both.settings, found, *columns, [earlier(unit) for unit in used.tolist()])
