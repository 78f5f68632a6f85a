"""Every fault at once: each is named and counted, the rest is cleaned, nothing half-written has a name."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from textclean.corpus import clean_corpus

TEXT = "The council voted on Tuesday to close the old bridge for repairs until the end of the year, officials said."


def records(count: int, start: int = 0) -> bytes:
    """Good records, all different."""
    return b"".join(json.dumps({"text": f"{n} {TEXT} {n}\n\nLeave a Reply", "n": n}).encode() + b"\n" for n in range(start, start + count))


def faulty(folder: Path) -> dict[str, int]:
    """A folder of files with a fault each, 30 good records among them; how often each reason is to be counted."""
    folder.mkdir()
    (folder / "good.jsonl").write_bytes(records(10))
    packed = gzip.compress(records(3000, 1000))
    (folder / "cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (folder / "damaged.jsonl.zst").write_bytes(zstandard.compress(records(5, 50))[:-20] + b"not zstandard at all")
    bad = [b"{nonsense", b'{"body": "x"}', b'{"text": null}', b'{"text": 7}', b'{"text": "caf\xe9"}']
    bad.append(b'{"text": "' + b"x" * 3_000_000 + b'"}')
    (folder / "lines.jsonl").write_bytes(records(10, 20) + b"\n".join(bad) + b"\n" + records(10, 40))
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    (folder / "parquet.parquet").write_bytes(b"PAR1 no parquet")
    (folder / "wiki.xml").write_bytes(b"<mediawiki><page>")
    (folder / "columns.csv").write_bytes(b"a,b\n1,2\n")
    (folder / "crawl.warc").write_bytes(b"no archive\r\n\r\n")
    (folder / "is-a-folder.jsonl").mkdir()
    os.symlink(folder / "nowhere", folder / "dangling.jsonl")
    return {
        "cut-short": 1,
        "damaged": 4,
        "not-json": 1,
        "no-text-field": 2,
        "not-a-text": 2,
        "not-utf8": 2,
        "over-limit": 1,
        "unreadable": 1,
    }


@pytest.mark.parametrize("across", ["paragraph", "none"])
def test_every_fault_is_named_and_the_rest_is_done(tmp_path: Path, across: str) -> None:
    """Counts by reason are right, each message names its file, and all good records come out clean."""
    folder, out = tmp_path / "in", tmp_path / "out"
    reasons = faulty(folder)
    summary = clean_corpus(folder, out, across=across, threshold=None if across == "none" else 1.0, max_mb=1, run=tmp_path / "run")
    assert dict(summary.counts.skipped) == reasons
    assert len(summary.counts.problems) == sum(reasons.values())
    for name in ("cut.jsonl.gz", "damaged.jsonl.zst", "lines.jsonl:11", "lines.jsonl:16", "latin.txt", "parquet.parquet", "dangling.jsonl"):
        assert any(f"{folder / name}: " in problem for problem in summary.counts.problems), name
    written = {path.name for path in out.iterdir()}
    assert written >= {"good.jsonl", "lines.jsonl", "cut.jsonl.gz"}
    assert not any(name.startswith(".") for name in written)
    found = [json.loads(line) for name in ("good.jsonl", "lines.jsonl") for line in (out / name).read_text().splitlines()]
    assert [record["n"] for record in found] == [*range(10), *range(20, 30), *range(40, 50)]
    assert all(record["text"] == f"{record['n']} {TEXT} {record['n']}" for record in found)
    kept = [json.loads(line)["n"] for line in gzip.decompress((out / "cut.jsonl.gz").read_bytes()).splitlines()]
    assert kept == list(range(1000, 1000 + len(kept)))
    assert len(kept) > 100
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["skipped"] == reasons


def test_the_exit_code_says_that_it_was_not_all(tmp_path: Path) -> None:
    """With faults in the input the exit code is 1, and stderr names each fault without any escape sequence of the input."""
    faulty(tmp_path / "in")
    code = "from textclean.commands.main import main; main()"
    args = ["clean", tmp_path / "in", "-o", tmp_path / "out", "--across", "document", "--max-mb", "1"]
    done = subprocess.run([sys.executable, "-P", "-c", code, *args], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("textclean: ") == 15
    assert "14 problems, see above" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="nothing is unreadable to root")
def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    """A file that may not be read is named, and the others are read."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_bytes(records(1))
    (tmp_path / "in" / "b.jsonl").touch(0)
    assert clean_corpus(tmp_path / "in", tmp_path / "out", across="paragraph").counts.skipped == {"unreadable": 1}


FULL = """
import resource, signal, sys
from textclean.corpus import clean_corpus, shards
from textclean.errors import OutputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
shards.SHARD_TEXT = 300_000
try:
    clean_corpus(sys.argv[2:-2], sys.argv[-2], across=sys.argv[-1])
except OutputError as error:
    sys.exit(f"OutputError: {error}")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of files are those of Linux")
@pytest.mark.parametrize("across", ["paragraph", "none"])
@pytest.mark.parametrize("limit", [2_000, 30_000, 150_000])
def test_a_full_disk_ends_the_run_and_leaves_nothing_half_written(tmp_path: Path, across: str, limit: int) -> None:
    """The error names the file; what has a name is whole; with room again the run is resumed to the same bytes."""
    inputs = [tmp_path / f"{i}.jsonl" for i in range(3)]
    for i, path in enumerate(inputs):
        path.write_bytes(records(1500, 10_000 * i))
    out = tmp_path / "out"
    command = [sys.executable, "-P", "-c", FULL, str(limit), *map(str, inputs), str(out), across]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "OutputError" in done.stderr
    assert "File too large" in done.stderr
    clean_corpus(inputs, tmp_path / "whole", across=across)
    whole = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
    half = {path.name: path.read_bytes() for path in out.iterdir()} if out.exists() else {}
    assert half.items() <= whole.items()
    clean_corpus(inputs, out, across=across, resume=True)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == whole


def test_a_long_line_costs_no_memory(tmp_path: Path) -> None:
    """A line of 400 MB is passed over while it is read: the process stays far below it."""
    path = tmp_path / "long.jsonl"
    with open(path, "wb") as file:
        file.write(records(1) + b'{"text": "')
        for _ in range(400):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' + records(1, 1))
    code = (
        'import sys; from textclean.corpus import clean_corpus; s = clean_corpus(*sys.argv[1:], across="paragraph", max_mb=1);'
        "peak = [line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')] if sys.platform == 'linux' else [0];"
        "print(s.counts.documents, dict(s.counts.skipped), *peak)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code, path, tmp_path / "out.jsonl"], capture_output=True, text=True, check=True)
    *counts, peak = done.stdout.split()
    assert counts == ["2", "{'over-limit':", "1}"]
    assert int(peak) < 300_000


MEASURED = (
    "import sys; from textclean.corpus import clean_corpus\n"
    "counts = clean_corpus(sys.argv[1], sys.argv[2], across=sys.argv[3], max_mb=1).counts\n"
    "peak = [line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
    "print(counts.documents, counts.skipped.total(), counts.skipped['bomb'], counts.skipped['markup'], *peak)"
)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read as Linux tells it")
@pytest.mark.parametrize("across", ["paragraph", "none"])
def test_memory_holds_under_every_fault(tmp_path: Path, across: str) -> None:
    """Files that unpack to gigabytes, lines and headers without end, and all faults above: the run ends within a bound, and names each."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path / "in"
    before = sum(faulty(folder).values())
    zeros = b"\0" * 50_000_000
    (folder / "a.txt.gz").write_bytes(gzip.compress(zeros) * 20)
    (folder / "b.jsonl.zst").write_bytes(zstandard.compress(zeros) * 20)
    bomb = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array(["Lorem ipsum " * 350_000]))
    pq.write_table(pa.table({"text": bomb}), folder / "c.parquet", compression="zstd", store_schema=False)
    pq.write_table(pa.table({"text": ["a b c"] * 2000, "more": bomb}), folder / "d.parquet", compression="zstd", store_schema=False)
    batch = pa.record_batch({"text": ["\0" * 400_000_000]})
    with pa.ipc.new_file(str(folder / "e.arrow"), batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as file:
        file.write_batch(batch)
    (folder / "f.warc").write_bytes(b"WARC/1.0\r\nX: " + zeros[:20_000_000])
    page = "<page><title>a</title><ns>0</ns><id>1</id><revision><text>{}</text></revision></page>".format("&lt;b " * 20_000)
    (folder / "g.xml").write_text(f"<mediawiki>{page * 20}</mediawiki>")
    (folder / "h.csv").write_bytes(b'text,n\n"' + b"a,1\n" * 20_000)
    (folder / "i.jsonl").write_bytes(b'{"text": "' + zeros)
    done = subprocess.run(
        [sys.executable, "-P", "-c", MEASURED, folder, tmp_path / "out", across], capture_output=True, text=True, check=True
    )
    documents, skipped, bombs, markup, peak = map(int, done.stdout.split())
    assert documents > 2000
    assert (bombs, markup) == (4, 20)
    assert skipped > before + bombs + markup
    assert peak < 700_000, f"{peak:,} KB"


def test_names_in_files_say_nothing_about_where_we_write(tmp_path: Path) -> None:
    """Ids, titles and file names inside the inputs are content, and never decide where output goes."""
    path = tmp_path / "in" / "a.jsonl"
    path.parent.mkdir()
    path.write_text(json.dumps({"id": "../../evil", "file": "/etc/evil", "url": "file:///evil", "text": TEXT}) + "\n")
    clean_corpus(path.parent, tmp_path / "out", id="id", source="url", removals=tmp_path / "gone.jsonl", across="paragraph")
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert found == ["gone.jsonl", "in", "in/a.jsonl", "out", "out/a.jsonl"]
