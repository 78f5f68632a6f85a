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


def test_what_differs_is_counted():
    """In a number, a negation, one word, of what would go."""
    wire = "The council voted on Tuesday to close the old bridge across the river for repairs until the end of the year, officials said."
    texts = [wire, wire.replace("officials", "they never"), wire.replace("Tuesday", "Monday"), wire.replace("Tuesday", "3 May")]
    rows = {row.threshold: row for row in calibrate(texts, threshold=0.6, same_numbers=False).thresholds}
    assert (rows[0.5].dropped, rows[0.5].numbers, rows[0.5].negations, rows[0.5].one_word) == (3, 1, 1, 1)
    assert rows[1.0][4:] == (0, 0, 0)
    rows = {row.threshold: row for row in calibrate(texts, threshold=0.6).thresholds}
    assert (rows[0.5].dropped, rows[0.5].numbers) == (2, 0)


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
