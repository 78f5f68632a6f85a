"""The training script: from labelled pages to a model that the package reads."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from test_linemodel import FOOTER, MENU, STORY, TEASERS, TITLE

pytest.importorskip("lightgbm", reason="the extra `train` is not installed")
TRAINING = Path(__file__).parent.parent / "training"


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
    found = {(d.site, d.extractor): d for d in data.documents(texts, bodies, segments) if d.extractor}
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
    command = [sys.executable, str(TRAINING / "train.py"), *paths, f"--output={out}", f"--report={report}", f"--folds={tmp_path / 'folds'}"]
    subprocess.run(command, check=True, capture_output=True, timeout=250)
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
