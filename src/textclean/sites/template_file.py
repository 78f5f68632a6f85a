"""Reads and writes files of templates: JSON with a site on each line, so that people can read, search and compare them.

    {"format": "textclean-templates", "version": 1, "mask": 1, "dated": false, "documents": 6, "thresholds": {…}, "sources": {
    "www.example.org": {"documents": 6, "short": 0, "lines": [{"documents": 5, "top": 0, …, "samples": ["Send a tip to …"]}]}
    }}

A line is stored as it reads and masked again by the reader, so `mask` must be the version of the reader's own. A file of another version
is refused rather than guessed at. A file can make `clean` remove the lines that it names, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from textclean import _native
from textclean.errors import ConfigError, SourceError, TemplatesError, picture, short
from textclean.sites.evidence import Line, SiteCounts, Thresholds, mask

FORMAT, VERSION = "textclean-templates", 1
#: The largest file, unpacked. Bounds what a small packed one may grow to.
MAX_BYTES = 1 << 28
#: The most values in it; ten belong to a line. Read, a value may take seventy bytes, of which its file has two.
MAX_VALUES = 10_000_000
_MOST = 1 << 62
_COUNTS = ("documents", "top", "inside", "bottom")


class Contents(NamedTuple):
    """The contents of a file; `textclean.Templates` explains the fields."""

    thresholds: Thresholds
    dated: bool
    documents: int
    sites: dict[str, SiteCounts]


def write(contents: Contents, path: Path) -> None:
    """Writes a file of templates, under a temporary name until it is whole.

    Raises:
        OutputError: the file can't be written.
    """
    from textclean.files.output import Output

    with Output(path, force=True) as file:
        for piece in rendered(contents):
            file.write(piece)


def rendered(contents: Contents) -> Iterator[str]:
    """Yields the text of a file of templates, in pieces."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "mask": _native.MASK_VERSION,
        "dated": contents.dated,
        "documents": contents.documents,
        "thresholds": asdict(contents.thresholds),
    }
    yield f'{_dumps(head)[:-1]}, "sources": {{'
    for i, (name, site) in enumerate(sorted(contents.sites.items())):
        lines = [asdict(line) for _, line in sorted(site.lines.items(), key=lambda item: (-item[1].documents, item[0]))]
        body = {"documents": site.documents, "short": site.short, "lines": lines}
        yield f"{',' if i else ''}\n{_dumps(name)}: {_dumps(body)}"
    yield "\n}}\n"


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def read(path: Path) -> Contents:
    """Reads a file of templates, and checks all of it.

    Raises:
        TemplatesError: the file is not of templates, or is of another version.
        SourceError: the file can't be read.
    """
    try:
        data = json.loads(_content(path).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise TemplatesError(f"{path}: not JSON ({short(error)}): `textclean templates learn` writes such files") from None
    check = Check(path)
    data = check.table(data, "the file")
    _check_version(data, check)
    sources = check.table(data.get("sources"), "sources")
    sites = {name: _site(body, check, f"sources[{picture(name)}]") for name, body in sources.items()}
    dated = check.flag(data.get("dated"), "dated")
    return Contents(read_thresholds(data.get("thresholds"), check), dated, check.count(data.get("documents"), "documents"), sites)


def _content(path: Path) -> bytes:
    from textclean.files.packing import pieces
    from textclean.files.sources import told_by_name

    held, size = [], 0
    try:
        with open(path, "rb") as raw:
            for piece, _ in pieces(raw, told_by_name(path.name)[1]):
                held.append(piece)
                size += len(piece)
                if size > MAX_BYTES:
                    raise TemplatesError(f"{path}: over the limit of {MAX_BYTES:,} bytes: split the sources over several files")
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error
    except SourceError as error:
        raise SourceError(f"{path}: {error}") from None
    content = b"".join(held)
    if (values := sum(map(content.count, (b",", b"[", b"{")))) > MAX_VALUES:
        raise TemplatesError(f"{path}: {values:,} values are over the limit of {MAX_VALUES:,}: split the sources over several files")
    return content


def _check_version(data: dict[str, Any], check: Check) -> None:
    for name, known in (("format", FORMAT), ("version", VERSION), ("mask", _native.MASK_VERSION)):
        check.known(data, name, known, "learn the templates again")


def read_thresholds(data: object, check: Check) -> Thresholds:
    """Checks thresholds.

    Raises:
        TemplatesError: one has a value that it can't have.
    """
    values = check.table(data, "thresholds")
    if unknown := sorted(values.keys() - Thresholds.__dataclass_fields__.keys()):
        check.fail(f"thresholds has {picture(unknown)[1:-1]}, which is no threshold")
    try:
        return Thresholds(**values)
    except ConfigError as error:
        check.fail(f"thresholds: {error}")


def _site(data: object, check: Check, where: str) -> SiteCounts:
    body = check.table(data, where)
    site = SiteCounts(check.count(body.get("documents"), f"{where}.documents"), check.count(body.get("short"), f"{where}.short"))
    for i, line in enumerate(check.several(body.get("lines"), f"{where}.lines")):
        found = _line(line, check, f"{where}.lines[{i}]")
        masked = mask(found.samples[0])
        if masked is None:
            check.fail(f"{where}.lines[{i}].samples[0] is {picture(found.samples[0])}, a line without a word")
        site.lines[masked] = site.lines[masked].merged(found) if masked in site.lines else found
    return site


def _line(data: object, check: Check, where: str) -> Line:
    body = check.table(data, where)
    counts = {name: check.count(body.get(name), f"{where}.{name}") for name in _COUNTS}
    first, last = (check.when(body.get(name), f"{where}.{name}") for name in ("first", "last"))
    if type(first) is not type(last):
        check.fail(f"{where}.first is {picture(first)} and last is {picture(last)}: both are dates, or both positions")
    samples = check.several(body.get("samples"), f"{where}.samples")
    if not samples or not all(isinstance(sample, str) and _is_encodable(sample) for sample in samples):
        check.fail(f"{where}.samples is {picture(samples)}, a list of one or more lines is needed")
    story = check.flag(body.get("story"), f"{where}.story")
    return Line(**counts, first=first, last=last, story=story, samples=tuple(samples))


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


class Check:
    """Checks that values of a file have the types that they have to have, and returns them.

    Args:
        path: the file, for errors; each method may raise `TemplatesError`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def fail(self, what: str) -> NoReturn:
        """Raises the error, with the path of the file."""
        raise TemplatesError(f"{self._path}: {short(what)}")

    def known(self, head: dict[str, Any], name: str, known: str | int, remedy: str) -> None:
        """Checks that a file has the format and the versions of its reader."""
        if (found := head.get(name)) != known or type(found) is not type(known):
            self.fail(f"{name} is {picture(found)}, this version of textclean reads {known!r}: {remedy}")

    def table(self, value: object, where: str) -> dict[str, Any]:
        """Checks an object."""
        if not isinstance(value, dict):
            self.fail(f"{where} is {picture(value)}, an object is needed")
        return value

    def several(self, value: object, where: str) -> list[Any]:
        """Checks a list."""
        if not isinstance(value, list):
            self.fail(f"{where} is {picture(value)}, a list is needed")
        return value

    def count(self, value: object, where: str) -> int:
        """Checks a number of documents."""
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
            self.fail(f"{where} is {picture(value)}, a whole number from 0 is needed")
        return value

    def flag(self, value: object, where: str) -> bool:
        """Checks a value that is true or false."""
        if not isinstance(value, bool):
            self.fail(f"{where} is {picture(value)}, true or false is needed")
        return value

    def when(self, value: object, where: str) -> int | str | None:
        """Checks a date or a position; None for neither."""
        return value if value is None or isinstance(value, str) else self.count(value, where)
