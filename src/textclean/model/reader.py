"""Lines that are not the article, by a model of how pages are laid out.

Rules know a line by what it says; most furniture of a whole page (menus, teasers of other articles) says nothing that gives it away. The
model knows a line by its looks and by the lines around it, and no word of any language: gradient-boosted trees over the features that
`rust/src/model/features.rs` lists, asked twice, the second time with the first answers for the lines around
(`rust/src/model/judge.rs`). It also tells the text of a whole page from an article, and hardly touches the latter.

What it was taught from, and how good it is on sites that it had not seen, stands in ``training/README.md``. When not to use it: for texts
that are no articles (song lyrics, product pages, source code), where what it takes for furniture may be what matters.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from textclean import _native

#: Of the file's layout; with the names of the features, which must be those of the native half.
VERSION = 1


@cache
def builtin() -> _native.LineModel:
    """The model that comes with the package; read once."""
    return ready(json.loads(resources.files("textclean").joinpath("model", "lines.json").read_text(encoding="utf8")))


def ready(stored: dict[str, Any]) -> _native.LineModel:
    """A model from what its file holds.

    Raises:
        ValueError: it was made for another version.
    """
    names, part = _native.feature_names()
    if (stored["version"], stored["features"], stored["first_part"]) != (VERSION, names, part):
        raise ValueError("the line model was trained for other features than this version has: train it again (training/README.md)")
    bar = stored["bar"]
    order = tuple(float(bar[name]) for name in ("base", "slope", "article", "page", "under"))
    assert len(order) == 5
    first, second, page = ([tuple(tree) for tree in stored[question]] for question in ("first", "second", "page"))
    return _native.LineModel(first, second, page, order)


@cache
def feature_names() -> tuple[str, ...]:
    """The names of the features, by number."""
    return tuple(_native.feature_names()[0])
