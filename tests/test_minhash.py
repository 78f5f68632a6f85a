"""Signatures are datasketch's, bit for bit, and bands find what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given
from hypothesis import strategies as st

import oracle_dedupe as oracle
import textclean
from textclean import _native
from textclean.dedup.bands import choose_bands, match_probability, permutations
from textclean.errors import ConfigError


def theirs(text: str, n: int, num_perm: int, seed: int) -> MinHash:
    """A MinHash that datasketch makes from the shingles of the definition."""
    sketch = MinHash(num_perm=num_perm, seed=seed, scheme="affine32", hashfunc=textclean.shingle_hash)
    sketch.update_batch([shingle.encode("utf-8", "surrogatepass") for shingle in oracle.shingles(text, n)])
    return sketch


@given(st.text(max_size=80), st.integers(1, 6), st.integers(16, 256), st.integers(0, 2**32 - 1))
def test_signatures_are_those_of_datasketch(text, n, num_perm, seed):
    """Signatures are those of datasketch for any text, shingle size, number of permutations and seed."""
    values = np.frombuffer(_native.signature(text, n, *permutations(num_perm, seed)), np.uint32)
    assert np.array_equal(values, theirs(text, n, num_perm, seed).hashvalues)


def test_a_datasketch_index_takes_our_signatures():
    """A MinHashLSH finds the same texts with our signatures as with its own."""
    texts = [" ".join(f"w{(i * i + k) % 97}" for k in range(40 + i % 3)) for i in range(60)]
    texts += [text.replace("w5 ", "w500 ") for text in texts]
    found = textclean.deduplicate(texts, unit="document", threshold=0.7, ngram_size=2, num_perm=128, seed=3)
    ours, own = (MinHashLSH(threshold=0.7, num_perm=128) for _ in range(2))
    for i, text in enumerate(texts):
        ours.insert(i, found.to_datasketch(i))
        own.insert(i, theirs(text, 2, 128, 3))
    for i, text in enumerate(texts):
        assert set(ours.query(found.to_datasketch(i))) == set(own.query(theirs(text, 2, 128, 3)))
    sketch = found.to_datasketch(0)
    sketch.update(b"one more")  # it goes on working as datasketch's own
    assert sketch.jaccard(theirs(texts[0], 2, 128, 3)) < 1


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0])
def test_bands_reach_the_stated_recall_at_the_threshold(threshold):
    """The bands chosen reach the stated recall at the threshold, and with one row more they would not."""
    bands = choose_bands(threshold, 256)
    assert bands.recall >= 0.995
    assert bands.bands * bands.rows <= 256
    assert bands.rows == 256 or match_probability(threshold, 256 // (bands.rows + 1), bands.rows + 1) < 0.995


def test_too_few_permutations_are_refused():
    """Too few permutations for the recall are refused with a message that says what to do."""
    with pytest.raises(ConfigError, match=r"num_perm=4 can't find pairs at threshold 0.3 .* raise num_perm"):
        choose_bands(0.3, 4)
