"""Lines that are not the article, by a model of how pages are laid out.

Rules know a line by what it says; most furniture of a whole page (menus, teasers of other articles) says nothing that gives it away for
sure. The model knows a line by its looks and by the lines around it, and a short line by what it says: gradient-boosted trees over the
features that `rust/src/model/features.rs` lists, asked twice, the second time with the first answers for the lines around
(`rust/src/model/judge.rs`). It also tells the text of a whole page from an article, and hardly touches the latter.

What it was taught from, and how good it is on sites that it had not seen, stands in ``training/README.md``. When not to use it: for texts
that are no articles (song lyrics, product pages, source code), where what it takes for furniture may be what matters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from textclean import _native
from textclean.config import EFFORTS
from textclean.document import KINDS, Kind, kind_mask

#: Of the file's layout and of the numbers that the page question is asked with; with the names of the features, which must be those of the
#: native half.
VERSION = 4


#: How much goes: these numbers, as `Bar` in `rust/src/model/bar.rs` says.
BAR = ("article", "sure", "slope", "under", "weight")
Bar = tuple[float, float, float, float, float]


@dataclass(frozen=True)
class LineModel:
    """Holds what judges lines.

    Attributes:
        native: the trees.
        bars: the bar for each effort that has a name, from the least effort to the greatest.
    """

    native: _native.LineModel
    bars: dict[str, Bar]

    def bar(self, effort: str | float) -> Bar:
        """Returns the bar for an effort, by its name or from 0 to 1: names stand equally far apart, and between two lies a mixture."""
        if isinstance(effort, str):
            return self.bars[effort]
        place = effort * (len(EFFORTS) - 1)
        below = min(int(place), len(EFFORTS) - 2)
        share = place - below
        pairs = zip(self.bars[EFFORTS[below]], self.bars[EFFORTS[below + 1]], strict=True)
        article, sure, slope, under, weight = (low + share * (high - low) for low, high in pairs)
        return article, sure, slope, under, weight


@cache
def builtin() -> LineModel:
    """Returns the model that comes with the package; it is read once in a process."""
    return ready(json.loads(resources.files("textclean").joinpath("model", "lines.json").read_text(encoding="utf8")))


def ready(stored: dict[str, Any]) -> LineModel:
    """Makes a model from what its file holds.

    Raises:
        ValueError: it was made for another version, or is broken.
    """
    try:
        return _read(stored)
    # What is missing, or is something else than it has to be, here or where the native half takes it.
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError) as error:
        raise ValueError(f"the line model is broken ({type(error).__name__}: {error}): train it again (training/README.md)") from error


def _read(stored: dict[str, Any]) -> LineModel:
    names, part = _native.feature_names()
    if (stored["version"], stored["features"], stored["first_part"]) != (VERSION, names, part):
        raise ValueError("the line model was trained for other features than this version has: train it again (training/README.md)")
    bars = {name: _bar(stored["bars"][name]) for name in EFFORTS}
    kinds = coded(stored["kinds"], stored["kind_groups"])
    first, second, page = ([tuple(tree) for tree in stored[question]] for question in ("first", "second", "page"))
    return LineModel(_native.LineModel(first, second, page, _words(stored["words"]), kinds), bars)


def _words(stored: dict[str, Any]) -> tuple[float, float, list[int]]:
    return float(stored["bias"]), float(stored["scale"]), stored["weights"]


def _bar(stored: dict[str, float]) -> Bar:
    article, sure, slope, under, weight = (float(stored[name]) for name in BAR)
    bar = article, sure, slope, under, weight
    _native.check_bar(bar)
    return bar


def coded(kinds: Sequence[str], groups: Mapping[str, Sequence[str]]) -> tuple[list[int], dict[str, int]]:
    """Translates kinds: returns the model's number of each kind, by the kind's number in this process, and groups of kinds as masks.

    The model was taught with the numbers 1, 2, … for `kinds`, in that order; 0 is a line that no rule took. A kind that it was not taught
    with counts as taken by a rule, with a number that the model gave to none. One that it was taught with and that is no more is no harm.

    Raises:
        ValueError: a kind stands there twice, or a group has one that the model was not taught with.
    """
    if len(set(kinds)) < len(kinds):
        raise ValueError("the line model counts a kind twice")
    if unknown := [kind for group in groups.values() for kind in group if kind not in kinds]:
        raise ValueError(f"the line model has groups of kinds that it does not count: {', '.join(unknown)}")
    numbers = {kind: number for number, kind in enumerate(kinds, 1)}
    masks = {name: kind_mask(Kind(kind) for kind in group if kind in KINDS) for name, group in groups.items()}
    return [numbers.get(kind, len(kinds) + 1) for kind in KINDS], masks


@cache
def feature_names() -> tuple[str, ...]:
    """Returns the names of the features, by number."""
    return tuple(_native.feature_names()[0])
