"""What does a site repeat, at what cost is it learned and applied, and in how much memory? Checked first, then timed; all in one run.

    python benchmarks/templates.py corpus.jsonl.gz --source host             # any .jsonl[.gz] with a field "text" and one for the site
    python benchmarks/templates.py corpus.jsonl.gz --source url --show 20    # and the five most frequent templates of 20 sites
    python benchmarks/templates.py corpus.jsonl.gz --source url --sample 200 # and 200 random lines that templates alone remove
    python benchmarks/templates.py --memory 200000                           # peak memory for one site, and for many, of so many pages

Without a corpus, pages are made of random words. Speed is MB of UTF-8 for each second of processor time, best of the runs, one thread;
"added" is what templates add to the time of cleaning, rules and all. The loop beside it counts the lines of each site in Python, and masks
digits: what a script does that takes a line on five pages for a template, wherever it stands and whoever wrote it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import textclean
from textclean import Templates, _native, learn_templates

Doc = dict[str, str]
TIP = "Do write to the night desk of this paper if you saw it."


def made_up(sites: int, pages: int, lines: int = 12) -> Iterator[Doc]:
    """Pages of random words, each with a tip line at its end; sites take turns."""
    rng = random.Random(7)
    words = ["".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 9))) for _ in range(20_000)]
    for i in range(pages):
        text = "\n\n".join(" ".join(rng.choices(words, k=14)) + "." for _ in range(lines))
        yield {"text": f"{text}\n\n{TIP}", "site": f"{i % sites}.example"}


def records(path: Path, source: str) -> Iterator[Doc]:
    """The documents of a file."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", errors="surrogatepass") as file:
        for line in file:
            record = json.loads(line)
            yield {"text": record["text"], "site": record[source]}


def wire(text: str, count: int = 40) -> list[Doc]:
    """Copies of one text under other headlines, cut short and edited."""
    rng = random.Random(3)
    docs = []
    for i in range(count):
        lines = [line for line in text.splitlines() if line.strip()]
        lines = lines[: rng.randint(1, len(lines))]
        edited = [" ".join(w if rng.random() > 0.03 else rng.choice(text.split()) for w in line.split()) for line in lines]
        docs.append({"text": "\n\n".join([f"Headline of copy {i}", *edited]), "site": "wire.example"})
    return docs


def check(docs: list[Doc], templates: Templates) -> None:
    """What must hold, on the documents that are about to be timed."""
    for doc in docs[:1000]:
        result = textclean.explain(doc["text"], site=doc["site"], templates=templates)
        assert textclean.clean(result.text, site=doc["site"], templates=templates) == result.text, "idempotent"
        for removal in result.removals:
            assert result.source[removal.start : removal.end] == removal.text, "removals say where they stood"
    for doc in docs[:20]:
        found = learn_templates(wire(doc["text"]), source="site").entries("wire.example")
        assert not found, f"copies of one story teach {found[0].samples[0]!r}"
    stories = [{"text": f"{doc['text']}\n\n{TIP}", "site": "tip.example"} for doc in docs[:: max(1, len(docs) // 5)][:5]]
    assert any(TIP in entry.samples for entry in learn_templates(stories, source="site").entries("tip.example")), (
        "five stories teach a tip line"
    )
    print(f"checked {min(len(docs), 1000):,} documents")


def plain_loop(docs: list[Doc]) -> dict[str, list[str]]:
    """Lines on five pages of a site, digits masked."""
    counts: dict[str, Counter[str]] = {}
    for doc in docs:
        lines = {re.sub(r"\d+", "0", line.strip().casefold()) for line in doc["text"].splitlines()}
        counts.setdefault(doc["site"], Counter()).update(lines)
    return {site: [line for line, count in counter.items() if count >= 5] for site, counter in counts.items()}


def best(rows: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """The shortest processor time of each, in seconds; they take turns, as the machine's mood changes."""
    took = dict.fromkeys(rows, float("inf"))
    for _ in range(runs):
        for name, run in rows.items():
            start = time.process_time()
            run()
            took[name] = min(took[name], time.process_time() - start)
    return took


def compare(docs: list[Doc], templates: Templates, runs: int) -> None:
    """The table."""
    size = sum(len(doc["text"].encode("utf-8", "surrogatepass")) for doc in docs) / 1e6
    texts, sites = [doc["text"] for doc in docs], [doc["site"] for doc in docs]
    rows = {
        "plain loop": lambda: plain_loop(docs),
        "learn_templates": lambda: learn_templates(docs, source="site"),
        "clean": lambda: sum(1 for _ in textclean.clean_many(texts, workers=1)),
        "clean, with templates": lambda: sum(1 for _ in textclean.clean_many(texts, workers=1, site=sites, templates=templates)),
    }
    took = best(rows, runs)
    print(f"\n{len(docs):,} documents of {len(set(sites)):,} sites, {size:.1f} MB, best of {runs}")
    for name, seconds in took.items():
        print(f"{name:24s}{size / seconds:9.1f} MB/s")
    print(f"{'added by templates':24s}{took['clean, with templates'] / took['clean'] - 1:9.1%}")


def show(templates: Templates, sites: int) -> None:
    """The most frequent templates of the sites that have most pages and any."""
    names = sorted((name for name in templates.sites if templates.entries(name)), key=lambda name: -templates.sites[name].documents)
    for name in names[:sites]:
        print(f"\n{name}, {templates.sites[name].documents:,} documents")
        for entry in templates.entries(name)[:5]:
            print(f"{entry.documents:6,} {entry.share:5.0%} {entry.place:7s} {entry.samples[0][:100]}")


def sample(docs: list[Doc], templates: Templates, count: int) -> None:
    """Random lines that templates remove, rules set aside, to be read."""
    found: list[str] = []
    for doc in docs:
        result = textclean.explain(doc["text"], site=doc["site"], templates=templates, drop_kinds={"template"}, repeats=False, languages=())
        found.extend(f"{doc['site']}\t{removal.text}" for removal in result.removals)
    print(f"\n{len(found):,} lines go")
    for line in random.Random(1).sample(found, min(count, len(found))):
        print(line[:160])


def memory(pages: int) -> None:
    """Peak memory of learning, over the bare interpreter, each in a process of its own."""
    print(f"\n{pages:,} pages of 13 lines\n{'sites':>9s}{'memory_mb':>12s}{'MB':>8s}{'templates':>11s}")
    for sites, most in ((1, 512), (1, 16), (pages // 10, 512), (pages // 10, pages / 2000)):
        code = f"from benchmarks.templates import peak; peak({sites}, {pages}, {most})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent.parent, check=True)
        used, known = done.stdout.split()
        print(f"{sites:9,}{most:12,.0f}{float(used):8.0f}{int(known):11,}")


def peak(sites: int, pages: int, most: float) -> None:
    """Learns from made-up pages; prints the peak memory in MB over that before, and how many sites have the tip line."""
    learn_templates(made_up(1, 5), source="site")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    templates = learn_templates(made_up(sites, pages), source="site", memory_mb=most)
    used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(used, sum(bool(templates.entries(name)) for name in templates.sites))


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, help="none: pages of random words")
    parser.add_argument("--source", default="source", help="the field that names the site")
    parser.add_argument("--limit", type=int, default=20_000, help="documents (default %(default)s)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--show", type=int, default=0, metavar="SITES")
    parser.add_argument("--sample", type=int, default=0, metavar="LINES")
    parser.add_argument("--memory", type=int, default=0, metavar="PAGES", help="measure this and nothing else")
    args = parser.parse_args()
    if _native.DEBUG:
        sys.exit("this is a debug build of textclean: its speed says nothing; build with --release")
    if args.memory:
        memory(args.memory)
        return
    docs = [doc for _, doc in zip(range(args.limit), records(args.corpus, args.source) if args.corpus else made_up(20, 2000), strict=False)]
    templates = learn_templates(docs, source="site")
    check(docs, templates)
    compare(docs, templates, args.runs)
    if args.show:
        show(templates, args.show)
    if args.sample:
        sample(docs, templates, args.sample)


if __name__ == "__main__":
    main()
