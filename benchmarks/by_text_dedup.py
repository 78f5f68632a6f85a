"""text-dedup's MinHash on a file of texts, for dedupe.py (which runs this) and dump_text_dedup.py (which imports it).

    .peers/bin/python benchmarks/by_text_dedup.py texts.jsonl FOLDER 0.8 5

Run by an interpreter that has text-dedup 0.4, so nothing of ours is imported. Each record has a `text` and its number `i`. Parameters are
text-dedup's own (250 values, bands for the least error) but for the faster of its hashes. What it keeps of a cluster is not always the
first.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

from datasets import load_from_disk
from text_dedup.minhash import main as program


def minhash(texts: Path, folder: Path, threshold: float, ngram: int, workers: int) -> None:
    """Runs the program; its cache and its output go into the folder, which must be a new one."""
    files = ["--path", "json", "--data_files", str(texts), "--split", "train", "--column", "text"]
    files += ["--cache_dir", str(folder / "cache"), "--output", str(folder / "kept")]
    options = ["--ngram", str(ngram), "--threshold", str(threshold), "--min_length", "1", "--hash_func", "xxh3", "--num_proc", str(workers)]
    program([*files, *options], standalone_mode=False)


def kept(folder: Path) -> list[int]:
    """Numbers of the texts that it kept."""
    return list(load_from_disk(str(folder / "kept"))["i"])


def peak() -> float:
    """Peak memory of this process in MB."""
    # Not getrusage: its peak is that of whoever started this process, if that was larger.
    if not os.path.exists("/proc/self/status"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


def used() -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory so far."""
    return time.perf_counter(), sum(os.times()[:4]), peak()


def main(texts: Path, folder: Path, threshold: float, ngram: int) -> None:
    """Writes into FOLDER/answer what it keeps and what the run took: CPU, wall, memory."""
    before = used()
    minhash(texts, folder, threshold, ngram, workers=1)
    wall, cpu, memory = (now - then for now, then in zip(used(), before, strict=True))
    (folder / "answer").write_text(json.dumps([kept(folder), cpu, wall, memory]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
