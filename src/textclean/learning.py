"""Learns templates from documents: reads a corpus once, in its order, or a part of it each day, and counts what each site repeats.

Documents are split and repaired as `clean` splits and repairs them, so that the lines counted are those that cleaning will see. The
counting is native (`rust/src/sites/learn.rs`); it holds about ``memory_mb`` MB at most, whatever the size of the corpus.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from textclean import _native
from textclean.checks import exact_str, is_number
from textclean.cleaning import plan
from textclean.cleaning.repair import repair
from textclean.cleaning.split import split
from textclean.config import Config, resolve
from textclean.dedup.documents import arrow_producer, refuse_single
from textclean.errors import ConfigError, InputError, MissingExtraError
from textclean.sites import learner_file
from textclean.sites.evidence import Line, SiteCounts, Thresholds, When, is_quoting, mask
from textclean.sites.templates import Templates, site_name

#: Documents that go through the native half together, at most.
_LOT_TEXTS = 64
_LOT_CODE_POINTS = 1 << 20

#: The field that says from which site a document comes, or a function of the document that says it; None if all come from one.
_Origin = str | Callable[[Any], str | None] | None
#: Text, site and date of a document.
_Item = tuple[str, str | None, str | None]


def learn_templates(
    docs: Any,
    *,
    source: str | Callable[[Any], str | None] | None = None,
    site: str | None = None,
    text: str = "text",
    date: str | None = None,
    documents: int = Thresholds.documents,
    share: float = Thresholds.share,
    inside_documents: int = Thresholds.inside_documents,
    inside_share: float = Thresholds.inside_share,
    memory_mb: float = 512,
    config: Config | None = None,
) -> Templates:
    r"""Learns which lines each site repeats on its pages, from documents that tell different stories.

    Lines that differ only in digits, dates, addresses, handles, case or punctuation are one line. A line at the end or the beginning of
    pages needs few documents; one in the middle needs many, and a good share of them.

    Args:
        docs: an iterable of str or of mappings, read once and not held, or a table that has ``__arrow_c_stream__``.
        source: tells from which site a document comes: a key of the mappings, a column of the table, or a callable that takes a document
            (of a table: a row as a dict). Of a URL the host counts. A document without a site is not counted.
        site: the site from which all documents come, in place of `source`.
        text: the key or column that holds the text.
        date: a key or column with dates, as ISO strings or `datetime.date`: then `TemplateEntry.first` and `last` are dates.
        documents: least number of a site's documents that have a template.
        share: least share of the site's documents that have it, from 0 to 1.
        inside_documents: least number of documents for a template in the middle of pages.
        inside_share: least share of documents for a template in the middle of pages, from 0 to 1.
        memory_mb: megabytes that the lines and pages of all sites together may take, about. Beyond it the largest sites forget the lines
            that they saw least often and longest ago. `SiteCounts.short` says by how much their counts may then be too small.
        config: how texts are split and repaired; give the configuration with which they will be cleaned. None, the defaults.

    Raises:
        NotTextError: a text is not a str.
        InputError: `docs` is no collection of texts, a document has no such key, or its site is not a str.
        ConfigError: a value is out of its range, or neither `source` nor `site` is given, or both are.
        MissingExtraError: `docs` is a table, and pyarrow is not installed.

    >>> pages = [f"{story}\n\nSend a tip to the news team at NR." for story in _STORIES]
    >>> learned = learn_templates(pages, site="https://nr.example/")
    >>> [(entry.documents, entry.place, entry.samples[0]) for entry in learned.entries("nr.example")]
    [(5, 'bottom', 'Send a tip to the news team at NR.')]
    """
    learner = TemplateLearner(
        documents=documents,
        share=share,
        inside_documents=inside_documents,
        inside_share=inside_share,
        memory_mb=memory_mb,
        config=config,
    )
    learner.learn(docs, source=source, site=site, text=text, date=date)
    return learner.templates()


class TemplateLearner:
    r"""Learns templates a part of the documents at a time, and can be saved in between.

    Learning from one day after the other, with saving and loading in between, gives exactly what `learn_templates` gives for the documents
    of all days in that order, also where lines were forgotten to bound memory. One thread at a time may use it.

    Args:
        documents: least number of a site's documents that have a template.
        share: least share of the site's documents that have it, from 0 to 1.
        inside_documents: least number of documents for a template in the middle of pages.
        inside_share: least share of documents for a template in the middle of pages, from 0 to 1.
        memory_mb: megabytes that the lines and pages of all sites together may take, about, from 0.1; see `learn_templates`.
        config: how texts are split and repaired. It stays the same from then on.

    Attributes:
        thresholds: the first four of these. No count depends on them, so they can be replaced at any time.

    Raises:
        ConfigError: a value is out of its range.

    >>> learner = TemplateLearner(documents=3)
    >>> for story in _STORIES:
    ...     learner.learn([f"{story}\n\nSend a tip to the news team at NR."], site="https://nr.example/")
    >>> learner.documents, [entry.samples[0] for entry in learner.templates().entries("nr.example")]
    (5, ['Send a tip to the news team at NR.'])
    """

    def __init__(
        self,
        *,
        documents: int = Thresholds.documents,
        share: float = Thresholds.share,
        inside_documents: int = Thresholds.inside_documents,
        inside_share: float = Thresholds.inside_share,
        memory_mb: float = 512,
        config: Config | None = None,
    ) -> None:
        self.thresholds = Thresholds(documents, share, inside_documents, inside_share)
        self._native = _native.Learner(int(_megabytes(memory_mb) * 1_000_000))
        self._config = resolve(config, {})
        self._dated = False

    def __repr__(self) -> str:
        return f"TemplateLearner({self.documents:,} documents of {len(self._native.sources()):,} sites)"

    @property
    def documents(self) -> int:
        """The number of documents seen, of all sites."""
        return self._native.pages

    def learn(
        self,
        docs: Any,
        *,
        source: str | Callable[[Any], str | None] | None = None,
        site: str | None = None,
        text: str = "text",
        date: str | None = None,
    ) -> None:
        """Learns from more documents, which come after those it has seen.

        An error leaves it with some of the documents learned: load what was saved before, and learn from all of them again.

        Args:
            docs: an iterable of str or of mappings, read once and not held, or a table that has ``__arrow_c_stream__``.
            source: tells from which site a document comes: a key, a column or a callable, see `learn_templates`.
            site: the site from which all these documents come, in place of `source`.
            text: the key or column that holds the text.
            date: a key or column with dates; given each time, or never.

        Raises:
            NotTextError: a text is not a str.
            InputError: `docs` is no collection of texts, a document has no such key, or its site is not a str.
            ConfigError: neither `source` nor `site` is given, or both are, or dates come to documents without.
            MissingExtraError: `docs` is a table, and pyarrow is not installed.
        """
        _check_origin(source, site)
        self._check_dated(date)
        ready = plan.plan(self._config)
        for lot in _lots(_items(docs, text, source, site, date)):
            texts, origins, dates = map(list, zip(*lot, strict=True))
            state = plan.Run(split(texts, ready))
            repair(state, ready)
            self._native.add(state.batch, origins, dates)

    def _check_dated(self, date: str | None) -> None:
        dated = date is not None
        if self.documents and dated != self._dated:
            before, after = ("with", "say date=FIELD") if self._dated else ("without", "leave date=... out")
            raise ConfigError(f"it has learned from {self.documents:,} documents {before} dates: {after} this time too")
        self._dated = dated

    def templates(self) -> Templates:
        """Returns what has been learned so far. It stays as it is when more is learned."""
        sites = {name: SiteCounts(seen, short, _lines(self._native, name, self._dated)) for name, seen, short in self._native.sources()}
        return Templates(self.thresholds, self._dated, self.documents, sites)

    def save(self, path: str | PathLike[str]) -> None:
        """Writes all that it knows to a file, as JSON Lines. A file that is there is replaced once the new one is whole.

        Args:
            path: the file; a name that ends with .gz, .zst, .bz2 or .xz is compressed, .zst by far the fastest.

        Raises:
            OutputError: the file can't be written.
            MissingExtraError: the package for the compression is not installed.
        """
        learner_file.write(learner_file.Contents(self._native, self.thresholds, self._dated, self._config), Path(path))

    @classmethod
    def load(cls, path: str | PathLike[str], *, memory_mb: float = 4096) -> TemplateLearner:
        """Reads what `save` wrote. The file may come from anywhere: all of it is checked, and nothing in it is run.

        Args:
            path: the file.
            memory_mb: megabytes that what is read may take, about. The learner keeps the bound that it was made with.

        Raises:
            TemplatesError: the file is not of a learner, is damaged, is of another version, or takes more memory.
            SourceError: the file can't be read.
            MissingExtraError: the package for the compression is not installed.
            ConfigError: `memory_mb` is out of its range.
        """
        found = learner_file.read(Path(path), _megabytes(memory_mb))
        learner = cls(config=found.config)
        learner._native, learner.thresholds, learner._dated = found.native, found.thresholds, found.dated
        return learner


def _megabytes(memory_mb: Any) -> float:
    if not is_number(memory_mb) or not learner_file.LEAST_MB <= memory_mb <= learner_file.MOST_MB:
        raise ConfigError(f"memory_mb={memory_mb!r}: a number from 0.1 to 1,000,000 is needed")
    return float(memory_mb)


#: For the doctest.
_STORIES = (
    "The ferry was cancelled for a third day because of high winds.",
    "Schools will open two hours late while roads are being cleared.",
    "A new library was opened in the old customs house by the river.",
    "Farmers expect the smallest harvest of apples in twenty years.",
    "The council has set money aside to repair the mill wall in May.",
)


def _lines(learner: _native.Learner, site: str, dated: bool) -> dict[str, Line]:
    rows = learner.lines(site)
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


def _check_origin(source: Any, site: Any) -> None:
    """Makes sure that exactly one of `source` and `site` is given."""
    if (source is None) == (site is None):
        raise ConfigError("say source=FIELD, the field that says from which site a document comes, or site=NAME, if all come from one")
    if site is not None and not isinstance(site, str):
        raise ConfigError(f"site={site!r}: the name of a site is needed, a str")
    if source is not None and not isinstance(source, str) and not callable(source):
        raise ConfigError(f"source={source!r}: a key, a column or a callable is needed")


def _items(docs: Any, text: str, source: _Origin, site: str | None, date: str | None) -> Iterator[_Item]:
    """Yields text, site and date of each document."""
    refuse_single(docs)
    table = arrow_producer(docs)
    if table is None and not isinstance(docs, Iterable):
        raise InputError(f"expected documents, got {type(docs).__name__}: pass an iterable of str or of dict, or a table")
    for position, doc in enumerate(docs if table is None else _rows(table, text, source, date)):
        body = _value(position, doc, text) if isinstance(doc, Mapping) else doc
        yield exact_str(body), _site(position, doc, source) if site is None else site_name(site), _date(position, doc, date)


def _value(position: int, doc: Mapping[str, Any], name: str) -> Any:
    if name not in doc:
        raise InputError(f"document {position:,} has no {name!r}, it has {', '.join(map(repr, doc)) or 'nothing'}")
    return doc[name]


def _site(position: int, doc: Any, source: _Origin) -> str | None:
    if callable(source):
        found = source(doc)
    elif isinstance(doc, Mapping):
        found = _value(position, doc, str(source))
    else:
        raise ConfigError(f"source={source!r} names a field, but the documents are plain str: pass dicts or a table, or say site=NAME")
    if found is not None and not isinstance(found, str):
        raise InputError(f"document {position:,} has the site {found!r}: a str, or None if it has none, is needed")
    return site_name(found) if found else None


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
    return exact_str(found).encode("utf-8", "replace").decode() if found else None


def _rows(table: Any, text: str, source: _Origin, date: str | None) -> Iterator[dict[str, Any]]:
    """Yields the rows of a table, read a batch at a time, with the columns that are asked for; with all if a callable needs them."""
    try:
        import pyarrow
    except ImportError:
        raise MissingExtraError("pyarrow", "arrow", "learning from a table") from None
    reader = pyarrow.RecordBatchReader.from_stream(table) if hasattr(table, "__arrow_c_stream__") else None
    names = [name for name in (text, source, date) if isinstance(name, str)]
    for batch in reader if reader is not None else (pyarrow.record_batch(table),):
        if not callable(source):
            if missing := [name for name in names if name not in batch.schema.names]:
                raise InputError(f"the table has no column {missing[0]!r}, it has {', '.join(map(repr, batch.schema.names))}")
            batch = batch.select(list(dict.fromkeys(names)))
        yield from batch.to_pylist()
