"""Searches with libFuzzer and AddressSanitizer: `python fuzz/run.py [--seconds N] [--jobs N] [TARGET ...]`.

It needs cargo-fuzz and a nightly toolchain. Each target (default: all) runs for the given time, from its seeds and from the corpus of
earlier runs under `fuzz/corpus/`, which grows. An input for which a contract does not hold is written to `fuzz/artifacts/`; then the exit
code is 1. `--coverage` runs nothing new: it tells which part of the edges of each room the corpora reach.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent.resolve()
TRIPLE = "x86_64-unknown-linux-gnu"
TARGETS = sorted(path.stem for path in (FOLDER / "fuzz_targets").glob("*.rs"))
#: Targets whose bytes are text.
TEXT = {"split", "repair", "unwrap", "words", "json"}
#: Seconds for one input, bytes of the longest input, megabytes of memory.
SLOW, LONGEST, MEMORY = 25, 2048, 4096


@dataclass(frozen=True)
class Outcome:
    """How a run of a target ended."""

    target: str
    code: int
    executions: int = 0
    edges: int = 0
    features: int = 0
    corpus: int = 0

    def __str__(self) -> str:
        """One line for people."""
        counts = f"{self.executions:>12,} executions {self.edges:>7,} edges {self.features:>8,} features {self.corpus:>6,} in the corpus"
        return f"{self.target:<10} {counts}  {'nothing found' if self.code == 0 else 'FOUND: see fuzz/artifacts/' + self.target}"


def build() -> None:
    """Builds all targets."""
    subprocess.run(["cargo", "+nightly", "fuzz", "build", "--fuzz-dir", "."], cwd=FOLDER, check=True)


def program(target: str) -> Path:
    """Returns where cargo-fuzz puts a target."""
    return Path(os.environ.get("CARGO_TARGET_DIR", FOLDER / "target")) / TRIPLE / "release" / target


def command(target: str) -> list[str]:
    """Returns the program, its options, and its corpora."""
    corpus, artifacts = FOLDER / "corpus" / target, FOLDER / "artifacts" / target
    for folder in (corpus, artifacts):
        folder.mkdir(parents=True, exist_ok=True)
    options = [f"-artifact_prefix={artifacts}/", f"-timeout={SLOW}", f"-max_len={LONGEST}", f"-rss_limit_mb={MEMORY}"]
    if target in TEXT:
        options.append(f"-dict={FOLDER / 'text.dict'}")
    return [str(program(target)), *options, str(corpus), str(FOLDER / "seeds" / target)]


def search(target: str, seconds: int) -> Outcome:
    """Runs a target; what it says goes to a log beside its artifacts."""
    run = subprocess.run([*command(target), f"-max_total_time={seconds}", "-print_final_stats=1"], capture_output=True, cwd=FOLDER)
    said = run.stderr.decode("utf8", "replace")
    (FOLDER / "artifacts" / target / "log").write_text(said, encoding="utf8")
    found = re.findall(r"^#\d+\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)", said, re.MULTILINE)
    edges, features, corpus = map(int, found[-1]) if found else (0, 0, 0)
    executions = re.search(r"stat::number_of_executed_units:\s*(\d+)", said)
    outcome = Outcome(target, run.returncode, int(executions[1]) if executions else 0, edges, features, corpus)
    print(outcome, flush=True)
    if run.returncode:
        print("\n".join(said.splitlines()[-60:]), flush=True)
    return outcome


def tell_coverage(targets: list[str]) -> None:
    """Tells which part of the edges of each room the corpora reach: an edge counts as reached if one target does."""
    best: dict[tuple[str, str], tuple[int, int]] = {}
    for target in targets:
        run = subprocess.run([*command(target), "-runs=0", "-print_coverage=1"], capture_output=True, cwd=FOLDER)
        said = run.stderr.decode("utf8", "replace")
        for hits, reached, all_edges, name, room in re.findall(
            r"COVERED_FUNC: hits: (\d+) edges: (\d+)/(\d+) (\S.*?) \S*/rust/src/(\S+?)(?:/|\.rs)", said
        ):
            key = (room, name)
            best[key] = max(best.get(key, (0, 0)), (int(reached) if int(hits) else 0, int(all_edges)))
        for all_edges, name, room in re.findall(r"UNCOVERED_FUNC: hits: 0 edges: 0/(\d+) (\S.*?) \S*/rust/src/(\S+?)(?:/|\.rs)", said):
            best.setdefault((room, name), (0, int(all_edges)))
    rooms: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for (room, _), (reached, all_edges) in best.items():
        total = rooms[room]
        total[0], total[1], total[2], total[3] = total[0] + reached, total[1] + all_edges, total[2] + bool(reached), total[3] + 1
    for room, (reached, all_edges, functions, count) in sorted(rooms.items()):
        share = reached / max(all_edges, 1)
        print(f"{room:<10} {reached:>6,} of {all_edges:>6,} edges ({share:.0%}), {functions} of {count} functions")


def main() -> None:
    """Builds, and runs what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"some of {', '.join(TARGETS)} (default: all)")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="targets that run at the same time (default: %(default)s)")
    parser.add_argument("--coverage", action="store_true", help="tell what the corpora reach, room by room")
    args = parser.parse_args()
    if unknown := set(args.targets) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; the targets are {', '.join(TARGETS)}")
    targets = args.targets or TARGETS
    build()
    if args.coverage:
        tell_coverage(targets)
        return
    with ThreadPoolExecutor(args.jobs) as pool:
        outcomes = list(pool.map(lambda target: search(target, args.seconds), targets))
    sys.exit(any(outcome.code for outcome in outcomes))


if __name__ == "__main__":
    main()
