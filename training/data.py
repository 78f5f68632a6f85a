"""Labelled lines: what the line model is taught from.

Three kinds of file, of each as many as there are sets, each JSON lines, packed with gzip, xz or not:

    texts      ``{"id", "source", "extractor", "site", "text"}``: pages as several extractors saw them, whole pages among them; ``lang`` and
               ``kind``, where they are there, are for figures alone
    bodies     ``{"id", "body"}``: the article of some of the pages, by hand
    segments   ``{"id", "with", "without"}``: for the other pages, stretches that belong to the article and stretches that don't

A line's label is the share of its tokens that lie in a 4-gram of the article. Where no body is known, the article is what the extractors
that read HTML agree on, each with a weight, and the segments overrule them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from textclean import _native
from textclean.cleaning import rules as boilerplate
from textclean.cleaning.plan import Plan, Run, plan
from textclean.cleaning.repair import repair
from textclean.cleaning.split import split
from textclean.config import Config
from textclean.document import Kind
from textclean.model import reader

NGRAM = 4
#: Extractors whose agreement stands for a body, with the weight of each: about as they rank in published comparisons.
VOTES = {
    "trafilatura": 2.0,
    "readability": 2.0,
    "newspaper4k": 1.5,
    "trafilatura_recall": 1.0,
    "goose3": 1.0,
    "justext": 1.0,
    "boilerpy3_article": 0.7,
}
#: Outputs that are the text of the whole page.
WHOLE = frozenset({"inscriptis", "html2text", "bs4", "boilerpy3_everything"})
#: The article itself, as if an extractor had found exactly that.
BODY = "articles"

#: The kinds of line, in the order in which the model counts them, and the groups of kinds that features count. Its file names both.
KINDS = list(map(str, Kind))
KIND_GROUPS = {"comments": ["comment-form", "comments"], "related": ["related"], "legal": ["legal", "cookie"]}

Floats = NDArray[np.float32]


@dataclass
class Document:
    """One text with a label for each of its units.

    Attributes:
        batch: the text after repair and rules.
        labels: float, (units,): share of a unit's tokens that belong to the article; NaN where nobody knows.
        weights: float, (units,).
        open: bool, (units,): whether no rule has taken the unit.
        caseless: whether it is to be seen as in a script without case.
        says: float, (units,): what the words of each unit say, by weights that come from other sites.
    """

    site: str
    source: str
    extractor: str
    batch: _native.Batch
    labels: Floats
    weights: Floats
    open: NDArray[np.bool_]
    caseless: bool = False
    says: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    def fold(self, folds: int) -> int:
        """The fold of the document's site."""
        return fold_of(self.site, folds)

    def features(self, odds: Floats | None = None) -> tuple[Floats, list[float]]:
        """Features of the units, (units, width), and of the page; with the answers to the first question, if it was asked."""
        answers = None if odds is None else odds.tolist()
        rows, page = self.batch.features(0, self.says.tolist(), answers, self.caseless, reader.coded(KINDS, KIND_GROUPS))
        width = len(_native.feature_names()[0])
        return np.frombuffer(rows, "<f4").reshape(-1, width), page


def fold_of(site: str, folds: int) -> int:
    """The fold of a site: pages of one site are never on both sides."""
    return int(hashlib.sha256(site.encode()).hexdigest(), 16) % folds


def read(path: Path) -> Iterator[dict]:
    """The records of a file of JSON lines."""
    unpack = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
    with unpack(path, "rt", encoding="utf8") as file:
        yield from map(json.loads, file)


def read_all(paths: Iterable[Path]) -> Iterator[dict]:
    """The records of all files, one after the other."""
    return chain.from_iterable(map(read, paths))


def grams(tokens: list[str]) -> set[tuple[str, ...]]:
    """The runs of four tokens."""
    return set(zip(*(tokens[i:] for i in range(NGRAM)), strict=False))


def documents(texts: Iterable[Path], bodies: Iterable[Path], segments: Iterable[Path]) -> Iterator[Document]:
    """All texts, labelled; and copies: without what rules take, and in caseless script, so that the model has seen both."""
    known = {record["id"]: record["body"] for record in read_all(bodies) if record["body"].strip()}
    told = {record["id"]: record for record in read_all(segments)}
    pages: dict[tuple[str, str], dict[str, dict]] = defaultdict(dict)
    for record in read_all(texts):
        pages[record["source"], record["id"]][record["extractor"]] = record
    ready = plan(Config(line_model=False))
    for (_, name), outputs in pages.items():
        if name in known:
            some = next(iter(outputs.values()))
            outputs[BODY] = some | {"extractor": BODY, "text": known[name]}
            votes = dict.fromkeys(grams(_native.tokens(known[name])), 1.0)
        else:
            votes = agreement(outputs)
        for number, record in enumerate(outputs.values()):
            yield from variants(record, votes, told.get(name), ready, number)


def agreement(outputs: dict[str, dict]) -> dict[tuple[str, ...], float]:
    """Each 4-gram with the share of the votes it has."""
    voters = {name: weight for name, weight in VOTES.items() if name in outputs and outputs[name]["text"].strip()}
    votes: dict[tuple[str, ...], float] = defaultdict(float)
    for name, weight in voters.items():
        for gram in grams(_native.tokens(outputs[name]["text"])):
            votes[gram] += weight / sum(voters.values())
    return dict(votes)


def variants(record: dict, votes: dict, told: dict | None, ready: Plan, number: int) -> Iterator[Document]:
    """The text as it is; each third one also as the rules leave it, each fourth one also without case."""
    document = labelled(record, record["text"], votes, told, ready)
    yield document
    if number % 3 == 0:
        state = Run(split([record["text"]], ready))
        while True:
            repair(state, ready)
            boilerplate.label(state, ready)
            if not state.batch.cut(ready.drop):
                break
        yield labelled(record | {"extractor": ""}, state.batch.texts()[0], votes, told, ready)
    if number % 4 == 0:
        yield Document(document.site, document.source, "", document.batch, document.labels, document.weights, document.open, caseless=True)


def labelled(record: dict, text: str, votes: dict, told: dict | None, ready: Plan) -> Document:
    """A text with its labels."""
    state = Run(split([text], ready))
    repair(state, ready)
    boilerplate.label(state, ready)
    units = state.batch.units(0)
    tokens = [_native.tokens(unit) for unit, _, _ in units]
    labels = covered(tokens, votes)
    if told:
        overrule(labels, [unit for unit, _, _ in units], told)
    sizes = np.array([len(unit) for unit in tokens], np.float32)
    weights = (sizes + 1) ** 0.7
    return Document(
        record["site"],
        record["source"],
        record["extractor"],
        state.batch,
        labels,
        # A page counts as the root of its size: a thousand lines of one site are less to learn from than a hundred of ten.
        weights / np.sqrt(max(float(weights.sum()), 1.0)),
        np.array([not hit for _, hit, _ in units], bool),
    )


def covered(units: list[list[str]], votes: dict) -> Floats:
    """For each unit the share of its tokens in 4-grams of the article, weighted by votes; NaN for a unit without tokens."""
    flat = [token for unit in units for token in unit]
    share = np.zeros(len(flat), np.float32)
    for i in range(len(flat) - NGRAM + 1):
        if vote := votes.get(tuple(flat[i : i + NGRAM])):
            np.maximum(share[i : i + NGRAM], vote, out=share[i : i + NGRAM])
    labels, start = [], 0
    for unit in units:
        labels.append(share[start : start + len(unit)].mean() if unit else np.nan)
        start += len(unit)
    return np.array(labels, np.float32)


def overrule(labels: Floats, units: list[str], told: dict) -> None:
    """What somebody said of a stretch goes before what extractors agree on."""
    inside, outside = ([" ".join(_native.tokens(s)) for s in told[key]] for key in ("with", "without"))
    for i, unit in enumerate(units):
        line = " ".join(_native.tokens(unit))
        if any(s and s in line for s in inside):
            labels[i] = 1.0
        elif any(s and s in line and len(line) < 3 * len(s) for s in outside):
            labels[i] = 0.0
