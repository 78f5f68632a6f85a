"""What a site repeats on its pages: learned once, by `textclean.learn_templates`, and used in cleaning.

A `Templates` is a plain list of counts: what stood on how many documents of which site, where, and how it read. What is removed is
decided from the counts when they are used, so they can be looked at, merged, thinned out and stored.

When not to use it: for single pages of many sites. It knows a line only from other pages of the same site.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from urllib.parse import urlsplit

from textclean import _native
from textclean.errors import ConfigError
from textclean.sites import evidence, template_file
from textclean.sites.evidence import SiteCounts, TemplateEntry, Thresholds

_PREFIX = "template/"


@dataclass(frozen=True, slots=True)
class SiteTemplates:
    """The templates of one site, ready to be found.

    Attributes:
        rules: names of the templates, by number.
    """

    rules: tuple[str, ...]
    native: _native.SiteMatcher


class Templates:
    """What sites repeat. `textclean.learn_templates` makes one, `load` reads one.

    Attributes:
        thresholds: how much evidence a template needs.
        dated: whether `TemplateEntry.first` and `TemplateEntry.last` are dates, or positions.
        documents: documents seen, of all sites.
        sites: what was counted, by site.
    """

    def __init__(self, thresholds: Thresholds, dated: bool = False, documents: int = 0, sites: dict[str, SiteCounts] | None = None) -> None:
        self.thresholds = thresholds
        self.dated = dated
        self.documents = documents
        self.sites = {} if sites is None else sites
        self._known: dict[str, SiteTemplates | None] = {}

    @property
    def contents(self) -> template_file.Contents:
        """What a file of these templates holds."""
        return template_file.Contents(self.thresholds, self.dated, self.documents, self.sites)

    def __repr__(self) -> str:
        return f"Templates({self.documents:,} documents of {len(self.sites):,} sources)"

    def entries(self, site: str | None = None, *, evidence: bool = False) -> list[TemplateEntry]:
        """Lists what a site repeats, the most frequent first; nothing for a site that is not known.

        Args:
            site: its name, or a URL of it; None for all, one after the other.
            evidence: also the lines that are not learned, for want of documents, share or a place.
        """
        names = sorted(self.sites) if site is None else [site_name(site)]
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
            merged.sites[name] = _merged(
                self.sites.get(name, SiteCounts()), other.sites.get(name, SiteCounts()), 0 if merged.dated else self.documents
            )
        return merged

    def forget(self, what: str | TemplateEntry) -> None:
        """Drops a site, or one of its entries, with the evidence for it.

        Args:
            what: an `TemplateEntry`; the rule of a removal (``template/SITE/ID``), which names one; or the name of a site.

        Raises:
            ConfigError: there is none such.
        """
        if isinstance(what, TemplateEntry):
            what = what.rule
        if what in self.sites:
            site = what
            del self.sites[site]
        else:
            site = site_of_rule(what)
            gone = [entry for entry in _entries(self, site) if entry.rule == what]
            if not gone:
                raise ConfigError(f"{what!r} is no site and no template that is known here: entries(site) gives them, each with its rule")
            for variant in gone[0].variants:
                del self.sites[site].lines[variant]
        self._known.pop(site, None)

    def save(self, path: str | PathLike[str]) -> None:
        """Writes JSON, under a temporary name until it is whole. A file that is there is replaced; .gz and .zst are compressed.

        Raises:
            OutputError: it can't be written.
        """
        template_file.write(self.contents, Path(path))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Templates:
        """Reads what `save` wrote. The file may come from anywhere: all of it is checked, and nothing in it is run.

        Raises:
            TemplatesError: it is no such file, or one of another version.
            SourceError: it can't be read.
        """
        return cls(*template_file.read(Path(path)))

    def known(self, site: str | None) -> SiteTemplates | None:
        """Gives the templates of a site, ready to be found; None if it has none."""
        if site is None:
            return None
        name = site_name(site)
        if name not in self._known:
            # Of sites that are not known here there may be any number.
            if name not in self.sites:
                return None
            self._known[name] = _ready(self.entries(name))
        return self._known[name]


def _entries(templates: Templates, name: str) -> list[TemplateEntry]:
    site = templates.sites.get(name)
    return evidence.entries(name, site, templates.thresholds) if site else []


def _merged(one: SiteCounts, other: SiteCounts, later: int) -> SiteCounts:
    lines = dict(one.lines)
    for masked, line in other.lines.items():
        moved = evidence.shifted(line, later)
        lines[masked] = lines[masked].merged(moved) if masked in lines else moved
    return SiteCounts(one.documents + other.documents, one.short + other.short, lines)


def _ready(entries: list[TemplateEntry]) -> SiteTemplates | None:
    entries = entries[: _native.MOST_TEMPLATES]
    if not entries:
        return None
    rows: list[tuple[str, int, tuple[bool, bool, bool], float]] = []
    for number, entry in enumerate(entries):
        inside = entry.place == "inside"
        places = (inside or entry.place != "bottom", inside, inside or entry.place != "top")
        # A variant is known by its masked form, which is its own masked form.
        rows.extend((variant, number, places, entry.share) for variant in entry.variants)
    return SiteTemplates(tuple(entry.rule for entry in entries), _native.SiteMatcher(rows))


def site_name(site: str) -> str:
    """Gives the site that a value names: the host of a URL, anything else as it is.

    >>> site_name("https://www.Example.org/news/1"), site_name("example")
    ('www.example.org', 'example')
    """
    host: str | None = None
    if "://" in site:
        try:
            host = urlsplit(site).hostname
        except ValueError:
            host = None
    return (host or site).encode("utf-8", "replace").decode()


def site_of_rule(rule: str) -> str:
    """Gives the site that the rule of a template names.

    >>> site_of_rule("template/www.example.org/1e82f04d")
    'www.example.org'
    """
    return rule.removeprefix(_PREFIX).rpartition("/")[0]


def known_of(templates: Templates | None, sites: Iterable[str | None]) -> list[SiteTemplates | None] | None:
    """Gives what is known of each site; None if nothing is known of any."""
    found = [templates.known(site) for site in sites] if templates else []
    return found if any(found) else None
