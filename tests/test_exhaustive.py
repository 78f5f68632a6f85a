"""`deduplicate` against an exhaustive search that knows only what the documentation says (contracts 2, 3 and 4)."""

from __future__ import annotations

import os

import pytest

import exhaustive
import made_corpora
import textclean

#: ``TEXTCLEAN_CORPORA=1000 pytest tests/test_exhaustive.py`` compares a thousand corpora; by default as many as take few seconds.
COUNT = int(os.environ.get("TEXTCLEAN_CORPORA", "40"))
LOTS = 8


def differences(seed: int) -> list[str]:
    """Where the answers for a corpus differ from what the documentation says, for any number of workers."""
    made = made_corpora.corpus(seed)
    asked, texts = made.asked, [str(document["text"]) for document in made.documents]
    answers = [found(made, workers) for workers in (1, 2, 8)]
    first = answers[0]
    wrong = [f"{workers} workers: another answer" for workers, other in zip((2, 8), answers[1:], strict=True) if other != first]
    spans, docs = first[2], first[3]
    if asked.unit == "paragraph":
        wrong += misread(texts, spans, docs)
        units = [texts[doc][start:end] for doc, (start, end) in zip(docs, spans, strict=True)]
    else:
        units = texts
    keys = [document["date"] for document in made.documents]
    keep = made.keep if made.keep != "date" else lambda doc: (keys[doc] is None, keys[doc] or 0)
    order = exhaustive.order_of(keep, [end - start for start, end in spans], docs)
    answer = exhaustive.Answer(first[0], first[1])
    if made.method == "minhash":
        return wrong + exhaustive.untrue(answer, units, order, asked)
    expected = exhaustive.repeats(units, order, asked)
    pairs = enumerate(zip(expected.witness, expected.similarity, answer.witness, answer.similarity, strict=True))
    return wrong + [f"unit {i}: {w} ({s}) is right, not {v} ({r}): {units[i]!a}" for i, (w, s, v, r) in pairs if (w, s) != (v, r)]


def found(made: made_corpora.Corpus, workers: int) -> tuple[list[int], list[float], list[list[int]], list[int]]:
    """The witnesses, similarities, spans and documents of all units."""
    asked = made.asked
    answer = textclean.deduplicate(
        made.documents,
        unit=asked.unit,
        threshold=asked.threshold,
        ngram_size=asked.ngram_size,
        min_words=asked.min_words,
        same_numbers=asked.same_numbers,
        keep=made.keep,
        method=made.method,
        # Enough values for any threshold of the corpora; fewer are refused.
        num_perm=2048,
        workers=workers,
    )
    return answer.witness.tolist(), answer.similarity.tolist(), answer.unit_span.tolist(), answer.unit_doc.tolist()


def misread(texts: list[str], spans: list[list[int]], docs: list[int]) -> list[str]:
    """Units that are no paragraphs: each line that is not blank is one, or part of one whose lines stand together."""
    wrong = []
    for doc, text in enumerate(texts):
        lines = exhaustive.paragraphs(text)
        own = [tuple(span) for span, of in zip(spans, docs, strict=True) if of == doc]
        if own != lines:
            starts, ends = {start for start, _ in lines}, {end for _, end in lines}
            whole = all(start in starts and end in ends for start, end in own)
            covered = [line for line in lines if any(start <= line[0] and line[1] <= end for start, end in own)]
            if not whole or covered != lines or len(own) >= len(lines):
                wrong.append(f"document {doc}: its units are {own}, its lines {lines}")
    return wrong


@pytest.mark.parametrize("lot", range(LOTS))
def test_same_as_an_exhaustive_search(lot):
    """What goes, and for which unit, is what comparing all pairs gives; with MinHash every drop is true and no verbatim repeat stays."""
    wrong = {seed: found for seed in range(lot, COUNT, LOTS) if (found := differences(seed))}
    assert not wrong


def test_the_corpora_have_something_to_find():
    """The made corpora are of all kinds: with and without repeats, near and verbatim, at a threshold and below it, of every order."""
    made = [made_corpora.corpus(seed) for seed in range(40)]
    answers = [found(corpus, 1) for corpus in made]
    similarities = [s for answer in answers for w, s in zip(answer[0], answer[1], strict=True) if w >= 0]
    assert sum(s == 1 for s in similarities) > 50
    assert sum(s < 1 for s in similarities) > 50
    assert any(s == corpus.asked.threshold < 1 for corpus, answer in zip(made, answers, strict=True) for s in answer[1])
    assert {corpus.keep for corpus in made} == {"first", "last", "longest", "date"}
    assert {corpus.method for corpus in made} == {"exact", "minhash"}
    assert any(not corpus.documents for corpus in made)


@pytest.mark.parametrize("change", ["drops nothing", "drops what is unlike", "another witness"])
def test_the_judge_sees_a_wrong_answer(change):
    """An answer that misses a verbatim repeat, drops what is unlike or names a witness that goes is found to be wrong."""
    words = "the harbour was closed on Monday after a storm and nobody knew when it would open".split()
    texts = [" ".join(words), " ".join(words), " ".join(words).upper(), " ".join(reversed(words))]
    asked = exhaustive.Asked(unit="document", ngram_size=5)
    right = exhaustive.repeats(texts, range(4), asked)
    assert right.witness == [-1, 0, 0, -1]
    assert not exhaustive.untrue(right, texts, range(4), asked)
    wrong = {
        "drops nothing": exhaustive.Answer([-1] * 4, [0.0] * 4),
        "drops what is unlike": exhaustive.Answer([-1, 0, 0, 0], [0.0, 1.0, 1.0, 1.0]),
        "another witness": exhaustive.Answer([-1, 0, 1, -1], [0.0, 1.0, 1.0, 0.0]),
    }
    assert exhaustive.untrue(wrong[change], texts, range(4), asked)
