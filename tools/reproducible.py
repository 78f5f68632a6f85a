"""Builds the wheel twice, in two folders of different names, and compares the bytes: `python3 tools/reproducible.py [--python PYTHON]`.

Each build is of the files that git knows, as they stand, in a fresh copy with a target folder of its own. It exits with 1 if the wheels
differ, and names the files in them that do. `environment` has what makes a build depend on the source alone; the release sets the same.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def environment(source: Path, epoch: str) -> dict[str, str]:
    """Returns the environment variables that make a build depend on the source alone.

    Args:
        source: the folder of the project.
        epoch: seconds since 1970, which all files in the wheel bear as their time.
    """
    cargo = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    # Panics name source files. What stands before the part that is the same everywhere goes.
    prefixes = {source.resolve(): "textclean", cargo.resolve(): "cargo"}
    flags = [f"--remap-path-prefix={path}={name}" for path, name in prefixes.items()]
    return {"SOURCE_DATE_EPOCH": epoch, "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags), "CARGO_INCREMENTAL": "0"}


def epoch_of(root: Path) -> str:
    """Returns the time of the last commit, in seconds since 1970."""
    return subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def copied(root: Path, folder: Path) -> Path:
    """Copies the files that git knows into a folder."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, folder / name)
    return folder


def built(source: Path, python: str, epoch: str) -> Path:
    """Builds the wheel of a folder, as a release is built; returns its path."""
    command = [python, "-m", "maturin", "build", "--quiet", "--release", "--locked", "--out", str(source / "wheels")]
    variables = os.environ | environment(source, epoch) | {"CARGO_TARGET_DIR": str(source / "target")}
    subprocess.run(command, cwd=source, env=variables, check=True)
    (wheel,) = (source / "wheels").glob("*.whl")
    return wheel


def differences(one: Path, other: Path) -> list[str]:
    """Returns the names of the files in two wheels that differ, and what else differs."""
    if one.read_bytes() == other.read_bytes():
        return []
    with zipfile.ZipFile(one) as first, zipfile.ZipFile(other) as second:
        names = sorted({*first.namelist(), *second.namelist()})
        both = set(first.namelist()) & set(second.namelist())
        found = [name for name in names if name not in both or first.read(name) != second.read(name)]
    return found or ["the archive itself: order, times or modes of its files"]


def main() -> None:
    """Builds twice, compares, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has maturin (default: this one)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="copy both wheels there, as a/ and b/")
    args = parser.parse_args()
    epoch = epoch_of(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        wheels: list[Path] = []
        sources = [copied(ROOT, Path(folder, "a")), Path(folder, "quite-another-name", "b")]
        shutil.copytree(*sources)
        for source in sources:
            wheels.append(built(source, args.python, epoch))
            digest = hashlib.sha256(wheels[-1].read_bytes()).hexdigest()
            print(f"{digest}  {wheels[-1].name}, {wheels[-1].stat().st_size:,} bytes, built in {source}", flush=True)
            if args.keep:
                (args.keep / source.name).mkdir(parents=True, exist_ok=True)
                shutil.copy(wheels[-1], args.keep / source.name)
            shutil.rmtree(source / "target")
        if found := differences(*wheels):
            sys.exit("not the same:\n" + "\n".join(f"  {name}" for name in found))
        print("the same, byte for byte")


if __name__ == "__main__":
    main()
