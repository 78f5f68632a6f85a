"""Builds the project and checks all of it, in a virtual environment of its own: `python3 tools/check.py [--slow] [--venv DIR] [STEP ...]`.

It needs Python and a Rust toolchain; everything else is installed into the environment. The tests run against the built wheel, not against
the tree. Tests marked as slow are left out, unless `--slow` is given or the environment variable CI is set, as the gate sets it.

The first failure ends it. The last lines say how long each step took and how many tests ran.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: What names the workspace of the fuzz targets, which is one of its own.
FUZZ = ("--manifest-path", "fuzz/Cargo.toml")
#: How it is built without libFuzzer, which a stable toolchain can.
STABLE = ("--quiet", "--locked", "--no-default-features", "--target-dir", "target/fuzz")
#: Seconds for each native target, and for each kind of input to the package as a whole; as many at once as there are processors.
SEARCHED = 20


#: What is searched: the native targets, and the kinds of input that the package as a whole is given.
TARGETS = sorted(path.stem for path in (ROOT / "fuzz" / "fuzz_targets").glob("*.rs"))
WHOLE = ("pages", "files", "readers")


class FailedError(Exception):
    """A command has failed; `code` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


@dataclass
class Check:
    """What a step is told, and what it has to tell.

    Attributes:
        bin: the folder of the environment's programs.
        slow: whether tests marked as slow run.
        tests: by language, how many tests passed, failed, were skipped, were left out.
        seconds: how long each step took.
    """

    bin: Path
    slow: bool = False
    tests: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def run(*command: str | Path) -> None:
    """Runs a command in the project's folder; raises `FailedError` if it fails."""
    print("+", *command, flush=True)
    if (code := subprocess.run([str(part) for part in command], cwd=ROOT).returncode) != 0:
        raise FailedError(code)


def run_tests(check: Check, language: str, *command: str | Path) -> None:
    """Runs a command that runs tests, shows what it prints, and notes how many tests it says it ran, also if it fails."""
    print("+", *command, flush=True)
    lines = []
    with subprocess.Popen([str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf8", errors="replace") as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    check.tests[language] = counts("".join(lines))
    if process.returncode != 0:
        raise FailedError(process.returncode)


#: What cargo and pytest call what the summary counts. An error in a fixture is a failure; a test that is known to fail does as expected.
OUTCOMES = {
    "passed": "passed",
    "xfailed": "passed",
    "failed": "failed",
    "error": "failed",
    "errors": "failed",
    "skipped": "skipped",
    "ignored": "skipped",
    "deselected": "left out",
    "filtered out": "left out",
}
#: How cargo ends each of its sets of tests: "test result: ok. 9 passed; 0 failed; ...".
CARGO = re.compile(r"^test result: .*", re.MULTILINE)
#: How pytest ends: "9 passed, 1 skipped in 2.00s".
PYTEST = re.compile(rf"^=*\s?\d+ (?:{'|'.join(OUTCOMES)})\b.* in [\d.]+s\b.*", re.MULTILINE)
COUNT = re.compile(rf"(\d+) ({'|'.join(OUTCOMES)})\b")


def counts(output: str) -> Counter[str]:
    """Returns how many tests passed, failed, were skipped and were left out, from what cargo or pytest has printed."""
    found: Counter[str] = Counter()
    for line in CARGO.findall(output) or PYTEST.findall(output)[-1:]:
        for number, outcome in COUNT.findall(line):
            found[OUTCOMES[outcome]] += int(number)
    return found


def build(check: Check) -> None:
    """Builds the wheel, and installs it with what tests and checks need."""
    if not check.bin.exists():
        venv.create(check.bin.parent, with_pip=True)
    wheels = ROOT / "target" / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    run(check.bin / "python", "-m", "pip", "install", "--quiet", "--upgrade", "pip", "maturin>=1.14,<2")
    run(check.bin / "maturin", "build", "--quiet", "--release", "--locked", "--out", wheels)
    (wheel,) = wheels.glob("*.whl")
    run(check.bin / "python", "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", wheel)
    run(check.bin / "python", "-m", "pip", "install", "--quiet", f"{wheel}[dev]")


def lint(check: Check) -> None:
    """Checks format and lints, Rust and Python."""
    strict = ("--all-targets", "--", "-D", "warnings")
    parts = [("fmt", "--check"), ("fmt", "--check", *FUZZ), ("clippy", "--quiet", *strict)]
    if check.slow:
        parts.append(("clippy", *FUZZ, *STABLE, *strict))
    for part, *options in parts:
        if subprocess.run(["cargo", part, "--version"], cwd=ROOT, capture_output=True).returncode == 0:
            run("cargo", part, *options)
        else:
            print(f"cargo {part} is not part of this Rust toolchain: left out", flush=True)
    run(check.bin / "ruff", "format", "--check")
    run(check.bin / "ruff", "check")


def types(check: Check) -> None:
    """Checks types strictly, and the stub of the native module against the module."""
    run(check.bin / "mypy")
    run(check.bin / "python", "-m", "mypy.stubtest", "textclean._native", "--allowlist", "tests/stubtest-allow.txt")


def walls(check: Check) -> None:
    """Checks that no import of Python's half goes up or round in a circle; the Rust tests do so for the other half."""
    run(check.bin / "lint-imports")


def rust(check: Check) -> None:
    """Runs the Rust tests; no interpreter is needed."""
    run_tests(check, "Rust", "cargo", "test", "--quiet", "--locked", "--no-default-features")


def test(check: Check) -> None:
    """Runs the Python tests, against the installed wheel, on all processors."""
    some = ("-n", str(os.cpu_count() or 1), *(() if check.slow else ("-m", "not slow")))
    run_tests(check, "Python", check.bin / "python", "-P", "-m", "pytest", *some)


def fuzz(check: Check) -> None:
    """Searches for inputs that break a contract, `SEARCHED` seconds for each target; only with --slow or CI, since it takes many."""
    if not check.slow:
        print("the search for inputs that break a contract was left out: --slow runs it, and so does CI=1", flush=True)
        return
    run("cargo", "build", *FUZZ, *STABLE, "--bin", "drive")
    native = [(ROOT / "target" / "fuzz" / "debug" / "drive", target) for target in TARGETS]
    whole = [(check.bin / "python", "fuzz/whole.py", kind) for kind in WHOLE]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # Each job is waited for, so that one find does not hide another.
        failures = [job.exception() for job in [pool.submit(run, *command, "--seconds", str(SEARCHED)) for command in native + whole]]
    for failure in filter(None, failures):
        raise failure


#: The steps, in the order in which they run. A further one is a function here and its name in this table.
STEPS = {step.__name__: step for step in (build, lint, types, walls, rust, test, fuzz)}


def perform(check: Check, names: list[str]) -> int:
    """Runs steps up to the first failure, tells how it went, and returns the exit code: that of the command that failed, or 0."""
    code, failures = 0, []
    for name in names:
        began = time.monotonic()
        try:
            STEPS[name](check)
        except FailedError as error:
            code = error.code
            failures.append(f"FAILED: {name} ({error})")
        check.seconds[name] = time.monotonic() - began
        if failures:
            break
    print(*summary(check), *failures, told(sum(check.tests.values(), Counter())), sep="\n", flush=True)
    return code


def summary(check: Check) -> list[str]:
    """Returns what is told of the steps that ran: seconds, tests by language, and what was left out."""
    seconds = check.seconds | {"all": sum(check.seconds.values())}
    lines = ["", *(f"{name:<{max(map(len, seconds))}} {spent:6.1f} s" for name, spent in seconds.items())]
    lines += [f"{language} tests: {told(found, ',')}" for language, found in check.tests.items()]
    if left := sum(found["left out"] for found in check.tests.values()):
        lines.append(f"{left:,} tests marked as slow were left out: --slow runs them, and so does CI=1")
    return lines


def told(found: Counter[str], thousands: str = "") -> str:
    """Returns counts as text: `N passed, N failed, N skipped`."""
    return ", ".join(f"{found[outcome]:{thousands}} {outcome}" for outcome in ("passed", "failed", "skipped"))


def main() -> None:
    """Runs the steps asked for."""
    steps = "\n".join(f"  {name:<6} {(step.__doc__ or '').splitlines()[0]}" for name, step in STEPS.items())
    parser = argparse.ArgumentParser(
        description=f"{__doc__}\nSteps, in this order:\n{steps}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"some of {', '.join(STEPS)} (default: all)")
    parser.add_argument("--slow", action="store_true", help="the tests that are marked as slow, too (always so if CI is set)")
    parser.add_argument("--venv", type=Path, default=Path(".venv-test"), help="where the environment is, or is made (default: %(default)s)")
    args = parser.parse_args()
    if unknown := set(args.steps) - STEPS.keys():
        parser.error(f"no step {', '.join(sorted(unknown))}; the steps are {', '.join(STEPS)}")
    check = Check(ROOT / args.venv / "bin", slow=args.slow or bool(os.environ.get("CI")))
    sys.exit(perform(check, [name for name in STEPS if not args.steps or name in args.steps]))


if __name__ == "__main__":
    main()
