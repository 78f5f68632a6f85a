"""Checks what the project depends on: `python3 tools/audit.py [--offline]`.

    cargo deny    Cargo.lock against deny.toml: licences, doubles, where crates come from, and known vulnerabilities
    pip-audit     what pyproject.toml names, all extras included, in the versions that pip takes today: known vulnerabilities

Both ask databases on the network for vulnerabilities; `--offline` leaves that out, and pip-audit with it. They have to be installed: `cargo
install --locked cargo-deny` and `pip install pip-audit`. The first failure ends it, with its exit code.
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def requirements(project: dict[str, Any]) -> list[str]:
    """Returns what a project depends on, with all of its extras but those that only developers need.

    Args:
        project: the table `project` of pyproject.toml.
    """
    own = project["name"]
    extras = {name: some for name, some in project.get("optional-dependencies", {}).items() if name not in ("dev", "test")}
    named = [*project["dependencies"], *(each for some in extras.values() for each in some)]
    # An extra that names others of ours names nothing new.
    return sorted({each for each in named if not each.startswith(f"{own}[")})


def commands(offline: bool, listed: str) -> list[list[str]]:
    """Returns the commands to run; `listed` is the path of a file of requirements."""
    checks = ["bans", "licenses", "sources"] if offline else []
    deny = ["cargo", "deny", "--all-features", "--locked", "check", *checks]
    return [deny] if offline else [deny, [sys.executable, "-m", "pip_audit", "--strict", "--requirement", listed]]


def main() -> None:
    """Runs both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offline", action="store_true", help="ask nobody about vulnerabilities")
    args = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "requirements.txt")
        listed.write_text("\n".join(requirements(project)) + "\n", encoding="utf-8")
        for command in commands(args.offline, str(listed)):
            print("+", *command, flush=True)
            if code := subprocess.run(command, cwd=ROOT).returncode:
                sys.exit(code)


if __name__ == "__main__":
    main()
