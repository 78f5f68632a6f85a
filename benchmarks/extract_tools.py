"""What extract.py makes text of HTML with: extractors and other readers of HTML, each called as its manual says.

Nothing is fetched. What is not installed is left out; a function here gives a tool, ready, or raises ImportError. `language` is jusText's.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import textclean

#: So that no page has the time of loading libraries, rules and models in it.
FIRST = "<html><head><title>Storm</title></head><body><p>The harbour was closed on Monday, officials said on the day.</p></body></html>"
Text = Callable[[str], str]


def html2text(language: str) -> Text:
    """Without addresses and without wrapping."""
    from html2text import HTML2Text

    def text(html: str) -> str:
        reader = HTML2Text(bodywidth=0)
        reader.ignore_links = reader.ignore_images = True
        return reader.handle(html)

    return text


def inscriptis(language: str) -> Text:
    """As it comes."""
    from inscriptis import get_text

    return get_text


def bs4(language: str) -> Text:
    """A line for each piece of text."""
    import lxml.html  # noqa: F401
    from bs4 import BeautifulSoup

    return lambda html: BeautifulSoup(html, "lxml").get_text("\n")


def boilerpy3(name: str) -> Callable[[str], Text]:
    """One of its extractors."""

    def make(language: str) -> Text:
        from boilerpy3 import extractors

        return getattr(extractors, name)().get_content

    return make


def trafilatura(**options: Any) -> Callable[[str], Text]:
    """With these options."""

    def make(language: str) -> Text:
        from trafilatura import extract

        return lambda html: extract(html, **options) or ""

    return make


def readability(language: str) -> Text:
    """Its summary is HTML."""
    from inscriptis import get_text
    from readability import Document

    return lambda html: get_text(Document(html).summary(html_partial=True))


def justext(language: str) -> Text:
    """As it comes."""
    from justext import get_stoplist
    from justext import justext as paragraphs

    stoplist = get_stoplist(language)
    return lambda html: "\n".join(each.text for each in paragraphs(html, stoplist) if not each.is_boilerplate)


def newspaper(language: str) -> Text:
    """Without fetching the images that a page names."""
    from newspaper import article

    return lambda html: article("https://example.org/", input_html=html, fetch_images=False).text


@dataclass(frozen=True)
class Tool:
    """What makes text of HTML: its packages, how to get it, and whether it is scored itself and whether textclean cleans what it makes."""

    packages: str
    make: Callable[[str], Text]
    scored: bool = True
    cleaned: bool = False


TOOLS = {
    "trafilatura": Tool("trafilatura", trafilatura(), cleaned=True),
    "trafilatura_no_comments": Tool("trafilatura", trafilatura(include_comments=False), cleaned=True),
    "readability": Tool("readability-lxml inscriptis", readability),
    "justext": Tool("jusText", justext),
    "boilerpy3_default": Tool("boilerpy3", boilerpy3("DefaultExtractor"), cleaned=True),
    "boilerpy3_article": Tool("boilerpy3", boilerpy3("ArticleExtractor")),
    "newspaper4k": Tool("newspaper4k", newspaper),
    "html2text": Tool("html2text", html2text, cleaned=True),
    "inscriptis": Tool("inscriptis", inscriptis, cleaned=True),
    "bs4": Tool("beautifulsoup4 lxml", bs4, cleaned=True),
    "boilerpy3_everything": Tool("boilerpy3", boilerpy3("KeepEverythingExtractor"), cleaned=True),
    "html": Tool("", lambda language: str, scored=False, cleaned=True),
}


def installed(names: list[str], language: str) -> dict[str, Text]:
    """The tools that are there, ready; the others are named."""
    found = {}
    for name in names:
        try:
            tool = TOOLS[name].make(language)
            tool(FIRST)
        except ModuleNotFoundError:
            print(f"{name}: left out (not installed: pip install {TOOLS[name].packages})", file=sys.stderr)
        except Exception as error:
            print(f"{name}: left out ({type(error).__name__}: {error}"[:160] + ")", file=sys.stderr)
        else:
            found[name] = tool
    return found


def versions(names: list[str]) -> str:
    """What ran, and on what."""
    found = [f"textclean {textclean.__version__}"]
    for package in sorted({package for name in names for package in TOOLS[name].packages.split()}, key=str.lower):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} of no known version")
    return f"{', '.join(found)}\n{processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def processor() -> str:
    """What the system calls it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
