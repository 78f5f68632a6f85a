"""``textclean dedupe``: reads records, calls `textclean.deduplicate`, writes records and the list of what went."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from textclean.bands import RECALL
from textclean.commands.tables import Record, read_records, write_records
from textclean.corpus.summary import repeats

if TYPE_CHECKING:
    from textclean.duplicates import Duplicates

_in = click.Path(exists=True, dir_okay=False, path_type=Path)
_out = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=_in, metavar="PATH...")
@click.option("-o", "--output", type=_out, metavar="OUT", help="Write the records here, repeats taken out (.jsonl, .jsonl.gz, .parquet).")
@click.option("-f", "--force", is_flag=True, help="Replace output files that exist.")
@click.option("--removals", type=_out, metavar="FILE", help="Write what went: unit, span, witness, similarity (.jsonl, .parquet).")
@click.option("--unit", type=click.Choice(["paragraph", "document"]), default="paragraph", show_default=True, help="What is compared.")
@click.option("--threshold", type=float, default=0.8, show_default=True, metavar="J", help="Least Jaccard similarity of a repeat.")
@click.option("--ngram-size", type=int, metavar="N", help="Tokens in a shingle. [default: 3 for paragraphs, 5 for documents]")
@click.option("--keep", default="first", show_default=True, metavar="KEY", help="first, last, longest, or a field: the smallest stays.")
@click.option("--min-words", type=int, default=10, show_default=True, metavar="N", help="Leave shorter units alone.")
@click.option("--text-field", default="text", show_default=True, metavar="NAME", help="Where the text is.")
@click.option("--id-field", metavar="NAME", help="A record's id, put into --removals.")
@click.option("--source-field", metavar="NAME", help="Where a record comes from, put into --removals.")
@click.option(
    "--bands", is_flag=True, help=f"Find candidates by MinHash bands, which may miss some ({RECALL:.1%} recall at the threshold)."
)
@click.option("--num-perm", type=int, default=256, show_default=True, metavar="N", help="Values in a signature, with --bands.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the signatures, with --bands.")
@click.option("--calibrate", is_flag=True, help="Write nothing; show what thresholds would drop and what the whole would cost.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Threads. [default: one for each core, fewer for a small corpus]")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
def dedupe(paths: tuple[Path, ...], output: Path | None, force: bool, removals: Path | None, calibrate: bool, quiet: bool, **o: Any) -> int:
    """Drop paragraphs, or documents, that repeat others.

    PATH is a file of records, .jsonl, .jsonl.gz or .parquet; several are one corpus. In their order, a unit goes if one that stays has
    Jaccard similarity at or above the threshold with it. With --unit paragraph (a line) records stay, without their repeated lines; with
    --unit document records go.

    \b
    Examples:
      textclean dedupe pages.jsonl -o unique.jsonl --removals removed.jsonl --id-field url
      textclean dedupe pages.parquet -o unique.parquet --unit document --keep date
      textclean dedupe pages.jsonl --calibrate
    """  # noqa: D301 - click wants the control character
    # NumPy takes longer to load than most commands to run.
    from textclean.duplicates import deduplicate

    records = read_records(paths)
    if calibrate:
        _calibrate(records, o)
        return 0
    found = deduplicate(
        records,
        unit=o["unit"],
        threshold=o["threshold"],
        ngram_size=o["ngram_size"],
        keep=o["keep"],
        num_perm=o["num_perm"],
        seed=o["seed"],
        min_words=o["min_words"],
        text=o["text_field"],
        id=o["id_field"],
        source=o["source_field"],
        workers=o["workers"],
        exhaustive=not o["bands"],
    )
    if output:
        write_records(output, _remaining(records, found, o["text_field"]), force)
    if removals:
        write_records(removals, (_flat(r) if removals.suffix != ".jsonl" else r for r in found.records()), force)
    if not quiet:
        print(summary(found), file=sys.stderr)
    return 0


def _calibrate(records: list[Record], o: dict[str, Any]) -> None:
    from textclean.calibration import calibrate

    names = ("unit", "threshold", "ngram_size", "num_perm", "seed", "min_words", "workers")
    print(calibrate(records, text=o["text_field"], **{name: o[name] for name in names}))


def _remaining(records: list[Record], found: Duplicates, field: str) -> Iterator[Record]:
    """The records that stay, as they were but for their repeated paragraphs."""
    if found.settings.unit == "document":
        yield from (record for record, dropped in zip(records, found.dropped.tolist(), strict=True) if not dropped)
        return
    for record, text in zip(records, found.texts(), strict=True):
        yield record if record[field] == text else {**record, field: text}


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """A removal as a row of a table."""
    witness = {f"witness_{name}": value for name, value in record["witness"].items()}
    return {name: value for name, value in record.items() if name != "witness"} | witness


def summary(found: Duplicates) -> str:
    """How much went, in one line."""
    dropped = found.dropped.sum()
    groups = len(set(found.witness[found.dropped].tolist()))
    return repeats(found.settings.unit, len(found), int(dropped), groups)
