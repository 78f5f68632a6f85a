"""What the words of lines say: a logistic regression of whether a line belongs to the article, over hashes of its words.

The hashes come from the native half, which adds up the weights (`rust/src/model/lexicon.rs`): `1 / sqrt(hashes of the line)` for each.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from data import Document, Floats

#: Weights: 2 to this power.
BITS = 14
#: How dear a large weight is, beside lines that count one each.
PENALTY = 30.0
#: Steps of the search for the best weights.
STEPS = 40

#: What a line says that says nothing, what a step of a weight is worth, and the weights, from -127 to 127.
Words = tuple[float, float, list[int]]


def table(documents: list[Document]) -> csr_matrix:
    """Returns the hashes of all units: float32, (units, 2 to the power of `BITS`)."""
    units = [unit for document in documents for unit in document.batch.word_hashes(0)]
    sizes = np.array([len(unit) for unit in units], np.int64)
    columns = np.fromiter(chain.from_iterable(units), np.int64, int(sizes.sum())) % (1 << BITS)
    each = np.repeat(1.0 / np.sqrt(np.maximum(sizes, 1)), sizes).astype(np.float32)
    return csr_matrix((each, columns.astype(np.int32), np.concatenate([[0], np.cumsum(sizes)])), shape=(len(units), 1 << BITS))


def fit(lines: csr_matrix, labels: Floats, weights: Floats) -> Words:
    """Returns the words of a logistic regression (L-BFGS, with a penalty on the squares of the weights); labels are from 0 to 1."""
    wanted, count = labels.astype(np.float64), (weights / weights.mean()).astype(np.float64)

    def loss(solution: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = lines @ solution[1:] + solution[0]
        error = count * (1.0 / (1.0 + np.exp(-odds)) - wanted)
        value = (count * (np.logaddexp(0.0, odds) - wanted * odds)).sum() + 0.5 * PENALTY * (solution[1:] ** 2).sum()
        return value, np.concatenate([[error.sum()], lines.T @ error + PENALTY * solution[1:]])

    found = minimize(loss, np.zeros(lines.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    scale = np.abs(found[1:]).max() / 127
    return float(np.float32(found[0])), float(np.float32(scale)), np.round(found[1:] / scale).astype(int).tolist()


def stored(words: Words) -> dict[str, Any]:
    """Returns words as the model's file holds them."""
    return dict(zip(("bias", "scale", "weights"), words, strict=True))
