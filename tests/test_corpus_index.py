"""A run with an index: what earlier runs have seen goes too, nothing is added twice, and no cut, thread or kill changes the answer."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import textclean
from kills import KILL_LATER
from test_corpus import texts
from textclean import Index, Summary
from textclean.commands.main import commands
from textclean.corpus import clean_corpus, seen, shards
from textclean.errors import ConfigError, IndexFileError, IndexMismatchError, MemoryLimitError, OutputExistsError

DOCS = texts(120, seed=5)
#: Documents of the first day.
FIRST = 50


def write(path: Path, docs: list[str], first: int = 0, **more: Any) -> Path:
    """A file of records."""
    rows = ({"text": text, "url": f"u{number}", "site": f"s{number % 3}", **more} for number, text in enumerate(docs, first))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _two_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days of records in a folder of their own; small parts, so that there are many."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shards, "SHARD_DOCUMENTS", 25)
    monkeypatch.setattr(seen, "_DOCUMENTS", 7)
    write(Path("one.jsonl"), DOCS[:FIRST])
    write(Path("two.jsonl"), DOCS[FIRST:], FIRST)


def run(day: str, out: str = "out.jsonl", **options: Any) -> Summary:
    """A run over a day, with the index."""
    usual = {"across": "paragraph", "index": "seen.db", "removals": f"{out}.removals", "id": "url", "force": True, "fsync": False}
    return clean_corpus(f"{day}.jsonl", out, **{**usual, **options})


def lines(path: str) -> list[dict[str, Any]]:
    """The records of a file."""
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def ids(path: str = "seen.db") -> list[str]:
    """The ids of an index, without the names of runs."""
    with sqlite3.connect(path) as connection:
        found = [id.split("/", 1)[1] for (id,) in connection.execute("SELECT id FROM document ORDER BY number")]
    connection.close()
    return found


def in_one(unit: str, threshold: float = 0.8) -> tuple[list[str], list[tuple[str, list[int], float, str, list[int]]]]:
    """What `deduplicate` says of both days when they are clean: the texts that stay, and each repeat with its witness."""
    rows = [{"text": text.text, "url": f"u{number}"} for number, text in enumerate(textclean.clean_many(DOCS))]
    found = textclean.deduplicate(rows, unit=unit, threshold=threshold, id="url")
    repeats = [(row["id"], row["span"], row["similarity"], row["witness"]["id"], row["witness"]["span"]) for row in found.records()]
    return found.texts(), repeats


def listed(path: str) -> list[tuple[str, list[int], float, str, list[int]]]:
    """The repeats across documents that a run lists, with their witnesses."""
    found = []
    for line in lines(path):
        if line["rule"] == "across":
            witness = line["witness"]
            id = witness["id"].split("/", 1)[1] if "index" in witness else witness["id"]
            found.append((line["id"], line["span"], line["similarity"], id, witness["span"]))
    return found


@pytest.mark.parametrize("unit", ["paragraph", "document"])
@pytest.mark.parametrize("threshold", [None, 0.6])
def test_two_runs_are_one_comparison(unit: str, threshold: float | None) -> None:
    """What is written, listed and counted of two days is what `deduplicate` says of both at once, witness for witness."""
    one = run("one", "one.out.jsonl", across=unit, threshold=threshold)
    two = run("two", "two.out.jsonl", across=unit, threshold=threshold)
    stays, repeats = in_one(unit, threshold or 0.8)
    assert [row["text"] for row in lines("one.out.jsonl") + lines("two.out.jsonl")] == stays
    assert listed("one.out.jsonl.removals") + listed("two.out.jsonl.removals") == repeats
    assert (one.dropped + two.dropped, one.unit) == (len(repeats), unit)
    assert ids() == [f"u{number}" for number in range(len(DOCS))]
    before = [line["witness"] for line in lines("two.out.jsonl.removals") if "index" in line.get("witness", ())]
    assert len(before) > 3
    assert all(witness["id"].startswith(f"{one.run}/") and witness["index"] == "seen.db" for witness in before)
    with Index("seen.db") as index:
        assert (index.verify(), index.rules.unit, index.rules.threshold) == ([], unit, threshold or 0.8)


@pytest.mark.parametrize("unit", ["paragraph", "document"])
def test_threads_and_shards_change_nothing(monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    """Nor does the number of documents that are added together: outputs and removals are the same bytes."""
    run("one", across=unit)
    shutil.copy("seen.db", "before.db")
    answers = []
    for workers, documents, together in ((1, 25, 7), (2, 1000, 1), (3, 11, 1024)):
        monkeypatch.setattr(shards, "SHARD_DOCUMENTS", documents)
        monkeypatch.setattr(seen, "_DOCUMENTS", together)
        shutil.copy("before.db", "seen.db")
        run("two", across=unit, workers=workers)
        answers.append((Path("out.jsonl").read_bytes(), Path("out.jsonl.removals").read_bytes(), ids()))
    assert answers == answers[:1] * 3
    assert b'"index": "seen.db"' in answers[0][1]


def test_another_run_over_the_same_file_finds_all_of_it() -> None:
    """Each unit that took part the first time repeats one of the index, and stands in it twice."""
    first = run("one")
    again = run("one", "again.jsonl")
    with Index("seen.db") as index:
        assert len(index) == 2 * FIRST
        assert index.stats().kept == first.units - first.dropped - short(lines("one.jsonl"))
        assert not any(index.compare([row["text"] for row in lines("again.jsonl")]).dropped)
        whole = index.compare([row["text"] for row in lines("out.jsonl")])
        assert whole.dropped.sum() == len(whole) - short(lines("out.jsonl"))
    assert again.dropped == first.units - short(lines("one.jsonl"))
    assert (first.run, again.run) != (first.run, first.run)


def short(rows: list[dict[str, Any]]) -> int:
    """How many paragraphs take no part."""
    clean = [text.text for text in textclean.clean_many([row["text"] for row in rows])]
    return textclean.deduplicate(clean).effort.exempt


def test_ids_that_come_twice_have_file_and_line_behind_them() -> None:
    """Of records without one they are file and line; other values are written as JSON. Sources and the time of the run go in too."""
    rows = [{"url": "a", "site": "x"}, {"url": "a"}, {"url": 7, "site": 3.5}, {"url": None}, {"url": "b"}, {"url": {"c": "\ud800"}}]
    Path("in.jsonl").write_text("".join(json.dumps({"text": text} | row) + "\n" for text, row in zip(DOCS, rows, strict=False)))
    summary = run("in", source="site")
    assert ids() == ["a in.jsonl:1", "a in.jsonl:2", "7", "in.jsonl:4", "b", '{"c": "\\ud800"}']
    with sqlite3.connect("seen.db") as connection:
        assert connection.execute("SELECT source FROM document").fetchall() == [("x",), (None,), ("3.5",), (None,), (None,), (None,)]
        (date,) = connection.execute("SELECT DISTINCT date FROM document").fetchone()
    connection.close()
    assert abs(date - Path("out.jsonl").stat().st_mtime) < 300
    assert summary.run
    assert f"in the index as {summary.run}/…" in str(summary)
    assert summary.to_dict()["across"]["run"] == summary.run


@pytest.mark.parametrize("unit", ["paragraph", "document"])
def test_a_run_without_documents_adds_none(unit: str) -> None:
    """Nor does one whose documents are empty remember anything of them but their names."""
    Path("none.jsonl").write_text("")
    assert (run("none", across=unit).units, ids()) == (0, [])
    write(Path("empty.jsonl"), ["", "Leave a Reply", ""])
    run("empty", across=unit)
    assert [row["text"] for row in lines("out.jsonl")] == ["", "", ""]
    assert ids() == ["u0", "u1", "u2"]
    with Index("seen.db") as index:
        assert index.stats().texts == 0


def test_text_files_and_tables_go_in_by_their_names() -> None:
    """A folder of texts, and a table beside it."""
    Path("in").mkdir()
    for number in range(3):
        Path(f"in/{number}.txt").write_text(DOCS[number])
    clean_corpus("in", "out", across="paragraph", index="seen.db")
    assert ids() == ["in/0.txt", "in/1.txt", "in/2.txt"]
    textclean.clean_corpus(["in/1.txt"], "more", across="document", index="documents.db")
    assert ids("documents.db") == ["in/1.txt"]


def test_the_field_of_removals_names_the_document_of_the_index() -> None:
    """By index, id and span, where it names one of the run by file and line."""
    one = run("one")
    run("two", removals=None, removals_field="gone")
    gone = [removal["witness"] for row in lines("out.jsonl") for removal in row["gone"] if removal["rule"] == "across"]
    kinds = Counter(tuple(witness) for witness in gone)
    assert kinds.keys() == {("index", "id", "span"), ("file", "line", "span")}
    assert all(witness["id"].startswith(f"{one.run}/u") for witness in gone if "id" in witness)


class BrokenOffError(Exception):
    """What stops a run."""


def broken(monkeypatch: pytest.MonkeyPatch, adds: int, **options: Any) -> None:
    """Breaks a run off after so many parts were added."""
    add, left = Index.add, [adds]

    def some(self: Index, *args: Any, **how: Any) -> Any:
        found = add(self, *args, **how)
        left[0] -= 1
        if left[0] < 0:
            raise BrokenOffError
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Index, "add", some)
        with pytest.raises(BrokenOffError):
            run("two", **options)


@pytest.mark.parametrize("adds", [0, 3, 9])
def test_a_run_that_is_broken_off_goes_on_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch, adds: int) -> None:
    """And adds nothing twice, also where another run has added between: what comes first is seen first."""
    run("one")
    shutil.copy("seen.db", "before.db")
    whole = run("two", run="two.run")
    expected = Path("out.jsonl").read_bytes(), Path("out.jsonl.removals").read_bytes(), ids()
    shutil.rmtree("two.run")
    shutil.copy("before.db", "seen.db")
    broken(monkeypatch, adds, run="two.run")
    assert len(ids()) == FIRST + min(7 * (adds + 1), len(DOCS) - FIRST)
    summary = run("two", run="two.run", resume=True, force=False)
    assert (Path("out.jsonl").read_bytes(), Path("out.jsonl.removals").read_bytes(), ids()) == expected
    assert (summary.units, summary.dropped, summary.witnesses) == (whole.units, whole.dropped, whole.witnesses)
    assert summary.run != whole.run
    restored = run("two", run="two.run", resume=True, force=False)
    assert (restored.run, restored.dropped) == (summary.run, whole.dropped)
    with Index("seen.db") as index:
        assert index.verify() == []


@pytest.mark.parametrize("folder", [None, "two.run"])
def test_beginning_again_takes_out_what_was_added(monkeypatch: pytest.MonkeyPatch, folder: str | None) -> None:
    """Of a run that was broken off, since nobody has its outputs; a run that was finished stays in the index."""
    run("one")
    run("two", run=folder)
    expected = Path("out.jsonl").read_bytes()
    assert len(ids()) == len(DOCS)
    with Index("seen.db") as index:
        assert index.remove(prefix=names()[-1].partition("/")[0]) == len(DOCS) - FIRST
    Path("out.jsonl").unlink()
    Path("out.jsonl.removals").unlink()
    broken(monkeypatch, 4, run=folder)
    assert len(ids()) == FIRST + 35
    with pytest.raises(OutputExistsError, match="a run that was broken off is here: resume=True finishes it, force=True begins again"):
        run("two", run=folder, force=False)
    run("two", run=folder)
    assert Path("out.jsonl").read_bytes() == expected
    assert ids() == [f"u{number}" for number in range(len(DOCS))]
    run("two", run=folder)
    assert len(ids()) == 2 * len(DOCS) - FIRST


def names() -> list[str]:
    """The ids of the index, whole."""
    with sqlite3.connect("seen.db") as connection:
        found = [id for (id,) in connection.execute("SELECT id FROM document ORDER BY number")]
    connection.close()
    return found


def test_what_was_added_is_taken_out_of_the_index_that_had_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the run that begins again has no index, or the file is gone."""
    broken(monkeypatch, 1)
    assert len(ids()) == 14
    clean_corpus("two.jsonl", "out.jsonl", force=True)
    assert ids() == []
    broken(monkeypatch, 1)
    Path("seen.db").unlink()
    clean_corpus("two.jsonl", "out.jsonl", force=True)
    assert not Path("seen.db").exists()


#: Makes a run in a process of its own, which kills itself.
COMMAND = f"""
import sys
from textclean import clean
from textclean.corpus import clean_corpus, seen, shards
wait, resume = sys.argv[1:]
shards.SHARD_DOCUMENTS, seen._DOCUMENTS = 25, 2
clean("A line.")
import time
import textclean.corpus.decide
begun = time.monotonic()
{KILL_LATER}
clean_corpus("two.jsonl", "out.jsonl", across="paragraph", index="seen.db", removals="out.jsonl.removals", id="url", workers=1,
             run="two.run", force=resume == "False", resume=resume == "True")
print(time.monotonic() - begun)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_a_run_that_is_killed_goes_on_to_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """At any moment, and killed again while it goes on: the index and the outputs are those of a run that was left alone."""
    run("one")
    shutil.copy("seen.db", "before.db")
    run("two", run="two.run")
    expected = Path("out.jsonl").read_bytes(), Path("out.jsonl.removals").read_bytes(), ids()
    command = [sys.executable, "-P", "-c", COMMAND]
    seconds = float(subprocess.run([*command, "-1", "False"], capture_output=True, check=True).stdout)
    draw, kills, halves = random.Random(5), 0, 0
    for _ in range(12 if os.environ.get("TEXTCLEAN_TEST_PROFILE") == "slow" else 5):
        for name in ("out.jsonl", "out.jsonl.removals", "seen.db-wal", "seen.db-shm"):
            Path(name).unlink(missing_ok=True)
        shutil.rmtree("two.run", ignore_errors=True)
        shutil.copy("before.db", "seen.db")
        for resume in (False, True, True):
            wait = draw.uniform(0.05, 1) * seconds
            done = subprocess.run([*command, str(wait), str(resume)], capture_output=True, check=False)
            kills += done.returncode == -9
            halves += FIRST < len(ids()) < len(DOCS)
            if done.returncode == 0:
                break
        run("two", run="two.run", resume=True, force=False, fsync=True)
        assert (Path("out.jsonl").read_bytes(), Path("out.jsonl.removals").read_bytes(), ids()) == expected
        with Index("seen.db") as index:
            assert index.verify() == []
    print(f"kills: {kills}, of which {halves} while documents went in")
    assert kills > 2


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"across": "none"}, ConfigError, "index='seen.db': says what documents are compared with, and across='none' compares none"),
        ({"keep": "last"}, ConfigError, "keep='last': with index=... what was seen first stays: leave keep out, or say keep='first'"),
        ({"keep": "url"}, ConfigError, "keep='url': with index=... what was seen first stays"),
        ({"index": 3}, ConfigError, "index=3: the path of a file is needed, e.g. 'seen.db'"),
        ({"index": ""}, ConfigError, "index='': the path of a file is needed"),
        ({"index": "."}, IndexFileError, "index .: it is a folder: name a file in it"),
        ({"index": "nowhere/seen.db"}, IndexFileError, "it can't be opened or made: look at the folder and its rights"),
        ({"index": "one.jsonl"}, IndexFileError, "it is no index: name another file"),
        ({"across": "document"}, IndexMismatchError, "it has unit='paragraph', and unit='document' was asked for"),
        ({"threshold": 0.7}, IndexMismatchError, "it has threshold=0.8, and threshold=0.7 was asked for"),
        ({"same_numbers": False}, IndexMismatchError, "it has same_numbers=True, and same_numbers=False was asked for"),
        ({"min_words": 4}, IndexMismatchError, "it has min_words=10, and min_words=4 was asked for"),
        ({"index": "fixed.db"}, ConfigError, "was made with removable=False and remembers only what stays"),
        ({"output": "memory://x/out.jsonl"}, ConfigError, "has to be one that can go on when it is broken off: say where to write"),
        ({"memory": "1MB"}, MemoryLimitError, "raise memory=..."),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused(options: dict[str, Any], error: type[Exception], message: str) -> None:
    """Before anything is cleaned, written or added."""
    Index("seen.db").close()
    Index("fixed.db", removable=False).close()
    output = options.pop("output", "out.jsonl") if "output" in options else "out.jsonl"
    with pytest.raises(error) as caught:
        clean_corpus("one.jsonl", output, **{"across": "paragraph", "index": "seen.db", **options})
    assert message in str(caught.value)
    assert (Path("out.jsonl").exists(), ids()) == (False, [])


def test_what_an_index_has_is_as_it_has_it() -> None:
    """Options that are left out are those of the index, and the settings of the run say so."""
    Index("seen.db", threshold=0.6, min_words=4, same_numbers=False, ngram_size=2).close()
    summary = run("one")
    assert (summary.settings["threshold"], summary.settings["same_numbers"], summary.settings["index"]) == (0.6, False, "seen.db")
    rows = [text.text for text in textclean.clean_many(DOCS[:FIRST])]
    found = textclean.deduplicate(rows, threshold=0.6, min_words=4, same_numbers=False, ngram_size=2)
    assert [row["text"] for row in lines("out.jsonl")] == found.texts()


def test_the_command_does_what_the_function_does() -> None:
    """With the report of the run too; a dry run leaves the index alone, and printing is refused."""
    run("one")
    shutil.copy("seen.db", "before.db")
    run("two")
    expected = Path("out.jsonl").read_bytes()
    shutil.copy("before.db", "seen.db")
    how = ["clean", "two.jsonl", "--across", "paragraph", "--index", "seen.db", "--id-field", "url"]
    result = CliRunner().invoke(commands, [*how, "-o", "x.jsonl", "--dry-run"])
    assert (result.exit_code, len(ids())) == (0, FIRST)
    result = CliRunner().invoke(commands, [*how, "-o", "x.jsonl", "--run", "x.run"])
    assert result.exit_code == 0
    assert Path("x.jsonl").read_bytes() == expected
    told = json.loads(Path("x.run/summary.json").read_text())["across"]["run"]
    assert f"in the index as {told}/…" in result.stderr
    assert CliRunner().invoke(commands, ["report", "x.run", "-o", "x.html"]).exit_code == 0
    assert "seen.db: 20" in Path("x.html").read_text(encoding="utf-8")
    result = CliRunner().invoke(commands, how)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--index seen.db: a run that adds to an index has to be one that can go on" in result.stderr


def test_two_runs_at_once_add_to_one_index() -> None:
    """Each has its outputs, all goes in, and each unit stays once."""
    code = "import sys; from textclean.commands.main import main; main()"
    started = []
    for name in ("one", "two"):
        how = [
            "clean",
            f"{name}.jsonl",
            "-o",
            f"{name}.out.jsonl",
            "--across",
            "paragraph",
            "--index",
            "seen.db",
            "--id-field",
            "url",
            "-q",
        ]
        started.append(subprocess.Popen([sys.executable, "-P", "-c", code, *how], stderr=subprocess.PIPE))
    assert [(process.communicate()[1], process.returncode) for process in started] == [(b"", 0)] * 2
    with Index("seen.db") as index:
        assert (len(index), index.verify()) == (len(DOCS), [])
        found = textclean.deduplicate([row["text"] for name in ("one", "two") for row in lines(f"{name}.out.jsonl")])
        assert not found.dropped.any()
        assert index.stats().kept == len(found) - found.effort.exempt
