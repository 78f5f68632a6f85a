"""How documents are compared: what can be chosen, checked once and in the same words for every entrance.

It loads no NumPy: a command that compares nothing does not wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from textclean.checks import check_choice, check_flag, check_similarity, check_whole, check_workers
from textclean.dedup.bands import RECALL, Bands, choose_bands
from textclean.errors import ConfigError

Unit = Literal["paragraph", "document"]
Across = Literal["paragraph", "document", "none"]
Method = Literal["exact", "minhash"]

#: What `keep` may be beside a field.
ORDERS = ("first", "last", "longest")
#: Least Jaccard similarity of a repeat across documents, unless told.
THRESHOLD = 0.8
#: Words (tokens) below which a unit takes no part, unless told.
MIN_WORDS = 10
#: Tokens in a shingle. Paragraphs are short: one changed word touches ``ngram_size`` shingles.
NGRAM_SIZE = {"paragraph": 3, "document": 5}
#: Whether units with different numbers are no repeats, unless told. A paragraph that differs in a number says something else; of whole
#: documents nearly each copy differs in a date of printing, a counter or a page number.
SAME_NUMBERS = {"paragraph": True, "document": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a comparison was asked to do, checked.

    Attributes:
        unit: what is compared, ``paragraph`` or ``document``.
        threshold: least Jaccard similarity of a repeat.
        ngram_size: tokens in a shingle.
        num_perm, seed: of signatures.
        min_words: units with fewer words take no part.
        same_numbers: whether units with different numbers are no repeats.
        method: how candidates are found: ``exact``, all that could reach the threshold; ``minhash``, those that share a band.
        workers: threads; None for as many as the corpus is worth.

    Raises:
        ConfigError: a value is out of its range.
    """

    unit: Unit
    threshold: float
    ngram_size: int
    num_perm: int
    seed: int
    min_words: int
    same_numbers: bool
    method: Method
    workers: int | None

    def __post_init__(self) -> None:
        check_choice("unit", self.unit, get_args(Unit))
        check_choice("method", self.method, get_args(Method))
        check_similarity("threshold", self.threshold)
        check_whole("ngram_size", self.ngram_size, 1, 1000)
        check_whole("num_perm", self.num_perm, 1, 1 << 20)
        check_whole("min_words", self.min_words, 0, 1 << 30)
        check_flag("same_numbers", self.same_numbers)
        check_whole("seed", self.seed, 0, (1 << 32) - 1)
        check_workers(self.workers)

    @property
    def bands(self) -> Bands | None:
        """How signatures are cut; None for ``exact``, which makes none."""
        return choose_bands(self.threshold, self.num_perm, RECALL) if self.method == "minhash" else None

    @property
    def recall(self) -> float:
        """The probability that a pair right at the threshold is compared: 1.0 for ``exact``."""
        return self.bands.recall if self.bands else 1.0


def settings_for(
    unit: Unit,
    threshold: float = THRESHOLD,
    ngram_size: int | None = None,
    *,
    num_perm: int = 256,
    seed: int = 1,
    min_words: int = MIN_WORDS,
    same_numbers: bool | None = None,
    method: Method = "exact",
    workers: int | None = None,
) -> Settings:
    """Fills in what depends on the unit.

    Raises:
        ConfigError: a value is out of its range.
    """
    size = NGRAM_SIZE.get(str(unit), 5) if ngram_size is None else ngram_size
    same = SAME_NUMBERS.get(str(unit), False) if same_numbers is None else same_numbers
    return Settings(unit, threshold, size, num_perm, seed, min_words, same, method, workers)


@dataclass(frozen=True, slots=True)
class Comparing:
    """How documents are compared once they are clean.

    Attributes:
        unit: what is compared: ``paragraph`` (a line, or a hard-wrapped paragraph) or ``document``.
        threshold: least Jaccard similarity of a repeat.
        keep: which of two repeats stays: ``first``, ``last``, ``longest``, or a field of the records: the one with the smaller value stays,
            one without a value goes.
        min_words: units with fewer words take no part.
        same_numbers: whether units with different numbers are no repeats; None for yes if they are paragraphs.
    """

    unit: Unit
    threshold: float
    keep: str
    min_words: int
    same_numbers: bool | None = None

    @property
    def key(self) -> str | None:
        """The field that says which of two repeats stays, if it is one."""
        return None if self.keep in ORDERS else self.keep

    def settings(self, workers: int | None) -> Settings:
        """Gives the same as the search takes it.

        Raises:
            ConfigError: a value is out of its range.
        """
        return settings_for(self.unit, self.threshold, min_words=self.min_words, same_numbers=self.same_numbers, workers=workers)


def comparing(
    across: Across,
    keep: str | None,
    threshold: float | None,
    min_words: int,
    workers: int | None = None,
    same_numbers: bool | None = None,
) -> Comparing | None:
    """Checks how documents are to be compared after they are cleaned; None if they are not.

    Args:
        across: what is compared: ``paragraph``, ``document`` or ``none``.
        keep: which of two repeats stays; None for ``first``.
        threshold: least Jaccard similarity of a repeat; None for 0.8.
        min_words: units with fewer words take no part.
        workers: threads; None for as many as the corpus is worth.
        same_numbers: whether units with different numbers are no repeats; None for yes if they are paragraphs.

    Raises:
        ConfigError: a value is out of its range, or says how to compare where nothing is compared.
    """
    check_choice("across", across, get_args(Across))
    if across == "none":
        for name, value in (("keep", keep), ("threshold", threshold), ("same_numbers", same_numbers)):
            if value is not None:
                raise ConfigError(
                    f"{name}={value!r}: says how documents are compared, and across='none' compares none: say across='paragraph' or"
                    f" across='document'{_NEIGHBOUR.get(name, '')}"
                )
        return None
    order = check_keep("first" if keep is None else keep)
    found = Comparing(across, THRESHOLD if threshold is None else threshold, order, min_words, same_numbers)
    found.settings(workers)
    return found


#: Where somebody wants to go who says this and means what happens inside a document.
_NEIGHBOUR = {
    "keep": " (which kinds of line stay, keep_kinds=... says)",
    "threshold": " (how like near repeats inside a document are, near_threshold=... says)",
}


def check_keep(keep: Any) -> str:
    """Returns `keep` if it can say which of two repeats stays.

    Raises:
        ConfigError: it can't.
    """
    if not isinstance(keep, str) or not keep:
        raise ConfigError(
            f"keep={keep!r}: says which of two repeats stays: use {', '.join(map(repr, ORDERS))}, or the name of a field"
            f"{_NEIGHBOUR['keep']}"
        )
    return keep
