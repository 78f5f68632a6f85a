"""``textclean index``: files go in, what repeats them is found, and the file is looked after."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kills import KILL_LATER
from test_corpus import texts
from textclean import Index
from textclean.commands.main import commands

WIRE = "The council voted on Tuesday evening to close the old bridge for repairs until the end of the year, officials said."
FERRY = "The ferry was cancelled for a third day because of high winds over the strait, and nobody could say when it sails."
ROWS = [
    {"text": WIRE, "url": "u1", "day": "2026-01-02", "site": "north"},
    {"text": f"{FERRY}\nA short line.", "url": "u2", "day": "2026-02-03", "site": "south"},
    {"text": WIRE.upper(), "url": "u3", "site": "south"},
]


def run(*args: object, stdin: str | None = None) -> Result:
    """A command in this process."""
    return CliRunner().invoke(commands, ["index", *map(str, args)], input=stdin, catch_exceptions=False)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A file of records."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of three records."""
    monkeypatch.chdir(tmp_path)
    write(Path("a.jsonl"), ROWS)
    fields = ["--id-field", "url", "--date-field", "day", "--source-field", "site"]
    result = run("add", "seen.db", "a.jsonl", *fields)
    assert (result.exit_code, result.stderr) == (
        0,
        "textclean: 3 documents added; 1 of 4 paragraphs repeat one that was there or came before\n",
    )
    return Path("seen.db")


def documents(path: Path) -> list[tuple[Any, ...]]:
    """The documents of an index: id, source, date."""
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT id, source, date FROM document ORDER BY number").fetchall()
    connection.close()
    return found


def test_what_is_added_has_its_names(seen: Path) -> None:
    """Ids, sources and dates are those of the fields; a record without one of the last two has none."""
    assert documents(seen) == [("u1", "north", 1767312000), ("u2", "south", 1770076800), ("u3", "south", None)]


def test_files_of_any_format_go_in_by_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text file, a table and stdin; in a folder too; a prefix stands before the name."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/a.txt").write_text(WIRE)
    Path("in/b.csv").write_text(f'text,n\n"{FERRY}",1\n"{WIRE}",2\n')
    assert run("add", "seen.db", "in", "-q").exit_code == 0
    assert run("add", "seen.db", "-", "--prefix", "day 2/", stdin=WIRE).exit_code == 0
    assert [id for id, *_ in documents(Path("seen.db"))] == ["in/a.txt", "in/b.csv:2", "in/b.csv:3", "day 2/-"]


@pytest.mark.parametrize("unit", ["paragraph", "document"])
def test_the_rules_of_a_new_index_are_those_asked_for(tmp_path: Path, unit: str) -> None:
    """All six of them, as `Index` takes them."""
    source = write(tmp_path / "a.jsonl", ROWS)
    options = ["--unit", unit, "--threshold", 0.7, "--ngram-size", 2, "--min-words", 4, "--other-numbers", "--no-removable"]
    assert run("add", tmp_path / "seen.db", source, *options).exit_code == 0
    with Index(tmp_path / "seen.db", read_only=True) as index:
        rules = index.rules
    assert (rules.unit, rules.threshold, rules.ngram_size, rules.min_words) == (unit, 0.7, 2, 4)
    assert (rules.same_numbers, rules.removable) == (False, False)


def test_what_has_no_name_is_left_out(seen: Path) -> None:
    """A record without an id, with one that is none, with a date that is none: each is named, the others go in, and the code is 1."""
    bad = [{"text": WIRE}, {"text": WIRE, "url": ["u"]}, {"text": WIRE, "url": "v", "day": "soon"}, {"text": WIRE, "url": 7}]
    write(Path("b.jsonl"), bad)
    result = run("add", seen, "b.jsonl", "--id-field", "url", "--date-field", "day")
    assert result.exit_code == 1
    assert "b.jsonl:1: no field 'url'" in result.stderr
    assert "b.jsonl:2: field 'url' is no id: a text or a whole number is needed" in result.stderr
    assert "b.jsonl:3: field 'day': 'soon' is no date: use ISO 8601" in result.stderr
    assert [id for id, *_ in documents(seen)][3:] == ["7"]


def test_an_id_that_is_there_ends_it_and_replay_goes_on(seen: Path) -> None:
    """Nothing goes in twice; with --replay what is there must say the same."""
    again = ("add", seen, "a.jsonl", "--id-field", "url")
    result = run(*again)
    assert result.exit_code == 3
    assert "the id 'u1' is in the index already: remove it first, or say --replay if it was added by a run" in result.stderr
    write(Path("a.jsonl"), [*ROWS, {"text": FERRY, "url": "u4"}])
    assert run(*again, "--replay", "-q").exit_code == 0
    assert [id for id, *_ in documents(seen)] == ["u1", "u2", "u3", "u4"]
    write(Path("a.jsonl"), [{"text": FERRY, "url": "u1"}])
    result = run(*again, "--replay")
    assert result.exit_code == 3
    assert "the id 'u1' is in the index with another text" in result.stderr
    write(Path("a.jsonl"), [{"text": FERRY, "url": "v"}, {"text": FERRY, "url": "v"}])
    result = run(*again)
    assert (result.exit_code, len(documents(seen))) == (3, 4)
    assert "the id 'v' stands twice" in result.stderr


def test_find_prints_where_it_was_seen(seen: Path) -> None:
    """Of stdin, of files and as JSON: where it stands, how like it is, and the document that had it; nothing is added."""
    result = run("find", seen, stdin=f"Another headline\n\n{FERRY.lower()}")
    assert (result.exit_code, result.stdout) == (0, f"-\t18-{18 + len(FERRY)}\t1.000\tu2\tsouth\t2026-02-03\t0-{len(FERRY)}\n")
    result = run("find", seen, "a.jsonl", "--json")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(match["line"], match["witness"]["id"]) for match in found] == [(1, "u1"), (2, "u2"), (3, "u1")]
    assert found[0] == {
        "file": "a.jsonl",
        "line": 1,
        "span": [0, len(WIRE)],
        "similarity": 1.0,
        "witness": {"id": "u1", "source": "north", "date": 1767312000, "span": [0, len(WIRE)]},
    }
    assert run("find", seen, stdin="The garden was watered by nobody at all while they were away on the coast last year.").stdout == ""
    assert len(documents(seen)) == 3


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--id", "u1", "--id", "u3", "--id", "nobody"], ["u2"]),
        (["--source", "south"], ["u1"]),
        (["--prefix", "u"], []),
        (["--prefix", "u2"], ["u1", "u3"]),
        (["--prefix", "x"], ["u1", "u2", "u3"]),
    ],
    ids=str,
)
def test_remove(seen: Path, options: list[str], left: list[str]) -> None:
    """By ids, source or beginning; what remains answers as if they had never been there."""
    assert run("remove", seen, *options).exit_code == 0
    assert [id for id, *_ in documents(seen)] == left
    assert run("verify", seen).exit_code == 0
    witnesses = [line.split("\t")[3] for line in run("find", seen, stdin=WIRE).stdout.splitlines()]
    assert witnesses == [id for id in ("u1", "u3") if id in left][:1]


def test_expire(seen: Path) -> None:
    """What is dated before the day goes, what has no date stays."""
    result = run("expire", seen, "--before", "2026-02-03")
    assert (result.exit_code, result.stderr) == (0, "textclean: 1 document removed\n")
    assert [id for id, *_ in documents(seen)] == ["u2", "u3"]
    result = run("expire", seen, "--before", "soon")
    assert result.exit_code == 2
    assert "'soon' is no date: use ISO 8601" in result.stderr


def test_merge_needs_other_ids(seen: Path) -> None:
    """Documents of another index follow in their order; an id in both is an error, and nothing is added."""
    assert run("add", "other.db", "a.jsonl", "-q").exit_code == 0
    assert run("merge", seen, "other.db").stderr == "textclean: 3 documents of other.db added\n"
    assert [id for id, *_ in documents(seen)][3:] == ["a.jsonl:1", "a.jsonl:2", "a.jsonl:3"]
    result = run("merge", seen, "other.db")
    assert (result.exit_code, len(documents(seen))) == (3, 6)
    assert "the id 'a.jsonl:1' is in both" in result.stderr


def test_stats_and_compact(seen: Path) -> None:
    """Counts and rules, for people and for programs; compacting changes no answer."""
    told = json.loads(run("stats", seen, "--json").stdout)
    size = told.pop("bytes")
    assert size == seen.stat().st_size + (Path("seen.db-wal").stat().st_size if Path("seen.db-wal").exists() else 0)
    assert told == {
        **{"documents": 3, "units": 3, "texts": 2, "kept": 2, "unit": "paragraph", "threshold": 0.8},
        **{"ngram_size": 3, "min_words": 10, "same_numbers": True, "removable": True},
    }
    assert "documents\t3\n" in run("stats", seen).stdout
    before = run("find", seen, "a.jsonl").stdout
    assert run("compact", seen, "-q").exit_code == 0
    assert run("find", seen, "a.jsonl").stdout == before != ""


def test_verify_says_what_is_wrong(seen: Path) -> None:
    """With a line for each fault, and exit code 1; else nothing on stdout."""
    result = run("verify", seen)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "textclean: seen.db: no fault found\n")
    with sqlite3.connect(seen) as connection:
        for table in ("fingerprint", "recent_fingerprint"):
            connection.execute(f"DELETE FROM {table} WHERE text = 2")
    connection.close()
    result = run("verify", seen, "-q")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "text 2: its tokens have another fingerprint or size\n", "")


#: What is asked of a file that is there already.
ASKED = (["find"], ["remove", "--id", "x"], ["expire", "--before", "2026-01-01"], ["verify"], ["compact"], ["stats"], ["merge"])


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked[0])
def test_a_file_that_is_not_there_is_not_made(tmp_path: Path, asked: list[str]) -> None:
    """Only `add` makes one."""
    name, *options = asked
    other = [tmp_path / "other.db"] if name == "merge" else []
    result = run(name, tmp_path / "no.db", *other, *options, stdin="")
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "does not exist" in result.stderr
    assert "is a directory" in run(name, tmp_path, *other, *options, stdin="").stderr


@pytest.mark.parametrize("asked", [["add"], *ASKED], ids=lambda asked: asked[0])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("text", "it is no index: name another file"),
        ("database", "it is a database, and no index of textclean's: name another file"),
        ("version", "it was made with format 99, this version of textclean has 1"),
        ("header", "its header is damaged"),
    ],
)
def test_a_file_that_is_no_index_is_refused(seen: Path, asked: list[str], damage: str, message: str) -> None:
    """By every command, with exit code 3 and the remedy, and it stays as it was."""
    other = Path("damaged.db")
    if damage == "text":
        other.write_text("no database at all, and long enough that SQLite looks at it: " * 20)
    else:
        shutil.copy(seen, other)
        statement = {
            "database": "PRAGMA application_id = 7",
            "version": "UPDATE header SET value = '99' WHERE name = 'format'",
            "header": "DELETE FROM header WHERE name = 'unit'",
        }[damage]
        with sqlite3.connect(other) as connection:
            connection.execute(statement)
        connection.close()
    before = other.read_bytes()
    name, *options = asked
    more = {"merge": [seen], "add": ["a.jsonl"]}.get(name, [])
    result = run(name, other, *more, *options, stdin=WIRE)
    assert (result.exit_code, result.stdout) == (3, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert other.read_bytes() == before


def test_other_rules_are_refused(seen: Path) -> None:
    """In the words of the command line, and nothing is added."""
    result = run("add", seen, "a.jsonl", "--threshold", 0.5)
    assert result.exit_code == 3
    assert "it has --threshold 0.8, and --threshold 0.5 was asked for" in result.stderr
    result = run("add", "new.db", "a.jsonl", "--threshold", 2)
    assert (result.exit_code, len(documents(seen))) == (2, 3)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_can_be_asked(seen: Path) -> None:
    """Adding to it is refused with the remedy."""
    seen.chmod(0o444)
    result = run("add", seen, "a.jsonl")
    assert result.exit_code == 3
    assert "it may not be written: change its rights" in result.stderr
    assert run("stats", seen).exit_code == 0
    Path("closed").mkdir()
    shutil.copy(seen, "closed")
    Path("closed").chmod(0o555)
    result = run("stats", "closed/seen.db")
    assert result.exit_code == 3
    assert "its folder may not be written, which asking needs too" in result.stderr


def test_another_process_is_waited_for(seen: Path) -> None:
    """For as long as --timeout says; reading does not wait."""
    holding = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN IMMEDIATE'); print('held', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", holding, str(seen)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        for name, *options in (["add", "a.jsonl"], ["remove", "--id", "u1"], ["compact"]):
            result = run(name, seen, *options, "--timeout", 0.1)
            assert result.exit_code == 3
            assert "another process has been writing to it for 0.1 seconds: wait and try again, or say --timeout" in result.stderr
        assert run("find", seen, stdin=WIRE).stdout.split("\t")[3] == "u1"
        process.communicate(b"\n")
    assert run("remove", seen, "--id", "u1").exit_code == 0


#: Adds a file in a process of its own, which kills itself.
COMMAND = f"""
import sys
from textclean import index
from textclean.commands.main import main
from textclean.index import base as parts
wait = sys.argv.pop(1)
parts._STREAM = 20
{KILL_LATER}
main()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_what_is_killed_goes_on_with_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At any moment: what went in is whole, nothing goes in twice, and the answers are those of an index that was left alone."""
    monkeypatch.chdir(tmp_path)
    write(Path("a.jsonl"), [{"text": text} for text in texts(2000, seed=3)])
    assert run("add", "first.db", "a.jsonl", "-q").exit_code == 0
    begun = time.monotonic()
    assert run("add", "whole.db", "a.jsonl", "-q").exit_code == 0
    seconds = time.monotonic() - begun
    whole, draw, kills, halves = documents(Path("whole.db")), random.Random(7), 0, 0
    for number in range(4):
        db = Path(f"{number}.db")
        for _ in range(3):
            arguments = [str(draw.uniform(0.1, 2) * seconds), "index", "add", str(db), "a.jsonl", "-q", "--replay"]
            done = subprocess.run([sys.executable, "-P", "-c", COMMAND, *arguments], capture_output=True, check=False)
            kills += done.returncode == -9
            left = documents(db) if db.exists() and db.stat().st_size else []
            assert left == whole[: len(left)]
            halves += 0 < len(left) < len(whole)
        assert run("add", db, "a.jsonl", "-q", "--replay").exit_code == 0
        assert documents(db) == whole
        assert run("verify", db, "-q").exit_code == 0
        assert run("find", db, "a.jsonl").stdout == run("find", "whole.db", "a.jsonl").stdout
    print(f"kills: {kills}, of which {halves} while documents went in")
    assert halves


def test_several_processes_add_to_one_file(tmp_path: Path) -> None:
    """All goes in, and of what two of them say the same stays once."""
    code = "import sys; from textclean.commands.main import main; main()"
    command = [sys.executable, "-P", "-c", code, "index", "add", str(tmp_path / "seen.db")]
    files = [write(tmp_path / f"{name}.jsonl", [*ROWS, {"text": f"{FERRY} {name} said so.", "url": name}]) for name in ("a", "b", "c")]
    started = [subprocess.Popen([*command, str(path), "-q"], stderr=subprocess.PIPE) for path in files]
    assert [(process.communicate()[1], process.returncode) for process in started] == [(b"", 0)] * 3
    with Index(tmp_path / "seen.db") as index:
        assert len(index) == 12
        assert index.verify() == []
        assert len(index.find(WIRE)) == 1
