"""Reads what is said of documents beside their text: ids, sources, dates."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from textclean.dedup.documents import Documents
from textclean.errors import ConfigError, InputError, picture
from textclean.index.batch import Row


def rows(documents: Documents, units: list[int], ids: list[Any], source: Any, date: Any) -> list[Row]:
    """Reads what is said of documents, and checks it before anything is written.

    Args:
        documents: the documents.
        units: how many units each has.
        ids: the name of each.
        source: where each comes from: a key or column, a sequence, or None.
        date: when each appeared: likewise.

    Raises:
        InputError: ids are missing or repeated, or a date can't be read.
        ConfigError: a key or column is not there.
    """
    missing = next(
        (at for at, value in enumerate(ids) if not isinstance(value, (str, int)) or isinstance(value, bool) or value == ""), None
    )
    if missing is not None:
        raise InputError(f"document {missing:,} has the id {picture(ids[missing])}: a str or int is needed; nothing was added")
    names = [str(value) for value in ids]
    if len(set(names)) < len(names):
        seen: set[str] = set()
        twice = next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise InputError(f"the id {picture(twice)} stands twice among the documents: name each otherwise; nothing was added")
    sources = [None if value is None else str(value) for value in values(documents, "source", source)]
    dates = [seconds(value, f"document {at:,}: date") for at, value in enumerate(values(documents, "date", date))]
    return [Row(*row) for row in zip(names, sources, dates, units, strict=True)]


def values(documents: Documents, name: str, given: Any) -> list[Any]:
    """Returns one value for each document: of a key or column, or of a sequence; None for each if nothing was given.

    Args:
        documents: the documents.
        name: the name of the option, for errors.
        given: its value.

    Raises:
        InputError: the sequence has another length.
        ConfigError: a key or column is not there.
    """
    if given is None:
        return [None] * len(documents)
    if isinstance(given, str):
        return list(documents.column(given))
    if not isinstance(given, Sequence) and not hasattr(given, "__array__"):
        raise ConfigError(f"{name}={picture(given)}: the name of a key or column is needed, or one value for each document")
    found = list(given)
    if len(found) != len(documents):
        raise InputError(f"{name} has {len(found):,} values, and there are {len(documents):,} documents; nothing was added")
    return found


def seconds(value: Any, name: str) -> int | None:
    """Returns a date as seconds since 1970, UTC; None for None.

    Args:
        value: str in ISO 8601, date or datetime (UTC unless it says otherwise), or None.
        name: what it is called in errors.

    Raises:
        InputError: it is no date.
    """
    if value is None:
        return None
    try:
        moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(moment, datetime.date) and not isinstance(moment, datetime.datetime):
            moment = datetime.datetime(moment.year, moment.month, moment.day)
        if not isinstance(moment, datetime.datetime):
            raise TypeError
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        return int(moment.timestamp())
    except (ValueError, TypeError, OverflowError):
        raise InputError(
            f"{name} {picture(value)} is no date: use ISO 8601 ('2026-11-29', '2026-11-29T12:30+01:00'), date or datetime"
        ) from None
