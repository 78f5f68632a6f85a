"""Compiles the rule files of this checkout: `make rules`, after editing one. A test says when it was forgotten."""

from pathlib import Path

from textclean.rules.ruleset import COMPILED, compile_files

FOLDER = Path(__file__).parent.parent / "src" / "textclean" / "rules"

if __name__ == "__main__":
    files = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}
    (FOLDER / COMPILED).write_text(compile_files(files), encoding="utf-8")
