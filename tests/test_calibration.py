"""`calibrate` tells what a run would do, from a part."""

from __future__ import annotations

import pytest

import oracle_dedupe as oracle
from test_duplicates import corpus
from textclean.dedup.calibration import calibrate
from textclean.errors import ConfigError


def test_counts_are_those_of_runs():
    """At each threshold, and not more at a higher one."""
    texts = corpus(300)
    result = calibrate(texts, unit="document", ngram_size=3, threshold=0.77, pairs=5)
    for row in result.thresholds:
        dropped = [i for i, w in enumerate(oracle.deduplicate(texts, row.threshold, 3)) if w >= 0]
        assert (row.dropped, row.characters) == (len(dropped), sum(len(texts[i]) for i in dropped))
    assert 0.77 in [row.threshold for row in result.thresholds]
    assert len(result.border) == 5
    assert all(abs(a.similarity - 0.77) <= abs(b.similarity - 0.77) for a, b in zip(result.border, result.border[1:], strict=False))
    assert result.recall >= 0.99
    assert "threshold" in str(result)


def test_a_sample_is_scaled():
    """To the number of documents."""
    result = calibrate(corpus(100), unit="document", sample=50)
    assert (result.units, result.total_units) == (50, 100)
    assert result.memory > 0
    assert calibrate([], sample=50).total_units == 0


def test_bad_options_are_refused():
    """As by deduplicate."""
    with pytest.raises(ConfigError, match="threshold=2"):
        calibrate(["x"], threshold=2)
