"""Checks of options, so that all functions report the value, what is allowed and the remedy in the same words."""

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
