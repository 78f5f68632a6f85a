"""``textclean dedupe``: reads records, calls `textclean.deduplicate`, writes the remaining records and a list of repeats."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from textclean.commands import exits
from textclean.commands.log import set_up_log
from textclean.commands.options import same_numbers_option
from textclean.commands.records import documents as read
from textclean.commands.records import id_of, naming_options, value
from textclean.corpus.counts import Counts
from textclean.corpus.summary import repeats
from textclean.dedup.bands import RECALL
from textclean.dedup.seen import check_index
from textclean.dedup.settings import MIN_WORDS, ORDERS, THRESHOLD, Method
from textclean.document import Cleaned
from textclean.errors import CorpusError
from textclean.files.output import Output
from textclean.files.places import Local
from textclean.files.sources import Format, Source, find, told_by_name
from textclean.files.targets import check_all
from textclean.formats import Document, Reading
from textclean.formats.json_record import dumps
from textclean.formats.writers import check_fields, row_writer, writer

if TYPE_CHECKING:
    from textclean.dedup.duplicates import Duplicates

_log = logging.getLogger("textclean")
_in = click.Path(exists=True, dir_okay=False)
_out = click.Path(dir_okay=False, path_type=Path)


def _spread(args: list[str]) -> list[str]:
    """Puts ``--against`` before each file that stands behind it, as a shell leaves them of a pattern, up to the next option."""
    spread: list[str] = []
    against = False
    for at, arg in enumerate(args):
        if arg == "--":
            return spread + args[at:]
        if arg.startswith("-") and arg != "-":
            against = arg == "--against"
        elif against and args[at - 1] != "--against":
            spread.append("--against")
        spread.append(arg)
    return spread


class _Command(click.Command):
    """A command with an option that takes all values behind it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the arguments."""
        return super().parse_args(ctx, _spread(args))


@click.command(cls=_Command)
@click.argument("paths", nargs=-1, required=True, type=_in, metavar="PATH...")
@click.option(
    "-o",
    "--output",
    type=_out,
    metavar="OUT",
    help="Write the records here, repeats taken out (.jsonl, .csv, .parquet, .arrow, also packed).",
)
@click.option("-f", "--force", is_flag=True, help="Replace output files that exist.")
@click.option("--removals", type=_out, metavar="FILE", help="Write what went: unit, span, witness, similarity (likewise).")
@click.option("--unit", type=click.Choice(["paragraph", "document"]), help="What is compared. [default: paragraph]")
@click.option("--threshold", type=float, metavar="J", help=f"Least Jaccard similarity of a repeat. [default: {THRESHOLD}]")
@click.option("--ngram-size", type=int, metavar="N", help="Tokens in a shingle. [default: 3 for paragraphs, 5 for documents]")
@click.option("--keep", default="first", show_default=True, metavar="KEY", help="first, last, longest, or a field: the smallest stays.")
@click.option("--min-words", type=int, metavar="N", help=f"Leave shorter units alone. [default: {MIN_WORDS}]")
@same_numbers_option
@click.option("--text-field", "text", default="text", show_default=True, metavar="NAME", help="Where the text is.")
@click.option("--id-field", "id", metavar="NAME", help="A record's id, put into --removals.")
@click.option("--source-field", "source", metavar="NAME", help="Where a record comes from, put into --removals.")
@click.option(
    "--method",
    type=click.Choice(get_args(Method)),
    default="exact",
    show_default=True,
    help=f"How candidates are found: all of them, or by MinHash bands, which may miss some ({RECALL:.1%} recall at the threshold).",
)
@click.option("--num-perm", type=int, default=256, show_default=True, metavar="N", help="Values in a signature, for minhash.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the signatures, for minhash.")
@click.option(
    "--against", multiple=True, metavar="FILE...", help="Compare with these files too, of which nothing goes; all names behind it are such."
)
@click.option(
    "--index", "db", type=click.Path(dir_okay=False), metavar="SEEN.db", help="Compare with all that this index has seen, and add."
)
@click.option("--read-only", is_flag=True, help="With --index: add nothing.")
@naming_options
@click.option("--calibrate", is_flag=True, help="Write nothing; show what thresholds would drop and what the whole would cost.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Threads. [default: one for each core, fewer for a small corpus]")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def dedupe(paths: tuple[str, ...], output: Path | None, force: bool, removals: Path | None, calibrate: bool, quiet: bool, **o: Any) -> int:
    """Drop paragraphs, or documents, that repeat others.

    PATH is a file of records, as for clean; several are one corpus, held in memory. In their order, a unit goes if one that stays has
    Jaccard similarity at or above the threshold with it. With --unit paragraph (a line) records stay, without their repeated lines; with
    --unit document records go. A record that can't be read is named and left out.

    With --against, what repeats one of those files goes too, and nothing is said of what they repeat themselves. With --index, what repeats
    anything that was ever added to that file goes too, and the records are added to it, by the id that --id-field names, or by file and
    line. The file is made if it is not there.

    \b
    Examples:
      textclean dedupe pages.jsonl -o unique.jsonl --removals removed.jsonl --id-field url
      textclean dedupe pages.parquet -o unique.parquet --unit document --keep date
      textclean dedupe today.jsonl -o new.jsonl --against yesterday/*.jsonl.zst
      textclean dedupe today.jsonl -o new.jsonl --index seen.db --id-field url
      textclean dedupe pages.jsonl --calibrate
    """  # noqa: D301 - click wants the control character
    set_up_log(quiet)
    _check_together(calibrate, o)
    counts = Counts()
    check_all([], [], [Local(path) for path in (output, removals) if path], force)
    told = told_by_name(output.name)[0] if output else None
    documents = list(read(find(paths), Reading(o["text"], check=partial(check_fields, told=told)), counts))
    fields = {name for name in (o["id"], o["source"], None if o["keep"] in ORDERS else o["keep"]) if name is not None}
    records = [{name: value(document, name) for name in fields} | {_TEXT: document.text} for document in documents]
    if calibrate:
        _calibrate(records, o)
        return exits.after(counts)
    found = _found(documents, records, counts, o)
    if output:
        _write(output, _remaining(documents, found), force)
    if removals:
        _write_list(removals, found.records(), force)
    _log.info("%s", summary(found))
    return exits.after(counts)


#: The text's name among the fields that are compared by; no field of a record is called so.
_TEXT = "\0text"
#: The name by which a document to compare with is known.
_ID = "\0id"


def _check_together(calibrate: bool, o: dict[str, Any]) -> None:
    """Makes sure that options go together.

    Raises:
        click.UsageError: they don't.
    """
    for name, given in (("--against", o["against"]), ("--index", o["db"])):
        if given and calibrate:
            raise click.UsageError(f"--calibrate looks at the files alone: leave {name} out")
        if given and o["keep"] != "first":
            raise click.UsageError(f"--keep {o['keep']}: with {name} what was seen first stays: leave --keep out")
    if o["against"] and o["db"]:
        raise click.UsageError("--against and --index: use one of them; textclean index add puts files into an index")
    for name in ("read_only", "prefix", "replay"):
        if o[name] and not o["db"]:
            raise click.UsageError(f"--{name.replace('_', '-')} says how an index is used: add --index SEEN.db")


def _found(documents: list[Document], records: list[dict[str, Any]], counts: Counts, o: dict[str, Any]) -> Duplicates:
    """Finds the repeats: among the records alone, with other files, or with an index."""
    # NumPy takes longer to load than most commands to run.
    from textclean.dedup.duplicates import deduplicate

    how = {name: o[name] for name in ("unit", "threshold", "ngram_size", "min_words", "same_numbers", "method", "num_perm", "seed")}
    if o["against"]:
        from textclean.dedup.against import deduplicate_against

        before = [_before(document, o) for document in read(_sources(o["against"]), Reading(o["text"]), counts)]
        return deduplicate_against(before, records, id=_ID, text=_TEXT, columns=(o["id"], o["source"]), workers=o["workers"], **how)
    if o["db"]:
        return _with_index(documents, records, o, how)
    return deduplicate(records, keep=o["keep"], text=_TEXT, id=o["id"], source=o["source"], workers=o["workers"], **how)


def _sources(paths: tuple[str, ...]) -> Iterator[Source]:
    """Finds the files to compare with.

    Raises:
        SourceError: one is not there: what is compared with less than was asked for is not what was asked for.
    """
    for source in find(paths):
        if isinstance(source, CorpusError):
            raise source
        yield source


def _before(document: Document, o: dict[str, Any]) -> dict[str, Any]:
    row = {_TEXT: document.text, _ID: id_of(document, o["id"], "")}
    return row if o["source"] is None else row | {o["source"]: value(document, o["source"])}


def _with_index(documents: list[Document], records: list[dict[str, Any]], o: dict[str, Any], how: dict[str, Any]) -> Duplicates:
    from textclean.index import Index

    rules = {name: how[name] for name in ("unit", "threshold", "ngram_size", "min_words", "same_numbers")}
    named = [record | {_ID: id_of(document, o["id"], o["prefix"])} for record, document in zip(records, documents, strict=True)]
    with Index(o["db"], read_only=o["read_only"], timeout=o["timeout"], **rules) as index:
        check_index(index, {"method": o["method"]})
        if o["read_only"]:
            return index.compare(named, id=_ID, source=o["source"], text=_TEXT)
        return index.add(named, id=_ID, source=o["source"], text=_TEXT, replay=o["replay"])


def _calibrate(records: list[dict[str, Any]], o: dict[str, Any]) -> None:
    from textclean.dedup.calibration import calibrate

    usual: dict[str, Any] = {"unit": "paragraph", "threshold": THRESHOLD, "min_words": MIN_WORDS}
    names = ("unit", "threshold", "ngram_size", "num_perm", "seed", "min_words", "same_numbers", "workers")
    how: dict[str, Any] = {name: usual.get(name) if o[name] is None else o[name] for name in names}
    print(calibrate(records, text=_TEXT, **how))


def _remaining(documents: list[Document], found: Duplicates) -> Iterator[tuple[Document, str]]:
    """Yields the documents that stay, each with what remains of its text."""
    if found.settings.unit == "document":
        documents = [document for document, dropped in zip(documents, found.dropped.tolist(), strict=True) if not dropped]
    return zip(documents, found.texts(), strict=True)


def _write(path: Path, remaining: Iterator[tuple[Document, str]], force: bool) -> None:
    with Output(path, force) as output:
        write = writer(output)
        for document, text in remaining:
            write(document, Cleaned.restored("", text, []), None)
        write.close()


def _write_list(path: Path, removals: Iterator[dict[str, Any]], force: bool) -> None:
    """Writes the list of repeats, a line or a row each."""
    with Output(path, force) as output:
        if told_by_name(path.name)[0] in (None, Format.JSONL):
            for removal in removals:
                output.write(dumps(removal) + "\n")
            return
        rows = row_writer(output)
        for row in _flat(list(removals)):
            rows.write(row)
        rows.close()


def _flat(removals: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yields repeats as rows of a table, all with the same columns: not all witnesses stand in the files that were read."""
    names = list(dict.fromkeys(name for removal in removals for name in removal["witness"]))
    for removal in removals:
        witness = {f"witness_{name}": removal["witness"].get(name) for name in names}
        yield {name: value for name, value in removal.items() if name != "witness"} | witness


def summary(found: Duplicates) -> str:
    """Returns in one line how many units repeat others."""
    dropped = found.dropped.sum()
    groups = len(set(found.witness[found.dropped].tolist()))
    return repeats(found.settings.unit, len(found), int(dropped), groups)
