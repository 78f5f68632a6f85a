"""The settings: ``TEXTCLEAN_...``, read once and checked before the crawl begins."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textclean.checks import check_choice, check_whole, is_number
from textclean.config import Config, resolve
from textclean.errors import ConfigError, TextcleanError, picture
from textclean.sites.templates import Templates

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

_PREFIX = "TEXTCLEAN_"
#: What happens to an item that repeats others.
ON_DUPLICATE = ("drop", "paragraphs", "mark")


@dataclass(frozen=True)
class Options:
    """What the settings ask for. Each attribute is the setting of its name, ``TEXTCLEAN_FIELD`` and so on.

    Attributes:
        field: the fields that hold text; names with dots are fields of items in the item.
        config: what to remove and how.
        templates: what sites repeat on their pages; None for none.
        learn_templates: pages of a host from which its templates are learned while the crawl runs; 0 for none.
        index: the path of the index; None for the default, a file for each spider; False for no index.
        on_duplicate: what happens to an item that repeats others.
        duplicate_field: with ``mark``, the field that gets the ids of the items that are repeated.
        removals_field: the field that gets the list of removals; None for none.
        expire: days after which what was passed on is forgotten; None for never.
        id_field: the field by which an item is known in the next crawl; where it is missing, the text stands for it.
    """

    field: tuple[str, ...] = ("text",)
    config: Config = Config()  # noqa: RUF009 - frozen
    templates: Templates | None = None
    learn_templates: int = 0
    index: str | bool | None = None
    on_duplicate: str = "drop"
    duplicate_field: str = "duplicate_of"
    removals_field: str | None = None
    expire: float | None = None
    id_field: str = "url"

    def __post_init__(self) -> None:
        _check_names(self.field)
        check_choice("TEXTCLEAN_ON_DUPLICATE", self.on_duplicate, ON_DUPLICATE)
        if self.learn_templates:
            check_whole("TEXTCLEAN_LEARN_TEMPLATES", self.learn_templates, 5, 10_000)
        if self.expire is not None and not (math.isfinite(self.expire) and 0 < self.expire <= 36_500):
            raise ConfigError(f"TEXTCLEAN_EXPIRE={self.expire!r}: days over 0 and at most 36,500 are needed, or None to forget nothing")


def is_enabled(settings: BaseSettings) -> bool:
    """Returns ``TEXTCLEAN_ENABLED``.

    Raises:
        ConfigError: it is neither True nor False.
    """
    return _flag("TEXTCLEAN_ENABLED", settings.get("TEXTCLEAN_ENABLED", True))


def read_options(settings: BaseSettings) -> Options:
    """Reads the settings of a project, a spider or the command line, where each value is a str.

    Raises:
        ConfigError: a setting has a value that it can't have, or there is no such setting.
    """
    said = {str(name).removeprefix(_PREFIX).lower(): settings.get(name) for name in settings if str(name).startswith(_PREFIX)}
    said.pop("enabled", None)
    if unknown := sorted(said.keys() - _READERS.keys()):
        raise ConfigError(f"{_setting(unknown[0])}: there is no such setting; there are {', '.join(map(_setting, ['enabled', *_READERS]))}")
    found = {name: _READERS[name](_setting(name), value) for name, value in said.items() if value is not None}
    return replace(Options(), **found)


def _setting(name: str) -> str:
    return _PREFIX + name.upper()


def _check_names(names: tuple[str, ...]) -> None:
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"TEXTCLEAN_FIELD={list(names)!r}: one name of a field is needed, or several different ones")


def _flag(name: str, value: Any) -> bool:
    # The command line hands on what was typed, and Scrapy takes 1 and 0 as well.
    found = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
    if found is None:
        raise ConfigError(f"{name}={picture(value)}: True or False is needed")
    return found


def _name(name: str, value: Any) -> str:
    if not isinstance(value, str) or not all(value.split(".")) or not value.strip():
        raise ConfigError(f"{name}={picture(value)}: the name of a field is needed: 'text', or 'article.body' of an item in it")
    return value


def _names(name: str, value: Any) -> tuple[str, ...]:
    several = value.split(",") if isinstance(value, str) else value
    if not isinstance(several, (list, tuple)):
        raise ConfigError(f"{name}={picture(value)}: the name of a field is needed, or a list of names")
    return tuple(_name(name, each.strip() if isinstance(each, str) else each) for each in several)


def _number(name: str, value: Any) -> float:
    found: float | None = None
    with suppress(ValueError):
        found = json.loads(value) if isinstance(value, str) else value
    if found is None or not is_number(found):
        raise ConfigError(f"{name}={picture(value)}: a number is needed")
    return found


def _pages(name: str, value: Any) -> int:
    found = _number(name, value)
    if not isinstance(found, int):
        raise ConfigError(f"{name}={picture(value)}: a whole number of pages is needed, 0 to learn nothing")
    return found


def _config(name: str, value: Any) -> Config:
    if isinstance(value, Config):
        return value
    try:
        options = json.loads(value) if isinstance(value, str) else value
        return resolve(None, dict(options))
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None
    except (ValueError, TypeError):
        raise ConfigError(f"{name}={picture(value)}: a dict of options of textclean.Config is needed") from None


def _templates(name: str, value: Any) -> Templates:
    if isinstance(value, Templates):
        return value
    try:
        return Templates.load(value)
    except (TextcleanError, TypeError, ValueError) as error:
        raise ConfigError(f"{name}={picture(value)}: {error}") from None


def _index(name: str, value: Any) -> str | bool:
    if str(value).lower() in ("false", "0"):
        return False
    path = str(value)
    if value is True or not path.strip():
        raise ConfigError(f"{name}={picture(value)}: the path of a file is needed, None for a file for each spider, or False for no index")
    return path


_READERS = {
    "field": _names,
    "config": _config,
    "templates": _templates,
    "learn_templates": _pages,
    "index": _index,
    "on_duplicate": lambda name, value: value,
    "duplicate_field": _name,
    "removals_field": _name,
    "expire": _number,
    "id_field": _name,
}
