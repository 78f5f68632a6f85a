"""Searches the package as a whole: `python fuzz/whole.py [--seconds N] [--seed N] [--lines FILE] [KIND ...]`.

    pages    texts put together from lines of real-looking pages, damaged, cleaned with any options: accounted removal, idempotence,
             the same answer alone and in company
    files    corpora of files of every format, damaged: a run ends with an answer or an error of the package's own tree, its counts add
             up, and what it has written is whole
    readers  rule files, template files and model files, damaged: what is read works, or an error says what is wrong

The same seed makes the same inputs, so a find can be made again. A find is made smaller, written to `fuzz/found/` and shown; then the exit
code is 1. `--replay FILE` checks such a file again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Protocol

import whole_files
import whole_pages
import whole_readers
from textclean.errors import MarkupWarning
from whole_lines import Lines

FOUND = Path(__file__).parent / "found"

#: An input, as JSON can hold it.
Case = dict[str, Any]


class Kind(Protocol):
    """What is searched for: a module that makes inputs, checks one, and knows smaller ones."""

    def make(self, rng: Random, lines: Lines) -> Case:
        """Returns an input."""

    def check(self, case: Case) -> None:
        """Raises whatever an input for which a contract does not hold makes it raise."""

    def smaller(self, case: Case) -> Iterator[Case]:
        """Yields inputs that are smaller, the smallest first."""


KINDS: dict[str, Kind] = {"pages": whole_pages, "files": whole_files, "readers": whole_readers}
#: Seconds that making a find smaller may take.
PATIENCE = 60.0


def failure(check: Callable[[Case], None], case: Case) -> str | None:
    """Returns what an input brings about, as the last lines of its traceback; None if all is well."""
    try:
        check(case)
    except (KeyboardInterrupt, SystemExit):
        raise
    # Whatever else comes out is a find, a panic of the native half too: what the package raises on purpose, the checks expect.
    except BaseException:
        return "".join(traceback.format_exc().splitlines(keepends=True)[-8:])
    return None


def reason(said: str) -> str:
    """The kind of a failure: the error's type and the place it comes from, so that a smaller input is one of the same failure."""
    lines = said.splitlines()
    return next((line.split(", in ")[-1] for line in reversed(lines) if line.lstrip().startswith("File ")), "") + lines[-1].split(":")[0]


def shrunk(kind: Kind, case: Case, why: str) -> Case:
    """Returns the smallest input found in bounded time that fails for the same reason."""
    until = time.monotonic() + PATIENCE
    found = True
    while found:
        found = False
        for smaller in kind.smaller(case):
            if time.monotonic() > until:
                return case
            said = failure(kind.check, smaller)
            if said is not None and reason(said) == why:
                case, found = smaller, True
                break
    return case


def search(name: str, seconds: float, seed: int, lines: Lines) -> bool:
    """Runs one kind for so long; false if it found something."""
    kind, began, number = KINDS[name], time.monotonic(), 0
    slowest = 0.0
    while time.monotonic() - began < seconds:
        case = kind.make(Random(f"{seed} {name} {number}"), lines)
        before = time.monotonic()
        said = failure(kind.check, case)
        slowest = max(slowest, time.monotonic() - before)
        number += 1
        if said is not None:
            case = shrunk(kind, case, reason(said))
            FOUND.mkdir(exist_ok=True)
            place = FOUND / f"{name}-{seed}-{number - 1}.json"
            place.write_text(json.dumps({"kind": name, "case": case}, indent=1), encoding="utf8")
            print(f"{name}: found after {number:,} inputs, made smaller in {place}", failure(kind.check, case), sep="\n", flush=True)
            return False
    spent = time.monotonic() - began
    print(f"{name:<8} {number:>7,} inputs in {spent:.0f} s, the slowest in {slowest:.1f} s, nothing found", flush=True)
    return True


def main() -> None:
    """Searches for what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"some of {', '.join(KINDS)} (default: all)")
    parser.add_argument("--seconds", type=float, default=30, help="for each kind (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which inputs are made (default: %(default)s)")
    parser.add_argument("--lines", type=Path, help="a JSONL file whose texts give lines besides (field text)")
    parser.add_argument("--replay", type=Path, help="a find to check again")
    args = parser.parse_args()
    if unknown := set(args.kinds) - KINDS.keys():
        parser.error(f"no kind {', '.join(sorted(unknown))}; the kinds are {', '.join(KINDS)}")
    if args.replay:
        found = json.loads(args.replay.read_text(encoding="utf8"))
        said = failure(KINDS[found["kind"]].check, found["case"])
        print(said or "nothing found")
        sys.exit(said is not None)
    warnings.simplefilter("ignore", MarkupWarning)
    lines = Lines.of(args.lines)
    quiet = [search(name, args.seconds, args.seed, lines) for name in args.kinds or KINDS]
    sys.exit(not all(quiet))


if __name__ == "__main__":
    main()
