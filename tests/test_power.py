"""What a run calls finished is on the disk: cut off from power anywhere, it loses nothing of that, and goes on to the same bytes."""

from __future__ import annotations

import ast
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import textclean
from powercuts import MODES, ModelDisk, Operation, Recorder
from test_corpus import texts
from textclean.commands.main import commands
from textclean.corpus import clean_corpus, run_folder, shards
from textclean.errors import ConfigError, OutputError, OutputExistsError
from textclean.files.disk import Disk
from textclean.files.output import Output

#: Whether one run of each kind is cut at every operation, and all others at many: that takes half an hour.
EVERY = os.environ.get("TEXTCLEAN_TEST_PROFILE") == "slow"
SOURCE = Path(textclean.__file__).parent
#: Formats in which a run writes, by the name of its output; a folder for inputs in files of their own.
OUTPUTS = ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst", "out.csv", "out.parquet", "out.arrow", "out"]
#: One of each way in which a run goes.
RUNS = [("none", "out"), ("paragraph", "out.jsonl.zst"), ("document", "out.parquet")]


@dataclass
class Recorded:
    """A run, and what it did to the disk.

    Attributes:
        root: the folder below which all of it was written.
        again: makes the run anew; takes further arguments of `clean_corpus`.
        before: the files that were there before, by path.
        after: the files that are there now.
        log: what was done, in order.
    """

    root: Path
    again: Callable[..., Any]
    before: dict[str, bytes]
    after: dict[str, bytes]
    log: list[Operation]

    def cut(self, wanted_at: Callable[[int], bool], modes: list[tuple[str, str]] = MODES) -> tuple[Counter[str], list[str]]:
        """Cuts the run at operations that are wanted, in each mode, and resumes it.

        Returns:
            How it ended, how often; and what went wrong.
        """
        ends, wrong = Counter[str](), list[str]()
        whole, old = wanted(self.after), wanted(self.before)
        for done, model, safe in self._promised():
            for number, (names, data) in enumerate(modes if wanted_at(done) else []):
                where = f"{done} of {len(self.log)} ({self.log[done - 1][:3] if done else ''}), names {names}, data {data}"
                model.lay_out(self.root, names, data, seed=1000 * done + number)
                left = wanted(on_disk(self.root))
                if lost := [name for name in safe if left.get(name) != safe[name]]:
                    wrong.append(f"{where}: lost {lost}")
                if torn := [name for name in left if left[name] not in (whole.get(name), old.get(name))]:
                    wrong.append(f"{where}: torn {torn}")
                try:
                    self.again(resume=True)
                    end = "resumed"
                except (ConfigError, OutputExistsError) as error:
                    end = f"refused: {str(error).partition(': ')[2]}"
                    self.again(force=True)
                except Exception as error:
                    end = "failed"
                    wrong.append(f"{where}: {type(error).__name__}: {error}")
                if wanted(left := on_disk(self.root)) != whole:
                    wrong.append(f"{where}, {end}: others in the end: {sorted(left)}")
                ends[end] += 1
        return ends, wrong

    def _promised(self) -> Iterator[tuple[int, ModelDisk, dict[str, bytes]]]:
        """Yields each number of operations done, the disk then, and the outputs that must outlast a power cut from there.

        These are the outputs that had their names when the journal was last forced to the disk, or when the run was over.
        """
        model, safe, journal = ModelDisk(self.before), dict[str, bytes](), 0
        yield 0, model, safe
        for done, operation in enumerate(self.log, 1):
            model.do(operation)
            if operation[0] == "open_again" and operation[1].endswith("journal.jsonl"):
                journal = operation[2]
            if operation == ("sync", journal) or done == len(self.log):
                safe = {name: content for name, content in wanted(model.files()).items() if content == self.after.get(name)}
            yield done, model, safe


def on_disk(root: Path) -> dict[str, bytes]:
    """The files below a folder, by path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def wanted(files: dict[str, bytes]) -> dict[str, bytes]:
    """Of some files those that somebody has asked for: outputs and lists of removals."""
    return {name: content for name, content in files.items() if not name.startswith((".", "run/")) and "/." not in name}


def run_of(tmp_path: Path, patch: pytest.MonkeyPatch, across: str, output: str, **options: Any) -> tuple[Path, Callable[..., Any]]:
    """A run of several shards over inputs that stay where they are: the folder below which it writes, and what starts it."""
    patch.setattr(shards, "SHARD_DOCUMENTS", 25)
    inputs, root = tmp_path / "in", tmp_path / "root"
    inputs.mkdir()
    root.mkdir()
    several = not Path(output).suffix
    docs = texts(80, seed=3)
    for number in range(4 if several else 1):
        part = docs[number * 20 : (number + 1) * 20] if several else docs
        rows = [json.dumps({"text": text, "host": f"{n % 3}.example"}) for n, text in enumerate(part)]
        (inputs / f"{number}.jsonl").write_text("\n".join(rows))
    paths = sorted(inputs.iterdir()) if several else inputs / "0.jsonl"

    def start(**more: Any) -> Any:
        given = {"across": across, "removals": root / "gone.jsonl", "workers": 1} | options | more
        return clean_corpus(paths, root / output, **given)

    return root, start


def record(root: Path, start: Callable[..., Any], patch: pytest.MonkeyPatch, log: list[Operation] | None = None, **more: Any) -> Recorded:
    """Records a run; one that goes on with another, of which `log` was done, with `resume`."""
    before = {} if log else on_disk(root)
    with patch.context() as recording:
        recorder = Recorder(root, recording, log)
        start(**more)
    return Recorded(root, start, before, on_disk(root), recorder.log)


def some(made: Recorded, count: int) -> Callable[[int], bool]:
    """So many operations, evenly spread, and the last; the slow profile takes ten times as many."""
    step = -(-len(made.log) // (count * 10 if EVERY else count))
    return lambda done: done % step == step // 2 or done == len(made.log)


@pytest.mark.parametrize(("across", "output"), RUNS)
def test_what_was_recorded_is_all_that_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, across: str, output: str) -> None:
    """Nothing is written past `Disk`: what it was told, done once more, makes the same files."""
    root, start = run_of(tmp_path, monkeypatch, across, output, run=tmp_path / "root" / "run", source="host", learn_templates=True)
    made = record(root, start, monkeypatch)
    model = ModelDisk()
    for operation in made.log:
        model.do(operation)
    assert model.files() == made.after
    assert {"run/journal.jsonl", "run/settings.json", "run/summary.json", "run/report.json", "gone.jsonl"} < made.after.keys()


@pytest.mark.parametrize(("across", "output"), RUNS)
def test_a_run_without_power_goes_on_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, across: str, output: str) -> None:
    """At some operations, in all modes: no output is torn, none that was noted is lost, and resuming makes the rest."""
    made = record(*run_of(tmp_path, monkeypatch, across, output), monkeypatch)
    ends, wrong = made.cut(some(made, len(made.log) if EVERY else 4))
    assert wrong == []
    assert ends["resumed"] == ends.total() >= 4 * len(MODES)


@pytest.mark.slow
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("across", ["none", "paragraph", "document"])
def test_power_cuts_in_all_modes_and_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, across: str, output: str) -> None:
    """The same for each format, with a folder of the run, templates and shards of outputs where these are to be had."""
    more: dict[str, Any] = {"run": tmp_path / "root" / "run"} if across != "document" else {}
    more |= {"source": "host", "learn_templates": True} if output != "out.csv" else {}
    more |= {"shard": 4_000} if output == "out.jsonl" else {}
    made = record(*run_of(tmp_path, monkeypatch, across, output, **more), monkeypatch)
    ends, wrong = made.cut(some(made, 3))
    print(f"power cuts, {across}, {output}: {dict(ends)}")
    assert wrong == []
    assert ends["resumed"] == ends.total() >= 3 * len(MODES)


@pytest.mark.slow
@pytest.mark.parametrize(("across", "output"), RUNS)
def test_a_power_cut_after_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, across: str, output: str) -> None:
    """What a killed process wrote, and nobody forced to the disk since, is not taken for safe by the one that goes on."""
    root, start = run_of(tmp_path, monkeypatch, across, output)
    made = record(root, start, monkeypatch)
    draw = random.Random(7)
    ends = Counter[str]()
    for killed in draw.sample(range(5, len(made.log)), 6 if EVERY else 3):
        model = ModelDisk()
        for operation in made.log[:killed]:
            model.do(operation)
        model.lay_out(root, "kept", "kept", seed=0)
        later = record(root, start, monkeypatch, made.log[:killed], resume=True)
        assert wanted(later.after) == wanted(made.after)
        at = {draw.randint(killed, len(later.log)) for _ in range(9 if EVERY else 3)} | {len(later.log)}
        found, wrong = later.cut(lambda done, at=at: done in at)
        assert wrong == []
        ends += found
    print(f"power cuts after kills, {across}, {output}: {dict(ends)}")
    assert ends["resumed"] == ends.total()


@pytest.mark.slow
@pytest.mark.parametrize(("across", "output"), RUNS)
def test_a_run_that_replaces_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, across: str, output: str) -> None:
    """With force, the journal of the run before is never taken for that of the new one: it goes on, or is refused and made anew."""
    run = tmp_path / "root" / "run"
    root, start = run_of(tmp_path, monkeypatch, across, output, run=run)
    start(drop_kinds={"share"})
    made = record(root, start, monkeypatch, force=True)
    ends, wrong = made.cut(some(made, 5))
    print(f"power cuts while a run replaces another, {across}, {output}: {dict(ends)}")
    assert wrong == []
    assert all(end == "resumed" or end.startswith("refused: the run that was broken off had another config: ") for end in ends)


def test_without_fsync_power_cuts_lose_what_was_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model of the disk is not kind: a run that forces nothing to the disk loses outputs, and tears them."""
    made = record(*run_of(tmp_path, monkeypatch, "none", "out", fsync=False), monkeypatch)
    _, wrong = made.cut(lambda done: done == len(made.log))
    assert [each for each in wrong if "lost" in each]
    assert [each for each in wrong if "torn" in each]
    assert not [operation for operation in made.log if operation[0].startswith("sync")]


@pytest.mark.parametrize("left_out", ["sync", "sync_folder"])
def test_each_of_the_two_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_out: str) -> None:
    """Files alone, or folders alone, on the disk are not enough, and the model shows it."""
    made = record(*run_of(tmp_path, monkeypatch, "none", "out"), monkeypatch)
    made.log = [operation for operation in made.log if operation[0] != left_out]
    _, wrong = made.cut(lambda done: done == len(made.log))
    assert [each for each in wrong if "lost" in each]


def test_a_run_without_fsync_does_not_go_on_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it noted may stand in the journal and nowhere else: resuming is refused, unless it noted nothing; force begins again."""
    root, start = run_of(tmp_path, monkeypatch, "none", "out", fsync=False)
    model = ModelDisk()
    made = record(root, start, monkeypatch)
    *_, last = (at for at, operation in enumerate(made.log) if operation[0] == "open_again")
    for operation in made.log[: last - 10]:
        model.do(operation)
    for fsync in (False, True):
        model.lay_out(root, "kept", "zeros", seed=0)
        (root / ".out.textclean" / "settings.json").write_bytes(model.files()[".out.textclean/settings.json"])
        (root / ".out.textclean" / "journal.jsonl").write_bytes(model.files()[".out.textclean/journal.jsonl"])
        with monkeypatch.context() as restarted:
            restarted.setattr(run_folder, "boot", lambda: "another")
            with pytest.raises(ConfigError, match="the machine was started anew since, and the run was made with fsync=False"):
                start(resume=True, fsync=fsync)
            start(force=True, fsync=fsync)
        assert wanted(on_disk(root)) == wanted(made.after)
    model.lay_out(root, "kept", "kept", seed=0)
    start(resume=True)
    assert wanted(on_disk(root)) == wanted(made.after)


@pytest.mark.parametrize("force", [True, False])
def test_a_file_by_itself_is_the_old_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool) -> None:
    """Templates, lists and reports are written so: whatever is left under the name is whole, and once it is written it is the new one."""
    root = tmp_path / "root"
    root.mkdir()
    if force:
        (root / "a.json").write_bytes(b"old" * 5000)

    def start() -> None:
        with Output(root / "a.json", force) as output:
            output.write("new" * 9000)

    made = record(root, start, monkeypatch)
    seen = set()
    for done, model, _ in made._promised():
        for seed in range(20):
            for names, data in MODES:
                seen.add((done == len(made.log), model.files(names, data, seed).get("a.json")))
    old = b"old" * 5000 if force else None
    assert seen == {(False, old), (False, b"new" * 9000), (True, b"new" * 9000)}


def test_a_disk_that_fails_is_an_output_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If forcing fails, nothing gets its name or is called finished; the run goes on once the disk does."""
    root, start = run_of(tmp_path, monkeypatch, "paragraph", "out")
    real, calls = os.fsync, []

    def broken(number: int) -> None:
        calls.append(number)
        if len(calls) == 25:
            raise OSError(5, "Input/output error")
        real(number)

    with monkeypatch.context() as failing:
        failing.setattr(os, "fsync", broken)
        with pytest.raises(OutputError, match=r"can't be written: Input/output error"):
            start()
    start(resume=True)
    found = wanted(on_disk(root))
    start(force=True)
    assert found == wanted(on_disk(root))


@pytest.mark.parametrize("gone", ["spool/00001", "decision", "decision/gone.npy"])
def test_a_folder_that_lost_a_part_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    """Somebody took away what the journal calls finished: the error names it, and says what to do."""
    root, start = run_of(tmp_path, monkeypatch, "paragraph", "out")
    made = record(root, start, monkeypatch)
    model = ModelDisk()
    for operation in made.log:
        if operation[0] == "rename" and operation[2] == "out/0.jsonl":
            break
        if operation[0] == "link" and operation[2] == "out/0.jsonl":
            break
        model.do(operation)
    model.lay_out(root, "kept", "kept", seed=0)
    path = root / ".out.textclean" / gone
    path.unlink() if path.is_file() else shutil.rmtree(path)
    with pytest.raises(OutputError, match=r"can't be read again \(.*\): force=True begins the run again"):
        start(resume=True)
    start(force=True)
    assert wanted(on_disk(root)) == wanted(made.after)


def test_folders_that_cannot_be_forced_are_left_to_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network drives know no such call for folders; a fault of the disk is still one."""
    disk = Disk()
    for number, raised in ((22, False), (5, True)):

        def fails(_: int, number: int = number) -> None:
            raise OSError(number, "no")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fails)
            if raised:
                with pytest.raises(OSError, match="no"):
                    disk.sync_folder(tmp_path)
            else:
                disk.sync_folder(tmp_path)
    disk.sync_folder(tmp_path / "gone")


def test_fsync_is_an_option_like_others(tmp_path: Path) -> None:
    """It takes a bool, also on the command line, and changes no byte."""
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "A line.\n\nShare"}) + "\n")
    with pytest.raises(ConfigError, match="fsync=1: "):
        clean_corpus(path, tmp_path / "b.jsonl", fsync=1)
    for flag in ("--fsync", "--no-fsync"):
        result = CliRunner().invoke(commands, ["clean", str(path), "-o", str(tmp_path / f"{flag}.jsonl"), flag])
        assert result.exit_code == 0, result.output
    assert (tmp_path / "--fsync.jsonl").read_bytes() == (tmp_path / "--no-fsync.jsonl").read_bytes()


#: Calls that write, or that give or take away names.
WRITING = {
    *("write_text", "write_bytes", "replace", "rename", "link", "symlink", "unlink", "remove", "rmdir", "rmtree", "mkdir", "makedirs"),
    *("touch", "fsync", "tofile", "move", "copyfile", "copytree", "symlink_to", "hardlink_to"),
}
#: Where they mean something else, or files that nobody goes on with.
ALLOWED = {
    "files/disk.py": "all",
    "files/remote.py": {"mkdir", "touch", "makedirs"},  # drafts that are sent, and the file that is written to try a place out
}


def test_nothing_is_written_past_the_one_place() -> None:
    """No other module of the package opens a file for writing, or gives or takes away a name."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (call := writes(node)) and ALLOWED.get(name) != "all" and call not in ALLOWED.get(name, ()):
                found.append(f"{name}:{node.lineno}: {call}")
    assert found == []


def writes(call: ast.Call) -> str | None:
    """The name of a call that writes to a file system, as far as that can be seen."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    on = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name == "open":
        modes = [each.value for each in (*call.args, *(word.value for word in call.keywords)) if isinstance(each, ast.Constant)]
        return name if any(isinstance(mode, str) and set(mode) & set("wxa+") and len(mode) <= 3 for mode in modes) else None
    if name not in WRITING or on in ("disk", "self._disk", "self.disk", "job.folder.disk"):
        return None
    # Texts have `replace` with two arguments, as `os` has; paths have it with one. Lists have `remove`.
    if name == "replace" and on != "os" and (len(call.args) != 1 or on in ("", "dataclasses")):
        return None
    return None if name == "remove" and on != "os" else name
