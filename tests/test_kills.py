"""A run that is killed outright, at any moment and in any format, goes on to the bytes of a run that was left alone."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from test_power import EVERY, OUTPUTS, RUNS, on_disk, run_of, wanted

#: Says when it is ready, waits for a line, and runs: so a kill falls into the run, however long Python takes to begin.
COMMAND = """
import sys
from textclean import clean
from textclean.corpus import clean_corpus, shards
clean("A line.")
shards.SHARD_DOCUMENTS = 25
inputs, output, across, removals, resume = sys.argv[1:-4], *sys.argv[-4:]
print("ready", flush=True)
sys.stdin.readline()
clean_corpus(inputs, output, across=across, removals=removals, resume=resume == "True", workers=1)
"""
MODES = [(across, output) for across in ("none", "paragraph", "document") for output in OUTPUTS] if EVERY else RUNS


def killed(arguments: list[Any], wait: float) -> bool:
    """Starts a run in a process of its own, and kills it after so many seconds; returns whether it was still running."""
    with subprocess.Popen(
        [sys.executable, "-P", "-c", COMMAND, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        process.stdin.write(b"\n")
        process.stdin.flush()
        time.sleep(wait)
        process.kill()
    return process.returncode != 0


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
@pytest.mark.parametrize(("across", "output"), MODES)
def test_a_run_that_is_killed_goes_on_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, across: str, output: str) -> None:
    """Killed, killed again while it goes on, and left alone: what has its name is whole each time, and all is there in the end."""
    root, start = run_of(tmp_path, monkeypatch, across, output)
    start()
    begun = time.monotonic()
    start(force=True)
    seconds = time.monotonic() - begun
    whole = wanted(on_disk(root))
    draw, kills, ends = random.Random(f"{across} {output}"), 0, 0
    for _ in range(3 if EVERY else 1):
        start(force=True)
        for name in wanted(on_disk(root)):
            (root / name).unlink()
        resume = False
        for _ in range(2):
            arguments = [*sorted((tmp_path / "in").iterdir()), root / output, across, root / "gone.jsonl", resume]
            if killed(arguments, draw.uniform(0.05, 1) * seconds):
                kills += 1
            left = wanted(on_disk(root))
            assert left.items() <= whole.items()
            ends += left == whole
            resume = True
        start(resume=True)
        assert wanted(on_disk(root)) == whole
    print(f"kills, {across}, {output}: {kills}; {ends} after all was written")
    assert kills
