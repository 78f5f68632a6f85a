"""``textclean templates``: learns what sites repeat on their pages, shows it, merges it; and the options by which `clean` uses it."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from textclean import exits
from textclean.errors import CorpusError
from textclean.evidence import Entry, Thresholds
from textclean.io import Begin, Document, Reading, Source, read
from textclean.io.escapes import visible
from textclean.io.output import check
from textclean.io.sources import Format

if TYPE_CHECKING:
    from textclean.commands.tally import Tally
    from textclean.report import Screen
    from textclean.templates import Templates

_in = click.Path(exists=True, dir_okay=False, path_type=Path)
_out = click.Path(dir_okay=False, path_type=Path)
_force = click.option("-f", "--force", is_flag=True, help="Replace the file if it is there.")
_needed_output = click.option("-o", "--output", type=_out, required=True, metavar="FILE", help="File of templates to write.")


@click.group()
def templates() -> None:
    """Learn what sites repeat on their pages, and look at it."""


@templates.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_needed_output
@_force
@click.option(
    "--source", "source_field", metavar="FIELD", help="JSONL: where a record comes from: a name, or a URL, of which the host counts."
)
@click.option("--site", metavar="NAME", help="All texts come from here.")
@click.option("--date", "id_field", metavar="FIELD", help="JSONL: the record's date, to say when a line was first and last seen.")
@click.option("--documents", type=int, default=Thresholds.documents, show_default=True, metavar="N", help="Documents a template needs.")
@click.option(
    "--share", type=float, default=Thresholds.share, show_default=True, metavar="S", help="Share of its site's documents it needs."
)
@click.option("--inside-documents", type=int, default=Thresholds.inside_documents, show_default=True, metavar="N", help="In mid-text.")
@click.option("--inside-share", type=float, default=Thresholds.inside_share, show_default=True, metavar="S", help="In mid-text.")
@click.option("--text-field", default="text", show_default=True, metavar="NAME", help="JSONL: where the text is.")
@click.option("--format", "format_", type=click.Choice([str(kind) for kind in Format]), help="Of `-` and of files whose names do not tell.")
@click.option("--max-mb", type=click.FloatRange(0, min_open=True), default=256, show_default=True, help="Skip texts over this size.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
def learn(paths: tuple[str, ...], output: Path, force: bool, **o: Any) -> int:
    """Learn which lines each site repeats on pages that tell different stories.

    PATH is a file, a folder or -, as for clean. Records of JSONL say with --source where they come from; a text file comes from the folder
    in which it is, unless --site names the site.

    \b
    Examples:
      textclean templates learn dump.jsonl.gz -o templates.json --source url
      textclean templates learn pages/www.example.org/ -o templates.json
      textclean clean dump.jsonl.gz -o clean.jsonl.gz --templates templates.json --source-field url
    """  # noqa: D301 - click wants the control character
    from textclean import cli  # it imports this module
    from textclean.commands.tally import Tally

    options = o | {"verbose": False}
    cli._set_up_log(options)
    check(output, force)
    tally = Tally()
    sources = cli._sources(paths, o["format_"], None, tally)
    check_sites(sources, o["source_field"], o["site"], "--source")
    thresholds = {name: o[name] for name in Thresholds.__dataclass_fields__}
    learned = learn_from(sources, cli._reading(options), o["site"], tally, **thresholds)
    if not tally.opened:
        return exits.FATAL
    learned.save(output)
    if not o["quiet"]:
        print(summary(learned), file=sys.stderr)
    return tally.code


@templates.command()
@click.argument("path", type=_in, metavar="FILE")
@click.option("--source", multiple=True, metavar="HOST", help="Of this site only (again for more).")
@click.option("--evidence", is_flag=True, help="Also the lines that lack the documents, the share or the place to be templates.")
@click.option("--json", "as_json", is_flag=True, help="Print all that is known of each, as a line of JSON.")
def show(path: Path, source: tuple[str, ...], evidence: bool, as_json: bool) -> int:
    """List templates: site, id, documents, share of the site's documents, place, and a line that reads so.

    On a terminal a table, else values between tabs.
    """
    from textclean.report import Screen

    learned = _load(path)
    if unknown := sorted(set(source) - set(learned.sources)):
        raise click.UsageError(f"{path} knows nothing of {', '.join(unknown)}; it has {len(learned.sources):,} sources")
    screen = Screen(sys.stdout)
    found = (entry for name in source or learned.sources for entry in learned.entries(name, evidence=evidence))
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
    check(output, force)
    merged = _load(paths[0])
    for path in paths[1:]:
        merged = merged.merge(_load(path))
    merged.save(output)
    if not quiet:
        print(summary(merged), file=sys.stderr)
    return exits.OK


def _load(path: Path) -> Templates:
    from textclean.templates import Templates

    return Templates.load(path)


def _fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__dataclass_fields__}


_HEADS = ("site", "id", "documents", "share", "place", "line")


def _row(entry: Entry) -> tuple[str, ...]:
    place = entry.place if entry.learned else f"({entry.place})"
    return tuple(map(visible, (entry.source, entry.id, str(entry.documents), f"{entry.share:.3f}", place, entry.samples[0])))


def _show(screen: Screen, rows: list[tuple[str, ...]]) -> None:
    if screen.terminal:
        screen.show_columns(_HEADS, rows)
    else:
        for row in rows:
            screen.write("\t".join(row) + "\n")


def summary(learned: Templates) -> str:
    """What was learned, in one line."""
    counts = [len(learned.entries(name)) for name in learned.sources]
    some = sum(count > 0 for count in counts)
    return f"{sum(counts):,} templates of {some:,} of {len(counts):,} sites, from {learned.documents:,} documents"


def learn_from(sources: Iterable[Source], reading: Reading, site: str | None, tally: Tally | None = None, **thresholds: Any) -> Templates:
    """Templates from the documents of these inputs, their ids being dates; what can't be read is told to `tally`, or passed over."""
    from textclean.learning import learn_templates

    def documents() -> Iterator[dict[str, str | None]]:
        for event in chain.from_iterable(read(source, reading) for source in sources):
            if isinstance(event, Document):
                yield {"text": event.text, "site": site_of(event, site), "date": _string(event.id)}
            elif tally and isinstance(event, CorpusError):
                tally.skip(event)
            elif tally and isinstance(event, Begin):
                tally.opened += 1

    return learn_templates(documents(), source="site", date="date" if reading.id_field else None, **thresholds)


def site_of(document: Document, site: str | None) -> str | None:
    """Where a document comes from: the site that was named for all, what its record says, or the folder of a text file."""
    if site is not None:
        return site
    if document.line is not None:
        return _string(document.origin)
    path = document.source.path
    return path.resolve().parent.name if path else None


def _string(value: str | None) -> str | None:
    """A member of a record, given in JSON, if it is a string."""
    found = json.loads(value) if value and value.startswith('"') else None
    return found if isinstance(found, str) else None


def check_sites(sources: Iterable[Source], field: str | None, site: str | None, option: str) -> None:
    """Makes sure that all inputs say where their texts come from."""
    for source in sources:
        if site is None and source.format is Format.JSONL and not field:
            raise click.UsageError(f"{source.name}: where do its records come from? Say {option} FIELD, or --site NAME if it is one site")
        if site is None and source.format is Format.TXT and source.path is None:
            raise click.UsageError("-: where does the text come from? Say --site NAME")


#: The options by which `clean` uses templates.
using: tuple[Callable[[Any], Any], ...] = (
    click.option("--templates", "templates_file", type=_in, metavar="FILE", help="Drop what sites repeat (see textclean templates)."),
    click.option("--learn-templates", is_flag=True, help="Learn first what the sites of these inputs repeat; they are read twice."),
    click.option(
        "--site", metavar="NAME", help="With templates: all texts come from here. [default: --source-field, or the file's folder]"
    ),
)


def chosen(sources: Iterable[Source], reading: Reading, options: dict[str, Any]) -> Templates | None:
    """The templates to use, if any were asked for: from the file, or from the inputs themselves."""
    sources = list(sources)
    if not options["templates_file"] and not options["learn_templates"]:
        if options["site"]:
            raise click.UsageError("--site says whose templates are used: add --templates FILE or --learn-templates")
        return None
    if options["templates_file"] and options["learn_templates"]:
        raise click.UsageError("--templates and --learn-templates: use one; textclean templates learn and merge make one file of both")
    check_sites(sources, options["source_field"], options["site"], "--source-field")
    if options["templates_file"]:
        return _load(options["templates_file"])
    for source in sources:
        if source.path is None or not source.path.is_file():
            raise click.UsageError(
                f"--learn-templates reads its inputs twice, and {source.name} can be read only once: save it to a file first"
            )
    # What can't be read is named when it is read again.
    return learn_from(sources, replace(reading, id_field=None), options["site"])


class Sites:
    """A stream of events, and where its documents come from, for whoever takes their texts one by one."""

    def __init__(self, events: Iterable[Any], site: str | None) -> None:
        self._events = events
        self._site = site
        self._waiting: deque[str | None] = deque()

    def __iter__(self) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, Document):
                self._waiting.append(site_of(event, self._site))
            yield event

    def next(self, text: str) -> str | None:
        """Where the next text comes from."""
        return self._waiting.popleft()
