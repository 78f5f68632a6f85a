"""What a run calls finished is on the disk: cut off from power anywhere, it goes on to the same bytes, and loses nothing that it had noted."""

from __future__ import annotations

import ast
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import textclean
from powercuts import MODES, ModelDisk, Operation, Recorder
from test_corpus import texts
from textclean.commands.main import commands
from textclean.corpus import clean_corpus, run_folder, shards
from textclean.errors import ConfigError, OutputExistsError
from textclean.files import disk as disk_module
from textclean.files.disk import Disk
from textclean.files.output import Output

#: Whether runs are cut at every operation, which takes half an hour.
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
    """Some operations, evenly spread, and the last."""
    step = -(-len(made.log) // count)
    return lambda done: EVERY or done % step == step // 2 or done == len(made.log)


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
    ends, wrong = made.cut(some(made, 4))
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
    for killed in draw.sample(range(5, len(made.log)), 12 if EVERY else 3):
        model = ModelDisk()
        for operation in made.log[:killed]:
            model.do(operation)
        model.lay_out(root, "kept", "kept", seed=0)
        later = record(root, start, monkeypatch, made.log[:killed], resume=True)
        assert wanted(later.after) == wanted(made.after)
        at = {draw.randint(killed, len(later.log)) for _ in range(20 if EVERY else 3)} | {len(later.log)}
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
    assert {end for end in ends if end != "resumed"} <= {
        "refused: the run that was broken off had another config: give the same options and inputs to resume it, or force=True to begin again"
    }


def test_without_fsync_power_cuts_lose_what_was_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model of the disk is not kind: a run that forces nothing to the disk loses outputs, and tears them."""
    made = record(*run_of(tmp_path, monkeypatch, "none", "out", fsync=False), monkeypatch)
    _, wrong = made.cut(lambda done: done == len(made.log))
    assert [each for each in wrong if "lost" in each]
    assert [each for each in wrong if "torn" in each]
    assert not [operation for operation in made.log if operation[0].startswith("sync")]
