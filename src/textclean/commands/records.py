"""Reads the records that `dedupe` and `index` compare, and the fields by which they name them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from textclean.corpus.counts import Counts
from textclean.errors import CorpusError, RecordError
from textclean.files.escapes import storable
from textclean.files.sources import Source
from textclean.formats import Begin, Document, Reading, read
from textclean.formats.json_record import decoded_value


def documents(sources: Iterable[Source | CorpusError], reading: Reading, counts: Counts) -> Iterator[Document]:
    """Yields the documents of all files, in order; what can't be read is counted and named.

    Args:
        sources: the files, with errors in the place of those that are not there.
        reading: field names and limits.
        counts: counts to which files and errors are added.
    """
    for source in sources:
        for event in [source] if isinstance(source, CorpusError) else read(source, reading):
            if isinstance(event, CorpusError):
                counts.skip(event)
            elif isinstance(event, Document):
                yield event
            else:
                counts.opened += isinstance(event, Begin)


def value(document: Document, name: str) -> Any:
    """Returns the value of a field of a record.

    Raises:
        RecordError: the record has no such field, or the value can't be read.
    """
    raw = document.record.value(name) if document.record else None
    if raw is None:
        raise RecordError(f"{document.place}: no field {name!r}", "no-field")
    try:
        return decoded_value(raw)
    except RecordError as error:
        raise RecordError(f"{document.place}: field {name!r}: {error}", error.reason) from None


def id_of(document: Document, name: str | None, prefix: str) -> str:
    """Returns the id by which an index knows a document: the value of a field, or file and line.

    Args:
        document: the document.
        name: the field; None for file and line.
        prefix: stands before it.

    Raises:
        RecordError: the record has no such field, or its value is no str and no whole number.
    """
    if name is None:
        # A file's name may hold bytes that are no text.
        return storable(f"{prefix}{document.place}")
    found = value(document, name)
    if not isinstance(found, (str, int)) or isinstance(found, bool) or found == "":
        raise RecordError(f"{document.place}: field {name!r} is no id: a text or a whole number is needed", "no-id")
    return f"{prefix}{found}"


_naming: tuple[Callable[[Any], Any], ...] = (
    click.option("--prefix", default="", metavar="TEXT", help="Put before each id, as 2026-11-29/: names the documents of one run."),
    click.option("--replay", is_flag=True, help="Go on with what was broken off: what is in the index already is not added again."),
    click.option("--timeout", type=float, default=60, show_default=True, metavar="S", help="Seconds to wait for another process."),
)


def naming_options(command: Any) -> Any:
    """Adds the options that say by what names documents go into an index."""
    for option in reversed(_naming):
        command = option(command)
    return command
