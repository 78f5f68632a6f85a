"""What does it cost to force to the disk what a run has finished?

    python benchmarks/fsync.py corpus.jsonl.gz
    python benchmarks/fsync.py corpus.jsonl.gz --megabytes 1000 --files 20000 --folder /where/the/disk/is

Three jobs are run with and without it, by turns, each in a process of its own: one dump with paragraphs compared, which writes a spool of
its size besides; the same dump cleaned only; and many small text files, which are many names. The outputs of both ways are compared first.
The line "fsync alone" says what the disk takes for one small file, written, forced and named, without us: virtual disks may say "done"
before they are, and a disk that turns takes a hundred times as long as one that does not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from make_dump import corpus, records
from textclean import _native
from textclean.files.disk import Disk

RUN = "from textclean.commands.main import main; main()"
#: Small files for which the disk alone is asked.
ALONE = 500


def made(texts: list[str], megabytes: float, count: int, folder: Path) -> tuple[Path, Path]:
    """A dump of this size, and a folder of so many texts."""
    dump, pages = folder / "dump.jsonl", folder / "pages"
    with open(dump, "w", encoding="utf-8") as file:
        for record in records(texts, megabytes, copies=0.1, planted=0.2, seed=1):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    pages.mkdir()
    for number in range(count):
        (pages / f"{number}.txt").write_text(texts[number % len(texts)], encoding="utf-8")
    return dump, pages


def timed(source: Path, out: Path, options: list[str], fsync: bool) -> float:
    """Seconds of a run; its output is there afterwards."""
    shutil.rmtree(out, ignore_errors=True)
    out.unlink(missing_ok=True) if out.is_file() else None
    os.sync()
    flags = [] if fsync else ["--no-fsync"]
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", RUN, "clean", str(source), "-o", str(out), "--force", "--quiet", *options, *flags], check=True)
    return time.perf_counter() - began


def contents(out: Path) -> dict[str, bytes]:
    """The files of an output."""
    return {path.name: path.read_bytes() for path in ([out] if out.is_file() else sorted(out.iterdir()))}


def alone(folder: Path, fsync: bool) -> float:
    """Milliseconds for a small file that is written, forced to the disk and named."""
    disk = Disk(fsync)
    began = time.perf_counter()
    for number in range(ALONE):
        disk.write(folder / f"{fsync}-{number}.part", b"x" * 3000)
        disk.rename(folder / f"{fsync}-{number}.part", folder / f"{fsync}-{number}")
    disk.settle()
    return (time.perf_counter() - began) / ALONE * 1000


def main() -> None:
    """Makes the inputs, runs, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="+", type=Path, help="JSONL with a field text, also .gz")
    parser.add_argument("--megabytes", type=float, default=200, help="size of the dump (default: %(default)s)")
    parser.add_argument("--files", type=int, default=5000, help="number of small texts (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each kind, of which the median counts (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=Path("fsync-benchmark"), help="on the disk in question (default: %(default)s)")
    args = parser.parse_args()
    if _native.DEBUG:
        sys.exit("a debug build measures nothing: maturin develop --release")
    shutil.rmtree(args.folder, ignore_errors=True)
    args.folder.mkdir(parents=True)
    dump, pages = made(corpus(args.corpus), args.megabytes, args.files, args.folder)
    jobs = {
        f"{args.megabytes:,.0f} MB, paragraphs": (dump, args.folder / "out.jsonl", ["--across", "paragraph"]),
        f"{args.megabytes:,.0f} MB, cleaned only": (dump, args.folder / "clean.jsonl", []),
        f"{args.files:,} small files": (pages, args.folder / "out", []),
    }
    print(f"fsync alone: {alone(args.folder, True):.2f} ms a small file, {alone(args.folder, False):.2f} without")
    print(f"{'':26} {'with':>8} {'without':>8} {'ratio':>6}   (seconds, median of {args.rounds})")
    for name, (source, out, options) in jobs.items():
        seconds: dict[bool, list[float]] = {True: [], False: []}
        found = []
        for _ in range(args.rounds):
            for fsync, spent in seconds.items():
                spent.append(timed(source, out, options, fsync))
                found.append(contents(out))
        if any(each != found[0] for each in found):
            sys.exit(f"{name}: outputs differ")
        with_, without = (statistics.median(spent) for spent in seconds.values())
        print(f"{name:26} {with_:8.2f} {without:8.2f} {with_ / without:6.2f}")
    shutil.rmtree(args.folder)


if __name__ == "__main__":
    main()
