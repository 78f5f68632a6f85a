"""Documents through the cleaning and back to where they came from, in order and in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TypeVar

from textclean.document import Cleaned
from textclean.io.records import Document

Cleaning = Callable[[Iterator[str]], Iterator[Cleaned]]
Other = TypeVar("Other")


def cleaned(events: Iterable[Document | Other], clean: Cleaning) -> Generator[Other | tuple[Document, Cleaned], None, None]:
    """The events, with each document beside its result.

    Args:
        events: documents, and whatever stands between them and keeps its place.
        clean: takes texts and gives as many results in the same order; it may read ahead, and what it has read is all that is held here.
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
