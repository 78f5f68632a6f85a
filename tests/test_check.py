"""The script that checks the project: what it counts, what it says at its end, and that a failure is one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "tools" / "check.py"
CARGO = """\
running 97 tests
....
test result: ok. 97 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.50s
test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.10s
"""


@pytest.fixture(name="check")
def _check(monkeypatch):
    """Gives the script as a module."""
    spec = importlib.util.spec_from_file_location("check", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "check", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        (CARGO, {"passed": 101, "failed": 0, "skipped": 2, "left out": 3}),
        ("...\n4705 passed, 7 skipped, 18 deselected in 223.48s (0:03:43)\n", {"passed": 4705, "skipped": 7, "left out": 18}),
        ("9 passed in 1.00s\n=== 2 failed, 3 passed, 1 xfailed, 1 error in 0.51s ===\n", {"passed": 4, "failed": 3}),
        ("error: could not compile `textclean`", {}),
    ],
    ids=["cargo", "pytest", "failures", "nothing"],
)
def test_tests_are_counted(check, output, counts):
    """The counts are read from what cargo (all its sets of tests) and pytest (its last line) print."""
    assert dict(check.counts(output)) == counts


def steps(check, *codes):
    """Returns steps of the script, each of which runs a command that says it ran two tests and ends with a code."""

    def step(number, code):
        command = f"print('2 passed, 1 skipped, 1 deselected in 0.10s'); raise SystemExit({code})"
        return lambda state: check.run_tests(state, f"number {number}", sys.executable, "-c", command)

    return {f"step{number}": step(number, code) for number, code in enumerate(codes)}


def test_the_end_tells_what_ran(check, monkeypatch, capfd):
    """The last lines tell tests by language, what was left out, and all tests together in one plain line."""
    monkeypatch.setattr(check, "STEPS", steps(check, 0, 0))
    assert check.perform(check.Check(Path()), ["step0", "step1"]) == 0
    *_, first, second, left, last = capfd.readouterr().out.splitlines()
    assert first == "number 0 tests: 2 passed, 0 failed, 1 skipped"
    assert second == "number 1 tests: 2 passed, 0 failed, 1 skipped"
    assert left.startswith("2 tests marked as slow were left out: --slow")
    assert last == "4 passed, 0 failed, 2 skipped"


def test_a_failure_ends_it(check, monkeypatch, capfd):
    """After a step that fails no other runs; the end says which it was, and the exit code is its command's."""
    monkeypatch.setattr(check, "STEPS", steps(check, 0, 5, 0))
    assert check.perform(check.Check(Path()), list(check.STEPS)) == 5
    lines = capfd.readouterr().out.splitlines()
    assert lines[-2:] == ["FAILED: step1 (exit code 5)", "4 passed, 0 failed, 2 skipped"]
    assert any(line.startswith("step1 ") for line in lines)
    assert not any(line.startswith("step2 ") for line in lines)
