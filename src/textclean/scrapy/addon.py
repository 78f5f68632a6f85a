"""The add-on: puts the pipeline into the settings of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import NotConfigured

from textclean.scrapy.options import is_enabled
from textclean.scrapy.pipeline import CleaningPipeline

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

#: The place of the pipeline among others. New projects have theirs at 300: what stores items sees them clean.
PRIORITY = 200


class Addon:
    """Adds `CleaningPipeline` to ``ITEM_PIPELINES``, at 200, unless it stands there already.

    ``ADDONS = {"textclean.scrapy.Addon": 500}`` puts it to use.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        """Adds the pipeline.

        Raises:
            NotConfigured: ``TEXTCLEAN_ENABLED`` is False.
            ConfigError: it is neither True nor False.
        """
        if not is_enabled(settings):
            raise NotConfigured
        settings.setdefault_in_component_priority_dict("ITEM_PIPELINES", CleaningPipeline, PRIORITY)
