"""Files that were made to cost memory, time or the whole run: each is read within limits, and what is over them is named and counted."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import struct
import subprocess
import sys
import threading
import time
import zlib
from contextlib import suppress
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

import textclean
from textclean.corpus import clean_corpus
from textclean.files.packing import Packing, pieces
from textclean.formats import table_batches
from textclean.formats.encodings import TooLargeError, decoded_content
from textclean.formats.markup_bounds import costly_html, costly_wiki

TEXT = "The council voted on Tuesday to close the old bridge for repairs until the end of the year, officials said."
MB = 1_000_000


def skipped(source, out, **options):
    """Runs over one file, and returns what was skipped and the documents that were written."""
    summary = clean_corpus(source, out, **options)
    return dict(summary.counts.skipped), summary.counts


# Tables


def ipc(path, batch, compression=None):
    """Writes an Arrow file of one batch."""
    with pa.ipc.new_file(str(path), batch.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as file:
        file.write_batch(batch)


def raw(type_, rows, *buffers):
    """An array of these buffers, right or wrong."""
    return pa.Array.from_buffers(type_, rows, [None, *map(pa.py_buffer, buffers)])


BROKEN = {
    "falling": lambda: raw(pa.string(), 2, struct.pack("3i", 5, 0, 5), b"hello"),
    "outside": lambda: raw(pa.string(), 2, struct.pack("3i", 0, 100_000, 5), b"hello"),
    "view": lambda: raw(pa.string_view(), 1, struct.pack("<I4sII", 1000, b"abcd", 9, 77), b"hello world hello world"),
    "dictionary": lambda: pa.DictionaryArray.from_arrays(pa.array([0, 1_000_000, -7], pa.int32()), pa.array(["a", "b"]), safe=False),
}


@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("column", ["text", "other"])
def test_a_table_that_points_outside_is_damaged(tmp_path, make, column):
    """Offsets, views and indices that lead outside are found before a value is read; the file is named, the process lives."""
    array = make()
    columns = {column: array} if column == "text" else {"text": pa.array([TEXT] * len(array)), column: array}
    ipc(tmp_path / "in.arrow", pa.record_batch(columns))
    assert skipped(tmp_path / "in.arrow", tmp_path / "out.jsonl")[0] == {"damaged": 1}


def test_bytes_that_are_not_utf8_cost_their_row(tmp_path):
    """In plain columns and in dictionaries alike."""
    for number, make in enumerate((lambda a: a, lambda a: pa.DictionaryArray.from_arrays(pa.array([0, 1, 1]), a))):
        strings = raw(pa.string(), 3, struct.pack("4i", 0, 4, 8, 12), b"good\xff\xfe\xff\xfegood")
        ipc(tmp_path / "in.arrow", pa.record_batch({"text": make(strings)}))
        found, counts = skipped(tmp_path / "in.arrow", tmp_path / f"{number}.jsonl")
        assert found == {"not-utf8": counts.documents and 3 - counts.documents}


def batches(path, monkeypatch):
    """The batches of a table, with limits small enough to be met by a small file."""
    monkeypatch.setattr(table_batches, "BYTES", 1 << 16)
    monkeypatch.setattr(table_batches, "_SMALL", 1 << 10)
    monkeypatch.setattr(table_batches, "BOMB_BYTES", 1 << 40)
    with open(path, "rb") as file:
        yield from table_batches.batches(pa, file, textclean.files.sources.Format(path.suffix[1:]))


LONG = "Lorem ipsum " * 1000
SHAPES = {
    "strings": lambda: pa.array([LONG] * 50),
    "dictionary": lambda: pa.array([LONG] * 50).dictionary_encode(),
    "lists": lambda: pa.array([[LONG, LONG]] * 50),
    "structs": lambda: pa.array([{"a": LONG, "b": [LONG]}] * 50),
    "views": lambda: pa.array([LONG] * 50, pa.string_view()),
    "nulls": lambda: pa.array([None, LONG] * 25),
}


@pytest.mark.parametrize("make", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("suffix", ["arrow", "parquet"])
def test_batches_are_bounded_in_bytes(tmp_path, monkeypatch, make, suffix):
    """A long value that many rows name is unpacked for a few of them at a time, in text and in other columns; all rows come as they are."""
    table = pa.table({"text": ["short"] * 50, "more": make()})
    path = tmp_path / f"in.{suffix}"
    if suffix == "parquet":
        pq.write_table(table, path, compression="zstd")
        table = pq.read_table(path)
    else:
        ipc(path, table.to_batches()[0])
    found = list(batches(path, monkeypatch))
    assert pa.Table.from_batches(found).equals(table)
    assert max(len(str(batch.to_pylist())) for batch in found) < 2 * (1 << 16)


def test_a_value_that_repeats_the_one_before_it_is_bounded(tmp_path, monkeypatch):
    """Parquet may write of each value what it has in common with the last; then rows come few at a time."""
    table = pa.table({"text": [LONG + str(i) for i in range(50)]})
    pq.write_table(table, tmp_path / "in.parquet", use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY")
    found = list(batches(tmp_path / "in.parquet", monkeypatch))
    assert pa.Table.from_batches(found).equals(table)
    assert max(batch.num_rows for batch in found) <= 5


def test_what_unpacks_to_hundreds_of_times_its_size_is_given_up(tmp_path):
    """A dictionary of one long value, and a batch packed a thousandfold, are bombs; that is known before they take their memory."""
    bomb = pa.DictionaryArray.from_arrays(pa.array([0] * 200, pa.int32()), pa.array(["Lorem ipsum " * 170_000]))
    pq.write_table(pa.table({"text": bomb}), tmp_path / "a.parquet", compression="zstd", store_schema=False)
    ipc(tmp_path / "b.arrow", pa.record_batch({"text": ["\0" * 300 * MB]}), "zstd")
    code = (
        "import sys, pyarrow.parquet; from textclean.corpus import clean_corpus\n"
        "peak = lambda: int([line for line in open('/proc/self/status') if line.startswith('VmHWM')][0].split()[1])\n"
        "before = peak()\nfor name in ('a.parquet', 'b.arrow'):\n"
        "    counts = clean_corpus(sys.argv[1] + '/' + name, sys.argv[1] + '/out.jsonl', force=True).counts\n"
        "    print(dict(counts.skipped))\nprint(peak() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    *counts, grown = done.stdout.split("\n")[:3]
    assert counts == ["{'bomb': 1}", "{'bomb': 1}"]
    assert int(grown) < 500_000


def test_sizes_of_packed_buffers_are_told_before_they_are_unpacked(tmp_path):
    """What a message will take is what it takes, packed or not, dictionaries included."""
    from textclean.formats.ipc_sizes import unpacked_size

    batch = pa.record_batch({"text": [TEXT] * 100, "n": list(range(100)), "d": pa.array([TEXT] * 100).dictionary_encode()})
    for compression in (None, "lz4", "zstd"):
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as file:
            file.write_batch(batch)
        sizes = [unpacked_size(message) for message in pa.ipc.MessageReader.open_stream(sink.getvalue())]
        assert sizes[0] == 0
        assert batch.nbytes <= sum(sizes) + len(TEXT) < batch.nbytes + 2000
        # Cut, or with other numbers in it, it is an error and nothing else.
        for message in pa.ipc.MessageReader.open_stream(sink.getvalue()):
            head = bytes(message.metadata)
            for at in range(0, len(head), 3):
                damaged = SimpleNamespace(metadata=head[:at] + b"\xff" + head[at + 1 :], body=message.body)
                with suppress(struct.error, ValueError, IndexError):
                    unpacked_size(damaged)


# Records in other formats

ODD = {
    "digits": b"9" * 5000,
    "surrogate": b'"\\ud800"',
    "surrogate deep inside": b'[{"a": "\\ud800"}]',
    "more than 64 bits": b"123456789012345678901234567890",
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "arrow"])
@pytest.mark.parametrize("across", ["none", "document"])
def test_a_record_that_does_not_fit_its_output_is_left_out(tmp_path, value, suffix, across):
    """It is named and counted, in a run of one pass or two; the records around it are written, and as JSONL all of them."""
    good = [b'{"text": "%b", "n": %d}' % (TEXT.encode(), n) for n in range(2)]
    odd = b'{"text": "Another text of some words.", "n": %b}' % value
    (tmp_path / "in.jsonl").write_bytes(b"\n".join([good[0], odd, good[1]]))
    fits = suffix in ("csv", "tsv") and value in (ODD["surrogate deep inside"], ODD["more than 64 bits"])
    found, counts = skipped(tmp_path / "in.jsonl", tmp_path / f"out.{suffix}", across=across)
    if fits:
        assert found == {}
    else:
        assert found == {"not-written": 1}
        assert f"{tmp_path / 'in.jsonl'}:2: can't be written as {suffix}: " in counts.problems[0]
        assert len(counts.problems[0]) < 500
    assert counts.written == (2 if across == "none" else 1) + fits
    assert skipped(tmp_path / "in.jsonl", tmp_path / "all.jsonl")[1].written == 3


def test_a_name_with_a_surrogate_does_not_fit_a_column(tmp_path):
    """Names of fields are looked at like values."""
    (tmp_path / "in.jsonl").write_bytes(b'{"text": "a b", "\\ud800": 1}\n{"text": "c d"}')
    for suffix in ("csv", "parquet"):
        found, counts = skipped(tmp_path / "in.jsonl", tmp_path / f"out.{suffix}")
        assert (found, counts.written) == ({"not-written": 1}, 1)


def test_a_key_that_cannot_be_put_in_order_costs_its_record(tmp_path):
    """With keep=FIELD a number of thousands of digits is no end of the run."""
    lines = [b'{"text": "%b", "n": %b}' % (TEXT.encode(), n) for n in (b"2", b"9" * 5000, b"1")]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    found, counts = skipped(tmp_path / "in.jsonl", tmp_path / "out.jsonl", across="document", keep="n")
    assert (found, counts.written) == ({"not-written": 1}, 1)
    assert json.loads((tmp_path / "out.jsonl").read_text())["n"] == 1


def test_times_of_a_table_become_cells(tmp_path):
    """A type that JSON lacks is a string in a .csv, as in .jsonl."""
    import datetime

    pq.write_table(pa.table({"text": [TEXT], "at": [datetime.datetime(2020, 1, 2)], "raw": [b"x"]}), tmp_path / "in.parquet")
    assert skipped(tmp_path / "in.parquet", tmp_path / "out.csv")[0] == {}
    assert "2020-01-02" in (tmp_path / "out.csv").read_text()


# Packed files


def unpacked(data, packing_):
    """All that a packed file holds."""
    return b"".join(piece for piece, _ in pieces(io.BytesIO(data), packing_))


def test_gzip_members_and_padding():
    """Members one after the other are one text; zero bytes behind them are padding; anything else is damage, a missing end is cut short."""
    whole = gzip.compress(b"one ") + gzip.compress(b"") * 50 + gzip.compress(b"two" * 200_000)
    assert unpacked(whole + b"\0" * 70_000, Packing.GZIP) == b"one " + b"two" * 200_000
    assert unpacked(gzip.compress(b"a") + b"\0\0\0" + gzip.compress(b"b"), Packing.GZIP) == b"ab"
    assert unpacked(b"", Packing.GZIP) == b""
    for bad, reason in (
        (whole + b"\0xyz", "damaged"),
        (whole[:-3], "cut-short"),
        (b"\0" + whole, "damaged"),
        (whole[:-8] + b"12345678", "damaged"),
    ):
        with pytest.raises(textclean.errors.SourceError) as caught:
            unpacked(bad, Packing.GZIP)
        assert caught.value.reason == reason


class _Counting(io.BytesIO):
    """A file that counts how often it is read."""

    reads = 0

    def read1(self, size=-1):
        self.reads += 1
        return super().read1(size)


@pytest.mark.parametrize(("packed", "packing_"), [(gzip.compress(b"a"), Packing.GZIP), (bz2.compress(b"a"), Packing.BZIP2)])
def test_megabytes_of_padding_are_not_read_byte_by_byte(packed, packing_):
    """Eight megabytes of zeros take some hundred calls."""
    file = _Counting(packed + b"\0" * (8 * MB))
    assert b"".join(piece for piece, _ in pieces(file, packing_)) == b"a"
    assert file.reads < 1000


# Web archives

PAGE = f"<html><body><article>{''.join(f'<p>{n} {TEXT}</p>' for n in range(5))}</article></body></html>".encode()


def warc(path, *records):
    """Writes an archive of responses, each of content and header of its encoding."""
    with open(path, "wb") as file:
        for content, encoding in records:
            http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {encoding}\r\n\r\n".encode() + content
            head = ["WARC/1.0", "WARC-Type: response", "WARC-Record-ID: <urn:uuid:1>", "WARC-Target-URI: http://a.example/"]
            head += ["WARC-Date: 2020-01-01T00:00:00Z", "Content-Type: application/http; msgtype=response", f"Content-Length: {len(http)}"]
            file.write("\r\n".join([*head, "", ""]).encode() + http + b"\r\n\r\n")
    return path


RAW_DEFLATE = zlib.compress(PAGE)[2:-4]
ENCODED = {
    "gzip": (gzip.compress(PAGE), "gzip"),
    "x-gzip": (gzip.compress(PAGE), "X-GZIP"),
    "deflate": (zlib.compress(PAGE), "deflate"),
    "deflate without head": (RAW_DEFLATE, "deflate"),
    "zstd": (zstandard.compress(PAGE), "zstd"),
    "two": (zlib.compress(gzip.compress(PAGE)), "gzip, deflate"),
    "none": (PAGE, "identity"),
    "decoded by the crawler": (PAGE, "gzip"),
    "decoded, once brotli": (PAGE, "deflate"),
}


@pytest.mark.parametrize(("content", "encoding"), ENCODED.values(), ids=ENCODED)
def test_content_of_a_page_is_decoded(content, encoding):
    """Whatever its encoding, and where the header is not true any more."""
    assert decoded_content(content, encoding, MB) == PAGE


def test_brotli_is_decoded_within_the_limit():
    """Where the package is installed."""
    brotli = pytest.importorskip("brotli")
    assert decoded_content(brotli.compress(PAGE), "br", MB) == PAGE
    with pytest.raises(TooLargeError):
        decoded_content(brotli.compress(b"a" * 50 * MB), "br", MB)


@pytest.fixture
def extracted(monkeypatch):
    """Stands for trafilatura, which takes a second to load and need not be there."""
    monkeypatch.setattr("textclean.formats.archives._extract", lambda: lambda page: TEXT)


@pytest.mark.usefixtures("extracted")
def test_an_encoding_costs_its_record_alone(tmp_path):
    """What is not known, over the limit, or damaged behind its beginning is named; the pages around it are read."""
    damaged = gzip.compress(os.urandom(300_000))
    damaged = damaged[:200_000] + b"\xff" * 100 + damaged[200_100:-8] + b"\0" * 8
    path = warc(
        tmp_path / "in.warc",
        (gzip.compress(PAGE), "gzip"),
        (PAGE, "compress"),
        (gzip.compress(b"a" * 5 * MB), "gzip"),
        (damaged, "gzip"),
        (PAGE, ", ".join(["gzip"] * 9)),
        (PAGE.replace(b"<article>", b"<article " + b" ".join(b"a%d=b" % n for n in range(9000)) + b">"), ""),
        (PAGE, ""),
    )
    found, counts = skipped(path, tmp_path / "out.jsonl", max_mb=1)
    assert found == {"damaged": 3, "over-limit": 1, "markup": 1}
    assert counts.documents == 2


@pytest.mark.usefixtures("extracted")
def test_headers_without_end_are_given_up(tmp_path):
    """A line of headers is read in parts, and there is an end to all of them; what came before is good."""
    good = warc(tmp_path / "good.warc", (PAGE, "")).read_bytes()
    for number, rest in enumerate((b"X: " + b"a" * 2 * MB, b"X: a\r\n" * MB, b"X: a\r\n" + b" b\r\n" * MB)):
        (tmp_path / "in.warc").write_bytes(good + b"WARC/1.0\r\n" + rest)
        found, counts = skipped(tmp_path / "in.warc", tmp_path / f"{number}.jsonl")
        assert (found, counts.documents) == ({"damaged": 1}, 1)
        assert "headers are over the limit of 1,048,576 bytes" in counts.problems[0]


@pytest.mark.usefixtures("extracted")
def test_a_record_without_address_ends_its_archive(tmp_path):
    """What the library stumbles over is damage, whatever it raises, and no end of the run."""
    path = warc(tmp_path / "in.warc", (PAGE, ""))
    path.write_bytes(path.read_bytes() + path.read_bytes().replace(b"WARC-Target-URI", b"X"))
    found, counts = skipped(path, tmp_path / "out.jsonl")
    assert (found, counts.documents) == ({"damaged": 1}, 1)


# Markup

WIKI = ["<b ", "<ref>", "{|", "[http://a ", "{{", "{{a|", "[[a|", "<!--", '<b a="', "<b>x"]


@pytest.mark.parametrize("part", WIKI)
def test_markup_that_never_closes_is_too_much(tmp_path, part):
    """A page of it is named and counted, and not parsed; the page behind it is read."""
    assert "never closed" in costly_wiki(part * 5000)
    assert costly_wiki(part * 20) is None
    page = "<page><title>{}</title><ns>0</ns><id>1</id><revision><text>{}</text></revision></page>"
    escaped = (part * 5000).replace("&", "&amp;").replace("<", "&lt;")
    dump = f"<mediawiki>{page.format('a', escaped)}{page.format('b', TEXT)}</mediawiki>"
    (tmp_path / "in.xml").write_text(dump)
    found, counts = skipped(tmp_path / "in.xml", tmp_path / "out.jsonl")
    assert (found, counts.documents) == ({"markup": 1}, 1)


def test_ordinary_markup_is_not_too_much():
    """Thousands of templates, links and tags are, where they close; and so are a hundred that do not."""
    good = "'''Page''' {{cite|a={{b}}|c=[[d|e]]}} <ref name=x>[http://a.example b]</ref><br>\n{|\n|-\n| a\n|}\n<ref name=y />\n* item\n"
    assert costly_wiki(good * 5000) is None
    assert costly_wiki((TEXT + "\n") * 500 + "{{a [[b <ref>" * 30) is None
    assert "over the limit" in costly_wiki("a" * 5 * MB)


def test_html_that_extractors_take_hours_for_is_too_much():
    """Attributes without number and tags without number are; long pages, and images inside of them, are not."""
    assert "attributes" in costly_html(b"<p " + b"a=b " * 10_000 + b">")
    assert "tags" in costly_html(b"<tr><td>a</td></tr>" * 30_000)
    assert costly_html(PAGE * 100 + b'<img src="data:image/png;base64,' + b"A" * MB + b'">') is None
    assert costly_html(b"<" * MB) is None


# Pipes and drafts


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are Unix's")
def test_pipes(tmp_path):
    """A pipe that is named is read and written, a table through it too; one that lies in a folder is not waited for."""
    (tmp_path / "in").mkdir()
    for name in ("a.jsonl", "b.parquet", "in/c.jsonl", "out.jsonl"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "in" / "d.jsonl").write_text(json.dumps({"text": TEXT}))
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": [TEXT]}), sink)
    for name, content in (("a.jsonl", json.dumps({"text": TEXT}).encode()), ("b.parquet", sink.getvalue())):
        thread = threading.Thread(target=(tmp_path / name).write_bytes, args=(content,))
        thread.start()
        assert skipped(tmp_path / name, tmp_path / f"{name}.out.jsonl")[1].written == 1
        thread.join()
    assert skipped(tmp_path / "in", tmp_path / "out")[1].written == 1
    read = []
    thread = threading.Thread(target=lambda: read.append((tmp_path / "out.jsonl").read_bytes()))
    thread.start()
    assert skipped(tmp_path / "in" / "d.jsonl", tmp_path / "out.jsonl")[1].written == 1
    thread.join()
    assert json.loads(read[0]) == {"text": TEXT}


KILLED = """
import os, signal, sys
from pathlib import Path
from textclean.files.output import Output
output = Output(Path(sys.argv[1]), force=True)
output.write("half of it")
output.file.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills and locks are Unix's")
def test_the_draft_of_a_killed_run_goes_with_the_next(tmp_path):
    """The next run that writes the file removes it; drafts of other files, of runs that still write, and new ones stay."""
    from textclean.files.output import Output

    out, other = tmp_path / "out.jsonl", tmp_path / "other.jsonl"
    for path in (out, other):
        subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    left = sorted(tmp_path.glob(".textclean-*.tmp"))
    assert len(left) == 2
    Output(out, force=True).commit()
    assert sorted(tmp_path.glob(".textclean-*.tmp")) == left, "they are too young to be told from drafts just begun"
    writing = Output(out, force=True)
    for path in tmp_path.glob(".textclean-*.tmp"):
        os.utime(path, (time.time() - 60,) * 2)
    before = set(tmp_path.glob(".textclean-*.tmp"))
    Output(out, force=True).commit()
    gone = before - set(tmp_path.glob(".textclean-*.tmp"))
    assert len(gone) == 1
    assert gone < set(left)
    writing.write("all of it")
    writing.commit()
    assert out.read_text() == "all of it"
