"""A large input is done shard by shard: broken off anywhere, what is finished is not done again, and all comes out and counts the same."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
import zstandard

from kills import KILL_LATER
from test_corpus import files, texts
from textclean.api import clean_many
from textclean.corpus import clean_corpus, shards
from textclean.corpus.counts import Counts
from textclean.corpus.run_folder import RunFolder
from textclean.corpus.shards import Shards
from textclean.corpus.stream import Point, gathered, read_from
from textclean.document import Cleaned
from textclean.errors import RecordError, SourceError, TextcleanError
from textclean.files.sources import Format, Source
from textclean.formats import Begin, Document, End, Reading
from textclean.formats import jsonl as jsonl_reader

DOCS = texts(240, seed=5)


def jsonl(path: Path, docs: list[str], pack: Callable[[bytes], bytes] = bytes) -> None:
    """Records with an empty line and a mark between them, which are no documents."""
    rows = [json.dumps({"text": text, "id": f"{n}.0"}) for n, text in enumerate(docs)]
    path.write_bytes(pack(("\ufeff" + "\n\n".join(rows[:9]) + "\n" + "\n".join(rows[9:])).encode()))


def delimited(path: Path, docs: list[str]) -> None:
    """Rows of which most stand on several lines."""
    out = io.StringIO()
    csv.writer(out).writerows([("id", "text"), *((f"0{n}", text) for n, text in enumerate(docs))])
    path.write_text(out.getvalue(), newline="")


def table(path: Path, docs: list[str]) -> None:
    """Rows with columns of other types, in batches that no shard cares about."""
    kinds = pa.array((["x", None, "y"] * len(docs))[: len(docs)]).dictionary_encode()
    others = pa.array([None] * len(docs), pa.list_(pa.date32()))
    found = pa.table({"id": pa.array(range(len(docs)), pa.int32()), "text": docs, "kind": kinds, "others": others})
    if path.suffix == ".parquet":
        pq.write_table(found, path, row_group_size=70)
    else:
        pyarrow.feather.write_feather(found, path, chunksize=70)


def wet(path: Path, docs: list[str]) -> None:
    """Texts that a crawler extracted, each packed by itself."""
    with open(path, "wb") as file:
        for n, text in enumerate(docs):
            content = text.encode()
            head = ["WARC/1.0", "WARC-Type: conversion", f"WARC-Record-ID: <urn:{n}>", f"Content-Length: {len(content)}", "", ""]
            file.write(gzip.compress("\r\n".join(head).encode() + content + b"\r\n\r\n"))


def wiki(path: Path, docs: list[str]) -> None:
    """Articles, between pages that are none."""
    pages = [
        f"<page><title>{n}</title><ns>{ns}</ns><id>{n}</id><revision><timestamp>2020</timestamp><text>{text}</text></revision></page>"
        for n, text in enumerate(docs)
        for ns in (0, 4)
    ]
    path.write_bytes(bz2.compress(f"<mediawiki>{''.join(pages)}</mediawiki>".encode()))


MAKERS: dict[str, Callable[[Path, list[str]], None]] = {
    "in.jsonl": jsonl,
    "in.jsonl.zst": lambda path, docs: jsonl(path, docs, zstandard.compress),
    "in.csv": delimited,
    "in.parquet": table,
    "in.arrow": table,
    "in.warc.wet.gz": wet,
    "in.xml.bz2": wiki,
}


class Cleanings:
    """Counts texts that are cleaned; a text with "#" in it can't be."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, found: Iterable[str], **options) -> Iterator[Cleaned]:
        """As `clean_many`."""
        for result in clean_many(found, **options):
            self.count += 1
            yield Cleaned(result.source, result.source, error=TextcleanError("no")) if "#" in result.source else result


@pytest.fixture
def cleanings(monkeypatch: pytest.MonkeyPatch) -> Cleanings:
    """Small shards, and a count of what is cleaned."""
    found = Cleanings()
    monkeypatch.setattr(shards, "SHARD_TEXT", 10_000)
    monkeypatch.setattr("textclean.corpus.stream.clean_many", found)
    return found


def outcome(folder: Path) -> dict[str, object]:
    """All that a run leaves but for how long it took, and where."""
    found: dict[str, object] = {name: data for name, data in files(folder).items() if not name.startswith("run/")}
    summary = json.loads((folder / "run" / "summary.json").read_text())
    del summary["seconds"], summary["settings"]
    return found | {"summary": summary, "report": json.loads((folder / "run" / "report.json").read_text())}


def journal(folder: Path) -> list[dict]:
    """Lines of the journal."""
    return [json.loads(line) for line in (folder / "run" / "journal.jsonl").read_text().splitlines()]


def broken_off(monkeypatch: pytest.MonkeyPatch, left: int, start: Callable[[], object]) -> None:
    """Starts a run that ends before it notes one more piece of work than these."""
    finish = RunFolder.finish

    def finish_some(self: RunFolder, *args, **what) -> None:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        finish(self, *args, **what)

    with monkeypatch.context() as context:
        context.setattr(RunFolder, "finish", finish_some)
        with pytest.raises(KeyboardInterrupt):
            start()


@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name == "in.jsonl" else pytest.mark.slow) for name in MAKERS])
def test_what_is_finished_of_an_input_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cleanings: Cleanings, name: str
) -> None:
    """A run broken off before any line of its journal cleans only the rest when resumed, and ends with the same outputs and report."""
    MAKERS[name](tmp_path / name, DOCS)
    jsonl(tmp_path / "small.jsonl", texts(9, seed=1))
    inputs = [tmp_path / name, tmp_path / "small.jsonl"]

    def run(where: str, **more) -> None:
        out = tmp_path / where
        clean_corpus(inputs, out / "out", run=out / "run", removals=out / "gone.jsonl", id="id", across="paragraph", keep="longest", **more)

    run("alone", workers=1)
    whole = outcome(tmp_path / "alone")
    assert whole["summary"]["bytes_in"] == sum(path.stat().st_size for path in inputs)
    assert whole["summary"]["opened"] == 2
    lines = journal(tmp_path / "alone")
    done = [0, *(line["counts"]["documents"] for line in lines if line["stage"] == "clean")]
    assert len(done) > 8
    all_ = cleanings.count
    for at in range(len(lines)):
        out = tmp_path / "broken"
        broken_off(monkeypatch, at, lambda: run("broken", force=True))
        before, cleanings.count = sum(done[: at + 1]), 0
        run("broken", resume=at > 0, force=at == 0)
        assert cleanings.count == all_ - before
        assert outcome(out) == whole
        assert [line.get("end") for line in journal(out)] == [line.get("end") for line in lines]


def test_lines_that_are_passed_over_are_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cleanings: Cleanings) -> None:
    """A resumed run parses none of the lines that were done but the last, which shows that the file is still the same."""
    jsonl(tmp_path / "in.jsonl", DOCS)
    options = {"run": tmp_path / "run", "across": "paragraph"}
    broken_off(monkeypatch, 3, lambda: clean_corpus(tmp_path / "in.jsonl", tmp_path / "out.jsonl", **options))
    left = len(DOCS) - sum(line["counts"]["documents"] for line in journal(tmp_path))
    plain, parsed = jsonl_reader.plain, []

    def counted(line: bytes, field: str) -> object:
        parsed.append(line)
        return plain(line, field)

    monkeypatch.setattr(jsonl_reader, "plain", counted)
    clean_corpus(tmp_path / "in.jsonl", tmp_path / "out.jsonl", resume=True, **options)
    assert len(parsed) == left + 1


@pytest.mark.parametrize("across", [pytest.param("document", marks=pytest.mark.slow), "none"])
def test_faults_are_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cleanings: Cleanings, across: str) -> None:
    """A fault is counted once in any shard of an input, between two shards, and at the end of a file that is cut short."""
    (tmp_path / "in").mkdir()
    rows = [json.dumps({"text": text}) for text in DOCS]
    for at in (230, 200, 100, 99, 2, 1):
        rows[at:at] = ["{nonsense", '{"body": 1}', '{"text": "#"}']
    packed = gzip.compress("\n".join(rows).encode())
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(rows))
    (tmp_path / "in" / "b.jsonl.gz").write_bytes(packed[: len(packed) - 400])
    (tmp_path / "in" / "c.parquet").write_bytes(b"PAR1 no parquet")
    (tmp_path / "in" / "d.jsonl").write_text("\n".join(rows[:20]))

    def run(where: str, **more) -> Counts:
        out = tmp_path / where
        return clean_corpus(tmp_path / "in", out / "out", across=across, run=out / "run", removals=out / "gone.jsonl", **more).counts

    counts = run("alone", workers=3)
    assert counts.skipped == {"not-json": 13, "no-text-field": 13, "not-cleaned": 13, "cut-short": 1, "damaged": 1}
    assert len(counts.problems) == 41 == len(set(counts.problems))
    whole, lines = outcome(tmp_path / "alone"), journal(tmp_path / "alone")
    for at in range(len(lines)):
        broken_off(monkeypatch, at, lambda: run("broken", force=True))
        run("broken", resume=at > 0, force=at == 0)
        assert outcome(tmp_path / "broken") == whole


COMMAND = f"""
import sys
from textclean.corpus import clean_corpus, shards
shards.SHARD_TEXT = 20_000
*inputs, folder, resume, wait = sys.argv[1:]
{KILL_LATER}
clean_corpus(inputs, f"{{folder}}/out", run=f"{{folder}}/run", removals=f"{{folder}}/gone.jsonl", id="id",
    across="paragraph", resume=bool(resume), workers=2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["in.jsonl.zst", "in.parquet", "in.csv"])
def test_a_run_killed_within_an_input_goes_on_within_it(tmp_path: Path, name: str) -> None:
    """A run killed at random moments and resumed writes and counts what a run left alone does, and its journal only grows."""
    MAKERS[name](tmp_path / name, texts(700, seed=3))
    jsonl(tmp_path / "a.jsonl", DOCS[:20])
    inputs = [tmp_path / "a.jsonl", tmp_path / name]

    def start(where: Path, resume: str, wait: float) -> int:
        command = [sys.executable, "-P", "-c", COMMAND, *map(str, inputs), str(where), resume, str(wait)]
        where.mkdir(exist_ok=True)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode in (0, -9), done.stderr
        return done.returncode

    began = time.monotonic()
    assert start(tmp_path / "alone", "", -1) == 0
    seconds = time.monotonic() - began
    whole, lines = outcome(tmp_path / "alone"), len(journal(tmp_path / "alone"))
    assert lines > 10
    draw = random.Random(name)
    for trial in range(int(os.environ.get("TEXTCLEAN_TEST_KILLS", "2"))):
        out, kills, noted = tmp_path / f"killed{trial}", 0, 0
        while start(out, "resume" if kills else "", draw.uniform(0.4, 1) * seconds if kills < 3 else -1):
            kills += 1
            now = (out / "run" / "journal.jsonl").read_bytes().count(b"\n") if (out / "run" / "journal.jsonl").exists() else 0
            assert now >= noted
            noted = now
        assert outcome(out) == whole


def test_a_line_cut_short_in_the_journal_is_in_nobodys_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cleanings: Cleanings) -> None:
    """A journal line that was cut short goes before the next is written, so that every later resumption finds all finished work."""
    jsonl(tmp_path / "in.jsonl", DOCS)

    def run(**more) -> None:
        clean_corpus(tmp_path / "in.jsonl", tmp_path / "out.jsonl", run=tmp_path / "run", across="paragraph", **more)

    broken_off(monkeypatch, 2, run)
    with open(tmp_path / "run" / "journal.jsonl", "a") as file:
        file.write('{"stage": "clean", "num')
    broken_off(monkeypatch, 2, lambda: run(resume=True))
    assert [line["number"] for line in journal(tmp_path)] == [0, 1, 2, 3]
    run(resume=True)
    assert journal(tmp_path)[-1]["done"]


SOURCE = Source(Path("x.jsonl"), Path("x.jsonl"), Format.JSONL)


def cut(count: int, within: bool = True, begins: int = 1) -> list[Point]:
    """Where shards end of some inputs with so many documents each, of 100 code points."""
    sources = [Source(None, Path(str(n)), Format.JSONL) for n in range(begins)]
    events: list = []
    for source in sources:
        results = ((Document(source, "x" * 100, n + 1), Cleaned("x" * 100, "x" * 100)) for n in range(count))
        events += [Begin(source), *results, End(source)]
    found, before = Shards(events, Point(), {source: n for n, source in enumerate(sources)}, within), Counts()
    ends = []
    while not found.done:
        counts = Counts()
        assert sum(1 for _ in found.next(counts, before)) > 0
        before.add(counts)
        ends.append(found.point)
    assert before.documents == count * begins
    return ends


def test_where_shards_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards end behind inputs, or within an input that fills a shard by itself; in a run of one pass never within an input."""
    monkeypatch.setattr(shards, "SHARD_TEXT", 1000)
    assert cut(4, begins=7) == [Point(3), Point(6), Point(7)]
    assert cut(25, begins=2) == [Point(0, 10), Point(0, 20), Point(1), Point(1, 10), Point(1, 20), Point(2)]
    assert cut(9, begins=4) == [Point(2), Point(4)]
    assert cut(25, within=False, begins=2) == [Point(1), Point(2)]
    monkeypatch.setattr(shards, "SHARD_DOCUMENTS", 4)
    assert cut(6) == [Point(0, 4), Point(1)]
    monkeypatch.setattr(shards, "SHARD_SOURCES", 2)
    assert cut(1, begins=5) == [Point(2), Point(4), Point(5)]


def test_a_corpus_of_any_size_has_some_hundred_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards grow with the text before them, so a hundred times the text makes four times the shards."""
    monkeypatch.setattr(shards, "SHARD_TEXT", 200)
    assert 70 < len(cut(200)) < 100
    assert 250 < len(cut(20_000)) < 350


def test_errors_that_stand_together_are_one_count() -> None:
    """Errors that follow one another become one count in their place, so that a file of nothing but errors takes no memory."""
    one, two = Document(SOURCE, "a", 1), Document(SOURCE, "b", 2)
    found = list(gathered([RecordError("x", "a"), one, *(RecordError("x", "b") for _ in range(5000)), SourceError("y", "c"), two]))
    assert [event if isinstance(event, Document) else dict(event.skipped) for event in found] == [{"a": 1}, one, {"b": 5000, "c": 1}, two]
    assert len(found[2].problems) == 1000


@pytest.mark.parametrize("content", ["", '{"text": "a"}\n' * 3, '{"text": "a"}\n\n\n\n\n{"text": "a"}\n', None])
def test_a_file_that_lost_what_was_done_is_named(tmp_path: Path, content: str | None) -> None:
    """A file that has lost the records that were done is named on resuming, is ended all the same, and the other inputs are read."""
    path = tmp_path / "a.jsonl"
    if content is not None:
        path.write_text(content)
    (tmp_path / "b.jsonl").write_text('{"text": "b"}')
    sources = [Source(tmp_path / name, Path(name), Format.JSONL) for name in ("a.jsonl", "b.jsonl")]
    problem, *rest = read_from(Point(0, 5), sources, Reading())
    assert isinstance(problem, SourceError)
    assert [type(event) for event in rest] == [End, Begin, Document, End]
