"""Searches texts for one that breaks contract 1, 4 or 5 of DESIGN.md, and prints the smallest that does.

    python tools/search_contracts.py pages.jsonl news.jsonl.xz --count 20000    # your texts, and pages put together from their lines
    python tools/search_contracts.py --count 20000                              # pages put together from the made-up lines of the tests

A corpus is JSONL (``.gz`` and ``.xz`` too) with the key ``text``; where records have the key ``site``, templates are learned from them and
used in a mode of their own. Texts are read as they are first, then put together; each hundred is cleaned in two modes, or
as many as `--modes` says. The same seed searches the same texts. Ends with 1 if anything was found.
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import textclean
from textclean.errors import MarkupWarning

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import assembled
import contracts

OPEN = {".gz": gzip.open, ".xz": lzma.open}


#: Texts that are cleaned together.
CHUNK = 100


def main() -> int:
    """Prints faults as small as they can be made, and a summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="*", type=Path)
    parser.add_argument("--count", type=int, default=2000, help="texts to look at")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--whole", type=int, default=50, help="per cent of the texts that are read as they are, if there are so many")
    parser.add_argument("--modes", type=int, default=2, help="modes in which each text is cleaned; 0 for all")
    parser.add_argument("--show", type=int, default=10, help="so many of the faults that are found are made small and printed")
    parser.add_argument("--save", type=Path, help="a file for all texts that fail, as JSONL")
    asked = parser.parse_args()
    warnings.simplefilter("ignore", MarkupWarning)
    random = Random(asked.seed)
    records = [record for path in asked.corpora for record in read(path)]
    search = Search(records, asked.show, asked.save)
    whole = random.sample(records, min(len(records), asked.count * asked.whole // 100))
    started = time.monotonic()
    for start in range(0, asked.count, CHUNK):
        chunk = [whole[i] if i < len(whole) else search.assembled(random) for i in range(start, min(start + CHUNK, asked.count))]
        for mode in random.sample(list(search.modes), asked.modes or len(search.modes)):
            search.look(chunk, mode)
    print(
        f"{asked.count:,} texts ({len(whole):,} as they are), {search.looks:,} looks in {len(search.modes)} modes, "
        f"{search.chars / 1e6:.0f} million code points, {time.monotonic() - started:.0f} s, seed {asked.seed}: "
        f"{search.found.total()} faults",
        *(f"\n  {count}  {fault}" for fault, count in search.found.most_common()),
    )
    return 1 if search.found else 0


def read(path: Path) -> Iterator[dict[str, str]]:
    """The records of a corpus that have a text."""
    with OPEN.get(path.suffix, open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record.get("text"):
                yield {"text": record["text"], "site": record.get("site") or ""}


class Search:
    """The texts, the modes, and what was found."""

    def __init__(self, records: list[dict[str, str]], show: int, save: Path | None) -> None:
        self.records = records or assembled.made_up()
        self.show, self.save = show, save
        self.looks, self.chars = 0, 0
        self.found = Counter[str]()
        self.modes: dict[str, dict[str, Any]] = dict(contracts.MODES)
        sites = [record for record in self.records if record["site"]]
        if sites:
            self.templates = textclean.learn_templates(sites, source="site")
            self.modes["templates"] = {}
            self.modes["templates, page"] = {"page": "page"}

    def assembled(self, random: Random) -> dict[str, str]:
        """A page put together from two records."""
        two = random.choices(self.records, k=2)
        return {"text": assembled.assembled(random, [record["text"] for record in two]), "site": two[0]["site"]}

    def look(self, chunk: list[dict[str, str]], mode: str) -> None:
        """Cleans texts in a mode, and reports what does not hold. One of them is cleaned by every entrance."""
        options, known = self.modes[mode], mode.startswith("templates")
        sites = [{"site": record["site"] or "none.example", "templates": self.templates} if known else {} for record in chunk]
        together = {"site": [site["site"] for site in sites], "templates": self.templates} if known else {}
        texts = [record["text"] for record in chunk]
        self.looks, self.chars = self.looks + len(texts), self.chars + sum(map(len, texts))
        found = contracts.faults_of_many(texts, options, **together)
        one = self.looks % len(chunk)
        found[one] = contracts.faults(texts[one], options, **sites[one])
        for text, site, faults in zip(texts, sites, found, strict=True):
            for fault in dict.fromkeys(faults):
                self.report(text, site, mode, fault)

    def report(self, text: str, site: dict[str, Any], mode: str, fault: str) -> None:
        """Notes a fault, and shows it as small as it can be."""
        self.found[f"{mode}: {fault}"] += 1
        if self.save:
            with self.save.open("a", encoding="utf-8") as out:
                out.write(json.dumps({"text": text, "mode": mode, "fault": fault, "site": site.get("site", "")}) + "\n")
        if self.found.total() <= self.show:
            options = self.modes[mode]
            small = contracts.smallest(text, lambda part: fault in contracts.faults(part, options, **site))
            print(f"{mode}: {fault}\n    {small!a}\n 1> {textclean.clean(small, **options, **site)!a}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
