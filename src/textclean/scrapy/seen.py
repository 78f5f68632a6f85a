"""What was passed on before: decides by an index whether an item repeats others.

The index holds the texts of items that were passed on, and no others: an item that is dropped is not in it, nor is a paragraph that was
taken out. So what goes has a witness that was passed on, whatever is taken out of the index later.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from textclean._native import Texts
from textclean.dedup.duplicates import Duplicates, without_units
from textclean.document import Kind
from textclean.errors import ConfigError, IndexMismatchError
from textclean.files.disk import Disk
from textclean.index import Index
from textclean.scrapy.crawls import Crawl, CrawlFile

logger = logging.getLogger(__name__)


@dataclass
class Verdict:
    """What the index says of an item.

    Attributes:
        texts: what is left of the texts.
        repeats: for each text, the paragraphs that were taken out, as dicts that JSON can hold.
        duplicate_of: the ids of the items that say all that this one says; empty if it says something new.
        ids: the documents of the index that stand for the item; none for a duplicate.
    """

    texts: list[str]
    repeats: list[list[dict[str, Any]]]
    duplicate_of: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


class Seen:
    """An index, used by one crawl.

    Args:
        path: the file of the index; it is made if it is not there.
        crawl: the crawl that uses it.
        min_words: a paragraph of fewer words (tokens) is never taken out, and an item of nothing else is no duplicate.
        paragraphs: whether paragraphs that repeat are taken out of items that say something new.

    Raises:
        ConfigError: the file is an index that was made for something else.
        IndexFileError: the file is no index, is damaged, or can't be written.
    """

    def __init__(self, path: Path, crawl: Crawl, min_words: int, paragraphs: bool) -> None:
        self._crawl = crawl
        self._min_words = min_words
        self._paragraphs = paragraphs
        self._count = 0
        self._settled: deque[str] = deque()
        try:
            # Short lines take part too: an item is a duplicate if its headline was passed on as well. Without fsync a power cut may lose
            # the last commits, and then a few items come again; a kill loses none.
            self._index = Index(path, unit="paragraph", min_words=1, removable=True, fsync=False)
        except IndexMismatchError as error:
            raise ConfigError(f"TEXTCLEAN_INDEX={str(path)!r} was not made by such a crawl: name another file. ({error})") from None
        self._recover(path)
        self._file = CrawlFile.begin(path, crawl)

    def _recover(self, path: Path) -> None:
        """Takes out what crawls that were killed may not have passed on."""
        for file in CrawlFile.killed(path):
            ids = file.expected()
            logger.info("textclean: a crawl was killed, so what it may not have passed on is taken out of the index %s", path)
            if ids is None:
                self._index.remove(source=file.crawl.source)
            else:
                self._index.remove(ids)
            file.end()

    def expire(self, days: float) -> int:
        """Forgets what was passed on more than so many days ago; returns how many texts."""
        return self._index.expire(before=datetime.now(UTC) - timedelta(days=days))

    def decide(self, key: str, texts: list[str]) -> Verdict:
        """Decides on an item, and adds what is left of it. What is added has been committed when this returns.

        Args:
            key: what the item is known by in the next crawl.
            texts: its texts.

        Raises:
            IndexFileError: the file can't be read or written.
        """
        self._flush()
        ids = self._ids(key, len(texts))
        self._file.expect(ids)
        answer = self._answer(key, ids, texts)
        if self._says_nothing_new(answer):
            self._index.remove(ids)
            self._settled.extend(ids)
            return Verdict(texts, [[] for _ in texts], _witnesses(answer))
        if not self._paragraphs or not (gone := self._gone(answer)).any():
            return Verdict(texts, [[] for _ in texts], ids=ids)
        left = [_left(answer, doc, text, gone) for doc, text in enumerate(texts)]
        self._index.remove(ids)
        self._add(ids, left)
        return Verdict(left, [_repeats(answer, doc, gone, key) for doc in range(len(texts))], ids=ids)

    def settle(self, ids: Sequence[str]) -> None:
        """Notes that an item has been through all pipelines; any thread may say so."""
        self._settled.extend(ids)

    def forget(self, ids: Sequence[str]) -> None:
        """Takes an item out again that a later pipeline has not let through."""
        self._index.remove(ids)
        self._settled.extend(ids)

    def units(self) -> int:
        """Counts the paragraphs in the index."""
        return self._index.stats().units

    def close(self) -> None:
        """Closes the index; the crawl has ended as it should."""
        self._index.close()
        self._file.end()

    def _flush(self) -> None:
        if self._settled:
            self._file.settle([self._settled.popleft() for _ in range(len(self._settled))])

    def _ids(self, key: str, count: int) -> list[str]:
        first, self._count = self._count, self._count + count
        return [f"{self._crawl.session}.{number} {key}" for number in range(first, first + count)]

    def _add(self, ids: list[str], texts: list[str]) -> Duplicates:
        now = datetime.now(UTC)
        return self._index.add(texts, id=ids, source=[self._crawl.source] * len(ids), date=[now] * len(ids))

    def _answer(self, key: str, ids: list[str], texts: list[str]) -> Duplicates:
        """Adds an item in the place of what it was before.

        If this job passed it on before it was broken off, it is the same item come again. If another crawl did, and it says something new
        now, it is a page that was changed. Neither repeats itself: what it was goes, and the loop ends when none of it is left.
        """
        while True:
            answer = self._add(ids, texts)
            own = [one for one in answer.earlier if _key(one.id) == key and one.source != self._crawl.source]
            stale = [one.id for one in own if (one.source or "").startswith(f"{self._crawl.job}/")]
            if not stale and not self._says_nothing_new(answer):
                stale = [one.id for one in own]
            if not stale:
                return answer
            self._index.remove([*dict.fromkeys(stale), *ids])

    def _says_nothing_new(self, answer: Duplicates) -> bool:
        """Whether each paragraph that has words repeats another item, and at least one has words enough to tell."""
        words = _words(answer)
        return bool((answer.dropped | (words == 0)).all() and (words >= self._min_words).any())

    def _gone(self, answer: Duplicates) -> Any:
        """Which paragraphs are taken out: those that are long enough and repeat another item, or an earlier one of the same text."""
        doc = answer.unit_doc
        own = answer.witness < len(answer)
        elsewhere = ~own | (doc[np.where(own, answer.witness, 0)] == doc)
        return answer.dropped & elsewhere & (_words(answer) >= self._min_words)


def reset(path: Path) -> None:
    """Deletes an index, and all that stands beside it.

    Raises:
        ConfigError: another crawl is using it.
    """
    if CrawlFile.running(path):
        raise ConfigError(f"textclean_reset: another crawl is using the index {path}: wait for its end, or stop it")
    for file in CrawlFile.killed(path):
        file.end()
    disk = Disk(fsync=False)
    for suffix in ("-wal", "-shm", ""):
        disk.remove(path.with_name(path.name + suffix))


def _key(id: str) -> str:
    return id.partition(" ")[2]


def _words(answer: Duplicates) -> Any:
    """The words of each paragraph: tokens, or stretches between spaces if those are more, as `deduplicate` counts them."""
    units = [answer.text(i) for i in range(len(answer))]
    said = Texts.from_list(units).said(None)
    return np.array([max(len(tokens.split()), len(unit.split()) if tokens else 0) for tokens, unit in zip(said, units, strict=True)], int)


def _witnesses(answer: Duplicates) -> list[str]:
    return list(dict.fromkeys(_key(one.id) for one in answer.earlier))


def _left(answer: Duplicates, doc: int, text: str, gone: Any) -> str:
    mine = answer.unit_doc == doc
    if not gone[mine].any():
        return text
    return without_units(text, answer.unit_span[mine].tolist(), gone[mine].tolist())


def _repeats(answer: Duplicates, doc: int, gone: Any, key: str) -> list[dict[str, Any]]:
    """Describes what was taken out of a text, as runs over files do: spans count code points of the clean text."""
    found = []
    for unit in np.flatnonzero(gone & (answer.unit_doc == doc)).tolist():
        start, end = answer.unit_span[unit].tolist()
        witness, score = int(answer.witness[unit]), float(answer.similarity[unit])
        if witness < len(answer):
            place = {"id": key, "span": answer.unit_span[witness].tolist()}
        else:
            earlier = answer.earlier[witness - len(answer)]
            place = {"id": _key(earlier.id), "span": list(earlier.span)}
        kind = Kind.REPEAT_EXACT if score == 1 else Kind.REPEAT_NEAR
        says = {"start": start, "end": end, "kind": str(kind), "rule": "across", "score": score, "text": answer.text(unit)}
        found.append(says | {"witness": place})
    return found
