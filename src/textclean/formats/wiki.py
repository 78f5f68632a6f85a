"""Reads articles of MediaWiki dumps (``pages-articles.xml``): the XML is parsed as a stream, and mwparserfromhell strips the markup.

An article is a page of the main name space that redirects nowhere; its ``id``, ``title`` and ``timestamp`` go along. Entities of the XML's
own making are refused (defusedxml), so a small file can't grow into a huge one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from textclean.errors import CorpusError, MissingExtraError, RecordError, SourceError
from textclean.files.sources import Source
from textclean.formats.json_record import built
from textclean.formats.markup_bounds import costly_wiki
from textclean.formats.records import OVER_LIMIT, Event, Pieces, Reading, Stream, document, location, over_limit

_FIELDS = {"id": "id", "title": "title", "timestamp": "revision/timestamp"}
#: Tags whose content is not part of the text around them.
_NOTES = ("ref", "gallery", "table", "timeline", "math")
#: Links to files, categories and other wikis: a name, a colon and no space after it.
_prefixed = re.compile(r"\s{0,9}:?[\w-]{2,30}:(?!\s)")
#: What is left of tables, and of links to files, once the markup is off.
_residue = re.compile(r"^(?:[|!{}][^\n]{0,2000}|(?:thumb|right|left|\d{1,5}px)\|[^\n]{0,2000})$", re.MULTILINE)


def documents(source: Source, data: Pieces, reading: Reading, first: int = 1) -> Iterator[Event | CorpusError]:
    """Yields a document for each article, and an error for each article that can't be read.

    Args:
        source: the dump, for the places of documents.
        data: its unpacked bytes.
        reading: field names and limits.
        first: number of the first page wanted. Pages are counted from 1, including redirects and others that are passed over.

    Raises:
        MissingExtraError: mwparserfromhell or defusedxml is not installed.
    """
    plain, iterparse, refused = _packages()
    # An article is held as a whole before its length is known: the bytes between two ends of pages are counted instead.
    since = _Since(data, 4 * reading.max_bytes)
    number = 0
    try:
        for page in _pages(iterparse(Stream(since), events=("start", "end"), forbid_dtd=True)):
            since.count, number = 0, number + 1
            if number < first:
                continue
            text = page.findtext("{*}revision/{*}text")
            if page.findtext("{*}ns") != "0" or page.find("{*}redirect") is not None or not text:
                continue
            if len(text) > reading.max_bytes:
                yield RecordError(f"{location(source, number)}: {over_limit(reading)}", OVER_LIMIT)
                continue
            if problem := costly_wiki(text):
                yield RecordError(f"{location(source, number)}: {problem}", "markup")
                continue
            about = {name: page.findtext("/".join(f"{{*}}{part}" for part in path.split("/"))) for name, path in _FIELDS.items()}
            found = built(about | {reading.text_field: plain(text)}, reading.text_field)
            yield document(source, found.text, number, found, reading)
    except (ParseError, refused) as error:
        if not data.failed:
            yield SourceError(f"{source.name}: not read on behind page {number:,}: {error or type(error).__name__}", "damaged")
    except OverflowError:
        yield SourceError(f"{source.name}: not read on behind page {number:,}: the next is {over_limit(reading)}", OVER_LIMIT)


def _pages(events: Iterator[tuple[str, Any]]) -> Iterator[Any]:
    """Yields the pages, and frees the memory of each after its turn."""
    root: Any = None
    for event, element in events:
        if event == "start":
            root = element if root is None else root
        elif element.tag.rpartition("}")[2] == "page":
            yield element
            assert root is not None
            root.clear()


class _Since(Iterator[bytes]):
    """An iterator over pieces of a file that counts their bytes since `count` was last set to 0, and raises OverflowError above a limit."""

    def __init__(self, data: Iterator[bytes], limit: int) -> None:
        self.count = 0
        self._data = data
        self._limit = limit

    def __next__(self) -> bytes:
        piece = next(self._data)
        self.count += len(piece)
        if self.count > self._limit + len(piece):
            raise OverflowError
        return piece


def _aside(node: Any) -> bool:
    """Returns whether a part of the markup is a note, a table, or a link to a file or category."""
    tag, title = getattr(node, "tag", None), getattr(node, "title", None)
    return (tag is not None and str(tag).strip().lower() in _NOTES) or (title is not None and _prefixed.match(str(title)) is not None)


def _packages() -> tuple[Any, Any, type[Exception]]:
    try:
        import mwparserfromhell
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import iterparse
    except ImportError as error:
        raise MissingExtraError(error.name or "mwparserfromhell", "wiki", "reading MediaWiki dumps") from None

    def plain(markup: str) -> str:
        code = mwparserfromhell.parse(markup)
        # Those at the top are nearly all, and taking out one that lies deeper takes a search through the whole.
        code.nodes = [node for node in code.nodes if not _aside(node)]
        lines = code.strip_code(normalize=True, collapse=True).split("\n")
        return _residue.sub("", "\n".join(line.strip() for line in lines)).strip()

    return plain, iterparse, DefusedXmlException
