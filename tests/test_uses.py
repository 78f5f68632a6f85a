"""What a run notes of templates for its report: right, bounded, and the same however often it was broken off."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stories import HOST, TIP, page, sentence, story
from textclean import Templates, learn_templates
from textclean.corpus import clean_corpus
from textclean.corpus.run_folder import RunFolder
from textclean.corpus.uses import LINES, SITES, TEXT
from textclean.errors import OutputError

OTHER = "www.courier.example"


def dump(folder: Path, count: int = 4) -> list[Path]:
    """Files of records from two sites that repeat a line each, and from one that is not known."""
    paths = [folder / f"in{i}.jsonl" for i in range(count)]
    for i, path in enumerate(paths):
        records = [
            {"site": site, "text": page(*story((site, i, n)), line)} for n in range(6) for site, line in ((HOST, TIP), (OTHER, TIP[:-1]))
        ]
        records.append({"site": None, "text": page(*story(i), TIP)})
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return paths


def found(folder: Path) -> dict:
    """What the report is given of templates."""
    return json.loads((folder / "report.json").read_text())["templates"]


@pytest.mark.parametrize("across", ["paragraph", "none"])
@pytest.mark.parametrize("shard", [1, 64_000_000])
def test_all_removals_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, across: str, shard: int) -> None:
    """Removals are counted by site and template, over all shards, as the list of removals has them, and no other file is left."""
    monkeypatch.setattr("textclean.corpus.shards.SHARD_TEXT", shard)
    options = {"across": across, "source": "site", "removals": tmp_path / "r.jsonl", "learn_templates": True}
    clean_corpus(dump(tmp_path), tmp_path / "out", run=tmp_path / "run", **options)
    uses = found(tmp_path / "run")
    removals = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    rules = [removal["rule"] for removal in removals if removal.get("kind") == "template"]
    assert [uses[name] for name in ("sites", "sites_removed_from", "templates_removed", "removed")] == [2, 2, 2, len(rules)]
    assert [(site["site"], site["pages"], site["learned_from"], site["removed"]) for site in uses["shown"]] == [
        (name, 24, 24, 24) for name in (OTHER, HOST)
    ]
    (line,) = uses["shown"][1]["lines"]
    assert line == {"id": line["id"], "text": TIP, "stories": 24, "share": 1.0, "place": "bottom", "removed": 24}
    assert rules.count(f"template/{HOST}/{line['id']}") == 24
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"journal.jsonl", "report.json", "settings.json", "summary.json"}


def test_without_templates_nothing_is_noted(tmp_path: Path) -> None:
    """Without templates neither the report nor the journal holds anything of them."""
    clean_corpus(dump(tmp_path), tmp_path / "out", run=tmp_path / "run", source="site", across="paragraph")
    assert "templates" not in json.loads((tmp_path / "run" / "report.json").read_text())
    assert '"templates"' not in (tmp_path / "run" / "journal.jsonl").read_text()


@pytest.mark.parametrize("across", [pytest.param("paragraph", marks=pytest.mark.slow), "none"])
def test_a_run_broken_off_anywhere_counts_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, across: str) -> None:
    """A run broken off before or after any line of its journal and resumed has the outputs and report of a run left alone."""
    monkeypatch.setattr("textclean.corpus.shards.SHARD_TEXT", 1)
    inputs = dump(tmp_path, 3)
    options = {"across": across, "source": "site", "learn_templates": True, "run": tmp_path / "run"}
    clean_corpus(inputs, tmp_path / "out", **options)
    outputs = {path: path.read_bytes() for path in [*(tmp_path / "out").iterdir(), tmp_path / "run" / "report.json"]}
    lines = len((tmp_path / "run" / "journal.jsonl").read_text().splitlines())
    finish = RunFolder.finish
    for at in range(2 * lines - 1):
        left = [at // 2]

        def broken(self: RunFolder, *args, left=left, after=at % 2, **what) -> None:
            left[0] -= 1
            if left[0] >= 0 or after:
                finish(self, *args, **what)
            if left[0] < 0:
                raise KeyboardInterrupt

        with monkeypatch.context() as context:
            context.setattr(RunFolder, "finish", broken)
            with pytest.raises(KeyboardInterrupt):
                clean_corpus(inputs, tmp_path / "out", force=True, **options)
        clean_corpus(inputs, tmp_path / "out", resume=at > 0, force=at == 0, **options)
        assert {path: path.read_bytes() for path in outputs} == outputs


KILLED = """
import os, signal, sys, threading, time
from textclean.corpus import clean_corpus, shards
shards.SHARD_TEXT = 3_000
*inputs, folder, resume, wait = sys.argv[1:]
if float(wait) >= 0:
    def kill():
        time.sleep(float(wait))
        os.kill(os.getpid(), signal.SIGKILL)
    threading.Thread(target=kill, daemon=True).start()
clean_corpus(inputs, f"{folder}/out", run=f"{folder}/run", source="site", learn_templates=True, across="paragraph", resume=bool(resume))
"""


def test_a_killed_run_counts_the_same(tmp_path: Path) -> None:
    """In a run killed at random moments, the counts in files and the journal's word of them never disagree."""
    inputs = list(map(str, dump(tmp_path, 12)))

    def start(name: str, resume: str, wait: float) -> int:
        command = [sys.executable, "-P", "-c", KILLED, *inputs, str(tmp_path / name), resume, str(wait)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode in (0, -9), done.stderr
        return done.returncode

    began = time.monotonic()
    assert start("alone", "", -1) == 0
    seconds = time.monotonic() - began
    draw = random.Random(7)
    for name in "ab":
        kills = 0
        while start(name, "resume" if kills else "", draw.uniform(0.6, 1) * seconds if kills < 3 else -1):
            kills += 1
        assert found(tmp_path / name / "run") == found(tmp_path / "alone" / "run")


def test_counts_that_are_gone_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If files of the run's folder are missing, a resumed run ends with an error instead of a wrong report."""
    options = {"across": "paragraph", "source": "site", "learn_templates": True, "run": tmp_path / "run"}
    inputs = dump(tmp_path)
    with monkeypatch.context() as context:
        context.setattr("textclean.corpus.decide.decide", None)
        with pytest.raises(TypeError):
            clean_corpus(inputs, tmp_path / "out", **options)
    (tmp_path / "run" / "templates" / "00000").unlink()
    with pytest.raises(OutputError, match=r"can't be read again .* force=True"):
        clean_corpus(inputs, tmp_path / "out", resume=True, **options)


def test_of_many_sites_some_are_shown(tmp_path: Path) -> None:
    """The report shows the sites and templates that removed most, with long lines cut, and says how many there are."""
    tips = [sentence(word, 80 if word == "a" else 14) for word in "abcdefghijklmno"]
    (site,) = learn_templates([page(*story(i, 60), *tips) for i in range(6)], site="x").sites.values()
    names = [f"site{i:04}" for i in range(5000)]
    templates = Templates(learn_templates([], site="x").thresholds, sites=dict.fromkeys(names, site))
    visited = names[: SITES + 20]
    pages = [{"site": name, "text": page(*story(name), tips[0])} for name in [*visited, visited[-1]]]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(record) + "\n" for record in pages))
    clean_corpus(
        tmp_path / "in.jsonl", tmp_path / "out.jsonl", run=tmp_path / "run", source="site", templates=templates, across="paragraph"
    )
    uses = found(tmp_path / "run")
    assert (uses["sites"], uses["sites_removed_from"], len(uses["shown"])) == (SITES + 20, SITES + 20, SITES)
    assert [site["site"] for site in uses["shown"]] == [visited[-1], *visited[: SITES - 1]]
    first = uses["shown"][0]
    assert (first["templates"], len(first["lines"]), first["pages"]) == (15, LINES, 2)
    assert [line["removed"] for line in first["lines"]] == [2] + [0] * (LINES - 1)
    assert first["lines"][0]["text"] == tips[0][:TEXT] < tips[0]
