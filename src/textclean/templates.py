"""What a site repeats on its pages: learned once, by `textclean.learn_templates`, and used in cleaning.

A `Templates` is a plain list of counts: what stood on how many documents of which source, where, and how it read. What is removed is
decided from the counts when they are used, so they can be looked at, merged, thinned out and stored.

When not to use it: for single pages of many sites. It knows a line only from other pages of the same source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from textclean import _native, evidence
from textclean.document import Kind, kind_number
from textclean.errors import ConfigError
from textclean.evidence import Entry, Site, Thresholds

if TYPE_CHECKING:
    from textclean.plan import Plan, Run

_KIND = kind_number(Kind.TEMPLATE)
_PREFIX = "template/"


@dataclass(frozen=True, slots=True)
class Known:
    """The templates of one source, ready to be found.

    Attributes:
        rules: names of the templates, by number.
    """

    rules: tuple[str, ...]
    native: _native.SiteMatcher


class Templates:
    """What sources repeat. `textclean.learn_templates` makes one, `load` reads one.

    Attributes:
        thresholds: how much evidence a template needs.
        dated: whether `Entry.first` and `Entry.last` are dates, or positions.
        documents: documents seen, of all sources.
        sites: what was counted, by source.
    """

    def __init__(self, thresholds: Thresholds, dated: bool = False, documents: int = 0, sites: dict[str, Site] | None = None) -> None:
        self.thresholds = thresholds
        self.dated = dated
        self.documents = documents
        self.sites = {} if sites is None else sites
        self._known: dict[str, Known | None] = {}

    @property
    def sources(self) -> list[str]:
        """The sources, sorted."""
        return sorted(self.sites)

    def __repr__(self) -> str:
        return f"Templates({self.documents:,} documents of {len(self.sites):,} sources)"

    def entries(self, source: str | None = None, *, evidence: bool = False) -> list[Entry]:
        """What a source repeats, the most frequent first; nothing for a source that is not known.

        Args:
            source: the source, or a URL of it; None for all, one after the other.
            evidence: also the lines that are not learned, for want of documents, share or a place.
        """
        names = self.sources if source is None else [source_name(source)]
        found = [entry for name in names for entry in _entries(self, name)]
        return found if evidence else [entry for entry in found if entry.learned]

    def merge(self, other: Templates) -> Templates:
        """What was counted here and there together, as if the documents of `other` had come after these.

        It is what learning all documents gives but for this: a line that only one document had in one of the parts is not known there, so
        counts may be short by one for each part; and a story that both parts have is counted in both.

        Raises:
            ConfigError: the two need different evidence, or one has dates and the other positions.
        """
        if not isinstance(other, Templates):
            raise ConfigError(f"merge({type(other).__name__}): a textclean.Templates is needed")
        if self.thresholds != other.thresholds:
            raise ConfigError(
                f"templates with different thresholds can't be merged: {self.thresholds} and {other.thresholds}; learn both alike"
            )
        if self.dated != other.dated and self.documents and other.documents:
            raise ConfigError(
                "templates with dates and templates with positions can't be merged: learn both with date=..., or both without"
            )
        merged = Templates(self.thresholds, self.dated or other.dated, self.documents + other.documents)
        for name in sorted(self.sites.keys() | other.sites.keys()):
            merged.sites[name] = _merged(self.sites.get(name, Site()), other.sites.get(name, Site()), 0 if merged.dated else self.documents)
        return merged

    def forget(self, what: str | Entry) -> None:
        """Drops a source, or one of its entries, with the evidence for it.

        Args:
            what: an `Entry`; the rule of a removal (``template/SOURCE/ID``), which names one; or a source.

        Raises:
            ConfigError: there is none such.
        """
        if isinstance(what, Entry):
            what = what.rule
        if what in self.sites:
            source = what
            del self.sites[source]
        else:
            source = site_of_rule(what)
            gone = [entry for entry in _entries(self, source) if entry.rule == what]
            if not gone:
                raise ConfigError(
                    f"{what!r} is no source and no template that is known here: entries(source) gives them, each with its rule"
                )
            for variant in gone[0].variants:
                del self.sites[source].lines[variant]
        self._known.pop(source, None)

    def save(self, path: str | PathLike[str]) -> None:
        """Writes JSON, under a temporary name until it is whole. A file that is there is replaced; .gz and .zst are compressed.

        Raises:
            OutputError: it can't be written.
        """
        from textclean.template_file import write

        write(self, Path(path))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Templates:
        """Reads what `save` wrote. The file may come from anywhere: all of it is checked, and nothing in it is run.

        Raises:
            TemplatesError: it is no such file, or one of another version.
            SourceError: it can't be read.
        """
        from textclean.template_file import read

        return read(Path(path))

    def known(self, source: str | None) -> Known | None:
        """The templates of a source, ready to be found; None if it has none."""
        if source is None:
            return None
        name = source_name(source)
        if name not in self._known:
            # Of sources that are not known here there may be any number.
            if name not in self.sites:
                return None
            self._known[name] = _ready(self.entries(name))
        return self._known[name]


def _entries(templates: Templates, source: str) -> list[Entry]:
    site = templates.sites.get(source)
    return evidence.entries(source, site, templates.thresholds) if site else []


def _merged(one: Site, other: Site, later: int) -> Site:
    lines = dict(one.lines)
    for masked, line in other.lines.items():
        moved = evidence.shifted(line, later)
        lines[masked] = lines[masked].merged(moved) if masked in lines else moved
    return Site(one.documents + other.documents, one.short + other.short, lines)


def _ready(entries: list[Entry]) -> Known | None:
    entries = entries[: _native.MOST_TEMPLATES]
    if not entries:
        return None
    rows: list[tuple[str, int, tuple[bool, bool, bool], float]] = []
    for number, entry in enumerate(entries):
        inside = entry.place == "inside"
        places = (inside or entry.place != "bottom", inside, inside or entry.place != "top")
        # A variant is known by its masked form, which is its own masked form.
        rows.extend((variant, number, places, entry.share) for variant in entry.variants)
    return Known(tuple(entry.rule for entry in entries), _native.SiteMatcher(rows))


def source_name(source: str) -> str:
    """The source that a value names: the host of a URL, anything else as it is.

    >>> source_name("https://www.Example.org/news/1"), source_name("example")
    ('www.example.org', 'example')
    """
    host: str | None = None
    if "://" in source:
        try:
            host = urlsplit(source).hostname
        except ValueError:
            host = None
    return (host or source).encode("utf-8", "replace").decode()


def site_of_rule(rule: str) -> str:
    """The source that the rule of a template names.

    >>> site_of_rule("template/www.example.org/1e82f04d")
    'www.example.org'
    """
    return rule.removeprefix(_PREFIX).rpartition("/")[0]


def label(run: Run, plan: Plan) -> None:
    """Labels the lines that the source of each page repeats."""
    if run.known:
        run.batch.templates([known.native if known else None for known in run.known], _KIND)


def known_of(templates: Templates | None, sources: Iterable[str | None]) -> list[Known | None] | None:
    """What is known of each source; None if that is nothing for all."""
    found = [templates.known(source) for source in sources] if templates else []
    return found if any(found) else None
