"""`clean_corpus`: the entrance of this room for Python."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from textclean.config import Config, resolve
from textclean.corpus.perform import perform
from textclean.corpus.request import request_for
from textclean.corpus.summary import Summary
from textclean.dedup.settings import Across
from textclean.errors import ConfigError, SourceError
from textclean.sites.templates import Templates

Inputs = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def clean_corpus(
    inputs: Inputs,
    output: str | os.PathLike[str],
    config: Config | None = None,
    *,
    across: Across = "none",
    keep: str | None = None,
    threshold: float | None = None,
    same_numbers: bool | None = None,
    text: str = "text",
    id: str | None = None,
    source: str | None = None,
    format: str | None = None,
    output_format: str | None = None,
    shard: int | str | None = None,
    removals: str | os.PathLike[str] | None = None,
    removals_field: str | None = None,
    run: str | os.PathLike[str] | None = None,
    resume: bool = False,
    force: bool = False,
    memory: int | str | None = None,
    workers: int | None = None,
    max_mb: float = 256,
    templates: Templates | None = None,
    learn_templates: bool = False,
    site: str | None = None,
    **overrides: Any,
) -> Summary:
    r"""Cleans files of any size, takes out what repeats across their documents, and writes files.

    What can't be read is named in the log, counted and left out; the rest is done.

    Args:
        inputs: files, folders, patterns or URLs: .txt, .jsonl, .csv, .tsv, .parquet, .arrow, WET, WARC and MediaWiki XML, also packed as
            .gz, .zst, .bz2 or .xz.
        output: a file for one input, a folder for several; a path or a URL. Every file in it appears when it is whole.
        config: how texts are cleaned; None, the defaults.
        across: what is compared across documents, after the cleaning: ``"paragraph"``, ``"document"`` or ``"none"``.
        keep: which of two repeats stays: ``first`` (the default), ``last``, ``longest``, or a field: the record with the smallest value.
        threshold: least Jaccard similarity of a repeat across documents; None for 0.8.
        same_numbers: whether units with different numbers are no repeats; None for yes if they are paragraphs.
        text: the field of records that holds the text.
        id: a field that is put into `removals`.
        source: the field that says where a record comes from; `Summary` counts by it, and templates are looked up by it.
        format: of inputs whose names don't tell.
        output_format: of the files in an output folder; None for that of each input (records of WARC and MediaWiki become JSONL).
        shard: begin another output file after so many bytes (``"500MB"``), before they are packed.
        removals: a file or URL for what was removed, as JSONL.
        removals_field: put it into this field of each record too.
        run: a folder of this machine to keep the run's summary and journal in. None: a hidden one beside the output, gone when all is done.
        resume: go on with a run that was broken off. If `output` is a URL, `run` has to be given.
        force: replace outputs that exist, and forget a run that was broken off.
        memory: bytes (or ``"4GB"``) that comparing may take; a corpus that needs more is refused with the number. None: four fifths of the
            machine's.
        workers: threads; None for one a core.
        max_mb: texts and records over this size are skipped.
        templates: what sites repeat on their pages (see `textclean.learn_templates`); the field `source` says from which site a record
            comes, and a text file comes from the folder in which it is.
        learn_templates: learn that first from the inputs themselves, which are then read twice.
        site: the site from which all texts come, if no field says so.
        **overrides: single fields of `config`, by name.

    Raises:
        ConfigError: an option has no such value, or options don't go together.
        SourceError: none of the inputs could be read.
        OutputExistsError: an output, or a run that was broken off, is there.
        OutputError: an output can't be written.
        MemoryLimitError: comparing needs more than `memory`.
        MissingExtraError: a package for a format is not installed.

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.txt").write_text("Storm closes harbour\n\nThe harbour was closed on Monday.\n\nLeave a Reply")
    >>> summary = clean_corpus(folder / "a.txt", folder / "b.txt")
    >>> (folder / "b.txt").read_text(), summary.counts.documents
    ('Storm closes harbour\n\nThe harbour was closed on Monday.\n', 1)
    """
    named = [inputs] if isinstance(inputs, (str, os.PathLike)) else list(inputs)
    for what, name in (*(("inputs", name) for name in named), ("output", output)):
        if not isinstance(name, (str, os.PathLike)):
            raise ConfigError(f"{what}: {name!r} is no name: a path or a URL is needed")
    request = request_for(
        [os.fspath(name) for name in named],
        os.fspath(output),
        resolve(config, overrides),
        across=across,
        keep=keep,
        threshold=threshold,
        same_numbers=same_numbers,
        text=text,
        id=id,
        source=source,
        format=format,
        output_format=output_format,
        shard=shard,
        removals=None if removals is None else os.fspath(removals),
        removals_field=removals_field,
        run=None if run is None else os.fspath(run),
        resume=resume,
        force=force,
        memory=memory,
        workers=workers,
        max_mb=max_mb,
        templates=templates,
        learn_templates=learn_templates,
        site=site,
    )
    summary = perform(request)
    if summary.counts.skipped and not summary.counts.opened:
        raise SourceError(f"none of the inputs could be read: {summary.counts.problems[0]}", next(iter(summary.counts.skipped)))
    return summary
