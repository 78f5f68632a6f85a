"""What a file of an index says of itself, and whether that is what this version of the package would write.

Two things must never mix: texts that were compared by different rules, and texts that were cut into tokens by different code. So the rules
are stored, and answers of the code to fixed questions beside its version numbers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from textclean import _native
from textclean.checks import check_choice, check_flag
from textclean.dedup.settings import MIN_WORDS, NGRAM_SIZE, SAME_NUMBERS, THRESHOLD, Settings, Unit, settings_for
from textclean.errors import IndexFileError, IndexMismatchError, short

#: The layout of the tables. Raise it with any change.
FORMAT = 1
#: "txcl": by it a file says in its first bytes that it is an index.
APPLICATION_ID = 0x7478636C
#: Texts whose tokens and hashes are stored, so that another tokenizer or hash is noticed whatever its version says.
_QUESTIONS = (
    "The Council, meeting on Tuesday, voted 7:2 to close the bridge.",
    "ﬁve o’clock in İSTANBUL, ß and ǅ, １２３ ½",
    "東京は晴れ、ราคาทอง วันนี้, 한국어 текст e\u0301\u0345",
)


@dataclass(frozen=True, slots=True)
class Rules:
    """By what rules an index compares.

    Attributes:
        unit: what is compared, ``paragraph`` or ``document``.
        threshold: least Jaccard similarity of a repeat.
        ngram_size: tokens in a shingle.
        min_words: units with fewer words take no part.
        same_numbers: whether units with different numbers are no repeats.
        removable: whether documents can be removed again; the file is larger for it.
    """

    unit: Unit
    threshold: float
    ngram_size: int
    min_words: int
    same_numbers: bool
    removable: bool

    @property
    def settings(self) -> Settings:
        """The same as a search takes it."""
        return _settings(self)


def _checked(found: Rules) -> Settings:
    """The settings of rules that may be wrong."""
    return settings_for(
        found.unit, found.threshold, found.ngram_size, min_words=found.min_words, same_numbers=found.same_numbers, workers=None
    )


#: The settings of rules that are right, made once.
_settings = cache(_checked)


def rules(asked: dict[str, Any]) -> Rules:
    """Fills in what was not asked for.

    Args:
        asked: options of `Rules` by name; None for the default.

    Raises:
        ConfigError: an option has a value that it can't have.
    """
    unit: Unit = "paragraph" if asked["unit"] is None else asked["unit"]
    check_choice("unit", unit, get_args(Unit))

    def option(name: str, default: Any) -> Any:
        return default if asked[name] is None else asked[name]

    found = Rules(
        unit,
        threshold=option("threshold", THRESHOLD),
        ngram_size=option("ngram_size", NGRAM_SIZE[unit]),
        min_words=option("min_words", MIN_WORDS),
        same_numbers=option("same_numbers", SAME_NUMBERS[unit]),
        removable=option("removable", True),
    )
    check_flag("removable", found.removable)
    _checked(found)
    return found


def written(found: Rules) -> dict[str, str]:
    """Returns the lines of a header, as JSON by name."""
    says = {name: getattr(found, name) for name in Rules.__slots__}
    return {name: json.dumps(value) for name, value in {**says, **_code()}.items()}


def read(path: str, lines: dict[str, str], asked: dict[str, Any]) -> Rules:
    """Reads the rules from a header.

    Args:
        path: the file, for errors.
        lines: what `written` gave.
        asked: options by name that the caller wants; None for whatever the file has.

    Raises:
        IndexFileError: the header is damaged.
        IndexMismatchError: the file was made by other code, or has other rules than those asked for.
    """
    try:
        says = {name: json.loads(value) for name, value in lines.items() if name in Rules.__slots__ or name in _code()}
        found = rules({name: says[name] for name in Rules.__slots__})
        code = {name: says[name] for name in _code()}
    except (ValueError, TypeError, KeyError) as error:
        raise IndexFileError(path, f"its header is damaged ({short(str(error))}): take a copy that was made before") from None
    for name, value in _code().items():
        if code[name] != value:
            raise IndexMismatchError(
                path,
                f"it was made with {name} {short(str(code[name]))}, this version of textclean has {short(str(value))}: texts of both can't"
                " be compared; build it anew with this version, or install the one that made it",
            )
    for name in Rules.__slots__:
        wanted, has = asked[name], getattr(found, name)
        if wanted is not None and wanted != has:
            raise IndexMismatchError(
                path, f"it has {name}={has!r}, and {name}={wanted!r} was asked for: leave {name} out, or use another file"
            )
    return found


def _code() -> dict[str, Any]:
    """What the code says of itself: versions, and answers to fixed questions."""
    return {"format": FORMAT, "tokenizer": _native.TOKENIZER_VERSION, "known_answers": _answers()}


def _answers() -> list[str]:
    texts = _native.Texts.from_list(list(_QUESTIONS))
    order = _native.KeyOrder(bytes(16))
    found = texts.keyed(None, order, threshold=0.8, ngram_size=2, min_words=0, same_numbers=True)[0]
    return [bytes(found[at : at + 16]).hex() for at in range(0, len(found), 16)]
