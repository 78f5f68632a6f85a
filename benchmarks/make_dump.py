"""Makes a dump of any size with known repeats, out of any real corpus.

    python benchmarks/make_dump.py corpus.jsonl.gz -o dump.jsonl.zst --megabytes 1000

The corpus is JSONL with a field "text". It is gone through again and again; each time, every third word gets an ending of its own, so that
no three words in a row are those of another time and nothing repeats that did not before. Then, with given shares, a document is a copy of
an earlier one, or has paragraphs of earlier ones put in between its own, some with a word changed. Each record says what was done to it:

    {"id": 17, "text": …, "copy_of": 3}
    {"id": 18, "text": …, "planted": ["…", …]}       paragraphs that stand in earlier documents, as they stand here

The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textclean.files.output import Output

#: Earlier documents that repeats are drawn from.
_REMEMBERED = 20_000
_LEAST_WORDS = 20


def corpus(paths: list[Path]) -> list[str]:
    """The texts of the files."""
    found = []
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8") as file:
            found.extend(json.loads(line)["text"] for line in file)
    return found


def version(text: str, time: int) -> str:
    """The text as it is told for the nth time: every third word has another ending."""
    if time == 0:
        return text
    ending = ""
    while time:
        time, letter = divmod(time, 26)
        ending += chr(97 + letter)
    lines = []
    for line in text.split("\n"):
        words = line.split(" ")
        words[2::3] = [word + ending for word in words[2::3]]
        lines.append(" ".join(words))
    return "\n".join(lines)


def records(texts: list[str], megabytes: float, copies: float, planted: float, seed: int) -> Iterator[dict[str, Any]]:
    """Documents until the texts have so many bytes."""
    draw, size, number = random.Random(seed), 0, 0
    earlier: list[tuple[int, str]] = []
    while size < megabytes * 1e6:
        time, i = divmod(number, len(texts))
        record: dict[str, Any] = {"id": number}
        if earlier and draw.random() < copies:
            record["copy_of"], record["text"] = draw.choice(earlier)
        else:
            record["text"] = version(texts[i], time)
            if earlier and draw.random() < planted:
                plant(record, earlier, draw)
            if "planted" not in record:
                if len(earlier) < _REMEMBERED:
                    earlier.append((number, record["text"]))
                else:
                    earlier[draw.randrange(_REMEMBERED)] = (number, record["text"])
        size += len(record["text"].encode())
        number += 1
        yield record


def plant(record: dict[str, Any], earlier: list[tuple[int, str]], draw: random.Random) -> None:
    """Puts paragraphs of earlier documents between those of this one."""
    _, text = draw.choice(earlier)
    long = [line.strip() for line in text.split("\n") if len(line.split()) >= _LEAST_WORDS]
    if not long:
        return
    chosen = [near(line, draw) if draw.random() < 0.3 else line for line in draw.sample(long, min(len(long), draw.randint(1, 3)))]
    lines = record["text"].split("\n\n")
    for line in chosen:
        lines.insert(draw.randrange(len(lines) + 1), line)
    record["text"], record["planted"] = "\n\n".join(lines), chosen


def near(line: str, draw: random.Random) -> str:
    """The line with a word at its end changed: one shingle of three words in some twenty or more."""
    return " ".join([*line.split()[:-1], f"changed{draw.randrange(10**6)}"])


def main() -> None:
    """Writes the dump."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="+", type=Path, help="JSONL with a field text, also .gz")
    parser.add_argument("-o", "--output", type=Path, required=True, help="file to write, .jsonl, also with .gz or .zst")
    parser.add_argument("--megabytes", type=float, default=100, help="of text (default: %(default)s)")
    parser.add_argument("--copies", type=float, default=0.1, help="share of documents that are copies (default: %(default)s)")
    parser.add_argument("--planted", type=float, default=0.2, help="share of documents with planted paragraphs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    texts = corpus(args.corpus)
    with Output(args.output, force=True) as output:
        for record in records(texts, args.megabytes, args.copies, args.planted, args.seed):
            output.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
