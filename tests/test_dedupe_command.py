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
