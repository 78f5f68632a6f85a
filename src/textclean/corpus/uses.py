"""Counts, for the report of a run, how many pages it had of each site and how often each template was removed.

All are counted, which takes less memory than the templates themselves. The counts of each shard are stored in a file of their own, so that
a resumed run has them; in the journal, which is read into memory line by line, many sites would be too much. The report shows a bounded
part of them.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textclean.document import Cleaned, Kind
from textclean.errors import OutputError
from textclean.files.disk import Disk
from textclean.files.output import Output
from textclean.formats import Document
from textclean.sites.templates import site_name, site_of_rule

if TYPE_CHECKING:
    from textclean.corpus.sites import Sites
    from textclean.sites.evidence import TemplateEntry

#: Sites that the report shows, and templates of each.
SITES, LINES = 30, 12
#: Code points that are kept of a line, and of the name of a site.
TEXT, NAME = 400, 200
#: Sites that are looked through for some to show: there may be many that repeat nothing.
_LOOKED_AT = 1_000


class TemplateUses:
    """Counts pages and removed templates by site, shard by shard.

    Args:
        sites: the templates; sites without templates are not counted.
    """

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        # By site, and by rule.
        self._pages: Counter[str] = Counter()
        self._removed: Counter[str] = Counter()
        self._shard: tuple[Counter[str], Counter[str]] = (Counter(), Counter())

    def look(self, document: Document, cleaned: Cleaned) -> None:
        """Counts a document."""
        origin = self._sites.of(document)
        name = None if origin is None else site_name(origin)
        if name not in self._sites.templates.sites:
            return
        pages, removed = self._shard
        pages[name] += 1
        if Kind.TEMPLATE in cleaned.removed:
            removed.update(removal.rule for removal in cleaned.removals if removal.kind is Kind.TEMPLATE)

    def put_aside(self, path: Path, tag: str, disk: Disk) -> bool:
        """Ends a shard, and writes its counts to a file.

        Args:
            path: the file.
            tag: names the run, see `Output`.
            disk: writes the file; whoever gives it settles it.

        Returns:
            Whether there were any counts; if not, no file is written.

        Raises:
            OutputError: the file can't be written.
        """
        (pages, removed), self._shard = self._shard, (Counter(), Counter())
        if not pages:
            return False
        with Output(path, force=True, tag=tag, disk=disk) as output:
            output.write(json.dumps({"pages": pages, "removed": removed}))
        self._add(pages, removed)
        return True

    def take_up(self, path: Path) -> None:
        """Adds the counts of a file that `put_aside` wrote.

        Raises:
            OutputError: the file can't be read again.
        """
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            self._add(Counter(found["pages"]), Counter(found["removed"]))
        except (OSError, ValueError, KeyError) as error:
            raise OutputError(f"{path}: can't be read again ({error}): force=True begins the run again") from error

    def to_dict(self) -> dict[str, Any]:
        """Returns the counts as ``report.json`` holds them: the sites from which most was removed, each with its most removed templates."""
        removed = Counter[str]()
        for rule, count in self._removed.items():
            removed[site_of_rule(rule)] += count
        ordered = sorted(self._pages, key=lambda name: (-removed[name], -self._pages[name], name))
        shown: list[dict[str, Any]] = []
        for name in ordered[:_LOOKED_AT]:
            if len(shown) < SITES and (entries := self._sites.templates.entries(name)):
                shown.append(self._site(name, entries) | {"removed": removed[name]})
        return {
            "sites": len(self._pages),
            "sites_removed_from": len(removed),
            "templates_removed": len(self._removed),
            "removed": self._removed.total(),
            "shown": shown,
        }

    def _site(self, name: str, entries: list[TemplateEntry]) -> dict[str, Any]:
        # Those that removed nothing come last: what the line was may have gone as something else before.
        ordered = sorted(entries, key=lambda entry: -self._removed[entry.rule])
        return {
            "site": name[:NAME],
            "learned_from": self._sites.templates.sites[name].documents,
            "pages": self._pages[name],
            "templates": len(entries),
            "lines": [self._line(entry) for entry in ordered[:LINES]],
        }

    def _line(self, entry: TemplateEntry) -> dict[str, Any]:
        return {
            "id": entry.id,
            "text": entry.samples[0][:TEXT],
            "stories": entry.documents,
            "share": round(entry.share, 4),
            "place": entry.place,
            "removed": self._removed[entry.rule],
        }

    def _add(self, pages: Counter[str], removed: Counter[str]) -> None:
        self._pages.update(pages)
        self._removed.update(removed)
