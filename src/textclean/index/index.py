"""An index of what was seen: `Index`.

It is not made for repeats inside one call alone (`deduplicate` is faster), for near copies that no threshold of Jaccard similarity tells,
or for several machines that write to one file: SQLite's locks don't hold on network file systems.
"""

from __future__ import annotations

import asyncio
import datetime
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from datetime import date as Date
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textclean._native import Texts
from textclean.checks import check_flag, exact_str, is_number
from textclean.dedup.documents import Documents, read_documents
from textclean.dedup.duplicates import Duplicates, Earlier, Effort, Found, unit_doc, unit_span
from textclean.dedup.settings import Unit
from textclean.errors import ConfigError, InputError, picture
from textclean.index import batch, checking, order, removal
from textclean.index import replay as replaying
from textclean.index.file import IndexFile, select
from textclean.index.header import Rules
from textclean.index.similar import candidates, keyed, similarity, unpacked

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

#: Units that go in together, at most, unless one document has more: what is committed is whole documents.
_UNITS = 1 << 15
#: Documents that are removed together.
_DOCUMENTS = 256
#: The documents that are to be removed.
_REMOVED = {
    "id": "SELECT number, first_unit, units FROM document WHERE id = ? LIMIT ?",
    "source": "SELECT number, first_unit, units FROM document WHERE source = ? LIMIT ?",
    "date": "SELECT number, first_unit, units FROM document WHERE date < ? LIMIT ?",
}
#: Documents of a stream that are added together.
_STREAM = 1024


class Match(NamedTuple):
    """A unit of an index that a unit of a text repeats.

    Attributes:
        span: the unit of the text, ``[start, end)`` in code points.
        id: the document that has the unit of the index.
        source: where that comes from; None if nobody said.
        date: of that document, seconds since 1970 in UTC; None if nobody said.
        witness_span: where the unit stands in it.
        similarity: exact Jaccard similarity.
    """

    span: tuple[int, int]
    id: str
    source: str | None
    date: int | None
    witness_span: tuple[int, int]
    similarity: float


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


class Index:
    """Paragraphs or documents that were seen, in a file that lasts: what is added is compared with all that was ever added.

    All that it answers is what one `deduplicate` would answer over everything in it, in the order in which it was added. Several threads and
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

    def __repr__(self) -> str:
        rules = self.rules
        return f"Index({self.path!r}, unit={rules.unit!r}, threshold={rules.threshold:g}, ngram_size={rules.ngram_size})"

    def __len__(self) -> int:
        """Counts the documents."""
        with self._file.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM document").fetchone()[0])

    def __contains__(self, id: object) -> bool:
        """Whether a document with such an id is in it."""
        with self._file.reading() as connection:
            return connection.execute("SELECT 1 FROM document WHERE id = ?", (str(id),)).fetchone() is not None

    def __enter__(self) -> Index:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

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
        documents = read_documents(docs, text)
        units = documents.texts.paragraphs() if self.rules.unit == "paragraph" else documents.texts
        rows = self._rows(documents, units, id, source, date)
        spans = unit_span(units)
        parts = [self._add(rows[docs_of], units, slice_of, spans, replay) for docs_of, slice_of in _parts([row.units for row in rows])]
        columns = {"id": id if isinstance(id, str) else None, "source": source if isinstance(source, str) else None}
        return self._answer(documents, units, parts, columns)

    def add_many(self, docs: Iterable[Any], **how: Any) -> Iterator[Duplicates]:
        """Adds a stream of documents, a thousand at a time; yields the answer for each thousand. Takes what `add` takes, but sequences.

        Raises:
            ConfigError: `id`, `source` or `date` is a sequence, and no key.
        """
        for name in ("id", "source", "date"):
            if how.get(name) is not None and not isinstance(how[name], str):
                raise ConfigError(f"{name}={picture(how[name])}: of a stream the name of a key is needed")
        stream = iter(docs)
        while some := list(islice(stream, _STREAM)):
            yield self.add(some, **how)

    def find(self, text: str) -> list[Match]:
        """Finds what the units of a text repeat, and adds nothing.

        Args:
            text: a document.

        Returns:
            All units of the index that stay and reach the threshold with one of the text, by the units of the text, then in the order in
            which they were added.

        Raises:
            NotTextError: `text` is no str.
            IndexFileError: the file can't be read.
        """
        units = self._units(text)
        spans = unit_span(units).tolist()
        matches = []
        with self._file.reading() as connection:
            found = keyed(units, None, self._file.order(connection), self.rules.settings)
            part = [at for at, fingerprint in enumerate(found.fingerprints) if fingerprint is not None]
            for at, near in zip(part, candidates(connection, found, np.array(part, np.int64), self.rules.threshold), strict=True):
                for known in near:
                    if known.witness is None and (share := similarity(known, units.get(at), self.rules.settings)) is not None:
                        (earlier,) = _earlier(connection, [known.first])
                        span = (spans[at][0], spans[at][1])
                        matches.append(Match(span, earlier.id, earlier.source, earlier.date, earlier.span, share))
        return matches

    def seen(self, text: str) -> bool:
        """Whether all units of a text that are long enough repeat one of the index, and at least one is.

        Raises:
            NotTextError: `text` is no str.
            IndexFileError: the file can't be read.
        """
        units = self._units(text)
        with self._file.reading() as connection:
            found = keyed(units, None, self._file.order(connection), self.rules.settings)
            part = {fingerprint: at for at, fingerprint in enumerate(found.fingerprints) if fingerprint is not None}
            known = {row[0] for row in select(connection, "SELECT fingerprint FROM fingerprint WHERE fingerprint IN ({})", list(part))}
            rest = np.array(sorted(at for fingerprint, at in part.items() if fingerprint not in known), np.int64)
            near = candidates(connection, found, rest, self.rules.threshold) if len(rest) else []
        settings = self.rules.settings
        return bool(part) and all(
            any(text.witness is None and similarity(text, units.get(at), settings) is not None for text in some)
            for at, some in zip(rest.tolist(), near, strict=True)
        )

    async def aadd(self, docs: Any, **how: Any) -> Duplicates:
        """Does what `add` does in a thread, so that the event loop stays free."""
        return await asyncio.to_thread(lambda: self.add(docs, **how))

    async def afind(self, text: str) -> list[Match]:
        """Does what `find` does in a thread, so that the event loop stays free."""
        return await asyncio.to_thread(self.find, text)

    async def aseen(self, text: str) -> bool:
        """Does what `seen` does in a thread, so that the event loop stays free."""
        return await asyncio.to_thread(self.seen, text)

    def remove(self, id: str | Iterable[str] | None = None, *, source: str | None = None) -> int:
        """Removes documents: from then on all answers are as if they had never been added. Removed in batches; each is whole.

        What they repeated does not change. What repeated them is decided anew: the next that says the same stays.

        Args:
            id: one id, or several; unknown ones are passed over.
            source: removes all that have this source.

        Returns:
            How many documents were removed.

        Raises:
            ConfigError: neither or both are given, or the index was made with ``removable=False``.
            IndexFileError: the file can't be written.
        """
        if (id is None) == (source is None):
            raise ConfigError("say what to remove: an id, several ids, or source=...")
        if source is not None:
            return self._remove("source", [source])
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
        moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(moment, datetime.date) and not isinstance(moment, datetime.datetime):
            moment = datetime.datetime(moment.year, moment.month, moment.day)
        if not isinstance(moment, datetime.datetime):
            raise TypeError
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        return int(moment.timestamp())
    except (ValueError, TypeError, OverflowError):
        raise InputError(
            f"{name} {picture(value)} is no date: use ISO 8601 ('2026-11-29', '2026-11-29T12:30+01:00'), date or datetime"
        ) from None


def _earlier(connection: sqlite3.Connection, units: list[int]) -> list[Earlier]:
    """Units of the index by number, in that order."""
    rows = select(
        connection,
        "SELECT unit.number, document.id, source, date, start, end, said FROM unit JOIN document ON document.number = unit.document"
        " JOIN text ON text.number = unit.text WHERE unit.number IN ({})",
        units,
    )
    rows.sort()
    return [Earlier(id, source, date, (start, end), unpacked(said)) for _, id, source, date, start, end, said in rows]
