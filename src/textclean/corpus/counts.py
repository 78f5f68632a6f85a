"""Counts what a run did. The counts of a run that was interrupted and resumed are those of a run left alone."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from textclean.document import Cleaned
from textclean.errors import CorpusError, RecordError
from textclean.formats import Document
from textclean.formats.across import Across

_log = logging.getLogger("textclean")
#: Names that are counted by themselves, and messages that are kept.
_NAMES, _MESSAGES = 10_000, 1_000
OTHERS = "(others)"


@dataclass
class Counts:
    """What was counted of a run, or of a part of it.

    Attributes:
        opened: sources that could be opened.
        documents: texts that were cleaned.
        written: texts that were written.
        left_out: cleaned texts that are not written, since the whole text repeats another.
        characters_in, characters_out: code points of the texts as they came, and as they were written.
        bytes_in, bytes_out: bytes of the input and output files, as stored.
        skipped: how many files and records could not be read or cleaned, by reason.
        problems: the error messages of the first of them.
        kinds: how many stretches were removed by cleaning, by kind.
        sources: texts, stretches removed by cleaning, and repeats across documents, by the source that records name, else by file.
        missed: names of text files that are not written, since the whole text repeats another.
    """

    opened: int = 0
    documents: int = 0
    written: int = 0
    left_out: int = 0
    characters_in: int = 0
    characters_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    sources: dict[str, list[int]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def skip(self, error: CorpusError) -> None:
        """Counts an error by its reason, and logs its message."""
        self.skipped[error.reason] += 1
        if len(self.problems) < _MESSAGES:
            self.problems.append(str(error))
        _log.error("%s%s", error, " (skipped)" if isinstance(error, RecordError) else "")

    def clean(self, document: Document, cleaned: Cleaned) -> None:
        """Counts a text that was cleaned."""
        self.documents += 1
        self.characters_in += len(document.text)
        removed = cleaned.removed
        if removed:
            self.kinds.update(removed)
        counted = self._of(document)
        counted[0] += 1
        counted[1] += sum(removed.values())

    def write(self, document: Document, characters: int, across: Across | None) -> None:
        """Counts a text as written, or as left out if it repeats another.

        Args:
            document: the document.
            characters: code points of the text that is written.
            across: what remains after the comparison with other documents; None if all of it does.
        """
        if across and across.gone:
            self._of(document)[2] += across.gone
        if across and across.left_out:
            self.left_out += 1
            if document.line is None:
                self.missed.append(document.place)
        else:
            self.written += 1
            self.characters_out += characters

    def _of(self, document: Document) -> list[int]:
        name = document.source.name if document.origin is None else document.origin.strip('"')
        if name not in self.sources and len(self.sources) >= _NAMES:
            name = OTHERS
        return self.sources.setdefault(name, [0, 0, 0])

    def add(self, other: Counts) -> None:
        """Adds the counts of another part of the run."""
        for name in ("opened", "documents", "written", "left_out", "characters_in", "characters_out", "bytes_in", "bytes_out"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.skipped.update(other.skipped)
        self.kinds.update(other.kinds)
        self.problems.extend(other.problems[: _MESSAGES - len(self.problems)])
        self.missed.extend(other.missed)
        for name, counted in other.sources.items():
            name = name if name in self.sources or len(self.sources) < _NAMES else OTHERS
            mine = self.sources.setdefault(name, [0, 0, 0])
            mine[:] = [a + b for a, b in zip(mine, counted, strict=True)]

    def to_dict(self) -> dict[str, Any]:
        """Returns the counts as a dict that JSON can hold."""
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Counts:
        """Makes counts of what `to_dict` returned."""
        counters = {name: Counter(found[name]) for name in ("skipped", "kinds")}
        return cls(**(found | counters))
