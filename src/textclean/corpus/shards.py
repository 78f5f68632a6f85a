"""Cuts the stream of cleaned documents into shards.

A shard is a stretch of the stream, noted when it is finished, and done again after a kill. It ends behind an input or, if that is a large
one, behind one of its records. Its end depends on the texts alone, so that a resumed run cuts as a run left alone does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from textclean.corpus.counts import Counts
from textclean.corpus.stream import CleanEvent, Point, counted
from textclean.files.sources import Source
from textclean.formats import Begin

#: A shard is full with so many code points of text, documents or inputs: done again in some seconds.
SHARD_TEXT, SHARD_DOCUMENTS, SHARD_SOURCES = 64_000_000, 100_000, 10_000
#: But as large as this part of all that stands before it in any case: a terabyte is some 340 shards, whose files can be open at once.
_SHARE = 50


class Shards:
    """Cuts a stream of cleaned documents into shards.

    Args:
        events: the stream behind `point`, to the end of the inputs.
        point: where the first shard begins.
        numbers: the number of each input, from 0.
        within: whether a shard may end within an input.

    Attributes:
        point: where the last shard ended that was read to its end.
    """

    def __init__(self, events: Iterable[CleanEvent | Counts], point: Point, numbers: Mapping[Source, int], within: bool) -> None:
        self.point = point
        self._events = iter(events)
        self._numbers = numbers
        self._within = within

    @property
    def done(self) -> bool:
        """Whether no document is left."""
        return self.point.source >= len(self._numbers)

    def next(self, counts: Counts, before: Counts) -> Iterator[CleanEvent]:
        """Yields the next shard, which has to be read to its end.

        Args:
            counts: empty counts, to which the shard's are added as it passes.
            before: counts of all shards before it.
        """
        text, documents, sources = _room(before)
        number, line = self.point
        # An input that would fill a shard by itself is cut, and its end not put together with others: so most are in one shard.
        cut, text_cut, documents_cut = line > 0, text, documents
        for event in counted(self._events, counts):
            yield event
            if isinstance(event, tuple):
                if (counts.characters_in >= text_cut or counts.documents >= documents_cut) and self._within and event[0].line:
                    self.point = Point(number, event[0].line)
                    return
            elif isinstance(event, Begin):
                number = self._numbers[event.source]
                text_cut, documents_cut = counts.characters_in + text, counts.documents + documents
            elif cut or counts.characters_in >= text or counts.documents >= documents or counts.opened >= sources:
                self.point = Point(number + 1)
                return
        self.point = Point(len(self._numbers))


def _room(before: Counts) -> tuple[int, int, int]:
    """Returns how many code points, documents and inputs make a full shard."""
    text = max(SHARD_TEXT, before.characters_in // _SHARE)
    documents = max(SHARD_DOCUMENTS, before.documents // _SHARE)
    return text, documents, max(SHARD_SOURCES, before.opened // _SHARE)


def of_whole_inputs(ends: Iterable[Point]) -> list[list[int]]:
    """Groups the numbers of shards so that each group holds whole inputs, given the points at which the shards end.

    >>> of_whole_inputs([Point(2), Point(2, 700), Point(2, 1400), Point(3), Point(5)])
    [[0], [1, 2, 3], [4]]
    """
    groups: list[list[int]] = [[]]
    for number, end in enumerate(ends):
        groups[-1].append(number)
        if not end.line:
            groups.append([])
    return groups[:-1]
