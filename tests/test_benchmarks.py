"""The benchmarks run, with peers missing too."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from textclean import _native

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
#: Runs a script as if the modules named first, with commas, were not there.
WITHOUT = """
import pathlib, runpy, sys
sys.modules.update(dict.fromkeys(sys.argv[1].split(",")))
sys.argv = sys.argv[2:]
sys.path.insert(0, str(pathlib.Path(sys.argv[0]).parent))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.skipif(_native.DEBUG, reason="benchmarks refuse a debug build")
def test_dedupe_says_which_peers_are_missing() -> None:
    """The benchmark names each missing peer with how to get it, and its own rows are there and right."""
    program = [sys.executable, "-c", WITHOUT, "rensa"]
    done = subprocess.run(
        [*program, str(BENCHMARKS / "dedupe.py"), "--limit", "300", "--text-dedup", "no-such-python"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "rensa: left out (not installed: pip install rensa)" in done.stderr
    assert "text-dedup: left out (" in done.stderr
    assert [line.split()[:3] for line in done.stdout.splitlines()[2:4]] == [
        ["textclean", "100.00%", "100.00%"],
        ["textclean_bands", "100.00%", "100.00%"],
    ]


#: Pages: id, kind, body and HTML. The reader of HTML below fails on two of them.
MADE = [
    (
        "1",
        "article",
        "Storm shuts the old harbour\n\nIt opens on Friday.",
        "<p>Menu</p><h1>Storm shuts the old harbour</h1><p>It opens on Friday.</p>",
    ),
    ("2", "collection", "Red boats, blue boats, white sails.", "<ul><li>Red boats, blue boats, <li>white sails.</ul>"),
    ("3", "article", "Nobody gets to read this one.", "<p>Nobody gets to read this broken one.</p>"),
    ("4", "collection", "Nor is there an end to this one.", "<p>Nor is there an end to this endless one.</p>"),
]
#: Stands in for html2text, whether it is installed or not.
READER = """
import re, time

class HTML2Text:
    def __init__(self, bodywidth):
        pass

    def handle(self, html):
        if "broken" in html:
            raise ValueError("a page that\\ncan't be read")
        if "endless" in html:
            time.sleep(60)
        return re.sub("<[^>]+>", "\\n\\n", html)
"""


def as_wcxb(folder: Path) -> Path:
    """The made pages as WCXB lays out a share of its own: a kind may be written in three ways, or be an older name."""
    (folder / "ground-truth").mkdir()
    (folder / "html").mkdir()
    kinds = {
        "1": {"page_type": {"primary": "article"}},
        "2": {"page_type": "category"},
        "3": None,
        "4": {"page_type": {"primary": "collection"}},
    }
    for name, _, body, html in MADE:
        truth = {"_internal": kinds[name], "ground_truth": {"title": None, "main_content": body, "with": [], "without": []}}
        (folder / "ground-truth" / f"{name}.json").write_text(json.dumps(truth))
        (folder / "html" / f"{name}.html.gz").write_bytes(gzip.compress(html.encode()))
    return folder


def as_aeb(folder: Path) -> Path:
    """The made pages as AEB lays them out."""
    (folder / "html").mkdir()
    (folder / "ground-truth.json").write_text(
        json.dumps({name: {"articleBody": body, "url": "https://a.example"} for name, _, body, _ in MADE})
    )
    for name, _, _, html in MADE:
        (folder / "html" / f"{name}.html.gz").write_bytes(gzip.compress(html.encode()))
    return folder


def as_jsonl(folder: Path) -> Path:
    """The made pages as anybody's own."""
    path = folder / "pages.jsonl.gz"
    lines = (json.dumps({"id": name, "type": kind, "body": body, "html": html}) for name, kind, body, html in MADE)
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def extract(tmp_path: Path, *arguments: str) -> tuple[list[list[str]], str]:
    """The words of the lines that the benchmark prints from the heading on, and what it says beside them."""
    (tmp_path / "readers").mkdir()
    (tmp_path / "readers" / "html2text.py").write_text(READER)
    program = [sys.executable, "-c", WITHOUT, "trafilatura,inscriptis", str(BENCHMARKS / "extract.py"), *arguments]
    folders = filter(None, (str(tmp_path / "readers"), os.environ.get("PYTHONPATH")))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run(program, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()[3:]], done.stderr


@pytest.mark.skipif(_native.DEBUG, reason="benchmarks refuse a debug build")
def test_extract_scores_what_fails_and_what_is_slow_as_nothing(tmp_path: Path) -> None:
    """Missing peers and failures are named; F1 is by words, over all pages and by kind; each setting has its row."""
    only = ["--only", "trafilatura", "readability", "html2text", "html"]
    settings = ["--config", "clean", "--config", "plain=line_model=false,min_words=5,keep_kinds=byline+caption,page=article"]
    rows, said = extract(tmp_path, str(as_wcxb(tmp_path)), "--seconds", "0.2", *only, *settings)
    assert "trafilatura: left out (not installed: pip install trafilatura)" in said
    assert "readability: left out (not installed: pip install readability-lxml inscriptis)" in said
    assert "html2text: failed on 3: ValueError a page that can't be read" in said
    assert "html2text: failed on 4: TooSlowError over 0.2 s" in said
    assert rows[0][:5] == ["4", "pages,", "by", "words", "2"]
    assert rows[1][:5] == ["precis", "recall", "F1", "article", "collection"]
    assert rows[2][:6] == ["html2text", "47.5", "50.0", "48.7", "47.4", "50.0"]
    assert [(*row[:3], row[-1]) for row in rows[3:]] == [
        ("html2text", ">", "clean", "2"),
        ("html2text", ">", "plain", "2"),
        ("html", ">", "clean", "0"),
        ("html", ">", "plain", "0"),
    ]


@pytest.mark.skipif(_native.DEBUG, reason="benchmarks refuse a debug build")
def test_extract_counts_four_grams_as_aeb_does(tmp_path: Path) -> None:
    """Precision is that of the pages with an answer, recall that of all, and F1 that of the two."""
    rows, _ = extract(tmp_path, str(as_aeb(tmp_path)), "--seconds", "0.2", "--only", "html2text")
    assert rows[0][:4] == ["4", "pages,", "by", "4-grams"]
    assert rows[2][:4] == ["html2text", "92.9", "50.0", "65.0"]


def test_extract_reads_each_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same pages come of each; a folder of shares is not read as one."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from extract_pages import pages_of

    for make, measure, kinds in ((as_wcxb, "words", True), (as_aeb, "4-grams", False), (as_jsonl, "words", True)):
        folder = tmp_path / make.__name__ / "dev"
        folder.mkdir(parents=True)
        pages, by = pages_of(make(folder), None)
        assert [(page.id, page.kind, page.body, page.html()) for page in pages] == [
            (name, kind if kinds else "", body, html) for name, kind, body, html in MADE
        ]
        assert by.name == measure
    with pytest.raises(SystemExit, match=r"choose one: .*dev"):
        pages_of(tmp_path / "as_wcxb", None)
    truth = tmp_path / "truth.jsonl"
    truth.write_text("".join(json.dumps({"id": name, "body": f"Not {body}"}) + "\n\n" for name, _, body, _ in MADE))
    pages, _ = pages_of(tmp_path / "as_jsonl" / "dev" / "pages.jsonl.gz", truth)
    assert [page.body for page in pages] == [f"Not {body}" for _, _, body, _ in MADE]


def test_extract_measures_pages_without_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """By words nothing is right where nothing is to be found; 4-grams leave such pages out of recall, and a short text is one run."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from extract_pages import GRAMS, WORDS

    nothing: Counter[object] = Counter()
    assert WORDS.score(nothing, nothing) == (1, 1, 1)
    assert WORDS.score(WORDS.counts("Boats"), nothing) == (0, 0, 0)
    assert WORDS.score(WORDS.counts("boats BOATS sails"), WORDS.counts("Boats")) == (1 / 3, 1, 1 / 2)
    assert GRAMS.score(GRAMS.counts("Boats"), nothing) == (0, None, 0)
    assert GRAMS.score(nothing, GRAMS.counts("Boats")) == (None, 0, 0)
    assert GRAMS.score(GRAMS.counts("Boats, sails"), GRAMS.counts("Boats sails")) == (1, 1, 1)
    assert GRAMS.total([(None, 0.0, 0.0), (1.0, 1.0, 1.0), (0.0, None, 0.0)]) == (1 / 2, 1 / 2, 1 / 2)
