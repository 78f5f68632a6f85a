"""Follows the links of a front page, and takes the text of each page that has an article."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy.http import Response


class ArticlesSpider(scrapy.Spider):
    """Run it with a page to begin at: ``scrapy crawl articles -a start=https://news.example/``."""

    name = "articles"

    def __init__(self, start: str = "", **arguments: Any) -> None:
        super().__init__(**arguments)
        if "://" not in start:
            raise ValueError(f"start={start!r}: the URL of a page to begin at is needed, -a start=https://...")
        self.front_page = start

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Yields the request of the front page."""
        yield scrapy.Request(self.front_page, callback=self.parse, dont_filter=True)

    def parse(self, response: Response) -> Iterator[scrapy.Request]:
        """Yields a request for each link of a page that leads to the same site."""
        for link in response.css("a::attr(href)").getall():
            url = response.urljoin(link)
            if url.startswith(response.urljoin("/")):
                yield scrapy.Request(url, callback=self.parse_article)

    def parse_article(self, response: Response) -> Iterator[dict[str, Any]]:
        """Yields a page that has an article."""
        blocks = [block.xpath("normalize-space()").get("") for block in response.css("article").css("h1, h2, h3, p, li, figcaption")]
        if blocks:
            yield {"url": response.url, "title": response.css("title::text").get(), "text": "\n\n".join(blocks)}
