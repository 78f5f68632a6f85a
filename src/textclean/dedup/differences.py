"""In what two texts that are much alike differ: a number, a negation, one word."""

from __future__ import annotations

import re
from typing import NamedTuple

_WORD = re.compile(r"\w+(?:['’]t\b)?")
_NUMBER = re.compile(r"\d+")
#: Words that turn a sentence round, in ten languages. It is a help for a reader of figures: no answer depends on it.
_NEGATIONS = frozenset(
    {
        *("not", "no", "never", "nor", "none", "nobody", "nothing", "neither", "without", "cannot"),
        *("nicht", "nie", "niemals", "kein", "keine", "keinen", "keinem", "keiner", "keines", "nichts", "ohne"),
        *("ne", "n", "pas", "jamais", "aucun", "aucune", "sans", "ni", "nunca", "jamás", "sin", "ningún", "ninguna", "ninguno"),
        *("non", "mai", "né", "senza", "nessun", "nessuna", "nessuno", "não", "nem", "sem", "nenhum", "nenhuma"),
        *("niet", "geen", "nooit", "zonder", "nigdy", "bez", "żaden", "żadna", "не", "ни", "никогда", "нет", "без", "никто", "ничего"),
    }
)
_NEGATIVE_ENDINGS = ("ない", "なかった", "ません", "なく")


class Kinds(NamedTuple):
    """In what two texts differ.

    Attributes:
        number: their numbers are not the same, in order.
        negation: one has more words such as "not" than the other.
        one_word: a word of one stands for a word of the other, or for none, and all else is the same.
    """

    number: bool
    negation: bool
    one_word: bool


def kinds_of_difference(text: str, other: str) -> Kinds:
    """Tells in what two texts differ.

    >>> kinds_of_difference("The board did find him to blame.", "The board did not find him to blame.")
    Kinds(number=False, negation=True, one_word=True)
    >>> kinds_of_difference("It cost 5 dollars.", "It cost 6 or 7 dollars.")
    Kinds(number=True, negation=False, one_word=False)
    """
    one, two = _WORD.findall(text.casefold()), _WORD.findall(other.casefold())
    least = min(len(one), len(two))
    front = next((i for i in range(least) if one[i] != two[i]), least)
    behind = next((i for i in range(least - front) if one[-1 - i] != two[-1 - i]), least - front)
    return Kinds(
        number=[run for word in one for run in _NUMBER.findall(word)] != [run for word in two for run in _NUMBER.findall(word)],
        negation=_negations(one, text) != _negations(two, other),
        one_word=max(len(one), len(two)) - front - behind == 1,
    )


def _negations(words: list[str], text: str) -> int:
    said = sum(word in _NEGATIONS or word.endswith(("n't", "n’t")) for word in words)
    return said + sum(text.count(ending) for ending in _NEGATIVE_ENDINGS)
