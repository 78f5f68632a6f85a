"""The pipeline for Scrapy, item by item: each setting, with each kind of item."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import random
import threading
import time
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("scrapy", reason="scrapy is not installed: pip install 'textclean-articles[scrapy]'")

import attrs
import numpy as np
import scrapy
from itemadapter import ItemAdapter
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

import textclean
from stories import page, sentence, story
from textclean.errors import ConfigError, IndexFileError
from textclean.scrapy import Addon, CleaningPipeline, DuplicateItem
from textclean.scrapy.options import Options

TEXT = page("Storm closes harbour", "By Ann Smith", *story("storm"), "Leave a Reply", "Share this")


class News(scrapy.Item):
    url = scrapy.Field()
    title = scrapy.Field()
    text = scrapy.Field()
    removals = scrapy.Field()
    duplicate_of = scrapy.Field()


@dataclasses.dataclass
class Record:
    url: str | None = None
    title: str | None = None
    text: str | None = None
    removals: list | None = None
    duplicate_of: list | None = None


@attrs.define
class Slotted:
    url: str | None = None
    title: str | None = None
    text: str | None = None
    removals: list | None = None
    duplicate_of: list | None = None


KINDS = [dict, News, Record, Slotted]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


class Rig:
    """A pipeline in a crawl of its own: it is opened, given items, told what became of them, and closed or killed."""

    def __init__(self, folder: Path, reset: str = "", **settings: object) -> None:
        settings.setdefault("INDEX", str(folder / "seen.db"))
        named = {f"TEXTCLEAN_{name}": value for name, value in settings.items() if name != "JOBDIR"}
        crawler = Crawler(scrapy.Spider, Settings({**named, "JOBDIR": settings.get("JOBDIR")}))
        crawler.stats = MemoryStatsCollector(crawler)
        crawler.spider = scrapy.Spider("news/today")
        crawler.spider.textclean_reset = reset
        self.crawler = crawler
        self.pipeline = CleaningPipeline.from_crawler(crawler)
        self.pipeline.open_spider()

    def __enter__(self) -> Rig:
        return self

    def __exit__(self, *_: object) -> None:
        self.pipeline.close_spider()

    def __call__(self, item: object, fate: str = "scraped") -> object:
        """Hands an item in; then says what later pipelines did: it was scraped, dropped, an error, or nothing is known yet."""

        async def run() -> object:
            done = await self.pipeline.process_item(item)
            if fate != "unknown":
                await self.tell(fate, done)
            return done

        return asyncio.run(run())

    async def tell(self, fate: str, item: object) -> None:
        """Says what became of an item, to all that listen, as Scrapy does."""
        for _, answer in self.crawler.signals.send_catch_log(getattr(signals, f"item_{fate}"), item=item, spider=self.crawler.spider):
            if asyncio.iscoroutine(answer):
                await answer

    def drops(self, item: object) -> bool:
        """Whether it drops an item."""
        try:
            self(item)
        except DuplicateItem:
            return True
        return False

    def stats(self) -> dict[str, object]:
        """Its stats, without the prefix."""
        return {name.removeprefix("textclean/"): value for name, value in self.crawler.stats.get_stats().items()}

    def kill(self) -> None:
        """Ends as a process does that is killed: nobody closes anything, and locks go."""
        self.pipeline._worker.close()
        self.pipeline._seen._index.close()
        self.pipeline._seen._file._connection.close()


@each_kind
def test_items_of_each_kind(tmp_path, kind):
    """An item comes back as itself, with its text as `clean` returns it and a list of what went that JSON can hold."""
    with Rig(tmp_path, REMOVALS_FIELD="removals") as rig:
        item = kind(url="https://a.example/1", text=TEXT)
        assert rig(item) is item
        found = ItemAdapter(item)
        assert found["text"] == textclean.clean(TEXT) != TEXT
        account = textclean.explain(TEXT).removals
        assert found["removals"] == [{"field": "text", **removal.to_dict()} for removal in account]
        assert json.loads(json.dumps(found["removals"])) == found["removals"]
        assert [TEXT[removal["start"] : removal["end"]] for removal in found["removals"]] == [
            removal["text"] for removal in found["removals"]
        ]
    assert rig.stats() == {"items": 1, "removed/byline": 1, "removed/comment-form": 1, "removed/share": 1, "index/units": 5}


@each_kind
def test_a_duplicate_is_dropped(tmp_path, kind):
    """By default an item goes if another said all of it, in this crawl or in one before, whatever its URL."""
    with Rig(tmp_path) as rig:
        rig(kind(url="https://a.example/1", text=TEXT))
        with pytest.raises(DuplicateItem, match=r"passed on before: https://a\.example/1") as caught:
            rig(kind(url="https://b.example/2", text=TEXT.upper()))
        assert caught.value.duplicate_of == ["https://a.example/1"]
        assert caught.value.log_level == "DEBUG"
    with Rig(tmp_path) as rig:
        assert rig.drops(kind(url="https://a.example/1", text=TEXT))
        assert not rig.drops(kind(url="https://a.example/3", text=page(*story("other"))))
    assert rig.stats()["dropped"] == 1


@each_kind
def test_a_duplicate_is_marked(tmp_path, kind):
    """With "mark" all items are passed on, and a duplicate names what it repeats."""
    for _ in range(2):
        with Rig(tmp_path, ON_DUPLICATE="mark") as rig:
            item = kind(url="https://a.example/1", text=TEXT)
            assert rig(item) is item
    assert ItemAdapter(item)["duplicate_of"] == ["https://a.example/1"]
    assert rig.stats()["marked"] == 1
    with Rig(tmp_path, ON_DUPLICATE="mark", DUPLICATE_FIELD="title") as rig:
        assert ItemAdapter(rig(kind(text=TEXT)))["title"] == ["https://a.example/1"]


@each_kind
def test_repeated_paragraphs_are_taken_out(tmp_path, kind):
    """With "paragraphs" what others said goes, and each removal says where it stands; an item of nothing else goes whole."""
    wire, first, second = story("wire", 1)[0], story("first", 2), story("second", 2)
    with Rig(tmp_path, ON_DUPLICATE="paragraphs", REMOVALS_FIELD="removals") as rig:
        rig(kind(url="https://a.example/1", text=page(*first, wire)))
        found = ItemAdapter(rig(kind(url="https://a.example/2", text=page(second[0], wire, "What now", second[1]))))
        assert found["text"] == page(second[0], "What now", second[1])
        start = len(second[0]) + 2
        (removal,) = found["removals"]
        assert removal["witness"] == {"id": "https://a.example/1", "span": [len(page(*first)) + 2, len(page(*first, wire))]}
        assert (removal["start"], removal["end"], removal["text"]) == (start, start + len(wire), wire)
        assert (removal["field"], removal["kind"], removal["rule"], removal["score"]) == ("text", "repeat-exact", "across", 1.0)
        assert rig.drops(kind(url="https://a.example/3", text=page(second[1], wire)))
    assert rig.stats()["removed/repeat-exact"] == 1


@pytest.mark.parametrize("seed", range(6))
def test_paragraphs_are_those_of_deduplicate(tmp_path, seed):
    """Over any stream of items what goes is what one `deduplicate` over all of them drops."""
    rng = random.Random(seed)
    pool = [sentence((seed, i), rng.randrange(4, 24)) for i in range(30)]
    # Near copies too: a word more at the end.
    pool += [text[:-1] + " besides." for text in pool[:10]]
    texts = [page(*rng.sample(pool, rng.randrange(1, 6)), *([sentence((seed, "new", i))] if i % 3 else [])) for i in range(40)]
    clean = [textclean.clean(text) for text in texts]
    # Short lines take part, and are not taken out.
    answer = textclean.deduplicate(clean, min_words=1)
    long = np.array([len(answer.text(i).split()) >= 10 for i in range(len(answer))])
    wanted = []
    for doc in range(len(texts)):
        mine = np.flatnonzero(answer.unit_doc == doc)
        if answer.dropped[mine].all() and long[mine].any():
            wanted.append(None)
        else:
            wanted.append(page(*(answer.text(i) for i in mine if not (answer.dropped[i] and long[i]))))
    found = []
    with Rig(tmp_path, ON_DUPLICATE="paragraphs") as rig:
        for number, text in enumerate(texts):
            try:
                found.append(rig({"url": f"https://a.example/{number}", "text": text})["text"])
            except DuplicateItem:
                found.append(None)
    assert found == wanted
    assert 0 < sum(text is None for text in found) < 30
    assert found != clean


def test_what_is_new_stays(tmp_path):
    """An item with another headline, another number or short lines alone is no duplicate."""
    body = story("body", 2)
    with Rig(tmp_path) as rig:
        for text in (
            page("First headline", *body),
            page("Another headline", *body),
            page("First headline", body[0] + " It cost 7.", body[1]),
        ):
            assert not rig.drops({"url": "https://a.example/1", "text": text})
        for _ in range(3):
            assert not rig.drops({"text": "Sold out"})
            assert not rig.drops({"text": ""})
            assert not rig.drops({"text": "***"})


def test_a_page_that_was_changed(tmp_path):
    """It is passed on whole and stands for what it was; as it was before, it comes again; unchanged, it is dropped."""
    old = page("A headline", *story("old", 3))
    new = page("A headline", *story("old", 2), *story("new", 1))
    for mode in ("drop", "paragraphs"):
        path = str(tmp_path / f"{mode}.db")
        for text, gone in ((old, False), (old, True), (new, False), (new, True), (old, False), (old, True)):
            with Rig(tmp_path, INDEX=path, ON_DUPLICATE=mode) as rig:
                item = {"url": "https://a.example/1", "text": text}
                assert rig.drops(item) == gone
                assert item["text"] == text
        with textclean.Index(path) as index:
            assert len(index) == 1


def test_several_items_of_a_page(tmp_path):
    """Items with one URL are compared as others are, and each is known the next day."""
    items = [{"url": "https://a.example/", "text": page(*story(("post", i), 2))} for i in range(5)]
    with Rig(tmp_path) as rig:
        assert [rig.drops(dict(item)) for item in [*items, items[2]]] == [False] * 5 + [True]
    with Rig(tmp_path) as rig:
        fresh = {"url": "https://a.example/", "text": page(*story("fresh", 2))}
        assert [rig.drops(dict(item)) for item in [fresh, *items]] == [False] + [True] * 5


def test_items_without_url(tmp_path):
    """They are known by an id field, or by their text."""
    with Rig(tmp_path, ID_FIELD="meta.number") as rig:
        rig({"meta": {"number": 7}, "text": page(*story("seven"))})
        rig({"text": TEXT})
    with Rig(tmp_path, ON_DUPLICATE="mark") as rig:
        assert rig({"text": page(*story("seven"))})["duplicate_of"] == ["7"]
        assert rig({"text": TEXT})["duplicate_of"][0].startswith("text:")
        assert rig({"text": "\ud800 " + page(*story("eight")), "url": "\ud800"})["url"] == "\ud800"
    assert "errors" not in "".join(rig.stats())


def test_fields(tmp_path):
    """Several fields are cleaned, nested ones too; what one says is no reason to cut another of the same item."""
    lead = story("lead", 1)[0]
    with Rig(tmp_path, FIELD=["lead", "article.body"], ON_DUPLICATE="paragraphs") as rig:
        item = rig({"lead": lead, "article": {"body": page(lead, *story("body"), "Leave a Reply")}})
        assert item == {"lead": lead, "article": {"body": page(lead, *story("body"))}}
        assert rig.drops({"lead": lead, "article": {"body": page(lead, *story("body"))}})
        nested = rig({"lead": sentence("l"), "article": Inner(body=page(*story("inner"), "Leave a Reply"))})
        assert nested["article"].body == page(*story("inner"))
    assert "errors" not in "".join(rig.stats())


@dataclasses.dataclass
class Inner:
    body: str


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"url": "x"}, "missing-field"),
        ({"text": None}, "missing-field"),
        ({"text": b"bytes"}, "not-text"),
        ({"text": ["A line."]}, "not-text"),
        (News(url="x"), "missing-field"),
        (Record(), "missing-field"),
        (Slotted(text=7), "not-text"),
    ],
)
def test_bad_items_are_passed_on(tmp_path, item, reason, caplog):
    """They are counted and stay as they are; the log says so once."""
    before = dict(ItemAdapter(item))
    with Rig(tmp_path, REMOVALS_FIELD="removals") as rig:
        assert rig(item) is item
        rig(item)
    assert dict(ItemAdapter(item)) == before
    assert rig.stats() == {"items": 2, f"errors/{reason}": 2, "index/units": 0}
    assert len([record for record in caplog.records if "has no text in its field 'text'" in record.message]) == 1


def test_an_item_without_the_field_to_write(tmp_path, caplog):
    """What can't be written is counted, and the item is passed on cleaned."""

    class Narrow(scrapy.Item):
        text = scrapy.Field()

    with Rig(tmp_path, REMOVALS_FIELD="removals") as rig:
        assert rig(Narrow(text=TEXT))["text"] == textclean.clean(TEXT)
    assert rig.stats()["errors/no-such-field"] == 1
    assert "can't hold the field 'removals'" in caplog.text


def test_an_index_that_fails_costs_no_item(tmp_path, caplog):
    """Items are cleaned and passed on, and the error is counted."""
    rig = Rig(tmp_path)
    rig({"url": "1", "text": TEXT})
    rig.pipeline._seen._index.close()
    assert rig({"url": "2", "text": TEXT})["text"] == textclean.clean(TEXT)
    assert rig.stats()["errors/IndexFileError"] == 1
    assert "it was closed" in caplog.text


def test_a_rule_that_fails_costs_no_item(tmp_path):
    """An item that can't be cleaned is passed on as it is, and the others are cleaned."""
    rules = tmp_path / "slow.toml"
    rules.write_text(
        "format = 1\n[[rule]]\nid = 'slow'\nkind = 'share'\nwhere = 'any'\npattern = '(?=z)zq (?:a|aa)+[bc]'\ntail = 'any'\n"
        "comment = 'backtracks'\nmatch = ['zq ab', 'zq aac']\nreject = ['zq', 'a line']\n",
        encoding="utf-8",
    )
    bad = page("zq " + "a" * 60, *story("one"), "Leave a Reply")
    with Rig(tmp_path, CONFIG={"rules": [str(rules)], "regex_timeout": 0.1}) as rig:
        assert rig({"url": "1", "text": bad}) == {"url": "1", "text": bad}
        assert rig({"url": "2", "text": TEXT})["text"] == textclean.clean(TEXT)
    assert rig.stats()["errors/RuleTimeoutError"] == 1


@pytest.mark.parametrize(
    "given", [{"keep_kinds": ["byline"]}, '{"keep_kinds": ["byline"]}', textclean.Config(keep_kinds=frozenset({"byline"}))]
)
def test_config(tmp_path, given):
    """The options of cleaning come as a dict, as JSON from the command line, or as a Config."""
    with Rig(tmp_path, CONFIG=given) as rig:
        assert rig({"text": TEXT})["text"] == textclean.clean(TEXT, keep_kinds={"byline"}) != textclean.clean(TEXT)


def test_the_command_line_gives_strings():
    """What is typed behind -s means what it means in a file of settings."""
    typed = {"FIELD": "title, text", "EXPIRE": "30", "LEARN_TEMPLATES": "50", "INDEX": "False", "ENABLED": "True"}
    found = CleaningPipeline.from_crawler(_crawler(typed))._options
    wanted = Options(field=("title", "text"), expire=30, learn_templates=50, index=False)
    assert found == wanted


def _crawler(settings: dict[str, object]) -> Crawler:
    crawler = Crawler(scrapy.Spider, Settings({f"TEXTCLEAN_{name}": value for name, value in settings.items()}))
    crawler.stats = MemoryStatsCollector(crawler)
    return crawler


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ENABLED": "maybe"}, "TEXTCLEAN_ENABLED='maybe': True or False is needed"),
        ({"FIELD": []}, "one name of a field is needed"),
        ({"FIELD": ["text", "text"]}, "several different ones"),
        ({"FIELD": 7}, "TEXTCLEAN_FIELD=7: the name of a field is needed"),
        ({"FIELD": "a..b"}, "TEXTCLEAN_FIELD='a..b'"),
        ({"FIELDS": "text"}, "TEXTCLEAN_FIELDS: there is no such setting; there are TEXTCLEAN_ENABLED, TEXTCLEAN_FIELD,"),
        ({"CONFIG": {"efort": 1}}, "TEXTCLEAN_CONFIG: no option efort: the options are"),
        ({"CONFIG": {"effort": 7}}, "TEXTCLEAN_CONFIG: effort=7"),
        ({"CONFIG": "thorough"}, "TEXTCLEAN_CONFIG='thorough': a dict of options"),
        ({"CONFIG": 7}, "TEXTCLEAN_CONFIG=7: a dict of options"),
        ({"TEMPLATES": "/nowhere.json"}, "TEXTCLEAN_TEMPLATES='/nowhere.json'"),
        ({"TEMPLATES": 7}, "TEXTCLEAN_TEMPLATES=7"),
        ({"INDEX": True}, "TEXTCLEAN_INDEX=True: the path of a file is needed"),
        ({"INDEX": " "}, "the path of a file is needed"),
        ({"ON_DUPLICATE": "keep"}, "TEXTCLEAN_ON_DUPLICATE='keep' is unknown: use 'drop', 'paragraphs', 'mark'"),
        ({"REMOVALS_FIELD": True}, "TEXTCLEAN_REMOVALS_FIELD=True"),
        ({"EXPIRE": "soon"}, "TEXTCLEAN_EXPIRE='soon': a number is needed"),
        ({"EXPIRE": 0}, "TEXTCLEAN_EXPIRE=0: days over 0 and at most 36,500"),
        ({"EXPIRE": float("nan")}, "TEXTCLEAN_EXPIRE=nan: days over 0"),
        ({"LEARN_TEMPLATES": 3}, "TEXTCLEAN_LEARN_TEMPLATES=3 is out of range: use a whole number from 5 to 10,000"),
        ({"LEARN_TEMPLATES": 7.5}, "a whole number of pages is needed"),
    ],
)
def test_bad_settings(settings, said):
    """A setting that can't be meant stops the crawl before it begins, and says what would be right."""
    with pytest.raises(ConfigError) as caught:
        CleaningPipeline.from_crawler(_crawler(settings))
    assert said in str(caught.value)


def test_disabled():
    """With TEXTCLEAN_ENABLED off neither the add-on nor the pipeline has a part in the crawl."""
    for value in (False, "False", 0, "0"):
        crawler = _crawler({"ENABLED": value})
        with pytest.raises(NotConfigured):
            Addon().update_settings(crawler.settings)
        with pytest.raises(NotConfigured):
            CleaningPipeline.from_crawler(crawler)
        assert CleaningPipeline not in crawler.settings["ITEM_PIPELINES"]


def test_addon():
    """It puts the pipeline at 200, and leaves one alone that stands elsewhere already, by its class or by its name."""
    settings = Settings()
    Addon().update_settings(settings)
    assert settings.getdict("ITEM_PIPELINES") == {CleaningPipeline: 200}
    for name in (CleaningPipeline, "textclean.scrapy.CleaningPipeline"):
        settings = Settings({"ITEM_PIPELINES": {name: 350}})
        Addon().update_settings(settings)
        assert settings.getdict("ITEM_PIPELINES") == {name: 350}


def test_where_the_index_is(tmp_path, monkeypatch):
    """By default each spider has a file below Scrapy's data folder, relative paths lead there too; with False there is none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAPY_SETTINGS_MODULE", raising=False)
    for index, name in ((None, "textclean/news%2Ftoday.db"), ("mine/seen.db", "mine/seen.db")):
        with Rig(tmp_path, INDEX=index) as rig:
            rig({"text": TEXT})
        with textclean.Index(tmp_path / ".scrapy" / name) as known:
            assert known.seen(textclean.clean(TEXT))
            assert len(known) == 1
        assert [path.name for path in (tmp_path / ".scrapy" / name).parent.glob("*-crawl-*")] == []
    with Rig(tmp_path, INDEX=False) as rig:
        assert [rig.drops({"text": TEXT}) for _ in range(2)] == [False, False]
    assert not (tmp_path / "seen.db").exists()


def test_an_index_of_others(tmp_path):
    """A file that is no index, or one that was made for something else, stops the crawl."""
    (tmp_path / "seen.db").write_text("no index, and long enough to be looked at")
    with pytest.raises(IndexFileError, match="name another file"):
        Rig(tmp_path)
    textclean.Index(tmp_path / "other.db", unit="document").close()
    with pytest.raises(ConfigError, match=r"TEXTCLEAN_INDEX=.*was not made by such a crawl: name another file"):
        Rig(tmp_path, INDEX=str(tmp_path / "other.db"))


def test_expire(tmp_path):
    """What was passed on longer ago than that comes again."""
    with Rig(tmp_path) as rig:
        rig({"url": "1", "text": TEXT})
    with textclean.Index(tmp_path / "seen.db") as index:
        index.add([page(*story("old"))], id=["0123 2"], source=["a/b"], date=[datetime.now(UTC) - timedelta(days=9)])
    for days, left in ((10, [True, True]), (8.5, [True, False])):
        with Rig(tmp_path, EXPIRE=days) as rig:
            assert [rig.drops({"url": url, "text": text}) for url, text in (("1", TEXT), ("2", page(*story("old"))))] == left
    assert rig.stats()["index/expired"] == 1


def test_reset(tmp_path):
    """The argument forgets all, unless another crawl is using the index."""
    with Rig(tmp_path) as rig:
        rig({"url": "1", "text": TEXT})
        with pytest.raises(ConfigError, match="textclean_reset: another crawl is using the index"):
            Rig(tmp_path, reset="1")
    for reset, gone in (("0", True), ("False", True), ("1", False)):
        with Rig(tmp_path, reset=reset) as rig:
            assert rig.drops({"url": "1", "text": TEXT}) == gone


def test_templates(tmp_path):
    """What a site repeats goes from the pages of this site."""
    line = "The Gazette is printed on paper from our own woods."
    pages = [page(*story(i), line) for i in range(8)]
    textclean.learn_templates(pages, site="www.gazette.example").save(tmp_path / "templates.json")
    with Rig(tmp_path, TEMPLATES=str(tmp_path / "templates.json")) as rig:
        fresh = page(*story("fresh"), line)
        assert rig({"url": "https://www.gazette.example/9", "text": fresh})["text"] == page(*story("fresh"))
        assert rig({"url": "https://other.example/9", "text": page(*story("else"), line)})["text"] == page(*story("else"), line)
    assert rig.stats()["removed/template"] == 1


def test_templates_are_learned(tmp_path):
    """From so many pages of a host what it repeats is known, for the pages that come then, and for the next crawl."""
    line = "The Gazette is printed on paper from our own woods."
    with Rig(tmp_path, LEARN_TEMPLATES=8) as rig:
        for i in range(10):
            rest = () if i >= 8 else (line,)
            assert rig({"url": f"https://www.gazette.example/{i}", "text": page(*story(i), line)})["text"] == page(*story(i), *rest)
        assert rig({"text": page(*story("no url"), line)})["text"] == page(*story("no url"), line)
    assert (rig.stats()["learned_sites"], rig.stats()["removed/template"]) == (1, 2)
    with Rig(tmp_path, LEARN_TEMPLATES=8) as rig:
        assert rig({"url": "https://www.gazette.example/x", "text": page(*story("x"), line)})["text"] == page(*story("x"))
        for i in range(8):
            rig({"url": f"https://second.example/{i}", "text": page(*story(("s", i)), "Second to none, and printed in two colours.")})
    learned = textclean.Templates.load(tmp_path / "seen.db.templates.json")
    assert {site: counts.documents for site, counts in learned.sites.items()} == {"www.gazette.example": 8, "second.example": 8}


@pytest.mark.parametrize("fate", ["dropped", "error"])
def test_what_later_pipelines_refuse_comes_again(tmp_path, fate):
    """An item that never came through is no witness: neither for others nor for itself, in this crawl and the next."""
    with Rig(tmp_path) as rig:
        rig({"url": "1", "text": TEXT}, fate)
        assert rig.stats()["forgotten"] == 1
        rig({"url": "2", "text": TEXT}, fate)
    with Rig(tmp_path) as rig:
        assert not rig.drops({"url": "1", "text": TEXT})
        assert rig.drops({"url": "2", "text": TEXT})


def test_a_paragraph_of_an_item_that_was_refused_comes_again(tmp_path):
    """What was taken out of an item is not known by it."""
    wire, one, two = story("wire", 1)[0], story("one", 2), story("two", 2)
    with Rig(tmp_path, ON_DUPLICATE="paragraphs") as rig:
        first = {"url": "1", "text": page(*one, wire)}
        rig(first, "unknown")
        assert rig({"url": "2", "text": page(*two, wire)})["text"] == page(*two)
        asyncio.run(rig.tell("error", first))
        assert rig({"url": "3", "text": page(*story("three"), wire)})["text"] == page(*story("three"), wire)


def test_a_job_goes_on(tmp_path):
    """In a resumed job an item that comes again is passed on again, once; what others of the job said is still known."""
    job = {"JOBDIR": str(tmp_path / "job")}
    first, other = {"url": "1", "text": TEXT}, {"url": "2", "text": page(*story("two"))}
    rig = Rig(tmp_path, **job)
    assert [rig.drops(dict(item)) for item in (first, other)] == [False, False]
    rig.pipeline._seen._flush()
    rig.kill()
    with Rig(tmp_path, **job) as rig:
        assert [rig.drops(dict(item)) for item in (first, first, {**other, "url": "3"})] == [False, True, True]
    with Rig(tmp_path) as rig:
        assert [rig.drops(dict(item)) for item in (first, other)] == [True, True]


def test_a_killed_job_forgets_what_nobody_saw(tmp_path):
    """What was on its way when the job was killed comes again, whoever brings it; what had come through does not."""
    rig = Rig(tmp_path, JOBDIR=str(tmp_path / "job"))
    rig({"url": "1", "text": TEXT})
    rig.pipeline._seen._flush()
    rig({"url": "2", "text": page(*story("two"))}, "unknown")
    rig.kill()
    with Rig(tmp_path) as rig:
        assert [rig.drops({"url": "x", "text": text}) for text in (TEXT, page(*story("two")))] == [True, False]


def test_a_killed_crawl_without_a_job_forgets_all(tmp_path):
    """It can't go on, so what it gave counts for nothing; a crawl that is running is let alone."""
    rig = Rig(tmp_path)
    rig({"url": "1", "text": TEXT})
    with Rig(tmp_path) as other:
        assert other.drops({"url": "2", "text": TEXT})
    rig.kill()
    with Rig(tmp_path) as other:
        assert not other.drops({"url": "2", "text": TEXT})
    assert [path.name for path in tmp_path.iterdir()] == ["seen.db"]


def test_a_job_whose_folder_was_made_anew_is_another(tmp_path):
    """So its items are repeats of what the old one passed on."""
    job = tmp_path / "job"
    for _ in range(2):
        with Rig(tmp_path, JOBDIR=str(job)) as rig:
            assert not rig.drops({"url": "1", "text": TEXT})
    for path in job.iterdir():
        path.unlink()
    job.rmdir()
    with Rig(tmp_path, JOBDIR=str(job)) as rig:
        assert rig.drops({"url": "1", "text": TEXT})


def test_a_damaged_file_of_a_crawl(tmp_path):
    """What a power cut leaves of it counts as a crawl of which nothing is known to have come through."""
    rig = Rig(tmp_path, JOBDIR=str(tmp_path / "job"))
    rig({"url": "1", "text": TEXT})
    rig.pipeline._seen._flush()
    rig.kill()
    (left,) = [path for path in tmp_path.glob("*-crawl-*") if not path.name.endswith("-wal")]
    for path in tmp_path.glob("*-crawl-*"):
        path.unlink()
    left.write_bytes(b"torn" * 2000)
    with Rig(tmp_path) as rig:
        assert not rig.drops({"url": "1", "text": TEXT})


def test_the_loop_is_free(tmp_path, monkeypatch):
    """While large items are cleaned and compared the event loop goes on: the work is done in another thread."""
    from textclean.scrapy import pipeline

    threads, explain = set(), pipeline.explain

    def watched(*args: object, **how: object) -> object:
        threads.add(threading.current_thread().name)
        return explain(*args, **how)

    monkeypatch.setattr(pipeline, "explain", watched)
    items = [{"url": f"{i}", "text": page(*story(("large", i), 4000))} for i in range(4)]
    gaps = []

    async def tick() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            gaps.append(time.perf_counter() - before)

    async def run() -> float:
        ticking = asyncio.create_task(tick())
        start = time.perf_counter()
        await asyncio.gather(*(rig.pipeline.process_item(item) for item in items))
        ticking.cancel()
        return time.perf_counter() - start

    with Rig(tmp_path) as rig:
        working = asyncio.run(run())
    assert threads == {"textclean_0"}
    # Had the loop waited for any of them, there would be one gap of about a quarter of the time; a busy machine makes some too.
    assert len(gaps) > 20
    assert max(gaps) < working / 8


def test_order(tmp_path):
    """Items that come at once are decided on in the order in which they come."""
    items = [{"url": f"{i}", "text": page(*story(("same", i % 10)))} for i in range(50)]

    async def run() -> list[object]:
        return await asyncio.gather(*(rig.pipeline.process_item(item) for item in items), return_exceptions=True)

    with Rig(tmp_path) as rig:
        found = asyncio.run(run())
    assert [isinstance(each, DuplicateItem) for each in found] == [False] * 10 + [True] * 40


def test_the_page_lists_all_settings():
    """docs/scrapy.md has each setting, and no other."""
    text = (Path(__file__).parents[1] / "docs" / "scrapy.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `TEXTCLEAN_")]
    assert sorted(rows) == sorted(["TEXTCLEAN_ENABLED", *(f"TEXTCLEAN_{field.name.upper()}" for field in fields(Options))])
