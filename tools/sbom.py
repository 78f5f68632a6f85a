"""Writes the list of crates that comes with each wheel: `python3 tools/sbom.py`, after each change of Cargo.lock.

It is made by cargo-cyclonedx (`cargo install --locked cargo-cyclonedx`), and maturin could have it made while a wheel is built. But then it
names the folder of the build, so that no two wheels are the same. So the folder and the time go, and the file is committed; a test says
when it is stale.
"""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: Where the list is, without its suffix.
LISTED = ROOT / "rust" / "textclean.cyclonedx"


def plain(listed: str, root: Path) -> str:
    """Returns a list without the folder in which it was made."""
    return listed.replace(root.resolve().as_uri(), "file:///textclean") + "\n" * (not listed.endswith("\n"))


def main() -> None:
    """Writes the list."""
    options = ["--format", "json", "--spec-version", "1.5", "--all-features", "--target", "all", "--override-filename", LISTED.name]
    command = ["cargo", "cyclonedx", "--manifest-path", str(ROOT / "rust" / "Cargo.toml"), *options]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"SOURCE_DATE_EPOCH": "0"}, check=True)
    path = LISTED.with_name(f"{LISTED.name}.json")
    path.write_text(plain(path.read_text(encoding="utf-8"), ROOT), encoding="utf-8")


if __name__ == "__main__":
    main()
