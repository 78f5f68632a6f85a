"""The distribution is called otherwise than the package, and says so where somebody else's `textclean` is installed as well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import textclean_articles


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A folder in which another distribution called textclean is installed, whose package can't be imported."""
    (tmp_path / "textclean-0.4.dist-info").mkdir()
    (tmp_path / "textclean-0.4.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: textclean\nVersion: 0.4\n")
    (tmp_path / "textclean").mkdir()
    (tmp_path / "textclean" / "__init__.py").write_text("from textclean import textclean\n")
    (tmp_path / "textclean" / "textclean.py").write_text("print 'for Python 2'\n")
    return tmp_path


def start(folder: Path | None, *args: str, code: str = "from textclean_articles.launcher import main; main()") -> tuple[int, str, str]:
    """Runs the command in a process of its own; returns its exit code, standard output and error."""
    path = os.pathsep.join(filter(None, [str(folder or ""), os.environ.get("PYTHONPATH", "")]))
    env = os.environ | {"PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-P", "-c", code, *args], env=env, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_a_package_that_took_the_name_is_named(other: Path) -> None:
    """The command can't load the package then, and says whose it is and what to do instead of a traceback."""
    code, out, err = start(other, "--version")
    assert (code, out) == (1, "")
    assert err.startswith("textclean: can't be loaded: the package textclean 0.4 of somebody else is installed in the same folder: ")
    assert "pip uninstall textclean" in err
    assert "pip install --force-reinstall textclean-articles" in err


def test_one_that_stands_beside_is_named_with_the_version(other: Path) -> None:
    """Where the package itself works, --version names another distribution of the same name."""
    for path in (other / "textclean").iterdir():
        path.unlink()
    (other / "textclean").rmdir()
    code, out, _ = start(other, "--version")
    assert code == 0
    assert out.splitlines()[0].startswith("textclean ")
    assert "textclean 0.4 of somebody else" in out.splitlines()[1]


def test_an_import_that_fails_tells_of_it(other: Path) -> None:
    """What is missing from the package may have been overwritten, so the error carries a note."""
    for path in (other / "textclean").iterdir():
        path.unlink()
    (other / "textclean").rmdir()
    code = "import sys, textclean; sys.modules['textclean.api'] = None; textclean.clean"
    _, _, err = start(other, code=code)
    assert "ImportError" in err or "ModuleNotFoundError" in err
    assert "textclean 0.4 of somebody else" in err.splitlines()[-1]


def test_nothing_is_said_where_nothing_is_amiss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no other distribution called textclean is installed, nothing is said of one."""

    def missing(name: str) -> str:
        raise textclean_articles.PackageNotFoundError(name)

    monkeypatch.setattr(textclean_articles, "version", missing)
    assert textclean_articles.neighbour() is None
