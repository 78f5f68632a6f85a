"""What the papers say of releases and checks is so: actions are pinned, jobs have few permissions, versions are those of the project."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

import textclean

ROOT = Path(__file__).parents[1]
WORKFLOWS = [ROOT / ".github" / "workflows" / name for name in ("ci.yml", "audit.yml", "release.yml")]
every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
LISTED = ROOT / "rust" / "textclean.cyclonedx.json"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def script(name: str, patch: pytest.MonkeyPatch) -> object:
    """A script of the tools, as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    patch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


@every_workflow
def test_actions_are_named_by_their_commits(path: Path) -> None:
    """A tag can be moved to other code; the hash of a commit can't. The version stands beside it for people."""
    uses = re.findall(r"uses: *(.+)", path.read_text(encoding="utf-8"))
    assert uses
    assert [each for each in uses if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


@every_workflow
def test_jobs_have_the_permissions_that_they_need(path: Path) -> None:
    """A workflow begins with none, each job says its own, and only the one that publishes may write anything."""
    text = path.read_text(encoding="utf-8")
    head, _, jobs = text.partition("\njobs:\n")
    assert "\npermissions: {}\n" in head
    for job in re.split(r"\n(?=  \w+:\n)", "\n" + jobs.rstrip())[1:]:
        found = re.search(r"\n    permissions:\n((?:      .+\n)+)", job + "\n")
        assert found, job
        allowed = {line.split("#")[0].strip() for line in found[1].splitlines()}
        publishes = job.startswith("  publish:")
        assert allowed == ({"id-token: write", "attestations: write", "contents: read"} if publishes else {"contents: read"})
    assert "secrets." not in text
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_a_release_is_built_with_versions_that_the_project_takes() -> None:
    """Rust is new enough, maturin is one that builds from source take, and documents name the same."""
    text = WORKFLOWS[2].read_text(encoding="utf-8")
    rust = tomllib.loads((ROOT / "rust" / "Cargo.toml").read_text(encoding="utf-8"))["package"]["rust-version"]
    used, wanted = (tuple(map(int, each.split("."))) for each in (re.findall(r"RUST: ([\d.]+)", text)[0], rust))
    assert used >= wanted
    maturin = re.findall(r"MATURIN: v([\d.]+)", text)[0]
    low, high = (tuple(map(int, each.split("."))) for each in re.findall(r"[\d.]+", PROJECT["build-system"]["requires"][0]))
    assert low <= tuple(map(int, maturin.split("."))) < high
    assert f"maturin=={maturin}" in (ROOT / "docs" / "supply-chain.md").read_text(encoding="utf-8")
    assert PROJECT["tool"]["maturin"]["locked"] is True
    assert PROJECT["tool"]["maturin"]["sbom"]["include"] == [LISTED.relative_to(ROOT).as_posix()]


def test_the_gate_is_what_the_workflow_runs() -> None:
    """There is one gate."""
    assert "run: .ci/run\n" in WORKFLOWS[0].read_text(encoding="utf-8")
    assert (ROOT / ".ci" / "run").exists()


def test_each_wheel_says_what_is_in_it() -> None:
    """The list of crates comes with the installed wheel."""
    try:
        wheel = distribution("textclean-articles")
    except PackageNotFoundError:
        pytest.skip("no wheel is installed")
    if Path(wheel.locate_file("textclean/__init__.py")).resolve() != Path(textclean.__file__).resolve():
        pytest.skip("this is the tree, and the wheel another one")
    (listed,) = (each for each in wheel.files or () if "/sboms/" in each.as_posix() and each.name.endswith(".cyclonedx.json"))
    assert listed.read_text(encoding="utf-8") == LISTED.read_text(encoding="utf-8")


def test_the_list_of_crates_is_that_of_the_lock_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the native half depends on, and nothing that only its tests need; `python3 tools/sbom.py` writes it anew."""
    listed = json.loads(LISTED.read_text(encoding="utf-8"))
    assert listed["bomFormat"] == "CycloneDX"
    found = {(each["name"], each["version"], each["hashes"][0]["content"]) for each in listed["components"]}
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    known = {crate["name"]: crate for crate in lock}
    assert len(known) == len(lock), "a crate stands there twice: look for its version too"
    needed = list(tomllib.loads((ROOT / "rust" / "Cargo.toml").read_text(encoding="utf-8"))["dependencies"])
    for name in needed:
        needed += [each for each in known[name].get("dependencies", ()) if each not in needed]
    assert found == {(name, known[name]["version"], known[name]["checksum"]) for name in needed}
    assert "file:///" not in LISTED.read_text(encoding="utf-8").replace("file:///textclean/rust#", "")
    made = f'{{"bom-ref": "path+{ROOT.resolve().as_uri()}/rust#textclean@0.1.0"}}'
    assert script("sbom", monkeypatch).plain(made, ROOT) == '{"bom-ref": "path+file:///textclean/rust#textclean@0.1.0"}\n'


def test_all_that_is_depended_on_is_audited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extras too, and nothing twice; not what developers need, and not ourselves."""
    audit = script("audit", monkeypatch)
    found = audit.requirements(PROJECT["project"])
    assert {"click>=8.1", "pyarrow>=15", "fsspec>=2023.6"} <= set(found)
    assert not [each for each in found if each.startswith(("textclean", "pytest", "ruff"))]
    assert len(found) == len(set(found))
    assert audit.commands(True, "r.txt") == [["cargo", "deny", "--all-features", "--locked", "check", "bans", "licenses", "sources"]]
    assert [command[-1] for command in audit.commands(False, "r.txt")] == ["check", "r.txt"]


def test_wheels_that_differ_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the files in them, or by the archive alone."""
    reproducible = script("reproducible", monkeypatch)

    def wheel(name: str, **contents: str) -> Path:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for each, content in contents.items():
                archive.writestr(zipfile.ZipInfo(each, (2020, 1, 1, 0, 0, 10 * (name == "late"))), content)
        return tmp_path / name

    one = wheel("one", a="a", b="b")
    assert reproducible.differences(one, wheel("same", a="a", b="b")) == []
    assert reproducible.differences(one, wheel("other", a="a", b="c", d="d")) == ["b", "d"]
    assert reproducible.differences(one, wheel("late", a="a", b="b")) == ["the archive itself: order, times or modes of its files"]


def test_a_build_is_told_what_to_leave_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is that of the commit, its paths begin at the source and at cargo's folder."""
    reproducible = script("reproducible", monkeypatch)
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo"))
    found = reproducible.environment(tmp_path / "source", "1700000000")
    assert found["SOURCE_DATE_EPOCH"] == "1700000000"
    assert found["CARGO_ENCODED_RUSTFLAGS"].split("\x1f") == [
        f"--remap-path-prefix={tmp_path.resolve()}/source=textclean",
        f"--remap-path-prefix={tmp_path.resolve()}/cargo=cargo",
    ]


def test_the_lock_file_is_that_of_the_tree() -> None:
    """Each crate of the lock file comes from crates.io and has its hash, but our own."""
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    ours = [crate["name"] for crate in lock if "source" not in crate]
    assert ours == ["textclean"]
    (origin,) = {crate["source"] for crate in lock if crate["name"] not in ours}
    assert origin.startswith("registry+")
    assert origin.endswith("crates.io-index")
    assert all(re.fullmatch(r"[0-9a-f]{64}", crate["checksum"]) for crate in lock if crate["name"] not in ours)
