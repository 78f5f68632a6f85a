"""The whole job on dumps of growing size: .jsonl.zst in, cleaned, repeated paragraphs taken out, .jsonl.zst out.

    python benchmarks/dump.py corpus.jsonl.gz --megabytes 100 1000
    python benchmarks/dump.py corpus.jsonl.gz --megabytes 100 1000 5000 --plot dump.png
    python benchmarks/dump.py corpus.jsonl.gz --megabytes 20 --datatrove .peers/bin/python --text-dedup .others/bin/python

Dumps are made by make_dump.py, with repeats that are known. Each run is a process of its own; processor time is the system's count for it
and the processes that it started, peak memory the system's count too, or, while it has such processes, what all of them hold together.

Each output is checked against the repeats: paragraphs planted, and those of copies. A repeat is `missed` if it stands in the output after
another of its kind; which of them stays is the tool's affair. A paragraph is `lost` if none of its kind stands there: wrongly, or because
it also repeats one that was not planted, or because cleaning took it away for what stands beside it. What a tool's own cleaning takes away
by itself was not there to be found, so rows differ in how many were planted. What else went is not looked at.

The peers do less: read dump_datatrove.py (compares whole documents, so a planted paragraph goes only with the document around it) and
dump_text_dedup.py (compares paragraphs as we do, and does not clean). Each is run by an interpreter that has it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from make_dump import corpus, records
from textclean import Config, _native, clean
from textclean.dedup.settings import NGRAM_SIZE, THRESHOLD
from textclean.files.output import Output
from textclean.files.sources import find
from textclean.formats import Document, Reading, read

#: Paragraphs of fewer words are not taken for repeats.
LEAST_WORDS = 20
#: What text-dedup is told, so that it compares the same paragraphs by the same measure as we do.
COMPARING = (str(THRESHOLD), str(NGRAM_SIZE["paragraph"]), str(Config.min_words))


@dataclass
class Cost:
    """What a process took: seconds, processor seconds, peak megabytes."""

    seconds: float
    cpu: float
    peak: float


@dataclass
class Found:
    """How many planted repeats there were, how many of them are still there, and how many paragraphs are not there in any document."""

    planted: int
    missed: int
    lost: int


@dataclass
class Run:
    """A tool's run on a dump; `units` are the paragraphs compared, if it says how many."""

    tool: str
    megabytes: float
    cost: Cost
    found: Found
    units: int | None = None


@dataclass(frozen=True)
class Peer:
    """Another tool: the interpreter that has it, the script that does the job with it, and what the script is told."""

    name: str
    python: str
    script: Path
    options: tuple[str, ...] = ()

    def version(self) -> str:
        """The version that the interpreter has."""
        code = f"import importlib.metadata; print(importlib.metadata.version({self.name!r}))"
        try:
            return subprocess.run([self.python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            sys.exit(f"{self.python} has no {self.name}: {self.script.name} says how to get it")


def dump(texts: list[str], megabytes: float, folder: Path) -> Path:
    """A dump of this size, made if it is not there."""
    path = folder / f"dump-{megabytes:g}.jsonl.zst"
    if not path.exists():
        with Output(path) as output:
            for record in records(texts, megabytes, copies=0.1, planted=0.2, seed=1):
                output.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def measured(command: list[str], quiet: bool = False) -> Cost:
    """What a process took, and those that it waited for."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL if quiet else None)
    peak, ended = 0, 0
    while not ended:
        held, alone = _memory(process.pid)
        peak = max(peak, held)
        # Asking what processes share takes time, theirs too.
        time.sleep(0.02 if alone else 0.25)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - began
    if status:
        sys.exit(f"{command[:4]} ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, peak / 1000)


def _memory(pid: int) -> tuple[int, bool]:
    """Kilobytes: the most that a process held so far or, if more, what it and those it started hold now. And whether it is alone."""
    family = _family(pid)
    # Not wait4's count of the peak: it begins with that of this process.
    own = _kilobytes(pid, "status", "VmHWM")
    if len(family) == 1:
        return own, True
    # Of what they share each has its part.
    return max(own, sum(_kilobytes(each, "smaps_rollup", "Pss") for each in family)), False


def _family(pid: int) -> list[int]:
    """A process and all that it started, as far as they are there."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found.extend(map(int, children.read_text().split()))
            except OSError:
                continue
    return found


def _kilobytes(pid: int, file: str, name: str) -> int:
    """A figure that the system gives for a process; 0 if that is gone."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def ours(path: Path, megabytes: float, folder: Path, memory: str | None) -> Run:
    """Our run."""
    out, run = folder / f"clean-{path.name}", folder / "run"
    code = "from textclean.commands.main import main; main()"
    options = ["--across", "paragraph", "--run", str(run), "--force", "--quiet", *(["--memory", memory] if memory else [])]
    cost = measured([sys.executable, "-c", code, "clean", str(path), "-o", str(out), *options])
    units = json.loads((run / "summary.json").read_text())["across"]["units"]
    return Run("textclean", megabytes, cost, check(path, out, clean), units)


def theirs(peer: Peer, path: Path, megabytes: float, folder: Path) -> Run:
    """A peer's run. It leaves its output in `out`, and in `clean` what it compared, if that is not the dump itself."""
    folder = folder / peer.name
    shutil.rmtree(folder, ignore_errors=True)
    cost = measured([peer.python, str(peer.script), str(path), str(folder), *peer.options], quiet=True)
    compared = folder / "clean"
    return Run(peer.name, megabytes, cost, check(compared if compared.exists() else path, folder / "out", str.strip))


def check(before: Path, after: Path, form: Callable[[str], str]) -> Found:
    """Looks for the planted repeats of a dump in what was made of it; `form` gives a paragraph as it would stand there, or nothing."""
    repeats = {number: repeated(fields, text, form) for number, fields, text in documents(before)}
    wanted = set().union(*repeats.values())
    seen: set[int] = set()
    missed = 0
    for number, _, text in documents(after):
        here = wanted.intersection(map(key, text.split("\n")))
        missed += len(here & seen & repeats.get(number, set()))
        seen |= here
    return Found(sum(map(len, repeats.values())), missed, len(wanted - seen))


def repeated(fields: dict[str, Any], text: str, form: Callable[[str], str]) -> set[int]:
    """Which paragraphs of a document repeat one of an earlier document, by their keys."""
    lines = set(text.split("\n"))
    if "copy_of" not in fields:
        lines &= set(fields.get("planted", ()))
    long = (line for line in lines if len(line.split()) >= LEAST_WORDS)
    return {key(line) for line in map(form, long) if line}


def key(line: str) -> int:
    """The same for a paragraph and its repeats, which may end in another word."""
    return hash(" ".join(line.split()[:-1]))


def documents(path: Path) -> Iterator[tuple[Any, dict[str, Any], str]]:
    """Id, fields and text of each record of a file, or of the one file of a folder."""
    [source] = find([str(path)])
    for event in read(source, Reading()):
        if isinstance(event, Document) and event.record:
            fields = event.record.fields()
            # datatrove loses an id of 0, which is that of the first and so of no repeat, and puts all fields but two into one.
            yield fields.get("id"), fields | fields.get("metadata", {}), event.text


def report(runs: list[Run]) -> None:
    """The table: each run beside ours on the same dump, and beside the tool's own on the first."""
    print(
        f"{'':10} {'MB':>6} {'wall s':>7} {'MB/s':>6} {'CPU s':>7} {'x ours':>6} {'x first':>7} {'peak MB':>8} {'bytes/unit':>10}"
        f" {'planted':>9} {'missed':>8} {'recall':>7} {'lost':>6}"
    )
    first: dict[str, Run] = {}
    for run in runs:
        cost, found = run.cost, run.found
        mine = next(other.cost for other in runs if other.megabytes == run.megabytes)
        growth = cost.seconds / first.setdefault(run.tool, run).cost.seconds
        each = f"{cost.peak * 1e6 / run.units:,.0f}" if run.units else "-"
        print(
            f"{run.tool:10} {run.megabytes:6,.0f} {cost.seconds:7.1f} {run.megabytes / cost.seconds:6.1f} {cost.cpu:7.1f}"
            f" {cost.cpu / mine.cpu:6.1f} {growth:7.1f} {cost.peak:8,.0f} {each:>10}"
            f" {found.planted:9,} {found.missed:8,} {1 - found.missed / max(found.planted, 1):7.2%} {found.lost:6,}"
        )


def plot(runs: list[Run], path: Path) -> None:
    """Time and memory against size."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6))
    for axis, value, label in ((axes[0], "seconds", "seconds"), (axes[1], "peak", "peak MB")):
        for tool in dict.fromkeys(run.tool for run in runs):
            own = [run for run in runs if run.tool == tool]
            axis.plot([run.megabytes for run in own], [getattr(run.cost, value) for run in own], "o-", label=tool)
        axis.set(xscale="log", yscale="log", xlabel="MB of text", ylabel=label)
        axis.grid(alpha=0.3)
    axes[0].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def peers(args: argparse.Namespace) -> list[Peer]:
    """Those that were asked for."""
    asked = [("datatrove", args.datatrove, "dump_datatrove.py", ()), ("text-dedup", args.text_dedup, "dump_text_dedup.py", COMPARING)]
    return [Peer(name, python, Path(__file__).with_name(script), options) for name, python, script, options in asked if python]


def main() -> None:
    """Makes the dumps, runs, checks, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="+", type=Path, help="JSONL with a field text, also .gz")
    parser.add_argument("--megabytes", nargs="+", type=float, default=[100.0, 1000.0], help="sizes (default: 100 1000)")
    parser.add_argument("--folder", type=Path, default=Path("dump-benchmark"), help="where dumps and outputs go (default: %(default)s)")
    parser.add_argument("--memory", metavar="SIZE", help="what comparing may take, as in textclean clean (default: most of the machine's)")
    parser.add_argument("--datatrove", metavar="PYTHON", help="an interpreter that has datatrove, to run its MinHash pipeline on each size")
    parser.add_argument("--text-dedup", metavar="PYTHON", help="an interpreter that has text-dedup, to run its MinHash on the paragraphs")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the curves (needs matplotlib)")
    args = parser.parse_args()
    if _native.DEBUG:
        sys.exit("a debug build measures nothing: maturin develop --release")
    others = peers(args)
    print(", ".join([f"textclean {version('textclean')}", *(f"{peer.name} {peer.version()}" for peer in others)]))
    args.folder.mkdir(exist_ok=True)
    texts, runs = corpus(args.corpus), []
    for megabytes in args.megabytes:
        path = dump(texts, megabytes, args.folder)
        runs.append(ours(path, megabytes, args.folder, args.memory))
        runs.extend(theirs(peer, path, megabytes, args.folder) for peer in others)
    report(runs)
    if args.plot:
        plot(runs, args.plot)


if __name__ == "__main__":
    main()
