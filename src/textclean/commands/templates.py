"""``textclean templates``: learns, shows and merges templates. Also the options by which `clean` uses them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from textclean import Config
from textclean.commands import exits
from textclean.commands.log import set_up_log
from textclean.corpus.counts import Counts
from textclean.corpus.request import request_for
from textclean.corpus.sites import check_sites, learn_from
from textclean.files.escapes import visible
from textclean.files.places import Local
from textclean.files.sources import Format
from textclean.sites.evidence import TemplateEntry, Thresholds

if TYPE_CHECKING:
    from textclean.commands.screen import Screen
    from textclean.learning import TemplateLearner
    from textclean.sites.templates import Templates

_in = click.Path(exists=True, dir_okay=False, path_type=Path)
_out = click.Path(dir_okay=False, path_type=Path)
_force = click.option("-f", "--force", is_flag=True, help="Replace the file if it is there.")
_needed_output = click.option("-o", "--output", type=_out, required=True, metavar="FILE", help="File of templates to write.")


def _threshold(name: str, kind: type, metavar: str, says: str) -> Callable[[Any], Any]:
    """Returns an option that is None if it is not given: then a state that is there says."""
    shown = str(getattr(Thresholds, name))
    return click.option(f"--{name.replace('_', '-')}", type=kind, show_default=shown, metavar=metavar, help=says)


@click.group()
def templates() -> None:
    """Learn what sites repeat on their pages, and look at it."""


@templates.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-o", "--output", type=_out, metavar="FILE", help="File of templates to write; needed without --state.")
@_force
@click.option("--state", type=_out, metavar="FILE", help="Go on from what this file knows, if it is there, and write it back.")
@click.option(
    "--memory-mb", type=float, metavar="N", help="What lines and pages may take [default: 512]; of a state, to be read [default: 4096]."
)
@click.option(
    "--source-field", "source", metavar="FIELD", help="JSONL: where a record comes from: a name, or a URL, of which the host counts."
)
@click.option("--site", metavar="NAME", help="All texts come from here.")
@click.option("--date-field", "date", metavar="FIELD", help="JSONL: the record's date, to say when a line was first and last seen.")
@_threshold("documents", int, "N", "Documents a template needs.")
@_threshold("share", float, "S", "Share of its site's documents it needs.")
@_threshold("inside_documents", int, "N", "In mid-text.")
@_threshold("inside_share", float, "S", "In mid-text.")
@click.option("--text-field", "text", default="text", show_default=True, metavar="NAME", help="JSONL: where the text is.")
@click.option("--format", type=click.Choice([str(kind) for kind in Format]), help="Of `-` and of files whose names do not tell.")
@click.option("--max-mb", type=click.FloatRange(0, min_open=True), default=256, show_default=True, help="Skip texts over this size.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
def learn(paths: tuple[str, ...], output: Path | None, force: bool, state: Path | None, **o: Any) -> int:
    """Learn which lines each site repeats on pages that tell different stories.

    PATH is a file, a folder or -, as for clean. Records say with --source-field where they come from; a text file comes from the folder
    in which it is, unless --site names the site.

    With --state each day is learned once, and counts as if all days had been learned at once.

    \b
    Examples:
      textclean templates learn monday.jsonl.gz --state state.jsonl.gz --source-field url
      textclean templates learn tuesday.jsonl.gz --state state.jsonl.gz -o templates.json --source-field url
      textclean templates learn dump.jsonl.gz -o templates.json --source-field url
      textclean templates learn pages/www.example.org/ -o templates.json
      textclean clean dump.jsonl.gz -o clean.jsonl.gz --templates templates.json --source-field url
    """  # noqa: D301 - click wants the control character
    set_up_log(o["quiet"])
    _check_outputs(output, force, state)
    counts = Counts()
    # The date goes the way of an id: a field that is carried along and not looked at.
    fields = {"text": o["text"], "id": o["date"], "source": o["source"]}
    request = request_for(paths, None, Config(), format=o["format"], max_mb=o["max_mb"], stdin=sys.stdin.buffer, **fields)
    sources = request.sources(counts.skip)
    check_sites(sources, o["source"], o["site"])
    learner = _learner(state, {name: o[name] for name in Thresholds.__dataclass_fields__ if o[name] is not None}, o["memory_mb"])
    learned = learn_from(sources, request.reading, o["site"], counts, learner)
    if not counts.opened:
        return exits.FATAL
    # The state comes last: if this is broken off between the two, the same command can be given again, and no page counts twice.
    if output is not None:
        learned.save(output)
    if state is not None:
        learner.save(state)
    if not o["quiet"]:
        print(summary(learned), file=sys.stderr)
    return exits.after(counts)


def _check_outputs(output: Path | None, force: bool, state: Path | None) -> None:
    """Makes sure that there is something to write, and that it may be written."""
    if output is None and state is None:
        raise click.UsageError("nothing would be written: say -o FILE for the templates, --state FILE to go on another day, or both")
    if output is not None:
        Local(output).check(force)
    if state is not None:
        Local(state).check(True)
    if output is not None and state is not None and output.resolve() == state.resolve():
        raise click.UsageError(f"--state {state} and -o {output} are one file: templates and state are two")


def _learner(state: Path | None, thresholds: dict[str, Any], memory_mb: float | None) -> TemplateLearner:
    """Returns what learns: a state that is there, with the thresholds that were given, or a new one.

    Args:
        state: the file; None to begin anew and store nothing.
        thresholds: thresholds that were given.
        memory_mb: megabytes that a new one may have, or that one that is there may take to be read; None for the default.

    Raises:
        TemplatesError: the file is not of a learner, is damaged, is of another version, or takes more memory.
    """
    from textclean.learning import TemplateLearner

    room: dict[str, Any] = {} if memory_mb is None else {"memory_mb": memory_mb}
    if state is None or not state.exists():
        return TemplateLearner(**thresholds, **room)
    learner = TemplateLearner.load(state, **room)
    learner.thresholds = replace(learner.thresholds, **thresholds)
    return learner


@templates.command()
@click.argument("path", type=_in, metavar="FILE")
@click.option("--site", "sites", multiple=True, metavar="NAME", help="Of this site only (again for more).")
@click.option("--evidence", is_flag=True, help="Also the lines that lack the documents, the share or the place to be templates.")
@click.option("--json", "as_json", is_flag=True, help="Print all that is known of each, as a line of JSON.")
def show(path: Path, sites: tuple[str, ...], evidence: bool, as_json: bool) -> int:
    """List templates: site, id, documents, share of the site's documents, place, and a line that reads so.

    On a terminal a table, else values between tabs.
    """
    from textclean.commands.screen import Screen

    learned = load(path)
    if unknown := sorted(set(sites) - learned.sites.keys()):
        raise click.UsageError(f"{path} knows nothing of {', '.join(unknown)}; it has {len(learned.sites):,} sites")
    screen = Screen(sys.stdout)
    found = (entry for name in sites or sorted(learned.sites) for entry in learned.entries(name, evidence=evidence))
    if as_json:
        for entry in found:
            screen.write(json.dumps({"rule": entry.rule} | _fields(entry), ensure_ascii=False) + "\n")
    else:
        _show(screen, [_row(entry) for entry in found])
    screen.flush()
    return exits.OK


@templates.command()
@click.argument("paths", nargs=-1, required=True, type=_in, metavar="FILE...")
@_needed_output
@_force
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
def merge(paths: tuple[Path, ...], output: Path, force: bool, quiet: bool) -> int:
    """Merge files of templates that were learned from parts of a corpus, in the order of the parts."""
    Local(output).check(force)
    merged = load(paths[0])
    for path in paths[1:]:
        merged = merged.merge(load(path))
    merged.save(output)
    if not quiet:
        print(summary(merged), file=sys.stderr)
    return exits.OK


def load(path: Path) -> Templates:
    """Reads a file of templates.

    Raises:
        TemplatesError: the file is not of templates, or is of another version.
        SourceError: the file can't be read.
    """
    from textclean.sites.templates import Templates

    return Templates.load(path)


def _fields(entry: TemplateEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in TemplateEntry.__dataclass_fields__}


_HEADS = ("site", "id", "documents", "share", "place", "line")


def _row(entry: TemplateEntry) -> tuple[str, ...]:
    place = entry.place if entry.learned else f"({entry.place})"
    return tuple(map(visible, (entry.site, entry.id, str(entry.documents), f"{entry.share:.3f}", place, entry.samples[0])))


def _show(screen: Screen, rows: list[tuple[str, ...]]) -> None:
    if screen.terminal:
        screen.show_columns(_HEADS, rows)
    else:
        for row in rows:
            screen.write("\t".join(row) + "\n")


def summary(learned: Templates) -> str:
    """Returns in one line how many templates were learned."""
    counts = [len(learned.entries(name)) for name in learned.sites]
    some = sum(count > 0 for count in counts)
    return f"{sum(counts):,} templates of {some:,} of {len(counts):,} sites, from {learned.documents:,} documents"


#: The options by which `clean` uses templates.
using: tuple[Callable[[Any], Any], ...] = (
    click.option("--templates", "templates_file", type=_in, metavar="FILE", help="Drop what sites repeat (see textclean templates)."),
    click.option("--learn-templates", is_flag=True, help="Learn first what the sites of these inputs repeat; they are read twice."),
    click.option(
        "--site", metavar="NAME", help="With templates: all texts come from here. [default: what --source-field says, or the file's folder]"
    ),
)
