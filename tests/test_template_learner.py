"""Templates learned a part at a time: day by day is one pass, whatever was forgotten; files of learners are whole, or refused."""

from __future__ import annotations

import gzip
import json
import pickle
import random
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textclean
from stories import HOST, TIP, page, sentence, story
from textclean import Config, TemplateLearner, Templates, _native, learn_templates
from textclean.errors import ConfigError, InputError, OutputError, SourceError, TemplatesError

PAGES = [page(*story(i), TIP) for i in range(8)]


def corpus(rng: random.Random, count: int) -> list[dict[str, Any]]:
    """Pages of some sites: notices of which some are rare, agency stories that come again, and that were cut, dates or none."""
    docs = []
    for _ in range(count):
        site = rng.choice(["a", "a", "a", "b", "c", "ü/1", None])
        told = story(rng.randrange(count), rng.randint(1, 9))[: rng.choice((1, 2, 99, 99))]
        notices = [sentence((site, n)) for n in range(8) if rng.random() < 2.0**-n]
        top = [f"Menu of {site}"] if rng.random() < 0.7 else []
        day = rng.choice([None, f"2021-{rng.randint(1, 12):02}-05", "x" * 90])
        docs.append({"text": page(*top, *told, *notices, f"{TIP} {rng.randint(1, 3)}"), "site": site, "day": day})
    return docs


def cut(rng: random.Random, docs: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The same documents by days, of which some have none."""
    ends = sorted(rng.randint(0, len(docs)) for _ in range(rng.randint(0, 6)))
    return [docs[start:end] for start, end in zip([0, *ends], [*ends, len(docs)], strict=True)]


def state(learner: TemplateLearner, path: Path) -> bytes:
    """All that it knows."""
    learner.save(path)
    return path.read_bytes()


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 250),
    memory=st.sampled_from([0.1, 0.1, 0.15, 0.4, 50]),
    dated=st.booleans(),
    name=st.sampled_from(["s.jsonl", "s.jsonl.gz", "s.jsonl.zst"]),
)
def test_day_by_day_is_one_pass(tmp_path, seed, count, memory, dated, name):
    """Saved and loaded after each day, it knows at the end bit for bit what one pass knows, and finds the same templates."""
    rng = random.Random(seed)
    docs = corpus(rng, count)
    options: dict[str, Any] = {"source": "site", "date": "day" if dated else None}
    path = tmp_path / name
    TemplateLearner(memory_mb=memory).save(path)
    for day in cut(rng, docs):
        learner = TemplateLearner.load(path)
        learner.learn(day, **options)
        learner.save(path)
    whole = TemplateLearner(memory_mb=memory)
    whole.learn(docs, **options)
    assert path.read_bytes() == state(whole, tmp_path / f"whole-{name}")
    learned = TemplateLearner.load(path).templates()
    assert learned.contents == whole.templates().contents == learn_templates(docs, memory_mb=memory, **options).contents
    assert learned.documents == count


def test_days_of_which_much_is_forgotten(tmp_path):
    """What the search above compares happens: lines are forgotten, again and again, on both ways alike."""
    docs = corpus(random.Random(1), 600)
    path = tmp_path / "s.jsonl"
    TemplateLearner(memory_mb=0.1).save(path)
    shorts = []
    for start in range(0, 600, 50):
        learner = TemplateLearner.load(path)
        learner.learn(docs[start : start + 50], source="site")
        learner.save(path)
        shorts.append(learner.templates().sites["a"].short)
    assert 0 == shorts[0] < shorts[-1]
    assert len(set(shorts)) > 3
    assert learner.templates().contents == learn_templates(docs, source="site", memory_mb=0.1).contents


def test_lines_of_which_each_day_has_one():
    """A line that stands once in each day is known by all days, and merging the templates of the days knows nothing of it."""
    days = [[page(*story((day, i)), *([TIP] if i == 3 else [])) for i in range(6)] for day in range(7)]
    learner = TemplateLearner(share=0.1)
    for day in days:
        learner.learn(day, site=HOST)
    assert [(entry.documents, entry.samples) for entry in learner.templates().entries(HOST)] == [(7, (TIP,))]
    merged = learn_templates(days[0], site=HOST, share=0.1)
    for day in days[1:]:
        merged = merged.merge(learn_templates(day, site=HOST, share=0.1))
    assert merged.entries(HOST, evidence=True) == []


def test_a_site_of_thousands_of_pages(tmp_path):
    """A large state is written and read in a few seconds; it takes some hundred bytes a page, packed."""
    pages = [page(*story(i, 5), TIP) for i in range(6000)]
    learner = TemplateLearner()
    learner.learn(pages[:4000], site=HOST)
    began = time.perf_counter()
    learner.save(tmp_path / "s.jsonl.gz")
    learner = TemplateLearner.load(tmp_path / "s.jsonl.gz")
    assert time.perf_counter() - began < 20
    assert (tmp_path / "s.jsonl.gz").stat().st_size < 4000 * 3000
    learner.learn(pages[4000:], site=HOST)
    assert learner.templates().contents == learn_templates(pages, site=HOST).contents


def test_what_is_kept(tmp_path):
    """Thresholds, memory, the way texts are read and whether there are dates come back; thresholds can be replaced."""
    config = Config(unwrap=False, straighten_quotes=True, narrow_width=True, languages=["de"])
    learner = TemplateLearner(documents=3, share=0.2, inside_documents=7, inside_share=0.9, memory_mb=0.7, config=config)
    docs = [{"text": f"{text}\n\n“Das Blatt” ｄｅｓ Tages liest die ganze Stadt.", "day": "2021-03-01"} for text in PAGES]
    learner.learn(docs[:4], site=HOST, date="day")
    learner.save(tmp_path / "s.jsonl")
    again = TemplateLearner.load(tmp_path / "s.jsonl")
    assert (again.thresholds, again.documents, repr(again)) == (learner.thresholds, 4, "TemplateLearner(4 documents of 1 sites)")
    for each in (learner, again):
        each.learn(docs[4:], site=HOST, date="day")
    assert state(again, tmp_path / "a") == state(learner, tmp_path / "b")
    samples = {sample for entry in again.templates().entries(HOST) for sample in entry.samples}
    assert samples == {TIP, '"Das Blatt" des Tages liest die ganze Stadt.'}
    again.thresholds = textclean.learn_templates([], site="x", documents=9).thresholds
    assert again.templates().entries(HOST) == []


def test_templates_stay_as_they_are():
    """What was learned so far does not change when more is learned."""
    learner = TemplateLearner()
    learner.learn(PAGES[:6], site=HOST)
    templates = learner.templates()
    learner.learn(PAGES[6:], site=HOST)
    assert [templates.entries(HOST)[0].documents, learner.templates().entries(HOST)[0].documents] == [6, 8]


def test_dates_come_always_or_never():
    """Days with dates and days without are not mixed; a learner that has seen nothing takes either."""
    learner = TemplateLearner()
    learner.learn([], site=HOST, date="day")
    learner.learn(PAGES, site=HOST)
    with pytest.raises(ConfigError, match=r"8 documents without dates: leave date=\.\.\. out"):
        learner.learn([{"text": "a", "day": "2021-01-01"}], site=HOST, date="day")
    dated = TemplateLearner()
    dated.learn([{"text": "a", "day": "2021-01-01"}], site=HOST, date="day")
    with pytest.raises(ConfigError, match="say date=FIELD"):
        dated.learn(PAGES, site=HOST)


def test_what_is_too_long_is_cut_or_passed_over(tmp_path):
    """Names and dates are bounded, since memory and what is stored are; a state of any of them can be read again."""
    learner = TemplateLearner()
    docs = [{"text": text, "site": site * 5000, "day": site * 5000} for text in PAGES for site in ("x", "é", "")]
    docs += [{"text": text, "site": "y" * 4096, "day": "é" * 5000} for text in PAGES]
    learner.learn(docs, source="site", date="day")
    learner.save(tmp_path / "s.jsonl")
    templates = TemplateLearner.load(tmp_path / "s.jsonl").templates()
    assert (templates.documents, list(templates.sites)) == (32, ["y" * 4096])
    assert templates.entries("y" * 4096)[0].first == "é" * 32


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"memory_mb": 0.05}, ConfigError, "memory_mb=0.05"),
        ({"memory_mb": float("nan")}, ConfigError, "memory_mb=nan"),
        ({"documents": 1}, ConfigError, "documents=1"),
        ({"config": 5}, ConfigError, "config=5"),
    ],
)
def test_misuse(options, error, message):
    """Values that can't be are named when a learner is made."""
    with pytest.raises(error, match=message):
        TemplateLearner(**options)


def test_bad_documents_leave_what_was_saved(tmp_path):
    """After an error the saved state can be loaded, and the day learned again."""
    learner = TemplateLearner()
    learner.learn(PAGES[:3], site=HOST)
    learner.save(tmp_path / "s.jsonl")
    with pytest.raises(InputError):
        learner.learn([*PAGES[3:] * 100, None], site=HOST)
    again = TemplateLearner.load(tmp_path / "s.jsonl")
    again.learn(PAGES[3:], site=HOST)
    assert again.templates().contents == learn_templates(PAGES, site=HOST).contents


# Files


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> list[Any]:
    """The lines of a file, without the last."""
    learner = TemplateLearner(memory_mb=0.5)
    learner.learn(
        [{"text": text, "site": site, "day": f"2021-01-0{i}"} for site in "ab" for i, text in enumerate(PAGES)], source="site", date="day"
    )
    path = tmp_path_factory.mktemp("good") / "s.jsonl"
    return [json.loads(line) for line in state(learner, path).splitlines()[:-1]]


def stored(lines: list[Any]) -> bytes:
    """A file of these lines, with the hash that it should have."""
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    return body + json.dumps({"end": blake2b(body, digest_size=16).hexdigest()}).encode() + b"\n"


def first(lines: list[Any], kind: str) -> dict[str, Any]:
    """The first record of a kind."""
    found: dict[str, Any] = next(line[kind] for line in lines if kind in line)
    return found


def refused(path: Path, data: bytes, message: str, **options: Any) -> None:
    """Asserts that a file is refused with an error that names it."""
    path.write_bytes(data)
    with pytest.raises(TemplatesError, match=message) as caught:
        TemplateLearner.load(path, **options)
    assert str(caught.value).startswith(str(path))
    assert isinstance(pickle.loads(pickle.dumps(caught.value)), TemplatesError)


def test_a_good_file_is_read(good, tmp_path):
    """The file that is damaged below is good without the damage."""
    (tmp_path / "s.jsonl").write_bytes(stored(good))
    assert [entry.samples for entry in TemplateLearner.load(tmp_path / "s.jsonl").templates().entries("a")] == [(TIP,)]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("format", "textclean-templates", "format is 'textclean-templates', this version of textclean reads 'textclean-template-learner'"),
        ("version", 2, r"version is 2, this version of textclean reads 1: learn from the documents again \(it was written by textclean"),
        ("version", True, "version is True"),
        ("mask", 99, "mask is 99"),
        ("tokenizer", 0, "tokenizer is 0"),
        ("documents", -1, "documents is -1"),
        ("documents", 2**62, "documents is 46"),
        ("documents", 15, "page 15 is not in order"),
        ("documents", 10**30, "documents is 1000"),
        ("memory", 5, "memory is 5"),
        ("memory", 10**15, "memory is 1000000000000000"),
        ("memory", 100_000.5, "memory is 100000.5"),
        ("dated", None, "dated is None"),
        ("thresholds", {"documents": 0}, "documents=0"),
        ("thresholds", [], r"thresholds is \[\]"),
        ("config", {"unwrap": True}, r"config.straighten_quotes is None"),
    ],
    ids=range(16),
)
def test_the_first_line_is_checked(good, tmp_path, name, value, message):
    """A learner of another format or version, or that says of itself what can't be, is refused with what is wrong."""
    refused(tmp_path / "s.jsonl", stored([good[0] | {name: value}, *good[1:]]), message)


#: Values that can't be, by the kind of the record and the name in it.
WRONG = [
    ("site", "name", 5, "invalid type"),
    ("site", "name", "c", "sites are not in order"),
    ("site", "name", "a" * 4097, "too large"),
    ("site", "documents", 2**64, "invalid type|invalid value"),
    ("site", "documents", 2**64 - 1, "there are 16"),
    ("site", "documents", 3, "more pages than documents"),
    ("site", "documents", 9, "sites have 17 documents, and there are 16"),
    ("site", "short", -1, "invalid value"),
    ("site", "short", 2**63, "too large"),
    ("site", "more", 1, "unknown field `more`"),
    ("page", "number", 16, "page 16 is not in order"),
    ("page", "number", 3, "is not in order|is not there"),
    ("page", "date", "x" * 65, "a date is too long"),
    ("page", "outline", [1] * 2050, "an outline is too long"),
    ("page", "outline", ["1"], "invalid type"),
    ("page", "outline", [2**64], "invalid type|out of range|invalid value"),
    ("page", "sketch", {"hashes": [[2, 0], [1, 0]], "limit": 2**32 - 1, "keys": [1]}, "not in order"),
    ("page", "sketch", {"hashes": [[1, 0], [1, 0]], "limit": 2**32 - 1, "keys": [1]}, "not in order"),
    ("page", "sketch", {"hashes": [[1, 1]], "limit": 2**32 - 1, "keys": [1]}, "belongs to no line"),
    ("page", "sketch", {"hashes": [[1, 0]], "limit": 5, "keys": [1]}, "limit of a sketch"),
    ("page", "sketch", {"hashes": [], "limit": 0, "keys": []}, "limit of a sketch"),
    ("page", "sketch", {"hashes": [[1, 0]], "limit": 2**32 - 1, "keys": [1, 2]}, "too long"),
    ("page", "sketch", {"hashes": [[n, 0] for n in range(129)], "limit": 2**32 - 1, "keys": [1]}, "too long"),
    ("page", "sketch", {"hashes": [[1]], "limit": 2**32 - 1, "keys": [1]}, "invalid length"),
    ("page", "sketch", [[[[[]]]]], "invalid type|invalid length"),
    ("page", "once", [5, 5], "stands there twice"),
    ("line", "documents", 1, "a line of 1 documents"),
    ("line", "documents", 9, "a line of 9 documents, of 8"),
    ("line", "documents", 7, "7 documents of which 8 were examined"),
    ("line", "documents", 2**32, "invalid value"),
    ("line", "kept", [], "0 were examined"),
    ("line", "kept", [0] * 8, "not in order"),
    ("line", "kept", [*range(7), 15], "other pages have later"),
    ("line", "kept", [*range(1, 8), 8], "page 8 is not there|other pages have later"),
    ("line", "settled", [1, 0, 0], "9 were examined"),
    ("line", "settled", [2**32 - 1] * 3, "were examined"),
    ("line", "settled", [0, 0], "invalid length"),
    ("line", "last", 0, "other pages have later"),
    ("line", "last", 16, "page 16 of 16"),
    ("line", "dates", ["2", "1"], "after its last"),
    ("line", "dates", ["1", "x" * 65], "too long"),
    ("line", "samples", [], "too few"),
    ("line", "samples", ["a b", "a b"], "twice"),
    ("line", "samples", ["a b", "a c"], "not those of one line"),
    ("line", "samples", ["a b " * 2000], "too long"),
    ("line", "samples", ["* * *"], "too few"),
    ("line", "samples", [f"a {n}" for n in range(4)], "too few"),
]


@pytest.mark.parametrize(("kind", "name", "value", "message"), WRONG, ids=range(len(WRONG)))
def test_records_are_checked(good, tmp_path, kind, name, value, message):
    """A value that a learner does not write is refused, wherever it stands, with its record and the remedy."""
    lines = pickle.loads(pickle.dumps(good))
    first(lines, kind)[name] = value
    refused(tmp_path / "s.jsonl", stored(lines), rf"damaged \(.*({message}).*\): go on from an older copy of it, or learn")


def test_records_are_whole_and_in_place(good, tmp_path):
    """A member that is missing, a record that is missing, twice, unknown or elsewhere is refused."""
    path = tmp_path / "s.jsonl"
    for kind in ("site", "page", "line"):
        at = next(i for i, line in enumerate(good) if kind in line)
        for name in good[at][kind]:
            less = {kind: {other: value for other, value in good[at][kind].items() if other != name}}
            # Of what may be null, absence says null.
            if name not in ("date", "dates"):
                refused(path, stored([*good[:at], less, *good[at + 1 :]]), f"missing field `{name}`")
        # A line less is a learner that has not seen it.
        if kind != "line":
            refused(path, stored([*good[:at], *good[at + 1 :]]), "damaged")
        refused(path, stored([*good[:at], good[at], *good[at:]]), "not in order|twice")
        refused(path, stored([*good[:at], *good[at + 1 :], good[at]]), "damaged")
    for other in ([], 5, "x", {"end": 1}, {"link": {}}, {}, {"site": good[1]["site"], "page": {}}):
        refused(path, stored([*good, other]), "damaged")
    lone = {"number": 7, "date": None, "sketch": {"hashes": [], "limit": 2**32 - 1, "keys": []}, "outline": [], "once": []}
    at = next(i for i, line in enumerate(good) if "line" in line)
    pages = [line for line in good[2:at] if line["page"]["number"] != 7]
    assert len(pages) == at - 3
    first_line = first(good, "line")
    less = {"line": first_line | {"documents": 7, "kept": first_line["kept"][:-1]}}
    refused(path, stored([*good[:2], *pages, {"page": lone}, less, *good[at + 1 :]]), "page 7 has no line")


def test_a_file_is_whole(good, tmp_path):
    """A file that breaks off anywhere, or of which any byte is another, is refused; packed files too."""
    data = stored(good)
    path = tmp_path / "s.jsonl"
    rng = random.Random(3)
    for end in {0, 1, len(data) - 1, len(data) - 43, *(rng.randrange(len(data)) for _ in range(60))}:
        refused(path, data[:end], "damaged|no learner")
        changed = bytearray(data)
        changed[min(end, len(data) - 1)] ^= 1
        refused(path, bytes(changed), ": ")
    refused(path, data + b"\n", "damaged")
    refused(path, data + data, "damaged")
    packed = tmp_path / "s.jsonl.gz"
    refused(packed, gzip.compress(data)[:-9], "cut short.*go on from an older copy")
    refused(packed, gzip.compress(data)[:200] + b"x" + gzip.compress(data)[201:], "damaged")
    refused(packed, data, "damaged")


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"\n", b"[" * 100_000, b"\xff\xfe", b"null\n" * 50, b"9" * 60_000 + b"\n", b"x" * 200_000, b"a tale\n" * 90],
    ids=range(9),
)
def test_what_is_no_learner(tmp_path, data):
    """Files of other kinds are refused."""
    refused(tmp_path / "s.jsonl", data, "no learner|damaged|object is needed")


def test_templates_are_no_learner(tmp_path):
    """The two kinds of file are told from each other."""
    learner = TemplateLearner()
    learner.learn(PAGES, site=HOST)
    learner.save(tmp_path / "s.json")
    learner.templates().save(tmp_path / "t.json")
    with pytest.raises(TemplatesError, match="no learner"):
        TemplateLearner.load(tmp_path / "t.json")
    with pytest.raises(TemplatesError, match="not JSON"):
        Templates.load(tmp_path / "s.json")


def test_files_that_are_not_there(tmp_path):
    """Errors of the system are told as the project's own, and an old file stays if the new one can't be written."""
    with pytest.raises(SourceError, match="No such file"):
        TemplateLearner.load(tmp_path / "s.jsonl")
    with pytest.raises(OutputError):
        TemplateLearner().save(tmp_path / "no" / "s.jsonl")


def test_what_is_read_is_bounded_in_memory(good, tmp_path):
    """A file takes no more memory than the learner that it names, nor than the reader allows, though it has but names of sites."""
    path = tmp_path / "s.jsonl"
    many = {"page": first(good, "page")}
    site = {"site": {"name": "a", "documents": 1000, "short": 0}}
    pages = [{"page": many["page"] | {"number": n, "once": [n * 2**40 + 5]}} for n in range(1000)]
    head = good[0] | {"documents": 1000}
    refused(path, stored([head | {"memory": 100_000}, site, *pages]), "take more than the 100000 bytes that they have")
    (tmp_path / "s.jsonl").write_bytes(stored([head | {"memory": 2_000_000}, site, *pages]))
    assert TemplateLearner.load(path, memory_mb=2).documents == 1000
    refused(path, path.read_bytes(), "over 0.5 MB of memory: load it with a larger memory_mb", memory_mb=0.5)
    names = [{"site": {"name": f"{n:09}", "documents": 0, "short": 0}} for n in range(5000)]
    refused(path, stored([head, *names]), "over 1.0 MB of memory", memory_mb=1)
    refused(path, stored([head, {"site": {"name": "x" * (1 << 20), "documents": 0, "short": 0}}]), "has over 1048576 bytes")
    with pytest.raises(ConfigError, match="memory_mb=0:"):
        TemplateLearner.load(path, memory_mb=0)


def test_a_learner_of_anything_works(good, tmp_path):
    """Whatever is read of damaged records, though they have the right hash, can be learned with; nothing crashes or hangs."""
    rng = random.Random(8)
    path = tmp_path / "s.jsonl"
    values: list[Callable[[], Any]] = [
        lambda: rng.randrange(20),
        lambda: rng.choice([0, 1, 7, 2**32 - 1, 2**62, 2**64 - 1, -1, None, [], ""]),
    ]
    read = 0
    for _ in range(400):
        lines = pickle.loads(pickle.dumps(good))
        for _ in range(rng.choice((1, 1, 3))):
            damage(rng, lines[rng.randrange(1, len(lines))], rng.choice(values))
        path.write_bytes(stored(lines))
        try:
            learner = TemplateLearner.load(path)
        except TemplatesError:
            continue
        read += 1
        learner.learn([{"text": text, "site": site, "day": None} for site in "ab" for text in PAGES], source="site", date="day")
        for entry in learner.templates().entries(evidence=True):
            assert textclean.clean(f"A page.\n\n{entry.samples[0]}", site=entry.site, templates=learner.templates()) is not None
        learner.save(path)
        TemplateLearner.load(path)
    assert 20 < read < 380


def damage(rng: random.Random, value: Any, new: Callable[[], Any]) -> None:
    """Goes down into a value, and changes what it comes to."""
    while True:
        places: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not places:
            return
        place = rng.choice(places)
        if not isinstance(value[place], (dict, list)) or not value[place]:
            value[place] = new()
            return
        value = value[place]


def test_native_readers_are_used_once():
    """A native reader is of no use after an error or the end."""
    reader = _native.LearnerReader(0, 100_000, 100_000)
    assert reader.finish().pages == 0
    for use in (lambda: reader.push(b""), reader.finish):
        with pytest.raises(ValueError, match="after an error or the end"):
            use()
