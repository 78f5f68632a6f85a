"""How fast is cleaning, beside ftfy and beside a plain loop? The answer is checked first, then timed; all in one run.

    python benchmarks/clean.py                        # the two sample articles, repeated
    python benchmarks/clean.py corpus.jsonl.gz        # any .jsonl[.gz] with a field "text", or .txt files
    python benchmarks/clean.py corpus.jsonl.gz --hostile   # and texts made to be slow

Rows: `ftfy.fix_text`; a plain Python loop that drops repeated lines (white space and case folded) and does nothing else; `normalize`; `clean`;
`explain`; `clean_many` with one worker and with two. Columns: MB of UTF-8 a second (best of the runs), and the ratio to ftfy in the same run.
Times of single runs drift with the machine; ratios of one run do not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import ftfy

import textclean
from textclean import _native

SEEDS = Path(__file__).parent.parent / "seeds"


def texts_of(paths: list[Path], megabytes: float) -> list[str]:
    """Texts from the files, up to about so many MB."""
    texts, size = [], 0.0
    for path in paths or sorted(SEEDS.glob("*.txt")):
        for text in records(path):
            texts.append(text)
            size += len(text) / 1e6
            if size >= megabytes:
                return texts
    # A short corpus is repeated, so that a run is long enough to be timed.
    return texts * max(1, int(min(megabytes, 2) / size)) if texts else texts


def records(path: Path) -> Iterable[str]:
    """The texts in one file."""
    if path.suffix == ".txt":
        yield path.read_text(encoding="utf-8")
        return
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", errors="surrogatepass") as file:
        for line in file:
            yield json.loads(line)["text"]


def drop_repeated_lines(text: str) -> str:
    """The plain loop: what a script does that only wants repeated lines gone."""
    seen, out = set(), []
    for line in text.splitlines():
        key = " ".join(line.split()).casefold()
        if key and key in seen:
            continue
        seen.add(key)
        out.append(line)
    return "\n".join(out)


def check(texts: list[str]) -> None:
    """The contracts, on the texts that are about to be timed."""
    for text in texts[:500]:
        result = textclean.explain(text)
        rest, at = [], 0
        for removal in result.removals:
            assert at <= removal.start < removal.end <= len(text), "spans are sorted, disjoint and in the text"
            rest.append(text[at : removal.start])
            at = removal.end
        rest.append(text[at:])
        assert textclean.normalize("".join(rest)) == result.text, "the text without its spans, normalized, is the result"
        assert textclean.clean(result.text) == result.text == textclean.clean(text), "idempotent, and the same through each entrance"
    many = [str(cleaned) for cleaned in textclean.clean_many(texts[:500], workers=2)]
    assert many == [textclean.clean(text) for text in texts[:500]], "the same in threads"
    print(f"checked {min(len(texts), 500):,} texts")


def best(run: Callable[[], object], runs: int) -> float:
    """The shortest wall time of some runs, in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def compare(texts: list[str], runs: int) -> None:
    """The table."""
    size = megabytes(texts)
    few = texts[: max(1, len(texts) // 10)]

    def each(function: Callable[[str], object], over: list[str]) -> Callable[[], object]:
        return lambda: [function(text) for text in over]

    def many(workers: int) -> Callable[[], object]:
        return lambda: sum(1 for _ in textclean.clean_many(texts, workers=workers))

    rows = [
        ("ftfy.fix_text", each(ftfy.fix_text, few), megabytes(few)),
        ("drop repeated lines", each(drop_repeated_lines, texts), size),
        ("textclean.normalize", each(textclean.normalize, texts), size),
        ("textclean.clean", each(textclean.clean, texts), size),
        ("textclean.explain", each(textclean.explain, texts), size),
        ("clean_many, 1 worker", many(1), size),
        ("clean_many, 2 workers", many(2), size),
    ]
    print(f"\n{len(texts):,} texts, {size:.1f} MB, best of {runs}\n{'':24s}{'MB/s':>9s}{'x ftfy':>9s}{'us/text':>9s}")
    base = None
    for name, run, mb in rows:
        seconds = best(run, runs)
        speed = mb / seconds
        base = base or speed
        print(f"{name:24s}{speed:9.1f}{speed / base:9.1f}{seconds / mb * size / len(texts) * 1e6:9.1f}")


def megabytes(texts: list[str]) -> float:
    """Bytes of UTF-8, in millions."""
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6


#: Texts made to be slow, each about so many MB: what a run of `clean` takes a MB, and what memory beside the text.
HOSTILE = {
    "one line of words": "'word ' * (n // 5)",
    "one-character lines": "'a\\n' * (n // 2)",
    "one long word": "'a' * n",
    "blank lines": "'\\n' * n",
    "escaped ampersands": "'&' + 'amp;' * (n // 4)",
    "open tags": "'<' * n",
    "comment headers": "'Leave a Reply\\n' * (n // 14)",
}


def hostile(size: float) -> None:
    """Time and memory on texts made to be slow, each in a process of its own."""
    print(f"\ntexts made to be slow, {size:g} MB each\n{'':24s}{'MB/s':>9s}{'peak / text':>13s}")
    for name, expression in HOSTILE.items():
        code = f"from benchmarks.clean import one; one({expression!r}, {int(size * 1e6)})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=SEEDS.parent, check=True)
        speed, memory = done.stdout.split()
        print(f"{name:24s}{float(speed):9.1f}{float(memory):13.1f}")


def one(expression: str, n: int) -> None:
    """Cleans one text made by `expression`; prints MB/s and peak memory over the bare interpreter, in units of the text."""
    textclean.clean("warm up")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    text = eval(expression, {"n": n})
    start = time.perf_counter()
    textclean.clean(text)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(len(text) / 1e6 / seconds, peak * 1024 / len(text))


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, help="corpora; none: the sample articles")
    parser.add_argument("--megabytes", type=float, default=20, help="how much of the corpora (default 20)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--hostile", type=float, nargs="?", const=100, metavar="MB", help="texts made to be slow, too (default 100 MB each)")
    args = parser.parse_args()
    if _native.DEBUG:
        sys.exit("this is a debug build of textclean: its speed says nothing; build with --release")
    texts = texts_of(args.paths, args.megabytes)
    check(texts)
    compare(texts, args.runs)
    if args.hostile:
        hostile(args.hostile)


if __name__ == "__main__":
    main()
