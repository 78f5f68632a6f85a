"""The whole job on dumps of growing size: .jsonl.zst in, cleaned, repeated paragraphs taken out, .jsonl.zst out.

    python benchmarks/dump.py corpus.jsonl.gz --megabytes 100 1000
    python benchmarks/dump.py corpus.jsonl.gz --megabytes 100 1000 5000 --plot dump.png
    python benchmarks/dump.py corpus.jsonl.gz --megabytes 20 --datatrove .peers/bin/python   # beside datatrove's local MinHash pipeline

Dumps are made by make_dump.py, with repeats that are known. Before a time is printed, the output is checked against them: each planted
paragraph and each copy must be gone, and of documents that nothing was done to no more may go than goes from the corpus itself. Each run
is a process of its own; its peak memory and processor time are the system's count.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from make_dump import corpus, records
from textclean import _native, clean
from textclean.io import Document, Reading, find, read
from textclean.io.output import Output

DATATROVE = Path(__file__).with_name("dump_datatrove.py")


@dataclass
class Run:
    """What a run took."""

    megabytes: float
    seconds: float
    cpu: float
    peak: float
    units: int
    missed: int
    planted: int


def dump(texts: list[str], megabytes: float, folder: Path) -> Path:
    """A dump of this size, made if it is not there."""
    path = folder / f"dump-{megabytes:g}.jsonl.zst"
    if not path.exists():
        with Output(path) as output:
            for record in records(texts, megabytes, copies=0.1, planted=0.2, seed=1):
                output.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def measured(command: list[str], quiet: bool = False) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak megabytes of a process, and of those that it waited for."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL if quiet else None)
    peak, ended = 0, 0
    while not ended:
        # The system's own count of the peak begins with that of this process.
        peak = max(peak, _peak(process.pid))
        time.sleep(0.02)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - began
    if status:
        sys.exit(f"{command[:4]} ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_utime + usage.ru_stime, peak / 1000


def _peak(pid: int) -> int:
    """Kilobytes that a process held at most so far."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def ours(path: Path, folder: Path) -> tuple[Path, Path, tuple[float, float, float]]:
    """Our run: its output, its folder, what it took."""
    out, run = folder / f"clean-{path.name}", folder / "run"
    code = "from textclean.cli import main; main()"
    options = ["--across", "paragraph", "--run", str(run), "--force", "--quiet"]
    return out, run, measured([sys.executable, "-c", code, "clean", str(path), "-o", str(out), *options])


def check(path: Path, out: Path) -> tuple[int, int]:
    """How many planted repeats there are, and how many of them are still there."""
    missed = planted = 0
    for before, after in zip(documents(path), documents(out), strict=True):
        record = before.record.fields() if before.record else {}
        kept = set(after.text.split("\n"))
        if "copy_of" in record:
            repeated = [line for line in before.text.split("\n") if len(line.split()) >= 20]
        else:
            repeated = record.get("planted", [])
        # What cleaning takes away by itself is gone either way.
        repeated = [line for line in map(clean, repeated) if line]
        planted += len(repeated)
        missed += sum(line in kept for line in repeated)
    return planted, missed


def documents(path: Path):
    """The documents of a file."""
    [source] = find([str(path)])
    return (event for event in read(source, Reading()) if isinstance(event, Document))


def report(runs: list[Run]) -> None:
    """The table."""
    print(f"{'MB':>8} {'wall s':>8} {'MB/s':>7} {'CPU s':>8} {'peak MB':>8} {'bytes/unit':>10} {'planted':>9} {'missed':>7} {'x first':>8}")
    for run in runs:
        print(
            f"{run.megabytes:8,.0f} {run.seconds:8.1f} {run.megabytes / run.seconds:7.1f} {run.cpu:8.1f} {run.peak:8,.0f}"
            f" {run.peak * 1e6 / max(run.units, 1):10,.0f} {run.planted:9,} {run.missed:7,} {run.seconds / runs[0].seconds:8.1f}"
        )


def plot(runs: list[Run], path: Path) -> None:
    """Time and memory against size."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6))
    sizes = [run.megabytes for run in runs]
    for axis, values, label in ((axes[0], [r.seconds for r in runs], "seconds"), (axes[1], [r.peak for r in runs], "peak MB")):
        axis.plot(sizes, values, "o-")
        axis.set(xscale="log", yscale="log", xlabel="MB of text", ylabel=label)
        axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def main() -> None:
    """Makes the dumps, runs, checks, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="+", type=Path, help="JSONL with a field text, also .gz")
    parser.add_argument("--megabytes", nargs="+", type=float, default=[100.0, 1000.0], help="sizes (default: 100 1000)")
    parser.add_argument("--folder", type=Path, default=Path("dump-benchmark"), help="where dumps and outputs go (default: %(default)s)")
    parser.add_argument("--datatrove", metavar="PYTHON", help="an interpreter that has datatrove, to run its MinHash pipeline on each size")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the curves (needs matplotlib)")
    args = parser.parse_args()
    if _native.DEBUG:
        sys.exit("a debug build measures nothing: maturin develop --release")
    args.folder.mkdir(exist_ok=True)
    texts, runs = corpus(args.corpus), []
    for megabytes in args.megabytes:
        path = dump(texts, megabytes, args.folder)
        out, run, (seconds, cpu, peak) = ours(path, args.folder)
        units = json.loads((run / "summary.json").read_text())["across"]["units"]
        planted, missed = check(path, out)
        runs.append(Run(megabytes, seconds, cpu, peak, units, missed, planted))
        if args.datatrove:
            seconds, theirs, peak = measured([args.datatrove, str(DATATROVE), str(path), str(args.folder / "datatrove")], quiet=True)
            print(f"datatrove, {megabytes:g} MB: {seconds:.1f} s, CPU {theirs:.1f} s ({theirs / cpu:.1f} x ours), peak {peak:,.0f} MB")
    report(runs)
    if args.plot:
        plot(runs, args.plot)


if __name__ == "__main__":
    main()
