"""From documents to templates: reads a corpus once, in its order, and counts what each source repeats.

Documents are split and repaired as `clean` does it, so that the lines counted are those that cleaning will see. The counting is native
(`rust/src/sites/learn.rs`); it holds some ``memory_mb`` MB at most, whatever the corpus.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from textclean import _native, plan
from textclean.config import Config, resolve
from textclean.documents import arrow_producer, refuse_single
from textclean.errors import ConfigError, InputError, MissingExtraError, NotTextError
from textclean.evidence import Line, Site, Thresholds, When, is_quoting, mask
from textclean.normalize import repair
from textclean.split import split
from textclean.templates import Templates, source_name

#: Documents that go through the native half together, at most.
_LOT_TEXTS = 64
_LOT_CODE_POINTS = 1 << 20

#: Text, source and date of a document.
_Item = tuple[str, str | None, str | None]


def learn_templates(
    docs: Any,
    *,
    source: str | Callable[[Any], str | None],
    text: str = "text",
    date: str | None = None,
    documents: int = Thresholds.documents,
    share: float = Thresholds.share,
    inside_documents: int = Thresholds.inside_documents,
    inside_share: float = Thresholds.inside_share,
    memory_mb: float = 512,
    config: Config | None = None,
) -> Templates:
    r"""Learns which lines each source repeats on its pages, from documents that tell different stories.

    Digits, dates, addresses and handles do not count, nor do case and punctuation. A line at the end or the beginning of pages needs few
    documents; one in the middle needs many, and a good share of them.

    Args:
        docs: an iterable of str or of mappings, read once and not held, or a table that has ``__arrow_c_stream__``.
        source: where a document comes from: a key of the mappings or a column of the table; a callable that takes a document (of a
            table: a row as a dict); for str, one name for all. Of a URL the host counts. A document without a source teaches nothing.
        text: the key or column that holds the text.
        date: a key or column with dates, as ISO strings or `datetime.date`: then `Entry.first` and `last` are dates.
        documents: documents of a source that a template needs at least.
        share: share of the source's documents that it needs.
        inside_documents: documents that it needs if it stands in the middle of them.
        inside_share: share of them that it then needs.
        memory_mb: what lines and pages may take, about, of all sources together; beyond it the largest sources forget what they saw least
            and longest ago. `Site.short` says by how much their counts may then be short.
        config: how texts are split and repaired; that with which they will be cleaned.

    Raises:
        NotTextError: a text is not a str.
        InputError: a document has no such key; a source is not a str.
        ConfigError: a value is out of its range.

    >>> pages = [f"{story}\n\nSend a tip to the news team at NR." for story in _STORIES]
    >>> learned = learn_templates(pages, source="https://nr.example/")
    >>> [(entry.documents, entry.place, entry.samples[0]) for entry in learned.entries("nr.example")]
    [(5, 'bottom', 'Send a tip to the news team at NR.')]
    """
    thresholds = Thresholds(documents, share, inside_documents, inside_share)
    if not isinstance(memory_mb, (int, float)) or isinstance(memory_mb, bool) or not 0.1 <= memory_mb <= 1e6:
        raise ConfigError(f"memory_mb={memory_mb!r}: a number from 0.1 to 1,000,000 is needed")
    ready = plan.plan(resolve(config, {}))
    learner = _native.Learner(int(memory_mb * 1_000_000))
    count = 0
    for lot in _lots(_items(docs, text, source, date)):
        texts, sources, dates = map(list, zip(*lot, strict=True))
        state = plan.Run(split(texts, ready))
        repair(state, ready)
        learner.add(state.batch, sources, dates)
        count += len(lot)
    sites = {name: Site(seen, short, _lines(learner, name, date is not None)) for name, seen, short in learner.sources()}
    return Templates(thresholds, date is not None, count, sites)


#: For the doctest.
_STORIES = (
    "The ferry was cancelled for a third day because of high winds.",
    "Schools will open two hours late while roads are being cleared.",
    "A new library was opened in the old customs house by the river.",
    "Farmers expect the smallest harvest of apples in twenty years.",
    "The council has set money aside to repair the mill wall in May.",
)


def _lines(learner: _native.Learner, source: str, dated: bool) -> dict[str, Line]:
    rows = learner.lines(source)
    quoting = [is_quoting(row[-1][0]) for row in rows]
    lines: dict[str, Line] = {}
    for i, (documents, first, last, least, greatest, (top, inside, bottom), beside, samples) in enumerate(rows):
        # A teaser of another story, shown on many pages, comes with its headline or its author; on the story's own page it is the article.
        story = quoting[i] or any(quoting[other] for other in beside if other is not None)
        seen: tuple[When, When] = (least, greatest) if dated else (first, last)
        masked = mask(samples[0])
        assert masked is not None
        lines[masked] = Line(documents, top, inside, bottom, seen[0], seen[1], story, tuple(samples))
    return lines


def _lots(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    lot: list[_Item] = []
    size = 0
    for item in items:
        lot.append(item)
        size += len(item[0])
        if len(lot) >= _LOT_TEXTS or size >= _LOT_CODE_POINTS:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot


def _items(docs: Any, text: str, source: str | Callable[[Any], str | None], date: str | None) -> Iterator[_Item]:
    """Text, source and date of each document."""
    if not isinstance(source, str) and not callable(source):
        raise ConfigError(f"source={source!r}: a key, a column, a name for all, or a callable is needed")
    refuse_single(docs)
    table = arrow_producer(docs)
    if table is None and not isinstance(docs, Iterable):
        raise InputError(f"expected documents, got {type(docs).__name__}: pass an iterable of str or of dict, or a table")
    for position, doc in enumerate(docs if table is None else _rows(table, text, source, date)):
        body = _value(position, doc, text) if isinstance(doc, Mapping) else doc
        if not isinstance(body, str):
            raise NotTextError(body)
        yield body, _source(position, doc, source), _date(position, doc, date)


def _value(position: int, doc: Mapping[str, Any], name: str) -> Any:
    if name not in doc:
        raise InputError(f"document {position:,} has no {name!r}, it has {', '.join(map(repr, doc)) or 'nothing'}")
    return doc[name]


def _source(position: int, doc: Any, source: str | Callable[[Any], str | None]) -> str | None:
    if isinstance(source, str):
        # A URL is nobody's key.
        found = _value(position, doc, source) if isinstance(doc, Mapping) and "://" not in source else source
    else:
        found = source(doc)
    if found is not None and not isinstance(found, str):
        raise InputError(f"document {position:,} has the source {found!r}: a str, or None if it has none, is needed")
    return source_name(found) if found else None


def _date(position: int, doc: Any, date: str | None) -> str | None:
    if date is None:
        return None
    if not isinstance(doc, Mapping):
        raise ConfigError(f"date={date!r} was asked for, but the documents are plain str: pass dicts or a table")
    found = _value(position, doc, date)
    if isinstance(found, datetime.date):
        return found.isoformat()
    if found is not None and not isinstance(found, str):
        raise InputError(f"document {position:,} has the date {found!r}: an ISO string, a datetime.date or None is needed")
    return found.encode("utf-8", "replace").decode() if found else None


def _rows(table: Any, text: str, source: str | Callable[[Any], str | None], date: str | None) -> Iterator[dict[str, Any]]:
    """The rows of a table, a batch at a time; only the columns that are asked for, if a callable does not need all."""
    try:
        import pyarrow
    except ImportError:
        raise MissingExtraError("pyarrow", "arrow", "learning from a table") from None
    reader = pyarrow.RecordBatchReader.from_stream(table) if hasattr(table, "__arrow_c_stream__") else None
    names = [name for name in (text, source, date) if isinstance(name, str) and "://" not in name]
    for batch in reader if reader is not None else (pyarrow.record_batch(table),):
        if isinstance(source, str):
            if missing := [name for name in names if name not in batch.schema.names]:
                raise InputError(f"the table has no column {missing[0]!r}, it has {', '.join(map(repr, batch.schema.names))}")
            batch = batch.select(list(dict.fromkeys(names)))
        yield from batch.to_pylist()
