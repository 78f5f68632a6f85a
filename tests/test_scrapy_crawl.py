"""Crawls of a site on this machine by the example project: what comes out is what `clean` and one `deduplicate` say."""

from __future__ import annotations

import re
import signal
from collections import Counter

import numpy as np
import pytest

pytest.importorskip("scrapy", reason="scrapy is not installed: pip install 'textclean-articles[scrapy]'")

import textclean
from scrapy_site import Project, Site, article, today, yesterday

#: Scrapy's queue of requests is lost when a spider is killed, and its filter still knows them: without it the spider begins again.
ANEW = ("-s", "DUPEFILTER_CLASS=scrapy.dupefilters.BaseDupeFilter")


def stat(log: str, name: str) -> int:
    """A number of the stats in a log; 0 if it is not there."""
    found = re.search(rf"'textclean/{name}': (\d+)", log)
    return int(found[1]) if found else 0


def page_text(blocks: list[str]) -> str:
    """What the spider of the example makes of a page."""
    return "\n\n".join(blocks)


def expected(pages: list[tuple[str, list[str]]], paragraphs: bool) -> dict[int, str]:
    """What is to come out, by the place of a page: found by `clean`, and by `deduplicate` over all pages at once."""
    cleaned = [textclean.clean(page_text(blocks)) for _, blocks in pages]
    short = textclean.deduplicate(cleaned, min_words=1)
    stays = [i for i in range(len(cleaned)) if not short.dropped[short.unit_doc == i].all()]
    left = textclean.deduplicate(cleaned).texts() if paragraphs else cleaned
    return {i: left[i] for i in stays}


@pytest.mark.parametrize("mode", ["drop", "paragraphs"])
def test_two_days(tmp_path, mode):
    """Yesterday's crawl and today's: exactly the pages, or the paragraphs, that are new come out, and the stats count them."""
    before = yesterday(150 if mode == "drop" else 280)
    project, option = Project(tmp_path), ("-s", f"TEXTCLEAN_ON_DUPLICATE={mode}")
    with Site(before).served() as site:
        first = project.crawl(site, "yesterday.jsonl", *option)
        order = [(path, before[path]) for path in site.asked]
        site.pages, changed = today(before, 20)
        site.asked = []
        second = project.crawl(site, "today.jsonl", *option)
        # A page that was changed is in the place of what it was.
        old = [page for page in order if page[0] not in changed]
        both = old + [(path, site.pages[path]) for path in site.asked]
    wanted = expected(order, mode == "paragraphs")
    assert [(item["url"], item["text"]) for item in project.items("yesterday.jsonl")] == [
        (site.url + order[i][0][1:], text) for i, text in wanted.items()
    ]
    new = {i: text for i, text in expected(both, mode == "paragraphs").items() if i >= len(old)}
    found = project.items("today.jsonl")
    assert [(item["url"], item["text"]) for item in found] == [(site.url + both[i][0][1:], text) for i, text in new.items()]
    assert len(new) == 20 + len(changed)
    assert [stat(first, "items"), stat(first, "dropped")] == [len(order), len(order) - len(wanted)]
    assert [stat(second, "items"), stat(second, "dropped")] == [len(site.asked), len(site.asked) - len(new)]
    furniture = sum(removal["kind"] in ("comment-form", "share") for item in found for removal in item["removals"])
    assert furniture == 2 * len(found)
    assert stat(first, "removed/comment-form") == len(order)
    repeats = [removal for item in found for removal in item["removals"] if removal["rule"] == "across"]
    again = textclean.deduplicate([textclean.clean(page_text(blocks)) for _, blocks in both])
    gone = sum(int(again.dropped[again.unit_doc == i].sum()) for i in new) if mode == "paragraphs" else 0
    assert len(repeats) == gone
    assert (gone >= 4) == (mode == "paragraphs")
    assert stat(second, "removed/repeat-exact") == len(repeats)
    assert {site.url + "0001", site.url + "0002"} <= {removal["witness"]["id"] for removal in repeats} or mode == "drop"
    with textclean.Index(project.folder / ".scrapy" / "textclean" / "articles.db") as index:
        assert index.verify() == []
        assert index.stats().units == stat(second, "index/units")


def test_reset(tmp_path):
    """An argument of the spider makes it forget what it passed on."""
    project = Project(tmp_path)
    with Site(yesterday(15)).served() as site:
        project.crawl(site, "1.jsonl")
        log = project.crawl(site, "2.jsonl")
        assert "textclean dropped 16 of 16 items" in log
        project.crawl(site, "3.jsonl", "-a", "textclean_reset=1")
    assert project.items("2.jsonl") == []
    assert project.items("3.jsonl") == project.items("1.jsonl") != []


@pytest.mark.slow
@pytest.mark.parametrize("stopped", [40, 90, 160])
@pytest.mark.parametrize("mode", ["drop", "paragraphs"])
def test_killed_and_resumed(tmp_path, mode, stopped):
    """A job that is killed, and begins anew, drops nothing of its own, and nothing comes twice of what is on two pages."""
    project, options = Project(tmp_path), ("-s", f"TEXTCLEAN_ON_DUPLICATE={mode}", "-s", "JOBDIR=job", *ANEW)
    with Site(yesterday(160)).served() as site:
        process = project.start(site, "job.jsonl", *options)
        site.told = lambda count: process.kill() if count == stopped else None
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL
        killed = project.items("job.jsonl")
        assert len(killed) < stopped + 1
        site.told = lambda count: None
        project.crawl(site, "job.jsonl", *options)
        project.crawl(site, "tomorrow.jsonl", "-s", f"TEXTCLEAN_ON_DUPLICATE={mode}")
    # Scrapy asks for pages in another order each time, so not each item is as it was; but all that there is comes again, and once.
    again = [item["text"] for item in project.items("job.jsonl")][len(killed) :]
    pages = {textclean.clean(page_text(blocks)) for blocks in site.pages.values()}
    if mode == "drop":
        assert sorted(again) == sorted(pages)
    else:
        found = Counter(line for text in again for line in text.split("\n\n") if len(line.split()) >= 10)
        assert found == Counter({line for text in pages for line in text.split("\n\n") if len(line.split()) >= 10})
    assert {text.split("\n")[0] for text in again} == {text.split("\n")[0] for text in pages}
    assert project.items("tomorrow.jsonl") == []


@pytest.mark.slow
def test_killed_without_a_job(tmp_path):
    """A crawl that was killed and can't be resumed counts as if it had never been."""
    project = Project(tmp_path)
    with Site(yesterday(100)).served() as site:
        process = project.start(site, "1.jsonl")
        site.told = lambda count: process.kill() if count == 60 else None
        process.communicate(timeout=120)
        assert project.items("1.jsonl") != []
        site.told, site.asked = (lambda count: None), []
        project.crawl(site, "2.jsonl")
        order = [(path, site.pages[path]) for path in site.asked]
    assert [item["text"] for item in project.items("2.jsonl")] == list(expected(order, False).values())
    assert list((project.folder / ".scrapy" / "textclean").glob("*-crawl-*")) == []


@pytest.mark.slow
def test_stopped_and_resumed(tmp_path):
    """A job that is stopped with Ctrl-C and goes on gives each item once, as a crawl that was left alone does."""
    project = Project(tmp_path)
    with Site(yesterday(100)).served() as site:
        process = project.start(site, "job.jsonl", "-s", "JOBDIR=job")
        site.told = lambda count: process.send_signal(signal.SIGINT) if count == 50 else None
        log = process.communicate(timeout=120)[1]
        assert "Closing spider (shutdown)" in log
        assert 0 < len(project.items("job.jsonl")) < 60
        site.told = lambda count: None
        project.crawl(site, "job.jsonl", "-s", "JOBDIR=job")
        order = [(path, site.pages[path]) for path in site.asked]
    assert len(order) == len(site.pages)
    wanted = [(site.url + order[i][0][1:], text) for i, text in expected(order, False).items()]
    assert [(item["url"], item["text"]) for item in project.items("job.jsonl")] == wanted


@pytest.mark.parametrize("reactor", ["TWISTED_REACTOR=twisted.internet.selectreactor.SelectReactor", "TWISTED_REACTOR_ENABLED=False"])
def test_other_reactors(tmp_path, reactor):
    """With another reactor, and with none, the items are the same."""
    project = Project(tmp_path)
    with Site({f"/{number}": article(number) for number in range(5)}).served() as site:
        project.crawl(site, "1.jsonl", "-s", reactor)
    assert sorted(item["text"] for item in project.items("1.jsonl")) == sorted(
        textclean.clean(page_text(blocks)) for blocks in site.pages.values()
    )


def test_a_bad_setting_stops_the_crawl(tmp_path):
    """Nothing is asked for, and the log ends with what is wrong and what would be right."""
    project = Project(tmp_path)
    with Site({"/1": article(1)}).served() as site:
        process = project.start(site, "1.jsonl", "-s", "TEXTCLEAN_ON_DUPLICATE=keep")
        log = process.communicate(timeout=120)[1]
    assert process.returncode != 0
    assert "ConfigError: TEXTCLEAN_ON_DUPLICATE='keep' is unknown: use 'drop', 'paragraphs', 'mark'" in log
    assert site.asked == []


def test_the_site_is_what_the_tests_need():
    """Some pages repeat others wholly, some in part, and what is changed is no witness of others."""
    pages = list(yesterday(280).items())
    cleaned = [textclean.clean(page_text(blocks)) for _, blocks in pages]
    found = textclean.deduplicate(cleaned)
    share = np.array([found.dropped[found.unit_doc == i].mean() for i in range(len(pages))])
    assert (share == 0).sum() > 100
    assert ((share > 0) & (share < 1)).sum() > 100
    assert len(pages) >= 298
