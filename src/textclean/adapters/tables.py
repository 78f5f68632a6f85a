"""Cleans tables in memory (pandas, polars, pyarrow), and batches of Hugging Face datasets.

All columns but the text stay as they are. A missing text stays missing. For tables larger than memory there is `clean_corpus`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textclean.api import clean_many
from textclean.config import Config, resolve
from textclean.dedup.settings import Across, Comparing, comparing
from textclean.document import Cleaned
from textclean.errors import ConfigError, InputError, NotTextError
from textclean.sites.templates import Templates


def map_batch(
    batch: Mapping[str, Sequence[Any]],
    config: Config | None = None,
    *,
    text: str = "text",
    removals: str | None = None,
    workers: int = 1,
    **overrides: Any,
) -> dict[str, list[Any]]:
    r"""Cleans a batch of a Hugging Face dataset: ``dataset.map(textclean.map_batch, batched=True)``.

    Args:
        batch: columns by name, as lists.
        config: what to remove and how; None, the defaults.
        text: the name of the column that holds the text.
        removals: the name of a column that gets the lists of removals, as dicts; None for no such column.
        workers: number of threads; one by default, since `datasets` has processes of its own.
        **overrides: single fields of `config`, by name.

    Returns:
        The columns that are new or changed; `datasets` keeps the others. A missing text (None) stays missing.

    Raises:
        ConfigError: an option has a value that it can't have.
        InputError: there is no such column.
        NotTextError: a value is neither a str nor None.

    >>> map_batch({"text": ["A line.\n\nLeave a Reply", None], "n": [1, 2]})
    {'text': ['A line.', None]}
    """
    if text not in batch:
        raise InputError(f"the batch has no column {text!r}, it has {', '.join(map(repr, batch))}: say text=...")
    cleaned = _cleaned(batch[text], None, config, workers, None, overrides)
    found: dict[str, list[Any]] = {text: [None if each is None else each.text for each in cleaned]}
    if removals is not None:
        found[removals] = [[] if each is None else [removal.to_dict() for removal in each.removals] for each in cleaned]
    return found


def clean_table(
    table: Any,
    config: Config | None = None,
    *,
    text: str = "text",
    across: Across = "none",
    keep: str | None = None,
    threshold: float | None = None,
    same_numbers: bool | None = None,
    source: str | None = None,
    site: str | None = None,
    templates: Templates | None = None,
    workers: int | None = None,
    **overrides: Any,
) -> Any:
    """Cleans the texts of a pandas or polars DataFrame or a pyarrow Table, and returns a table of the same kind.

    Args:
        table: the texts, with any other columns. It is not changed.
        config: what to remove and how; None, the defaults.
        text: the name of the column that holds the text.
        across: what is compared across documents after cleaning: ``"paragraph"``, ``"document"`` (rows that repeat another are
            dropped) or ``"none"``.
        keep: which of two repeats stays: ``first`` (the default), ``last``, ``longest``, or a column: the row with the smallest value.
        threshold: least Jaccard similarity of a repeat across documents, over 0 and at most 1; None for 0.8.
        same_numbers: whether rows or paragraphs with different numbers are no repeats; None for yes if they are paragraphs.
        source: the column that says from which site a row comes, for `templates`.
        site: the site from which all rows come, in place of `source`.
        templates: what sites repeat on their pages (see `textclean.learn_templates`); None to leave such lines in.
        workers: number of threads; None for one a core.
        **overrides: single fields of `config`, by name.

    Raises:
        InputError: `table` is no such table, or has no column `text`.
        NotTextError: a value of the column is neither a str nor missing.
        ConfigError: an option has a value that it can't have, or options do not go together.
    """
    how = comparing(across, keep, threshold, resolve(config, overrides).min_words, workers, same_numbers)
    kind = type(table).__module__.partition(".")[0]
    if kind not in _KINDS or not hasattr(table, "columns"):
        raise InputError(f"expected a pandas or polars DataFrame or a pyarrow Table, got {type(table).__name__}")
    names, values, replaced = _KINDS[kind](table, text)
    if text not in names:
        raise InputError(f"the table has no column {text!r}, it has {', '.join(map(repr, names))}: say text=...")
    for name, column in (("keep", how and how.key), ("source", source)):
        if column is not None and column not in names:
            raise ConfigError(f"{name}={column!r}: the table has no such column, it has {', '.join(map(repr, names))}")
    sites = site if source is None else values(source)
    cleaned = [None if each is None else each.text for each in _cleaned(values(text), sites, config, workers, templates, overrides)]
    kept = None
    if how:
        cleaned, kept = _without_repeats(cleaned, values(how.key) if how.key is not None else None, how, workers)
    return replaced(cleaned, kept)


def _cleaned(
    values: Sequence[Any],
    sites: str | Sequence[str | None] | None,
    config: Config | None,
    workers: int | None,
    templates: Templates | None,
    overrides: dict[str, Any],
) -> list[Cleaned | None]:
    """Cleans the texts of a column; a missing text gives None."""
    for value in values:
        if value is not None and not isinstance(value, str):
            raise NotTextError(value)
    if sites is not None and not isinstance(sites, str):
        sites = [site for site, value in zip(sites, values, strict=True) if value is not None]
    texts = (value for value in values if value is not None)
    results = clean_many(texts, config, workers=workers, site=sites, templates=templates, **overrides)
    return [None if value is None else next(results) for value in values]


def _without_repeats(
    texts: list[str | None], keys: Sequence[Any] | None, how: Comparing, workers: int | None
) -> tuple[list[str | None], list[bool] | None]:
    """Takes out what repeats. Returns the texts, and for each row whether it stays; None in place of these if all rows stay."""
    from textclean.dedup.duplicates import compared

    docs = [{"text": value or "", "key": keys[n] if keys is not None else None} for n, value in enumerate(texts)]
    found = compared(docs, how, how.keep if keys is None else "key", workers)
    if how.unit == "document":
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
        # A column of the null type has no text, and none is made of it.
        column = table.column(text)
        if not pyarrow.types.is_null(field.type):
            column = pyarrow.chunked_array([pyarrow.array(texts, pyarrow.large_string()).cast(field.type)])
        result = table.set_column(at, field, column)
        return result if kept is None else _filtered(result, kept)

    return list(table.column_names), lambda name: table.column(name).to_pylist(), replaced


def _filtered(table: Any, kept: list[bool]) -> Any:
    import pyarrow

    try:
        return table.filter(pyarrow.array(kept))
    except NotImplementedError:
        # Arrow's kernels don't know some types (string_view); slices know all.
        return pyarrow.concat_tables([table.slice(0, 0), *(table.slice(at, 1) for at, stays in enumerate(kept) if stays)])


_KINDS = {"pandas": _pandas, "polars": _polars, "pyarrow": _pyarrow}
