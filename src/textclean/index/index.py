"""An index of what was seen: `Index`.

It is not made for repeats inside one call alone (`deduplicate` is faster), for near copies that no threshold of Jaccard similarity tells, or for
several machines that write to one file: SQLite's locks don't hold on network file systems.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textclean._native import Texts
from textclean.checks import check_flag, check_whole, exact_str, is_number
from textclean.dedup.documents import Documents, read_documents
from textclean.dedup.duplicates import Duplicates, Earlier, Effort, Found, unit_doc, unit_span
from textclean.dedup.settings import Settings, Unit
from textclean.errors import ConfigError, InputError, picture
from textclean.index import asking, batch, checking, order, removal
from textclean.index import replay as replaying
from textclean.index.dates import seconds
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

    @property
    def read_only(self) -> bool:
        """Whether it was opened to be asked only."""
        return self._file.read_only

    @property
    def settings(self) -> Settings:
        """By what it compares, as `Duplicates.settings` has it."""
        return self.rules.settings

    def __repr__(self) -> str:
        rules = self.rules
        return f"Index({self.path!r}, unit={rules.unit!r}, threshold={rules.threshold:g}, ngram_size={rules.ngram_size})"

    def __len__(self) -> int:
        """Counts the documents."""
        with self._file.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM document").fetchone()[0])

    def __bool__(self) -> bool:
        """Is true of an empty index too: it is there."""
        return True

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

    def add(self, docs: Any, *, id: Any = None, source: Any = None, date: Any = None, text: str = "text", replay: bool = False) -> Duplicates:
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

    def compare(self, docs: Any, *, id: Any = None, source: Any = None, text: str = "text") -> Duplicates:
        """Gives the answer that `add` would give, and adds nothing.

        Args:
            docs: as for `deduplicate`.
            id: key or column to carry into `Duplicates.records` and `Duplicates.to_arrow`; None for none.
            source: another one.
            text: key or column that holds the text.

        Raises:
            ConfigError: a key or column is not there.
            IndexFileError: the file can't be read.
        """
        documents = read_documents(docs, text)
        columns = {"id": id if isinstance(id, str) else None, "source": source if isinstance(source, str) else None}
        for name in columns.values():
            if name is not None:
                documents.column(name)
        units = documents.texts.paragraphs() if self.rules.unit == "paragraph" else documents.texts
        with self._file.reading() as connection:
            found, before = asking.compare(connection, self.rules, self._file.order(connection), units)
            earlier = _earlier(connection, before)
        return Duplicates(documents, units, self.rules.settings, found, columns["id"], columns["source"], earlier)

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
            return self._remove("source = ?", [[source]])
        if prefix is not None:
            # U+10FFFF is no character, and comes after all that are.
            return self._remove("id >= ? AND id < ?", [[prefix, f"{prefix}\U0010ffff"]])
        ids = [id] if isinstance(id, str) else [str(one) for one in id or ()]
        return self._remove("id = ?", [[one] for one in dict.fromkeys(ids)])

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
        moment = seconds(before, "before")
        if moment is None:
            raise InputError("before=None: a day is needed, e.g. before='2026-01-01'")
        return self._remove("date < ?", [[moment]])

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
        return checking.merge(self._file, other._file)

    def verify(self) -> list[str]:
        """Looks over the whole file; returns what is wrong with it, nothing if all is well. It reads all of it: a minute a million texts.

        SQLite's own check; that each text has the fingerprint, the size and the keys that its tokens have today, each unit a document and a text,
        each text a unit that says it first; that what stays repeats nothing that stays, and what went has its similarity with a text that
        stays and comes before.

        Raises:
            IndexFileError: the file can't be read at all.
        """
        return checking.verify(self._file)

    def compact(self) -> None:
        """Learns anew which words are common, writes all keys by that, and gives unused room back. Answers don't change; it takes the file for as long.

        Raises:
            IndexFileError: the file can't be written.
        """
        with self._file.writing() as connection:
            order.learn(connection, self.rules)
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
        return Stats(*counts, self._file.bytes)

    def _units(self, text: str) -> Texts:
        texts = Texts.from_list([exact_str(text)])
        return texts.paragraphs() if self.rules.unit == "paragraph" else texts

    def _rows(self, documents: Documents, units: Texts, id: Any, source: Any, date: Any) -> list[batch.Row]:
        """Reads what is said of documents, and checks it before anything is written."""
        count = len(documents)
        per_document = np.bincount(unit_doc(units), minlength=count).tolist() if count else []
        ids = _values(documents, "id", id)
        if id is None:
            with self._file.reading() as connection:
                (last,) = connection.execute("SELECT ifnull(max(number), 0) FROM document").fetchone()
            ids = [f"#{os.urandom(4).hex()}-{last + at}" for at in range(1, count + 1)]
        missing = next((at for at, value in enumerate(ids) if not isinstance(value, (str, int)) or isinstance(value, bool) or value == ""), None)
        if missing is not None:
            raise InputError(f"document {missing:,} has the id {picture(ids[missing])}: a str or int is needed; nothing was added")
        names = [str(value) for value in ids]
        if len(set(names)) < len(names):
            seen: set[str] = set()
            twice = next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
            raise InputError(f"the id {picture(twice)} stands twice among the documents: name each otherwise; nothing was added")
        sources = [None if value is None else str(value) for value in _values(documents, "source", source)]
        dates = [seconds(value, f"document {at:,}: date") for at, value in enumerate(_values(documents, "date", date))]
        return [batch.Row(*row) for row in zip(names, sources, dates, per_document, strict=True)]

    def _add(
        self, rows: list[batch.Row], units: Texts, part: slice, spans: NDArray[np.int64], replay: bool
    ) -> tuple[batch.Decided, list[Earlier]]:
        """Adds whole documents in one transaction, and reads the witnesses from before in the same: afterwards they may be removed."""
        chosen = np.arange(part.start, part.stop, dtype=np.uint32)
        with self._file.writing() as connection:
            there = {id for (id,) in select(connection, "SELECT id FROM document WHERE id IN ({})", [row.id for row in rows])}
            if there and not replay:
                name = next(row.id for row in rows if row.id in there)
                raise InputError(
                    f"the id {picture(name)} is in the index already: remove it first, or say replay=True if it was added by a run that was"
                    " broken off; nothing of this part was added"
                )
            fit = order.keep_fit(self._file, connection, units, chosen)
            if there:
                decided = replaying.add(connection, self.rules, fit, rows, units, chosen, spans[part], there)
            else:
                decided = batch.add(connection, self.rules, fit, rows, units, chosen, spans[part])
            before = np.setdiff1d(decided.witness[decided.witness >= 0], decided.numbers)
            return decided, _earlier(connection, before.tolist())

    def _answer(
        self, documents: Documents, units: Texts, added: list[tuple[batch.Decided, list[Earlier]]], columns: dict[str, str | None]
    ) -> Duplicates:
        """Numbers witnesses as the caller does: first the units of the call, then those from before."""
        count, parts = len(units), [part for part, _ in added]
        number = np.concatenate([part.numbers for part in parts]) if parts else np.zeros(0, np.int64)
        witness = np.concatenate([part.witness for part in parts]) if parts else np.zeros(0, np.int64)
        similarity = np.concatenate([part.similarity for part in parts]) if parts else np.zeros(0)
        by_number = np.argsort(number)
        at = np.searchsorted(number, witness, sorter=by_number)
        place = by_number[np.minimum(at, count - 1)] if count else at
        own = (at < count) & (number[place] == witness) if count else at < 0
        before = np.unique(witness[(witness >= 0) & ~own])
        known = {unit.number: unit for _, some in added for unit in some}
        earlier = [known[number] for number in before.tolist()]
        shown = np.where(own, place, count + np.searchsorted(before, witness))
        shown[witness < 0] = -1
        exempt = sum(part.exempt for part in parts)
        found = Found(shown.astype(np.int64), similarity, Effort(exempt, count - exempt, 0, 0))
        return Duplicates(documents, units, self.rules.settings, found, columns["id"], columns["source"], earlier, number)

    def _remove(self, condition: str, values: list[list[Any]]) -> int:
        if not self.rules.removable:
            raise ConfigError(f"{self.path} was made with removable=False and remembers only what stays: build it anew to remove documents")
        count = 0
        for value in values:
            while True:
                with self._file.writing() as connection:
                    rows = connection.execute(
                        f"SELECT number, first_unit, units FROM document WHERE {condition} LIMIT {_DOCUMENTS}", value
                    ).fetchall()
                    removal.remove(connection, self.rules, self._file.order(connection), rows)
                count += len(rows)
                if len(rows) < _DOCUMENTS:
                    break
        return count


def _parts(units: list[int]) -> Iterator[tuple[slice, slice]]:
    """Cuts documents into parts that go in together; yields which documents, and which units."""
    doc = unit = 0
    while doc < len(units):
        start, first, count = doc, unit, 0
        while doc < len(units) and (doc == start or count + units[doc] <= _UNITS):
            count += units[doc]
            doc += 1
        unit = first + count
        yield slice(start, doc), slice(first, unit)


def _values(documents: Documents, name: str, given: Any) -> list[Any]:
    """One value for each document: of a key or column, or of a sequence."""
    if given is None:
        return [None] * len(documents)
    if isinstance(given, str):
        return list(documents.column(given))
    if not isinstance(given, Sequence) and not hasattr(given, "__array__"):
        raise ConfigError(f"{name}={picture(given)}: the name of a key or column is needed, or one value for each document")
    values = list(given)
    if len(values) != len(documents):
        raise InputError(f"{name} has {len(values):,} values, and there are {len(documents):,} documents; nothing was added")
    return values


def _earlier(connection: sqlite3.Connection, units: list[int]) -> list[Earlier]:
    """Units of the index by number, in that order."""
    rows = select(
        connection,
        "SELECT unit.number, document.id, source, date, start, end, said FROM unit JOIN document ON document.number = unit.document"
        " JOIN text ON text.number = unit.text WHERE unit.number IN ({})",
        units,
    )
    rows.sort()
    return [Earlier(id, source, date, (start, end), unpacked(said), number) for number, id, source, date, start, end, said in rows]
