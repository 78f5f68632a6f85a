"""Tokens and shingles are those of the definition, on any text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import oracle_dedupe as oracle
from textclean import _native

# Code points that normalization changes or joins, where a short cut would go wrong.
TRICKY = [chr(c) for c in range(0x110000) if unicodedata.combining(chr(c)) or unicodedata.normalize("NFKC", chr(c)) != chr(c)]
TEXT = st.text(st.one_of(st.sampled_from(TRICKY), st.characters(), st.sampled_from("aAeoIs .=<\u0e01\u65e5\u1100")), max_size=12)


@given(TEXT)
@example("Straße STRASSE Σίσυφος ΣΊΣΥΦΟΣ İstanbul")
@example("=\u0338 e\u0301\u0323 \u1100\u1161\u11a8 \ud800\u0301 ½ … ﷺ")
def test_tokens_are_those_of_the_definition(text):
    """Table, fast paths and normalizer together give what normalizing the whole text gives."""
    assert _native.tokens(text) == oracle.tokens(text)


def test_every_code_point_alone_and_between_letters():
    """The table is right for each of the 1,114,112 code points."""
    wrong = [c for c in range(0x110000) for t in (chr(c), f"a{chr(c)}b") if _native.tokens(t) != oracle.tokens(t)]
    assert not wrong


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30), st.integers(1, 6))
def test_overlap_is_that_of_sets(one, other, n):
    """The exact comparison counts what Python's sets count."""
    a, b = oracle.shingles(" ".join(one), n), oracle.shingles(" ".join(other), n)
    assert _native.jaccard(" ".join(one), " ".join(other), n) == (len(a & b), len(a), len(b))


@pytest.mark.parametrize(("shingle", "value"), [(b"", 0x38D394C2), (b"the quick brown", None)], ids=["empty", "words"])
def test_shingle_hash_is_the_low_half_of_xxh3(shingle, value):
    """The public hash is 32 bits of a published function: stored signatures depend on it."""
    found = _native.shingle_hash(shingle)
    assert 0 <= found < 1 << 32
    assert value is None or found == value
