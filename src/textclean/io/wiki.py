"""Articles of MediaWiki dumps (``pages-articles.xml``): the XML is read as it comes, mwparserfromhell takes the markup off.

An article is a page of the main name space that redirects nowhere; its ``id``, ``title`` and ``timestamp`` go along. Entities of the XML's
own making are refused (defusedxml), so a small file can't grow into a huge one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from textclean.errors import CorpusError, MissingExtraError, RecordError, SourceError
from textclean.io.jsonl import built
from textclean.io.records import OVER_LIMIT, Event, Pieces, Reading, Stream, document, over_limit, place
from textclean.io.sources import Source

_FIELDS = {"id": "id", "title": "title", "timestamp": "revision/timestamp"}
#: What is left of tables, and of links to files, once the markup is off.
_residue = re.compile(r"^(?:[|!{}][^\n]{0,2000}|(?:thumb|right|left|\d{1,5}px)\|[^\n]{0,2000})$", re.MULTILINE)


def documents(source: Source, data: Pieces, reading: Reading) -> Iterator[Event | CorpusError]:
    """A document an article; pages are counted from 1, those passed over too.

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
            text = page.findtext("{*}revision/{*}text")
            if page.findtext("{*}ns") != "0" or page.find("{*}redirect") is not None or not text:
                continue
            if len(text) > reading.max_bytes:
                yield RecordError(f"{place(source, number)}: {over_limit(reading)}", OVER_LIMIT)
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
    """The pages; each is forgotten once it was looked at."""
    root: Any = None
    for event, element in events:
        if event == "start":
            root = element if root is None else root
        elif element.tag.rpartition("}")[2] == "page":
            yield element
            assert root is not None
            root.clear()


class _Since(Iterator[bytes]):
    """Pieces of a file, and how many bytes came since somebody last set `count` to 0; too many are an OverflowError."""

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


def _packages() -> tuple[Any, Any, type[Exception]]:
    try:
        import mwparserfromhell
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import iterparse
    except ImportError as error:
        raise MissingExtraError(error.name or "mwparserfromhell", "wiki", "reading MediaWiki dumps") from None

    def plain(markup: str) -> str:
        # Without `skip_style_tags` an unpaired ''' would swallow what follows.
        code = mwparserfromhell.parse(markup, skip_style_tags=False)
        stripped = code.strip_code(normalize=True, collapse=True)
        return _residue.sub("", stripped).strip()

    return plain, iterparse, DefusedXmlException
