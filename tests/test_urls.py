"""Outputs at URLs: whole or not there, never over what is there, the same bytes as on a disk."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from fsspec.registry import known_implementations

import backends
from kills import KILL_LATER
from textclean.commands.main import commands
from textclean.corpus import clean_corpus
from textclean.errors import ConfigError, MissingExtraError, OutputError, OutputExistsError
from textclean.files.locate import place
from textclean.files.output import Output

TEXT = "The council voted on Tuesday to close the old bridge for repairs until the end of the year, officials said."


@pytest.fixture(autouse=True)
def memory():
    """An empty memory:// for each test, and the back ends of the tests."""
    backends.register()
    found = fsspec.filesystem("memory")
    found.store.clear()
    found.pseudo_dirs[:] = [""]
    yield found
    found.store.clear()
    backends.Disk.room = None


def dump(folder: Path, count: int = 40, files: int = 2) -> Path:
    """A folder of records, some of which repeat."""
    (folder / "sub").mkdir(parents=True)
    for n in range(files):
        path = folder / ("sub" if n % 2 else "") / f"{n}.jsonl"
        records = ({"id": f"{n}/{i}", "text": f"{n} {i % 30} {TEXT} {i % 30}\n\nLeave a Reply"} for i in range(count))
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


def stored(memory) -> dict[str, bytes]:
    """What is in memory://."""
    return {name: memory.cat_file(name) for name in sorted(memory.store)}


def in_folder(folder: Path) -> dict[str, bytes]:
    """What is in a folder, hidden names too."""
    return {f"/{path.relative_to(folder)}": path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("across", ["paragraph", "none"])
@pytest.mark.parametrize("shard", [None, 2000])
@pytest.mark.parametrize("format_", ["jsonl", "csv", "parquet", "arrow"])
def test_a_folder_at_a_url_is_that_on_the_disk(tmp_path: Path, memory, across: str, shard: int | None, format_: str) -> None:
    """A folder at a URL gets the names, bytes and list of removals of one on the disk, and nothing is left beside it, here or there."""
    source = dump(tmp_path / "in")
    asked = {"across": across, "shard": shard, "output_format": format_, "id": "id"}
    here = clean_corpus(source, tmp_path / "out", **asked, removals=tmp_path / "out" / "gone.jsonl.gz")
    there = clean_corpus(source, "memory://a/out", **asked, removals="memory://a/out/gone.jsonl.gz", run=tmp_path / "run")
    assert stored(memory) == {f"/a/out{name}": data for name, data in in_folder(tmp_path / "out").items()}
    outputs = [data for name, data in stored(memory).items() if "gone" not in name]
    assert there.counts.bytes_out == here.counts.bytes_out == sum(map(len, outputs))
    assert json.loads((tmp_path / "run/summary.json").read_text())["bytes_out"] == here.counts.bytes_out
    assert sorted(os.listdir(tmp_path / "run")) == ["journal.jsonl", "report.json", "settings.json", "summary.json"]


@pytest.mark.parametrize("packing", ["", ".gz", ".zst", ".bz2", ".xz"])
def test_a_file_at_a_url_is_that_on_the_disk(tmp_path: Path, memory, packing: str) -> None:
    """A file at a URL gets the bytes of one on the disk, however packed, and odd names are no patterns or chains."""
    source = dump(tmp_path / "in", files=1) / "0.jsonl"
    clean_corpus(source, tmp_path / f"a.jsonl{packing}", across="none")
    for name in ("a", "a[1]*?", "a::b", "é ä%20#"):
        odd = tmp_path / f"in/{name}.jsonl"
        odd.write_bytes(source.read_bytes())
        clean_corpus(odd, f"memory://x{packing}/", across="none")
        assert memory.cat_file(f"/x{packing}/{name}.jsonl") == (tmp_path / "a.jsonl").read_bytes() if not packing else True
    clean_corpus(source, f"memory://one/a.jsonl{packing}", across="none")
    assert memory.cat_file(f"/one/a.jsonl{packing}") == (tmp_path / f"a.jsonl{packing}").read_bytes()


def test_tables_keep_their_types(tmp_path: Path, memory) -> None:
    """A Parquet file that was written to a URL is read from there."""
    table = pa.table({"text": [f"{i} {TEXT}" for i in range(9)], "n": pa.array(range(9), pa.int8()), "at": pa.array(range(9), pa.date32())})
    pq.write_table(table, tmp_path / "a.parquet")
    clean_corpus(tmp_path / "a.parquet", "memory://t/a.parquet", across="none")
    clean_corpus("memory://t/a.parquet", "memory://t/b.parquet", across="none")
    assert pq.read_table(memory.open("/t/b.parquet")).equals(table)


def test_file_urls_are_files_of_this_machine(tmp_path: Path) -> None:
    """A file:// URL is a file of this machine as input, output and list, so that the same file as input and output is noticed."""
    source = dump(tmp_path / "in", files=1) / "0.jsonl"
    clean_corpus(f"file://{source}", f"file://{tmp_path}/out/", across="none", removals=f"file://{tmp_path}/gone.jsonl")
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out", "gone.jsonl"}
    assert (tmp_path / "out/0.jsonl").exists()
    for given, output in ((f"file://{source}", str(source)), (str(source), f"local://{source}")):
        with pytest.raises(ConfigError, match="is an input"):
            clean_corpus(given, output, force=True, across="paragraph")


def test_nothing_is_replaced_unless_asked(tmp_path: Path, memory) -> None:
    """A file, shard or list that is there at a URL is noticed before any work, and not replaced unasked."""
    source = dump(tmp_path / "in", files=12)
    for there, asked in (
        ("/o/10.jsonl", {"output": "memory://o/"}),
        ("/o/10-00000.jsonl", {"output": "memory://o", "shard": 1000}),
        ("/gone.jsonl", {"output": "memory://o/", "removals": "memory://gone.jsonl"}),
    ):
        memory.store.clear()
        memory.pipe(there, b"mine")
        with pytest.raises(OutputExistsError, match=r"memory://\S+: exists already"):
            clean_corpus(source, **asked)
        assert stored(memory) == {there: b"mine"}
        clean_corpus(source, **asked, force=True)
        assert memory.cat_file(there) != b"mine"
    with pytest.raises(OutputError, match="this is a folder"):
        clean_corpus(source, "memory://p/", removals="memory://o", force=True, across="paragraph")
    with pytest.raises(ConfigError, match="this is a file"):
        clean_corpus(source, "memory://o/10.jsonl", across="paragraph")


def test_what_comes_meanwhile_is_not_replaced(tmp_path: Path, memory) -> None:
    """A file that came between the first look and the end of the work is not replaced."""
    output = Output(place("memory://late.jsonl"))
    output.write("ours")
    memory.pipe("/late.jsonl", b"theirs")
    with pytest.raises(OutputExistsError, match=r"memory://late\.jsonl: exists already"):
        output.commit()
    assert stored(memory) == {"/late.jsonl": b"theirs"}


def test_an_input_at_a_url_is_never_written_to(tmp_path: Path, memory) -> None:
    """An input at a URL is never written to, by whatever name; nor do two outputs meet; nor is an output in an input folder read."""
    memory.pipe("/d/a.jsonl", json.dumps({"text": TEXT}).encode())
    for output in ("memory://d/a.jsonl", "memory:///d/a.jsonl", "memory://d", "memory://d/"):
        with pytest.raises(ConfigError, match="is an input"):
            clean_corpus("memory://d/a.jsonl", output, force=True, across="paragraph")
    with pytest.raises(ConfigError, match="is an input"):
        clean_corpus("memory://d/a.jsonl", "memory://b.jsonl", removals="memory://d/a.jsonl", force=True, across="paragraph")
    with pytest.raises(ConfigError, match="two outputs"):
        clean_corpus("memory://d/a.jsonl", "memory://e.jsonl", removals="memory:///e.jsonl", across="paragraph")
    for _ in range(2):
        clean_corpus("memory://d", "memory://d/clean/", across="none", force=True)
    assert sorted(memory.store) == ["/d/a.jsonl", "/d/clean/a.jsonl"]


def test_a_broken_upload_leaves_nothing(tmp_path: Path) -> None:
    """A file that can't be sent to its end gets no name, the error says where, and the run can be resumed to the same bytes."""
    source, out = dump(tmp_path / "in", 200), tmp_path / "out"
    asked = {"across": "paragraph", "run": tmp_path / "run", "removals": f"disk://{out}/gone.jsonl"}
    clean_corpus(source, tmp_path / "alone", removals=tmp_path / "alone" / "gone.jsonl", across="paragraph")
    backends.Disk.room = 8192
    with pytest.raises(OutputError, match=rf"disk://{out}/0\.jsonl: can't be written: the server has gone \(ConnectionResetError\)"):
        clean_corpus(source, f"disk://{out}/", **asked)
    assert in_folder(out) == {}
    backends.Disk.room = None
    clean_corpus(source, f"disk://{out}/", **asked, resume=True)
    assert in_folder(out) == in_folder(tmp_path / "alone")
    assert not (tmp_path / "run/drafts").exists()


def test_a_failed_run_leaves_what_it_would_have_replaced(tmp_path: Path) -> None:
    """With force too, the old file stays until the new one is whole."""
    source, out = dump(tmp_path / "in", 200, files=1) / "0.jsonl", tmp_path / "a.jsonl"
    out.write_text("old")
    backends.Disk.room = 4096
    with pytest.raises(OutputError, match="the server has gone"):
        clean_corpus(source, f"disk://{out}", across="none", force=True)
    assert out.read_text() == "old"


@pytest.mark.parametrize("scheme", ["disk", "strict"])
def test_force_replaces_whatever_the_server_thinks_of_it(tmp_path: Path, scheme: str) -> None:
    """With force a file is replaced even on servers that rename to free names only."""
    source, out = dump(tmp_path / "in", files=1) / "0.jsonl", tmp_path / "out" / "a.jsonl"
    out.parent.mkdir()
    out.write_text("old")
    clean_corpus(source, f"{scheme}://{out}", across="none", force=True)
    clean_corpus(source, tmp_path / "b.jsonl", across="none")
    assert in_folder(out.parent) == {"/a.jsonl": (tmp_path / "b.jsonl").read_bytes()}


def test_what_came_in_part_gets_no_name(tmp_path: Path) -> None:
    """A file that arrived in part gets no name, even if the server reports success."""
    source = dump(tmp_path / "in", files=1) / "0.jsonl"
    with pytest.raises(OutputError, match="bytes have come"):
        clean_corpus(source, f"lossy://{tmp_path}/out/a.jsonl", across="none")
    assert in_folder(tmp_path / "out") == {}


def test_refused_before_any_work(tmp_path: Path, memory, monkeypatch) -> None:
    """URLs that can't be written to are refused before any work, with name and remedy."""
    source = dump(tmp_path / "in")
    (tmp_path / "file").touch()
    monkeypatch.setitem(known_implementations, "far", {"class": "farfs.FarFileSystem", "err": "Install farfs"})
    for output, asked, error, message in (
        ("nosuch://a/", {}, OutputError, "nosuch://a/: can't be written: Protocol not known: nosuch"),
        ("https://example.org/a/", {}, ConfigError, "is read and not written"),
        ("simplecache::memory://a/", {}, ConfigError, "a chain of URLs is read and not written"),
        ("memory://a/", {"run": "memory://run"}, ConfigError, "run='memory://run': the folder of a run has to be on this machine"),
        ("memory://a/", {"resume": True}, ConfigError, r"only in a folder named with run="),
        (f"disk://{tmp_path}/file/a/", {}, OutputError, "Not a directory"),
        ("far://a/", {}, MissingExtraError, r"writing far://a/ needs the package farfs: pip install farfs$"),
    ):
        with pytest.raises(error, match=message):
            clean_corpus(source, output, **asked)
    assert not stored(memory)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(
        MissingExtraError, match=r"needs the package fsspec: pip install fsspec, or pip install 'textclean-articles\[urls\]'$"
    ):
        clean_corpus(source, "memory://a/", across="paragraph")


def test_the_command_writes_to_urls(tmp_path: Path, memory) -> None:
    """`textclean clean -o URL --removals URL` writes there and ends with the same exit codes as for files."""
    source = dump(tmp_path / "in")
    args = ["clean", str(source), "-o", "memory://c/", "--removals", "memory://gone.jsonl", "--run", str(tmp_path / "run")]
    assert CliRunner().invoke(commands, args).exit_code == 0
    assert sorted(memory.store) == ["/c/0.jsonl", "/c/sub/1.jsonl", "/gone.jsonl"]
    assert CliRunner().invoke(commands, args).exit_code == 3
    # Done before: nothing is done again.
    assert CliRunner().invoke(commands, [*args, "--resume"]).exit_code == 0


COMMAND = f"""
import sys
tests, source, url, folder, across, resume, wait = sys.argv[1:]
sys.path.insert(0, tests)
import backends
from textclean.corpus import clean_corpus, shards
backends.register()
backends.Disk.pause = 0.005
shards.SHARD_TEXT = 20_000
{KILL_LATER}
clean_corpus(source, url, across=across, removals=f"{{url}}gone.jsonl", id="id", run=folder, resume=resume == "resume", workers=2)
"""


def start(source: Path, out: Path, run: Path, scheme: str, across: str, resume: bool, wait: float) -> int:
    """A run in a process of its own, killed after so many seconds (never, if negative); its exit code."""
    args = [Path(__file__).parent, source, f"{scheme}://{out}/", run, across, "resume" if resume else "", wait]
    done = subprocess.run([sys.executable, "-P", "-c", COMMAND, *map(str, args)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode in (0, -9), done.stderr
    return done.returncode


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["disk", "file"])
@pytest.mark.parametrize("across", ["paragraph", "none"])
def test_a_killed_run_is_resumed_byte_for_byte(tmp_path: Path, scheme: str, across: str) -> None:
    """A run to a URL, killed at random moments, leaves only whole files under their names; resumed it ends as if left alone."""
    source = dump(tmp_path / "in", 150, files=6)
    began = time.monotonic()
    assert start(source, tmp_path / "alone", tmp_path / "run", scheme, across, False, -1) == 0
    seconds = time.monotonic() - began
    whole = in_folder(tmp_path / "alone")
    draw = random.Random(f"{scheme}{across}")
    for trial in range(int(os.environ.get("TEXTCLEAN_TEST_KILLS", "3"))):
        out, run = tmp_path / f"out{trial}", tmp_path / f"run{trial}"
        code, kills = start(source, out, run, scheme, across, False, draw.uniform(0.4, 1) * seconds), 0
        while code:
            kills += 1
            assert all(whole[name] == data for name, data in in_folder(out).items() if "/." not in name)
            code = start(source, out, run, scheme, across, True, draw.uniform(0.4, 1) * seconds if kills < 3 else -1)
        assert in_folder(out) == whole


def test_an_object_store(tmp_path: Path, monkeypatch) -> None:
    """On S3, as moto plays it, only the objects are left in the end, and a typing error makes no bucket."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in (("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_ENDPOINT_URL", f"http://{host}:{port}")):
        monkeypatch.setenv(name, value)
    try:
        s3 = fsspec.filesystem("s3")
        s3.mkdir("bucket")
        source = dump(tmp_path / "in")
        for _ in range(2):
            clean_corpus(source, "s3://bucket/out", removals="s3://bucket/gone.jsonl", force=True, across="paragraph")
        clean_corpus(source, tmp_path / "out", across="paragraph")
        assert {name: s3.cat(f"bucket/out{name}") for name in in_folder(tmp_path / "out")} == in_folder(tmp_path / "out")
        assert sorted(s3.find("bucket")) == ["bucket/gone.jsonl", "bucket/out/0.jsonl", "bucket/out/sub/1.jsonl"]
        with pytest.raises(OutputExistsError, match=r"s3://bucket/out/0\.jsonl: exists already"):
            clean_corpus(source, "s3://bucket/out", across="paragraph")
        with pytest.raises(OutputError, match=r"s3://no-bucket/out/0\.jsonl: can't be written"):
            clean_corpus(source, "s3://no-bucket/out", across="paragraph")
        assert not s3.exists("no-bucket")
    finally:
        server.stop()
