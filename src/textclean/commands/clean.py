"""``textclean clean``: cleans files, and writes files or prints."""

from __future__ import annotations

import logging
import sys
from functools import partial
from typing import Any

import click

from textclean.commands import exits
from textclean.commands.log import log, set_up_log
from textclean.commands.options import (
    across_options,
    config_options,
    message_options,
    reading_options,
    request_of,
    run_options,
    template_options,
)
from textclean.commands.progress import for_terminal
from textclean.commands.screen import PrintingSink, Screen
from textclean.corpus.dryrun import predict
from textclean.corpus.perform import perform
from textclean.corpus.request import Inputs
from textclean.document import Kind
from textclean.files.escapes import visible
from textclean.files.sources import Format, Source
from textclean.formats.sinks import Sink


@click.command(epilog=exits.HELP + "\n\b\nKinds: " + ", ".join(list(Kind)[:11]) + ",\n" + ", ".join(list(Kind)[11:]))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-o", "--output", metavar="OUT", help="File or URL to write; for a folder or several inputs, folder to write to.")
@click.option("-f", "--force", is_flag=True, help="Replace output files that exist.")
@click.option("--removals", metavar="FILE", help="Write what was removed to this file or URL, as JSONL.")
@click.option("--removals-field", metavar="NAME", help="JSONL: put what was removed into this field of each record.")
@click.option(
    "--show-removals/--hide-removals", default=None, help="List what was removed from each text. [default: show below texts under headings]"
)
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Threads. [default: one for each core]")
@reading_options
@config_options
@across_options
@template_options
@run_options
@message_options
def clean(paths: tuple[str, ...], output: str | None, **options: Any) -> int:
    """Clean files: repair the text, drop what is not the article, drop what it says twice.

    PATH is a file, a folder (hidden names are passed over), a pattern, a URL, or - for stdin. A .txt file is one text. A .jsonl file has a
    record on each line; its text is cleaned and all else in it stays as it was written. Rows of .csv, .tsv, .parquet, .arrow and .feather
    keep their columns and types. Of .wet, .warc and MediaWiki's .xml come records as JSONL. All may be packed: .gz, .zst, .bz2, .xz. Order
    is kept, and files of any size can be cleaned.

    With --across paragraph, lines that repeat one of another document are taken out of the clean texts; with --across document, texts that
    repeat another are left out (of a .txt nothing is written). Of two repeats one stays, and --removals names it. All documents are
    cleaned before the first is written; clean texts wait on disk. A run that was broken off goes on with --resume.

    With --index they are compared with all that earlier runs have added to that file too, by its threshold, and added. The file is made if
    it is not there. A run that is broken off and begun again with --force takes out of it first what it had added.

    With --templates or --learn-templates, lines go that a site repeats on its pages. --source-field says from which site a record comes; a
    text file comes from the folder in which it is.

    Without -o the result is printed. One text is printed alone. Of several (or a folder) each stands under a line ==> name <==, with a list
    of what was removed below it. JSONL records are printed one after another.

    With -o each file is written under a temporary name and renamed when it is whole. For a folder or several inputs OUT is a folder; names
    in it are those of the inputs, relative to the folder given. Nothing is replaced without --force, and an input never. OUT may be a URL,
    as s3://bucket/clean/: files are then written on this machine and sent when they are whole, and --resume needs --run.

    \b
    Examples:
      textclean clean article.txt > clean.txt
      textclean clean pages/                      # texts and what went, to read
      textclean clean pages/ -o clean/ --keep-kind byline --keep-kind caption
      textclean clean dump.jsonl.gz -o clean.jsonl.gz --text-field body --id-field url --removals removed.jsonl
      textclean clean dump.jsonl.gz -o clean.jsonl.gz --across document --keep date
      textclean clean today/ -o clean/ --across paragraph --index seen.db --removals removed.jsonl
      zcat dump.jsonl.gz | textclean clean - --format jsonl | head
    """  # noqa: D301 - click wants the control character
    set_up_log(options["quiet"], options["verbose"])
    output = None if output == "-" else output
    if output and options["show_removals"]:
        raise click.UsageError("--show-removals is for texts that are printed; with -o, --removals FILE says what was removed")
    screen, aside = Screen(sys.stdout), Screen(sys.stderr)
    progress = for_terminal(options["quiet"], scrolls=not output and screen.terminal)
    several = Inputs(paths).several
    sink = None if output else partial(_printed, several, screen, aside, options)
    request = request_of(paths, options | {"output": output}, sink=sink, listener=progress)
    if options["dry_run"]:
        print(visible(str(predict(request)), lines=True))
        return exits.OK
    with progress:
        summary = perform(request)
    # As a filter it says nothing when all went well.
    detailed = log.isEnabledFor(logging.INFO if output or several else logging.DEBUG)
    if detailed or summary.counts.skipped:
        log.info("%s", summary.line(kinds=detailed))
    return exits.after(summary.counts)


def _printed(several: bool, screen: Screen, aside: Screen, o: dict[str, Any], sources: list[Source]) -> tuple[Sink, bool]:
    """Makes the sink that prints, and says whether it lists what was removed."""
    formats = {source.format for source in sources}
    if Format.TXT in formats and len(formats) > 1:
        raise click.UsageError("texts and JSONL records can't be printed together: say where to write with -o FOLDER")
    headings = several and formats <= {Format.TXT}
    show = headings if o["show_removals"] is None else o["show_removals"]
    return PrintingSink(screen, aside, headings, show, o["removals_field"]), show or bool(o["removals_field"])
