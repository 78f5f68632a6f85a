"""Files in, files out, in two passes: the answer is that of the package in memory, whatever the files are."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import textclean
from textclean.corpus import clean_corpus
from textclean.errors import ConfigError, MemoryLimitError, OutputExistsError

WORDS = "the council voted on tuesday to close old bridge for repairs until end of year officials said rain wind north country".split()


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
    monkeypatch.setattr("textclean.corpus.run.SHARD_BYTES", 10_000)
    docs = texts(150)
    paths = [write(tmp_path / f"{i}.jsonl", docs[i * 30 : (i + 1) * 30]) for i in range(5)]
    summary = clean_corpus(paths, tmp_path / "out", across=unit, keep=keep, threshold=threshold, workers=workers)
    written = [text for path in paths for text in read(tmp_path / "out" / path.name)]
    assert written == expected(docs, unit=unit, keep=keep, threshold=threshold)
    assert summary.counts.documents == len(docs)
    assert 0 < summary.dropped < summary.units


def test_a_field_says_which_stays(tmp_path: Path) -> None:
    """As `deduplicate` has it, ties and missing values too."""
    docs, dates = texts(60), [random.Random(i).choice(["2020", "2021", None]) for i in range(60)]
    path = write(tmp_path / "a.jsonl", docs, date=dates)
    clean_corpus(path, tmp_path / "b.jsonl", keep="date")
    records = [{"text": textclean.clean(text), "date": date} for text, date in zip(docs, dates, strict=True)]
    assert read(tmp_path / "b.jsonl") == textclean.deduplicate(records, keep="date").texts()


def test_what_needs_too_much_memory_is_refused_with_the_number(tmp_path: Path) -> None:
    """The run is kept: with more memory it goes on where it stopped."""
    path, out = write(tmp_path / "a.jsonl", texts(50)), tmp_path / "b.jsonl"
    with pytest.raises(MemoryLimitError, match=r"needs about \d+ MB and may have 1: raise --memory"):
        clean_corpus(path, out, memory="1MB")
    assert not out.exists()
    with pytest.raises(OutputExistsError, match="--resume finishes it"):
        clean_corpus(path, out)
    with pytest.raises(ConfigError, match="had another threshold"):
        clean_corpus(path, out, threshold=0.7, resume=True)
    clean_corpus(path, out, memory="4GB", resume=True)
    assert read(out) == expected(texts(50))
    assert sorted(tmp_path.iterdir()) == [path, out]
