"""What a run of ``textclean clean`` did and did not, and what is said of it at its end."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field

from textclean import exits
from textclean.errors import RecordError
from textclean.io import Document

_log = logging.getLogger("textclean")
#: Files that the summary names.
_NAMED = 10


@dataclass
class Tally:
    """What was done and what was not.

    Attributes:
        detailed: removals are counted by kind, where it will be said.
        across: what was found across documents.
        left_out: text files of which nothing is written, as they repeat others.
    """

    detailed: bool = False
    across: str = ""
    left_out: list[str] = field(default_factory=list)
    opened: int = 0
    documents: int = 0
    skipped: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def skip(self, error: object) -> None:
        """Names what is left out."""
        self.skipped += 1
        _log.error("%s%s", error, " (skipped)" if isinstance(error, RecordError) else "")

    def leave_out(self, document: Document) -> None:
        """Notes a document that is not written; a record is one of many, a file is missed by its name."""
        if document.line is None:
            self.left_out.append(document.place)

    @property
    def code(self) -> int:
        """The exit code."""
        return exits.OK if not self.skipped else exits.SKIPPED if self.opened else exits.FATAL

    def __str__(self) -> str:
        removed = ", ".join(f"{kind} {count:,}" for kind, count in self.kinds.most_common())
        parts = [f"{self.documents:,} {'text' if self.documents == 1 else 'texts'} cleaned"]
        if self.detailed:
            parts.append(f"{self.kinds.total():,} removed" + (f" ({removed})" if removed else ""))
        if self.across:
            more = f" and {len(self.left_out) - _NAMED:,} more (--removals lists them)" if len(self.left_out) > _NAMED else ""
            parts.append(self.across + (f", left out: {', '.join(self.left_out[:_NAMED])}{more}" if self.left_out else ""))
        if self.skipped:
            parts.append(f"{self.skipped:,} {'problem' if self.skipped == 1 else 'problems'}, see above")
        return "; ".join(parts)
