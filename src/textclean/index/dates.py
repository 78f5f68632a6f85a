"""Reads when a document appeared."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from textclean.errors import InputError, picture


def seconds(value: Any, name: str) -> int | None:
    """Returns a date as seconds since 1970, UTC; None for None.

    Args:
        value: str in ISO 8601, date or datetime; UTC unless it says otherwise.
        name: what it is called, for the error.

    Raises:
        InputError: it is no date.
    """
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(moment, date) and not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day)
        if not isinstance(moment, datetime):
            raise TypeError
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp())
    except (ValueError, TypeError, OverflowError):
        raise InputError(
            f"{name} {picture(value)} is no date: use ISO 8601 ('2026-11-29', '2026-11-29T12:30+01:00'), date or datetime"
        ) from None
