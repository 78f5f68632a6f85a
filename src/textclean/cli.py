"""The command line: reads files, calls the package, writes files or shows what was done.

It adds nothing to what the package does to a text. How a command can end is in `textclean.exits`, what a person is shown in
`textclean.report`.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import click

from textclean import Config, Kind, __version__, clean_many, exits
from textclean.commands.dedupe import dedupe, summary
from textclean.commands.tally import Tally
from textclean.commands.templates import Sites, chosen, templates, using
from textclean.errors import CorpusError, RecordError, SourceError
from textclean.exits import Commands
from textclean.io import Begin, Document, End, Event, Output, Reading, Source, cleaned, find, read
from textclean.io.across import ORDERS, Deduplication
from textclean.io.escapes import visible
from textclean.io.sinks import Files, Sink
from textclean.io.sources import Format
from textclean.io.targets import check_all, is_folder, is_same, targets
from textclean.report import Printed, Progress, Screen, explained, heading
from textclean.report import rules as show_rules
from textclean.templates import Templates

_log = logging.getLogger("textclean")

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
    """  # noqa: D301 - click wants the control character


commands.add_command(dedupe)
commands.add_command(templates)


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
_across_options = _options(
    click.option(
        "--across",
        type=click.Choice(["paragraph", "document", "none"]),
        default="none",
        show_default=True,
        help="Then drop the paragraphs, or documents, that repeat those of other documents. Holds all documents in memory.",
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
@click.option("-o", "--output", metavar="OUT", help="File to write; for a folder or several inputs, folder to write to.")
@click.option("-f", "--force", is_flag=True, help="Replace output files that exist.")
@click.option("--removals", metavar="FILE", help="Write what was removed to this file, as JSONL.")
@click.option("--removals-field", metavar="NAME", help="JSONL: put what was removed into this field of each record.")
@click.option(
    "--show-removals/--hide-removals", default=None, help="List what was removed from each text. [default: show below texts under headings]"
)
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Threads. [default: one for each core]")
@_reading_options
@_config_options
@_across_options
@_template_options
@_message_options
def clean(paths: tuple[str, ...], output: str | None, force: bool, removals: str | None, **options: Any) -> int:
    """Clean files: repair the text, drop what is not the article, drop what it says twice.

    PATH is a file, a folder (searched for .txt, .jsonl and .ndjson, also with .gz or .zst; hidden names are passed over), or - for stdin.
    A .txt file is one text. A .jsonl file has a record on each line; its text is cleaned and all else in it stays as it was written.
    Order is kept, and files of any size can be cleaned.

    With --across paragraph, lines that repeat one of another document are taken out of the clean texts; with --across document, texts that
    repeat another are left out (of a .txt nothing is written). Of two repeats one stays, and --removals names it. All documents of the run
    are held in memory until the last one is cleaned.

    With --templates or --learn-templates, lines go that a site repeats on its pages. --source-field says from which site a record comes; a
    text file comes from the folder in which it is.

    Without -o the result is printed. One text is printed alone. Of several (or a folder) each stands under a line ==> name <==, with a list
    of what was removed below it. JSONL records are printed one after another.

    With -o each file is written under a temporary name and renamed when it is whole. For a folder or several inputs OUT is a folder; names
    in it are those of the inputs, relative to the folder given. Nothing is replaced without --force, and an input never.

    \b
    Examples:
      textclean clean article.txt > clean.txt
      textclean clean pages/                      # texts and what went, to read
      textclean clean pages/ -o clean/ --keep byline --keep caption
      textclean clean dump.jsonl.gz -o clean.jsonl.gz --text-field body --id-field url --removals removed.jsonl
      textclean clean dump.jsonl.gz -o clean.jsonl.gz --across document --across-keep date
      zcat dump.jsonl.gz | textclean clean - --format jsonl | head
    """  # noqa: D301 - click wants the control character
    _set_up_log(options)
    several = len(paths) > 1 or os.path.isdir(paths[0])
    output = None if output == "-" else output
    # As a filter it says nothing when all went well.
    tally = Tally(detailed=_log.isEnabledFor(logging.INFO if output or several else logging.DEBUG))
    sources = _sources(paths, options["format_"], Path(output) if output and is_folder(output, several) else None, tally)
    _check_usage(sources, output, options)
    written = targets(sources, output, several) if output else {}
    check_all(sources, written, [Path(removals)] if removals else [], force)
    screen, aside = Screen(sys.stdout), Screen(sys.stderr)
    config = _config(options)
    compare = _deduplication(options, config)
    known = chosen(sources, _reading(options), options)
    sink = Files(written, force, options["removals_field"]) if output else _printed(sources, several, screen, aside, options)
    # Where results scroll by, nobody needs a bar.
    progress = Progress(sources, aside.terminal and not options["quiet"] and (bool(output) or not screen.terminal))
    with ExitStack() as stack:
        stack.enter_context(progress)
        account = stack.enter_context(Output(Path(removals), force)) if removals else None
        stack.callback(sink.discard)
        cleaning = _Cleaning(config, options["workers"], known, options["site"])
        events = _cleaned(sources, _reading(options, progress.on_bytes), cleaning, tally, stack, progress.on_document)
        for event in compare(events) if compare else events:
            if isinstance(event, Begin):
                sink.begin(event.source)
            elif isinstance(event, End):
                sink.end()
            else:
                if len(event) == 3 and event[2].left_out:
                    tally.leave_out(event[0])
                else:
                    sink.write(*event)
                if account:
                    account.write("".join(Document.account(*event)))
    if compare and compare.found is not None:
        tally.across = summary(compare.found)
    if tally.detailed or tally.skipped:
        _log.info("%s", tally)
    return tally.code


def _check_usage(sources: Iterable[Source], output: str | None, options: dict[str, Any]) -> None:
    """Options that do not go with each other or with the inputs."""
    formats = {source.format for source in sources}
    if options["removals_field"] and Format.TXT in formats:
        raise click.UsageError("--removals-field needs JSONL inputs: a text file has no fields; --removals FILE takes both")
    if options["removals_field"] == options["text_field"]:
        raise click.UsageError("--removals-field and --text-field are the same: the text would be lost")
    by_field = options["across_keep"] not in (None, *ORDERS)
    if options["across"] == "none" and (options["across_keep"] or options["across_threshold"]):
        raise click.UsageError("--across-keep and --across-threshold say how --across paragraph or --across document is done: add one")
    if by_field and Format.TXT in formats:
        raise click.UsageError(
            f"--across-keep {options['across_keep']} needs JSONL inputs: a text file has no fields; use {', '.join(ORDERS)}"
        )
    if output and options["show_removals"]:
        raise click.UsageError("--show-removals is for texts that are printed; with -o, --removals FILE says what was removed")
    if not output and len(formats) > 1:
        raise click.UsageError("texts and JSONL records can't be printed together: say where to write with -o FOLDER")


def _printed(sources: Iterable[Source], several: bool, screen: Screen, aside: Screen, options: dict[str, Any]) -> Sink:
    headings = several and all(source.format is Format.TXT for source in sources)
    show = headings if options["show_removals"] is None else options["show_removals"]
    return Printed(screen, aside, headings, show, options["removals_field"])


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
    _set_up_log(options)
    if os.path.isdir(path):
        raise click.UsageError(f"{path} is a folder: explain takes one file, clean takes folders")
    tally = Tally()
    sources = _sources([path], options["format_"], None, tally)
    check_all(sources, {}, [], False)
    screen = Screen(sys.stdout)
    cleaning = _Cleaning(_config(options), 1, chosen(sources, _reading(options), options), options["site"])
    with ExitStack() as stack:
        for event in _cleaned(sources, _reading(options), cleaning, tally, stack):
            if isinstance(event, tuple):
                document, result = event
                if as_json:
                    screen.write(document.to_json(result) + "\n")
                    continue
                if document.line is not None:
                    heading(screen, document.place, first=tally.documents == 1)
                explained(screen, result)
    screen.flush()
    return tally.code


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


@dataclass(frozen=True)
class _Cleaning:
    """How texts are cleaned; `site` is where all of them come from, if that was said."""

    config: Config
    workers: int | None
    templates: Templates | None = None
    site: str | None = None


def _cleaned(
    sources: Iterable[Source],
    reading: Reading,
    cleaning: _Cleaning,
    tally: Tally,
    stack: ExitStack,
    on_document: Callable[[], None] = lambda: None,
) -> Iterator[Begin | End | tuple[Document, Any]]:
    """What is in the sources, cleaned; what can't be is told to `tally`."""
    events: Iterable[Event | CorpusError] = chain.from_iterable(read(source, reading) for source in sources)
    sites = Sites(events, cleaning.site)
    work = partial(clean_many, config=cleaning.config, workers=cleaning.workers, on_error="keep")
    if cleaning.templates:
        events, work = sites, partial(work, source=sites.next, templates=cleaning.templates)
    stream = cleaned(events, work, tally.skip)
    for event in stack.enter_context(closing(stream)):
        if isinstance(event, Begin):
            tally.opened += 1
            _log.debug("%s: begun", event.source.name)
        elif isinstance(event, End):
            _log.debug("%s: done, %s texts so far", event.source.name, f"{tally.documents:,}")
        elif event[1].error is not None:
            tally.skip(RecordError(f"{event[0].place}: {event[1].error}"))
            continue
        else:
            tally.documents += 1
            if tally.detailed:
                tally.kinds.update(event[1].removed)
            on_document()
        yield event


def _sources(paths: Iterable[str], format_: str | None, passed_over: Path | None, tally: Tally) -> list[Source]:
    """The inputs; what can't be read is told to `tally`. One named twice is read once."""
    found: dict[Source, None] = {}
    for source in find(paths, Format(format_) if format_ else None, passed_over):
        if isinstance(source, CorpusError):
            tally.skip(source)
        elif is_same(source, sys.stdout):
            tally.skip(SourceError(f"{source.name}: is where the output goes"))
        else:
            found[source] = None
    return list(found)


def _reading(options: dict[str, Any], on_bytes: Callable[[Source, int], None] = lambda source, count: None) -> Reading:
    return Reading(
        text_field=options["text_field"],
        id_field=options["id_field"],
        source_field=options["source_field"],
        max_bytes=int(options["max_mb"] * 1_000_000),
        stdin=sys.stdin.buffer,
        on_bytes=on_bytes,
    )


def _config(options: dict[str, Any]) -> Config:
    """The options that were given; the others are as `Config` has them."""
    given = {
        "drop": frozenset(options["drop"]),
        "keep": frozenset(options["keep"]),
        "languages": options["language"],
        "rules": options["rules"],
        "min_words": options["min_words"],
        "threshold": options["threshold"],
    }
    chosen = {name: value for name, value in given.items() if value not in (None, (), frozenset())}
    return Config(repeats=not options["no_repeats"], unwrap=not options["no_unwrap"], **chosen)


def _deduplication(options: dict[str, Any], config: Config) -> Deduplication | None:
    """How documents are compared, if they are."""
    if options["across"] == "none":
        return None
    threshold, keep = options["across_threshold"] or ACROSS_THRESHOLD, options["across_keep"] or "first"
    return Deduplication(options["across"], threshold, keep, config.min_words, options["workers"])


class _ToStderr(logging.Handler):
    """Messages on the stderr of the moment, which a progress bar may have in its hands."""

    def emit(self, record: logging.LogRecord) -> None:
        print(f"textclean: {visible(record.getMessage())}", file=sys.stderr, flush=True)


def _set_up_log(options: dict[str, Any]) -> None:
    _log.handlers = [_ToStderr()]
    _log.setLevel(logging.ERROR if options["quiet"] else logging.DEBUG if options["verbose"] else logging.INFO)
