"""Templates as an object: kept in a file, merged, thinned out, bounded in memory; and the forms a corpus comes in."""

from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
from pathlib import Path

import pandas
import polars
import pyarrow
import pytest

from stories import HOST, TIP, page, sentence, story
from textclean import Templates, TextcleanError, _native, learn_templates
from textclean.errors import ConfigError, InputError, NotTextError, OutputError, SourceError, TemplatesError

NOTICE = sentence("notice")
PAGES = [page(*story(i), NOTICE, f"{TIP} {i}") for i in range(8)]


def same(one: Templates, other: Templates) -> bool:
    """Whether two hold the same."""
    return (one.sites, one.documents, one.thresholds, one.dated) == (other.sites, other.documents, other.thresholds, other.dated)


@pytest.fixture
def templates() -> Templates:
    """Of one site."""
    return learn_templates(PAGES, site=HOST)


@pytest.mark.parametrize("name", ["t.json", "t.json.gz", "t.json.zst"])
def test_a_file_holds_all(templates, tmp_path, name):
    """What is saved is what is loaded, and the same templates make the same file."""
    templates.save(tmp_path / name)
    assert same(Templates.load(tmp_path / name), templates)
    Templates.load(tmp_path / name).save(tmp_path / f"again-{name}")
    assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()


def test_a_file_can_be_read_by_eye(templates, tmp_path):
    """A file of templates is JSON with a source on each line, and says its format first."""
    templates.save(tmp_path / "t.json")
    first, second, *_ = (tmp_path / "t.json").read_text().splitlines()
    assert first.startswith('{"format": "textclean-templates", "version": 1, "mask": 1, ')
    assert second.startswith(f'"{HOST}": {{"documents": 8, "short": 0, "lines": [{{"documents": 8, ')


def damaged(**changes: object) -> str:
    """A good file with changes, by path of keys."""
    line = {"documents": 5, "top": 0, "inside": 0, "bottom": 5, "first": 0, "last": 4, "story": False, "samples": [TIP]}
    site = {"documents": 5, "short": 0, "lines": [line]}
    thresholds = {"documents": 5, "share": 0.1, "inside_documents": 20, "inside_share": 0.5}
    head = {"format": "textclean-templates", "version": 1, "mask": 1, "dated": False, "documents": 5, "thresholds": thresholds}
    data = head | {"sources": {HOST: site}}
    homes = {"line": line, "site": site, "thresholds": thresholds, "file": data}
    for name, value in changes.items():
        home, _, key = name.partition("_")
        homes[home][key] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", r"the file is \[\], an object is needed"),
        ("{}", "format is None, this version of textclean reads 'textclean-templates'"),
        (damaged(file_version=2), "version is 2, this version of textclean reads 1: learn the templates again"),
        (damaged(file_version=True), "version is True"),
        (damaged(file_mask=0), "mask is 0"),
        (damaged(file_sources=[]), "sources is \\[\\], an object"),
        (damaged(file_documents=-1), "documents is -1, a whole number from 0"),
        (damaged(file_dated=1), "dated is 1, true or false"),
        (damaged(thresholds_documents=1), "documents=1: a whole number from 2"),
        (damaged(thresholds_share=2), "share=2"),
        (damaged(thresholds_speed=2), "'speed', which is no threshold"),
        (damaged(site_documents="5"), "documents is '5'"),
        (damaged(site_documents=10**30), "documents is 1000000000"),
        (damaged(site_lines=5), "lines is 5, a list"),
        (damaged(site_lines=[5]), r"lines\[0\] is 5, an object"),
        (damaged(line_top=1.5), "top is 1.5"),
        (damaged(line_bottom=None), "bottom is None"),
        (damaged(line_first="2020-01-01"), "first is '2020-01-01' and last is 4"),
        (damaged(line_samples=[]), "a list of one or more lines"),
        (damaged(line_samples=[1]), "a list of one or more lines"),
        (damaged(line_samples=["\ud800"]), "a list of one or more lines"),
        (damaged(line_samples=["* * *"]), "a line without a word"),
        (damaged(line_story="no"), "story is 'no'"),
    ],
    ids=range(25),
)
def test_a_file_is_checked(tmp_path, text, message):
    """A file that is not as it has to be is refused, with the place and what is needed there."""
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(TemplatesError, match=message) as caught:
        Templates.load(tmp_path / "t.json")
    assert str(caught.value).startswith(str(tmp_path / "t.json"))
    assert isinstance(pickle.loads(pickle.dumps(caught.value)), TemplatesError)


def test_a_good_file_is_read(tmp_path):
    """The file that is damaged above is good without the damage."""
    (tmp_path / "t.json").write_text(damaged())
    assert [entry.samples for entry in Templates.load(tmp_path / "t.json").entries(HOST)] == [(TIP,)]


def test_files_that_are_not_there(templates, tmp_path):
    """Errors of the system are told as the project's own."""
    with pytest.raises(SourceError, match="No such file"):
        Templates.load(tmp_path / "t.json")
    with pytest.raises(OutputError):
        templates.save(tmp_path / "no" / "t.json")
    (tmp_path / "t.json.gz").write_bytes(b"\x1f\x8b\x08\x00")
    with pytest.raises(SourceError, match="cut short"):
        Templates.load(tmp_path / "t.json.gz")


def test_two_halves_make_the_whole():
    """Merged templates hold what learning from all documents would, for lines that two documents of each half have."""
    docs = [{"text": page(*story(i), NOTICE, TIP if i % 2 else f"Seen {i} times."), "site": f"{i % 3}.example"} for i in range(48)]
    whole = learn_templates(docs, source="site")
    merged = learn_templates(docs[:24], source="site").merge(learn_templates(docs[24:], source="site"))
    assert sorted(whole.sites) == sorted(merged.sites)
    for name in whole.sites:
        one, other = whole.entries(name), merged.entries(name)
        assert [(e.documents, e.place, e.first, e.last, e.variants) for e in one] == [
            (e.documents, e.place, e.first, e.last, e.variants) for e in other
        ]


def test_what_merging_can_not_know():
    """A line that only one document of a half has is missing from that half's counts after merging."""
    one = learn_templates([*PAGES[:4], page(*story("x"), "Only here, and once more in the other half.")], site=HOST)
    assert one.merge(one).sites[HOST].documents == 10
    assert all("Only" not in sample for entry in one.merge(one).entries(HOST, evidence=True) for sample in entry.samples)


@pytest.mark.parametrize("options", [{"documents": 6}, {"dated": True}])
def test_what_does_not_go_together_is_not_merged(templates, options):
    """Templates with other thresholds, or with dates instead of positions, are not merged."""
    dated = options.pop("dated", False)
    docs = [{"text": text, "day": "2020-01-01"} for text in PAGES]
    other = learn_templates(docs, site=f"http://{HOST}", date="day" if dated else None, **options)
    with pytest.raises(ConfigError, match="can't be merged"):
        templates.merge(other)


def test_forgetting(templates):
    """A template is forgotten by its entry or by the rule of its removals, a site by its name, and cleaning keeps the line from then on."""
    one, other = templates.entries(HOST)
    assert templates.known(HOST).rules == (one.rule, other.rule)
    templates.forget(one)
    assert templates.entries(HOST) == [other]
    assert templates.known(HOST).rules == (other.rule,)
    with pytest.raises(ConfigError, match="is no site and no template"):
        templates.forget(one.rule)
    templates.forget(other.rule)
    assert templates.known(HOST) is None
    templates.forget(HOST)
    assert templates.sites == {}
    with pytest.raises(ConfigError, match="is no site"):
        templates.forget(HOST)


def test_memory_is_bounded():
    """No more lines are held than the memory allows, the loss is told, and a line of every page survives."""
    pages = [page(*story(i, 6), TIP) for i in range(2000)]
    bounded = learn_templates(pages, site=HOST, memory_mb=0.2)
    whole = learn_templates(pages, site=HOST)
    site = bounded.sites[HOST]
    assert [entry.documents for entry in whole.entries(HOST)] == [entry.documents for entry in bounded.entries(HOST)] == [2000]
    assert site.short > 0 == whole.sites[HOST].short


def test_what_is_held():
    """The native tables hold no more than their bound, after any page."""
    from textclean import api
    from textclean.cleaning import plan
    from textclean.cleaning.split import split

    ready = api._plan(None, {})
    learner = _native.Learner(100_000)
    for i in range(300):
        learner.add(plan.Run(split([page(*story(i, 40))], ready)).batch, [f"{i % 7}.example"], [None])
        assert learner.bytes <= 100_000


def test_small_sites_stay_whole():
    """A site of few pages, far apart in the stream, does not pay for a large one."""
    rng = random.Random(5)
    docs = [{"text": page(*story(("big", i), 8)), "site": "big.example"} for i in range(1500)]
    for site in range(20):
        for i in range(6):
            docs.insert(rng.randrange(len(docs)), {"text": page(*story((site, i)), TIP), "site": f"{site}.example"})
    templates = learn_templates(docs, source="site", memory_mb=1)
    assert templates.sites["big.example"].short > 0
    assert all(len(templates.entries(f"{site}.example")) == 1 and not templates.sites[f"{site}.example"].short for site in range(20))


def test_counts_are_short_by_no_more_than_said():
    """After forgetting, a count is too small by no more than `SiteCounts.short`."""
    rng = random.Random(6)
    notices = [sentence(f"n{i}") for i in range(12)]
    pages = [page(*story(i, 6), *(line for n, line in enumerate(notices) if rng.random() < 2.0**-n)) for i in range(1500)]
    whole, bounded = (learn_templates(pages, site=HOST, memory_mb=most).sites[HOST] for most in (100, 0.2))
    missing = {
        masked: line.documents - (bounded.lines[masked].documents if masked in bounded.lines else 1) for masked, line in whole.lines.items()
    }
    assert max(missing.values()) <= bounded.short
    assert max(missing.values()) > 0


DOCS = [{"text": text, "url": f"https://{HOST}/{i}"} for i, text in enumerate(PAGES)]


@pytest.mark.parametrize(
    "docs",
    [
        lambda: DOCS,
        lambda: iter(DOCS),
        lambda: pyarrow.Table.from_pylist(DOCS),
        lambda: pyarrow.RecordBatch.from_pylist(DOCS),
        lambda: pyarrow.Table.from_pylist(DOCS).to_reader(max_chunksize=3),
        lambda: polars.DataFrame(DOCS),
        lambda: pandas.DataFrame(DOCS),
    ],
    ids=["list", "iterator", "table", "batch", "reader", "polars", "pandas"],
)
def test_every_form_of_a_corpus_gives_the_same(templates, docs):
    """Lists, iterators and tables give the same templates, with the source as a column or as a callable."""
    assert same(learn_templates(docs(), source="url"), templates)
    assert same(learn_templates(docs(), source=lambda doc: doc["url"]), templates)


def test_plain_texts(templates):
    """Plain texts come from one site named for all, or from the site that a callable returns for each."""
    assert same(learn_templates(iter(PAGES), site=f"https://{HOST}:8080/x"), templates)
    assert same(learn_templates(tuple(PAGES), source=lambda text: HOST), templates)
    assert learn_templates(PAGES, source=lambda text: None).sites == {}
    assert learn_templates([], site=HOST).documents == 0


@pytest.mark.parametrize(
    ("docs", "options", "error", "message"),
    [
        ("text", {"site": "x"}, InputError, "one str of 4 code points"),
        (5, {"site": "x"}, InputError, "got int"),
        (["a", None], {"site": "x"}, NotTextError, "NoneType"),
        ([{"text": "a"}], {"source": "url"}, InputError, "document 0 has no 'url', it has 'text'"),
        ([{"body": "a", "url": "b"}], {"source": "url"}, InputError, "document 0 has no 'text'"),
        ([{"text": "a", "url": 5}], {"source": "url"}, InputError, "has the site 5"),
        ([{"text": "a", "url": "b", "day": 5}], {"source": "url", "date": "day"}, InputError, "has the date 5"),
        (["a"], {"site": "x", "date": "day"}, ConfigError, "the documents are plain str"),
        (["a"], {"source": 5}, ConfigError, "source=5"),
        (["a"], {"site": "x", "documents": 1}, ConfigError, "documents=1"),
        (["a"], {"site": "x", "share": -1}, ConfigError, "share=-1"),
        (["a"], {"site": "x", "memory_mb": 0}, ConfigError, "memory_mb=0"),
        (pyarrow.table({"text": ["a"]}), {"source": "url"}, InputError, "the table has no column 'url', it has 'text'"),
    ],
    ids=range(13),
)
def test_bad_input(docs, options, error, message):
    """Each mistake in the documents or options of `learn_templates` is named, with the remedy."""
    with pytest.raises(error, match=message) as caught:
        learn_templates(docs, **options)
    assert isinstance(caught.value, TextcleanError)


def test_lone_surrogates_are_let_in():
    """Lone surrogates are accepted in texts, sources and dates."""
    docs = [{"text": text + "\ud800", "site": "a\udfff", "day": "\ud800"} for text in PAGES]
    learn_templates(docs, source="site", date="day").entries("a?")


def test_the_same_in_every_process(tmp_path):
    """The result does not depend on the hash seed."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_template_files import *\n"
        "learn_templates(PAGES * 20, site=HOST, memory_mb=0.1).save(sys.argv[2])"
    )
    files = []
    for seed in "12":
        files.append(tmp_path / f"{seed}.json")
        command = [sys.executable, "-c", code, str(Path(__file__).parent), str(files[-1])]
        subprocess.run(command, env={"PYTHONHASHSEED": seed}, check=True, timeout=60)
    assert files[0].read_bytes() == files[1].read_bytes()
