"""Files in, files out, far more than memory holds: `clean_corpus`.

    inputs -> pass 1: read, clean, spool -> decide what repeats -> pass 2: take it out, write -> Summary

Work is noted shard by shard in a folder, so that a run can be killed at any moment and resumed. The steps stand in `textclean.corpus.run`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Literal

from textclean.config import Config, resolve
from textclean.corpus.request import Request, bytes_of, perform
from textclean.corpus.summary import Summary
from textclean.errors import ConfigError
from textclean.files.sources import Format
from textclean.sites.templates import Templates

__all__ = ["Summary", "clean_corpus"]

Inputs = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def clean_corpus(
    inputs: Inputs,
    output: str | os.PathLike[str],
    config: Config | None = None,
    *,
    across: Literal["paragraph", "document", "none"] = "paragraph",
    keep: str = "first",
    threshold: float = 0.8,
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
        across: what is compared across documents, after the cleaning; ``"none"``, nothing.
        keep: which of two repeats stays: ``first``, ``last``, ``longest``, or a field: the record with the smallest value.
        threshold: least Jaccard similarity of a repeat across documents.
        text: the field of records that holds the text.
        id: a field that is put into `removals`.
        source: another, by which `Summary` counts.
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
        templates: what sites repeat on their pages (see `textclean.learn_templates`); `source` says from which site a record comes, and a
            text file comes from the folder in which it is.
        learn_templates: learn that first from the inputs themselves, which are then read twice.
        site: the site from which all texts come.
        **overrides: single fields of `config`, by name.

    Raises:
        ConfigError: an option has no such value, or options don't go together.
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
    if not named:
        raise ConfigError("inputs: nothing is named: give a file, a folder, a pattern or a URL")
    request = Request(
        inputs=tuple(os.fspath(name) for name in named),
        output=os.fspath(output),
        config=resolve(config, overrides),
        across=across,
        keep=keep,
        threshold=threshold,
        text=text,
        id=id,
        source=source,
        format=_format("format", format),
        output_format=_format("output_format", output_format),
        shard_bytes=bytes_of(shard) if isinstance(shard, str) else shard,
        removals=None if removals is None else os.fspath(removals),
        removals_field=removals_field,
        run=None if run is None else os.fspath(run),
        resume=resume,
        force=force,
        memory=bytes_of(memory) if isinstance(memory, str) else memory,
        workers=workers,
        max_bytes=int(max_mb * 1_000_000),
        templates=templates,
        learn_templates=learn_templates,
        site=site,
    )
    return perform(request)


def _format(name: str, value: str | None) -> Format | None:
    if value is None or value in list(Format):
        return None if value is None else Format(value)
    raise ConfigError(f"{name}={value!r} is unknown: use {', '.join(map(repr, map(str, Format)))}")
