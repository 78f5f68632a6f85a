"""A news site that is served on this machine, for crawls that are run as programs of their own."""

from __future__ import annotations

import html
import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from stories import story

EXAMPLE = Path(__file__).parents[1] / "examples" / "scrapy"
#: A pipeline behind textclean's, which writes each item at once: what it has written outlasts a kill.
SINK = """
import json, os

class Sink:
    def open_spider(self, spider=None):
        self.file = os.open(os.environ["SINK"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def process_item(self, item, spider=None):
        os.write(self.file, (json.dumps(item) + "\\n").encode())
        return item
"""


def article(number: int, *more: str) -> list[str]:
    """The blocks of an article: a headline, a story, lines that stand on all pages, and furniture."""
    return [
        f"Headline {number} {story(('head', number))[0][:30]}",
        *story(number),
        "What happens next",
        *more,
        "Leave a Reply",
        "Share this",
    ]


def yesterday(count: int) -> dict[str, list[str]]:
    """Pages by path: articles, some that share a paragraph of a wire with others, and some that are copies of another."""
    rng = random.Random(1)
    wires = [story(("wire", number), 1)[0] for number in range(12)]
    pages = {f"/{number:04}": article(number, *rng.sample(wires, rng.choice([0, 0, 1, 2]))) for number in range(count)}
    for number in range(0, count, 15):
        pages[f"/copy-{number:04}"] = pages[f"/{number:04}"]
    return pages


def today(before: dict[str, list[str]], fresh: int) -> tuple[dict[str, list[str]], list[str]]:
    """The site a day later: new articles, two with paragraphs of yesterday, and pages that were changed; also the paths of these."""
    pages = dict(before)
    count = sum(not path.startswith("/copy") for path in before)
    old = before["/0001"][2], before["/0002"][3]
    for number in range(count, count + fresh):
        pages[f"/{number:04}"] = article(number, *(old if number < count + 2 else ()))
    changed = ["/0007", "/0008", "/0022"]
    for path in changed:
        pages[path] = [*before[path][:3], story(("news", path), 1)[0], *before[path][3:]]
    return pages, changed


class Site:
    """The site while it is served.

    Attributes:
        pages: blocks by path; they may be changed at any time.
        asked: the paths of articles that were asked for, in that order.
        told: called with the number of articles asked for so far.
    """

    def __init__(self, pages: dict[str, list[str]]) -> None:
        self.pages = pages
        self.asked: list[str] = []
        self.told: Callable[[int], None] = lambda count: None
        self.url = ""

    def answer(self, path: str) -> str:
        """The HTML of a page."""
        if path == "/":
            return "".join(f'<a href="{link}">more</a>\n' for link in self.pages)
        if path not in self.pages:
            return ""
        self.asked.append(path)
        self.told(len(self.asked))
        headline, *rest = (html.escape(block) for block in self.pages[path])
        return f"<title>News</title><article><h1>{headline}</h1>{''.join(f'<p>{block}</p>' for block in rest)}</article>"

    @contextmanager
    def served(self):
        """Serves it on a free port."""
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one packet: in two, each page waits for the other side to confirm the first.
            wbufsize = 1 << 16

            def do_GET(self) -> None:
                body = site.answer(self.path).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain" if self.path == "/robots.txt" else "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """Says nothing: a spider that is killed leaves its connection open."""

        with Server(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            self.url = f"http://127.0.0.1:{server.server_address[1]}/"
            yield self
            server.shutdown()
            thread.join()


class Project:
    """A copy of the example project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        shutil.copytree(EXAMPLE, self.folder, ignore=shutil.ignore_patterns(".scrapy", "__pycache__", "*.jsonl"))
        (self.folder / "sink.py").write_text(SINK)

    def start(self, site: Site, sink: str, *options: str) -> subprocess.Popen[str]:
        """Starts a crawl that asks for one page at a time; its items go to a file `sink`, its stats are in its log."""
        source = str(Path(__import__("textclean").__file__).parents[1])
        path = os.pathsep.join([str(self.folder), source, os.environ.get("PYTHONPATH", "")])
        settings = {
            "CONCURRENT_REQUESTS": 1,
            "ITEM_PIPELINES": json.dumps({"sink.Sink": 900}),
            "LOG_LEVEL": "INFO",
            "TELNETCONSOLE_ENABLED": 0,
        }
        said = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "crawl", "articles", "-a", f"start={site.url}", *said, *options]
        environment = {**os.environ, "PYTHONPATH": path, "SINK": str(self.folder / sink), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def crawl(self, site: Site, sink: str, *options: str) -> str:
        """Crawls to the end; returns the log."""
        process = self.start(site, sink, *options)
        log = process.communicate(timeout=240)[1]
        assert process.returncode == 0, log
        assert "Traceback" not in log, log
        return log

    def items(self, sink: str) -> list[dict]:
        """The items that went through all pipelines."""
        path = self.folder / sink
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
