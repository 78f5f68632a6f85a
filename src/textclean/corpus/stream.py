"""Reads and cleans inputs, from their beginning or from a place at which work stopped before.

    read -> errors gathered -> cleaned -> counted

Everything keeps its order, errors too: the counts of a stream are the sum of the counts of its parts, wherever it is cut.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import NamedTuple, TypeAlias, TypeVar

from textclean.api import clean_many
from textclean.config import Config
from textclean.corpus.counts import Counts
from textclean.corpus.sites import Sites
from textclean.document import Cleaned
from textclean.errors import CorpusError, RecordError, SourceError
from textclean.files.sources import Source
from textclean.formats import Begin, Document, End, Event, Reading, read

_log = logging.getLogger("textclean")

Cleaning = Callable[[Iterator[str]], Iterator[Cleaned]]
Other = TypeVar("Other")
CleanEvent: TypeAlias = Begin | End | tuple[Document, Cleaned]
#: Bytes that a source counts for whose size nobody knows.
_UNKNOWN = 64_000_000


class Point(NamedTuple):
    """A place in the inputs.

    Attributes:
        source: the number of an input, from 0.
        line: number of the last record before the place; 0 at the beginning of the input.
    """

    source: int = 0
    line: int = 0


def cleaned_events(
    sources: Sequence[Source], reading: Reading, config: Config, workers: int | None, counts: Counts, sites: Sites | None = None
) -> Iterator[CleanEvent]:
    """Yields the documents of some sources, cleaned, and the events around them. Errors are counted and logged.

    Args:
        sources: the inputs.
        reading: field names and limits.
        config: how texts are cleaned.
        workers: number of threads; None for one a core.
        counts: counts to which those of the documents and errors are added.
        sites: what sites repeat; None without templates.
    """
    with closing(cleaned_from(Point(), sources, reading, config, workers, sites)) as events:
        yield from counted(events, counts)


def cleaned_from(
    point: Point, sources: Sequence[Source], reading: Reading, config: Config, workers: int | None, sites: Sites | None = None
) -> Generator[CleanEvent | Counts, None, None]:
    """Yields the documents of some sources behind a point, cleaned, and the events around them.

    Errors of reading come as counts in their place, and are logged when they are met.
    """
    events: Iterable[Event | Counts] = gathered(read_from(point, sources, reading))
    cleaning = partial(clean_many, config=config, workers=workers, on_error="keep")
    if sites:
        events = following = sites.following(events)
        cleaning = partial(cleaning, site=following.next, templates=sites.templates)
    return cleaned(events, cleaning)


def read_from(point: Point, sources: Sequence[Source], reading: Reading) -> Iterator[Event | CorpusError]:
    """Yields documents, events and errors of some sources behind a point. A source that was begun before gives no `Begin`."""
    for number in range(point.source, len(sources)):
        rest = point.line if number == point.source else 0
        yield from _behind(rest, sources[number], reading) if rest else read(sources[number], reading)


def _behind(line: int, source: Source, reading: Reading) -> Iterator[Event | CorpusError]:
    """Yields what a source holds behind a record, given by its line.

    `End` always comes, even if the file is damaged by now, as `Begin` came before.
    """
    _log.info("%s: going on behind record %s", source.name, f"{line:,}")
    reached = failed = False
    for event in read(source, reading, first=line):
        # A fault of the file comes last, so it was not met before.
        failed = failed or isinstance(event, SourceError)
        if (reached or failed) and not isinstance(event, End):
            yield event
        reached = reached or (isinstance(event, Document) and event.line == line)
    if not reached and not failed:
        yield SourceError(f"{source.name}: has no record {line:,}, and was read up to there before: is it another file now?", "cut-short")
    yield End(source)


def gathered(events: Iterable[Event | CorpusError]) -> Iterator[Event | Counts]:
    """Yields the events, with one count in the place of errors that follow one another.

    So a stream of nothing but errors takes no memory.
    """
    errors: Counts | None = None
    for event in events:
        if isinstance(event, CorpusError):
            errors = errors or Counts()
            errors.skip(event)
            continue
        if errors:
            yield errors
            errors = None
        yield event
    if errors:
        yield errors


def counted(events: Iterable[CleanEvent | Counts], counts: Counts) -> Iterator[CleanEvent]:
    """Yields the events and counts them as they pass. Documents that could not be cleaned are counted as skipped and left out."""
    for event in events:
        if isinstance(event, tuple):
            if event[1].error is not None:
                counts.skip(RecordError(f"{event[0].place}: {event[1].error}", "not-cleaned"))
                continue
            counts.clean(*event)
        elif isinstance(event, Counts):
            counts.add(event)
            continue
        elif isinstance(event, Begin):
            counts.opened += 1
            counts.bytes_in += size_of(event.source) if event.source.path else 0
            _log.debug("%s: begun", event.source.name)
        else:
            _log.debug("%s: done, %s texts so far", event.source.name, f"{counts.documents:,}")
        yield event


def size_of(source: Source) -> int:
    """Returns the size of a file in bytes; a guess for stdin and URLs, 0 for a file that is not there."""
    try:
        return source.path.stat().st_size if source.path else _UNKNOWN
    except OSError:
        return 0


def cleaned(events: Iterable[Document | Other], clean: Cleaning) -> Generator[Other | tuple[Document, Cleaned], None, None]:
    """Yields the events, with each document beside its cleaned text.

    Args:
        events: documents, and any other events between them, which keep their places.
        clean: takes texts and yields as many results in the same order. It may read ahead; what it has read is all that is held here.

    Raises:
        RuntimeError: `clean` yielded fewer results than there were texts.
    """
    waiting: deque[Document | Other] = deque()

    def texts() -> Iterator[str]:
        for event in events:
            waiting.append(event)
            if isinstance(event, Document):
                yield event.text

    for result in clean(texts()):
        while not isinstance(event := waiting.popleft(), Document):
            yield event
        yield event, result
    for event in waiting:
        # A document without its result would be lost without a word.
        if isinstance(event, Document):
            raise RuntimeError(f"{event.place}: no result came for this document")
        yield event
