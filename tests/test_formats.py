"""Files that other tools have made go in, and the same documents come out."""

from __future__ import annotations

import bz2
import csv
import gzip
import importlib.util
import io
import json
import lzma
import struct
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
import zstandard
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import textclean
from textclean.corpus import clean_corpus
from textclean.errors import ConfigError, OutputError, SourceError
from textclean.files.sources import Format, Packing, Source, find
from textclean.formats import Document, Reading, read

BODY = "The council voted on Tuesday to close the old bridge for repairs until the end of the year, officials said."
OWN = "Nobody else has written about the small orchard behind the school that feeds forty families each autumn."
TEXTS = [f"{BODY}\n\nLeave a Reply", f"Share on Facebook\n\n{BODY}\n\n{OWN}", 'Ωmega “quoted”, with a comma\n\nand "quotes"', ""]
WHEN = [datetime(2020, 1, day) for day in (1, 2, 3, 4)]


def expected(docs: list[str]) -> list[str]:
    """What the package says of the texts."""
    return textclean.deduplicate([textclean.clean(text) for text in docs]).texts()


def documents(path: Path, reading: Reading | None = None) -> list[Document]:
    """The documents of a file, which has no faults."""
    [source] = find([str(path)])
    found = list(read(source, reading or Reading()))
    assert not any(isinstance(event, Exception) for event in found)
    return [event for event in found if isinstance(event, Document)]


@pytest.fixture
def frame() -> pd.DataFrame:
    """A table with columns of several types, some values missing."""
    return pd.DataFrame(
        {
            "id": pd.array([1, None, 3, 4], "Int64"),
            "text": TEXTS,
            "when": WHEN,
            "tags": [["a", "b"], [], None, ["c"]],
            "score": [0.1, 1e300, float("nan"), 2.0],
            "kind": pd.Categorical(["x", "y", "x", "y"]),
        }
    )


@pytest.mark.parametrize("across", ["none", "paragraph"])
@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".feather"])
def test_a_table_keeps_its_types(tmp_path: Path, frame: pd.DataFrame, suffix: str, across: str) -> None:
    """What pandas and pyarrow wrote comes out with all columns, types, missing values and pandas' notes; the text is clean."""
    path, out = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    frame.to_parquet(path, row_group_size=3) if suffix == ".parquet" else frame.to_feather(path, chunksize=3)
    clean_corpus(path, out, across=across)
    result = pd.read_parquet(out) if suffix == ".parquet" else pd.read_feather(out)
    texts = [textclean.clean(text) for text in TEXTS]
    pd.testing.assert_frame_equal(result, frame.assign(text=expected(TEXTS) if across == "paragraph" else texts))


def test_other_types_of_text_and_streams(tmp_path: Path) -> None:
    """Columns of large, view and dictionary strings keep their types, and a stream of batches is read as an Arrow file too."""
    for type_ in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())):
        path, out = tmp_path / "in.arrow", tmp_path / "out.arrow"
        column = pa.array(TEXTS).dictionary_encode() if pa.types.is_dictionary(type_) else pa.array(TEXTS, type_)
        table = pa.table({"text": column.cast(type_)})
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table)
        clean_corpus(path, out, across="none", force=True)
        result = pa.ipc.open_file(out).read_all()
        assert result.schema == table.schema
        assert result["text"].to_pylist() == [textclean.clean(text) for text in TEXTS]


def test_documents_that_go_take_their_rows_along(tmp_path: Path) -> None:
    """A document that is left out takes its row along; the rows that stay are whole, and a row without a text is skipped and counted."""
    texts = [OWN, BODY, None, BODY, OWN, "short"]
    path, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"n": range(6), "text": texts}), path, row_group_size=2)
    summary = clean_corpus(path, out, across="document", removals=tmp_path / "gone.jsonl", id="n")
    assert pq.read_table(out).to_pylist() == [{"n": n, "text": texts[n]} for n in (0, 1, 5)]
    assert (summary.counts.skipped, summary.counts.left_out) == ({"not-a-text": 1}, 2)
    gone = [json.loads(line) for line in (tmp_path / "gone.jsonl").read_text().splitlines()]
    assert [(row["id"], row["line"], row["witness"]["id"], row["witness"]["line"]) for row in gone] == [(3, 4, 1, 2), (4, 5, 0, 1)]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".csv.gz"])
@pytest.mark.parametrize("tool", ["pandas", "pyarrow", "excel"])
def test_rows_of_csv_come_out_as_they_were(tmp_path: Path, suffix: str, tool: str) -> None:
    """Rows of .csv keep quotes, line ends within values and leading zeros, and a byte order mark does no harm."""
    path, out = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    delimiter = "\t" if ".tsv" in suffix else ","
    frame = pd.DataFrame({"code": ["007", "1.0", "", "x,y"], "text": TEXTS, "note": ['a "b"', "c\nd", "", "é"]})
    buffer = io.BytesIO()
    if tool == "pandas":
        frame.to_csv(buffer, index=False, sep=delimiter)
    elif tool == "pyarrow":
        pyarrow.csv.write_csv(pa.table(frame), buffer, pyarrow.csv.WriteOptions(delimiter=delimiter))
    else:
        frame.to_csv(buffer, index=False, sep=delimiter, encoding="utf-8-sig", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    path.write_bytes(gzip.compress(buffer.getvalue()) if suffix.endswith(".gz") else buffer.getvalue())
    clean_corpus(path, out, across="paragraph")
    result = pd.read_csv(out, sep=delimiter, dtype=str, keep_default_na=False)
    # A text that is cleaned loses what csv calls line ends of Windows; other values are as they were read.
    notes = [note.replace("\n", "\r\n") if tool == "excel" else note for note in frame["note"]]
    assert result["text"].tolist() == expected(TEXTS)
    assert result["code"].tolist() == frame["code"].tolist()
    assert [note.replace("\r\n", "\n") for note in result["note"]] == [note.replace("\r\n", "\n") for note in notes]


def test_bad_rows_of_csv_are_named(tmp_path: Path) -> None:
    """A row with too few values, in another charset or with a line over the limit is named, and the other rows are read."""
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_bytes(b"id,text\n1,one\n2\n3,caf\xe9\n4," + b"x" * 70_000 + b"\n5,five\n")
    summary = clean_corpus(path, out, max_mb=0.06, across="paragraph")
    assert out.read_text() == "id,text\n1,one\n5,five\n"
    assert summary.counts.skipped == {"not-csv": 1, "not-utf8": 1, "over-limit": 1}
    assert [problem.split(":")[1] for problem in summary.counts.problems] == ["3", "4", "5"]
    with pytest.raises(Exception, match="no column 'body'") as caught:
        raise next(event for event in read(next(find([str(path)])), Reading(text_field="body")) if isinstance(event, SourceError))
    assert caught.value.reason == "no-text-field"


def lying(offsets: list[int], data: bytes) -> pa.Array:
    """A column of strings whose offsets are not as they have to be."""
    return pa.Array.from_buffers(
        pa.string(), len(offsets) - 1, [None, pa.py_buffer(struct.pack(f"<{len(offsets)}i", *offsets)), pa.py_buffer(data)]
    )


@pytest.mark.parametrize(
    "column",
    [
        lying([5, 0, 5], b"hello"),
        lying([0, -5, 5], b"hello"),
        pa.DictionaryArray.from_arrays(pa.array([0, 1_000_000, -7], pa.int32()), pa.array(["a", "b"]), safe=False),
    ],
    ids=["falling", "negative", "dictionary"],
)
def test_an_arrow_file_that_lies_is_a_fault_and_no_crash(tmp_path: Path, column: pa.Array) -> None:
    """Offsets that fall or point outside the data are found before anything is read by them."""
    batch = pa.RecordBatch.from_arrays([column], ["text"])
    with pa.OSFile(str(tmp_path / "in.arrow"), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)
    (tmp_path / "good.jsonl").write_text('{"text": "A line."}\n')
    summary = clean_corpus([tmp_path / "in.arrow", tmp_path / "good.jsonl"], tmp_path / "out")
    assert (summary.counts.documents, summary.counts.skipped) == (1, {"damaged": 1})


def test_bytes_that_are_no_utf8_cost_their_row_alone(tmp_path: Path) -> None:
    """In an Arrow file as in any other."""
    batch = pa.RecordBatch.from_arrays([lying([0, 3, 5, 9], b"oneg\xe9four")], ["text"])
    with pa.OSFile(str(tmp_path / "in.arrow"), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)
    summary = clean_corpus(tmp_path / "in.arrow", tmp_path / "out.jsonl")
    assert (summary.counts.documents, summary.counts.skipped) == (2, {"not-utf8": 1})


def test_content_that_can_not_be_decoded_costs_its_record_alone(tmp_path: Path) -> None:
    """An encoding that nobody here undoes is a fault of that record."""
    path = tmp_path / "in.warc"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=False)
        for encoding in ("compress", None):
            headers = [("Content-Type", "text/plain"), *([("Content-Encoding", encoding)] if encoding else [])]
            http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            body = b"A line of text."
            url, payload = "http://a.example/", io.BytesIO(body)
            writer.write_record(writer.create_warc_record(url, "response", payload=payload, length=len(body), http_headers=http))
    summary = clean_corpus(path, tmp_path / "out.jsonl")
    assert (summary.counts.documents, summary.counts.skipped) == (1, {"damaged": 1})


#: A quote that nothing closes in the second row, one that is closed in mid-value in the fourth, and rows behind them.
QUOTES = ["id,text", "1,first", '2,"not closed', "3,third", '4,"closed" early', '5,"fifth, with a ""word"" and\na line"', '6,a 6" nail']


def test_a_quote_that_is_not_closed_costs_its_line_alone(tmp_path: Path) -> None:
    """A quote that is not closed is named with its line and the rows behind it are read; in a .tsv the line is read as it stands."""
    (tmp_path / "in.csv").write_text("\n".join(QUOTES) + "\n")
    (tmp_path / "in.tsv").write_text("\n".join(line.replace(",", "\t", 1) for line in QUOTES) + "\n")
    summary = clean_corpus(tmp_path / "in.csv", tmp_path / "csv.jsonl")
    assert summary.counts.skipped == {"not-csv": 2}
    assert [problem.split(": ")[0] for problem in summary.counts.problems] == [f"{tmp_path / 'in.csv'}:{line}" for line in (3, 5)]
    clean_corpus(tmp_path / "in.tsv", tmp_path / "tsv.jsonl")
    for name, ids in (("csv", "1356"), ("tsv", "123456")):
        rows = [json.loads(line) for line in (tmp_path / f"{name}.jsonl").read_text().splitlines()]
        assert "".join(row["id"] for row in rows) == ids
        assert rows[-2]["text"] == 'fifth, with a "word" and\na line'
        assert rows[-1]["text"] == 'a 6" nail'


def test_a_carriage_return_in_a_line_of_a_tsv_is_part_of_its_value(tmp_path: Path) -> None:
    """What stands between two tabs is a value, whatever it is, in the line that names the columns too."""
    path = tmp_path / "in.tsv"
    path.write_bytes(b'id\ttext\n1\tone\rline "here"\n2\t\rtwo\n\n3\tthree\r\n')
    clean_corpus(path, tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert rows == [{"id": "1", "text": 'one\nline "here"'}, {"id": "2", "text": "two"}, {"id": "3", "text": "three"}]
    path.write_bytes(b"\rtext")
    assert clean_corpus(path, tmp_path / "other.jsonl").counts.skipped == {"no-text-field": 1}


def test_many_quotes_that_are_not_closed_take_linear_time(tmp_path: Path) -> None:
    """Twenty thousand rows with a quote that is not closed are twenty thousand errors, found in linear time."""
    path = tmp_path / "in.csv"
    path.write_text("id,text\n" + '1,"not closed\n2,"closed" early\n3,whole\n' * 20_000)
    summary = clean_corpus(path, tmp_path / "out.jsonl")
    assert summary.counts.documents == 20_000
    assert summary.counts.skipped == {"not-csv": 40_000}


def test_columns_that_can_not_be_read_are_one_error(tmp_path: Path) -> None:
    """A .csv whose first line can't be read gives one error, since no column is known to hold the text."""
    (tmp_path / "in.csv").write_text('"id,text\n1,first\n')
    summary = clean_corpus(tmp_path / "in.csv", tmp_path / "out.jsonl")
    assert (summary.counts.documents, summary.counts.skipped) == (0, {"no-text-field": 1})
    assert "names the columns can't be read" in summary.counts.problems[0]


REPEATED = ["The same line is said here by two of us, and it is long enough to be compared with others.\n\nLeave a Reply"] * 2 + [None]


@pytest.mark.parametrize("kind", ["string_view", "large_string", "dictionary", "null"])
@pytest.mark.parametrize("across", ["none", "document"])
def test_every_kind_of_string_column_is_cleaned(tmp_path: Path, kind: str, across: str) -> None:
    """Every type of string column is cleaned, in memory and in files, also with rows left out, and other columns stay as they are."""
    column = pa.array(REPEATED).dictionary_encode() if kind == "dictionary" else pa.array(REPEATED if kind != "null" else [None] * 3, kind)
    table = pa.table({"id": [1, 2, 3], "text": column, "other": pa.array(["a", "b", "c"], pa.string_view())})
    found = textclean.clean_table(table, across=across)
    assert found.schema == table.schema
    line = REPEATED[0].split("\n")[0]
    expected = (
        [(1, line, "a"), (2, line, "b"), (3, None, "c")]
        if kind != "null"
        else [(n, None, o) for n, o in zip((1, 2, 3), "abc", strict=True)]
    )
    if across == "document" and kind != "null":
        del expected[1]
    assert list(zip(*found.to_pydict().values(), strict=True)) == expected
    with pa.OSFile(str(tmp_path / "in.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    clean_corpus(tmp_path / "in.arrow", tmp_path / "out.arrow", across=across)
    written = pa.ipc.open_file(str(tmp_path / "out.arrow")).read_all()
    assert list(zip(*written.to_pydict().values(), strict=True)) == [row for row in expected if row[1] is not None]


@pytest.mark.parametrize("target", [".jsonl", ".csv", ".parquet", ".arrow"])
@pytest.mark.parametrize("origin", [".jsonl", ".csv", ".parquet", ".arrow"])
def test_any_records_become_any_records(tmp_path: Path, origin: str, target: str) -> None:
    """Texts and ids are the same whatever the formats of input and output, and a run of two passes writes the same as a run of one."""
    rows = [{"id": f"n{i}", "text": text} for i, text in enumerate(TEXTS)]
    path = tmp_path / f"in{origin}"
    if origin == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif origin == ".csv":
        pd.DataFrame(rows).to_csv(path, index=False)
    else:
        pq.write_table(pa.Table.from_pylist(rows), path) if origin == ".parquet" else pyarrow.feather.write_feather(
            pa.table(pd.DataFrame(rows)), path
        )
    for across in ("none", "paragraph"):
        out = tmp_path / f"out-{across}{target}"
        clean_corpus(path, out, across=across)
        found = documents(out, Reading(id_field="id"))
        clean = [textclean.clean(text) for text in TEXTS]
        assert [document.text for document in found] == (clean if across == "none" else expected(TEXTS))
        assert [document.id for document in found] == [f'"n{i}"' for i in range(len(TEXTS))]


def test_records_of_no_one_type_are_no_table(tmp_path: Path) -> None:
    """Records whose values have no one type can't become a table: they are refused with the remedy, and no file is left."""
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "a", "n": 1}\n{"text": "b", "n": "one"}\n')
    with pytest.raises(OutputError, match=r"write \.jsonl instead"):
        clean_corpus(path, tmp_path / "out.parquet", across="none")
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ConfigError, match="mediawiki is read and not written"):
        clean_corpus(path, tmp_path / "out.xml", across="paragraph")


def test_texts_can_become_records(tmp_path: Path) -> None:
    """Text files can be written as records, each with the name of its file."""
    (tmp_path / "in").mkdir()
    for name in "ab":
        (tmp_path / "in" / f"{name}.txt").write_text(f"{OWN} {name}\n\nLeave a Reply")
    clean_corpus(tmp_path / "in", tmp_path / "out", across="none", output_format="jsonl")
    assert json.loads((tmp_path / "out" / "a.jsonl").read_text()) == {"file": "a.txt", "text": f"{OWN} a"}


def test_outputs_are_cut_at_a_size(tmp_path: Path) -> None:
    """With a shard size, each file but the last has at least that size, and together they are the whole."""
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"n": n, "text": f"{n} {OWN}"}) + "\n" for n in range(100)))
    clean_corpus(path, tmp_path / "out.jsonl.gz", across="none", shard="2KB")
    found = sorted(tmp_path.glob("out-*"))
    assert [file.name for file in found] == [f"out-{i:05}.jsonl.gz" for i in range(len(found))]
    assert [json.loads(line)["n"] for file in found for line in gzip.decompress(file.read_bytes()).splitlines()] == list(range(100))
    assert all(len(gzip.decompress(file.read_bytes())) >= 2000 for file in found[:-1])


def warc(path: Path, packed: bool) -> Path:
    """An archive as warcio writes it: a note, texts, an HTML page, an image, a page that was not there."""
    with open(path, "wb") as file:
        writer = WARCWriter(file, gzip=packed)
        writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "test"}))
        for i, text in enumerate(TEXTS):
            record = writer.create_warc_record(
                f"https://example.org/../../{i}", "conversion", payload=io.BytesIO(text.encode()), warc_content_type="text/plain"
            )
            writer.write_record(record)
        page = f"<html><body><article><p>{BODY}</p><p>{OWN}</p></article></body></html>".encode()
        for status, kind, content in (
            ("200 OK", "image/png", b"\x89PNG"),
            ("404 Not Found", "text/html", page),
            ("200 OK", "text/html", page),
        ):
            headers = StatusAndHeaders(status, [("Content-Type", f"{kind}; charset=utf-8")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record("https://example.org/page", "response", payload=io.BytesIO(content), http_headers=headers)
            )
    return path


# Its writer leaves closing to the collector.
unclosed = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@unclosed
@pytest.mark.parametrize("name", ["crawl.warc.wet.gz", "crawl.wet", "crawl.warc"])
def test_archives_give_their_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Texts and pages of an archive become records with address, date and id, none of which decides where output goes."""
    monkeypatch.setattr("textclean.formats.archives._extract", lambda: lambda page: "PAGE" if b"orchard" in page else None)
    path = warc(tmp_path / name, name.endswith(".gz"))
    clean_corpus(path, f"{tmp_path}/out/", across="none")
    [out] = (tmp_path / "out").iterdir()
    data = gzip.decompress(out.read_bytes()) if name.endswith(".gz") else out.read_bytes()
    found = [json.loads(line) for line in data.splitlines()]
    assert out.name == {"crawl.warc.wet.gz": "crawl.warc.jsonl.gz"}.get(name, "crawl.jsonl")
    assert [record["text"] for record in found] == [*map(textclean.clean, TEXTS), "PAGE"]
    assert found[1]["url"] == "https://example.org/../../1"
    assert set(found[0]) == {"id", "url", "date", "text"}
    assert sorted(each.name for each in tmp_path.iterdir()) == [name, "out"]


@unclosed
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pages_are_extracted(tmp_path: Path) -> None:
    """HTML pages give the article that trafilatura extracts from them, without the page around it."""
    pytest.importorskip("trafilatura", exc_type=ImportError)
    found = documents(warc(tmp_path / "a.warc.gz", True))
    assert BODY in found[-1].text
    assert OWN in found[-1].text
    assert "<p>" not in found[-1].text


@unclosed
def test_an_archive_cut_short_gives_what_is_whole(tmp_path: Path) -> None:
    """Of an archive that breaks off, the incomplete record is left out."""
    path = warc(tmp_path / "a.warc.wet.gz", True)
    path.write_bytes(path.read_bytes()[:900])
    found = list(read(next(find([str(path)])), Reading()))
    texts = [event.text for event in found if isinstance(event, Document)]
    assert texts == TEXTS[: len(texts)]
    assert [event.reason for event in found if isinstance(event, SourceError)] == ["cut-short"]


WIKI = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" version="0.10" xml:lang="en">
  <siteinfo><sitename>Test</sitename></siteinfo>
  <page><title>Bridge</title><ns>0</ns><id>7</id><revision><id>70</id><timestamp>2020-01-01T00:00:00Z</timestamp>
    <text xml:space="preserve">[[File:Bridge.jpg|thumb|The [[bridge]]]]
The '''old bridge''' is in [[Springfield|the town]].{{x}}&lt;ref&gt;note&lt;/ref&gt; It was [http://a.b closed].

== History ==
It was built.
[[Category:Bridges]]</text></revision></page>
  <page><title>Talk:Bridge</title><ns>1</ns><id>8</id><revision><text>talk</text></revision></page>
  <page><title>Old</title><ns>0</ns><id>9</id><redirect title="Bridge"/><revision><text>#REDIRECT [[Bridge]]</text></revision></page>
</mediawiki>
"""


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".bz2", bz2.compress), (".xz", lzma.compress), (".gz", gzip.compress)])
def test_articles_of_a_wiki_lose_their_markup(tmp_path: Path, suffix: str, pack) -> None:
    """Only the articles of a wiki dump come, as plain text with title, id and time."""
    path = tmp_path / f"wiki-pages-articles.xml{suffix}"
    path.write_bytes(pack(WIKI.encode()))
    [document] = documents(path)
    assert document.text == "The old bridge is in the town. It was closed.\n\nHistory\nIt was built."
    assert document.record.fields() | {"text": ""} == {"id": "7", "title": "Bridge", "timestamp": "2020-01-01T00:00:00Z", "text": ""}


def test_a_wiki_that_is_none_is_named(tmp_path: Path) -> None:
    """Broken XML, and entities that would grow without end, end the file with an error that says why."""
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><mediawiki><page>&b;</page></mediawiki>'
    for content in ("<mediawiki><page>", bomb, "no xml"):
        path = tmp_path / "a.xml"
        path.write_text(content)
        assert [event.reason for event in read(next(find([str(path)])), Reading()) if isinstance(event, SourceError)] == ["damaged"]


def test_the_dump_that_gensim_ships_is_read() -> None:
    """The real dump of Wikipedia that gensim ships is read, if gensim is installed."""
    gensim = importlib.util.find_spec("gensim")
    if gensim is None or gensim.origin is None:
        pytest.skip("gensim is not installed")
    name = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
    path = Path(gensim.origin).parent / "test" / "test_data" / name
    found = [event for event in read(Source(path, Path(name), Format.MEDIAWIKI, Packing.BZIP2), Reading()) if isinstance(event, Document)]
    assert len(found) > 100
    anarchism = next(document for document in found if json.loads(document.record.value("title")) == "Anarchism")
    assert "political philosophy" in anarchism.text
    assert not any(mark in anarchism.text for mark in ("[[", "{{", "'''"))


@pytest.mark.parametrize("suffix", [".bz2", ".xz"])
def test_streams_one_after_the_other_are_one_file(tmp_path: Path, suffix: str) -> None:
    """Packed streams one after the other are one file, as for the usual programs, and cut short anywhere they give what came before."""
    pack = bz2.compress if suffix == ".bz2" else lzma.compress
    lines = b"".join(b'{"text": "number %d"}\n' % n for n in range(5000))
    data = pack(lines) + pack(b'{"text": "last"}\n')
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(data)
    assert [document.text for document in documents(path)][-2:] == ["number 4999", "last"]
    path.write_bytes(data[: len(data) // 2])
    found = list(read(next(find([str(path)])), Reading()))
    assert [event.reason for event in found if isinstance(event, SourceError)] == ["cut-short"]
    path.write_bytes(b"BZh9nonsense" if suffix == ".bz2" else b"no archive at all")
    assert [event.reason for event in read(next(find([str(path)])), Reading()) if isinstance(event, SourceError)] == ["damaged"]


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".bz2", ".xz"])
def test_a_bomb_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    """A file that unpacks to hundreds of times its size is read up to a limit, and the error names file and limit."""
    monkeypatch.setattr("textclean.files.packing.BOMB_BYTES", 1 << 22)
    pack = {".gz": gzip.compress, ".zst": zstandard.compress, ".bz2": bz2.compress, ".xz": lzma.compress}[suffix]
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(pack(b'{"text": "a"}\n' + bytes(1 << 24)))
    [problem] = [event for event in read(next(find([str(path)])), Reading(max_bytes=1000)) if isinstance(event, SourceError)]
    assert problem.reason == "bomb"
    assert "over 250 times" in str(problem)


def test_urls_and_patterns_are_read(tmp_path: Path) -> None:
    """A URL of any kind that fsspec knows may name a file, a pattern or a folder, and names there are only names below the output."""
    import fsspec

    memory = fsspec.filesystem("memory")
    for name in ("/dump/a.jsonl", "/dump/sub/b.jsonl"):
        memory.pipe(name, json.dumps({"text": name}).encode() + b"\n")
    for url, names in (
        ("memory://dump/a.jsonl", ["a.jsonl"]),
        ("memory://dump/*.jsonl", ["a.jsonl"]),
        ("memory://dump", ["a.jsonl", "sub/b.jsonl"]),
    ):
        out = tmp_path / f"out{len(names)}{'*' in url}"
        clean_corpus([url], f"{out}/", across="none", force=True)
        assert sorted(str(path.relative_to(out)) for path in out.rglob("*.jsonl")) == names
    with pytest.raises(SourceError, match="none of the inputs could be read: memory://nowhere"):
        clean_corpus("memory://nowhere/*.jsonl", f"{tmp_path}/out/")
    with pytest.raises(ConfigError, match="2 inputs, which need a folder"):
        clean_corpus("memory://dump", tmp_path / "one.jsonl", across="paragraph")
    odd = tmp_path / "odd[1].jsonl"
    odd.write_text('{"text": "a"}\n')
    clean_corpus(odd, tmp_path / "even.jsonl", across="none")
    assert (tmp_path / "even.jsonl").read_text() == odd.read_text()
    for name in ("x/a.jsonl", "x/y/a.jsonl", "x/b.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"text": "a"}\n')
    clean_corpus(str(tmp_path / "x" / "**" / "*.jsonl"), tmp_path / "globbed", across="none")
    assert sorted(str(path.relative_to(tmp_path / "globbed")) for path in (tmp_path / "globbed").rglob("*.jsonl")) == [
        "a.jsonl",
        "y/a.jsonl",
    ]
