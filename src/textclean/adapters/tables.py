"""Tables in memory: a DataFrame in, a DataFrame out; and batches as Hugging Face datasets hand them round.

All columns but the text stay as they are. A missing text stays missing. For tables larger than memory there is `clean_corpus`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from textclean.api import clean_many
from textclean.config import Config
from textclean.errors import ConfigError, InputError, NotTextError


def map_batch(
    batch: Mapping[str, Sequence[Any]],
    config: Config | None = None,
    *,
    text: str = "text",
    removals: str | None = None,
    workers: int = 1,
    **overrides: Any,
) -> dict[str, list[Any]]:
    r"""Cleans a batch: ``dataset.map(textclean.map_batch, batched=True)``.

    Args:
        batch: columns by name, as lists.
        config: what to remove and how; None, the defaults.
        text: the column of the text.
        removals: put what was removed into a column of this name too, as dicts.
        workers: threads; `datasets` has processes of its own.
        **overrides: single fields of `config`, by name.

    Raises:
        InputError: there is no such column.
        NotTextError: a value is neither a str nor None.

    >>> map_batch({"text": ["A line.\n\nLeave a Reply", None], "n": [1, 2]})
    {'text': ['A line.', None]}
    """
    if text not in batch:
        raise InputError(f"the batch has no column {text!r}, it has {', '.join(map(repr, batch))}: say text=...")
    cleaned = _cleaned(batch[text], config, workers, overrides)
    found: dict[str, list[Any]] = {text: [None if each is None else each.text for each in cleaned]}
    if removals is not None:
        found[removals] = [[] if each is None else [removal.to_dict() for removal in each.removals] for each in cleaned]
    return found


def clean_table(
    table: Any,
    config: Config | None = None,
    *,
    text: str = "text",
    across: Literal["paragraph", "document", "none"] = "none",
    keep: str = "first",
    threshold: float = 0.8,
    workers: int | None = None,
    **overrides: Any,
) -> Any:
    """Cleans the texts of a pandas or polars DataFrame or a pyarrow Table, and gives back one of the same kind.

    Args:
        table: the texts and whatever belongs to them. It is not changed.
        config: what to remove and how; None, the defaults.
        text: the column of the text.
        across: what is compared across documents, after the cleaning. With ``"document"`` rows that repeat another go.
        keep: which of two repeats stays, as `deduplicate` has it; a column too.
        threshold: least Jaccard similarity of a repeat across documents.
        workers: threads; None for one a core.
        **overrides: single fields of `config`, by name.

    Raises:
        InputError: it is no such table, or has no such column.
        NotTextError: a value of the column is neither a str nor missing.
    """
    kind = type(table).__module__.partition(".")[0]
    if kind not in _KINDS or not hasattr(table, "columns"):
        raise InputError(f"expected a pandas or polars DataFrame or a pyarrow Table, got {type(table).__name__}")
    names, values, replaced = _KINDS[kind](table, text)
    if text not in names:
        raise InputError(f"the table has no column {text!r}, it has {', '.join(map(repr, names))}: say text=...")
    cleaned: list[str | None] = [None if each is None else each.text for each in _cleaned(values(text), config, workers, overrides)]
    kept = None
    if across != "none":
        keys = None if keep in ("first", "last", "longest") else values(keep) if keep in names else _no_column(keep, names)
        min_words = overrides.get("min_words", (config or Config()).min_words)
        cleaned, kept = _across(cleaned, keys, across, keep, threshold, workers, min_words)
    return replaced(cleaned, kept)


def _no_column(name: str, names: list[str]) -> list[Any]:
    raise ConfigError(f"keep: the table has no column {name!r}, it has {', '.join(map(repr, names))}")


def _cleaned(values: Sequence[Any], config: Config | None, workers: int | None, overrides: dict[str, Any]) -> list[Any]:
    """What came of each text; None for what is missing."""
    for value in values:
        if value is not None and not isinstance(value, str):
            raise NotTextError(value)
    results = clean_many((value for value in values if value is not None), config, workers=workers, **overrides)
    return [None if value is None else next(results) for value in values]


def _across(
    texts: list[str | None], keys: Sequence[Any] | None, across: Any, keep: str, threshold: float, workers: int | None, min_words: int
) -> tuple[list[str | None], list[bool] | None]:
    """The texts without what repeats, and which rows stay if not all do."""
    from textclean.dedup.duplicates import deduplicate

    docs = [{"text": value or "", "key": keys[n] if keys is not None else None} for n, value in enumerate(texts)]
    found = deduplicate(
        docs, unit=across, threshold=threshold, keep="key" if keys is not None else keep, min_words=min_words, workers=workers
    )
    if across == "document":
        return texts, (~found.dropped).tolist()
    return [None if value is None else left for value, left in zip(texts, found.texts(), strict=True)], None


def _pandas(table: Any, text: str) -> Any:
    def values(name: str) -> list[Any]:
        column = table[name]
        return column.astype(object).where(column.notna(), None).tolist()  # type: ignore[no-any-return]

    def replaced(texts: list[str | None], kept: list[bool] | None) -> Any:
        import pandas

        column = pandas.Series(texts, index=table.index, dtype=table[text].dtype)
        result = table.assign(**{text: column})
        return result if kept is None else result[kept]

    return list(table.columns), values, replaced


def _polars(table: Any, text: str) -> Any:
    def replaced(texts: list[str | None], kept: list[bool] | None) -> Any:
        import polars

        result = table.with_columns(polars.Series(text, texts, dtype=polars.String))
        return result if kept is None else result.filter(polars.Series(kept))

    return list(table.columns), lambda name: table[name].to_list(), replaced


def _pyarrow(table: Any, text: str) -> Any:
    def replaced(texts: list[str | None], kept: list[bool] | None) -> Any:
        import pyarrow

        at = table.schema.get_field_index(text)
        field = table.schema.field(at)
        result = table.set_column(at, field, pyarrow.chunked_array([pyarrow.array(texts, pyarrow.large_string()).cast(field.type)]))
        return result if kept is None else result.filter(pyarrow.array(kept))

    return list(table.column_names), lambda name: table.column(name).to_pylist(), replaced


_KINDS = {"pandas": _pandas, "polars": _polars, "pyarrow": _pyarrow}
