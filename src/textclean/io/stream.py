"""Documents through the cleaning and back to where they came from, in order and in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator

from textclean.document import Cleaned
from textclean.errors import CorpusError
from textclean.io.records import Begin, Document, End, Event

Cleaning = Callable[[Iterator[str]], Iterator[Cleaned]]
OnError = Callable[[CorpusError], None]


def cleaned(
    events: Iterable[Event | CorpusError], clean: Cleaning, on_error: OnError
) -> Generator[Begin | End | tuple[Document, Cleaned], None, None]:
    """The events, with each document beside its result.

    Args:
        events: what `read` yields for one source after another.
        clean: takes texts and gives as many results in the same order; it may read ahead, and what it has read is all that is held here.
        on_error: is told each error when it is read, which may be before documents that stand before it come out.
    """
    waiting: deque[Event] = deque()

    def texts() -> Iterator[str]:
        for event in events:
            if isinstance(event, CorpusError):
                on_error(event)
                continue
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
