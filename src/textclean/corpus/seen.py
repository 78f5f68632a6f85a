"""Compares the clean texts of a run with an index of what earlier runs have seen, and adds them to it.

The index decides, document by document in the order of the run, so the answer is that of one comparison over all that was ever added to it.
Documents go in by ids that begin with a name of the run. A run that was broken off has the same name when it is resumed, so what it had
added is answered as before and not added twice; another run has another name, and finds all of this one.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from textclean.corpus.decide import Answer
from textclean.corpus.memory import MemoryEstimate
from textclean.corpus.request import IndexOptions, Request
from textclean.corpus.spool import SpooledShard
from textclean.corpus.witnesses import Witnesses
from textclean.dedup.duplicates import Duplicates
from textclean.errors import ConfigError
from textclean.files.disk import Disk
from textclean.files.escapes import storable
from textclean.formats.across import DocumentPlace
from textclean.index import Index

if TYPE_CHECKING:
    from numpy.typing import NDArray

_log = logging.getLogger("textclean")
#: Documents that are added together, and code points of them: the more, the less each costs.
_DOCUMENTS, _CHARACTERS = 1 << 14, 1 << 24
#: Units that an index holds in memory at once, about.
_UNITS = 1 << 15


def opened(options: IndexOptions, fsync: bool) -> Index:
    """Opens the index of a run; it is made if it is not there.

    Raises:
        ConfigError: it does not remember all its units, so a run could not go on with it.
        IndexFileError: it has other rules than those asked for, is none, or can't be opened.
    """
    index = Index(options.path, fsync=fsync, **options.asked)
    if not index.rules.removable:
        index.close()
        raise ConfigError(
            f"index={options.path!r}: was made with removable=False and remembers only what stays: a run that is broken off could"
            " not go on; use an index with removal"
        )
    return index


def comparing_as(index: Index, request: Request) -> Request:
    """Returns a request that says how the index compares."""
    assert request.comparing
    rules = index.rules
    how = replace(request.comparing, threshold=rules.threshold, min_words=rules.min_words, same_numbers=rules.same_numbers)
    return replace(request, comparing=how)


def run_name() -> str:
    """Returns a name for a run that no other has: when it began, in UTC, and something random."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def forget(entry: Mapping[str, Any]) -> None:
    """Takes out of an index what a run had added that was broken off and is discarded: nobody has what it left.

    Args:
        entry: what the journal of that run says of its index.

    Raises:
        IndexFileError: the index can't be written.
    """
    if os.path.exists(entry["path"]):
        with Index(entry["path"]) as index:
            count = index.remove(prefix=f"{entry['run']}/")
        if count:
            _log.info("index %s: took out %s documents of the run that is discarded", entry["path"], f"{count:,}")


@dataclass(frozen=True)
class _Named:
    """A document on its way into the index.

    Attributes:
        text: its clean text.
        place: file, line, id and source, as members of a JSON object.
    """

    text: str
    place: str

    @cached_property
    def _members(self) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(f"{{{self.place}}}", parse_int=str, parse_float=str)
        return members

    @property
    def id(self) -> str:
        """The value of the field of ids; file and line, if there is none."""
        return _plain(self._members["id"]) or self.where

    @property
    def source(self) -> str | None:
        """The value of the field of sources, if there is one."""
        return _plain(self._members["source"])

    @property
    def where(self) -> str:
        """File and line."""
        return _plain(DocumentPlace(self.place).name) or ""


def _plain(value: Any) -> str | None:
    """Returns a name as an index can hold it."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return storable(text)


class _Ids:
    """Gives each document of a run an id in the index: the run's name, and the document's id, or its file and line if it has none.

    Ids that come twice in a run have file and line behind them. Which do is found out before: eight bytes a document.
    """

    def __init__(self, run: str, shards: Sequence[SpooledShard]) -> None:
        self._run = run
        hashes = array("q", (_hash(document.id) for document in _documents(shards, texts=False)))
        values, counts = np.unique(np.frombuffer(hashes, np.int64), return_counts=True)
        self._twice = set(values[counts > 1].tolist())

    def __call__(self, document: _Named) -> str:
        more = f" {document.where}" if _hash(document.id) in self._twice else ""
        return f"{self._run}/{document.id}{more}"


def _hash(id: str) -> int:
    """Hashes an id, in every process alike."""
    return int.from_bytes(blake2b(id.encode(), digest_size=8).digest(), "little", signed=True)


def _documents(shards: Sequence[SpooledShard], texts: bool = True) -> Iterator[_Named]:
    return (_Named(text, place) for shard in shards for text, place in shard.documents(texts))


def decide(index: Index, name: str, began: int, shards: Sequence[SpooledShard], kept: Path, need: MemoryEstimate, disk: Disk) -> Answer:
    """Adds the clean texts to the index, and returns which of their units go.

    Args:
        index: the index.
        name: the name of the run, see `run_name`.
        began: when the run began, seconds since 1970 in UTC: the date of its documents.
        shards: the clean texts, in order.
        kept: a file to which witnesses from before are written.
        need: estimates the memory that comparing takes.
        disk: writes that file; whoever gives it settles it.

    Raises:
        IndexFileError: the index can't be written.
        OutputError: the spool or the file can't be written.
        MemoryLimitError: comparing needs more memory than it may have.
    """
    need.check_at_once(_UNITS)
    date = datetime.fromtimestamp(began, UTC)
    ids, stream = _Ids(name, shards), _documents(shards)
    gathered = _Gathered()
    with Witnesses(kept, disk) as witnesses:
        while some := _next(stream):
            found = index.add(
                [document.text for document in some],
                id=[ids(document) for document in some],
                source=[document.source for document in some],
                date=[date] * len(some),
                replay=True,
            )
            gathered.add(found, len(some))
            witnesses.add(known for known in found.earlier if not known.id.startswith(f"{name}/"))
    return gathered.answer(witnesses.numbers)


def _next(stream: Iterator[_Named]) -> list[_Named]:
    """Takes the documents that are added next; none at the end."""
    some: list[_Named] = []
    characters = 0
    for document in islice(stream, _DOCUMENTS):
        some.append(document)
        characters += len(document.text)
        if characters >= _CHARACTERS:
            break
    return some


class _Gathered:
    """The answers for the parts of a run, by the numbers of units in the index: those of one run ascend unless some were removed."""

    def __init__(self) -> None:
        self._numbers, self._witness = array("q"), array("q")
        self._gone, self._doc_units = array("q"), array("q")
        self._similarity = array("d")

    def add(self, found: Duplicates, documents: int) -> None:
        """Adds the answer for some documents."""
        assert found.numbers is not None
        at = np.flatnonzero(found.dropped)
        everywhere = np.concatenate([found.numbers, np.array([known.number for known in found.earlier], np.int64)])
        self._gone.frombytes((len(self._numbers) + at).astype(np.int64).tobytes())
        self._witness.frombytes(everywhere[found.witness[at]].tobytes())
        self._similarity.frombytes(found.similarity[at].astype(np.float64).tobytes())
        self._numbers.frombytes(found.numbers.tobytes())
        self._doc_units.frombytes(np.bincount(found.unit_doc, minlength=documents).astype(np.int64).tobytes())

    def answer(self, seen: NDArray[np.int64]) -> Answer:
        """Numbers units as the run does: first its own, then, in the order of `seen`, those from before."""
        numbers, witness = np.frombuffer(self._numbers, np.int64), np.frombuffer(self._witness, np.int64)
        known = np.concatenate([numbers, seen])
        # Of a unit that was written twice the first place counts.
        order = np.argsort(known, kind="stable")
        place = order[np.searchsorted(known, witness, sorter=order)]
        return Answer(
            np.frombuffer(self._gone, np.int64).astype(np.uint32),
            place.astype(np.uint32),
            np.frombuffer(self._similarity, np.float64),
            np.frombuffer(self._doc_units, np.int64).astype(np.uint32),
        )
