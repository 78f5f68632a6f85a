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
from textclean.commands.records import value
from textclean.corpus.counts import Counts
from textclean.corpus.summary import repeats
from textclean.dedup.bands import RECALL
from textclean.dedup.settings import MIN_WORDS, ORDERS, THRESHOLD, Method
from textclean.document import Cleaned
from textclean.files.output import Output
from textclean.files.places import Local
from textclean.files.sources import Format, find, told_by_name
from textclean.files.targets import check_all
from textclean.formats import Document, Reading
from textclean.formats.json_record import dumps
from textclean.formats.writers import check_fields, row_writer, writer

if TYPE_CHECKING:
    from textclean.dedup.duplicates import Duplicates

_log = logging.getLogger("textclean")
_in = click.Path(exists=True, dir_okay=False)
_out = click.Path(dir_okay=False, path_type=Path)


@click.command()
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
@click.option("--unit", type=click.Choice(["paragraph", "document"]), default="paragraph", show_default=True, help="What is compared.")
@click.option("--threshold", type=float, default=THRESHOLD, show_default=True, metavar="J", help="Least Jaccard similarity of a repeat.")
@click.option("--ngram-size", type=int, metavar="N", help="Tokens in a shingle. [default: 3 for paragraphs, 5 for documents]")
@click.option("--keep", default="first", show_default=True, metavar="KEY", help="first, last, longest, or a field: the smallest stays.")
@click.option("--min-words", type=int, default=MIN_WORDS, show_default=True, metavar="N", help="Leave shorter units alone.")
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
@click.option("--calibrate", is_flag=True, help="Write nothing; show what thresholds would drop and what the whole would cost.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Threads. [default: one for each core, fewer for a small corpus]")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def dedupe(paths: tuple[str, ...], output: Path | None, force: bool, removals: Path | None, calibrate: bool, quiet: bool, **o: Any) -> int:
    """Drop paragraphs, or documents, that repeat others.

    PATH is a file of records, as for clean; several are one corpus, held in memory. In their order, a unit goes if one that stays has
    Jaccard similarity at or above the threshold with it. With --unit paragraph (a line) records stay, without their repeated lines; with
    --unit document records go. A record that can't be read is named and left out.

    \b
    Examples:
      textclean dedupe pages.jsonl -o unique.jsonl --removals removed.jsonl --id-field url
      textclean dedupe pages.parquet -o unique.parquet --unit document --keep date
      textclean dedupe pages.jsonl --calibrate
    """  # noqa: D301 - click wants the control character
    # NumPy takes longer to load than most commands to run.
    from textclean.dedup.duplicates import deduplicate

    set_up_log(quiet)
    counts = Counts()
    check_all([], [], [Local(path) for path in (output, removals) if path], force)
    told = told_by_name(output.name)[0] if output else None
    documents = list(read(find(paths), Reading(o["text"], check=partial(check_fields, told=told)), counts))
    fields = {name for name in (o["id"], o["source"], None if o["keep"] in ORDERS else o["keep"]) if name is not None}
    records = [{name: value(document, name) for name in fields} | {_TEXT: document.text} for document in documents]
    if calibrate:
        _calibrate(records, o)
        return exits.after(counts)
    found = deduplicate(
        records,
        unit=o["unit"],
        threshold=o["threshold"],
        ngram_size=o["ngram_size"],
        keep=o["keep"],
        num_perm=o["num_perm"],
        seed=o["seed"],
        min_words=o["min_words"],
        same_numbers=o["same_numbers"],
        text=_TEXT,
        id=o["id"],
        source=o["source"],
        workers=o["workers"],
        method=o["method"],
    )
    if output:
        _write(output, _remaining(documents, found), force)
    if removals:
        _write_list(removals, found.records(), force)
    _log.info("%s", summary(found))
    return exits.after(counts)


#: The text's name among the fields that are compared by; no field of a record is called so.
_TEXT = "\0text"


def _calibrate(records: list[dict[str, Any]], o: dict[str, Any]) -> None:
    from textclean.dedup.calibration import calibrate

    names = ("unit", "threshold", "ngram_size", "num_perm", "seed", "min_words", "same_numbers", "workers")
    print(calibrate(records, text=_TEXT, **{name: o[name] for name in names}))


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
        for removal in removals:
            rows.write(_flat(removal))
        rows.close()


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """Returns a repeat as a row of a table."""
    witness = {f"witness_{name}": value for name, value in record["witness"].items()}
    return {name: value for name, value in record.items() if name != "witness"} | witness


def summary(found: Duplicates) -> str:
    """Returns in one line how many units repeat others."""
    dropped = found.dropped.sum()
    groups = len(set(found.witness[found.dropped].tolist()))
    return repeats(found.settings.unit, len(found), int(dropped), groups)
