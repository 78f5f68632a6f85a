"""How good cleaning is with models that have not seen the site: precision, recall, F1 before and after.

    python training/score.py --texts … --bodies … --segments … FOLDER            # models of the folds, as train.py --folds leaves them
    python training/score.py --texts … --bodies … --segments … --by lang FOLDER  # whole pages, by what their records say

Where bodies are known: means over pages of precision and recall of the multisets of word 4-grams. Else: the share of the told segments that
are kept, and the F1 of keeping what belongs and losing what doesn't.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import data
from textclean.cleaning import pipeline
from textclean.cleaning.plan import Plan, plan
from textclean.config import EFFORTS, Config
from textclean.model import reader


def grams(text: str) -> Counter:
    """The multiset of 4-grams of words."""
    words = re.findall(r"\w+", text)
    return Counter(zip(*(words[i:] for i in range(4)), strict=False)) if len(words) >= 4 else Counter([tuple(words)])


def by_bodies(truth: dict[str, Counter], texts: list[tuple[str, str]]) -> tuple[float, float, float]:
    """Precision, recall, F1 in percent."""
    precision, recall = [], []
    for name, text in texts:
        found = grams(text) if text.strip() else Counter()
        both = sum((truth[name] & found).values())
        if found:
            precision.append(both / sum(found.values()))
        recall.append(both / sum(truth[name].values()))
    p, r = 100 * sum(precision) / max(len(precision), 1), 100 * sum(recall) / len(recall)
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def fold_marks(text: str) -> str:
    """The text with quotes, dashes and white space of one kind."""
    text = re.sub("[’‘‚]", "'", re.sub("[“”„«»]", '"', re.sub("[–—‑−]", "-", text)))
    return " ".join(unicodedata.normalize("NFKC", re.sub("[\u00ad\u200b-\u200d\ufeff\u2060]", "", text)).split())


def by_segments(truth: dict[str, tuple[list[str], list[str]]], texts: list[tuple[str, str]]) -> tuple[float, float, float]:
    """Share of what belongs that is kept, share of what doesn't that is gone, F1, in percent."""
    kept = left = belongs = strange = 0
    for name, text in texts:
        text = fold_marks(text)
        inside, outside = truth[name]
        kept, belongs = kept + sum(s in text for s in inside), belongs + len(inside)
        left, strange = left + sum(s in text for s in outside), strange + len(outside)
    return 100 * kept / belongs, 100 - 100 * left / max(strange, 1), 200 * kept / (kept + left + belongs)


def table(texts: Iterable[Path], bodies: Iterable[Path], segments: Iterable[Path], models: list[dict], **options: object) -> str:
    """A Markdown table: a row an extractor and kind of truth."""
    plans = [replace(plan(Config(line_model=False, **options)), model=reader.ready(model)) for model in models]
    known = {record["id"]: grams(record["body"]) for record in data.read_all(bodies)}
    told = {r["id"]: tuple([fold_marks(s) for s in r[key]] for key in ("with", "without")) for r in data.read_all(segments)}
    before, after = defaultdict(list), defaultdict(list)
    seen = {}
    for record in data.read_all(texts):
        if record["id"] in known and record["id"] not in seen:
            seen[record["id"]] = record["site"]
        clean(record, plans, before, after)
    for record in data.read_all(bodies):
        clean({"id": record["id"], "site": seen[record["id"]], "extractor": data.BODY, "text": record["body"]}, plans, before, after)
    lines = ["| output of | truth | before | after | F1 | recall lost |", "|---|---|--:|--:|--:|--:|"]
    for names, truth, measure in ((known, "bodies", by_bodies), (told, "segments", by_segments)):
        for extractor in sorted(before, key=lambda name: (name != data.BODY, name in data.WHOLE, name)):
            old, new = ([pair for pair in side[extractor] if pair[0] in names] for side in (before, after))
            if old:
                a, b = measure(names, old), measure(names, new)
                loss = a[1] - b[1] if truth == "bodies" else a[0] - b[0]
                lines.append(f"| {extractor} | {truth} | {a[2]:.1f} | {b[2]:.1f} | {b[2] - a[2]:+.2f} | {loss:.2f} |")
    return "\n".join(lines) + "\n"


def by(key: str, texts: Iterable[Path], bodies: Iterable[Path], models: list[dict], **options: object) -> str:
    """A Markdown table: whole pages with a body, by what their records say under a key; means over pages of the F1 of each."""
    plans = [replace(plan(Config(line_model=False, **options)), model=reader.ready(model)) for model in models]
    known = {record["id"]: grams(record["body"]) for record in data.read_all(bodies) if record["body"].strip()}
    before, after = defaultdict(list), defaultdict(list)
    for record in data.read_all(texts):
        if record["extractor"] in data.WHOLE and record["id"] in known and (group := record.get(key)):
            clean(record | {"extractor": group}, plans, before, after)
    lines = [f"| {key} | texts | before | after | recall lost |", "|---|--:|--:|--:|--:|"]
    for group in sorted(before, key=lambda name: -len(before[name])):
        old, new = ([by_bodies(known, [pair]) for pair in side[group]] for side in (before, after))
        (_, recall, first), (_, left, last) = ([sum(column) / len(old) for column in zip(*side, strict=True)] for side in (old, new))
        lines.append(f"| {group} | {len(old)} | {first:.1f} | {last:.1f} | {recall - left:.2f} |")
    return "\n".join(lines) + "\n"


def clean(record: dict, plans: list[Plan], before: dict, after: dict) -> None:
    """One text, by the model that has not seen its site."""
    unseen = plans[data.fold_of(record["site"], len(plans))]
    before[record["extractor"]].append((record["id"], record["text"]))
    after[record["extractor"]].append((record["id"], pipeline.run([record["text"]], unseen).batch.texts()[0]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("texts", "bodies", "segments"):
        parser.add_argument(f"--{name}", type=Path, nargs="+", required=True)
    parser.add_argument("--effort", default="careful", choices=EFFORTS)
    parser.add_argument("--page", default="auto")
    parser.add_argument("--by", metavar="KEY", help="whole pages, by what their records have there: kind, lang")
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    folds = [json.loads(path.read_text()) for path in sorted(args.folder.glob("*.json"))]
    options = {"effort": args.effort, "page": args.page}
    if args.by:
        print(by(args.by, args.texts, args.bodies, folds, **options))
    else:
        print(table(args.texts, args.bodies, args.segments, folds, **options))
