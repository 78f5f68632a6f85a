"""Options that several commands share, and what they ask for as a `Config` and a `Request`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from textclean.commands.templates import load, using
from textclean.config import PAGES, Config
from textclean.corpus.request import Request, bytes_of
from textclean.document import Kind
from textclean.errors import SourceError
from textclean.files.sources import Format, Source
from textclean.files.targets import is_same
from textclean.formats.across import ORDERS

ACROSS_THRESHOLD = 0.8


def _together(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_kinds = click.Choice([str(kind) for kind in Kind])
_file = click.Path(exists=True, dir_okay=False, path_type=Path)

config_options = _together(
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
reading_options = _together(
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
run_options = _together(
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
across_options = _together(
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
template_options = _together(*using)
message_options = _together(
    click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors."),
    click.option("-v", "--verbose", is_flag=True, help="Say more on stderr."),
)


def request_of(paths: tuple[str, ...], o: dict[str, Any]) -> Request:
    """The options, as `textclean.clean_corpus` takes them; a command has some of them."""
    get = o.get
    if get("site") and not (o["templates_file"] or o["learn_templates"]):
        raise click.UsageError("--site says whose templates are used: add --templates FILE or --learn-templates")
    return Request(
        inputs=paths,
        output=get("output"),
        config=config_of(o),
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


def config_of(options: dict[str, Any]) -> Config:
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


def _not_stdout(source: Source) -> SourceError | None:
    """What is written there would be read again, without end."""
    return SourceError(f"{source.name}: is where the output goes", "is-output") if is_same(source, sys.stdout) else None
