"""Which repeated paragraphs are found, at what cost, beside datasketch, rensa and text-dedup? Checked first, then timed; all in one run.

    python benchmarks/dedupe.py                                   # paragraphs made from the two sample articles
    python benchmarks/dedupe.py corpus.jsonl.gz --limit 100000    # any .jsonl[.gz] with a field "text"
    python benchmarks/dedupe.py corpus.jsonl.gz --curve 2000000   # time and memory of textclean against the number of paragraphs
    python benchmarks/dedupe.py corpus.jsonl.gz --plot dedupe.png # and a picture (needs matplotlib)
    python benchmarks/dedupe.py --text-dedup PATH/bin/python      # text-dedup from an environment of its own

Every tool gets a list of str and says what to drop. The truth is the exact rule over sets of tuples, no hashing: in order, a text goes if a
kept one has Jaccard >= threshold. Recall is 1 - (what the rule would still drop among what a tool keeps) / (what it drops from everything);
precision is the share of the dropped that have a kept text at the threshold. rensa runs as plain R-MinHash; its `rho` path samples some
fifteen tokens of a long text and misses a copy with one word appended, so its speed says nothing about this job.
Each tool runs in a process of its own; CPU is that of the call, memory the peak over the input. text-dedup is a program, not a library: it
reads a file and writes one, with its own parameters (250 values) but for the faster of its hashes; its start is not counted, nor the memory
of its worker. A peer that is not installed is named and left out. Ratios are good within one run only.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import importlib.util
import json
import math
import multiprocessing
import random
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import regex

from textclean import _native

SEEDS = Path(__file__).parent.parent / "seeds"
SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
TOKEN = regex.compile(rf"(?V1)[[{SPACELESS}]&&\p{{L}}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--[[{SPACELESS}]&&\p{{L}}]]+")
Tool = Callable[[list[str], float, int], list[bool]]
Measured = tuple[list[bool], float, float, float]
#: Run by an interpreter that has text-dedup.
TEXT_DEDUP = Path(__file__).with_name("by_text_dedup.py")


def paragraphs(path: Path | None, limit: int) -> list[str]:
    """Lines of ten words or more, in order."""
    lines = sample_lines() if path is None else corpus_lines(path)
    found = []
    for line in lines:
        words = line.split()
        if len(words) >= 10:
            found.append(" ".join(words))
            if len(found) == limit:
                break
    return found


def corpus_lines(path: Path) -> Iterator[str]:
    """The lines of all texts of a file."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", errors="surrogatepass") as file:
        for record in file:
            yield from regex.split(r"[\r\n\x0b\x0c\x85\u2028\u2029]+", json.loads(record)["text"])


def sample_lines() -> Iterator[str]:
    """The sample articles, first as they are, then with words drawn anew: a fifth of the lines repeat earlier ones, some words changed."""
    rng = random.Random(1)
    lines = [
        line for path in sorted(SEEDS.glob("*.txt")) for line in path.read_text(encoding="utf-8").splitlines() if len(line.split()) > 9
    ]
    words = [word for line in lines for word in line.split()]
    yield from lines
    for _ in range(20_000):
        if rng.random() < 0.2:
            yield changed(rng.choice(lines), rng, rng.choice([0, 0, 1, 2, 4]))
        else:
            lines.append(" ".join(rng.choice(words) for _ in range(rng.randrange(12, 80))))
            yield lines[-1]


def changed(text: str, rng: random.Random, count: int) -> str:
    """The text with some words replaced."""
    words = text.split()
    for _ in range(count):
        words[rng.randrange(len(words))] = f"word{rng.randrange(100_000)}"
    return " ".join(words)


class Truth:
    """Shingle sets as sets of integers, one integer a distinct shingle, rare ones first."""

    def __init__(self, texts: list[str], n: int, threshold: float) -> None:
        grams = [shingles(text, n) for text in texts]
        count = collections.Counter(gram for text in grams for gram in text)
        rank = {gram: i for i, gram in enumerate(sorted(count, key=lambda gram: (count[gram], gram)))}
        self.sets = [frozenset(rank[gram] for gram in text) for text in grams]
        self.threshold = threshold
        share = [math.ceil(threshold * len(s) - 1e-9) for s in self.sets]
        self.prefix = [sorted(s)[: len(s) - least + 1] for s, least in zip(self.sets, share, strict=True)]

    def near(self, i: int, index: dict[int, list[int]]) -> bool:
        """Whether a text in the index reaches the threshold with text i."""
        one = self.sets[i]
        for j in {j for gram in self.prefix[i] for j in index.get(gram, ())} - {i}:
            other = self.sets[j]
            if len(one & other) >= self.threshold * len(one | other) - 1e-9:
                return True
        return False

    def drops(self, alive: list[int]) -> int:
        """How many of these texts the exact rule drops."""
        index: dict[int, list[int]] = collections.defaultdict(list)
        seen: set[frozenset[int]] = set()
        count = 0
        for i in alive:
            if self.sets[i] and (self.sets[i] in seen or self.near(i, index)):
                count += 1
            else:
                seen.add(self.sets[i])
                self.add(i, index)
        return count

    def add(self, i: int, index: dict[int, list[int]]) -> None:
        """Puts text i into the index."""
        for gram in self.prefix[i]:
            index[gram].append(i)

    def score(self, dropped: list[bool]) -> tuple[float, float]:
        """Recall and precision of an answer."""
        kept = [i for i, gone in enumerate(dropped) if not gone]
        index: dict[int, list[int]] = collections.defaultdict(list)
        for i in kept:
            self.add(i, index)
        right = [self.near(i, index) for i, gone in enumerate(dropped) if gone]
        total = self.drops(list(range(len(dropped))))
        return 1 - self.drops(kept) / max(total, 1), sum(right) / max(len(right), 1)


def shingles(text: str, n: int) -> set[tuple[str, ...]]:
    """Runs of n tokens."""
    words = TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    return {tuple(words[i : i + n]) for i in range(max(len(words) - n + 1, 1))} if words else set()


def textclean(texts: list[str], threshold: float, n: int) -> list[bool]:
    """All pairs."""
    import textclean

    return textclean.deduplicate(texts, unit="document", threshold=threshold, ngram_size=n, min_words=0).dropped.tolist()


def textclean_bands(texts: list[str], threshold: float, n: int) -> list[bool]:
    """Candidates by bands of 256 values."""
    import textclean

    return textclean.deduplicate(texts, unit="document", threshold=threshold, ngram_size=n, min_words=0, method="minhash").dropped.tolist()


def plain_grams(text: str, n: int) -> list[str]:
    """Shingles as users of the peers make them."""
    words = text.lower().split()
    return [" ".join(words[i : i + n]) for i in range(max(len(words) - n + 1, 1))]


def datasketch(texts: list[str], threshold: float, n: int) -> list[bool]:
    """MinHashLSH with its own parameters, 128 values; added if new."""
    from datasketch import MinHash, MinHashLSH

    lsh, dropped = MinHashLSH(threshold=threshold, num_perm=128), []
    sketches = MinHash.bulk(([gram.encode("utf-8", "replace") for gram in plain_grams(text, n)] for text in texts), num_perm=128)
    for i, sketch in enumerate(sketches):
        dropped.append(bool(lsh.query(sketch)))
        if not dropped[i]:
            lsh.insert(i, sketch)
    return dropped


def rensa(texts: list[str], threshold: float, n: int) -> list[bool]:
    """Plain R-MinHash, 256 values in 32 bands, candidates checked by estimate: its best recall and precision."""
    from rensa import RMinHash, RMinHashLSH

    sketches = RMinHash.from_token_sets([plain_grams(text, n) for text in texts], num_perm=256, seed=42)
    lsh = RMinHashLSH(threshold=threshold, num_perm=256, num_bands=32)
    lsh.insert_many(sketches)
    dropped = [False] * len(texts)
    for i, near in enumerate(lsh.query_all(sketches)):
        dropped[i] = any(j < i and not dropped[j] and sketches[i].jaccard(sketches[j]) >= threshold for j in near)
    return dropped


def text_dedup(python: str, texts: list[str], threshold: float, n: int) -> Measured:
    """The program, run by that interpreter: what `measured` says of the others."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "texts.jsonl")
        lines = (json.dumps({"i": i, "text": text.encode("utf-8", "replace").decode()}) + "\n" for i, text in enumerate(texts))
        path.write_text("".join(lines), encoding="utf-8")
        command = [python, str(TEXT_DEDUP), str(path), folder, str(threshold), str(n)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
        except OSError as error:
            raise ImportError(str(error)) from error
        if done.returncode:
            raise ImportError(done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}")
        kept, *cost = json.loads(Path(folder, "answer").read_text())
    stays = set(kept)
    return [i not in stays for i in range(len(texts))], *cost


def measured(tool: Tool, texts: list[str], threshold: float, n: int) -> Measured:
    """A tool's answer, CPU seconds, wall seconds and MB of peak memory over the input, in a forked child."""
    receive, send = multiprocessing.Pipe(duplex=False)

    def child() -> None:
        before, cpu, start = peak(), time.process_time(), time.perf_counter()
        answer = tool(texts, threshold, n)
        send.send((answer, time.process_time() - cpu, time.perf_counter() - start, peak() - before))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    send.close()
    result = receive.recv()
    process.join()
    return result


def peak() -> float:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform != "darwin" else 1024) / 1024


def compare(texts: list[str], threshold: float, n: int, python: str) -> list[tuple[str, float, float, float, float, float]]:
    """One row a tool: recall, precision, CPU, wall, memory. Ours must be right before anything is printed."""
    truth = Truth(texts, n, threshold)
    for tool in (textclean, textclean_bands):  # so that no row has the time of loading NumPy and SciPy in it
        tool(texts[:100], threshold, n)
    rows = []
    for tool in (textclean, textclean_bands, rensa, datasketch, text_dedup):
        name = tool.__name__.replace("text_dedup", "text-dedup")
        try:
            dropped, cpu, wall, memory = answer(tool, texts, threshold, n, python)
        except (ImportError, EOFError) as error:
            assert tool not in (textclean, textclean_bands), f"{name} failed"
            print(f"{name}: left out ({error or 'it failed'})", file=sys.stderr)
            continue
        recall, precision = truth.score(dropped)
        assert tool is not textclean or (recall, precision) == (1, 1), f"wrong answer: recall {recall}, precision {precision}"
        rows.append((name, recall, precision, cpu, wall, memory))
    return rows


def answer(tool: Callable[..., object], texts: list[str], threshold: float, n: int, python: str) -> Measured:
    """What a tool says and what it took. Raises ImportError if it is not installed, EOFError if it ended without an answer."""
    if tool is text_dedup:
        return text_dedup(python, texts, threshold, n)
    if tool in (rensa, datasketch) and importlib.util.find_spec(tool.__name__) is None:
        raise ImportError(f"not installed: pip install {tool.__name__}")
    return measured(tool, texts, threshold, n)


def curve(texts: list[str], most: int, threshold: float, n: int) -> Iterator[tuple[int, float, float, float]]:
    """Paragraphs, CPU, wall and memory of textclean on ever more paragraphs: the corpus, then it again with every third word replaced."""
    rng = random.Random(2)
    grown = list(texts)
    while len(grown) < most:
        grown.extend(changed(text, rng, len(text) // 18) if rng.random() < 0.9 else text for text in texts[: most - len(grown)])
    sizes = [most]
    while sizes[-1] > 20_000:
        sizes.append(sizes[-1] // 10 if sizes[-1] > 200_000 else sizes[-1] // 2)
    for size in reversed(sizes):
        part = grown[:size]
        _, cpu, wall, memory = measured(textclean, part, threshold, n)
        yield size, cpu, wall, memory


def plot(rows: list[tuple[str, float, float, float, float, float]], path: Path) -> None:
    """Recall against CPU, one point a tool."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    for name, recall, _, cpu, _, _ in rows:
        axes.scatter(cpu, 100 * recall)
        axes.annotate(name, (cpu, 100 * recall))
    axes.set(xscale="log", xlabel="CPU seconds", ylabel="recall, %")
    figure.savefig(path)


def main() -> None:
    """Reads the arguments and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, help=".jsonl[.gz] with a field text; default: made from the sample articles")
    parser.add_argument("--limit", type=int, default=20_000, help="paragraphs to compare on")
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--ngram-size", type=int, default=5)
    parser.add_argument("--curve", type=int, metavar="N", help="grow the corpus to N paragraphs and time textclean alone")
    parser.add_argument(
        "--text-dedup", default=sys.executable, metavar="PYTHON", help="an interpreter that has text-dedup; default: this one"
    )
    parser.add_argument("--plot", type=Path, help="write a picture of recall against CPU")
    args = parser.parse_args()
    if _native.DEBUG:
        sys.exit("This is a debug build: its times say nothing. Build with --release.")
    texts = paragraphs(args.corpus, args.limit)
    megabytes = sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6
    print(f"{len(texts):,} paragraphs, {megabytes:.1f} MB, Jaccard >= {args.threshold}, {args.ngram_size}-grams")
    if args.curve:
        for size, cpu, wall, memory in curve(texts, args.curve, args.threshold, args.ngram_size):
            per_unit = memory * 2**20 / size
            print(f"{size:10,} paragraphs  CPU {cpu:7.2f} s  wall {wall:7.2f} s  {1e6 * cpu / size:6.2f} us and {per_unit:5.0f} B each")
        return
    rows = compare(texts, args.threshold, args.ngram_size, args.text_dedup)
    print(f"{'':16} recall  precision   CPU s  wall s  MB/CPU-s  +MB   CPU of ours")
    for name, recall, precision, cpu, wall, memory in rows:
        ratio = cpu / rows[0][3]
        print(f"{name:16} {recall:6.2%}  {precision:8.2%} {cpu:8.2f} {wall:7.2f} {megabytes / cpu:9.1f} {memory:5.0f} {ratio:8.1f}x")
    if args.plot:
        plot(rows, args.plot)


if __name__ == "__main__":
    main()
