"""Reads and writes fields of items of any kind: dict, Item, dataclass, attrs, and what else ItemAdapter knows."""

from __future__ import annotations

from typing import Any

from itemadapter import ItemAdapter, is_item

#: Stands for a field that is not there.
MISSING: Any = object()


def read_field(item: Any, path: str) -> Any:
    """Returns the value of a field; `MISSING` if the item, or an item on the way, has no such field.

    Args:
        item: an item.
        path: the name of a field, or names with dots between them for a field of an item in an item.

    >>> read_field({"article": {"body": "A line."}}, "article.body")
    'A line.'
    """
    for name in path.split("."):
        if not is_item(item):
            return MISSING
        item = ItemAdapter(item).get(name, MISSING)
    return item


def write_field(item: Any, path: str, value: Any) -> None:
    """Writes a field, of the item itself or of an item in it.

    Args:
        item: an item that has all items on the way.
        path: as for `read_field`.
        value: the new value.

    Raises:
        KeyError: an item of this class can't have such a field.
    """
    above, _, name = path.rpartition(".")
    inner = read_field(item, above) if above else item
    if not is_item(inner):
        raise KeyError(path)
    ItemAdapter(inner)[name] = value
