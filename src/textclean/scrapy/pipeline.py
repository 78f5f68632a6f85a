"""The item pipeline: what happens to an item."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scrapy import signals
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.utils.job import job_dir
from scrapy.utils.project import data_path

from textclean.api import explain, warm_up
from textclean.errors import TextcleanError, short
from textclean.files.disk import Disk
from textclean.files.escapes import storable
from textclean.scrapy.crawls import this_crawl
from textclean.scrapy.fields import MISSING, read_field, write_field
from textclean.scrapy.learner import SiteLearner
from textclean.scrapy.options import Options, is_enabled, read_options
from textclean.scrapy.seen import Seen, reset
from textclean.scrapy.worker import Worker

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Spider
    from scrapy.crawler import Crawler

    from textclean.sites.templates import Templates

logger = logging.getLogger(__name__)

#: Items on their way through later pipelines that are remembered. A pipeline that returns another object hides its item from us, and such
#: must not pile up.
_UNDER_WAY = 10_000


class DuplicateItem(DropItem):
    """An item says only what others said that were passed on before. Logged at level DEBUG, as requests that are filtered are.

    Attributes:
        duplicate_of: the ids of these others, the URLs as a rule.
    """

    def __init__(self, duplicate_of: list[str]) -> None:
        more = f" and {len(duplicate_of) - 1:,} more" if len(duplicate_of) > 1 else ""
        super().__init__(f"it says only what was passed on before: {short(duplicate_of[0])}{more}")
        self.duplicate_of = duplicate_of
        # Set here: Scrapy's own argument is of another type in some versions.
        self.log_level = "DEBUG"


@dataclass
class _Result:
    """What the thread found out about an item."""

    texts: dict[str, str]
    removals: list[dict[str, Any]] = field(default_factory=list)
    removed: Counter[str] = field(default_factory=Counter)
    duplicate_of: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    learned: bool = False


class CleaningPipeline:
    """Cleans the text of items, and drops, cuts or marks those that repeat what was passed on before. docs/scrapy.md has the settings.

    What takes time is done in a thread of its own. An item that is passed on is in the index by then; if a later pipeline drops it or
    fails, it is taken out again.

    Raises:
        NotConfigured: ``TEXTCLEAN_ENABLED`` is False.
        ConfigError: a setting has a value that it can't have.
    """

    def __init__(self, crawler: Crawler, options: Options) -> None:
        assert crawler.stats is not None
        self._crawler = crawler
        self._stats = crawler.stats
        self._options = options
        self._worker = Worker()
        self._seen: Seen | None = None
        self._learner: SiteLearner | None = None
        self._under_way: OrderedDict[int, tuple[Any, list[str]]] = OrderedDict()
        self._said: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Makes the pipeline of a crawl, as Scrapy asks for it."""
        if not is_enabled(crawler.settings):
            raise NotConfigured
        return cls(crawler, read_options(crawler.settings))

    def open_spider(self, spider: Spider | None = None) -> None:
        """Opens the index, before the crawl begins.

        Raises:
            ConfigError, IndexFileError, TemplatesError: a file can't be used.
        """
        options = self._options
        warm_up(options.config)
        path = self._index_path()
        if options.learn_templates:
            self._learner = SiteLearner(options.learn_templates, path.with_name(f"{path.name}.templates.json"), options.config)
        if options.index is not False:
            self._open_index(path)

    async def process_item(self, item: Any, spider: Spider | None = None) -> Any:
        """Cleans an item.

        Raises:
            DuplicateItem: it says nothing new, and such items are to be dropped.
        """
        self._stats.inc_value("textclean/items")
        texts = self._texts(item)
        if not texts:
            return item
        key, url = self._key(item, texts), read_field(item, "url")
        result = await self._worker.run(self._work, texts, key, url if isinstance(url, str) and url else None)
        self._count(result)
        if result.duplicate_of and self._options.on_duplicate != "mark":
            self._stats.inc_value("textclean/dropped")
            raise DuplicateItem(result.duplicate_of)
        if result.ids:
            self._remember(item, result.ids)
        self._write(item, result, texts)
        return item

    def close_spider(self, spider: Spider | None = None) -> None:
        """Closes the index, after the last item."""
        self._worker.close()
        if self._seen is not None:
            self._stats.set_value("textclean/index/units", self._seen.units())
            self._seen.close()
        items, dropped = (self._stats.get_value(f"textclean/{name}", 0) for name in ("items", "dropped"))
        if dropped:
            logger.info(
                "textclean dropped %d of %d items that say only what was passed on before, by this crawl or an earlier one"
                " (-a textclean_reset=1 forgets all of it)",
                dropped,
                items,
            )

    def _index_path(self) -> Path:
        if isinstance(self._options.index, str):
            path, disk = Path(data_path(self._options.index)), Disk(fsync=False)
            disk.make_folder(path.parent)
            return path
        # A file for each spider: what one forgets, or finds to be a repeat, is not another's business.
        assert self._crawler.spider is not None
        return Path(data_path("textclean", createdir=True)) / f"{quote(self._crawler.spider.name, safe='')}.db"

    def _open_index(self, path: Path) -> None:
        options = self._options
        if str(getattr(self._crawler.spider, "textclean_reset", "")).lower() not in ("", "0", "false", "none"):
            reset(path)
        crawl = this_crawl(job_dir(self._crawler.settings))
        self._seen = Seen(path, crawl, options.config.min_words, options.on_duplicate == "paragraphs")
        if options.expire is not None:
            self._stats.set_value("textclean/index/expired", self._seen.expire(options.expire))
        for signal, handler in (
            (signals.item_scraped, self._came_through),
            (signals.item_dropped, self._fell),
            (signals.item_error, self._fell),
        ):
            self._crawler.signals.connect(handler, signal=signal)

    def _texts(self, item: Any) -> dict[str, str]:
        """Returns the texts of an item by the names of their fields, and counts fields that hold none."""
        texts = {}
        for name in self._options.field:
            value = read_field(item, name)
            if isinstance(value, str):
                texts[name] = value
            else:
                reason = "missing-field" if value is MISSING or value is None else "not-text"
                self._error(reason, f"an item of {type(item).__name__} has no text in its field {name!r}: say TEXTCLEAN_FIELD=...")
        return texts

    def _key(self, item: Any, texts: dict[str, str]) -> str:
        value = read_field(item, self._options.id_field)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
            return storable(str(value))
        whole = "\0".join(texts.values()).encode("utf-8", "surrogatepass")
        return f"text:{hashlib.blake2b(whole, digest_size=16).hexdigest()}"

    def _work(self, texts: dict[str, str], key: str, url: str | None) -> _Result:
        """Cleans texts and asks the index, in the thread. An error costs what it is an error of, and never the item."""
        result = _Result(dict(texts))
        templates = self._templates(url)
        try:
            site = url if templates else None
            cleaned = {name: explain(text, self._options.config, site=site, templates=templates) for name, text in texts.items()}
        except Exception as error:
            result.errors.append(error)
            return result
        for name, each in cleaned.items():
            result.texts[name] = each.text
            result.removed.update({str(kind): count for kind, count in each.removed.items()})
            if self._options.removals_field is not None:
                result.removals += [{"field": name, **removal.to_dict()} for removal in each.removals]
        try:
            if self._learner is not None and url is not None:
                result.learned = self._learner.see(url, texts[next(iter(texts))])
            if self._seen is not None:
                self._ask(self._seen, key, result)
        except Exception as error:
            result.errors.append(error)
        return result

    def _ask(self, seen: Seen, key: str, result: _Result) -> None:
        verdict = seen.decide(key, list(result.texts.values()))
        result.ids, result.duplicate_of = verdict.ids, verdict.duplicate_of
        for name, text, repeats in zip(list(result.texts), verdict.texts, verdict.repeats, strict=True):
            result.texts[name] = text
            result.removed.update(repeat["kind"] for repeat in repeats)
            result.removals += [{"field": name, **repeat} for repeat in repeats]

    def _templates(self, url: str | None) -> Templates | None:
        if url is None:
            return None
        given = self._options.templates
        if given is not None and given.known(url):
            return given
        return self._learner.templates(url) if self._learner is not None else None

    def _write(self, item: Any, result: _Result, texts: dict[str, str]) -> None:
        written: dict[str, Any] = {name: text for name, text in result.texts.items() if text != texts[name]}
        if self._options.removals_field is not None:
            written[self._options.removals_field] = result.removals
        if result.duplicate_of:
            self._stats.inc_value("textclean/marked")
            written[self._options.duplicate_field] = result.duplicate_of
        for name, value in written.items():
            try:
                write_field(item, name, value)
            except (KeyError, AttributeError, TypeError) as error:
                self._error("no-such-field", f"an item of {type(item).__name__} can't hold the field {name!r}, declare it: {error!r}")

    def _count(self, result: _Result) -> None:
        for kind, count in result.removed.items():
            self._stats.inc_value(f"textclean/removed/{kind}", count)
        if result.learned:
            self._stats.inc_value("textclean/learned_sites")
        for error in result.errors:
            trace = None if isinstance(error, TextcleanError) else error
            self._error(type(error).__name__, f"an item was passed on without all of its cleaning: {short(error)}", trace)

    def _error(self, reason: str, message: str, error: Exception | None = None) -> None:
        """Counts an error, and logs the first of its kind."""
        self._stats.inc_value(f"textclean/errors/{reason}")
        if reason not in self._said:
            self._said.add(reason)
            logger.error("textclean: %s (errors of this kind are counted from now on)", message, exc_info=error)

    def _remember(self, item: Any, ids: list[str]) -> None:
        # The item is held as well, so that no other gets its number.
        self._under_way[id(item)] = (item, ids)
        if len(self._under_way) > _UNDER_WAY:
            self._under_way.popitem(last=False)

    def _came_through(self, item: Any) -> None:
        """Settles an item that has been through all pipelines."""
        _, ids = self._under_way.pop(id(item), (None, []))
        if self._seen is not None:
            self._seen.settle(ids)

    async def _fell(self, item: Any) -> None:
        """Takes an item out of the index that a later pipeline dropped, or failed on: it may come again."""
        _, ids = self._under_way.pop(id(item), (None, []))
        if ids and self._seen is not None:
            self._stats.inc_value("textclean/forgotten")
            await self._worker.run(self._seen.forget, ids)
