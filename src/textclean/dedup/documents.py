"""Brings a corpus to one form, whatever the user passed in: a list of str, a list of dict, or a table.

A table is anything that speaks the Arrow PyCapsule interface (pyarrow, polars, pandas, Hugging Face datasets); its strings are read where
they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from textclean import _native
from textclean._native import Texts
from textclean.checks import check_column, exact_str
from textclean.errors import ConfigError, InputError, MissingExtraError, NotTextError, TextTooLongError

_BROKEN = "the table is damaged: its Arrow memory contradicts itself"


class Documents:
    """A corpus: its texts in the form that the native half takes, and the objects that were passed in.

    Attributes:
        texts: the texts, one a document.
    """

    def __init__(self, texts: Texts, items: Callable[[], Sequence[Any]], column: Callable[[str], Sequence[Any]]) -> None:
        self.texts = texts
        self._items = items
        self._column = column

    def __len__(self) -> int:
        return len(self.texts)

    def first(self, count: int) -> Documents:
        """Returns a corpus of the first `count` documents."""
        return Documents(self.texts.first(count), lambda: self._items()[:count], lambda name: self._column(name)[:count])

    def items(self) -> Sequence[Any]:
        """Returns the documents as they were passed in; rows of a table as dicts.

        Raises:
            MissingExtraError: the documents are a table, and pyarrow is not installed.
        """
        return self._items()

    def column(self, name: str) -> Sequence[Any]:
        """Returns one value for each document: of a key of the dicts, or of a column of the table.

        Raises:
            ConfigError: there is no such key or column.
            MissingExtraError: the documents are a table, and pyarrow is not installed.
        """
        return self._column(name)


def read_documents(docs: Any, text: str = "text") -> Documents:
    """Takes a corpus in, whichever form it has.

    Args:
        docs: an iterable of str or of mappings, or a table that has ``__arrow_c_stream__`` or ``__arrow_c_array__``.
        text: the key or column that holds the text; not used for an Arrow array or a list of str.

    Raises:
        NotTextError: ``docs`` is bytes, or an item is no text.
        InputError: ``docs`` is a single str or no collection, has no key or column ``text``, or that column holds no strings.
    """
    refuse_single(docs)
    table = arrow_producer(docs)
    if table is not None:
        return _read_table(table, text)
    if not isinstance(docs, Iterable):
        raise InputError(
            f"expected documents, got {type(docs).__name__}: pass a list of str, a list of dict, or a table with __arrow_c_stream__"
        )
    items = docs if isinstance(docs, list) else list(docs)
    if items and isinstance(items[0], Mapping):
        return _read_mappings(items, text)
    return _read_strings(items)


def units_of(texts: Texts, unit: str) -> Texts:
    """Returns what is compared of documents: their paragraphs, or the documents themselves.

    Args:
        texts: the documents.
        unit: ``paragraph`` or ``document``.
    """
    return texts.paragraphs() if unit == "paragraph" else texts


def refuse_single(docs: Any) -> None:
    """Makes sure that a corpus is not a single text, which would be read letter by letter.

    Raises:
        NotTextError: it is bytes.
        InputError: it is a str.
    """
    if isinstance(docs, (str, bytes, bytearray)):
        raise (
            NotTextError(docs)
            if not isinstance(docs, str)
            else InputError(f"expected a collection of documents, got one str of {len(docs):,} code points: pass [text]")
        )


def arrow_producer(docs: Any) -> Any:
    """Returns ``docs`` if it has the Arrow interface, or the table inside a Hugging Face dataset that lacks it; else None."""
    if _speaks_arrow(docs):
        return docs
    if type(docs).__module__.startswith("datasets."):
        return next((table for table in (getattr(docs.data, "table", None),) if _speaks_arrow(table)), None)
    return None


def _speaks_arrow(value: Any) -> bool:
    return hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__")


def _read_strings(items: list[Any]) -> Documents:
    def column(name: str) -> Sequence[Any]:
        if not items:
            return []
        raise ConfigError(f"column {name!r} was asked for, but the documents are plain str: pass dicts or a table, or a callable as keep")

    return Documents(_texts(items), lambda: items, column)


def _read_mappings(items: list[Mapping[str, Any]], text: str) -> Documents:
    def column(name: str) -> list[Any]:
        for position, item in enumerate(items):
            if name not in item:
                raise ConfigError(f"document {position:,} has no {name!r}, it has {', '.join(map(repr, item)) or 'nothing'}")
        return [item[name] for item in items]

    for position, item in enumerate(items):
        if not isinstance(item, Mapping):
            raise NotTextError(item)
        if text not in item:
            raise InputError(f"document {position:,} has no {text!r}, it has {', '.join(map(repr, item)) or 'nothing'}: say text=...")
    return Documents(_texts([item[text] for item in items]), lambda: items, column)


def _texts(strings: list[Any]) -> Texts:
    try:
        return Texts.from_list([exact_str(text) for text in strings])
    except OverflowError as error:
        raise TextTooLongError(error.args[0], _native.MAX_BYTES) from None


def _checked(table: Any, text: str) -> Any:
    """Returns a table of pyarrow whose texts pyarrow has checked; it knows how large its buffers are, which its C interface does not tell.

    A reader is read here, so that what its producer raises comes as it was raised, a keyboard interrupt too.
    """
    arrow = sys.modules.get("pyarrow")
    if arrow is None or not isinstance(table, (arrow.RecordBatchReader, arrow.Table, arrow.RecordBatch, arrow.ChunkedArray, arrow.Array)):
        return table
    try:
        if isinstance(table, arrow.RecordBatchReader):
            table = arrow.Table.from_batches(list(table), table.schema)
        column = table
        if isinstance(table, (arrow.Table, arrow.RecordBatch)):
            at = table.schema.get_field_index(text)
            column = table.column(at) if at >= 0 else arrow.array([])
        for chunk in column.chunks if isinstance(column, arrow.ChunkedArray) else [column]:
            check_column(arrow, chunk)
    except (arrow.ArrowInvalid, arrow.ArrowIndexError) as error:
        raise InputError(f"{_BROKEN}: {error}: look at what made it") from None
    return table


def _read_table(table: Any, text: str) -> Documents:
    table = _checked(table, text)
    try:
        texts = Texts.from_arrow(table, text)
    except KeyError as error:
        raise InputError(f"the table has no column {text!r}, it has {', '.join(map(repr, error.args[0]))}: say text=...") from None
    except TypeError as error:
        raise InputError(f"column {text!r} has the Arrow type {error.args[0]!r}, not a string: cast it first, or say text=...") from None
    except BufferError as error:
        raise InputError(f"{_BROKEN}: {error}: look at what made it") from None
    except OSError as error:
        raise InputError(f"the table could not be read: {error}") from error
    except OverflowError as error:
        raise TextTooLongError(error.args[0], _native.MAX_BYTES) from None

    def arrow() -> Any:
        try:
            import pyarrow
        except ImportError:
            raise MissingExtraError("pyarrow", "arrow", "reading other columns of a table") from None
        return pyarrow.table(table)

    def column(name: str) -> list[Any]:
        whole = arrow()
        if name not in whole.column_names:
            raise ConfigError(f"the table has no column {name!r}, it has {', '.join(map(repr, whole.column_names))}")
        values: list[Any] = whole.column(name).to_pylist()
        return values

    return Documents(texts, lambda: arrow().to_pylist(), column)
