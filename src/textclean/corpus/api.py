"""`clean_corpus`, the function through which Python programs start a run."""

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
    fsync: bool = True,
    memory: int | str | None = None,
    workers: int | None = None,
    max_mb: float = 256,
    templates: Templates | None = None,
    learn_templates: bool = False,
    site: str | None = None,
    index: str | os.PathLike[str] | None = None,
    **overrides: Any,
) -> Summary:
    r"""Cleans files of any size, takes out what repeats across their documents, and writes files.

    Files and records that can't be read are named in the log, counted and left out; all others are cleaned.

    Args:
        inputs: files, folders, patterns or URLs: .txt, .jsonl, .csv, .tsv, .parquet, .arrow, WET, WARC and MediaWiki XML, also packed as
            .gz, .zst, .bz2 or .xz.
        output: a file for one input, a folder for several; a path or a URL. Each file gets its name when it is whole.
        config: how texts are cleaned; None, the defaults.
        across: what is compared across documents after cleaning: ``"paragraph"``, ``"document"`` or ``"none"``.
        keep: which of two repeats stays: ``first`` (the default), ``last``, ``longest``, or a field: the record with the smallest value.
        threshold: least Jaccard similarity of a repeat across documents, over 0 and at most 1; None for 0.8.
        same_numbers: whether units with different numbers are no repeats; None for yes if they are paragraphs.
        text: the field of records that holds the text.
        id: a field of records that is carried into `removals`; None for none.
        source: the field that says where a record comes from; `Summary` counts by it, and templates are looked up by it.
        format: the format of inputs whose names don't tell it.
        output_format: the format of files in an output folder; None to keep each input's format (WARC and MediaWiki become JSONL).
        shard: begin another output file after so many bytes (``"500MB"``), counted before compression; None for one file however large.
        removals: a file or URL to which the removals are written, as JSONL; None to write none.
        removals_field: a field of each record to which its removals are written; None for no such field.
        run: a folder of this machine for the run's summary and journal. None: a hidden folder beside the output, removed at the end.
        resume: go on with a run that was interrupted. If `output` is a URL, `run` has to be given.
        force: replace outputs that exist, and discard a run that was interrupted.
        fsync: force to the disk what is finished before it is called so. With False a run outlasts kills and no power cuts.
        memory: bytes (or ``"4GB"``) that comparing may take; a corpus that needs more is refused with the number. None: four fifths of the
            machine's memory.
        workers: number of threads; None for one a core.
        max_mb: texts and records over so many megabytes are skipped.
        templates: what sites repeat on their pages (see `textclean.learn_templates`); the field `source` says from which site a record
            comes, and a text file comes from the folder in which it is.
        learn_templates: first learn templates from the inputs themselves, which are then read twice.
        site: the site from which all texts come, if no field says so.
        index: the file of a `textclean.Index`, which is made if it is not there: clean documents are compared with all that it has seen
            too, by its rules, and added to it. Their ids there are the run's name (`Summary.run`), a slash, and the document's id or its
            file and line; their date is that of the run. None for no index.
        **overrides: single fields of `config`, by name.

    Returns:
        Counts of what was read, written, removed and skipped.

    Raises:
        ConfigError: an option has a value that it can't have, or options don't go together.
        SourceError: none of the inputs could be read.
        OutputExistsError: an output, or a run that was interrupted, is there.
        OutputError: an output can't be written.
        IndexFileError: the index has other rules, is none, or can't be written.
        MemoryLimitError: comparing needs more than `memory`.
        MissingExtraError: a package for a format, a compression or a URL is not installed.

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
        named,
        output,
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
        removals=removals,
        removals_field=removals_field,
        run=run,
        resume=resume,
        force=force,
        fsync=fsync,
        memory=memory,
        workers=workers,
        max_mb=max_mb,
        templates=templates,
        learn_templates=learn_templates,
        site=site,
        index=index,
    )
    summary = perform(request)
    if summary.counts.skipped and not summary.counts.opened:
        raise SourceError(f"none of the inputs could be read: {summary.counts.problems[0]}", next(iter(summary.counts.skipped)))
    return summary
