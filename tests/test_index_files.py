"""The file of an index: wrong files, several processes, kills, full disks."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from textclean import Index, TextcleanError, deduplicate
from textclean.errors import ConfigError, IndexBusyError, IndexFileError, IndexMismatchError
from textclean.index import header

WIRE = "The council voted on Tuesday to close the bridge for repairs until the end of the year."
#: Kills during the work of two processes; fifty with TEXTCLEAN_TEST_PROFILE=slow.
KILLS = 50 if os.environ.get("TEXTCLEAN_TEST_PROFILE") == "slow" else 6

#: Adds documents whose texts follow from their numbers, one call each, and prints the number of each that is in.
ADDER = """
import sys
from textclean import Index
name, path, start, end = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
sys.path.insert(0, sys.argv[5])
from test_index_files import text_of
index = Index(path)
for number in range(start, end):
    index.add([text_of(name, number)], id=[f"{name}/{number}"], replay=True)
    print(number, flush=True)
"""


def text_of(name: str, number: int) -> str:
    """Returns a document of four paragraphs, of which some repeat those of others."""
    draw = random.Random(f"{name} {number}")
    shared = random.Random(number // 3)
    words = [f"word{i}" for i in range(60)]
    own = [" ".join(draw.choice(words) for _ in range(15)) for _ in range(2)]
    common = [" ".join(shared.choice(words) for _ in range(15)) for _ in range(2)]
    return "\n\n".join([*own, *common])


def adding(name: str, path: Path, start: int, end: int) -> subprocess.Popen[str]:
    """Starts a process that adds documents."""
    arguments = [sys.executable, "-P", "-c", ADDER, name, str(path), str(start), str(end), str(Path(__file__).parent)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def assert_sound(path: Path) -> None:
    """Makes sure that an index is whole, and answers what one `deduplicate` answers over its documents in the order of their commits."""
    with Index(path) as index:
        assert index.verify() == []
        with index._file.reading() as connection:
            ids = [id for (id,) in connection.execute("SELECT id FROM document ORDER BY number")]
        documents = [{"id": id, "text": text_of(id.split("/")[0], int(id.split("/")[1]))} for id in ids]
        found, whole = index.add(documents, id="id", replay=True), deduplicate(documents)
        assert found.witness.tolist() == whole.witness.tolist()
        assert found.similarity.tolist() == whole.similarity.tolist()


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    """Two processes add to one file at once; each commit is there, and the answer is that of the order of commits."""
    path = tmp_path / "seen.db"
    Index(path, fsync=False).close()
    with adding("a", path, 0, 60) as one, adding("b", path, 0, 60) as two:
        assert [len(process.communicate()[0].split()) for process in (one, two)] == [60, 60]
    with Index(path) as index:
        assert len(index) == 120
    assert_sound(path)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_kills_lose_nothing_that_was_committed(tmp_path: Path) -> None:
    """Of two processes that add, one is killed at any moment, again and again: what it said was in is in, whole, to the end."""
    path, draw = tmp_path / "seen.db", random.Random(1)
    Index(path).close()
    done = 0
    with adding("b", path, 0, 40 * KILLS) as other:
        for _ in range(KILLS):
            with adding("a", path, max(done - 2, 0), 10_000) as process:
                assert process.stdout is not None
                said = process.stdout.readline()
                time.sleep(draw.random() * 0.3)
                process.kill()
                said += process.stdout.read()
            done = max(done, *(int(line) + 1 for line in said.split()))
            with Index(path) as index:
                assert all(f"a/{number}" in index for number in range(done))
        other.kill()
        other.communicate()
    assert_sound(path)


def test_threads_share_an_index(tmp_path: Path) -> None:
    """Threads may use one `Index`."""
    with Index(tmp_path / "a.db", fsync=False) as index, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: index.add([text_of("t", number)], id=[f"t/{number}"]), range(64)))
        assert all(pool.map(lambda number: index.seen(text_of("t", number)), range(64)))
    assert_sound(tmp_path / "a.db")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_has_its_own_connection(tmp_path: Path) -> None:
    """A process that was forked goes on with an index that its parent opened."""
    with Index(tmp_path / "a.db") as index:
        index.add([WIRE], id=["parent"])
        child = os.fork()
        if child == 0:
            try:
                index.add([WIRE + " Again."], id=["child"])
            finally:
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        index.add([WIRE], id=["parent/2"])
        assert "child" in index
        assert index.verify() == []


def _text_file(path: Path) -> None:
    path.write_text("This is no database. " * 100, encoding="utf-8")


def _database(path: Path) -> None:
    sqlite3.connect(path).execute("CREATE TABLE header (name, value)")


def _folder(path: Path) -> None:
    path.mkdir()


def _cut_short(path: Path) -> None:
    with Index(path) as index:
        index.add([text_of("a", number) for number in range(300)])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 3 // 4096 * 4096])


def _no_header(path: Path) -> None:
    Index(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM header WHERE name = 'threshold'")


def _odd_header(path: Path) -> None:
    Index(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE header SET value = '{\"a\":[1' WHERE name = 'unit'")


def _no_order(path: Path) -> None:
    Index(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE header SET value = x'0011' WHERE name = 'order'")


@pytest.mark.parametrize("broken", [_text_file, _database, _folder, _cut_short, _no_header, _odd_header, _no_order])
def test_files_that_are_none(tmp_path: Path, broken: Callable[[Path], None]) -> None:
    """A file that is no index, or a damaged one, is an error that names it and says what to do; it is left as it is."""
    path = tmp_path / "seen.db"
    broken(path)
    before = path.read_bytes() if path.is_file() else None

    def use() -> None:
        with Index(path) as index:
            index.add([WIRE])
            faults = index.verify()
            assert faults
            raise IndexFileError(str(path), faults[0])

    with pytest.raises(IndexFileError, match=r"seen\.db: ") as caught:
        use()
    assert ": " in str(caught.value)
    if before is not None and broken is not _cut_short:
        assert path.read_bytes() == before
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_rules_don_t_mix(tmp_path: Path) -> None:
    """A file is opened with its own rules, or an error names both values; nor is it opened by code that makes other tokens."""
    path = tmp_path / "seen.db"
    Index(path, threshold=0.7, unit="document").close()
    with Index(path) as index:
        assert (index.rules.threshold, index.rules.unit, index.rules.ngram_size) == (0.7, "document", 5)
    with pytest.raises(IndexMismatchError, match=r"threshold=0\.7, and threshold=0\.8 was asked for"):
        Index(path, threshold=0.8)
    with pytest.raises(IndexMismatchError, match="removable=True, and removable=False"):
        Index(path, removable=False)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE header SET value = '99' WHERE name = 'tokenizer'")
    with pytest.raises(IndexMismatchError, match="made with tokenizer 99"):
        Index(path)


def test_other_code_is_noticed_by_its_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tokenizer that answers otherwise is noticed whatever its version says."""
    path = tmp_path / "seen.db"
    Index(path).close()
    monkeypatch.setattr(header, "_answers", lambda: ["00" * 16])
    with pytest.raises(IndexMismatchError, match="known_answers"):
        Index(path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_rights(tmp_path: Path) -> None:
    """A file, or a folder, that may not be written gives a clear error, and can be asked."""
    path = tmp_path / "seen.db"
    with Index(path) as index:
        index.add([WIRE])
    path.chmod(0o444)
    with pytest.raises(IndexFileError, match="may not be written"), Index(path) as index:
        index.add([WIRE])


def test_read_only(tmp_path: Path) -> None:
    """An index that was opened to be asked answers, and changes nothing."""
    path = tmp_path / "seen.db"
    with pytest.raises(IndexFileError, match="no such file"):
        Index(path, read_only=True)
    with Index(path) as index:
        index.add([WIRE], id=["a"])
    with Index(path, read_only=True) as index:
        assert index.seen(WIRE)
        assert index.verify() == []
        for change in (lambda: index.add([WIRE]), lambda: index.remove("a"), lambda: index.expire(before="2027-01-01"), index.compact):
            with pytest.raises(IndexFileError, match="read_only=True"):
                change()
    with Index(path) as index:
        assert "a" in index


def test_a_lock_that_is_held_for_long(tmp_path: Path) -> None:
    """Another process that writes is waited for as long as was said; then an error says so, and nothing is lost."""
    path = tmp_path / "seen.db"
    with Index(path, timeout=0.2) as index:
        index.add([WIRE], id=["a"])
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(IndexBusyError, match=r"for 0\.2 seconds"):
            index.add([WIRE], id=["b"])
        assert index.seen(WIRE)
        other.execute("ROLLBACK")
        index.add([WIRE], id=["b"])
        assert len(index) == 2


FULL = """
import resource, signal, sys
from textclean import Index
from textclean.errors import IndexFileError
sys.path.insert(0, sys.argv[2])
from test_index_files import text_of
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Index(sys.argv[1]) as index:
    index.add([text_of("a", n) for n in range(50)], id=[f"a/{n}" for n in range(50)])
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    try:
        index.add([text_of("b", n) for n in range(3000)], id=[f"b/{n}" for n in range(3000)])
    except IndexFileError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(len(index), index.verify())
    index.add([text_of("b", n) for n in range(3000)], id=[f"b/{n}" for n in range(3000)])
    print(len(index))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on the size of files")
def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """What does not fit is not there at all, what was there is, and it goes on when there is room."""
    run = [sys.executable, "-P", "-c", FULL, str(tmp_path / "seen.db"), str(Path(__file__).parent)]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "disk" in said[0]
    assert said[1:] == ["50 []", "3050"]
    assert_sound(tmp_path / "seen.db")


#: A change by hand, and what `verify` says of it.
FAULTS = {
    "DELETE FROM recent_posting WHERE key IN (SELECT key FROM recent_posting LIMIT 3)": "keys are stored",
    "UPDATE text SET said = x'00ff' WHERE number = 2": "its tokens are damaged",
    "UPDATE text SET said = (SELECT said FROM text WHERE number = 1) WHERE number = 2": "another fingerprint",
    "UPDATE text SET witness = NULL, similarity = NULL WHERE witness IS NOT NULL": "is stored",
    "DELETE FROM document WHERE number = 1": "its document is missing",
    "DELETE FROM unit WHERE number = (SELECT first FROM text WHERE number = 1)": "text 1: nothing says it",
    "UPDATE text SET first = first + 1 WHERE number = 3": "not the first unit",
    "DELETE FROM text WHERE number = 1": "its text is missing",
}


@pytest.mark.parametrize("change", FAULTS)
def test_verify_finds_what_was_changed(tmp_path: Path, change: str) -> None:
    """Each kind of damage is found."""
    path = tmp_path / "seen.db"
    with Index(path) as index:
        index.add([WIRE, WIRE[:-1] + " or so.", *(text_of("a", number) for number in range(20))], id=[f"d{i}" for i in range(22)])
        assert index.stats().kept < index.stats().texts
        with sqlite3.connect(path) as connection:
            connection.execute(change)
        assert any(FAULTS[change] in fault for fault in index.verify())


def test_options_that_can_t_be(tmp_path: Path) -> None:
    """Options out of their range are refused before a file is made."""
    cases = [
        {"threshold": 0},
        {"threshold": 1.5},
        {"unit": "line"},
        {"ngram_size": 0},
        {"min_words": -1},
        {"same_numbers": 1},
        {"removable": "no"},
        {"timeout": -1},
        {"timeout": "long"},
        {"fsync": None},
        {"read_only": 1},
    ]
    for case in cases:
        with pytest.raises(ConfigError, match=next(iter(case))):
            Index(tmp_path / "seen.db", **case)  # type: ignore[arg-type]
        assert not (tmp_path / "seen.db").exists(), case
    for path in ("", b"bytes", None, 7):
        with pytest.raises(TextcleanError, match="path"):
            Index(path)  # type: ignore[arg-type]


def test_a_copy_is_an_index(tmp_path: Path) -> None:
    """A file that was closed can be copied, moved and opened elsewhere."""
    with Index(tmp_path / "a.db") as index:
        index.add([WIRE])
    index.close()
    with pytest.raises(IndexFileError, match="was closed"):
        index.seen(WIRE)
    shutil.copy(tmp_path / "a.db", tmp_path / "odd ?#%name.db")
    with Index(tmp_path / "odd ?#%name.db") as copy:
        assert copy.seen(WIRE)
