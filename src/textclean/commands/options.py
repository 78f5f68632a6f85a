"""Options that several commands share, and the `Config` and `Request` made from them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from textclean.commands.templates import load, using
from textclean.config import EFFORTS, MATCHINGS, PAGES, Config
from textclean.corpus.request import Request, request_for
from textclean.dedup.settings import ORDERS, THRESHOLD
from textclean.document import Kind
from textclean.errors import SourceError
from textclean.files.sources import Format, Source
from textclean.files.targets import is_same


def _together(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_kinds = click.Choice([str(kind) for kind in Kind])
_kinds_or_all = click.Choice([*map(str, Kind), "all"])
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


def _effort(_context: click.Context, _option: click.Parameter, value: str) -> str | float:
    try:
        return value if value in EFFORTS else float(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is none of {', '.join(EFFORTS)} and no number") from None


config_options = _together(
    click.option(
        "--keep-kind", "keep_kinds", multiple=True, type=_kinds, metavar="KIND", help="Leave this kind of line in (again for more)."
    ),
    click.option(
        "--drop-kind",
        "drop_kinds",
        multiple=True,
        type=_kinds_or_all,
        metavar="KIND",
        help="Remove this kind and no other (again for more); all: every kind, the headline too.",
    ),
    click.option(
        "--without-rule", "without_rules", multiple=True, metavar="ID", help="Switch this rule off, e.g. en/section-label (again for more)."
    ),
    click.option(
        "--language",
        "languages",
        multiple=True,
        metavar="CODE",
        help="Use the rules of this language only (again for more). [default: all]",
    ),
    click.option("--rules", multiple=True, type=_file, metavar="FILE", help="Use the rules in this file too (again for more)."),
    click.option("--no-repeats", is_flag=True, help="Leave in what a text says twice."),
    click.option("--min-words", type=int, metavar="N", help=f"Words below which a repeated line stays. [default: {Config.min_words}]"),
    click.option(
        "--repeat-matching",
        type=click.Choice(MATCHINGS),
        help=f"Drop what stands elsewhere in a text with all that it says, or nearly all. [default: {Config.repeat_matching}]",
    ),
    click.option(
        "--near-threshold",
        type=float,
        metavar="J",
        help=f"Jaccard similarity of near repeats in a text, with loose matching. [default: {Config.near_threshold}]",
    ),
    click.option("--page", type=click.Choice(PAGES), default="auto", show_default=True, help="Read texts as whole pages or articles."),
    click.option(
        "--effort",
        default=Config.effort,
        callback=_effort,
        metavar="NAME|N",
        help=f"How much the line model may take: {', '.join(EFFORTS)}, or a number from 0 to 1. [default: {Config.effort}]",
    ),
    click.option("--no-line-model", is_flag=True, help="Judge lines by rules alone, not by the lines around them."),
    click.option("--no-unwrap", is_flag=True, help="Leave hard-wrapped lines as they are."),
)
reading_options = _together(
    click.option("--format", type=click.Choice([str(kind) for kind in Format]), help="Format of `-` and of files whose names do not tell."),
    click.option("--text-field", "text", default="text", show_default=True, metavar="NAME", help="JSONL: where the text is."),
    click.option("--id-field", "id", metavar="NAME", help="JSONL: the record's id, put into --removals."),
    click.option("--source-field", "source", metavar="NAME", help="JSONL: where the record comes from, put into --removals."),
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
    click.option(
        "--fsync/--no-fsync", default=True, show_default=True, help="Force what is finished to the disk, so that it outlasts a power cut."
    ),
    click.option("--memory", metavar="SIZE", help="What --across may take, e.g. 4GB; else it is refused. [default: 80 % of the machine's]"),
)
same_numbers_option = click.option(
    "--same-numbers/--other-numbers",
    default=None,
    help="Keep, or drop, what differs from its like in a number. [default: keep paragraphs, drop documents]",
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
        "--keep", metavar="KEY", help=f"Which of two repeats stays: {', '.join(ORDERS)}, or a field: the smallest value. [default: first]"
    ),
    click.option(
        "--threshold", type=float, metavar="J", help=f"Least Jaccard similarity of a repeat across documents. [default: {THRESHOLD}]"
    ),
    same_numbers_option,
    click.option(
        "--index",
        type=click.Path(dir_okay=False),
        metavar="SEEN.db",
        help="With --across: compare with all that this index has seen too, and add (see textclean index).",
    ),
)
template_options = _together(*using)
message_options = _together(
    click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors."),
    click.option("-v", "--verbose", is_flag=True, help="Say more on stderr."),
)


#: What `request_for` takes of a command's options, under the same names.
_REQUESTED = (
    *(
        "across",
        "keep",
        "threshold",
        "same_numbers",
        "text",
        "id",
        "source",
        "format",
        "output_format",
        "shard",
        "removals",
        "removals_field",
        "run",
        "index",
    ),
    *("resume", "force", "fsync", "memory", "workers", "max_mb", "learn_templates", "site"),
)


def request_of(paths: tuple[str, ...], options: dict[str, Any], **more: Any) -> Request:
    """Makes a request from the options of a command.

    Args:
        paths: the inputs.
        options: values by name, for some of the arguments of `textclean.clean_corpus`.
        **more: further arguments of `request_for` that are no options of the command.

    Raises:
        ConfigError: an option has a value that it can't have, or options do not go together.
        TemplatesError: the file of templates is none, or is of another version.
    """
    asked = {name: options[name] for name in _REQUESTED if options.get(name) is not None}
    file = options["templates_file"]
    return request_for(
        paths,
        options.get("output"),
        config_of(options),
        templates=load(file) if file else None,
        stdin=sys.stdin.buffer,
        refusal=_not_stdout,
        **asked,
        **more,
    )


#: What `Config` takes of a command's options, under the same names.
_CONFIGURED = (
    *("keep_kinds", "drop_kinds", "without_rules", "languages", "rules"),
    *("min_words", "repeat_matching", "near_threshold", "page", "effort"),
)


def config_of(options: dict[str, Any]) -> Config:
    """Makes a configuration from the options that were given; the others keep the defaults of `Config`.

    Raises:
        ConfigError: an option has a value that it can't have.
    """
    given = {name: options[name] for name in _CONFIGURED if options[name] not in (None, ())}
    if "all" in given.get("drop_kinds", ()):
        given["drop_kinds"] = Kind
    switches = {name: not options[f"no_{name}"] for name in ("repeats", "unwrap", "line_model")}
    return Config(**given | switches)


def _not_stdout(source: Source) -> SourceError | None:
    """Returns the error for an input that is also standard output, as reading it would never end; else None."""
    return SourceError(f"{source.name}: is where the output goes", "is-output") if is_same(source, sys.stdout) else None
