r"""The pages that extract.py runs on, and what it counts of a text.

WCXB and AEB are read as their projects lay them out. Words are the multisets of lower-cased words (\w+), with means over pages, as WCXB
counts; 4-grams are runs of four words, case and all, with the F1 of the mean precision (of pages with an answer) and the mean recall
(of pages with a text), as AEB counts.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

WORD = re.compile(r"\w+")
Score = tuple[float | None, float | None, float]


@dataclass(frozen=True)
class Page:
    """A page: its kind (empty if there are none), the text that is to be found, and its HTML, packed."""

    id: str
    kind: str
    body: str
    packed: bytes

    def html(self) -> str:
        """The page."""
        return gzip.decompress(self.packed).decode("utf-8", "replace")


def wcxb(folder: Path) -> Iterator[Page]:
    """The pages of a share of WCXB."""
    for path in sorted((folder / "ground-truth").glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record.get("ground_truth"), dict):
            continue  # as its own evaluation does
        kind = (record.get("_internal") or {}).get("page_type") or "article"
        kind = kind.get("primary") or "article" if isinstance(kind, dict) else kind
        body = record["ground_truth"].get("main_content") or ""
        # Its own evaluation counts an older name with the newer one.
        yield Page(path.stem, "collection" if kind == "category" else kind, body, (folder / "html" / f"{path.stem}.html.gz").read_bytes())


def aeb(folder: Path) -> Iterator[Page]:
    """The pages of AEB, which are all articles."""
    for name, truth in sorted(json.loads((folder / "ground-truth.json").read_text(encoding="utf-8")).items()):
        yield Page(name, "", truth.get("articleBody") or "", (folder / "html" / f"{name}.html.gz").read_bytes())


def own(path: Path, truth: Path | None) -> Iterator[Page]:
    """Pages of a JSONL file, with their bodies or with those of another file."""
    bodies = {record["id"]: record["body"] for record in records(truth)} if truth else {}
    for record in records(path):
        body = bodies[record["id"]] if truth else record["body"]
        yield Page(str(record["id"]), record.get("type") or "", body, gzip.compress(record["html"].encode("utf-8", "replace"), 1))


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a .jsonl[.gz] file."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, filter(str.strip, file))


def pages_of(path: Path, truth: Path | None) -> tuple[list[Page], Measure]:
    """The pages that are there, and how they are measured unless it is said otherwise."""
    if path.is_file():
        return list(own(path, truth)), WORDS
    if (path / "ground-truth.json").is_file():
        return list(aeb(path)), GRAMS
    if (path / "ground-truth").is_dir():
        return list(wcxb(path)), WORDS
    shares = [str(path / share) for share in ("dev", "test") if (path / share / "ground-truth").is_dir()]
    sys.exit(f"{path}: {f'has shares, choose one: {chr(32).join(shares)}' if shares else 'neither JSONL nor a folder of WCXB or AEB'}")


@dataclass(frozen=True)
class Measure:
    """What is counted of a text; and whether F1 is that of the mean precision and recall, not the mean of the pages' own."""

    name: str
    counts: Callable[[str], Counter[Any]]
    of_means: bool

    def score(self, found: Counter[Any], truth: Counter[Any]) -> Score:
        """Precision, recall and F1 of a page. None: the page does not count for that one."""
        if not found or not truth:
            right = float(not found and not truth)
            return (0.0 if found else None, 0.0 if truth else None, 0.0) if self.of_means else (right, right, right)
        hits = (found & truth).total()
        precision, recall = hits / found.total(), hits / truth.total()
        return precision, recall, f1(precision, recall)

    def total(self, scores: list[Score]) -> tuple[float, float, float]:
        """Precision, recall and F1 of pages."""
        precision, recall, mean = (
            fmean(known) if (known := [x for x in each if x is not None]) else 0.0 for each in zip(*scores, strict=True)
        )
        return precision, recall, f1(precision, recall) if self.of_means else mean


def f1(precision: float, recall: float) -> float:
    """The harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def grams(text: str, n: int = 4) -> Counter[Any]:
    """Runs of n words; fewer words are one run."""
    words = WORD.findall(text)
    return Counter(tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1)) if words)


WORDS = Measure("words", lambda text: Counter(WORD.findall(text.lower())), of_means=False)
GRAMS = Measure("4-grams", grams, of_means=True)
