"""Templates, the lines that a site repeats on its pages: learned once by `textclean.learn_templates`, and used in cleaning.

A `Templates` is a plain list of counts: which line stood in how many documents of which site, where, and how it read. What is removed is
decided from the counts when they are used, so they can be looked at, merged, thinned out and stored.

They are of no use for single pages of many sites, since a line is known only from other pages of the same site.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from urllib.parse import urlsplit

from textclean import _native
from textclean.checks import exact_str
from textclean.errors import ConfigError
from textclean.sites import evidence, template_file
from textclean.sites.evidence import SiteCounts, TemplateEntry, Thresholds

_PREFIX = "template/"


@dataclass(frozen=True, slots=True)
class SiteTemplates:
    """The templates of one site, ready to be matched.

    Attributes:
        rules: the names of the templates, by their numbers in `native`.
        native: the native matcher.
    """

    rules: tuple[str, ...]
    native: _native.SiteMatcher


class Templates:
    """The lines that sites repeat on their pages. `textclean.learn_templates` learns them, `load` reads them from a file.

    Attributes:
        thresholds: how much evidence a template needs.
        dated: whether `TemplateEntry.first` and `TemplateEntry.last` are dates; if not, they are positions.
        documents: the number of documents seen, of all sites.
        sites: what was counted of each site, by its name.
    """

    def __init__(self, thresholds: Thresholds, dated: bool = False, documents: int = 0, sites: dict[str, SiteCounts] | None = None) -> None:
        self.thresholds = thresholds
        self.dated = dated
        self.documents = documents
        self.sites = {} if sites is None else sites
        self._known: dict[str, SiteTemplates | None] = {}

    @property
    def contents(self) -> template_file.Contents:
        """The contents of a file of these templates."""
        return template_file.Contents(self.thresholds, self.dated, self.documents, self.sites)

    def __repr__(self) -> str:
        return f"Templates({self.documents:,} documents of {len(self.sites):,} sources)"

    def entries(self, site: str | None = None, *, evidence: bool = False) -> list[TemplateEntry]:
        """Lists the templates of a site, the most frequent first; none for a site that is not known.

        Args:
            site: the name of the site, or a URL, of which the host counts; None for all sites, one after the other.
            evidence: list also the lines that are not learned, since documents, share or place are not enough.
        """
        names = sorted(self.sites) if site is None else [site_name(site)]
        found = [entry for name in names for entry in _entries(self, name)]
        return found if evidence else [entry for entry in found if entry.learned]

    def merge(self, other: Templates) -> Templates:
        """Returns the sum of both counts, as if the documents of `other` had come after these.

        It differs from learning from all documents at once in two ways. A line that only one document of a part had is not known in that
        part, so counts may be too small by one for each part. And a story that stands in both parts is counted twice.

        Raises:
            ConfigError: the two have different thresholds, or one has dates and the other positions.
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
        """Drops a site, or one template, with all that was counted of it.

        Args:
            what: a `TemplateEntry`, the rule of a removal (``template/SITE/ID``), or the name of a site.

        Raises:
            ConfigError: there is no such site and no such template.
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
        """Writes the templates to a file, as JSON. A file that is there is replaced once the new one is whole.

        Args:
            path: the file; a name that ends with .gz, .zst, .bz2 or .xz is compressed.

        Raises:
            OutputError: the file can't be written.
            MissingExtraError: the package for the compression is not installed.
        """
        template_file.write(self.contents, Path(path))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Templates:
        """Reads what `save` wrote. The file may come from anywhere: all of it is checked, and nothing in it is run.

        Raises:
            TemplatesError: the file is not of templates, or is of another version.
            SourceError: the file can't be read.
        """
        return cls(*template_file.read(Path(path)))

    def known(self, site: str | None) -> SiteTemplates | None:
        """Returns the templates of a site, ready to be matched; None if there are none.

        Args:
            site: the name of the site, or a URL, of which the host counts; None for no site.
        """
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
    """Returns the name of a site: the host of a URL, or any other string as it is.

    >>> site_name("https://www.Example.org/news/1"), site_name("example")
    ('www.example.org', 'example')
    """
    site, host = exact_str(site), None
    if "://" in site:
        try:
            host = urlsplit(site).hostname
        except ValueError:
            host = None
    return (host or site).encode("utf-8", "replace").decode()


def site_of_rule(rule: str) -> str:
    """Returns the site that the rule of a template names.

    >>> site_of_rule("template/www.example.org/1e82f04d")
    'www.example.org'
    """
    return rule.removeprefix(_PREFIX).rpartition("/")[0]


def known_of(templates: Templates | None, sites: Iterable[str | None]) -> list[SiteTemplates | None] | None:
    """Returns the templates of each site, None for a site without templates; None for the whole list if no site has any."""
    found = [templates.known(site) for site in sites] if templates else []
    return found if any(found) else None
