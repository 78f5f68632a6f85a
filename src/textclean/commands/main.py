"""The command line: reads files, calls the package, writes files or shows what was done.

It adds nothing to what the package does to a text. How a command can end is in `textclean.exits`, what a person is shown in
`textclean.report`.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click

from textclean import Config, Kind, __version__, exits
from textclean.commands.dedupe import dedupe
from textclean.commands.log import log, set_up_log
from textclean.commands.progress import for_terminal
from textclean.commands.report import report
from textclean.commands.templates import load, templates, using
from textclean.config import PAGES
from textclean.corpus.counts import Counts
from textclean.corpus.dryrun import predict
from textclean.corpus.request import Request, bytes_of, known, perform
from textclean.corpus.stream import cleaned_events
from textclean.errors import SourceError
from textclean.exits import Commands
from textclean.io import Source
from textclean.io.across import ORDERS
from textclean.io.escapes import visible
from textclean.io.sinks import Sink
from textclean.io.sources import Format
from textclean.io.targets import check_all, is_same
from textclean.report import Printed, Screen, explained, heading
from textclean.report import rules as show_rules

ACROSS_THRESHOLD = 0.8


def main() -> NoReturn:
    """The program ``textclean``."""
    # An orderly end, with temporary files removed, when a scheduler asks for one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(exits.TERMINATED))
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    commands.main(prog_name="textclean")


@click.group(cls=Commands, epilog=exits.HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="textclean")
def commands() -> None:
    """Clean scraped article text, and say what was removed, where and why.

    \b
    Examples:
      textclean clean article.txt
      textclean clean pages/ -o clean/
      textclean clean dump.jsonl.zst -o clean.jsonl.zst --removals removed.jsonl
      textclean clean pages/ -o clean/ --across paragraph
      textclean explain article.txt
      textclean dedupe pages.jsonl -o unique.jsonl
      textclean report clean.run -o report.html
    """  # noqa: D301 - click wants the control character


commands.add_command(dedupe)
commands.add_command(templates)
commands.add_command(report)


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_kinds = click.Choice([str(kind) for kind in Kind])
_file = click.Path(exists=True, dir_okay=False, path_type=Path)

_config_options = _options(
    click.option("--keep", multiple=True, type=_kinds, metavar="KIND", help="Leave this kind of line in (again for more)."),
    click.option("--drop", multiple=True, type=_kinds, metavar="KIND", help="Remove this kind and no other (again for more)."),
    click.option("--language", multiple=True, metavar="CODE", help="Use the rules of this language only (again for more). [default: all]"),
    click.option("--rules", multiple=True, type=_file, metavar="FILE", help="Use the rules in this file too (again for more)."),
    click.option("--no-repeats", is_flag=True, help="Leave in what a text says twice."),
    click.option("--min-words", type=int, metavar="N", help=f"Words below which a repeated line stays. [default: {Config.min_words}]"),
    click.option("--threshold", type=float, metavar="J", help=f"Jaccard similarity of near repeats. [default: {Config.threshold}]"),
    click.option("--page", type=click.Choice(PAGES), default="auto", show_default=True, help="Read texts as whole pages or articles."),
    click.option("--no-line-model", is_flag=True, help="Judge lines by rules alone, not by the lines around them."),
    click.option("--no-unwrap", is_flag=True, help="Leave hard-wrapped lines as they are."),
)
_reading_options = _options(
    click.option(
        "--format", "format_", type=click.Choice([str(kind) for kind in Format]), help="Format of `-` and of files whose names do not tell."
    ),
    click.option("--text-field", default="text", show_default=True, metavar="NAME", help="JSONL: where the text is."),
    click.option("--id-field", metavar="NAME", help="JSONL: the record's id, put into --removals."),
    click.option("--source-field", metavar="NAME", help="JSONL: where the record comes from, put into --removals."),
    click.option(
        "--max-mb", type=click.FloatRange(0, min_open=True), default=256, show_default=True, help="Skip texts and records over this size."
    ),
)
_run_options = _options(
    click.option(
        "--output-format",
        type=click.Choice([str(kind) for kind in Format if kind.written is kind]),
        help="Format of the files in an output folder. [default: as the input]",
    ),
    click.option("--shard", metavar="SIZE", help="Begin another output file after SIZE, e.g. 500MB, before packing."),
    click.option(
        "--run", metavar="DIR", help="Keep summary.json and what resuming needs here. [default: a hidden folder, gone at the end]"
    ),
    click.option("--dry-run", is_flag=True, help="Write nothing: look at a part, and say what would go, in what time and memory."),
    click.option("--resume", is_flag=True, help="Go on with a run that was broken off."),
    click.option("--memory", metavar="SIZE", help="What --across may take, e.g. 4GB; else it is refused. [default: 80 % of the machine's]"),
)
_across_options = _options(
    click.option(
        "--across",
        type=click.Choice(["paragraph", "document", "none"]),
        default="none",
        show_default=True,
        help="Then drop the paragraphs, or documents, that repeat those of other documents.",
    ),
    click.option(
        "--across-keep", metavar="KEY", help=f"Which repeat stays: {', '.join(ORDERS)}, or a JSONL field: the smallest. [default: first]"
    ),
    click.option(
        "--across-threshold",
        type=click.FloatRange(0, 1, min_open=True),
        metavar="J",
        help=f"Least Jaccard similarity of a repeat across documents. [default: {ACROSS_THRESHOLD}]",
    ),
)
_template_options = _options(*using)
_message_options = _options(
    click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors."),
    click.option("-v", "--verbose", is_flag=True, help="Say more on stderr."),
)


@commands.command(epilog=exits.HELP + "\n\b\nKinds: " + ", ".join(list(Kind)[:11]) + ",\n" + ", ".join(list(Kind)[11:]))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-o", "--output", metavar="OUT", help="File or URL to write; for a folder or several inputs, folder to write to.")
@click.option("-f", "--force", is_flag=True, help="Replace output files that exist.")
@click.option("--removals", metavar="FILE", help="Write what was removed to this file or URL, as JSONL.")
@click.option("--removals-field", metavar="NAME", help="JSONL: put what was removed into this field of each record.")
@click.option(
    "--show-removals/--hide-removals", default=None, help="List what was removed from each text. [default: show below texts under headings]"
)
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Threads. [default: one for each core]")
@_reading_options
@_config_options
@_across_options
@_template_options
@_run_options
@_message_options
def clean(paths: tuple[str, ...], output: str | None, force: bool, removals: str | None, **options: Any) -> int:
    """Clean files: repair the text, drop what is not the article, drop what it says twice.

    PATH is a file, a folder (hidden names are passed over), a pattern, a URL, or - for stdin. A .txt file is one text. A .jsonl file has a
    record on each line; its text is cleaned and all else in it stays as it was written. Rows of .csv, .tsv, .parquet, .arrow and .feather
    keep their columns and types. Of .wet, .warc and MediaWiki's .xml come records as JSONL. All may be packed: .gz, .zst, .bz2, .xz. Order
    is kept, and files of any size can be cleaned.

    With --across paragraph, lines that repeat one of another document are taken out of the clean texts; with --across document, texts that
    repeat another are left out (of a .txt nothing is written). Of two repeats one stays, and --removals names it. All documents are
    cleaned before the first is written; clean texts wait on disk. A run that was broken off goes on with --resume.

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
      textclean clean pages/ -o clean/ --keep byline --keep caption
      textclean clean dump.jsonl.gz -o clean.jsonl.gz --text-field body --id-field url --removals removed.jsonl
      textclean clean dump.jsonl.gz -o clean.jsonl.gz --across document --across-keep date
      zcat dump.jsonl.gz | textclean clean - --format jsonl | head
    """  # noqa: D301 - click wants the control character
    set_up_log(options["quiet"], options["verbose"])
    output = None if output == "-" else output
    screen, aside = Screen(sys.stdout), Screen(sys.stderr)
    progress = for_terminal(options["quiet"], scrolls=not output and screen.terminal)
    request = _request(paths, options | {"output": output, "removals": removals})
    request.force, request.sink = force, None if output else partial(_printed, request, screen, aside, options)
    request.started, request.on_bytes = progress.begin, progress.on_bytes
    request.on_stage, request.on_document = progress.on_stage, progress.on_document
    _check_usage(request, options)
    if options["dry_run"]:
        print(visible(str(predict(request)), lines=True))
        return exits.OK
    with progress:
        summary = perform(request)
    # As a filter it says nothing when all went well.
    detailed = log.isEnabledFor(logging.INFO if output or request.several else logging.DEBUG)
    if detailed or summary.counts.skipped:
        log.info("%s", summary.line(kinds=detailed))
    return exits.after(summary.counts)


def _request(paths: tuple[str, ...], o: dict[str, Any]) -> Request:
    """The options, as `textclean.clean_corpus` takes them; a command has some of them."""
    get = o.get
    if get("site") and not (o["templates_file"] or o["learn_templates"]):
        raise click.UsageError("--site says whose templates are used: add --templates FILE or --learn-templates")
    return Request(
        inputs=paths,
        output=get("output"),
        config=_config(o),
        across=get("across") or "none",
        keep=get("across_keep") or "first",
        threshold=get("across_threshold") or ACROSS_THRESHOLD,
        format=Format(o["format_"]) if o["format_"] else None,
        output_format=Format(o["output_format"]) if get("output_format") else None,
        shard_bytes=bytes_of(o["shard"]) if get("shard") else None,
        text=o["text_field"],
        id=o["id_field"],
        source=o["source_field"],
        removals=get("removals"),
        removals_field=get("removals_field"),
        run=get("run"),
        resume=get("resume") or False,
        memory=bytes_of(o["memory"]) if get("memory") else None,
        workers=get("workers"),
        max_bytes=int(o["max_mb"] * 1_000_000),
        templates=load(o["templates_file"]) if o["templates_file"] else None,
        learn_templates=o["learn_templates"],
        site=get("site"),
        stdin=sys.stdin.buffer,
        wanted=_not_stdout,
    )


def _check_usage(request: Request, o: dict[str, Any]) -> None:
    """Options that do not go with each other."""
    if o["across"] == "none" and (o["across_keep"] or o["across_threshold"]):
        raise click.UsageError("--across-keep and --across-threshold say how --across paragraph or --across document is done: add one")
    if request.output and o["show_removals"]:
        raise click.UsageError("--show-removals is for texts that are printed; with -o, --removals FILE says what was removed")


def _not_stdout(source: Source) -> SourceError | None:
    """What is written there would be read again, without end."""
    return SourceError(f"{source.name}: is where the output goes", "is-output") if is_same(source, sys.stdout) else None


def _printed(request: Request, screen: Screen, aside: Screen, o: dict[str, Any], sources: list[Source]) -> tuple[Sink, bool]:
    """What prints, and whether it lists what was removed."""
    formats = {source.format for source in sources}
    if Format.TXT in formats and len(formats) > 1:
        raise click.UsageError("texts and JSONL records can't be printed together: say where to write with -o FOLDER")
    headings = request.several and formats <= {Format.TXT}
    show = headings if o["show_removals"] is None else o["show_removals"]
    return Printed(screen, aside, headings, show, o["removals_field"]), show or bool(o["removals_field"])


@commands.command()
@click.argument("path", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: text, removals, fields and fixes; one line for each text.")
@_reading_options
@_config_options
@_template_options
@_message_options
def explain(path: str, as_json: bool, **options: Any) -> int:
    """Show a text with what is removed from it: struck out in colour on a terminal, else as [-what goes-]{kind rule}.

    FILE is a file as for clean, or - for stdin. Beside the rule of a repeat stands where the text is that it repeats. Escape sequences and
    other control characters of the text are shown, not sent to the terminal.

    \b
    Examples:
      textclean explain article.txt
      textclean explain article.txt --json | jq .fields
    """  # noqa: D301 - click wants the control character
    set_up_log(options["quiet"], options["verbose"])
    if os.path.isdir(path):
        raise click.UsageError(f"{path} is a folder: explain takes one file, clean takes folders")
    counts = Counts()
    request = _request((path,), options)
    sources = request.found(counts.skip)
    check_all(sources, [], [], False)
    screen = Screen(sys.stdout)
    for event in cleaned_events(sources, request.reading(), request.config, 1, counts, known(request, sources)):
        if isinstance(event, tuple):
            document, result = event
            if as_json:
                screen.write(document.to_json(result) + "\n")
                continue
            if document.line is not None:
                heading(screen, document.place, first=counts.documents == 1)
            explained(screen, result)
    screen.flush()
    return exits.after(counts)


@commands.command()
@click.option("--language", multiple=True, metavar="CODE", help="Only the rules of this language (again for more), and those for any.")
@click.option("--rules", "files", multiple=True, type=_file, metavar="FILE", help="The rules in this file too (again for more).")
def rules(language: tuple[str, ...], files: tuple[Path, ...]) -> int:
    """List the rules: name, kind, where on a page, and a line that each matches.

    On a terminal a table, else values between tabs. These are found without a rule: a repeated headline (headline), text that stands
    verbatim, nearly or in parts elsewhere (verbatim, near, covered), lines below a heading that takes them (under-heading), and short
    lines between two that go (between).
    """
    from textclean.ruleset import load

    screen = Screen(sys.stdout)
    show_rules(screen, load(language or None, files).rules)
    screen.flush()
    return exits.OK


def _config(options: dict[str, Any]) -> Config:
    """The options that were given; the others are as `Config` has them."""
    given = {
        "drop": frozenset(options["drop"]),
        "keep": frozenset(options["keep"]),
        "languages": options["language"],
        "rules": options["rules"],
        "min_words": options["min_words"],
        "threshold": options["threshold"],
        "page": options["page"],
    }
    chosen = {name: value for name, value in given.items() if value not in (None, (), frozenset())}
    switches = {name: not options[f"no_{name}"] for name in ("repeats", "unwrap", "line_model")}
    return Config(**chosen | switches)
