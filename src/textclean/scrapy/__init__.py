"""Cleans the items of Scrapy spiders, and drops those that say only what earlier ones said: an add-on and its item pipeline.

    item -> texts of its fields -> clean -> index: what of it was passed on before? -> item, cleaned, or DuplicateItem

``ADDONS = {"textclean.scrapy.Addon": 500}`` in the settings of a project is all that is needed. docs/scrapy.md lists the settings.

It holds one promise above all: *the index holds what was passed on, and nothing else*. So whatever is dropped stands in an item that went
through all pipelines, or will; what a crawl that was killed has not passed on comes again.

It is not made for items that hold HTML: take the text out first, in the spider or in a pipeline before this one.
"""

from textclean.errors import MissingExtraError

try:
    from textclean.scrapy.addon import Addon
    from textclean.scrapy.pipeline import CleaningPipeline, DuplicateItem
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("scrapy", "itemadapter", "twisted"):
        raise
    raise MissingExtraError("scrapy", "scrapy", "textclean.scrapy") from None

__all__ = ["Addon", "CleaningPipeline", "DuplicateItem"]
