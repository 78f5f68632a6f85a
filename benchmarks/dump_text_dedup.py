"""The comparing half of the job by text-dedup, for dump.py to measure: near-duplicate paragraphs taken out, by its MinHash program.

    .peers/bin/python benchmarks/dump_text_dedup.py dump.jsonl.zst FOLDER THRESHOLD NGRAM MIN_WORDS

Run by an interpreter of its own (`pip install text-dedup==0.4.0 zstandard`). The same as ours: .jsonl.zst in and out, each line of so many
words a record, whatever document it is of, the same threshold and shingles of as many words, all cores, every document written, the lines
taken out missing. text-dedup itself takes a file of records and leaves a data set, so cutting into lines and putting together again is
done here, in plain Python, and is about a tenth of the time.

Not the same: it cleans and repairs nothing, and so compares boilerplate too. Words are what stands between characters that are neither
letters, digits nor `_`. It verifies no pair: whatever shares a band of signatures goes into one cluster, also through a third, and one text
of each cluster stays, not always the first. Ours goes by exact Jaccard similarity with a paragraph that stays.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard

from by_text_dedup import kept, minhash


def records(dump: Path) -> Iterator[dict[str, Any]]:
    """The records of the dump."""
    with zstandard.open(dump, "rt", encoding="utf-8", newline="\n") as file:
        yield from map(json.loads, file)


def takes_part(line: str, min_words: int) -> bool:
    """Whether a line is compared."""
    return len(line.split()) >= min_words


def cut(dump: Path, texts: Path, min_words: int) -> int:
    """Writes the lines that take part as records of their own, and says how many."""
    count = 0
    with open(texts, "w", encoding="utf-8") as file:
        for record in records(dump):
            for line in record["text"].split("\n"):
                if takes_part(line, min_words):
                    file.write(json.dumps({"i": count, "text": line}) + "\n")
                    count += 1
    return count


def join(dump: Path, out: Path, stays: bytearray, min_words: int) -> None:
    """Writes the dump without the lines that go."""
    here = iter(stays)
    with zstandard.open(out, "wb") as raw, io.TextIOWrapper(raw, encoding="utf-8", newline="\n") as file:
        for record in records(dump):
            record["text"] = "\n".join(line for line in record["text"].split("\n") if not takes_part(line, min_words) or next(here))
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def main(dump: Path, folder: Path, threshold: float, ngram: int, min_words: int) -> None:
    """Cuts, compares, puts together."""
    (folder / "out").mkdir(parents=True)
    count = cut(dump, folder / "texts.jsonl", min_words)
    minhash(folder / "texts.jsonl", folder, threshold, ngram, workers=os.cpu_count() or 1)
    stays = bytearray(count)
    for i in kept(folder):
        stays[i] = 1
    join(dump, folder / "out" / "dump.jsonl.zst", stays, min_words)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
