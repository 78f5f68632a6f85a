"""The benchmarks run, with peers missing too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from textclean import _native

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
#: Runs a script as if rensa were not there.
WITHOUT = "import runpy, sys; sys.modules['rensa'] = None; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"


@pytest.mark.skipif(_native.DEBUG, reason="benchmarks refuse a debug build")
def test_dedupe_says_which_peers_are_missing() -> None:
    """The benchmark names each missing peer with how to get it, and its own rows are there and right."""
    program = [sys.executable, "-c", WITHOUT]
    done = subprocess.run(
        [*program, str(BENCHMARKS / "dedupe.py"), "--limit", "300", "--text-dedup", "no-such-python"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "rensa: left out (not installed: pip install rensa)" in done.stderr
    assert "text-dedup: left out (" in done.stderr
    assert [line.split()[:3] for line in done.stdout.splitlines()[2:4]] == [
        ["textclean", "100.00%", "100.00%"],
        ["textclean_bands", "100.00%", "100.00%"],
    ]
