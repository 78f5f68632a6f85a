"""How much of a page's main text is found, how little else, and in what time, beside extractors that read HTML? Checked, then timed.

    python benchmarks/extract.py wcxb/test                          # a share of WCXB: ground-truth/ID.json, html/ID.html.gz
    python benchmarks/extract.py article-extraction-benchmark       # AEB: ground-truth.json, html/ID.html.gz
    python benchmarks/extract.py pages.jsonl.gz                     # pages of your own: {"id", "html", "body"}, and "type" if you like
    python benchmarks/extract.py pages.jsonl --truth bodies.jsonl   # the same with {"id", "body"} in a file of its own
    python benchmarks/extract.py wcxb/test --config clean --config page=page=page --config bare=line_model=false,keep_kinds=byline+caption
    python benchmarks/extract.py wcxb/test --only html2text trafilatura --plot extract.png  # some rows, and a picture (needs matplotlib)

textclean reads text, so it cleans what others make of a page: all its text (html2text, inscriptis, BeautifulSoup, boilerpy3's
KeepEverything), an extract (trafilatura, boilerpy3's default) and, for comparison, the HTML itself, of which it takes no more than the
tags, scripts and styles. A row `html2text > clean` is a setting of textclean after one of them; `--config` names settings, by the options
of `textclean.Config`. extract_tools.py says how the others are called, extract_pages.py how pages are read and words are counted.

All texts are scored by the measure of the set: words for WCXB and for pages of your own, 4-grams for AEB, or what `--measure` says. A
tool that raises, or takes longer than `--seconds` (a call into C is not broken off), fails on that page: its answer is empty, and failures
are counted and told. Milliseconds are of processor time a page, each tool alone over all pages; `in all` is with what made the text. A tool
that is not installed is named and left out. Ratios are good within one run only.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import fmean, median
from typing import Any

import textclean
from extract_pages import GRAMS, WORD, WORDS, Measure, Page, pages_of
from extract_tools import TOOLS, Text, installed, versions
from textclean import Config, _native
from textclean.config import resolve
from textclean.errors import ConfigError

#: So many pages come once more, before the first, so that no time has the loading of libraries and rules in it.
WARM = 10


class TooSlowError(BaseException):
    """A page took too long. Not an Exception: tools catch these and go on."""


@dataclass
class Run:
    """What a tool, or a setting of textclean after it, made of each page (None: it failed), seconds, those of the tool, and failures."""

    tool: str
    setting: str = ""
    texts: list[str | None] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    before: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def over(self, call: Text, pages: list[Page], texts: Iterable[str | None], limit: float, runs: int) -> Run:
        """Goes over the pages, and returns itself. A text that is not there is passed over: what should have made it has failed."""
        for page, text in zip(pages, texts, strict=False):
            if text is None:
                self.texts.append(None)
                self.seconds.append(0.0)
            else:
                self.add(page, call, text, limit, runs)
        return self

    def add(self, page: Page, call: Text, text: str, limit: float, runs: int) -> None:
        """Adds a page, with the shortest time of some runs."""
        answer: str | None = None
        times: list[float] = []
        try:
            for _ in range(runs):
                answer = within(limit, call, text, times)
        except (Exception, TooSlowError) as error:
            answer = None
            self.failures.append(" ".join(f"{page.id}: {type(error).__name__} {error}".split())[:120])
        self.texts.append(answer)
        self.seconds.append(min(times))


def within(limit: float, call: Text, text: str, times: list[float]) -> str:
    """What a call gives; its processor seconds are added to the times, whatever happens. Raises TooSlowError, and what the call raises."""

    def stop(*_: object) -> None:
        raise TooSlowError(f"over {limit:g} s")

    signal.signal(signal.SIGALRM, stop)
    start = time.process_time()
    try:
        # Again each second, should the tool catch all there is to catch.
        signal.setitimer(signal.ITIMER_REAL, limit, 1)
        return call(text)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        times.append(time.process_time() - start)


def extracted(name: str, tool: Text, pages: list[Page], limit: float, runs: int) -> Run:
    """A tool on all pages."""
    Run(name).over(tool, pages[:WARM], map(Page.html, pages), limit, 1)
    gc.collect()
    return Run(name).over(tool, pages, map(Page.html, pages), limit, runs)


def cleaned(name: str, config: Config, source: Run, pages: list[Page], limit: float, runs: int) -> Run:
    """A setting of textclean on what a tool made of all pages; where that failed, this fails with it."""

    def clean(text: str) -> str:
        return textclean.clean(text, config)

    Run(name).over(clean, pages[:WARM], source.texts, limit, 1)
    gc.collect()
    run = Run(source.tool, name, before=source.seconds, failures=list(source.failures))
    return run.over(clean, pages, source.texts, limit, runs)


def check(pages: list[Page], measure: Measure, configs: dict[str, Config]) -> None:
    """The measure, and that textclean changes nothing of what it made of the first bodies, through each entrance."""
    bodies = [page.body for page in pages if WORD.search(page.body)]
    assert bodies, "no page has a text that is to be found"
    truths = [measure.counts(body) for body in bodies]
    assert measure.total([measure.score(truth, truth) for truth in truths]) == (1, 1, 1), "the truth is right"
    assert measure.total([measure.score(Counter(), truth) for truth in truths]) == (0, 0, 0), "and nothing is not"
    for name, config in configs.items():
        for body in bodies[:100]:
            text = textclean.clean(body, config)
            assert text == textclean.clean(text, config) == next(textclean.clean_many([text], config, workers=1)).text, (
                f"{name}: idempotent"
            )
    print(f"checked {len(bodies):,} bodies of {len(pages):,} pages")


@dataclass(frozen=True)
class Row:
    """A line of the table: precision, recall and F1, F1 by kind, milliseconds alone and in all (median and mean), and failures."""

    tool: str
    setting: str
    total: tuple[float, float, float]
    by_kind: list[float]
    alone: tuple[float, float]
    in_all: tuple[float, float]
    failed: int

    def show(self, kinds: list[str]) -> None:
        """Prints it."""
        figures = "".join(f"{100 * figure:7.1f}" for figure in self.total)
        by_kind = "".join(f"{100 * figure:{width(kind)}.1f}" for figure, kind in zip(self.by_kind, kinds, strict=True))
        times = "".join(f"{figure:10.2f}" for figure in (*self.alone, *self.in_all))
        print(f"{' > '.join(filter(None, (self.tool, self.setting))):40}{figures}{by_kind}{times}{self.failed:8}", flush=True)


def row(run: Run, pages: list[Page], truths: list[Counter[Any]], measure: Measure, kinds: list[str]) -> Row:
    """What came out of a run."""
    scores = [measure.score(measure.counts(text or ""), truth) for text, truth in zip(run.texts, truths, strict=True)]
    of_kind = ([score for score, page in zip(scores, pages, strict=True) if page.kind == kind] for kind in kinds)
    in_all = [sum(each) for each in zip(run.seconds, run.before or [0.0] * len(pages), strict=True)]
    alone, together = ((1000 * median(seconds), 1000 * fmean(seconds)) for seconds in (run.seconds, in_all))
    return Row(
        run.tool, run.setting, measure.total(scores), [measure.total(some)[2] for some in of_kind], alone, together, len(run.failures)
    )


def compare(pages: list[Page], measure: Measure, configs: dict[str, Config], tools: dict[str, Text], args: argparse.Namespace) -> list[Row]:
    """Runs all and prints the table, a line as soon as it is there."""
    truths, kinds, rows = [measure.counts(page.body) for page in pages], kinds_of(pages), []
    heading(pages, measure, kinds)
    for name, tool in tools.items():
        source = extracted(name, tool, pages, args.seconds, args.runs)
        runs = [source] if TOOLS[name].scored else []
        if TOOLS[name].cleaned:
            runs += [cleaned(setting, config, source, pages, args.seconds, args.runs) for setting, config in configs.items()]
        for run in runs:
            rows.append(row(run, pages, truths, measure, kinds))
            rows[-1].show(kinds)
        for failure in dict.fromkeys(failure for run in runs for failure in run.failures[:3]):
            print(f"{name}: failed on {failure}", file=sys.stderr)
    return rows


def kinds_of(pages: list[Page]) -> list[str]:
    """The kinds of page, frequent ones first."""
    return [kind for kind, _ in Counter(page.kind for page in pages).most_common() if kind]


def heading(pages: list[Page], measure: Measure, kinds: list[str]) -> None:
    """Prints what stands over the table."""
    many = Counter(page.kind for page in pages)
    counts = "".join(f"{many[kind]:{width(kind)},}" for kind in kinds)
    names = "".join(f"{kind:>{width(kind)}}" for kind in kinds)
    print(f"{f'{len(pages):,} pages, by {measure.name}':40}{'':21}{counts}{'ms a page':>20}{'in all':>20}")
    times = 2 * f"{'median':>10}{'mean':>10}"
    print(f"{'':40}{'precis':>7}{'recall':>7}{'F1':>7}{names}{times}{'failed':>8}")


def width(kind: str) -> int:
    """That of the column of a kind of page."""
    return max(len(kind), 5) + 2


def plot(rows: list[Row], path: Path) -> None:
    """F1 against milliseconds, one point a row; rings are tools without textclean."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 6))
    for setting in dict.fromkeys(each.setting for each in rows):
        of_it = [each for each in rows if each.setting == setting]
        at = [(each.in_all[0], 100 * each.total[2]) for each in of_it]
        face = {} if setting else {"facecolors": "none", "edgecolors": "black"}
        axes.scatter(*zip(*at, strict=True), label=f"textclean, {setting}" if setting else "without textclean", **face)
        for each, point in zip(of_it, at, strict=True):
            axes.annotate(each.tool, point, xytext=(4, 3), textcoords="offset points", fontsize=7)
    axes.set(xscale="log", xlabel="milliseconds a page, median, with what makes the text", ylabel="F1, %")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def setting(argument: str) -> tuple[str, Config]:
    """A setting of textclean: NAME, or NAME=OPTION=VALUE,OPTION=VALUE."""
    name, _, options = argument.partition("=")
    several = {each.name for each in fields(Config) if isinstance(each.default, (frozenset, tuple))} | {"languages"}
    values: dict[str, Any] = {}
    for option in filter(None, options.split(",")):
        key, _, value = option.partition("=")
        values[key] = value.split("+") if key in several else plain(value)
    try:
        return name, resolve(None, values)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def plain(value: str) -> Any:
    """A number, true or false, or else the word itself."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def main() -> None:
    """Reads the arguments, checks, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, help="a folder of WCXB or AEB, or .jsonl[.gz]")
    parser.add_argument("--truth", type=Path, help=".jsonl[.gz] with the bodies of pages in a .jsonl[.gz]")
    parser.add_argument("--config", type=setting, action="append", metavar="NAME[=OPTION=VALUE,…]", help="default: clean; sets as a+b")
    parser.add_argument("--only", nargs="+", choices=TOOLS, metavar="TOOL", help=f"of {', '.join(TOOLS)}")
    parser.add_argument("--measure", choices=("words", "4-grams"), help="default: that of the set; words for pages of your own")
    parser.add_argument("--language", default="English", help="jusText's stoplist (default: English)")
    parser.add_argument("--limit", type=int, help="so many pages, evenly spaced (default: all)")
    parser.add_argument("--runs", type=int, default=1, help="times of which the shortest counts (default: 1)")
    parser.add_argument("--seconds", type=float, default=30, help="what a tool may take for a page (default: 30)")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw F1 against milliseconds (needs matplotlib)")
    args = parser.parse_args()
    if _native.DEBUG:
        sys.exit("This is a debug build: its times say nothing. Build with --release.")
    # Parsers tell of pages that look odd to them, and textclean of the row that is there to be odd.
    warnings.simplefilter("ignore")
    logging.disable()
    pages, measure = pages_of(args.pages, args.truth)
    if args.limit:
        pages = pages[:: max(1, len(pages) // args.limit)][: args.limit]
    measure = {"words": WORDS, "4-grams": GRAMS}.get(args.measure, measure)
    configs = dict(args.config or [setting("clean")])
    tools = installed(args.only or list(TOOLS), args.language)
    print(versions(list(tools)))
    check(pages, measure, configs)
    rows = compare(pages, measure, configs, tools, args)
    if args.plot:
        plot(rows, args.plot)


if __name__ == "__main__":
    main()
