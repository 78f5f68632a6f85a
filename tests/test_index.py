"""An index answers what one `deduplicate` over everything in it would, whatever went in and out before."""

from __future__ import annotations

import asyncio
import random
import tempfile
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textclean import Duplicates, Index, deduplicate
from textclean.errors import ConfigError, InputError, NotTextError

WIRE = "The council voted on Tuesday to close the bridge for repairs until the end of the year."
OTHER = "Two cranes on the northern quay were broken by the storm, and the ferries stayed where they were."

#: Few words and many edits, so that units are near each other in all ways.
WORDS = [f"w{i}" for i in range(30)] + ["7", "1,500"]
RULES = st.fixed_dictionaries(
    {
        "threshold": st.sampled_from([0.5, 0.6, 0.8]),
        "ngram_size": st.sampled_from([1, 2, 3]),
        "min_words": st.sampled_from([0, 3, 9]),
        "same_numbers": st.booleans(),
    }
)


def made_documents(draw: random.Random, count: int) -> list[dict[str, Any]]:
    """Makes documents whose paragraphs are versions of a few."""
    bases = [[draw.choice(WORDS) for _ in range(draw.randint(8, 14))] for _ in range(4)]

    def paragraph() -> str:
        words = list(draw.choice(bases))
        for _ in range(draw.randint(0, 2)):
            words[draw.randrange(len(words))] = draw.choice(WORDS)
        return draw.choice(["Short.", *[" ".join(words)] * 8])

    return [
        {
            "id": f"d{i}",
            "text": "\n".join(paragraph() for _ in range(draw.randint(0, 4))),
            "source": draw.choice("ab"),
            "date": f"2026-01-{draw.randint(1, 28):02d}",
        }
        for i in range(count)
    ]


def said(found: Duplicates, documents: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Returns for each unit what it repeats, by names that do not depend on the call: the document, and the span in it."""

    def place(unit: int) -> tuple[Any, ...] | None:
        if unit < 0:
            return None
        if unit >= len(found):
            earlier = found.earlier[unit - len(found)]
            return earlier.id, earlier.span
        return documents[found.unit_doc[unit]]["id"], tuple(found.unit_span[unit].tolist())

    return [(place(unit), place(int(found.witness[unit])), float(found.similarity[unit])) for unit in range(len(found))]


def cut(draw: random.Random, documents: list[Any]) -> list[list[Any]]:
    """Cuts documents into days."""
    days, start = [], 0
    while start < len(documents):
        end = start + draw.randint(1, 5)
        days.append(documents[start:end])
        start = end
    return days


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), RULES, st.booleans(), st.sampled_from(["paragraph", "document"]))
def test_days_add_up(draw, rules, removable, unit):
    """What is said day by day is what is said of all days at once: the same drops, witnesses and similarities, bit for bit."""
    documents = made_documents(draw, 16)
    whole = deduplicate(documents, unit=unit, **rules)
    with tempfile.TemporaryDirectory() as folder, Index(f"{folder}/a.db", unit=unit, removable=removable, fsync=False, **rules) as index:
        days = [(index.add(day, id="id"), day) for day in cut(draw, documents)]
        assert [line for found, day in days for line in said(found, day)] == said(whole, documents)
        assert index.verify() == []
        assert index.stats().documents == len(index) == len(documents)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), RULES)
def test_what_was_removed_was_never_there(draw, rules):
    """After removals in any order, an index answers what one that never had the documents answers; learning anew changes nothing."""
    documents = made_documents(draw, 14)
    with tempfile.TemporaryDirectory() as folder, Index(f"{folder}/a.db", fsync=False, **rules) as index:
        for day in cut(draw, documents):
            index.add(day, id="id", source="source", date="date")
        for _ in range(draw.randint(1, 3)):
            gone = {document["id"] for document in draw.sample(documents, min(len(documents), 3))}
            way = draw.choice(["id", "source", "date", "compact"])
            if way == "compact":
                index.compact()
                continue
            if way == "source":
                gone = {document["id"] for document in documents if document["source"] == "a"}
                count = index.remove(source="a")
            elif way == "date":
                gone = {document["id"] for document in documents if document["date"] < "2026-01-10"}
                count = index.expire(before="2026-01-10")
            else:
                count = index.remove(gone)
            documents = [document for document in documents if document["id"] not in gone]
            assert count == len(gone)
        assert index.verify() == []
        whole, found = deduplicate(documents, **rules), index.add(documents, id="id", replay=True)
        assert said(found, documents) == said(whole, documents)
        more = made_documents(draw, 3)
        for document in more:
            document["id"] += "/more"
        assert said(index.add(more, id="id"), more) == said(deduplicate(documents + more, **rules), documents + more)[len(whole) :]


@settings(max_examples=30)
@given(st.randoms(use_true_random=False), RULES)
def test_merging_is_adding(draw, rules):
    """An index into which another is merged answers as if the other's documents had been added to it."""
    documents = made_documents(draw, 12)
    with tempfile.TemporaryDirectory() as folder:
        one, two = (Index(f"{folder}/{name}.db", fsync=False, **rules) for name in ("one", "two"))
        one.add(documents[:6], id="id", source="source")
        two.add(documents[6:], id="id", source="source", date="date")
        assert one.merge(two) == 6
        assert one.verify() == []
        assert said(one.add(documents, id="id", replay=True), documents) == said(deduplicate(documents, **rules), documents)
        with pytest.raises(InputError, match="is in both"):
            one.merge(two)
        assert len(one) == 12


@settings(max_examples=30)
@given(st.randoms(use_true_random=False), RULES)
def test_found_is_what_would_go(draw, rules):
    """`find` names the unit that `add` would name first, with the same similarity, and all others that stay and reach the threshold."""
    documents, new = made_documents(draw, 10), made_documents(draw, 1)[0]
    with tempfile.TemporaryDirectory() as folder, Index(f"{folder}/a.db", fsync=False, **rules) as index:
        kept = index.add(documents, id="id")
        matches = index.find(new["text"])
        assert index.stats().documents == len(documents)
        units = [
            (document["id"], span)
            for (document, _), span in zip([(documents[i], i) for i in kept.unit_doc], kept.unit_span.tolist(), strict=True)
        ]
        stay = [place for place, dropped in zip(units, kept.dropped.tolist(), strict=True) if not dropped]
        assert all((match.id, list(match.witness_span)) in [(id, span) for id, span in stay] for match in matches)
        first = {}
        for match in matches:
            first.setdefault(match.span, ((match.id, match.witness_span), match.similarity))
        found = index.add([{**new, "id": "new"}], id="id")
        would = {
            tuple(found.unit_span[unit].tolist()): (said(found, [{"id": "new"}])[unit][1], float(found.similarity[unit]))
            for unit in range(len(found))
            if found.witness[unit] >= len(found)
        }
        assert {span: place for span, place in first.items() if span in would} == would
        assert set(first) >= set(would)


def test_seen(tmp_path: Path) -> None:
    """A text was seen if all units of it that are long enough were, verbatim or nearly."""
    with Index(tmp_path / "a.db") as index:
        index.add([f"{WIRE}\n\n{OTHER}"])
        assert index.seen(WIRE)
        assert index.seen(f"{OTHER.upper()}\nShort.\n\n{WIRE}")
        assert index.seen(f"{OTHER[:-1]} then.")
        assert not index.seen(f"{WIRE}\n\nNobody had said before what is said in this paragraph, which is long enough.")
        assert not index.seen("Short.")
        assert not index.seen("")
        assert index.find("Short.") == []


def test_grows_over_new_orders(tmp_path: Path) -> None:
    """The order of shingles is learned anew as an index grows; days still add up."""
    draw = random.Random(3)
    vocabulary = [f"v{i}" for i in range(2000)]
    documents: list[dict[str, Any]] = []
    for i in range(3200):
        words = draw.choice(documents)["text"].split() if documents and draw.random() < 0.3 else draw.sample(vocabulary, 20)
        if draw.random() < 0.5:
            words[draw.randrange(20)] = "other"
        documents.append({"id": str(i), "text": " ".join(words)})
    with Index(tmp_path / "a.db", fsync=False, threshold=0.6) as index:
        days = [documents[:100], documents[100:400], documents[400:1000], documents[1000:]]
        found = [line for day in days for line in said(index.add(day, id="id"), day)]
        with index._file.reading() as connection:
            versions = connection.execute("SELECT value FROM header WHERE name = 'order_version'").fetchone()
        assert versions > (2,)
        assert found == said(deduplicate(documents, threshold=0.6), documents)
        assert index.verify() == []


def test_answer_is_a_whole_one(tmp_path: Path) -> None:
    """All that `Duplicates` offers works with witnesses from before."""
    pytest.importorskip("pyarrow")
    with Index(tmp_path / "a.db") as index:
        index.add(
            [{"name": "monday", "text": WIRE, "site": "a.example", "day": "2026-11-02T10:00+01:00"}], id="name", source="site", date="day"
        )
        found = index.add([{"name": "tuesday", "text": f"{OTHER}\n\n{WIRE} Really."}, {"name": "later", "text": OTHER}], id="name")
        assert found.witness.tolist() == [-1, 3, 0]
        assert found.dropped.tolist() == [False, True, True]
        assert (found.earlier[0].id, found.earlier[0].source, found.earlier[0].date) == ("monday", "a.example", 1793610000)
        assert [(group.kept, group.dropped.tolist()) for group in found.groups()] == [(0, [2]), (3, [1])]
        assert found.texts() == [OTHER, ""]
        assert found.explain(1).witness == found.earlier[0].tokens == WIRE[:-1].lower()
        assert [line["witness"]["id"] for line in found.records()] == ["monday", "tuesday"]
        assert found.to_arrow().num_rows == 3


def test_dates(tmp_path: Path) -> None:
    """Dates come as text, days or moments; what is before a day goes, what has none stays."""
    days = ["2026-11-28", date(2026, 11, 29), datetime(2026, 11, 30, 1, tzinfo=timezone(timedelta(hours=2))), None]
    with Index(tmp_path / "a.db") as index:
        index.add([WIRE] * 4, id=["a", "b", "c", "d"], date=days)
        assert index.expire(before="2026-11-29") == 1
        assert index.expire(before=datetime(2026, 11, 30)) == 2
        assert "d" in index
        assert "c" not in index
        for wrong in ("yesterday", 20261129, float("nan"), None):
            with pytest.raises(InputError):
                index.expire(before=wrong)


def test_ids(tmp_path: Path) -> None:
    """Ids that are missing, repeated or there already are an error each, and nothing is added."""
    with Index(tmp_path / "a.db") as index:
        index.add([{"id": 7, "text": WIRE}], id="id")
        assert "7" in index
        cases: list[tuple[Any, Any, str]] = [
            ([{"id": "7", "text": OTHER}], "id", "'7' is in the index already"),
            ([{"id": "x", "text": OTHER}, {"id": "x", "text": WIRE}], "id", "'x' stands twice"),
            ([{"id": None, "text": OTHER}], "id", "document 0 has the id None"),
            ([{"id": "", "text": OTHER}], "id", "document 0 has the id ''"),
            ([OTHER], ["a", "b"], "2 values, and there are 1 documents"),
        ]
        for documents, id, message in cases:
            with pytest.raises(InputError, match=message):
                index.add(documents, id=id)
        with pytest.raises(ConfigError, match="no 'name'"):
            index.add([{"id": "y", "text": OTHER}], id="name")
        assert index.stats().documents == 1
        assert len(index.add([OTHER, OTHER])) == 2
        with pytest.raises(NotTextError):
            index.find(b"bytes")  # type: ignore[arg-type]


def test_a_run_that_was_broken_off_is_answered_again(tmp_path: Path) -> None:
    """With `replay`, what is there is answered as it was, what is not is added, and another text of the same id is an error."""
    documents = [{"id": str(i), "text": f"{WIRE} {OTHER}" if i % 2 else OTHER} for i in range(6)]
    with Index(tmp_path / "a.db") as index, Index(tmp_path / "b.db") as broken:
        whole = index.add(documents, id="id")
        broken.add(documents[:3], id="id")
        again = broken.add(documents, id="id", replay=True)
        assert said(again, documents) == said(whole, documents)
        assert len(broken) == 6
        with pytest.raises(InputError, match="with another text"):
            broken.add([{"id": "0", "text": WIRE}], id="id", replay=True)
    with Index(tmp_path / "c.db", removable=False) as small, pytest.raises(ConfigError, match="removable=True"):
        small.add(documents, id="id", replay=True)


def test_small_index_refuses_removal(tmp_path: Path) -> None:
    """An index that remembers only what stays takes less, and says so when it is to remove or to be merged."""
    with Index(tmp_path / "a.db", removable=False) as small, Index(tmp_path / "b.db") as large:
        for index in (small, large):
            index.add([f"{WIRE} {i % 3}" for i in range(50)])
        assert small.stats().units < large.stats().units
        assert small.verify() == []
        for refused in (lambda: small.remove("x"), lambda: small.expire(before="2026-01-01"), lambda: large.merge(small)):
            with pytest.raises(ConfigError, match="removable=False"):
                refused()
        with pytest.raises(ConfigError, match="say what to remove"):
            large.remove()


def test_streams_and_loops(tmp_path: Path) -> None:
    """A stream is added in parts; the coroutines answer as the methods do."""
    documents = [{"id": str(i), "text": f"{WIRE} {i % 7}"} for i in range(2500)]

    async def ask(index: Index) -> tuple[Any, ...]:
        return await index.aadd([OTHER], id=["o"]), await index.afind(OTHER), await index.aseen(OTHER)

    with Index(tmp_path / "a.db", same_numbers=True) as index:
        found = list(index.add_many(iter(documents), id="id"))
        assert [len(part) for part in found] == [1024, 1024, 452]
        assert sum(int(part.dropped.sum()) for part in found) == 2493
        with pytest.raises(ConfigError, match="the name of a key"):
            next(index.add_many(documents, id=["a"]))
        added, matches, seen = asyncio.run(ask(index))
        assert (added.dropped.tolist(), matches[0].id, seen) == ([False], "o", True)
