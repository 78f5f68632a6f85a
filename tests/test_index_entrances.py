"""An index answers the same through every entrance: what `deduplicate` says of all that was ever added, in that order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import textclean
from textclean import Index
from textclean.errors import ConfigError, InputError

WORDS = "harbour crane ferry board quay storm repair insurer diver basin shed town clock tower bridge mill".split()
#: Paragraphs that are like each other, like nothing, too short, blank.
paragraph = st.one_of(
    st.builds(lambda start, cut: " ".join(WORDS[start:] + WORDS[:start][:cut]), st.integers(0, 3), st.integers(0, 3)),
    st.builds(lambda number, more: " ".join(WORDS) + f" {number}" + more, st.integers(0, 2), st.sampled_from(["", " Again", "."])),
    st.sampled_from(["", "A short line.", " ".join(WORDS[::-1]), " ".join(WORDS).upper(), "\ud800 " + " ".join(WORDS[2:])]),
)
document = st.lists(paragraph, max_size=4).map("\n".join)
settings = st.fixed_dictionaries(
    {},
    optional={
        "unit": st.sampled_from(["paragraph", "document"]),
        "threshold": st.sampled_from([0.5, 0.7, 1.0]),
        "min_words": st.integers(0, 12),
        "ngram_size": st.integers(1, 4),
        "same_numbers": st.booleans(),
    },
)


def told(found: textclean.Duplicates, names: list[str], before: int = 0) -> list[tuple[int, float, str, tuple[int, int]]]:
    """Of each repeat: the unit, the similarity, and the id and span of its witness; of documents from number `before` on."""
    units = int(np.searchsorted(found.unit_doc, before))
    rows = []
    for unit in np.flatnonzero(found.dropped).tolist():
        witness = int(found.witness[unit])
        if witness < len(found):
            place = names[found.unit_doc[witness]], tuple(found.unit_span[witness].tolist())
        else:
            known = found.earlier[witness - len(found)]
            place = known.id, known.span
        if unit >= units:
            rows.append((unit - units, float(found.similarity[unit]), *place))
    return rows


@given(st.lists(document, max_size=8), st.integers(0, 8), settings)
def test_two_calls_with_an_index_are_one_call_without(tmp_path_factory: Any, docs: list[str], cut: int, options: dict[str, Any]) -> None:
    """For any texts and options: adding, asking a file that is read-only, and asking before adding say the same, witness for witness."""
    path = tmp_path_factory.mktemp("index") / "seen.db"
    rows = [{"text": text, "url": f"u{number}"} for number, text in enumerate(docs)]
    names = [row["url"] for row in rows]
    expected = told(textclean.deduplicate(rows, **options), names, len(rows[:cut]))
    with Index(path, **options, fsync=False) as index:
        first = textclean.deduplicate(rows[:cut], index=index, id="url", **options)
        assert told(first, names) == told(textclean.deduplicate(rows[:cut], **options), names)
        with Index(path, read_only=True) as asked:
            assert told(textclean.deduplicate(rows[cut:], index=asked, id="url"), names[cut:]) == expected
            assert len(asked) == len(rows[:cut])
        assert told(index.compare(rows[cut:], id="url"), names[cut:]) == expected
        assert told(textclean.deduplicate(rows[cut:], index=index, id="url"), names[cut:]) == expected
        assert len(index) == len(rows)
        assert index.verify() == []


def test_what_was_there_is_named(tmp_path: Path) -> None:
    """Records and rows name the document of the index; tables go in too, with their columns."""
    text = " ".join(WORDS)
    with Index(tmp_path / "seen.db") as index:
        textclean.deduplicate(
            pa.table({"body": [text], "url": ["u1"], "site": ["north"]}), index=index, text="body", id="url", source="site"
        )
        found = textclean.deduplicate([{"text": text, "url": "u2", "site": "south"}], index=index, id="url", source="site")
        (record,) = found.records()
        assert (record["id"], record["source"]) == ("u2", "south")
        assert record["witness"] == {"id": "u1", "source": "north", "date": None, "span": [0, len(text)]}
        assert found.explain(0).similarity == 1.0
        assert found.numbers is not None
        assert found.numbers.tolist() == [2]
        assert found.earlier[0].number == 1


def test_a_witness_that_is_removed_meanwhile_is_named_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is that of the moment at which the documents went in, whatever another process does before it is told."""
    rows = [{"text": " ".join(WORDS), "url": "u1"}]
    answer = Index._answer

    def late(self: Index, *args: Any) -> Any:
        with Index(tmp_path / "seen.db") as other:
            other.remove("u1")
        return answer(self, *args)

    with Index(tmp_path / "seen.db") as index:
        index.add(rows, id="url")
        monkeypatch.setattr(Index, "_answer", late)
        found = index.add(rows * 2, id=["u2", "u3"])
        assert told(found, ["u2", "u3"]) == [(at, 1.0, "u1", (0, len(rows[0]["text"]))) for at in range(2)]
        assert "u1" not in index


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep": "last"}, "keep='last': with index=... what was seen first stays: leave keep out, or say keep='first'"),
        ({"keep": "url"}, "keep='url': with index=... what was seen first stays"),
        ({"keep": len}, "what was seen first stays"),
        ({"method": "minhash"}, "method='minhash': index seen.db compares by method='exact': leave method out, or use another index"),
        ({"unit": "document"}, "unit='document': index seen.db compares by unit='paragraph'"),
        ({"threshold": 0.7}, "threshold=0.7: index seen.db compares by threshold=0.8"),
        ({"ngram_size": 5}, "ngram_size=5: index seen.db compares by ngram_size=3"),
        ({"min_words": 3}, "min_words=3: index seen.db compares by min_words=10"),
        ({"same_numbers": False}, "same_numbers=False: index seen.db compares by same_numbers=True"),
        ({"num_perm": 16}, "num_perm=16: index seen.db compares by num_perm=256"),
        ({"seed": 2}, "seed=2: index seen.db compares by seed=1"),
        ({"id": "nothing"}, "nothing"),
        ({"index": "seen.db"}, "index='seen.db': a textclean.Index is needed, e.g. textclean.Index('seen.db')"),
        ({"index": 3}, "index=3: a textclean.Index is needed"),
    ],
    ids=str,
)
def test_what_contradicts_the_index_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], message: str
) -> None:
    """With a `ConfigError`, and nothing is added; the same values said in so many words are no contradiction."""
    monkeypatch.chdir(tmp_path)
    rows = [{"text": " ".join(WORDS), "url": "u"}]
    with Index("seen.db") as index:
        with pytest.raises(ConfigError) as caught:
            textclean.deduplicate(rows, **{"index": index, **options})
        assert message in str(caught.value)
        assert len(index) == 0
        same = {"unit": "paragraph", "threshold": 0.8, "ngram_size": 3, "min_words": 10, "same_numbers": True, "keep": "first"}
        assert not textclean.deduplicate(rows, index=index, method="exact", **same).dropped.any()


def test_an_empty_index_is_one(tmp_path: Path) -> None:
    """Who asks whether there is an index does not mean whether something is in it."""
    with Index(tmp_path / "seen.db") as index:
        assert (bool(index), len(index)) == (True, 0)


def test_names_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """An id or a source with half a character in it can't be stored, and nothing of it is."""
    with Index(tmp_path / "seen.db") as index:
        for row in ({"text": "a", "url": "\ud800", "site": "s"}, {"text": "a", "url": "u", "site": "\ud800"}):
            with pytest.raises(InputError, match="holds half a character"):
                index.add([row], id="url", source="site")
        assert (len(index), index.verify()) == (0, [])


def test_removing_by_prefix_takes_what_begins_so(tmp_path: Path) -> None:
    """And nothing else, whatever stands behind it."""
    ids = ["a/1", "a/2", "a/\U0010fffd", "a/é", "a", "a0", "b/1", "A/1"]
    with Index(tmp_path / "seen.db") as index:
        index.add(["x"] * len(ids), id=ids)
        assert index.remove(prefix="a/") == 4
        assert [id in index for id in ids] == [False] * 4 + [True] * 4
        for wrong in ({}, {"prefix": ""}, {"prefix": "a", "source": "b"}, {"id": "a", "prefix": "b"}):
            with pytest.raises(ConfigError, match="say what to remove"):
                index.remove(**wrong)
