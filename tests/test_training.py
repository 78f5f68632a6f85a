"""The training script: from labelled pages to a model that the package reads; and the made-up pages that come with it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from test_linemodel import FOOTER, MENU, STORY, TEASERS, TITLE
from textclean import Config
from textclean.cleaning import pipeline
from textclean.cleaning.plan import plan
from textclean.model import reader

pytest.importorskip("lightgbm", reason="the extra `train` is not installed")
TRAINING = Path(__file__).parent.parent / "training"


def train(*arguments):
    """Runs the training script, and returns what it says on standard error.

    With one thread: for data this small two gain nothing, and wait for each other for minutes where the machine is busy.
    """
    command = [sys.executable, str(TRAINING / "train.py"), "--threads=1", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=580).stderr


def write(path, records):
    """A file of JSON lines, gzipped if its name says so."""
    with gzip.open(path, "wt") if path.suffix == ".gz" else path.open("w") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    return path


def test_labels_come_from_bodies_votes_and_told_segments(tmp_path, monkeypatch):
    """A line is labelled with the share of it in the body; without a body, with the votes of extractors; what is told goes first."""
    monkeypatch.syspath_prepend(str(TRAINING))
    import data

    first, second = STORY.split("\n")[:2]
    pages = [
        {"id": "a", "source": "x", "extractor": "bs4", "site": "a.org", "text": f"{MENU[0]} {MENU[1]} {TEASERS[0]}\n{first}"},
        {"id": "b", "source": "y", "extractor": "trafilatura", "site": "b.org", "text": f"{first}\n{second}"},
        {"id": "b", "source": "y", "extractor": "readability", "site": "b.org", "text": first},
    ]
    texts = write(tmp_path / "texts.jsonl.gz", pages)
    bodies = write(tmp_path / "bodies.jsonl", [{"id": "a", "body": first}])
    segments = write(tmp_path / "segments.jsonl", [{"id": "b", "with": [second[:40]], "without": []}])
    found = {(d.site, d.extractor): d for d in data.documents([texts], [bodies], [segments]) if d.extractor}
    assert found["a.org", "bs4"].labels.tolist() == [0.0, 1.0]
    assert found["a.org", data.BODY].labels.tolist() == [1.0]
    assert found["b.org", "trafilatura"].labels.tolist() == [1.0, 1.0]
    assert found["b.org", "trafilatura"].fold(5) == found["b.org", "readability"].fold(5)


def test_a_model_is_made_checked_and_written(tmp_path):
    """From pages of a few sites comes a file that the package reads, a table of figures, and a model for each fold."""
    story = STORY.split("\n")
    pages, bodies, segments = [], [], []
    for i in range(40):
        body = "\n".join(story[i % 3 :] + story[: i % 3])
        page = "\n".join([*MENU[i % 5 :], TITLE, body, *TEASERS, *FOOTER])
        base = {"id": str(i), "source": "x", "site": f"{i % 20}.org"}
        pages += [base | {"extractor": "bs4", "text": page}, base | {"extractor": "trafilatura", "text": f"{TITLE}\n{body}"}]
        if i % 2:
            bodies.append({"id": str(i), "body": body})
        else:
            segments.append({"id": str(i), "with": [story[0][:50]], "without": [TEASERS[3]]})
    files = {"texts": pages, "bodies": bodies, "segments": segments}
    paths = [f"--{name}={write(tmp_path / f'{name}.jsonl', records)}" for name, records in files.items()]
    out, report = tmp_path / "lines.json", tmp_path / "report.md"
    train(*paths, f"--output={out}", f"--report={report}", f"--folds={tmp_path / 'folds'}")
    assert reader.ready(json.loads(out.read_text()))
    rows = report.read_text().splitlines()
    assert [row.split(" | ")[:2] for row in rows[2:]] == [
        ["| articles", "bodies"],
        ["| trafilatura", "bodies"],
        ["| bs4", "bodies"],
        ["| trafilatura", "segments"],
        ["| bs4", "segments"],
    ]
    assert len(list((tmp_path / "folds").glob("*.json"))) == 5


def test_the_example_is_the_same_each_time(tmp_path, monkeypatch):
    """The made-up pages don't change from one run to the next, and each whole page holds its article."""
    monkeypatch.syspath_prepend(str(TRAINING))
    import make_example

    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    paths, again = make_example.write(first), make_example.write(second)
    assert {name: path.read_bytes() for name, path in paths.items()} == {name: path.read_bytes() for name, path in again.items()}
    records = make_example.records()
    articles = {record["id"]: record["body"].split("\n") for record in records["bodies"]}
    whole = {record["id"]: record["text"].split("\n") for record in records["texts"] if record["extractor"] == "bs4"}
    assert len(articles) == len(records["segments"]) == len(whole) / 2 == 40
    assert all(set(article) < set(whole[name]) for name, article in articles.items())


@pytest.mark.parametrize("arguments", [["--example", "--texts=a", "--bodies=b", "--segments=c"], ["--texts=a"], []])
def test_it_is_said_what_to_train_on(arguments):
    """A command line that names half of the files, or files and the example, is refused before any work."""
    with pytest.raises(subprocess.CalledProcessError) as error:
        train(*arguments)
    assert error.value.returncode == 2
    assert "--example" in error.value.stderr


def kept(model, text, article):
    """Returns how many lines of the article and how many others cleaning keeps, with a model or (None) by rules alone."""
    ready = plan(Config(line_model=False, repeats=False))
    left = set(pipeline.run([text], replace(ready, model=model)).batch.texts()[0].split("\n"))
    stays = [line in article for line in text.split("\n") if line in left]
    return np.array([sum(stays), len(stays) - sum(stays)])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_training_on_the_example_works(tmp_path, monkeypatch):
    """On sites that it has not seen, a model of made-up pages keeps articles and drops what rules leave; so say the figures."""
    monkeypatch.syspath_prepend(str(TRAINING))
    import data
    import make_example

    out, report, folds = tmp_path / "lines.json", tmp_path / "report.md", tmp_path / "folds"
    said = train("--example", f"--output={out}", f"--report={report}", f"--folds={folds}")
    assert "do not ship it" in said
    assert reader.ready(json.loads(out.read_text()))
    rows = [row.strip("| ").split(" | ") for row in report.read_text().splitlines()[2:]]
    gains = {(extractor, truth): (float(gain), float(loss)) for extractor, truth, _, _, gain, loss in rows}
    for extractor in ("bs4", "html2text", "inscriptis"):
        assert all(gains[extractor, truth][0] > 20 and gains[extractor, truth][1] < 3 for truth in ("bodies", "segments"))
    for extractor in (data.BODY, "trafilatura"):
        assert all(abs(gain) < 2 and loss < 1 for (name, _), (gain, loss) in gains.items() if name == extractor)
    records = make_example.records()
    articles = {record["id"]: set(record["body"].split("\n")) for record in records["bodies"]}
    models = [reader.ready(json.loads((folds / f"{fold}.json").read_text())) for fold in range(5)]
    lines, ruled, modelled = np.zeros((3, 2))
    for record in records["texts"]:
        if record["extractor"] == "bs4" and (article := articles.get(record["id"])):
            inside = [line in article for line in record["text"].split("\n")]
            lines += sum(inside), len(inside) - sum(inside)
            ruled += kept(None, record["text"], article)
            modelled += kept(models[data.fold_of(record["site"], 5)], record["text"], article)
    assert modelled[0] > 0.95 * lines[0]
    assert modelled[1] < 0.15 * lines[1]
    assert ruled[1] > 0.35 * lines[1]
