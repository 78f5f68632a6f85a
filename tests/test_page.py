"""The report of a run: what it says, and that nothing in a text acts."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from stories import HOST, TIP, page, story
from textclean import learn_templates
from textclean.commands.main import commands
from textclean.corpus import clean_corpus
from textclean.errors import SourceError
from textclean.report.page import render, text

BODY = "The council voted on Tuesday to close the old bridge for repairs until the end of the year, officials said."
HOSTILE = [
    "<script>document.title = 'owned'</script> and <img src=x onerror=\"document.title='owned'\"> were the first of what the clerk typed.",
    "</pre></article></body><script>document.title='owned'</script> is how the second of the letters to the paper began on Monday.",
    "<a href=\"javascript:document.title='owned'\">javascript:document.title='owned'</a> is what the third of the letters said, they say.",
    "' onmouseover='document.title=1' \" onfocus=\"document.title=1\" autofocus x= was the fourth of them, which nobody understood.",
    "<!-- --><style>b { display: none }</style><base href='https://example.org/'><iframe src='//example.org'></iframe> was fifth of all.",
    "\u202eevil\u202c \x1b[31mred \x00 &lt;b&gt; &amp;#60;script&amp;#62; came last of all and was not printed by the paper, it seems.",
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run over hostile texts: lines that go, repeats within and across documents, bad records, names to match."""
    folder = tmp_path / "in"
    folder.mkdir()
    docs = [f"{line}\n\n{BODY}\n\nLeave a Reply\n\n{line}" for line in HOSTILE]
    near = [line.replace("of ", "among ") for line in HOSTILE]
    name = "<img src=x onerror=alert(1)>.jsonl"
    lines = [json.dumps({"text": doc, "site": f"<b>{i % 2}</b>"}) for i, doc in enumerate([*docs, *near, *docs])]
    (folder / name).write_text("\n".join([*lines, "<script>not json</script>"]) + "\n")
    clean_corpus(folder, tmp_path / "out", run=tmp_path / "run", source="site", threshold=0.5, across="paragraph")
    return tmp_path / "run"


SAID = "script document title owned script thanks all those who read the Gazette."
SCRIPT = "<script>document.title = 'owned'</script> thanks all those who read the Gazette."
SITE = "<b onclick='document.title=1'>\u202esite</b>"


@pytest.fixture
def templated(tmp_path: Path) -> Path:
    """A run with templates of three sites: a common one, one whose name and line are hostile, one that it has no page of."""
    sites = {HOST: TIP, SITE: SAID, "unseen.example": TIP}
    docs = [{"text": page(*story((name, i)), line), "site": name} for name, line in sites.items() for i in range(6)]
    learned = learn_templates(docs, source="site")
    docs[0]["text"] += "\n\nLeave a Reply"
    lines = learned.sites[SITE].lines
    lines.update({masked: replace(line, samples=(SCRIPT,)) for masked, line in lines.items()})
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(doc) + "\n" for doc in docs[:10]))
    clean_corpus(tmp_path / "in.jsonl", tmp_path / "out.jsonl", run=tmp_path / "run", source="site", templates=learned, across="paragraph")
    return tmp_path / "run"


class Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes it."""
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)


@pytest.mark.parametrize("which", ["run", "templated"])
def test_nothing_of_a_text_is_part_of_the_page(which: str, request: pytest.FixtureRequest) -> None:
    """The page has one script, one style, no address and no attribute that acts; all that comes from the input stands there escaped."""
    page = render(request.getfixturevalue(which))
    found = Elements(page)
    assert found.tags.count("script") == found.tags.count("style") == 1
    assert not {"img", "iframe", "a", "base", "link", "object", "embed"} & set(found.tags)
    assert not any(name.startswith("on") or name in ("href", "src", "style") for name in found.attributes)
    assert "&lt;script&gt;document.title" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", page)
    assert "default-src 'none'" in page
    assert "unsafe" not in page


def test_it_says_what_the_run_did(run: Path) -> None:
    """The page shows counts, kinds, sources, groups, pairs with their differences and faults, and no templates if none were used."""
    page, summary = render(run), json.loads((run / "summary.json").read_text())
    for part in (f"<b>{summary['documents']:,}</b>", "comment-form", "repeats across documents", "&lt;b&gt;1&lt;/b&gt;", "not-json"):
        assert part in page
    assert f"{summary['across']['dropped']:,}</b>" in page
    assert "<ins>of</ins>" in page
    assert "en/comment-form-header" in page
    assert "11 went for" in page
    assert "id='templates'" not in page
    assert "<option value='template'>" not in page


def test_it_says_what_sites_repeat(templated: Path) -> None:
    """The page shows for each site of the run its lines, where they stand, in how many stories, and how often they were removed."""
    shown = render(templated)
    assert "2 templates of 2 sites removed 10 stretches." in shown
    assert f"<b>{HOST}</b> <span>1 template, removed 6 times from 6 pages, learned from 6</span>" in shown
    assert f"<td>{TIP}<td><code>" in shown
    assert re.search("</svg>bottom<td class='n'>6<td class='n share'>100.0%<svg.{,120}</svg><td class='n'>6", shown)
    assert "unseen.example" not in shown
    assert "<option value='template'>" in shown


def test_the_command_writes_it(run: Path, tmp_path: Path) -> None:
    """The command writes the page, does not replace a file unasked, and names a folder that holds no run."""
    out = tmp_path / "report.html"
    assert CliRunner().invoke(commands, ["report", str(run), "-o", str(out)]).exit_code == 0
    assert out.read_text(encoding="utf-8") == render(run)
    assert CliRunner().invoke(commands, ["report", str(run), "-o", str(out)]).exit_code == 3
    assert CliRunner().invoke(commands, ["report", str(tmp_path), "-o", str(out), "-f"]).exit_code == 3
    (run / "summary.json").write_text("[]")
    with pytest.raises(SourceError, match="not the summary of a run"):
        render(run)
    (run / "summary.json").write_text('{"documents": 1}')
    with pytest.raises(SourceError, match="not the summary of a run"):
        render(run)


def test_text_is_text() -> None:
    """Text on the page is escaped, and acting characters in it are made visible."""
    assert text("<a href='x'>\x1b\u202e") == "&lt;a href=&#x27;x&#x27;&gt;␛\\u202e"


@pytest.fixture(scope="module")
def browser():
    """A real browser without a window, if there is one."""
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("there is no chromium, or no chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,1000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield found
    found.quit()


def asking(browser, page: Path):
    """Opens a page in a browser; gives what asks it for a kind and words, and returns the texts of the elements that are then shown."""
    browser.get_log("browser")  # takes what pages before were told
    browser.get(page.as_uri())

    def ask(kind: str = "", words: str = "", selector: str = "article") -> list[str]:
        browser.execute_script(
            "for (const [id, value, event] of [['kind', arguments[0], 'change'], ['search', arguments[1], 'input']])"
            "{ const e = document.getElementById(id); e.value = value; e.dispatchEvent(new Event(event)); }",
            kind,
            words,
        )
        return browser.execute_script(
            "return [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility()).map((e) => e.textContent)", selector
        )

    return ask


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_in_a_browser_it_is_drawn_filters_and_nothing_runs(run: Path, tmp_path: Path, browser) -> None:
    """In a browser the filter shows the elements asked for and no others, scripts in texts stay text, and the browser reports no error."""
    page = tmp_path / "report.html"
    page.write_text(render(run), encoding="utf-8")
    ask = asking(browser, page)
    whole = ask()
    assert len(whole) > 20
    assert any("<script>document.title = 'owned'</script>" in article for article in whole)
    assert any("javascript:document.title='owned'" in article for article in whole)
    forms = ask("comment-form")
    assert 0 < len(forms) < len(whole)
    assert all(article.startswith("comment-form") for article in forms)
    letters = ask("", "FOURTH understood")
    assert 0 < len(letters) < len(whole)
    assert all("fourth" in article and "understood" in article for article in letters)
    assert ask("", "no such words") == []
    assert browser.execute_script("return document.getElementById('shown').value").startswith("0 of ")
    assert len(ask()) == len(whole)
    assert browser.title == "textclean: run"
    assert browser.execute_script("return document.querySelectorAll('script, style').length") == 2
    assert browser.execute_script("return document.querySelector('svg rect').getBoundingClientRect().width") > 50
    assert browser.execute_script("return getComputedStyle(document.querySelector('.card')).borderTopStyle") == "solid"
    assert browser.get_log("browser") == []
    browser.execute_script("const s = document.createElement('script'); s.textContent = 'document.title = 1'; document.body.append(s)")
    assert browser.title == "textclean: run"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_in_a_browser_templates_are_found_by_kind_words_and_site(templated: Path, tmp_path: Path, browser) -> None:
    """In a browser templates are found row by row, a site without a row found is hidden, and a script learned as a line is text."""
    page = tmp_path / "report.html"
    page.write_text(render(templated), encoding="utf-8")
    ask = asking(browser, page)
    rows, sites = "#templates [data-find]", "#templates .site"
    assert len(ask(selector=rows)) == len(ask(selector=sites)) == 2
    assert any(row.startswith(SCRIPT) for row in ask(selector=rows))
    assert [len(ask("template", selector=rows)), len(ask("comment-form", selector=rows))] == [2, 0]
    assert ask("comment-form", selector=sites) == []
    (row,) = ask("", "night DESK", rows)
    assert row.startswith(TIP)
    assert [site.split()[0] for site in ask("", "night DESK", sites)] == [HOST]
    (row,) = ask("", "\\u202esite", rows)
    assert row.startswith(SCRIPT)
    browser.execute_script("for (const fold of document.querySelectorAll('.site')) fold.open = false")
    assert ask("", "bottom gazette.example", rows) == [next(row for row in ask(selector="tr") if row.startswith(TIP))]
    assert browser.execute_script("return document.querySelector('.share rect').getBoundingClientRect().width") > 20
    assert browser.title == "textclean: run"
    assert browser.get_log("browser") == []
