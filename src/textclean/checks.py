"""Checks of what comes in. Those of options report the value, what is allowed and the remedy in the same words for all functions."""

from __future__ import annotations

from typing import Any

from textclean.errors import ConfigError, NotTextError

#: Below so small a similarity nothing can be told apart, and no search has keys.
_LEAST = 1e-6


def check_similarity(name: str, value: Any) -> None:
    """Makes sure that an option is a Jaccard similarity over 0 and at most 1.

    Args:
        name: the name of the option, for the error.
        value: its value.

    Raises:
        ConfigError: it is not.
    """
    if not is_number(value) or not _LEAST <= value <= 1:
        raise ConfigError(f"{name}={value!r} is no Jaccard similarity to ask for: use 0 < {name} <= 1, e.g. 0.8")


def is_number(value: object) -> bool:
    """Returns whether a value is an int or a float, and not True or False."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_flag(name: str, value: Any) -> None:
    """Makes sure that an option is True or False.

    Raises:
        ConfigError: it is not.
    """
    if not isinstance(value, bool):
        raise ConfigError(f"{name}={value!r}: True or False is needed")


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Makes sure that an option has one of a few values.

    Raises:
        ConfigError: it has another value.
    """
    if value not in choices:
        raise ConfigError(f"{name}={value!r} is unknown: use {', '.join(map(repr, choices))}")


def check_whole(name: str, value: Any, least: int, most: int) -> None:
    """Makes sure that an option is a whole number from `least` to `most`, both included.

    Raises:
        ConfigError: it is not.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(f"{name}={value!r} is out of range: use a whole number from {least:,} to {most:,}")


def check_workers(workers: Any) -> None:
    """Makes sure that a number of threads is None or a whole number from 1 to 1,024.

    Raises:
        ConfigError: it is not.
    """
    if workers is not None:
        check_whole("workers", workers, 1, 1024)


def exact_str(value: Any) -> str:
    """Returns a str as a plain one: the characters that it holds, whatever methods its own class has in the place of those of str.

    Raises:
        NotTextError: it is no str.
    """
    if type(value) is str:
        return value
    try:
        return str.__str__(value)
    except TypeError:
        raise NotTextError(value) from None


def check_column(arrow: Any, column: Any) -> None:
    """Makes sure that reading a column can't crash: offsets that fall or point outside the data, Arrow looks for only if it is asked to.

    Bytes that are not UTF-8 crash nothing and cost their row alone, so strings are checked as the bytes that they are.

    Args:
        arrow: the package pyarrow.
        column: an Array.

    Raises:
        pyarrow.ArrowException: the column contradicts itself.
    """
    plain = {arrow.string(): arrow.binary(), arrow.large_string(): arrow.large_binary(), arrow.string_view(): arrow.binary_view()}
    if arrow.types.is_dictionary(column.type) and column.type.value_type in plain:
        values = column.dictionary.view(plain[column.type.value_type])
        values.validate(full=True)
        column = arrow.DictionaryArray.from_arrays(column.indices, values)
    (column.view(plain[column.type]) if column.type in plain else column).validate(full=True)
