"""Reads and writes files of learners: all that `textclean.TemplateLearner` knows, so that it can go on another day.

They are JSON Lines, in three parts:

    {"format": "textclean-template-learner", "version": 1, "textclean": "0.1.0", "tokenizer": 1, "mask": 1, "documents": 6, …}
    {"site": {…}}, {"page": {…}} for each page that lines keep, {"line": {…}} for each line of several pages; and so on for each site
    {"end": "8f3c…"}

The first line is this module's, and so is the last, a hash of all bytes before it; what stands between is written and checked natively
(`rust/src/sites/state.rs`). A learner of another version is refused: its counts would not be those of one pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from textclean import _native
from textclean.config import Config
from textclean.errors import SourceError, TemplatesError, short
from textclean.sites.evidence import Thresholds
from textclean.sites.template_file import Check, read_thresholds

#: Raise the version with any change of what is stored, or of how pages are told apart and lines are counted.
FORMAT, VERSION = "textclean-template-learner", 1
#: The options of cleaning on which it depends how a text is cut into lines and how a line reads.
OPTIONS = ("unwrap", "straighten_quotes", "narrow_width")
#: Megabytes that a learner may have for lines and pages.
LEAST_MB, MOST_MB = 0.1, 1e6
#: Bytes of the first line, at most.
_HEAD = 1 << 16
_REMEDY = "go on from an older copy of it, or learn from the documents again"
#: Why reading stopped, if the file is there and its content is not as it has to be.
_DAMAGES = ("damaged", "cut-short", "bomb")


class Contents(NamedTuple):
    """The contents of a file; `textclean.TemplateLearner` explains the fields."""

    native: _native.Learner
    thresholds: Thresholds
    dated: bool
    config: Config


def write(contents: Contents, path: Path) -> None:
    """Writes a learner to a file, under a temporary name until it is whole.

    Raises:
        OutputError: the file can't be written.
        MissingExtraError: the package for the compression is not installed.
    """
    from textclean.files.output import Output

    seen = _hash()
    with Output(path, force=True) as file:

        def put(piece: bytes) -> None:
            seen.update(piece)
            file.write(piece)

        put(_line(_head(contents)))
        contents.native.write(put)
        file.write(_line({"end": seen.hexdigest()}))


def _head(contents: Contents) -> dict[str, Any]:
    from textclean import __version__

    return {
        **_versions(),
        "textclean": __version__,
        "dated": contents.dated,
        "documents": contents.native.pages,
        "memory": contents.native.most,
        "thresholds": asdict(contents.thresholds),
        "config": {name: getattr(contents.config, name) for name in OPTIONS},
    }


def _versions() -> dict[str, str | int]:
    return {"format": FORMAT, "version": VERSION, "tokenizer": _native.TOKENIZER_VERSION, "mask": _native.MASK_VERSION}


def _line(value: Any) -> bytes:
    return json.dumps(value).encode("ascii") + b"\n"


def _hash() -> blake2b:
    return blake2b(digest_size=16)


#: Bytes of the last line.
_END = len(_line({"end": _hash().hexdigest()}))


def read(path: Path, memory_mb: float) -> Contents:
    """Reads a learner from a file, and checks all of it.

    Args:
        path: the file.
        memory_mb: megabytes that what is read may take, about.

    Raises:
        TemplatesError: the file is not of a learner, is damaged, is of another version, or needs more memory.
        SourceError: the file can't be read.
        MissingExtraError: the package for the compression is not installed.
    """
    check = Check(path)
    pieces = _without_end(_pieces(path), check)
    head, rest = _first_line(pieces, check)
    _check_versions(head, check)
    documents, memory = (check.count(head.get(name), name) for name in ("documents", "memory"))
    if not LEAST_MB * 1e6 <= memory <= MOST_MB * 1e6:
        check.fail(f"memory is {memory}, a number of bytes from 100,000 to 1,000,000,000,000 is needed")
    thresholds = read_thresholds(head.get("thresholds"), check)
    dated, config = check.flag(head.get("dated"), "dated"), _config(head.get("config"), check)
    try:
        reader = _native.LearnerReader(documents, memory, int(memory_mb * 1e6))
        reader.push(rest)
        for piece in pieces:
            reader.push(piece)
        return Contents(reader.finish(), thresholds, dated, config)
    except MemoryError:
        check.fail(f"it takes over {memory_mb:,} MB of memory: load it with a larger memory_mb=... if it comes from where you trust")
    except ValueError as error:
        _damaged(check, short(error))


def _pieces(path: Path) -> Iterator[bytes]:
    from textclean.files.packing import pieces
    from textclean.files.sources import told_by_name

    try:
        with open(path, "rb") as raw:
            for piece, _ in pieces(raw, told_by_name(path.name)[1]):
                yield piece
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error
    except SourceError as error:
        if error.reason in _DAMAGES:
            raise TemplatesError(f"{path}: {error}: {_REMEDY}") from None
        raise SourceError(f"{path}: {error}") from None


def _without_end(pieces: Iterator[bytes], check: Check) -> Iterator[bytes]:
    """Yields the bytes before the last line, which has to be their hash."""
    seen, held = _hash(), b""
    for piece in pieces:
        held += piece
        before, held = held[:-_END], held[-_END:]
        seen.update(before)
        yield before
    if held != _line({"end": seen.hexdigest()}):
        _damaged(check, "it is cut short, or something in it was changed: its last line is not the hash of all before it")


def _first_line(pieces: Iterator[bytes], check: Check) -> tuple[dict[str, Any], bytes]:
    """Returns the first line, and what came with it of the others."""
    start = b""
    while b"\n" not in start and len(start) <= _HEAD and (piece := next(pieces, None)) is not None:
        start += piece
    line, _, rest = start.partition(b"\n")
    try:
        if len(line) > _HEAD:
            raise ValueError(f"its first line has over {_HEAD:,} bytes")
        return check.table(json.loads(line.decode("utf-8")), "the first line"), rest
    except (ValueError, RecursionError) as error:
        check.fail(f"no learner of templates ({short(error)}): TemplateLearner.save writes such files")


def _check_versions(head: dict[str, Any], check: Check) -> None:
    made = head.get("textclean")
    by = f" (it was written by textclean {short(made)})" if isinstance(made, str) else ""
    for name, known in _versions().items():
        check.known(head, name, known, f"learn from the documents again{by}")


def _config(data: object, check: Check) -> Config:
    values = check.table(data, "config")
    options: dict[str, Any] = {name: check.flag(values.get(name), f"config.{name}") for name in OPTIONS}
    return Config(**options)


def _damaged(check: Check, what: str) -> NoReturn:
    check.fail(f"damaged ({what}): {_REMEDY}")
