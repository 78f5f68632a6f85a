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
from pathlib import Path

import lightgbm as lgb
import numpy as np

import data
import make_example
import score
from data import Document, Floats
from textclean import _native
from textclean.model import reader
from textclean.model.reader import VERSION

FOLDS = 5
#: Folds within what a model is trained on, so that the second question is taught with honest first answers.
INNER = 2
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
TREES = {"first": 70, "second": 100, "page": 60}
#: The page question has 23 numbers and some ten thousand texts: small trees do.
PAGE_SETTINGS = {"num_leaves": 8, "min_data_in_leaf": 40, "feature_fraction": 0.7}
#: What a body weighs beside the output of an extractor, of which there are many for each.
BODY_WEIGHT = 8.0
#: See `Bar` in `rust/src/model/judge.rs`: log-odds.
BAR = {"base": -2.4, "slope": 1.0, "article": -4.2, "page": -1.3, "under": 0.0}


def rows(documents: list[Document], part: int | None) -> tuple[Floats, Floats, Floats]:
    """Features, labels and weights of the units that no rule has taken: the first part, or with `part` None, both."""
    features, labels, weights = [], [], []
    for document in documents:
        use = document.open & ~np.isnan(document.labels)
        table = document.features(None if part else document.odds)[0]
        features.append(table[use][:, :part])
        labels.append(document.labels[use])
        weights.append(document.weights[use])
    return np.concatenate(features), np.concatenate(labels), np.concatenate(weights)


def fit(features: Floats, labels: Floats, weights: Floats, trees: int, **settings: float) -> lgb.Booster:
    """A forest."""
    return lgb.train(SETTINGS | settings, lgb.Dataset(features, labels, weight=weights), trees)


def ask(model: lgb.Booster, features: Floats) -> Floats:
    """Log-odds of the rows."""
    if not len(features):
        return np.zeros(0, np.float32)
    return model.predict(features, raw_score=True).astype(np.float32)


def train(documents: list[Document]) -> dict[str, lgb.Booster]:
    """The three forests. The second is taught with first answers from models that have not seen the site."""
    part = _native.feature_names()[1]
    for fold in range(INNER):
        model = fit(*rows([d for d in documents if d.fold(INNER) != fold], part), TREES["first"])
        for document in documents:
            if document.fold(INNER) == fold:
                document.odds = ask(model, document.features()[0][:, :part])
    first = fit(*rows(documents, part), TREES["first"])
    second = fit(*rows(documents, None), TREES["second"])
    odds = {}
    for fold in range(INNER):
        model = fit(*rows([d for d in documents if d.fold(INNER) != fold], None), TREES["second"])
        odds |= {id(d): ask(model, d.features(d.odds)[0]) for d in documents if d.fold(INNER) == fold}
    real = [d for d in documents if d.extractor and len(d.odds)]
    return {"first": first, "second": second, "page": page_question(real, [d.features(odds[id(d)])[1] for d in real])}


def page_question(documents: list[Document], features: list[list[float]]) -> lgb.Booster:
    """Trains the forest that tells the text of a whole page from an article, from the features of each document's page."""
    whole = np.array([d.extractor in data.WHOLE for d in documents], np.float32)
    weights = np.where([d.extractor == data.BODY for d in documents], BODY_WEIGHT, 1.0).astype(np.float32)
    return fit(np.array(features, np.float32), whole, weights, TREES["page"], **PAGE_SETTINGS)


def with_page_question(model: dict, documents: list[Document]) -> dict:
    """Returns a model with the page question taught anew, by its own answers to the other two; its file has to be of this version."""
    asked = reader.ready(model)
    real = [(d, features) for d in documents if d.extractor and (features := d.batch.page_features(0, asked))]
    return model | {"bar": BAR, "page": stored(page_question(*map(list, zip(*real, strict=True))))}


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


def file(models: dict[str, lgb.Booster]) -> dict:
    """What is written to disk."""
    names, part = _native.feature_names()
    taught = {"kinds": data.KINDS, "kind_groups": data.KIND_GROUPS}
    return {"version": VERSION, "features": names, "first_part": part} | taught | {"bar": BAR} | {k: stored(m) for k, m in models.items()}


def arguments() -> argparse.Namespace:
    """Reads the command line; ends the process if it does not say what to train on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("texts", "bodies", "segments"):
        parser.add_argument(f"--{name}", type=Path, nargs="+", default=[])
    parser.add_argument("--example", action="store_true", help="train on made-up pages instead of the three files")
    parser.add_argument("-o", "--output", type=Path, help="where the model goes")
    parser.add_argument("--report", type=Path, help="where the figures go (Markdown); none: to the terminal")
    parser.add_argument("--folds", type=Path, help="a folder to keep the models of the folds in, to be judged again")
    parser.add_argument("--keep", type=Path, help="a model of which the first two questions are kept; only the page question is taught")
    parser.add_argument("--no-check", action="store_true", help="no cross-validation")
    parser.add_argument("--threads", type=int, help="the model is the same for any number (default: 2; with --example 1)")
    args = parser.parse_args()
    given = [args.texts, args.bodies, args.segments]
    if args.example and any(given):
        parser.error("--example makes its own texts, bodies and segments")
    if not args.example and not all(given):
        parser.error("--texts, --bodies and --segments are needed, or --example")
    return args


def check(documents: list[Document], kept: dict | None, args: argparse.Namespace, start: float) -> None:
    """Trains a model for each fold on the others (of `kept` the page question alone), and writes the figures of all folds together."""
    models = []
    for fold in range(FOLDS):
        others = [d for d in documents if d.fold(FOLDS) != fold]
        models.append(with_page_question(kept, others) if kept else file(train(others)))
        print(f"fold {fold}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
        if args.folds:
            args.folds.mkdir(parents=True, exist_ok=True)
            (args.folds / f"{fold}.json").write_text(json.dumps(models[-1]))
    report = score.table(args.texts, args.bodies, args.segments, models)
    args.report.write_text(report) if args.report else print(report)


def make(args: argparse.Namespace) -> None:
    """Reads the three files, checks by cross-validation, trains on all, and writes the model."""
    start = time.perf_counter()
    # Two threads for forests as small as the example's gain little, and wait for each other for minutes where the machine is busy.
    SETTINGS["num_threads"] = args.threads or (1 if args.example else 2)
    documents = list(data.documents(args.texts, args.bodies, args.segments))
    print(f"{len(documents)} texts, {sum(len(d.labels) for d in documents)} units, {time.perf_counter() - start:.0f} s", file=sys.stderr)
    kept = json.loads(args.keep.read_text(encoding="utf8")) if args.keep else None
    if not args.no_check:
        check(documents, kept, args, start)
    if args.output:
        made = with_page_question(kept, documents) if kept else file(train(documents))
        args.output.write_text(json.dumps(made, separators=(",", ":")) + "\n")
        print(f"{args.output}: {args.output.stat().st_size} bytes", file=sys.stderr)


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
