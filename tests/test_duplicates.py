"""`deduplicate` is the one-pass rule, for every way in, order and number of workers."""

from __future__ import annotations

import datetime
import itertools
import os
import random
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle_dedupe as oracle
import textclean
from textclean.errors import ConfigError, InputError, NotTextError

SEEDS = Path(__file__).parent.parent / "seeds"
WORDS = st.lists(st.sampled_from(["a", "b", "c", "É", "日本", "ß"]), max_size=14).map(" ".join)


def corpus(size: int, seed: int = 0) -> list[str]:
    """Paragraphs of which some repeat others, a few words changed."""
    rng = random.Random(seed)
    texts: list[str] = []
    for _ in range(size):
        if texts and rng.random() < 0.4:
            words = rng.choice(texts).split()
            for _ in range(rng.randrange(4)):
                words[rng.randrange(len(words))] = f"new{rng.randrange(1000)}"
            texts.append(" ".join(words))
        else:
            texts.append(" ".join(f"word{int(rng.paretovariate(0.7)) % 5000}" for _ in range(rng.randrange(12, 90))))
    return texts


def run(texts, **options):
    """Witnesses and similarities."""
    options = {"unit": "document", "ngram_size": 3, "threshold": 0.7} | options
    found = textclean.deduplicate(texts, **options)
    return found.witness.tolist(), found.similarity.tolist()


@given(st.lists(WORDS, max_size=25), st.integers(1, 5), st.sampled_from([0.3, 0.5, 0.7, 0.8, 0.9, 1.0]))
def test_same_as_the_oracle(texts, n, threshold):
    """The exact join drops what comparing everything with everything drops, for the same witness at the same similarity."""
    witness, similarity = run(texts, ngram_size=n, threshold=threshold, min_words=0)
    assert witness == oracle.deduplicate(texts, threshold, n)
    for i, k in enumerate(witness):
        assert similarity[i] == (oracle.jaccard(oracle.shingles(texts[i], n), oracle.shingles(texts[k], n)) if k >= 0 else 0.0)


NUMBERED = st.lists(st.sampled_from(["a", "b", "c", "1", "2,500", "2500", "2.5", "7 000", "b52", "½", "٣"]), max_size=10).map(" ".join)


@given(st.lists(NUMBERED, max_size=25), st.integers(1, 4), st.sampled_from([0.3, 0.5, 0.8, 1.0]), st.booleans())
def test_same_as_the_oracle_with_the_same_numbers(texts, n, threshold, same):
    """The witness is the earliest kept text that is similar enough and has the same numbers, if they count."""
    found = run(texts, ngram_size=n, threshold=threshold, min_words=0, same_numbers=same)[0]
    assert found == oracle.deduplicate(texts, threshold, n, same_numbers=same)


@pytest.mark.parametrize("method", ["exact", "minhash"])
@pytest.mark.parametrize("workers", [1, 3])
def test_numbers_count_in_crowds(method, workers):
    """Paragraphs with a counter all stay, in any method and with any number of workers, and copies of them go for the one they copy."""
    body = " ".join(f"w{letter}" for letter in "abcdefghijklmnopqrstuvwxyzäöü")
    texts = [f"{body} {i}" for i in range(9_000)] + [f"{body} again {i}" for i in (5, 8_999)]
    witness, _ = run(texts, same_numbers=True, method=method, workers=workers, threshold=0.6)
    assert witness == [-1] * 9_000 + [5, 8_999]
    assert run(texts, same_numbers=False, method=method, workers=workers, threshold=0.6)[0] == [-1] + [0] * 9_001


def test_numbers_count_between_paragraphs_unless_told():
    """And not between documents."""
    body = " ".join(f"word{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    texts = [f"{body} in {year}" for year in (2018, 2019)]
    assert textclean.deduplicate(texts).witness.tolist() == [-1, -1]
    assert textclean.deduplicate(texts, same_numbers=False).witness.tolist() == [-1, 0]
    assert textclean.deduplicate(texts, unit="document").witness.tolist() == [-1, 0]
    assert textclean.deduplicate(texts, unit="document", same_numbers=True).witness.tolist() == [-1, -1]


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9])
@pytest.mark.parametrize("n", [3, 5])
def test_same_as_the_oracle_on_prose(n, threshold):
    """Also where shingles are common and posting lists long."""
    texts = corpus(400)
    assert run(texts, ngram_size=n, threshold=threshold)[0] == oracle.deduplicate(texts, threshold, n)


@pytest.mark.parametrize(("length", "slot"), [(40, 6), (40, 7), (200, 33), (200, 34), (200, 35)])
@pytest.mark.parametrize("workers", [1, 3])
def test_a_crowd_around_the_threshold(length, slot, workers):
    """Templates whose slot takes about as much as the threshold allows: bounds lose no pair and let none through."""
    rng = random.Random(length + slot)
    template = [f"word{i}" for i in range(length)]
    texts = [
        " ".join(template[: length - slot] + [f"own{rng.randrange(10**6)}" for _ in range(rng.randrange(slot, slot + 2))])
        for _ in range(80)
    ]
    found = textclean.deduplicate(texts, unit="document", threshold=0.7, ngram_size=3, workers=workers)
    assert found.witness.tolist() == oracle.deduplicate(texts, 0.7, 3)


@pytest.mark.parametrize("threshold", [0.9, 0.92, 0.999])
def test_sets_larger_than_a_posting_tells(threshold):
    """Sizes over 65,535 are bounds in the index, and the answer is that of the sets."""
    words = [f"w{i}" for i in range(90_000)]
    texts = [" ".join(words[start : start + 70_000]) for start in range(0, 20_000, 3_000)]
    found = textclean.deduplicate(texts, unit="document", threshold=threshold, ngram_size=1)
    assert found.witness.tolist() == oracle.deduplicate(texts, threshold, 1)


@pytest.mark.parametrize("threshold", [0.7, 0.8, 0.9])
def test_bands_miss_little_and_invent_nothing(threshold):
    """Every drop has a kept, earlier witness at the threshold; recall is at least 99.5 %."""
    texts = corpus(3000)
    exact = textclean.deduplicate(texts, unit="document", threshold=threshold, ngram_size=3)
    found = textclean.deduplicate(texts, unit="document", threshold=threshold, ngram_size=3, method="minhash")
    for i in np.flatnonzero(found.dropped):
        k = found.witness[i]
        assert k < i
        assert not found.dropped[k]
        assert found.similarity[i] == oracle.jaccard(oracle.shingles(texts[i], 3), oracle.shingles(texts[k], 3)) >= threshold
    assert found.dropped.sum() >= 0.995 * exact.dropped.sum() > 0
    assert found.settings.bands.recall >= 0.995
    assert exact.settings.recall == 1.0


def test_no_chains():
    """A resembles B and B resembles C, but C goes for B only if B stays."""
    a = " ".join(f"w{i}" for i in range(30))
    b = a.replace("w0 w1 w2", "x0 x1 x2")
    c = b.replace("w27 w28 w29", "y27 y28 y29")
    assert run([a, b, c], threshold=0.7, ngram_size=1)[0] == [-1, 0, -1]
    assert run([b, a, c], threshold=0.7, ngram_size=1)[0] == [-1, 0, 0]


def test_verbatim_means_equal_tokens():
    """Case, punctuation, width and composition do not count; the similarity is 1."""
    texts = ["Café “Zur Post” opens at ten.", "CAFE\u0301 'zur Post' – opens; at ten", "ｃａｆé zur post opens at ten"]
    assert run(texts, min_words=0) == ([-1, 0, 0], [0.0, 1.0, 1.0])


def test_workers_do_not_change_the_answer():
    """1, 2 and 8 workers, both methods."""
    texts = corpus(3000, seed=1)
    for method in ("exact", "minhash"):
        first, *others = (run(texts, workers=w, method=method) for w in (1, 2, 8))
        assert all(other == first for other in others)


CHILD = """
import sys, textclean
texts = sys.stdin.read().split("\\n")
found = textclean.deduplicate(texts, unit="document", threshold=0.7, ngram_size=3, workers=2, method=sys.argv[1])
print(found.witness.tolist(), found.similarity.tolist())
"""


@pytest.mark.parametrize("method", ["exact", "minhash"])
def test_processes_do_not_change_the_answer(method):
    """Whatever PYTHONHASHSEED is."""
    texts = "\n".join(corpus(500))
    answers = {
        subprocess.run(
            [sys.executable, "-c", CHILD, method],
            input=texts,
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1")
    }
    assert len(answers) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_after_a_fork():
    """A child that was forked after a call gives the same answer, and does not hang."""
    texts = corpus(2000)
    expected = run(texts, workers=2)
    child = os.fork()
    if child == 0:
        os._exit(0 if run(texts, workers=2) == expected else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_threads_may_call_at_once():
    """Eight of them, each with its own corpus and with a shared one."""
    corpora = [corpus(800, seed) for seed in range(4)] + [corpus(800, 9)] * 4
    expected = [run(texts, workers=1) for texts in corpora]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda texts: run(texts, workers=2), corpora)) == expected


INTERRUPTED = """
import os, signal, sys, threading, time
import textclean
texts = [" ".join(f"w{(i * 7919 + k * k) % 3000}" for k in range(60)) for i in range(3000)] * 400
stamp = []
def interrupt():
    time.sleep(float(sys.argv[1]))
    stamp.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    while True:
        textclean.deduplicate(texts, unit="document", threshold=0.5, ngram_size=1, method=sys.argv[2])
except KeyboardInterrupt:
    print(time.monotonic() - stamp[0])
"""


@pytest.mark.parametrize("method", ["exact", "minhash"])
def test_an_interrupt_is_honoured_within_a_second(method):
    """Ctrl-C during a long call raises KeyboardInterrupt."""
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, "1.5", method], capture_output=True, text=True, check=True, timeout=120)
    assert float(done.stdout) < 1


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ("first", [0, 3]),
        ("last", [2, 3]),
        ("longest", [1, 3]),
        ("date", [2, 3]),
        (lambda doc: doc["priority"], [1, 3]),
    ],
    ids=["first", "last", "longest", "column", "callable"],
)
def test_keep_says_which_one_stays(keep, kept):
    """Ties go to the first; the witness is the one that stays."""
    body = "the council voted to close the bridge for repairs until the end of the year"
    docs = [
        {"text": body, "date": datetime.date(2026, 3, 1), "priority": 2},
        {"text": body + " !!", "date": None, "priority": 1},
        {"text": body.upper(), "date": datetime.date(2026, 1, 1), "priority": 1},
        {"text": "another story about something else entirely that nobody else has told so far", "date": None, "priority": 9},
    ]
    found = textclean.deduplicate(docs, unit="document", keep=keep)
    assert np.flatnonzero(~found.dropped).tolist() == kept
    assert set(found.witness[found.dropped].tolist()) == {kept[0]}


@given(st.lists(WORDS, max_size=20), st.sampled_from(["last", "longest"]))
def test_keep_is_an_order(texts, keep):
    """The rule runs over the texts in that order."""
    order = list(range(len(texts)))
    order.sort(key=(lambda i: -i) if keep == "last" else (lambda i: -len(texts[i])))
    assert run(texts, keep=keep, min_words=0, threshold=0.5)[0] == oracle.deduplicate(texts, 0.5, 3, order)


def ways_in(texts):
    """The same corpus as everything that may be passed in."""
    import pandas as pd
    import polars as pl

    table = pa.table({"id": range(len(texts)), "text": pa.array(texts, pa.string())})
    yield "list", texts
    yield "generator", (text for text in texts)
    yield "dicts", [{"text": text} for text in texts]
    yield "table", table
    yield "batches", pa.Table.from_batches([table.slice(i, 7).to_batches()[0] for i in range(0, len(texts), 7)])
    yield "record batch", table.to_batches()[0]
    yield "slice", pa.concat_tables([table.slice(0, 1), table]).slice(1)
    yield "array", pa.array(texts)
    yield "chunked array", pa.chunked_array([texts[:5], texts[5:]])
    yield "large", table.set_column(1, "text", pa.array(texts, pa.large_string()))
    yield "view", table.set_column(1, "text", pa.array(texts, pa.string_view()))
    yield "dictionary", table.set_column(1, "text", pa.array(texts).dictionary_encode())
    yield "polars", pl.DataFrame({"text": texts})
    yield "polars series", pl.Series(texts)
    yield "pandas", pd.DataFrame({"text": texts})


@pytest.mark.parametrize("unit", ["paragraph", "document"])
def test_every_way_in_gives_the_same_answer(unit):
    """Lists, dicts and Arrow tables of all layouts."""
    texts = [f"{a}\n\n  {b} é\r\n" for a, b in itertools.pairwise(corpus(60))]
    expected = textclean.deduplicate(texts, unit=unit, threshold=0.7)
    assert expected.dropped.any()
    for name, docs in ways_in(texts):
        found = textclean.deduplicate(docs, unit=unit, threshold=0.7)
        assert found.witness.tolist() == expected.witness.tolist(), name
        assert found.unit_span.tolist() == expected.unit_span.tolist(), name
        assert found.unit_doc.tolist() == expected.unit_doc.tolist(), name
        assert found.texts() == expected.texts(), name


def test_null_is_an_empty_text():
    """In Arrow tables, also in a struct and in a dictionary."""
    column = pa.array(["one two three", None, "one two three"])
    for docs in (column, pa.table({"text": column}), pa.table({"text": column.dictionary_encode()})):
        assert run(docs, min_words=0)[0] == [-1, -1, 0]


def test_the_callers_strings_are_left_as_they_are():
    """No UTF-8 copy stays in them."""
    texts = [f"é{i} " * 1000 for i in range(10)]
    before = [sys.getsizeof(text) for text in texts]
    textclean.deduplicate(texts)
    assert [sys.getsizeof(text) for text in texts] == before


def test_paragraphs_have_places():
    """Units are lines that hold something; spans are code points of the document, and texts() takes out what repeats."""
    line = "The same long sentence stands in two documents, with enough words to count."
    docs = [f"Short.\n{line}\n", f"  \U0001f600 Title\r\n{line}\r\nThe end of it.", line.upper()]
    found = textclean.deduplicate(docs)
    units = [docs[d][s:e] for d, (s, e) in zip(found.unit_doc, found.unit_span, strict=True)]
    assert units == ["Short.", line, "\U0001f600 Title", line, "The end of it.", line.upper()]
    assert units == [found.text(i) for i in range(len(found))]
    assert found.witness.tolist() == [-1, -1, -1, 1, -1, 1]
    assert found.texts() == [docs[0], "  \U0001f600 Title\r\nThe end of it.", ""]
    assert [(g.kept, g.dropped.tolist()) for g in found.groups()] == [(1, [3, 5])]


def test_a_hard_wrapped_paragraph_is_one_unit():
    """It meets its copy of another width, its span holds all its lines, and it goes as a whole."""
    prose = (
        "The committee met on Tuesday to discuss the new proposals for the h\xe4rbour, which had been delayed since the spring by a lack "
        "of figures about the cost of the work and about who was going to pay for it."
    )
    docs = [f"Minutes\n\n{textwrap.fill(prose, width)}\n\nThe end of number {width}." for width in (60, 72)] + [prose]
    found = textclean.deduplicate(docs)
    assert found.witness.tolist() == [-1, -1, -1, -1, 1, -1, 1]
    start, end = found.unit_span[4]
    assert docs[1][start:end] == found.text(4) == textwrap.fill(prose, 72)
    assert found.texts() == [docs[0], "Minutes\n\nThe end of number 72.", ""]


@pytest.mark.parametrize("keep", ["first", "longest", "date", lambda document: document["date"]])
def test_nothing_has_no_repeats(keep):
    """A corpus of no documents has none that lacks the field by which one stays."""
    assert len(textclean.deduplicate([], keep=keep)) == 0
    assert textclean.deduplicate([], unit="document", keep=keep).texts() == []


def test_lines_are_those_of_any_text():
    """Lines end where those of a text end that is cleaned: U+0085 is an ellipsis, and parts no paragraphs."""
    text = "one\x0btwo\x0cthree\u2028four\u2029five\r\nsix\rseven\x85eight\n \u3000 \nnine"
    found = textclean.deduplicate([text])
    assert [found.text(i) for i in range(len(found))] == ["one", "two", "three", "four", "five", "six", "seven\x85eight", "nine"]


@given(st.lists(st.text(st.sampled_from("ab\U0001f600 \n\r\u2028\x85"), max_size=30), max_size=6))
def test_texts_lose_their_dropped_units_and_nothing_else(docs):
    """What stays are the kept units, in order; a document without repeats is returned as it was."""
    found = textclean.deduplicate(docs, min_words=0, ngram_size=1)
    kept = [[found.text(i) for i in np.flatnonzero((found.unit_doc == d) & ~found.dropped)] for d in range(len(docs))]
    again = textclean.deduplicate(found.texts(), min_words=0, ngram_size=1)
    assert [[again.text(i) for i in np.flatnonzero(again.unit_doc == d)] for d in range(len(docs))] == kept
    for d, text in enumerate(found.texts()):
        if not found.dropped[found.unit_doc == d].any():
            assert text == docs[d]


def test_arrow_out_and_records():
    """One row a unit; records of what went; columns are carried."""
    pytest.importorskip("pyarrow")
    docs = [{"text": t, "url": f"u{i}", "site": "s"} for i, t in enumerate(corpus(50))]
    found = textclean.deduplicate(docs, unit="document", threshold=0.7, id="url", source="site")
    table = found.to_arrow()
    assert table.num_rows == 50
    assert table["id"].to_pylist() == [doc["url"] for doc in docs]
    records = list(found.records())
    assert [r["unit"] for r in records] == np.flatnonzero(found.dropped).tolist()
    first = records[0]
    assert first["id"] == f"u{first['unit']}"
    assert first["witness"]["id"] == f"u{found.witness[first['unit']]}"
    assert first["span"] == [0, len(docs[first["unit"]]["text"])]


def test_explain_shows_what_differs():
    """The two texts and the words that differ; a kept unit has nothing to explain."""
    body = " ".join(f"w{i}" for i in range(40))
    found = textclean.deduplicate([body, body.replace("w20", "other")], unit="document", ngram_size=2)
    shown = found.explain(1)
    assert shown.differences == (("other", "w20"),)
    assert shown.similarity == found.similarity[1]
    assert "w20" in str(shown)
    with pytest.raises(ConfigError, match="unit 0 is kept"):
        found.explain(0)
    with pytest.raises(ConfigError, match="unit 2 does not exist: there are 2"):
        found.explain(2)


def changed(text: str):
    """A document as another site has it: a dateline added, quotes straightened, a sentence dropped."""
    lines = text.split("\n")
    longest = max(range(len(lines)), key=lambda i: len(lines[i]))
    sentence = lines[longest].rsplit(". ", 1)[0] + "."
    yield "LONDON, March 3 (Wire) - " + text
    yield text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"})
    yield "\n".join([*lines[:longest], sentence, *lines[longest + 1 :]])


def test_the_sample_articles_meet_their_changed_copies():
    """Each copy goes for its own original, whole and paragraph by paragraph."""
    seeds = [path.read_text(encoding="utf8") for path in sorted(SEEDS.glob("*.txt"))]
    docs = seeds + [copy for seed in seeds for copy in changed(seed)]
    found = textclean.deduplicate(docs, unit="document")
    assert found.witness.tolist() == [-1] * len(seeds) + [i for i in range(len(seeds)) for _ in range(3)]
    lines = textclean.deduplicate(docs, unit="paragraph", threshold=0.7)
    fresh = {int(d) for d in lines.unit_doc[~lines.dropped & (lines.unit_doc >= len(seeds))]}
    words = [len(oracle.tokens(lines.text(i))) for i in np.flatnonzero(~lines.dropped & (lines.unit_doc >= len(seeds)))]
    assert fresh
    assert max(words) < 40  # short lines stay, and a short paragraph that lost much of itself


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 0}, "threshold=0 is no Jaccard similarity to ask for: use 0 < threshold <= 1, e.g. 0.8"),
        ({"threshold": 1.5}, "threshold=1.5 is no Jaccard"),
        ({"threshold": float("nan")}, "threshold=nan is no Jaccard"),
        ({"unit": "word"}, "unit='word' is unknown: use 'paragraph', 'document'"),
        ({"ngram_size": 0}, "ngram_size=0 is out of range: use a whole number from 1 to 1,000"),
        ({"workers": 0}, "workers=0 is out of range"),
        ({"same_numbers": 1}, "same_numbers=1: True or False is needed"),
        ({"num_perm": 2.5}, "num_perm=2.5 is out of range"),
        ({"seed": -1}, "seed=-1 is out of range"),
        ({"keep": "date"}, "column 'date' was asked for, but the documents are plain str"),
        ({"id": "url"}, "column 'url' was asked for, but the documents are plain str"),
        ({"keep": lambda text: object()}, "keep: the keys can't be put in order"),
    ],
)
def test_bad_options_are_named(options, message):
    """The message has the value, the limit and the remedy."""
    with pytest.raises(ConfigError) as error:
        textclean.deduplicate(["one", "two"], **options)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("docs", "kind", "message"),
    [
        ("one text", InputError, "got one str of 8 code points: pass [text]"),
        (b"bytes", NotTextError, "expected str, got bytes: decode it first"),
        (["one", 2], NotTextError, "expected str, got int"),
        ([{"text": None}], NotTextError, "expected str, got NoneType"),
        ([{"body": "x"}], InputError, "document 0 has no 'text', it has 'body': say text=..."),
        (7, InputError, "expected documents, got int"),
        (pa.table({"body": ["x"]}), InputError, "the table has no column 'text', it has 'body': say text=..."),
        (pa.table({"text": [1]}), InputError, "column 'text' has the Arrow type 'l', not a string"),
    ],
    ids=["str", "bytes", "item", "none", "key", "number", "column", "type"],
)
def test_bad_documents_are_named(docs, kind, message):
    """Whatever comes in, the error is from our tree."""
    with pytest.raises(kind) as error:
        textclean.deduplicate(docs)
    assert message in str(error.value)
