"""An index of what was seen: `Index`.

It is not made for repeats inside one call alone (`deduplicate` is faster), for near copies that no threshold of Jaccard similarity tells,
or for several machines that write to one file: SQLite's locks don't hold on network file systems.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from textclean._native import Texts
from textclean.checks import check_flag, is_number
from textclean.dedup.duplicates import Duplicates
from textclean.dedup.settings import Unit
from textclean.errors import ConfigError, InputError, picture
from textclean.index import batch, checking, merging, metadata, order, removal
from textclean.index import replay as replaying
from textclean.index.base import BaseIndex
from textclean.index.file import IndexFile
from textclean.index.header import Rules
from textclean.index.store import Store
from textclean.index.tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Documents that are removed together.
_DOCUMENTS = 256
#: The documents that are to be removed.
_REMOVED = {
    "id": "SELECT number, first_unit, units FROM document WHERE id = ? LIMIT ?",
    "source": "SELECT number, first_unit, units FROM document WHERE source = ? LIMIT ?",
    # U+10FFFF is no character, and comes after all that are.
    "prefix": "SELECT number, first_unit, units FROM document WHERE id >= ?1 AND id < ?1 || char(1114111) LIMIT ?2",
    "date": "SELECT number, first_unit, units FROM document WHERE date < ? LIMIT ?",
}

T = TypeVar("T")


class Stats(NamedTuple):
    """Counts of an index.

    Attributes:
        documents: documents in it.
        units: units that took part and are remembered; without removal only those that stay.
        texts: different texts among them.
        kept: texts that stay: the others repeat one of them.
        bytes: size of the file and its log.
    """

    documents: int
    units: int
    texts: int
    kept: int
    bytes: int


class Index(BaseIndex):
    """Paragraphs or documents that were seen, in a file that lasts: what is added is compared with all that was ever added.

    All that it answers is what one `deduplicate` would answer over everything in it, in the order in which it was added. Threads and
    processes of one machine may use one file; what one adds is seen by the others once its call has come back.

    Args:
        path: the file; it is made if it is not there. A file ``…-wal`` beside it belongs to it while it is open.
        unit, threshold, ngram_size, min_words, same_numbers: as for `deduplicate`; None for what the file has, or the defaults of
            `deduplicate` if it is new.
        removable: whether documents can be removed again. Without it the file is smaller: it holds only what stays. None for what the file
            has, or True if it is new.
        read_only: opens a file that is there, to ask it only.
        timeout: seconds to wait for another process that is writing.
        fsync: whether each commit is forced to the disk. Without it a power cut can lose the last ones, and never damages the file.

    Raises:
        ConfigError: an option has a value that it can't have.
        IndexMismatchError: the file has other rules than those asked for, or was made by another tokenizer.
        IndexFileError: the file is no index, is damaged, or can't be opened.

    >>> import tempfile
    >>> wire = "The council voted on Tuesday to close the bridge for repairs until the end of the year."
    >>> with tempfile.TemporaryDirectory() as folder, Index(f"{folder}/seen.db") as index:
    ...     first = index.add([wire], id=["monday/1"])
    ...     second = index.add(["Another page.", wire.upper()], id=["tuesday/1", "tuesday/2"])
    ...     second.dropped.tolist(), second.earlier[0].id, index.seen(wire)
    ([False, True], 'monday/1', True)
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        unit: Unit | None = None,
        threshold: float | None = None,
        ngram_size: int | None = None,
        min_words: int | None = None,
        same_numbers: bool | None = None,
        removable: bool | None = None,
        read_only: bool = False,
        timeout: float = 60.0,
        fsync: bool = True,
    ) -> None:
        if not isinstance(path, (str, os.PathLike)) or not isinstance(os.fspath(path), str) or not os.fspath(path):
            raise ConfigError(f"path={path!r}: the path of a file is needed, e.g. 'seen.db'")
        check_flag("read_only", read_only)
        check_flag("fsync", fsync)
        if not is_number(timeout) or not 0 <= timeout <= 86_400:
            raise ConfigError(f"timeout={timeout!r}: a number of seconds from 0 to 86,400 is needed")
        asked = {
            "unit": unit,
            "threshold": threshold,
            "ngram_size": ngram_size,
            "min_words": min_words,
            "same_numbers": same_numbers,
            "removable": removable,
        }
        self._file = IndexFile(path, asked, read_only=read_only, timeout=timeout, fsync=fsync)

    @property
    def path(self) -> str:
        """The path of the file."""
        return self._file.path

    @property
    def rules(self) -> Rules:
        """By what it compares."""
        return self._file.rules

    @property
    def read_only(self) -> bool:
        """Whether it was opened to be asked only."""
        return self._file.read_only

    def __repr__(self) -> str:
        rules = self.rules
        return f"Index({self.path!r}, unit={rules.unit!r}, threshold={rules.threshold:g}, ngram_size={rules.ngram_size})"

    def close(self) -> None:
        """Closes the file. Nothing that was added is lost without it."""
        self._file.close()

    def add(
        self, docs: Any, *, id: Any = None, source: Any = None, date: Any = None, text: str = "text", replay: bool = False
    ) -> Duplicates:
        """Adds documents, and finds which of their units repeat one that was there before or comes before in them.

        Documents go in by the ten thousand paragraphs; what has gone in stays if the process is killed.

        Args:
            docs: as for `deduplicate`: list of str, list of dict, or a table.
            id: the name of each document, which no other may have: a key or column, or a sequence; None for numbers of the index's own.
            source: where each comes from, for `remove`: likewise; None for nothing.
            date: when each appeared, for `expire`: likewise; str in ISO 8601, date or datetime (UTC unless it says otherwise), or None.
            text: key or column that holds the text.
            replay: whether documents whose ids are there already are answered from the index, if they say the same, and not added again:
                for a run that was broken off. It needs an index with removal.

        Returns:
            The answer of `deduplicate` over all that was ever added, for these documents. Witnesses from before are in
            `Duplicates.earlier`.

        Raises:
            InputError: ids are missing, repeated or there already; or a date can't be read. Nothing was added.
            ConfigError: a key or column is not there.
            IndexFileError: the file can't be written. What an earlier part of `docs` put in stays, and `replay` goes on behind it.
            IndexBusyError: another process wrote to it for longer than `timeout`.
        """
        check_flag("replay", replay)
        if replay and not self.rules.removable:
            raise ConfigError("replay=True needs an index that remembers all units: make it with removable=True")
        return self._add_all(docs, id, source, date, text, partial(self._add, replay=replay))

    def remove(self, id: str | Iterable[str] | None = None, *, source: str | None = None, prefix: str | None = None) -> int:
        """Removes documents: from then on all answers are as if they had never been added. Removed in batches; each is whole.

        What they repeated does not change. What repeated them is decided anew: the next that says the same stays.

        Args:
            id: one id, or several; unknown ones are passed over.
            source: removes all that have this source.
            prefix: removes all whose ids begin so, as those of one run of `clean_corpus` do.

        Returns:
            How many documents were removed.

        Raises:
            ConfigError: not just one of them is given, or the index was made with ``removable=False``.
            IndexFileError: the file can't be written.
        """
        if sum(given is not None for given in (id, source, prefix)) != 1 or prefix == "":
            raise ConfigError("say what to remove: an id, several ids, source=... or prefix=...")
        if source is not None:
            return self._remove("source", [source])
        if prefix is not None:
            return self._remove("prefix", [prefix])
        ids = [id] if isinstance(id, str) else [str(one) for one in id or ()]
        return self._remove("id", list(dict.fromkeys(ids)))

    def expire(self, *, before: Any) -> int:
        """Removes the documents whose date is before a day or a moment; those without a date stay. As `remove` does.

        Args:
            before: str in ISO 8601, date or datetime (UTC unless it says otherwise).

        Returns:
            How many documents were removed.

        Raises:
            InputError: `before` is no date.
            ConfigError: the index was made with ``removable=False``.
            IndexFileError: the file can't be written.
        """
        moment = metadata.seconds(before, "before")
        if moment is None:
            raise InputError("before=None: a day is needed, e.g. before='2026-01-01'")
        return self._remove("date", [moment])

    def merge(self, other: Index) -> int:
        """Adds all documents of another index, in the order in which they were added there; as if their texts were added here.

        Args:
            other: an index with removal and the same rules. Documents whose ids are here already are an error, and nothing is added.

        Returns:
            How many documents were added.

        Raises:
            ConfigError: `other` does not remember all its units, or compares by other rules.
            InputError: an id is in both.
            IndexFileError: a file can't be read or written.
        """
        return merging.merge(self._file, other._file)

    def verify(self) -> list[str]:
        """Looks over the whole file; returns what is wrong with it, nothing if all is well. It reads all of it: a minute a million texts.

        SQLite's own check; that each text has the fingerprint, the size and the keys that its tokens have today, each unit a document and
        a text, each text a unit that says it first; that what stays repeats nothing that stays, and what went has its similarity with a
        text that stays and comes before.

        Raises:
            IndexFileError: the file can't be read at all.
        """
        return checking.verify(self._file)

    def compact(self) -> None:
        """Learns anew which words are common, writes all keys by that, and gives unused room back.

        Answers don't change. Others wait for the file meanwhile.

        Raises:
            IndexFileError: the file can't be written.
        """
        with self._file.writing() as connection:
            order.learn(Tables(self._file, connection), self.rules)
        self._file.vacuum()

    def stats(self) -> Stats:
        """Counts what is in it.

        Raises:
            IndexFileError: the file can't be read.
        """
        with self._file.reading() as connection:
            counts = connection.execute(
                "SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM unit), count(*), count(*) - count(witness) FROM text"
            ).fetchone()
        documents, units, texts, kept = counts
        return Stats(documents, units, texts, kept, self._file.bytes)

    def _read(self, ask: Callable[[Store], T]) -> T:
        with self._file.reading() as connection:
            return ask(Tables(self._file, connection))

    def _add(self, rows: list[batch.Row], units: Texts, part: slice, spans: NDArray[np.int64], replay: bool = False) -> batch.Decided:
        """Adds whole documents in one transaction."""
        chosen = np.arange(part.start, part.stop, dtype=np.uint32)
        with self._file.writing() as connection:
            tables = Tables(self._file, connection)
            there = tables.ids([row.id for row in rows])
            if there and not replay:
                name = next(row.id for row in rows if row.id in there)
                raise InputError(
                    f"the id {picture(name)} is in the index already: remove it first, or say replay=True if it was added by a run that was"
                    " broken off; nothing of this part was added"
                )
            fit = order.keep_fit(tables, self.rules, units, chosen)
            if there:
                decided = replaying.add(tables, self.rules, fit, rows, units, chosen, spans[part], there)
            else:
                decided = batch.add(tables, self.rules, fit, rows, units, chosen, spans[part])
            # In the same transaction: afterwards another process may remove them.
            before = np.setdiff1d(decided.witness[decided.witness >= 0], decided.numbers).tolist()
            return decided._replace(before=dict(zip(before, tables.earlier(before), strict=True)))

    def _remove(self, by: str, values: list[Any]) -> int:
        if not self.rules.removable:
            raise ConfigError(f"{self.path} was made with removable=False and remembers only what stays: build it anew to remove documents")
        count = 0
        for value in values:
            while True:
                with self._file.writing() as connection:
                    rows = connection.execute(_REMOVED[by], (value, _DOCUMENTS)).fetchall()
                    removal.remove(Tables(self._file, connection), self.rules, rows)
                count += len(rows)
                if len(rows) < _DOCUMENTS:
                    break
        return count
