"""Summarises what a run did."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any

from textclean.corpus.counts import Counts
from textclean.errors import DISTRIBUTION

#: Files that are named.
_NAMED = 10


@dataclass
class Summary:
    """The answer of `textclean.clean_corpus`. ``str(summary)`` is a line to show, `to_dict` is what ``summary.json`` holds.

    Attributes:
        counts: counts of documents, removals, bytes and errors.
        unit: what was compared across documents: ``paragraph``, ``document`` or ``none``.
        units, dropped, witnesses: how many units were compared, how many of them repeat others, and how many are repeated.
        run: with an index, the name of the run: the ids of its documents there begin with it and a slash. None without.
        settings: the options of the run.
        seconds: wall-clock seconds of each stage, and of all together as ``all``.
    """

    counts: Counts = field(default_factory=Counts)
    unit: str = "none"
    units: int = 0
    dropped: int = 0
    witnesses: int = 0
    run: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Returns the summary as a dict that JSON can hold."""
        across: dict[str, Any] = {"unit": self.unit, "units": self.units, "dropped": self.dropped, "witnesses": self.witnesses}
        if self.run is not None:
            across |= {"run": self.run}
        return {
            **self.counts.to_dict(),
            "across": across,
            "settings": self.settings,
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            "versions": dict(versions()),
        }

    def line(self, kinds: bool) -> str:
        """Returns the summary in one line; `kinds` says whether removals are listed by kind."""
        counts = self.counts
        parts = [f"{counts.documents:,} {'text' if counts.documents == 1 else 'texts'} cleaned"]
        if kinds:
            removed = ", ".join(f"{kind} {count:,}" for kind, count in counts.kinds.most_common())
            parts.append(f"{counts.kinds.total():,} removed" + (f" ({removed})" if removed else ""))
        if self.unit != "none":
            missed = counts.missed
            more = f" and {len(missed) - _NAMED:,} more (removals=FILE lists them)" if len(missed) > _NAMED else ""
            parts.append(
                repeats(self.unit, self.units, self.dropped, self.witnesses)
                + (f", left out: {', '.join(missed[:_NAMED])}{more}" if missed else "")
            )
        if self.run is not None:
            parts.append(f"in the index as {self.run}/…")
        if skipped := counts.skipped.total():
            parts.append(f"{skipped:,} {'problem' if skipped == 1 else 'problems'}, see above")
        return "; ".join(parts)

    def __str__(self) -> str:
        return self.line(kinds=True)


def repeats(unit: str, units: int, dropped: int, witnesses: int) -> str:
    """Returns in one line how many units repeat others.

    >>> repeats("paragraph", 1200, 3, 2)
    '3 of 1,200 paragraphs repeat one of 2 that stay'
    """
    if not dropped:
        return f"none of {units:,} {unit}s repeats another"
    return f"{dropped:,} of {units:,} {unit}s repeat one of {witnesses:,} that stay"


@cache
def versions() -> Mapping[str, str]:
    """Returns the versions of Python and of the installed packages on which a result may depend."""
    found = {"python": platform.python_version()}
    others = ("ftfy", "regex", "numpy", "pyarrow", "zstandard", "warcio", "mwparserfromhell", "trafilatura", "fsspec")
    for name, distribution in (("textclean", DISTRIBUTION), *zip(others, others, strict=True)):
        try:
            found[name] = version(distribution)
        except PackageNotFoundError:
            continue
    # One for all who ask: reading what is installed takes ten milliseconds.
    return MappingProxyType(found)
