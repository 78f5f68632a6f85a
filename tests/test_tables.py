"""Tables in, tables out."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import textclean
from textclean.errors import ConfigError, InputError, NotTextError

BODY = "The council voted on Tuesday to close the old bridge for repairs until the end of the year, officials said."
OWN = "Nobody else has written about the small orchard behind the school that feeds forty families each autumn."
COLUMNS = {"text": [f"{BODY}\n\nLeave a Reply", None, f"{OWN}\n\n{BODY}", BODY], "date": [3, 2, 1, None]}
KINDS = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}


def rows(table: object) -> dict[str, list]:
    """The columns as lists."""
    found = {
        "DataFrame": lambda: table.to_dict(orient="list") if isinstance(table, pd.DataFrame) else table.to_dict(as_series=False),
        "Table": lambda: table.to_pydict(),
    }[type(table).__name__]()
    return {name: [None if value is None or value != value else value for value in values] for name, values in found.items()}


@pytest.fixture(params=KINDS)
def table(request: pytest.FixtureRequest) -> object:
    """A table of each kind."""
    return KINDS[request.param](COLUMNS)


def test_a_table_comes_back_as_it_was_but_for_the_text(table) -> None:
    """A table comes back with the same type, columns and column types; missing texts stay missing, and the one passed in is not changed."""
    result = textclean.clean_table(table, workers=1)
    assert type(result) is type(table)
    assert rows(result) == COLUMNS | {"text": [BODY, None, f"{OWN}\n\n{BODY}", BODY]}
    assert rows(table) == COLUMNS
    assert str(getattr(result, "dtypes", None)) == str(getattr(table, "dtypes", None))
    if isinstance(table, pa.Table):
        assert result.schema == table.schema


def test_repeats_across_rows_go(table) -> None:
    """Rows that repeat others are dropped as `deduplicate` says, in the order asked for."""
    assert rows(textclean.clean_table(table, across="paragraph"))["text"] == [BODY, None, OWN, ""]
    assert rows(textclean.clean_table(table, across="paragraph", keep="date"))["text"] == ["", None, f"{OWN}\n\n{BODY}", ""]
    assert rows(textclean.clean_table(table, across="document"))["date"] == [3, 2, 1]
    assert rows(textclean.clean_table(table, across="document", keep="last"))["date"] == [2, 1, None]


def test_an_index_is_kept() -> None:
    """The index of a pandas DataFrame is kept, also with rows dropped."""
    frame = pd.DataFrame(COLUMNS, index=list("abcd"))
    assert list(textclean.clean_table(frame, across="document").index) == ["a", "b", "c"]


def test_batches_are_mapped() -> None:
    """`map_batch` takes options by name, and puts the removals into a column if asked."""
    found = textclean.map_batch({"body": COLUMNS["text"], "n": [1, 2, 3, 4]}, text="body", removals="gone", keep_kinds={"comment-form"})
    assert found["body"] == [f"{BODY}\n\nLeave a Reply", None, f"{OWN}\n\n{BODY}", BODY]
    assert textclean.map_batch(COLUMNS, removals="gone")["gone"][0][0]["kind"] == "comment-form"


def test_what_is_no_table_is_refused(table) -> None:
    """An object that is no table is refused with a message that names its type and the remedy."""
    with pytest.raises(InputError, match="no column 'body'"):
        textclean.clean_table(table, text="body")
    with pytest.raises(InputError, match="got list"):
        textclean.clean_table(["text"])
    with pytest.raises(NotTextError):
        textclean.clean_table(table, text="date")
    with pytest.raises(ConfigError, match="keep='when': the table has no such column"):
        textclean.clean_table(table, across="document", keep="when")
    with pytest.raises(InputError, match="no column 'text'"):
        textclean.map_batch({"body": []})
