"""Builds the project and checks all of it, in a virtual environment of its own: `python3 tools/check.py [--venv DIR] [STEP ...]`.

Steps, in this order: build, lint, types, rust, test. It needs Python and a Rust toolchain; everything else is installed into the
environment. The tests run against the built wheel, not against the tree.
"""

import argparse
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*command: str | Path) -> None:
    """Runs a command in the project's folder; a failure ends the whole."""
    print("+", *command, flush=True)
    if (code := subprocess.run([str(part) for part in command], cwd=ROOT).returncode) != 0:
        sys.exit(code)


def build(bin_: Path) -> None:
    """The wheel, installed with what tests and checks need."""
    if not bin_.exists():
        venv.create(bin_.parent, with_pip=True)
    wheels = ROOT / "target" / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    run(bin_ / "python", "-m", "pip", "install", "--quiet", "--upgrade", "pip", "maturin>=1.14,<2")
    run(bin_ / "maturin", "build", "--quiet", "--release", "--locked", "--out", wheels)
    (wheel,) = wheels.glob("*.whl")
    run(bin_ / "python", "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", wheel)
    run(bin_ / "python", "-m", "pip", "install", "--quiet", f"{wheel}[dev]")


def lint(bin_: Path) -> None:
    """Format and lint, Rust and Python."""
    for part, *options in (("fmt", "--check"), ("clippy", "--quiet", "--all-targets", "--", "-D", "warnings")):
        if subprocess.run(["cargo", part, "--version"], cwd=ROOT, capture_output=True).returncode == 0:
            run("cargo", part, *options)
        else:
            print(f"cargo {part} is not part of this Rust toolchain: left out", flush=True)
    run(bin_ / "ruff", "format", "--check")
    run(bin_ / "ruff", "check")


def types(bin_: Path) -> None:
    """Strict types, and the stub of the native module against the module."""
    run(bin_ / "mypy")
    run(bin_ / "python", "-m", "mypy.stubtest", "textclean._native", "--allowlist", "tests/stubtest-allow.txt")


def rust(_: Path) -> None:
    """The Rust tests; no interpreter is needed."""
    run("cargo", "test", "--quiet", "--locked", "--no-default-features")


def test(bin_: Path) -> None:
    """The Python tests, against the installed wheel."""
    run(bin_ / "python", "-P", "-m", "pytest")


STEPS = {step.__name__: step for step in (build, lint, types, rust, test)}


def main() -> None:
    """Runs the steps asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"some of {', '.join(STEPS)} (default: all)")
    parser.add_argument("--venv", type=Path, default=Path(".venv-test"), help="where the environment is, or is made (default: %(default)s)")
    args = parser.parse_args()
    if unknown := set(args.steps) - STEPS.keys():
        parser.error(f"no step {', '.join(sorted(unknown))}; the steps are {', '.join(STEPS)}")
    for name, step in STEPS.items():
        if not args.steps or name in args.steps:
            step(ROOT / args.venv / "bin")


if __name__ == "__main__":
    main()
