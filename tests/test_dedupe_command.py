"""``textclean dedupe`` reads, calls and writes."""

from __future__ import annotations

import gzip
import json

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import textclean
from test_duplicates import corpus
from textclean.commands.main import commands


@pytest.fixture
def pages(tmp_path):
    """A file of records, some repeating others."""
    path = tmp_path / "pages.jsonl"
    docs = [{"text": f"{a}\n{b}", "url": f"u{i}", "n": -i} for i, (a, b) in enumerate(zip(corpus(80), corpus(80, 1), strict=True))]
    path.write_text("".join(json.dumps(doc) + "\n" for doc in docs), encoding="utf8")
    return path


def read_records(path):
    """The records of a file."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf8")
    return [json.loads(line) for line in text.splitlines()]


def call(*args):
    """The command's result."""
    return CliRunner().invoke(commands, ["dedupe", *(str(arg) for arg in args)])


@pytest.mark.parametrize("unit", ["paragraph", "document"])
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".parquet"])
def test_output_is_what_the_package_says(pages, tmp_path, suffix, unit):
    """The command writes the texts and the list of removals that `deduplicate` returns."""
    out, removed = tmp_path / f"out{suffix}", tmp_path / f"removed{suffix.removesuffix('.gz')}"
    result = call(pages, "-o", out, "--removals", removed, "--id-field", "url", "--unit", unit, "--threshold", 0.7, "--keep", "n")
    assert result.exit_code == 0, result.output
    docs = read_records(pages)
    found = textclean.deduplicate(docs, unit=unit, threshold=0.7, keep="n", id="url")
    assert [record["text"] for record in read_records(out)] == found.texts()
    rows = read_records(removed)
    assert [row["unit"] for row in rows] == [record["unit"] for record in found.records()]
    assert rows[0].get("witness_id", rows[0].get("witness", {}).get("id")).startswith("u")
    assert f"{found.dropped.sum()} of {len(found)} {unit}s repeat" in result.output
    assert not list(tmp_path.glob(".*"))


def test_files_are_one_corpus_and_nothing_is_replaced_unasked(pages, tmp_path):
    """Several files are one corpus, so that a file named twice repeats all of itself, and no output is replaced unasked."""
    out = tmp_path / "out.jsonl"
    assert call(pages, pages, "-o", out, "--unit", "document", "-q").output == ""
    assert len(read_records(out)) == len(textclean.deduplicate(read_records(pages), unit="document").texts())
    again = call(pages, "-o", out)
    assert again.exit_code == 3
    assert "exists already (--force replaces it)" in again.output
    assert call(pages, "-o", out, "--force").exit_code == 0


def test_calibrate_writes_nothing(pages, tmp_path):
    """With --calibrate the command shows the table of thresholds and writes nothing."""
    out = tmp_path / "out.jsonl"
    result = call(pages, "-o", out, "--calibrate")
    assert result.exit_code == 0
    assert "threshold   dropped" in result.output
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"text": "x"}\nnot json\n', "a.jsonl:2: not JSON"),
        ("a.jsonl", b"[1]\n", "a.jsonl:1: not a JSON object"),
        ("a.jsonl", b"\xff\xfe", "a.jsonl:1: not UTF-8"),
        ("a.jsonl.gz", gzip.compress(b'{"text": "x"}\n' * 99)[:-4], "a.jsonl.gz: cut short"),
        ("a.parquet", b"no parquet", "a.parquet: not read as parquet"),
        ("a.jsonl", b'{"body": "x"}\n', "a.jsonl:1: no field 'text'"),
    ],
    ids=["json", "object", "encoding", "cut", "parquet", "field"],
)
def test_what_cannot_be_read_is_named(tmp_path, name, content, message):
    """A record that can't be read is named with its place and fault, the rest is done, and the exit code is 1."""
    path = tmp_path / name
    path.write_bytes(content)
    result = call(path)
    assert result.exit_code == 1
    assert message in result.output


def test_surrogates_survive(tmp_path):
    """Lone surrogates, which JSON may hold, come out as they went in."""
    path, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    path.write_text('{"text": "\\ud800 one"}\n', encoding="utf8")
    assert call(path, "-o", out).exit_code == 0
    assert read_records(out) == [{"text": "\ud800 one"}]


def test_parquet_out_is_readable(pages, tmp_path):
    """A .parquet output can be read by pyarrow and has the columns of the records."""
    call(pages, "-o", tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet").column_names == ["text", "url", "n"]


@pytest.fixture
def days(pages, tmp_path):
    """The records of two days, in two files, and in `pages` all of them; some of the second day are those of the first with a word more."""
    records = read_records(pages)
    records += [record | {"text": f"{record['text']} Again", "url": f"u8{record['url']}"} for record in records[10:70:7]]
    pages.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf8")
    lines = pages.read_text(encoding="utf8").splitlines(keepends=True)
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    one.write_text("".join(lines[:50]), encoding="utf8")
    two.write_text("".join(lines[50:]), encoding="utf8")
    return one, two


def both(pages, unit, threshold):
    """What `deduplicate` says of both days: texts that stay of the second, and of each of its repeats similarity and witness."""
    found = textclean.deduplicate(read_records(pages), unit=unit, threshold=threshold, id="url")
    stays = found.texts()
    texts = stays[int((~found.dropped[:50]).sum()) :] if unit == "document" else stays[50:]
    return texts, [(row["similarity"], row["witness"]["id"]) for row in found.records() if row["document"] >= 50]


@pytest.mark.parametrize("unit", ["paragraph", "document"])
@pytest.mark.parametrize("suffix", [".jsonl", ".parquet", ".csv"])
def test_against_is_the_answer_for_both_without_what_was_there(pages, days, tmp_path, suffix, unit):
    """What goes of the second day is what goes of it in one corpus with the first, and of the first nothing is said or written."""
    one, two = days
    out, removed = tmp_path / f"out{suffix}", tmp_path / f"removed{suffix}"
    result = call(two, "--against", one, "-o", out, "--removals", removed, "--id-field", "url", "--unit", unit, "--threshold", 0.7)
    assert result.exit_code == 0, result.output
    texts, repeats = both(pages, unit, 0.7)
    if suffix == ".csv":
        assert out.stat().st_size
        assert removed.read_text(encoding="utf8").count("\n") == 1 + len(repeats)
        return
    assert [record["text"] for record in read_records(out)] == texts
    rows = read_records(removed)
    assert len({witness for _, witness in repeats if len(witness) < 4 and int(witness[1:]) < 50}) > 3
    assert [(row["similarity"], row.get("witness_id") or row["witness"]["id"]) for row in rows] == repeats
    assert all(0 <= row["document"] < len(read_records(two)) for row in rows)
    assert f"{len(repeats)} of " in result.output


def test_against_takes_all_files_behind_it(days, tmp_path):
    """As a shell leaves them of a pattern, or as a pattern; up to the next option. The method makes no difference here."""
    one, two = days
    lines = one.read_text(encoding="utf8").splitlines(keepends=True)
    for number in range(5):
        (tmp_path / f"part{number}.jsonl").write_text("".join(lines[number * 10 : number * 10 + 10]), encoding="utf8")
    parts = [tmp_path / f"part{number}.jsonl" for number in range(5)]
    ways = [
        [two, "-o", "OUT", "--against", one],
        [two, "-o", "OUT", "--against", *parts],
        ["--against", *parts, "-o", "OUT", "--", two],
        [two, "--against", tmp_path / "part*.jsonl", "-o", "OUT"],
        [two, "--against", *parts[:2], "-o", "OUT", "--against", *parts[2:]],
    ]
    answers = []
    for number, way in enumerate(ways):
        out = tmp_path / f"out{number}.jsonl"
        assert call("-q", *(out if arg == "OUT" else arg for arg in way)).output == ""
        answers.append(out.read_bytes())
    assert answers == answers[:1] * len(ways)
    assert answers[0] != two.read_bytes()
    missing = call("--against", one, two)
    assert missing.exit_code == 2
    assert "Missing argument 'PATH...'" in missing.output


@pytest.mark.parametrize("unit", ["paragraph", "document"])
def test_an_index_remembers_from_call_to_call(pages, days, tmp_path, unit):
    """One day, then the other: what goes is what goes of both in one corpus; asked read-only, it says the same and is not changed."""
    one, two = days
    out, removed = tmp_path / "out.jsonl", tmp_path / "removed.jsonl"
    how = ["--index", tmp_path / "seen.db", "--id-field", "url", "--unit", unit, "--threshold", 0.7]
    assert call(one, *how).exit_code == 0
    texts, repeats = both(pages, unit, 0.7)
    for more in (["--read-only"], []):
        result = call(two, *how, "-o", out, "--removals", removed, "--force", *more)
        assert result.exit_code == 0, result.output
        assert [record["text"] for record in read_records(out)] == texts
        assert [(row["similarity"], row["witness"]["id"]) for row in read_records(removed)] == repeats
        with textclean.Index(tmp_path / "seen.db", read_only=True) as index:
            assert len(index) == (50 if more else len(read_records(pages)))


def test_what_an_index_has_is_not_added_again(days, tmp_path):
    """The same ids are an error; with --replay the answer is that of the first time; by another prefix all of it was seen before."""
    one, _ = days
    out, again = tmp_path / "out.jsonl", tmp_path / "again.jsonl"
    how = ["--index", tmp_path / "seen.db"]
    assert call(one, *how, "-o", out).exit_code == 0
    result = call(one, *how, "-o", again)
    assert (result.exit_code, again.exists()) == (3, False)
    assert "one.jsonl:1' is in the index already: remove it first, or say --replay" in result.output
    assert call(one, *how, "-o", again, "--replay").exit_code == 0
    assert again.read_bytes() == out.read_bytes()
    assert call(one, *how, "-o", again, "--prefix", "next/", "-f", "--unit", "paragraph").exit_code == 0
    left = [line for record in read_records(again) for line in record["text"].splitlines()]
    with textclean.Index(tmp_path / "seen.db") as index:
        assert len(index) == 100
        assert not any(index.seen(line) for line in left)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--against", "nope.jsonl"], 3, "nope.jsonl: no such file or folder"),
        (["--against", "ONE", "--keep", "last"], 2, "--keep last: with --against what was seen first stays"),
        (["--index", "seen.db", "--keep", "url"], 2, "--keep url: with --index what was seen first stays"),
        (["--index", "seen.db", "--against", "ONE"], 2, "use one of them"),
        (["--index", "seen.db", "--calibrate"], 2, "--calibrate looks at the files alone: leave --index out"),
        (["--against", "ONE", "--calibrate"], 2, "--calibrate looks at the files alone: leave --against out"),
        (["--read-only"], 2, "--read-only says how an index is used: add --index SEEN.db"),
        (["--replay"], 2, "--replay says how an index is used"),
        (["--prefix", "x"], 2, "--prefix says how an index is used"),
        (["--index", "seen.db", "--read-only"], 3, "there is no such file: leave --read-only out to make one"),
        (["--index", "."], 2, "is a directory"),
        (["--index", "ONE"], 3, "it is no index: name another file"),
        (["--index", "seen.db", "--method", "minhash"], 2, "--method minhash: index seen.db compares by --method exact"),
        (["--index", "seen.db", "--id-field", "nothing"], 3, "two.jsonl:1: no field 'nothing'"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused(days, tmp_path, monkeypatch, options, code, message):
    """Before anything is written or added."""
    monkeypatch.chdir(tmp_path)
    result = call(days[1], "-o", "out.jsonl", *(days[0] if option == "ONE" else option for option in options))
    assert (result.exit_code, (tmp_path / "out.jsonl").exists()) == (code, False)
    assert message in result.output
