"""What `deduplicate` asks of an index, which stands above this room: that it compares, and by what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from textclean.dedup.settings import Settings
from textclean.errors import ConfigError, picture


class Seen(Protocol):
    """An index, see `textclean.Index`."""

    @property
    def settings(self) -> Settings:
        """By what it compares."""

    @property
    def read_only(self) -> bool:
        """Whether it can only be asked."""

    def add(self, docs: Any, *, id: Any = None, source: Any = None, text: str = "text") -> Any:
        """Adds documents, and returns `Duplicates`: which of their units repeat one that was there before or comes before in them."""

    def compare(self, docs: Any, *, id: Any = None, source: Any = None, text: str = "text") -> Any:
        """Returns the answer of `add`, and adds nothing."""


def check_index(index: Any, asked: Mapping[str, Any]) -> None:
    """Makes sure that options do not contradict an index: it compares by its own, and what was seen first stays.

    Args:
        index: the index.
        asked: options of `textclean.deduplicate` by name; None for one that was not given.

    Raises:
        ConfigError: an option contradicts it, or it is none.
    """
    if not isinstance(getattr(index, "settings", None), Settings):
        raise ConfigError(f"index={picture(index)}: a textclean.Index is needed, e.g. textclean.Index('seen.db')")
    if asked.get("keep") not in (None, "first"):
        raise ConfigError(f"keep={picture(asked['keep'])}: with index=... what was seen first stays: leave keep out, or say keep='first'")
    for name, value in asked.items():
        has = getattr(index.settings, name, None)
        if name != "keep" and value is not None and value != has:
            raise ConfigError(
                f"{name}={value!r}: index {getattr(index, 'path', '')} compares by {name}={has!r}: leave {name} out, or use another index"
            )
