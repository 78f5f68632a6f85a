"""What does it cost to remember paragraphs, and to ask for one, beside datasketch's index in memory and on Redis? Answers checked first.

    python benchmarks/index.py                                    # paragraphs made from the two sample articles
    python benchmarks/index.py corpus.jsonl.gz --limit 100000     # any .jsonl[.gz] with a field "text"
    python benchmarks/index.py corpus.jsonl.gz --curve 2000000    # textclean.Index alone, as it grows
    python benchmarks/index.py --redis                            # datasketch on a Redis server too (starts redis-server)

Each tool is given the paragraphs in batches of a thousand, as a crawl brings them, and says of each whether it repeats an earlier one; then
it is asked for ten thousand edited copies of them, of which a third are edited so much that they are none. Truth, recall and precision are
those of `dedupe.py`. Each tool runs in a process of its own: CPU seconds, so that a machine with other work counts fairly, and memory as
the growth of the peak while it works. An index on disk is opened with its defaults but for `fsync`, which measures the disk; its size is
that of its file and log. datasketch signs with 128 values and its own parameters; a paragraph that its query finds counts as a repeat, as
most programs have it. Ratios are good within one run only.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from dedupe import Truth, changed, paragraphs, peak, plain_grams
from textclean import _native

#: Paragraphs that come at once.
BATCH = 1000


class Answer(NamedTuple):
    """What a tool said and what it took.

    Attributes:
        dropped: whether each paragraph repeats an earlier one.
        found: whether each of those that were asked for is there.
        add, find: CPU microseconds a paragraph.
        memory: megabytes by which the peak grew.
        disk: bytes a paragraph that is kept; 0 for a tool without a file.
    """

    dropped: list[bool]
    found: list[bool]
    add: float
    find: float
    memory: float
    disk: float


Tool = Callable[[list[str], list[str], float, int], tuple[list[bool], list[bool], float, float, float]]


def textclean(texts: list[str], asked: list[str], threshold: float, n: int) -> tuple[list[bool], list[bool], float, float, float]:
    """`textclean.Index` in a file."""
    from textclean import Index

    with tempfile.TemporaryDirectory() as folder:
        rules = {"unit": "document", "threshold": threshold, "ngram_size": n, "min_words": 0, "same_numbers": False}
        with Index(f"{folder}/seen.db", fsync=False, **rules) as index:
            start = time.process_time()
            dropped = [gone for batch in batches(texts) for gone in index.add(batch).dropped.tolist()]
            middle = time.process_time()
            found = [bool(index.find(text)) for text in asked]
            end = time.process_time()
            return dropped, found, middle - start, end - middle, index.stats().bytes / index.stats().kept


def datasketch(texts: list[str], asked: list[str], threshold: float, n: int) -> tuple[list[bool], list[bool], float, float, float]:
    """MinHashLSH in memory."""
    return by_lsh(texts, asked, threshold, n, {})


def datasketch_redis(texts: list[str], asked: list[str], threshold: float, n: int) -> tuple[list[bool], list[bool], float, float, float]:
    """MinHashLSH on a Redis server; the time of the server is not in its own."""
    with redis() as port:
        config = {"type": "redis", "basename": b"benchmark", "redis": {"host": "127.0.0.1", "port": port}}
        return by_lsh(texts, asked, threshold, n, {"storage_config": config})


def by_lsh(texts: list[str], asked: list[str], threshold: float, n: int, how: dict) -> tuple[list[bool], list[bool], float, float, float]:
    """MinHashLSH: added if its query finds none."""
    from datasketch import MinHash, MinHashLSH

    def signed(part: list[str]) -> Iterator[MinHash]:
        return MinHash.generator(([gram.encode("utf-8", "replace") for gram in plain_grams(text, n)] for text in part), num_perm=128)

    lsh, dropped = MinHashLSH(threshold=threshold, num_perm=128, **how), []
    start = time.process_time()
    for batch in batches(texts):
        for sketch in signed(batch):
            dropped.append(bool(lsh.query(sketch)))
            if not dropped[-1]:
                lsh.insert(str(len(dropped)), sketch)
    middle = time.process_time()
    found = [bool(lsh.query(sketch)) for sketch in signed(asked)]
    return dropped, found, middle - start, time.process_time() - middle, 0.0


@contextmanager
def redis() -> Iterator[int]:
    """Starts a Redis server that writes nothing; yields its port."""
    program = shutil.which("redis-server")
    if program is None:
        raise ImportError("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            server.terminate()


def batches(texts: list[str]) -> Iterator[list[str]]:
    """The texts, a thousand at a time."""
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def measured(tool: Tool, texts: list[str], asked: list[str], threshold: float, n: int) -> Answer:
    """A tool's answer and cost, in a forked child. Raises ImportError if it can't be run."""
    receive, send = multiprocessing.Pipe(duplex=False)

    def child() -> None:
        try:
            # So that no row has the time of loading NumPy and SciPy in it.
            tool(texts[:50], asked[:5], threshold, n)
            before = peak()
            dropped, found, add, find, disk = tool(texts, asked, threshold, n)
            send.send(Answer(dropped, found, 1e6 * add / len(texts), 1e6 * find / len(asked), peak() - before, disk))
        except ImportError as error:
            send.send(error)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    send.close()
    result = receive.recv()
    process.join()
    if isinstance(result, ImportError):
        raise result
    return result


def compare(texts: list[str], threshold: float, n: int, tools: list[Tool]) -> list[tuple[str, float, float, Answer]]:
    """One row a tool: recall, precision, cost. Ours must be right before anything is printed."""
    truth, draw = Truth(texts, n, threshold), random.Random(3)
    asked = [changed(draw.choice(texts), draw, draw.choice([0, 1, 12])) for _ in range(10_000)]
    rows = []
    for tool in tools:
        name = tool.__name__.replace("_", " on ")
        try:
            answer = measured(tool, texts, asked, threshold, n)
        except (ImportError, EOFError) as error:
            assert tool is not textclean, f"{name} failed"
            print(f"{name}: left out ({error or 'it failed'})", file=sys.stderr)
            continue
        recall, precision = truth.score(answer.dropped)
        assert tool is not textclean or (recall, precision) == (1, 1), f"wrong answer: recall {recall}, precision {precision}"
        rows.append((name, recall, precision, answer))
    return rows


def curve(texts: list[str], most: int, threshold: float, n: int) -> Iterator[tuple[int, float, float, float, float]]:
    """Paragraphs, CPU seconds so far, CPU microseconds to find one, MB, bytes a paragraph of an index that grows, by edited copies too."""
    from textclean import Index

    draw, count, spent, due = random.Random(2), 0, 0.0, [most]
    while due[-1] > 2 * len(texts) or due[-1] > 20_000:
        due.append(due[-1] // 10 if due[-1] > 200_000 else due[-1] // 2)
    before = peak()
    with (
        tempfile.TemporaryDirectory() as folder,
        Index(f"{folder}/seen.db", unit="document", threshold=threshold, ngram_size=n, min_words=0, fsync=False) as index,
    ):
        while due:
            size = min(1 << 15, due[-1] - count)
            places = range(count, count + size)
            part = [texts[i] if i < len(texts) else changed(texts[i % len(texts)], draw, len(texts[i % len(texts)]) // 18) for i in places]
            start = time.process_time()
            index.add(part)
            spent += time.process_time() - start
            count += size
            if count == due[-1]:
                due.pop()
                asked = [changed(draw.choice(texts), draw, 12) for _ in range(2000)]
                start = time.process_time()
                for text in asked:
                    index.find(text)
                find = (time.process_time() - start) / len(asked)
                yield count, spent, 1e6 * find, peak() - before, index.stats().bytes / count


def main() -> None:
    """Reads the arguments and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, help=".jsonl[.gz] with a field text; default: made from the sample articles")
    parser.add_argument("--limit", type=int, default=20_000, help="paragraphs to compare on")
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--ngram-size", type=int, default=3)
    parser.add_argument("--curve", type=int, metavar="N", help="grow textclean's index to N paragraphs, and no other")
    parser.add_argument("--redis", action="store_true", help="datasketch on a Redis server too")
    args = parser.parse_args()
    if _native.DEBUG:
        sys.exit("This is a debug build: its times say nothing. Build with --release.")
    texts = paragraphs(args.corpus, args.limit)
    print(f"{len(texts):,} paragraphs, Jaccard >= {args.threshold}, {args.ngram_size}-grams, {os.cpu_count()} processors")
    if args.curve:
        for size, cpu, find, memory, disk in curve(texts, args.curve, args.threshold, args.ngram_size):
            print(
                f"{size:10,} paragraphs  {cpu:7.1f} CPU s  {size / cpu:7,.0f}/s  find {find:4.0f} us  +{memory:4.0f} MB  {disk:4.0f} B each"
            )
        return
    tools: list[Tool] = [textclean, datasketch, *([datasketch_redis] if args.redis else [])]
    rows = compare(texts, args.threshold, args.ngram_size, tools)
    print(f"{'':20} recall  precision   added/s  find us   +MB  B each   adding and finding of ours")
    for name, recall, precision, a in rows:
        ratios = f"{a.add / rows[0][3].add:6.1f}x {a.find / rows[0][3].find:6.1f}x"
        print(f"{name:20} {recall:6.2%} {precision:9.2%} {1e6 / a.add:10,.0f} {a.find:8.0f} {a.memory:5.0f} {a.disk:7.0f}   {ratios}")


if __name__ == "__main__":
    main()
