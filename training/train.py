"""Trains the line model and says how good it is on sites that it has not seen.

    python training/train.py --texts texts.jsonl.gz --bodies bodies.jsonl.gz --segments segments.jsonl.gz -o src/textclean/model/lines.json
    python training/train.py --example -o lines.json        # on made-up pages: to see it work, not to ship

Each fold of sites is judged by a model that was trained on the others, second question and page question included; the figures go
beside the model. The model itself is then trained on all.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

import data
import make_example
import score
import words
from data import Document, Floats
from textclean import _native
from textclean.model.reader import VERSION

FOLDS = 5
SETTINGS = {
    "objective": "cross_entropy",
    "learning_rate": 0.12,
    "num_leaves": 31,
    "max_depth": 6,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
QUESTIONS = ("first", "second", "page")
TREES = {"first": 70, "second": 100, "page": 60}
#: The page question has 23 numbers and some ten thousand texts: small trees do.
PAGE_SETTINGS = {"num_leaves": 8, "min_data_in_leaf": 40, "feature_fraction": 0.7}
#: What a body weighs beside the output of an extractor, of which there are many for each.
BODY_WEIGHT = 8.0
#: How much worse a lost word is than a word too many, for each effort.
WEIGHTS = {"careful": 2.2, "balanced": 1.4, "thorough": 1.0}
#: See `Bar` in `rust/src/model/bar.rs`: log-odds.
BAR = {"article": -4.2, "sure": 1.1, "slope": 1.0, "under": 0.0}


@dataclass
class Table:
    """Holds all units of all documents.

    Attributes:
        documents: the documents.
        starts: int, (documents + 1,): where the units of each begin.
        features: float, (units, width); the columns from `part` on are zeros until the first question is answered.
        part: so many columns the first question is asked with.
        labels, weights: float, (units,).
        folds: int, (units,): the fold of each unit's site.
        taught: bool, (units,): whether a unit teaches anything: no rule has taken it, and somebody knows what it is.
    """

    documents: list[Document]
    starts: NDArray[np.int64]
    features: Floats
    part: int
    labels: Floats
    weights: Floats
    folds: NDArray[np.int64]
    taught: NDArray[np.bool_]

    @classmethod
    def of(cls, documents: list[Document]) -> Table:
        """Makes the table of some documents, with what the first question is asked with."""
        names, part = _native.feature_names()
        sizes = [len(document.labels) for document in documents]
        labels = np.concatenate([document.labels for document in documents])
        table = cls(
            documents,
            np.cumsum([0, *sizes]),
            np.empty((sum(sizes), len(names)), np.float32),
            part,
            labels,
            np.concatenate([document.weights for document in documents]),
            np.repeat([document.fold(FOLDS) for document in documents], sizes),
            np.concatenate([document.open for document in documents]) & ~np.isnan(labels),
        )
        return table

    def describe(self, odds: Floats | None) -> list[list[float]]:
        """Writes the features of all units, given the answers to the first question, if it was asked; returns those of each page."""
        pages = []
        for document, start, end in zip(self.documents, self.starts, self.starts[1:], strict=False):
            self.features[start:end], page = document.features(None if odds is None else odds[start:end])
            pages.append(page)
        return pages

    def fit(self, width: int, trees: int, fold: int | None = None) -> lgb.Booster:
        """Trains a forest on the first columns of all units, or of those that are not in a fold."""
        use = self.taught & (self.folds != fold)
        return fit(self.features[use, :width], self.labels[use], self.weights[use], trees)


def fit(features: Floats, labels: Floats, weights: Floats, trees: int, **settings: float) -> lgb.Booster:
    """Trains a forest."""
    return lgb.train(SETTINGS | settings, lgb.Dataset(features, labels, weight=weights), trees)


def ask(models: list[lgb.Booster], features: Floats, folds: NDArray[np.int64]) -> Floats:
    """Returns the log-odds of the rows, each from the model of its fold, which has not seen its site."""
    odds = np.zeros(len(features), np.float32)
    for fold, model in enumerate(models):
        if (here := folds == fold).any():
            odds[here] = model.predict(features[here, : model.num_feature()], raw_score=True)
    return odds


#: The forests of the three questions, and the words.
Models = dict[str, Any]


def train(documents: list[Document]) -> tuple[list[Models], Models]:
    """Trains, for each fold of sites, a model on the others, and one on all.

    Each question is taught with answers to the one before it that come from models which have not seen the site. So the answers that teach
    a fold's second question on other sites come from models that know the fold's own; nothing of that tells what its lines are.
    """
    table, lines = Table.of(documents), words.table(documents)
    folds: list[Models] = [{} for _ in range(FOLDS)]
    whole: Models = {}
    for fold, models in enumerate([*folds, whole]):
        use = table.taught & (table.folds != fold)
        models["words"] = words.fit(lines[use], table.labels[use], table.weights[use])
    for document in documents:
        document.says = np.array(document.batch.says(0, folds[document.fold(FOLDS)]["words"]), np.float32)

    def question(name: str, width: int) -> Floats:
        for fold, models in enumerate(folds):
            models[name] = table.fit(width, TREES[name], fold)
        whole[name] = table.fit(width, TREES[name])
        return ask([models[name] for models in folds], table.features, table.folds)

    table.describe(None)
    first = question("first", table.part)
    table.describe(first)
    second = question("second", table.features.shape[1])
    real = [i for i, document in enumerate(documents) if document.extractor and len(document.labels)]
    pages = [documents[i].features(second[table.starts[i] : table.starts[i + 1]])[1] for i in real]
    for fold, models in enumerate([*folds, whole]):
        use = [k for k, i in enumerate(real) if documents[i].fold(FOLDS) != fold]
        models["page"] = page_question([documents[real[k]] for k in use], [pages[k] for k in use])
    return folds, whole


def page_question(documents: list[Document], features: list[list[float]]) -> lgb.Booster:
    """Trains the forest that tells the text of a whole page from an article, from the features of each document's page."""
    whole = np.array([d.extractor in data.WHOLE for d in documents], np.float32)
    weights = np.where([d.extractor == data.BODY for d in documents], BODY_WEIGHT, 1.0).astype(np.float32)
    return fit(np.array(features, np.float32), whole, weights, TREES["page"], **PAGE_SETTINGS)


def stored(model: lgb.Booster) -> list[list[list[float]]]:
    """The trees as `rust/src/model/forest.rs` reads them: a left child right behind its parent."""
    return [tree(entry["tree_structure"]) for entry in model.dump_model()["tree_info"]]


def tree(root: dict) -> list[list[float]]:
    """One tree, in columns: feature, threshold, right child, value."""
    feature, threshold, right, value = [], [], [], []

    def add(node: dict) -> None:
        at = len(feature)
        leaf = "leaf_value" in node
        feature.append(-1 if leaf else node["split_feature"])
        threshold.append(0.0 if leaf else below(node["threshold"]))
        right.append(0)
        value.append(round(node["leaf_value" if leaf else "internal_value"], 5))
        if not leaf:
            add(node["left_child"])
            right[at] = len(feature)
            add(node["right_child"])

    add(root)
    return [feature, threshold, right, value]


def below(threshold: float) -> float:
    """The greatest 32-bit float that is not above the threshold: rows are 32 bits wide, so the same go left."""
    near = np.float32(threshold)
    return float(near if near <= threshold else np.nextafter(near, np.float32(-np.inf)))


def file(models: Models) -> dict[str, Any]:
    """What is written to disk."""
    names, part = _native.feature_names()
    return {
        "version": VERSION,
        "features": names,
        "first_part": part,
        "kinds": data.KINDS,
        "kind_groups": data.KIND_GROUPS,
        "bars": {effort: BAR | {"weight": weight} for effort, weight in WEIGHTS.items()},
        "words": words.stored(models["words"]),
    } | {question: stored(models[question]) for question in QUESTIONS}


def arguments() -> argparse.Namespace:
    """Reads the command line; ends the process if it does not say what to train on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("texts", "bodies", "segments"):
        parser.add_argument(f"--{name}", type=Path, nargs="+", default=[])
    parser.add_argument("--example", action="store_true", help="train on made-up pages instead of the three files")
    parser.add_argument("-o", "--output", type=Path, help="where the model goes")
    parser.add_argument("--report", type=Path, help="where the figures go (Markdown); none: to the terminal")
    parser.add_argument("--folds", type=Path, help="a folder to keep the models of the folds in, to be judged again")
    parser.add_argument("--no-check", action="store_true", help="no figures")
    parser.add_argument("--threads", type=int, help="the model is the same for any number (default: 2; with --example 1)")
    args = parser.parse_args()
    given = [args.texts, args.bodies, args.segments]
    if args.example and any(given):
        parser.error("--example makes its own texts, bodies and segments")
    if not args.example and not all(given):
        parser.error("--texts, --bodies and --segments are needed, or --example")
    return args


def make(args: argparse.Namespace) -> None:
    """Reads the three files, trains, checks each fold of sites by the model that has not seen it, and writes the model."""
    start = time.perf_counter()
    # Two threads for forests as small as the example's gain little, and wait for each other for minutes where the machine is busy.
    SETTINGS["num_threads"] = args.threads or (1 if args.example else 2)
    documents = list(data.documents(args.texts, args.bodies, args.segments))
    print(f"{len(documents)} texts, {sum(len(d.labels) for d in documents)} units, {time.perf_counter() - start:.0f} s", file=sys.stderr)
    folds, whole = train(documents)
    models = [file(model) for model in folds]
    print(f"trained, {time.perf_counter() - start:.0f} s", file=sys.stderr)
    if args.folds:
        args.folds.mkdir(parents=True, exist_ok=True)
        for fold, model in enumerate(models):
            (args.folds / f"{fold}.json").write_text(json.dumps(model))
    if args.output:
        args.output.write_text(json.dumps(file(whole), separators=(",", ":")) + "\n")
        print(f"{args.output}: {args.output.stat().st_size} bytes", file=sys.stderr)
    if not args.no_check:
        report = score.table(args.texts, args.bodies, args.segments, models)
        args.report.write_text(report) if args.report else print(report)


def main() -> None:
    """Trains on the files that the command line names, or on made-up ones that are gone afterwards."""
    args = arguments()
    if not args.example:
        make(args)
        return
    with tempfile.TemporaryDirectory() as folder:
        vars(args).update({name: [path] for name, path in make_example.write(Path(folder)).items()})
        make(args)
    print("This model knows made-up pages only. It shows that training works; do not ship it.", file=sys.stderr)


if __name__ == "__main__":
    main()
