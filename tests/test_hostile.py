"""Inputs that break or stall other tools: the right answer, in time that grows with the input."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest

import textclean

LINE = "The mayor said on Monday that the old bridge across the river would stay closed until spring."
#: Seconds for a few megabytes on a slow machine; quadratic work on any of these takes minutes.
PATIENCE = 20


def witness(docs, **options):
    """Witnesses, found in time."""
    start = time.monotonic()
    found = textclean.deduplicate(docs, **{"unit": "document", **options}).witness.tolist()
    assert time.monotonic() - start < PATIENCE
    return found


@pytest.mark.parametrize("method", ["exact", "minhash"])
class TestBothMethods:
    """Whichever way candidates are found."""

    def test_twenty_thousand_copies(self, method):
        """Of twenty thousand copies of one text all go for the first."""
        assert witness([LINE] * 20_000, method=method) == [-1] + [0] * 19_999

    def test_twenty_thousand_near_copies(self, method):
        """Twenty thousand near copies are compared with the one that stays, not with each other."""
        body = " ".join(f"w{i}" for i in range(100))
        assert witness([f"{body} n{i}" for i in range(20_000)], method=method) == [-1] + [0] * 19_999

    def test_twenty_thousand_empty_texts(self, method):
        """Texts without tokens are never dropped, however many there are."""
        assert witness([""] * 20_000, method=method, min_words=0) == [-1] * 20_000
        assert witness(["… --- !!"] * 20_000, method=method, min_words=0) == [-1] * 20_000

    def test_one_paragraph_of_ten_megabytes(self, method):
        """A paragraph of ten megabytes of distinct words, and its copy with one word changed, are compared in time."""
        words = [f"w{i}" for i in range(1_400_000)]
        text = " ".join(words)
        words[700_000] = "other"
        assert len(text) > 10e6
        assert witness([text, " ".join(words), LINE], method=method) == [-1, 0, -1]

    def test_one_word_a_million_times(self, method):
        """A text of one word repeated a million times has one shingle, so it says the same as one of fewer repetitions."""
        assert witness(["word " * 1_000_000, "word " * 900_000, LINE], method=method) == [-1, 0, -1]

    def test_texts_shorter_than_a_shingle(self, method):
        """A text shorter than a shingle is one shingle, so two such texts are equal or have nothing in common."""
        texts = ["one two", "one", "One, two!", "two one", "one"]
        assert witness(texts, method=method, min_words=0, ngram_size=5) == [-1, -1, 0, -1, 1]

    def test_lone_surrogates_and_nul(self, method):
        """Lone surrogates and NUL separate tokens and break nothing."""
        texts = [LINE, LINE.replace(" ", "\ud800"), LINE.replace(" ", "\0"), "\udfff" * 50, "\0" * 50]
        assert witness(texts, method=method) == [-1, 0, 0, -1, -1]

    def test_nothing(self, method):
        """A corpus of no documents has no units."""
        assert witness([], method=method) == []
        assert witness(pa.table({"text": pa.array([], pa.string())}), method=method) == []
        assert textclean.deduplicate(["", "\n\n"], method=method).texts() == ["", "\n\n"]


def test_a_text_of_nothing_but_line_ends():
    """A text of two million line ends has no paragraph, which is found in time."""
    assert len(textclean.deduplicate(["\n" * 2_000_000, "\r\n" * 1_000_000])) == 0


def test_a_text_of_nothing_but_marks():
    """A long text of nothing but combining marks, which must be normalized together, is not scanned again and again."""
    assert witness(["a" + "\u0301\u0323" * 500_000, LINE], min_words=0) == [-1, -1]


def test_templates_with_a_slot_stay_fast():
    """Twenty thousand texts that share two thirds of their shingles, just under the threshold, are not all compared with each other."""
    shared = " ".join(f"s{i}" for i in range(60))
    texts = [f"{shared} " + " ".join(f"u{i}x{k}" for k in range(16)) for i in range(20_000)]
    assert witness(texts, threshold=0.8) == [-1] * 20_000


def test_min_words_spares_short_units():
    """`min_words` counts tokens, or stretches between spaces if those are more."""
    assert witness(["Yes, he said."] * 2) == [-1, -1]
    assert witness(["日本語の文章は空白がない"] * 2) == [-1, 0]
    assert witness(["- - - - - - - - - 5"] * 2) == [-1, 0]
