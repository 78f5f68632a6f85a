"""What does the worst text known cost, in time and memory for each MB, and does that stay the same when the text grows?

    python benchmarks/bounds.py                     # 1 and 8 MB, a table in Markdown
    python benchmarks/bounds.py --megabytes 0.5 2   # smaller
    python benchmarks/bounds.py --only tags near    # some of the texts

Each text is built at two sizes, and goes through all steps of cleaning, through both ways of comparing paragraphs and through the readers
of files, each in a process of its own. First the answer is checked: cleaning the result again changes nothing, and a reader gives all its
records. A row shows, for one step, the text that takes longest for each MB at the larger size; how much longer it takes for each MB than
at the smaller size (1 is linear, the ratio of the sizes would be the square); and the most memory that any of the texts takes. The script
fails if a step that takes any time at all grows by more than `LINEAR`. Comparing by MinHash is known to be as bad as the square, so it is
measured on a tenth of the text, and may grow.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import textclean
from textclean import _native

#: Growth for each MB that a shared machine explains, and seconds below which nothing is said of growth.
LINEAR, SECONDS = 2.5, 0.25
#: The step that is known to grow by more.
BANDS = "deduplicate, minhash"
PROSE = "The council voted on Tuesday to close the old bridge for repairs until the end of the year, officials said."


def _word(number: int) -> str:
    number = number * 2_654_435_761 % 26**7
    return "".join(chr(97 + number // 26**place % 26) for place in range(7))


def _lines(line: Callable[[int], str]) -> Callable[[int], str]:
    """A text of so many bytes, of lines that differ."""

    def make(size: int) -> str:
        found, held, number = [], 0, 0
        while held < size:
            found.append(line(number))
            held += len(found[-1].encode()) + 1
            number += 1
        return "\n".join(found)

    return make


def _again(unit: str) -> Callable[[int], str]:
    return lambda size: unit * (size // len(unit.encode()))


#: The worst texts known, by name: each takes a size in bytes.
TEXTS: dict[str, Callable[[int], str]] = {
    "prose": _lines(lambda n: f"{PROSE} {_word(n)}." if n % 2 else ""),
    "line ends": _again("\n"),
    "one-letter lines": _again("a\n"),
    "one giant line": _again("word "),
    "entities": _again("&amp;"),
    "entities in entities": lambda size: "&" + "amp;" * (size // 4),
    "mojibake": _again("â€™"),
    "lines of mojibake": _again("itâ€™s\n"),
    "tags": _again("<b></b>"),
    "open tags": _again("<b"),
    "combining marks": lambda size: "a" + "\u0301\u0323" * (size // 4),
    "zero width": _again("a\u200b"),
    "lone surrogates": lambda size: "\ud800\n" * (size // 4),
    "furniture": _again("Share this\nA short line\n"),
    "headings of lists": _lines(lambda n: f"Related Articles\n{PROSE} {_word(n)}."),
    "bylines": _lines(lambda n: f"By Ann {_word(n).title()} | May 4, 2019 | {n % 12 + 1}:{n % 60:02} AM EDT"),
    "near copies": _lines(lambda n: f"{PROSE[:90]} {_word(n)} of the harbour said on the quay on Monday, and went home.\n"),
    "teasers": _lines(
        lambda n: " ".join(f"The {_word(k)} said on Monday that the {_word(k + 1)} was shut." for k in range(n, n + 3)) + "\n"
    ),
    "wrapped": _lines(lambda n: f"{_word(n)} and the members of the board walked along the old quay and {_word(n + 1)}"),
    "nested code": _lines(lambda n: " " * (n % 40) + f"if ({_word(n)}[{n}]) {{ {_word(n + 1)}(x, {n}); }}"),
    "table": _lines(lambda n: f"| {_word(n)} | {n} | {_word(n + 1)} |"),
}


def _file(suffix: str, piece: Callable[[int], bytes], head: bytes = b"", tail: bytes = b"") -> Callable[[Path, int], tuple[Path, int]]:
    def make(folder: Path, size: int) -> tuple[Path, int]:
        path, number = folder / f"in.{suffix}", 0
        with open(path, "wb") as file:
            file.write(head)
            while file.tell() < size:
                file.write(piece(number))
                number += 1
            file.write(tail)
        return path, number

    return make


def _table(suffix: str) -> Callable[[Path, int], tuple[Path, int]]:
    def make(folder: Path, size: int) -> tuple[Path, int]:
        import pyarrow
        import pyarrow.parquet

        path, rows = folder / f"in.{suffix}", size // 20
        table = pyarrow.table({"text": [f"text {number:<14}" for number in range(rows)]})
        if suffix == "parquet":
            pyarrow.parquet.write_table(table, path)
        else:
            with pyarrow.ipc.new_file(path, table.schema) as file:
                file.write_table(table)
        return path, rows

    return make


def _warc(number: int) -> bytes:
    content = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nA word."
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\nContent-Type: application/http; msgtype=response\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(content)
    return head + content + b"\r\n\r\n"


def _gzip(number: int) -> bytes:
    import gzip

    return gzip.compress(b"word\n" if number == 0 else b"")


_PAGE = "<page><title>a</title><ns>0</ns><id>1</id><revision><text>{}</text></revision></page>"
#: The worst files known, by format: each takes a folder and a size in bytes, and gives the file and the number of its records.
FILES: dict[str, Callable[[Path, int], tuple[Path, int]]] = {
    "txt": lambda folder, size: (_file("txt", lambda n: b"a\n" * 1000)(folder, size)[0], 1),
    "txt.gz, empty members": lambda folder, size: (_file("txt.gz", _gzip)(folder, size)[0], 1),
    "jsonl, small records": _file("jsonl", lambda n: b'{"text":"a"}\n'),
    "jsonl, escapes": _file("jsonl", lambda n: b'{"text":"' + b"\\u0041" * 20_000 + b'"}\n'),
    "jsonl, nested": _file("jsonl", lambda n: b'{"n":' + b"[" * 900 + b"]" * 900 + b',"text":"a"}\n'),
    "csv": _file("csv", lambda n: b'"a ""b"" c",1\n', head=b"text,n\n"),
    "csv, open quotes": lambda folder, size: (_file("csv", lambda n: b'"a,1\n', head=b"text,n\n")(folder, size)[0], 0),
    "parquet": _table("parquet"),
    "arrow": _table("arrow"),
    "warc": _file("warc", _warc),
    "mediawiki": _file("xml", lambda n: _PAGE.format("{{a|[[b|c]]}} '''d''' " * 40).encode(), b"<mediawiki>", b"</mediawiki>"),
    "mediawiki, open markup": _file("xml", lambda n: _PAGE.format("&lt;b " * 300).encode(), b"<mediawiki>", b"</mediawiki>"),
}


def _peak() -> int:
    """Peak memory of this process in bytes."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))


class _Clock:
    """Adds up CPU time and growth of the peak by name."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[float, int]] = {}
        self._base = _peak()

    def run(self, name: str, work: Callable[[], Any]) -> Any:
        before = time.process_time()
        result = work()
        seconds, _ = self.found.get(name, (0.0, 0))
        self.found[name] = seconds + time.process_time() - before, _peak() - self._base
        return result


def measure_cleaning(name: str, size: int) -> dict[str, tuple[float, int]]:
    """Takes one text through the steps, as `cleaning/pipeline.py` does."""
    from textclean import api
    from textclean.cleaning import pipeline
    from textclean.cleaning.plan import Run
    from textclean.cleaning.split import split
    from textclean.sites.templates import known_of

    pages = [f"{_word(n)} {PROSE} {_word(n + 9)} {_word(n * 7)}\n\nSend a tip to the news team." for n in range(40)]
    known = known_of(textclean.learn_templates(pages, site="a"), ["a"])
    textclean.clean(PROSE)
    text, plan = TEXTS[name](size), api._plan(None, {})
    clock = _Clock()
    state = clock.run("split", lambda: Run(split([text], plan), known, True))
    while True:
        for step in pipeline.STEPS:
            clock.run(step.__module__.rpartition(".")[2], lambda step=step: step(state, plan))
        if not clock.run("cut", lambda: state.batch.cut(plan.drop)):
            break
    result = clock.run("results", state.batch.results)[0][0].decode()
    clock.found["clean, all steps"] = sum(seconds for seconds, _ in clock.found.values()), _peak() - clock._base
    if len(result) < 2_000_000:
        assert textclean.clean(result, site="a", templates=textclean.learn_templates(pages, site="a")) == result, "at rest"
    return clock.found


def measure_comparing(name: str, size: int) -> dict[str, tuple[float, int]]:
    """Compares the paragraphs of one text."""
    text = TEXTS[name](size)
    textclean.deduplicate([PROSE, PROSE])
    clock = _Clock()
    found = clock.run("deduplicate, exact", lambda: textclean.deduplicate([text], min_words=1, workers=1))
    assert not textclean.deduplicate(list(found.texts()), min_words=1, workers=1).dropped.any(), "what stays repeats nothing"
    return clock.found


def measure_bands(name: str, size: int) -> dict[str, tuple[float, int]]:
    """Compares the paragraphs of one text by MinHash, which finds no more than there is."""
    text = TEXTS[name](size)
    exact = textclean.deduplicate([text], min_words=1, workers=1)
    textclean.deduplicate([PROSE, PROSE], method="minhash")
    clock = _Clock()
    bands = clock.run(BANDS, lambda: textclean.deduplicate([text], method="minhash", min_words=1, workers=1))
    assert bands.dropped.sum() <= exact.dropped.sum()
    return clock.found


def measure_reading(name: str, size: int) -> dict[str, tuple[float, int]]:
    """Reads the records of one file."""
    from textclean.files.sources import find
    from textclean.formats import Document, Reading, read

    with tempfile.TemporaryDirectory() as folder:
        for warm in (1, size):
            path, records = FILES[name](Path(folder), warm)
            clock = _Clock()
            (source,) = find([str(path)])
            count = clock.run(f"read {name}", lambda source=source: sum(isinstance(event, Document) for event in read(source, Reading())))
            assert count == records, f"{count} of {records} records"
    return clock.found


MEASURES = {"cleaning": measure_cleaning, "comparing": measure_comparing, "bands": measure_bands, "reading": measure_reading}
#: How much of a text each kind of measurement takes.
SHARES = {"bands": 0.1}


def apart(kind: str, name: str, size: int) -> dict[str, list[float]]:
    """Measures in a process of its own, so that its peak of memory is that of this text alone."""
    done = subprocess.run([sys.executable, __file__, "--measure", kind, name, str(size)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{kind} {name}: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def rows(sizes: tuple[int, int], only: list[str]) -> Iterator[tuple[str, str, float, float, float]]:
    """Yields step, text, seconds a MB, growth, and MB of memory a MB, for each step and text."""
    wanted = [(kind, name) for kind in MEASURES for name in (FILES if kind == "reading" else TEXTS)]
    for kind, name in wanted:
        if only and not any(part in name for part in only):
            continue
        taken = [int(size * SHARES.get(kind, 1.0)) for size in sizes]
        small, large = (apart(kind, name, size) for size in taken)
        for step, (seconds, memory) in large.items():
            before = small.get(step, [0.0, 0])[0]
            growth = seconds / before * taken[0] / taken[1] if seconds >= SECONDS and before else 0.0
            yield step, name, seconds / taken[1] * 1e6, growth, memory / taken[1]


def main() -> None:
    """Prints the table; fails if something is not linear."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, nargs=2, default=(1, 8), metavar=("SMALL", "LARGE"))
    parser.add_argument("--only", nargs="*", default=[], metavar="TEXT", help="texts and files with one of these words in their names")
    parser.add_argument("--measure", nargs=3, metavar=("KIND", "TEXT", "BYTES"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        kind, name, size = args.measure
        print(json.dumps(MEASURES[kind](name, int(size))))
        return
    if _native.DEBUG:
        sys.exit("a debug build is no subject of a benchmark")
    sizes = int(args.megabytes[0] * 1e6), int(args.megabytes[1] * 1e6)
    found: dict[str, list[tuple[str, float, float, float]]] = {}
    for step, *rest in rows(sizes, args.only):
        found.setdefault(step, []).append(tuple(rest))
    print("| step | slowest text | seconds for 1 MB | grows by | most memory | MB for 1 MB |\n|---|---|---|---|---|---|")
    steep = []
    for step, texts in found.items():
        slowest, largest = max(texts, key=lambda row: row[1]), max(texts, key=lambda row: row[3])
        growth = f"{slowest[2]:.1f}" if slowest[2] else "-"
        print(f"| {step} | {slowest[0]} | {slowest[1]:.3f} | {growth} | {largest[0]} | {largest[3]:.1f} |")
        steep += [f"{step}, {name}: {growth:.1f}" for name, _, growth, _ in texts if growth > LINEAR and step != BANDS]
    if steep:
        sys.exit("not linear: " + "; ".join(steep))


if __name__ == "__main__":
    main()
