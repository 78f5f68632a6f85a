"""Templates that are learned while a crawl runs: from the first pages of each host, used for the pages that come after them."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from textclean.config import Config
from textclean.learning import learn_templates
from textclean.sites.templates import Templates, site_name

#: Hosts whose pages are held at once; beyond it the host that began first begins anew. A crawl of more learns little of each.
_HOSTS = 500
#: Code points of a page that are held.
_HELD = 100_000


class SiteLearner:
    """Collects pages of hosts, and learns what each host repeats once there are enough.

    Args:
        pages: how many pages of a host are collected.
        path: the file in which what was learned lasts; it is read if it is there.
        config: how texts are cleaned.

    Raises:
        TemplatesError, SourceError: the file is there and can't be read.
    """

    def __init__(self, pages: int, path: Path, config: Config) -> None:
        self._pages = pages
        self._path = path
        self._config = config
        self._held: OrderedDict[str, list[str]] = OrderedDict()
        self._learned = Templates.load(path) if path.exists() else None

    def templates(self, url: str) -> Templates | None:
        """Returns what was learned, if it knows something of the host of a URL."""
        return self._learned if self._learned is not None and self._learned.known(url) else None

    def see(self, url: str, text: str) -> bool:
        """Collects a page; returns whether its host was learned with it.

        Raises:
            OutputError: the file can't be written.
        """
        site = site_name(url)
        if self._learned is not None and site in self._learned.sites:
            return False
        held = self._held.setdefault(site, [])
        held.append(text[:_HELD])
        if len(held) < self._pages:
            if len(self._held) > _HOSTS:
                self._held.popitem(last=False)
            return False
        del self._held[site]
        learned = learn_templates(held, site=site, config=self._config)
        self._learned = learned if self._learned is None else self._learned.merge(learned)
        self._learned.save(self._path)
        return True
