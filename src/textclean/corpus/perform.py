"""Performs a request: finds the inputs, names the outputs, checks all of it before any work, and runs the job."""

from __future__ import annotations

import dataclasses
import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textclean.corpus.counts import Counts
from textclean.corpus.request import Request
from textclean.corpus.run import Job, run
from textclean.corpus.run_folder import RunFolder
from textclean.corpus.samples import Sampler
from textclean.corpus.sites import Sites, check_readable_twice, check_sites, digest_of, learn_from
from textclean.corpus.summary import Summary, versions
from textclean.corpus.uses import TemplateUses
from textclean.dedup.settings import ORDERS
from textclean.errors import ConfigError
from textclean.files.disk import Disk
from textclean.files.locate import place
from textclean.files.places import OutputPlace
from textclean.files.sources import Format, Source, told_by_name
from textclean.files.targets import check_all, targets
from textclean.formats import Document
from textclean.formats.sinks import FileSink, Sink, shard_of
from textclean.formats.writers import check_fields

if TYPE_CHECKING:
    from textclean.index import Index

_log = logging.getLogger("textclean")


def perform(request: Request) -> Summary:
    """Performs a request, and returns the summary of the run.

    Raises:
        TextcleanError: the request can't be met, or the run can't be finished; see `textclean.clean_corpus`.
    """
    if request.index is None:
        return _perform(request, None)
    from textclean.corpus.seen import comparing_as, opened

    # Before anything is cleaned it is found out whether the index can be used.
    with opened(request.index, request.outputs.fsync) as index:
        return _perform(comparing_as(index, request), index)


def _perform(request: Request, index: Index | None) -> Summary:
    outputs = request.outputs
    summary = Summary(settings=_settings(request))
    sources = request.sources(summary.counts.skip)
    written = targets(sources, outputs.name, request.inputs.several, outputs.format) if outputs.name else {}
    _check(request, sources, written)
    sites = sites_of(request, sources)
    others = [place(outputs.removals)] if outputs.removals else []
    check_all(sources, [] if request.resume else _first(request, written), [] if request.resume else others, outputs.force)
    if request.resume and not request.begun and all(each.exists() for each in (*_first(request, written), *others)):
        _log.info("nothing to resume: the outputs are there")
        return summary
    request.listener.begin(sources)
    request = dataclasses.replace(request, reading=dataclasses.replace(request.reading, check=_checked(request, written)))
    with _folder(request, summary.settings | {"sources": [_identity(source) for source in sources]}) as folder:
        if folder.done("done"):
            return _restored(folder, request, summary)
        sink, listed = _sink(request, sources, written, folder)
        job = Job(
            request,
            sources,
            sink,
            folder,
            sites,
            others[0] if others else None,
            listed,
            sampler=Sampler() if request.run is not None else None,
            uses=TemplateUses(sites) if request.run is not None and sites else None,
            index=index,
            summary=summary,
        )
        run(job)
        if job.sampler:
            templates = {"templates": job.uses.to_dict()} if job.uses else {}
            folder.write("report.json", job.sampler.to_dict() | templates)
            folder.write("summary.json", summary.to_dict())
        folder.finish("done", done=True)
    return summary


def _checked(request: Request, written: dict[Source, OutputPlace]) -> Callable[[Document], None]:
    """Returns the check of documents: that the fields of each can be written and, if one says which repeat stays, put in order.

    Found out before a document is cleaned, it costs that document alone. Later another one might have gone as a repeat of it.
    """
    formats = {source: told_by_name(place.name)[0] for source, place in written.items()}
    key = request.comparing.key if request.comparing else None

    def check(document: Document) -> None:
        check_fields(document, formats.get(document.source))
        if key is not None:
            from textclean.corpus.spool import order_key

            order_key(document, key)

    return check


def _sink(request: Request, sources: list[Source], written: dict[Source, OutputPlace], folder: RunFolder) -> tuple[Sink, bool]:
    """Makes the sink, and says whether it lists what was removed."""
    outputs = request.outputs
    if outputs.sink:
        return outputs.sink(sources)
    force = outputs.force or folder.resumed
    return (
        FileSink(written, force, outputs.removals_field, outputs.shard_bytes, folder.tag, folder.drafts, folder.disk),
        outputs.removals_field is not None,
    )


def _first(request: Request, written: dict[Source, OutputPlace]) -> Iterator[OutputPlace]:
    """Yields the first file of each output."""
    return (shard_of(each, 0) if request.outputs.shard_bytes else each for each in written.values())


def _restored(folder: RunFolder, request: Request, summary: Summary) -> Summary:
    """Restores the summary of a run that came to its end before."""
    summary.unit = request.comparing.unit if request.comparing else "none"
    for entry in folder.entries():
        if entry["stage"] == "decide":
            summary.units, summary.dropped, summary.witnesses = entry["counts"]
        elif entry["stage"] == "index":
            summary.run = entry["run"]
        elif "counts" in entry:
            summary.counts.add(Counts.from_dict(entry["counts"]))
    return summary


@contextmanager
def _folder(request: Request, settings: dict[str, Any]) -> Iterator[RunFolder]:
    """Opens the run's folder; a temporary one if there is nothing that could be resumed."""
    where = request.folder
    folder = RunFolder(
        where or Path(tempfile.mkdtemp(prefix="textclean-")),
        settings,
        kept=request.run is not None,
        resume=request.resume,
        force=request.outputs.force,
        # What can't be resumed needs no journal that lasts.
        disk=Disk(request.outputs.fsync and (where is not None or request.outputs.removals is not None)),
        discard=_forget,
    )
    # A request that can't be met is made again with other options: nothing of it is worth keeping.
    over = where is None
    try:
        yield folder
        over = True
    except ConfigError:
        over = True
        raise
    finally:
        folder.close(over)


def _forget(entry: dict[str, Any]) -> None:
    # What no run with an index has left needs no NumPy.
    from textclean.corpus.seen import forget

    forget(entry)


def _check(request: Request, sources: list[Source], written: dict[Source, OutputPlace]) -> None:
    """Checks the options that depend on what the inputs are.

    Raises:
        ConfigError: options do not go with each other or with the inputs.
    """
    outputs, key = request.outputs, request.comparing.key if request.comparing else None
    texts = any(source.format is Format.TXT for source in sources)
    if outputs.removals_field and any(source.format.written is not Format.JSONL for source in sources):
        raise ConfigError(
            f"removals_field={outputs.removals_field!r}: needs JSONL inputs, as other files have no field that could hold it: removals=FILE"
            " takes all"
        )
    if key is not None and texts:
        raise ConfigError(f"keep={key!r}: needs records, and a text file has no fields: use {', '.join(map(repr, ORDERS))}")
    if outputs.shard_bytes and texts and any(each.name.endswith(".txt") for each in written.values()):
        raise ConfigError("shard=...: a text file is one text and can't be written in parts: shards are for records")


def sites_of(request: Request, sources: list[Source]) -> Sites | None:
    """Returns what the sites of the inputs repeat: the templates given, or learned from the inputs; None if templates are not used.

    Raises:
        ConfigError: an input does not say where its texts come from, or would have to be read twice and can't.
    """
    use, reading = request.templates, request.reading
    if not use.asked:
        return None
    check_sites(sources, reading.source_field, use.site)
    if use.templates is not None:
        return Sites(use.templates, use.site)
    check_readable_twice(sources)
    # What can't be read is named when it is read again; and no part of the first reading is progress.
    first = dataclasses.replace(reading, id_field=None, stdin=None, on_bytes=lambda source, count: None)
    return Sites(learn_from(sources, first, use.site), use.site)


def _settings(request: Request) -> dict[str, Any]:
    """Returns all options on which the result depends, in values that JSON can hold."""
    outputs, reading, how = request.outputs, request.reading, request.comparing
    return {
        "inputs": list(request.inputs.names),
        "format": request.inputs.format,
        "output": outputs.name,
        "output_format": outputs.format,
        "shard_bytes": outputs.shard_bytes,
        "removals": outputs.removals,
        "removals_field": outputs.removals_field,
        "text": reading.text_field,
        "id": reading.id_field,
        "source": reading.source_field,
        "max_bytes": reading.max_bytes,
        "across": how.unit if how else "none",
        "keep": how.keep if how else None,
        "threshold": how.threshold if how else None,
        "same_numbers": how.settings(None).same_numbers if how else None,
        "templates": digest_of(request.templates.templates),
        "learn_templates": request.templates.learn,
        "site": request.templates.site,
        "index": request.index.path if request.index else None,
        "config": {each.name: _plain(getattr(request.config, each.name)) for each in dataclasses.fields(request.config)},
        "version": versions().get("textclean"),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, (frozenset, tuple)):
        return sorted(map(str, value))
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def _identity(source: Source) -> list[Any]:
    """Returns name, size in bytes and time of change of an input, by which a resumed run knows it again."""
    try:
        found = source.path.stat() if source.path else None
    except OSError:
        found = None
    return [source.name, found.st_size if found else None, found.st_mtime_ns if found else None]
