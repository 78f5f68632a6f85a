"""``textclean index``: adds files to an index of what was seen, asks it, removes from it, and looks after it."""

from __future__ import annotations

import dataclasses
import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from textclean import Config
from textclean.commands import exits
from textclean.commands.log import set_up_log
from textclean.commands.options import same_numbers_option
from textclean.commands.records import documents, id_of, naming_options, value
from textclean.commands.screen import Screen
from textclean.corpus.counts import Counts
from textclean.corpus.request import Request, request_for
from textclean.errors import InputError, RecordError
from textclean.files.escapes import visible
from textclean.files.sources import Format
from textclean.formats import Document
from textclean.formats.json_record import dumps

if TYPE_CHECKING:
    from textclean.index import Index, Match

_log = logging.getLogger("textclean")
_there = click.Path(exists=True, dir_okay=False)
_db = click.argument("db", type=_there, metavar="SEEN.db")
_timeout = click.option("--timeout", type=float, default=60, show_default=True, metavar="S", help="Seconds to wait for another process.")
_quiet = click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
_text_field = click.option("--text-field", "text", default="text", show_default=True, metavar="NAME", help="Where a record's text is.")
_format = click.option("--format", type=click.Choice([str(kind) for kind in Format]), help="Of `-` and of files whose names do not tell.")
_max_mb = click.option(
    "--max-mb", type=click.FloatRange(0, min_open=True), default=256, show_default=True, help="Skip texts and records over this size."
)
#: The text's name among what goes into the index; no field of a record is called so.
_TEXT = "\0text"
#: What `Index` takes of the options of `add`, under the same names.
_RULES = ("unit", "threshold", "ngram_size", "min_words", "same_numbers", "removable")


@click.group()
def index() -> None:
    """Remember what was seen, in a file: find what repeats it later, in any run."""


@index.command()
@click.argument("db", type=click.Path(dir_okay=False), metavar="SEEN.db")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--id-field", "id", metavar="NAME", help="A record's id, which no other may have. [default: file and line]")
@click.option("--source-field", "source", metavar="NAME", help="Where a record comes from: for remove, and told with a match.")
@click.option("--date-field", "date", metavar="NAME", help="A record's date in ISO 8601: for expire, and told with a match.")
@_text_field
@naming_options
@click.option("--unit", type=click.Choice(["paragraph", "document"]), help="Of a new index: what is compared. [default: paragraph]")
@click.option("--threshold", type=float, metavar="J", help="Of a new index: least Jaccard similarity of a repeat. [default: 0.8]")
@click.option(
    "--ngram-size", type=int, metavar="N", help="Of a new index: tokens in a shingle. [default: 3 for paragraphs, 5 for documents]"
)
@click.option("--min-words", type=int, metavar="N", help="Of a new index: leave shorter units alone. [default: 10]")
@same_numbers_option
@click.option("--removable/--no-removable", default=None, help="Of a new index: whether documents can be removed; it is larger then.")
@_format
@_max_mb
@click.option("--fsync/--no-fsync", default=True, show_default=True, help="Force each part to the disk, so that it outlasts a power cut.")
@_quiet
def add(db: str, paths: tuple[str, ...], **o: Any) -> int:
    """Add the texts of files.

    The file of the index is made if it is not there. PATH is a file, a folder or -, as for clean; texts are taken as they are, so clean
    them first. A record that can't be read, or lacks the field of its id, is named and left out. An id that is there already ends it;
    with --replay such a record is passed over if it says the same.

    \b
    Examples:
      textclean index add seen.db clean/*.jsonl.zst --id-field url --date-field date
      textclean index add seen.db today.jsonl --prefix 2026-11-29/
    """  # noqa: D301 - click wants the control character
    from textclean.index import Index

    set_up_log(o["quiet"])
    counts, request = Counts(), _request(paths, o)

    def check(document: Document) -> None:
        _row(document, o)

    reading = dataclasses.replace(request.reading, check=check)
    rows = _counting((_row(document, o) for document in documents(request.sources(counts.skip), reading, counts)), counts)
    units = dropped = 0
    with Index(db, timeout=o["timeout"], fsync=o["fsync"], **{name: o[name] for name in _RULES}) as seen:
        for found in seen.add_many(rows, id="id", source="source", date="date", text=_TEXT, replay=o["replay"]):
            units, dropped = units + len(found), dropped + int(found.dropped.sum())
        unit = seen.rules.unit
    if not counts.opened:
        return exits.FATAL
    _log.info("%s added; %s", _counted(counts.documents, "document"), _repeats(unit, units, dropped))
    return exits.after(counts)


@index.command()
@_db
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option("--json", "as_json", is_flag=True, help="Print each match as a line of JSON.")
@_text_field
@_format
@_max_mb
@_timeout
@_quiet
def find(db: str, paths: tuple[str, ...], as_json: bool, **o: Any) -> int:
    """Find what texts repeat.

    PATH is a file, a folder or -, as for clean; stdin if none is named. Nothing is added. For each match: file and line, where the unit
    stands in the text, similarity, and the document of the index that has its like, with its source, its date and where the unit stands
    there. On a terminal a table, else values between tabs.
    """
    set_up_log(o["quiet"])
    counts, request, screen = Counts(), _request(paths or ("-",), o), Screen(sys.stdout)
    with _opened(db, o["timeout"], read_only=True) as seen:
        found = (
            (document, match)
            for document in documents(request.sources(counts.skip), request.reading, counts)
            for match in seen.find(document.text)
        )
        if as_json:
            for document, match in found:
                screen.write(dumps(_fields(document, match)) + "\n")
        else:
            _show(screen, (_line(document, match) for document, match in found))
    screen.flush()
    return exits.after(counts)


@index.command()
@_db
@click.option("--id", "ids", multiple=True, metavar="ID", help="Remove the document with this id (again for more).")
@click.option("--source", metavar="NAME", help="Remove all documents that come from here.")
@click.option("--prefix", metavar="TEXT", help="Remove all documents whose ids begin so: those of a run.")
@_timeout
@_quiet
def remove(db: str, ids: tuple[str, ...], source: str | None, prefix: str | None, timeout: float, quiet: bool) -> int:
    """Remove documents by id or source.

    What repeated them is decided anew, as if they had never been added.
    """
    set_up_log(quiet)
    if sum((bool(ids), bool(source), bool(prefix))) != 1:
        raise click.UsageError("say what to remove: --id (again for more), --source or --prefix, one of them")
    with _opened(db, timeout) as seen:
        count = seen.remove(ids or None, source=source or None, prefix=prefix or None)
    _log.info("%s removed", _counted(count, "document"))
    return exits.OK


@index.command()
@_db
@click.option("--before", required=True, metavar="DATE", help="A day or a moment in ISO 8601, UTC unless it says otherwise.")
@_timeout
@_quiet
def expire(db: str, before: str, timeout: float, quiet: bool) -> int:
    """Remove documents dated before a day.

    Those without a date stay.
    """
    set_up_log(quiet)
    with _opened(db, timeout) as seen:
        try:
            count = seen.expire(before=before)
        except InputError as error:
            raise click.BadParameter(str(error), param_hint="--before") from None
    _log.info("%s removed", _counted(count, "document"))
    return exits.OK


@index.command()
@_db
@click.argument("others", nargs=-1, required=True, type=_there, metavar="OTHER.db...")
@_timeout
@_quiet
def merge(db: str, others: tuple[str, ...], timeout: float, quiet: bool) -> int:
    """Add all documents of other indexes.

    They go in in their order. The indexes need the same rules, and no id in two of them.
    """
    set_up_log(quiet)
    with _opened(db, timeout) as seen:
        for other in others:
            with _opened(other, timeout, read_only=True) as more:
                _log.info("%s of %s added", _counted(seen.merge(more), "document"), other)
    return exits.OK


@index.command()
@_db
@_timeout
@_quiet
def verify(db: str, timeout: float, quiet: bool) -> int:
    """Look the whole file over.

    Each fault is printed, and the exit code is 1 if there is one. It takes about a minute a million texts.
    """
    set_up_log(quiet)
    with _opened(db, timeout, read_only=True) as seen:
        faults = seen.verify()
    for fault in faults:
        print(visible(fault))
    if not faults:
        _log.info("%s: no fault found", db)
    return exits.SKIPPED if faults else exits.OK


@index.command()
@_db
@_timeout
@_quiet
def compact(db: str, timeout: float, quiet: bool) -> int:
    """Make the file small and fast.

    Answers do not change.
    """
    set_up_log(quiet)
    with _opened(db, timeout) as seen:
        before = seen.stats().bytes
        seen.compact()
        _log.info("%s bytes, before %s", f"{seen.stats().bytes:,}", f"{before:,}")
    return exits.OK


@index.command()
@_db
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@_timeout
def stats(db: str, as_json: bool, timeout: float) -> int:
    """Count what is in an index.

    It also says by what the index compares.
    """
    with _opened(db, timeout, read_only=True) as seen:
        told = seen.stats()._asdict() | dataclasses.asdict(seen.rules)
    if as_json:
        print(json.dumps(told))
    else:
        for name, number in told.items():
            print(f"{name}\t{number:,}" if isinstance(number, int) and not isinstance(number, bool) else f"{name}\t{number}")
    return exits.OK


def _opened(db: str, timeout: float, read_only: bool = False) -> Index:
    # NumPy takes longer to load than most commands to run.
    from textclean.index import Index

    return Index(db, timeout=timeout, read_only=read_only)


def _request(paths: tuple[str, ...], o: dict[str, Any]) -> Request:
    """What is read, as `clean` reads it."""
    return request_for(paths, None, Config(), text=o["text"], format=o["format"], max_mb=o["max_mb"], stdin=sys.stdin.buffer)


def _row(document: Document, o: dict[str, Any]) -> dict[str, Any]:
    """Returns a document as it goes into the index.

    Raises:
        RecordError: it has no id, or a date that is none.
    """
    from textclean.index.metadata import seconds

    source, date = (value(document, name) if name and _has(document, name) else None for name in (o["source"], o["date"]))
    try:
        seconds(date, f"field {o['date']!r}:")
    except InputError as error:
        raise RecordError(f"{document.place}: {error}", "no-date") from None
    return {_TEXT: document.text, "id": id_of(document, o["id"], o["prefix"]), "source": source, "date": date}


def _counting(rows: Iterator[dict[str, Any]], counts: Counts) -> Iterator[dict[str, Any]]:
    for row in rows:
        counts.documents += 1
        yield row


def _has(document: Document, name: str) -> bool:
    return document.record is not None and document.record.value(name) is not None


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _repeats(unit: str, units: int, dropped: int) -> str:
    return f"{dropped:,} of {units:,} {unit}s repeat one that was there or came before"


def _day(date: int | None) -> str:
    """A date as it is shown: without its time if that is midnight."""
    if date is None:
        return ""
    return datetime.fromtimestamp(date, UTC).isoformat().removesuffix("+00:00").removesuffix("T00:00:00")


_HEADS = ("text", "span", "similarity", "id", "source", "date", "its span")


def _line(document: Document, match: Match) -> tuple[str, ...]:
    (start, end), (first, last) = match.span, match.witness_span
    told = (document.place, f"{start}-{end}", f"{match.similarity:.3f}", match.id, match.source or "", _day(match.date), f"{first}-{last}")
    return tuple(map(visible, told))


def _show(screen: Screen, rows: Iterator[tuple[str, ...]]) -> None:
    if screen.terminal:
        screen.show_columns(_HEADS, list(rows))
    else:
        for row in rows:
            screen.write("\t".join(row) + "\n")


def _fields(document: Document, match: Match) -> dict[str, Any]:
    witness = {"id": match.id, "source": match.source, "date": match.date, "span": list(match.witness_span)}
    where = {"file": document.source.name, "line": document.line, "span": list(match.span)}
    return where | {"similarity": match.similarity, "witness": witness}
