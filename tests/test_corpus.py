"""Files in, files out, in two passes: the answer is that of the package in memory, whatever the files are."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import textclean
from kills import KILL_LATER
from textclean.commands.main import commands
from textclean.corpus import clean_corpus, decide
from textclean.corpus.memory import MemoryEstimate
from textclean.dedup.settings import Comparing
from textclean.errors import ConfigError, MemoryLimitError, OutputExistsError

WORDS = """
    the council voted on tuesday to close old bridge for repairs until end of year officials said rain wind north country
""".split()


def texts(count: int, seed: int = 0) -> list[str]:
    """Documents of some paragraphs, of which many repeat those of others, exactly or nearly, among lines of furniture."""
    draw = random.Random(seed)
    pool = [" ".join(draw.choices(WORDS, k=draw.randint(12, 40))).capitalize() + "." for _ in range(count)]
    found = []
    for _ in range(count):
        body = draw.sample(pool, draw.randint(0, 5))
        if body and draw.random() < 0.3:
            words = body[0].split()
            words[draw.randrange(len(words))] = draw.choice(["é", "Ω", "另", "new"])
            body[0] = " ".join(words)
        if found and draw.random() < 0.1:
            found.append(draw.choice(found))
            continue
        found.append("\n\n".join([*(["Share on Facebook"] if draw.random() < 0.3 else []), *body, "Leave a Reply"]))
    return found


def write(path: Path, docs: list[str], **more: list) -> Path:
    """The documents as JSONL."""
    names = ["text", *more]
    path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in zip(docs, *more.values(), strict=True)))
    return path


def read(path: Path) -> list[str]:
    """The texts of JSONL."""
    return [json.loads(line)["text"] for line in path.read_text().splitlines()]


def expected(docs: list[str], **options: object) -> list[str]:
    """What the package says of the same in memory."""
    return textclean.deduplicate([textclean.clean(text) for text in docs], **options).texts()


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("unit", ["paragraph", "document"])
@pytest.mark.parametrize("keep", ["first", "last", "longest"])
@pytest.mark.parametrize("threshold", [0.6, 0.8, 1.0])
def test_the_answer_is_that_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit, keep, threshold, workers) -> None:
    """Texts written are those of `clean`, then `deduplicate`, over files and shards, whatever the workers."""
    monkeypatch.setattr("textclean.corpus.shards.SHARD_TEXT", 10_000)
    docs = texts(150)
    paths = [write(tmp_path / f"{i}.jsonl", docs[i * 30 : (i + 1) * 30]) for i in range(5)]
    summary = clean_corpus(paths, tmp_path / "out", across=unit, keep=keep, threshold=threshold, workers=workers)
    written = [text for path in paths for text in read(tmp_path / "out" / path.name)]
    assert written == expected(docs, unit=unit, keep=keep, threshold=threshold)
    assert summary.counts.documents == len(docs)
    assert 0 < summary.dropped < summary.units


def test_a_field_says_which_stays(tmp_path: Path) -> None:
    """With keep=FIELD the same records stay as with `deduplicate`, with ties and missing values too."""
    docs, dates = texts(60), [random.Random(i).choice(["2020", "2021", None]) for i in range(60)]
    path = write(tmp_path / "a.jsonl", docs, date=dates)
    clean_corpus(path, tmp_path / "b.jsonl", keep="date", across="paragraph")
    records = [{"text": textclean.clean(text), "date": date} for text, date in zip(docs, dates, strict=True)]
    assert read(tmp_path / "b.jsonl") == textclean.deduplicate(records, keep="date").texts()


def test_what_needs_too_much_memory_is_refused_with_the_number(tmp_path: Path) -> None:
    """A run that needs more memory than it may have is refused with the number; resumed with more memory it goes on where it stopped."""
    path, out = write(tmp_path / "a.jsonl", texts(50)), tmp_path / "b.jsonl"
    with pytest.raises(MemoryLimitError, match=r"needs about \d+ MB and may have 1: raise memory="):
        clean_corpus(path, out, memory="1MB", across="paragraph")
    assert not out.exists()
    with pytest.raises(OutputExistsError, match="resume=True finishes it"):
        clean_corpus(path, out, across="paragraph")
    with pytest.raises(ConfigError, match="had another threshold"):
        clean_corpus(path, out, threshold=0.7, resume=True, across="paragraph")
    clean_corpus(path, out, memory="4GB", resume=True, across="paragraph")
    assert read(out) == expected(texts(50))
    assert sorted(tmp_path.iterdir()) == [path, out]


def corpus_of(folder: Path, docs: list[str], count: int = 4) -> list[Path]:
    """The documents in some files, with other fields."""
    size = -(-len(docs) // count)
    return [
        write(folder / f"in{i}.jsonl", part, id=[f"{i}-{n}.0" for n in range(len(part))])
        for i, part in enumerate(docs[start : start + size] for start in range(0, len(docs), size))
    ]


def files(folder: Path) -> dict[str, bytes]:
    """What is in a folder, without hidden names."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


COMMAND = f"""
import sys
from textclean.corpus import clean_corpus, shards
shards.SHARD_TEXT = 20_000
*inputs, output, removals, across, resume, wait = sys.argv[1:]
{KILL_LATER}
clean_corpus(inputs, output, across=across, removals=removals, id="id", resume=resume == "resume", workers=2)
"""


def start(inputs: list[Path], out: Path, across: str, resume: bool, wait: float) -> int:
    """A run in a process of its own, killed after so many seconds (never, if negative); its exit code."""
    args = [*inputs, out / "clean", out / "removals.jsonl", across, "resume" if resume else "", wait]
    done = subprocess.run([sys.executable, "-P", "-c", COMMAND, *map(str, args)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode in (0, -9), done.stderr
    return done.returncode


@pytest.mark.slow
@pytest.mark.parametrize("across", ["paragraph", "none"])
def test_a_killed_run_is_resumed_byte_for_byte(tmp_path: Path, across: str) -> None:
    """A run killed at random moments and resumed each time writes the files and removals of a run left alone."""
    inputs = corpus_of(tmp_path, texts(400))
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    alone.mkdir()
    began = time.monotonic()
    assert start(inputs, alone, across, False, -1) == 0
    seconds = time.monotonic() - began
    whole = files(alone)
    draw = random.Random(across)
    for trial in range(int(os.environ.get("TEXTCLEAN_TEST_KILLS", "4"))):
        out = killed / str(trial)
        out.mkdir(parents=True)
        # Before the journal's first line there is nothing to resume, and nothing that stands in the way of another run either.
        code, kills = start(inputs, out, across, False, draw.uniform(0.1, 1) * seconds), 0
        while code:
            kills += 1
            assert files_are_whole(out / "clean", alone / "clean")
            code = start(inputs, out, across, True, draw.uniform(0.3, 1) * seconds if kills < 3 else -1)
        assert files(out) == whole


def files_are_whole(folder: Path, expected: Path) -> bool:
    """Whether each file that has its name is as it will be."""
    return all(path.read_bytes() == (expected / path.name).read_bytes() for path in folder.glob("*.jsonl"))


def test_two_runs_do_not_mix(tmp_path: Path) -> None:
    """A run that is being worked on is left alone, and a changed input is not resumed with."""
    inputs = corpus_of(tmp_path, texts(40))
    with pytest.raises(MemoryLimitError):
        clean_corpus(inputs, tmp_path / "out", memory=1, across="paragraph")
    inputs[0].write_text(inputs[0].read_text() + '{"text": "one more"}\n')
    with pytest.raises(ConfigError, match="had another sources"):
        clean_corpus(inputs, tmp_path / "out", resume=True, across="paragraph")
    assert clean_corpus(inputs, tmp_path / "out", force=True, across="paragraph").counts.documents == 41


def test_a_run_that_is_kept_says_what_was_done(tmp_path: Path) -> None:
    """summary.json has counts, settings, versions and times; what was only needed for resuming is gone."""
    inputs = corpus_of(tmp_path, texts(40))
    with inputs[1].open("a") as file:
        file.write('nonsense\n{"body": 1}\n{"text": null}\n')
    summary = clean_corpus(inputs, tmp_path / "out", run=tmp_path / "run", removals=tmp_path / "r.jsonl", across="paragraph")
    found = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert found["documents"] == 40
    assert found["skipped"] == {"not-json": 1, "no-text-field": 1, "not-a-text": 1}
    assert found["across"] == {"unit": "paragraph", "units": summary.units, "dropped": summary.dropped, "witnesses": summary.witnesses}
    assert found["bytes_in"] == sum(path.stat().st_size for path in inputs)
    assert found["bytes_out"] == sum(path.stat().st_size for path in (tmp_path / "out").iterdir())
    assert found["sources"][str(inputs[0])][0] == 10
    assert sum(counts[2] for counts in found["sources"].values()) == summary.dropped
    assert set(found["seconds"]) == {"clean", "compare", "write", "all"}
    assert "ftfy" in found["versions"]
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["journal.jsonl", "report.json", "settings.json", "summary.json"]
    with pytest.raises(OutputExistsError):
        clean_corpus(inputs, tmp_path / "out", run=tmp_path / "run", across="paragraph")


@pytest.mark.parametrize("across", ["none", "paragraph", "document"])
def test_a_finished_run_that_is_resumed_says_the_same(tmp_path: Path, across: str) -> None:
    """There is nothing left to do, and what was done is told again, repeats too."""
    inputs = corpus_of(tmp_path, texts(40))
    said = [str(clean_corpus(inputs, tmp_path / "out", run=tmp_path / "run", across=across, resume=resume)) for resume in (False, True)]
    assert said[0] == said[1]


def test_a_dry_run_writes_nothing_and_says_what_would_go(tmp_path: Path) -> None:
    """A dry run writes nothing, is exact for inputs that it reads to their end, and predicts memory, disk and time."""
    inputs = corpus_of(tmp_path, texts(200))
    before = files(tmp_path)
    done = CliRunner().invoke(commands, ["clean", *map(str, inputs), "-o", str(tmp_path / "out"), "--across", "paragraph", "--dry-run"])
    assert done.exit_code == 0
    assert files(tmp_path) == before
    summary = clean_corpus(inputs, tmp_path / "out", across="paragraph")
    assert "4 files" in done.stdout
    assert "looked at 200 texts, 1 / 1.0 of all" in done.stdout
    assert f"would remove about {summary.counts.kinds.total():,}: " in done.stdout
    assert f"{summary.dropped:,} of {summary.units:,} paragraphs repeat one of {summary.witnesses:,} that stay" in done.stdout
    assert "MB of memory" in done.stdout


def test_a_bad_size_is_wrong_usage(tmp_path: Path) -> None:
    """A value that is no size is wrong usage, and the message shows what a size looks like."""
    path = write(tmp_path / "a.jsonl", ["text"])
    done = CliRunner().invoke(commands, ["clean", str(path), "-o", str(tmp_path / "b.jsonl"), "--across", "paragraph", "--memory", "lots"])
    assert done.exit_code == 2
    assert "e.g. 4GB" in done.stderr


@pytest.mark.parametrize("keep", ["first", "last", "longest"])
@pytest.mark.parametrize("room", [7, 40, 333])
def test_slices_give_the_answer_of_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str, room: int) -> None:
    """With room for a few units at a time, the search finds the same witnesses and similarities as in one go."""
    path = write(tmp_path / "a.jsonl", texts(120, seed=room))
    clean_corpus(path, tmp_path / "b.jsonl", keep=keep, threshold=0.6, removals=tmp_path / "whole.jsonl", across="paragraph")
    monkeypatch.setattr("textclean.corpus.memory.MemoryEstimate.units_at_once", lambda *_: room)
    clean_corpus(path, tmp_path / "c.jsonl", keep=keep, threshold=0.6, removals=tmp_path / "sliced.jsonl", across="paragraph")
    assert (tmp_path / "c.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert (tmp_path / "sliced.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_what_repeats_nothing_is_left_out_if_room_is_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If room is short, units that can repeat no other are sifted out first; with no memory for sifting, slices give the same answer."""
    words = [f"word{number}" for number in range(40_000)]
    lines = [" ".join(words[at : at + 20]) for at in range(0, len(words), 20)]
    path = write(tmp_path / "a.jsonl", [*lines, *lines[:50]])
    clean_corpus(path, tmp_path / "whole.jsonl", across="paragraph")
    looked: list[int] = []
    run = decide._run

    def counted(units: Any, some: Any, settings: Any) -> Any:
        looked.append(len(some))
        return run(units, some, settings)

    monkeypatch.setattr(decide, "_run", counted)
    monkeypatch.setattr("textclean.corpus.memory.MemoryEstimate.units_at_once", lambda *_: 500)
    clean_corpus(path, tmp_path / "sifted.jsonl", across="paragraph")
    assert len(looked) == 1
    assert 100 <= looked[0] < 300
    monkeypatch.setattr("textclean.corpus.memory.MemoryEstimate.can_sift", lambda *_: False)
    clean_corpus(path, tmp_path / "sliced.jsonl", across="paragraph")
    assert len(looked) > 5
    whole = (tmp_path / "whole.jsonl").read_bytes()
    assert whole.count(b'""') == 50
    assert (tmp_path / "sifted.jsonl").read_bytes() == (tmp_path / "sliced.jsonl").read_bytes() == whole


def test_room_is_what_memory_leaves() -> None:
    """More memory leaves room for more units, and the bytes of the units at once stay within the memory."""
    before = 0
    for memory in (400, 600, 1000, 2000, 4000, 8000):
        need = MemoryEstimate(1_000_000, 5 * 10**9, Comparing("paragraph", 0.8, "first", 10), memory * 10**6)
        try:
            room = need.units_at_once(17_000_000)
        except MemoryLimitError:
            assert memory < 1000
            continue
        assert room > before
        assert need.peak(17_000_000, room) <= memory * 10**6
        before = room
    assert before > 17_000_000
