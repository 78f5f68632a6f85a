"""Texts that are cleaned with any options: contracts 1, 4, 5 and 6 of DESIGN.md, and witnesses that stay."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import textclean
from textclean import Cleaned, Kind
from whole_lines import Lines, damaged, shorter

_KINDS = sorted(Kind)
#: Options that `normalize` knows, of those that are chosen here.
_OF_NORMALIZING = ("unwrap", "straighten_quotes", "narrow_width")


def make(rng: Random, lines: Lines) -> dict[str, Any]:
    """Returns one to three texts, and options."""
    texts = [lines.page(rng) for _ in range(rng.choice((1, 1, 2, 3)))]
    if rng.random() < 0.1:
        texts[0] = damaged(rng, "")
    return {"texts": texts, "options": _options(rng)}


def _options(rng: Random) -> dict[str, Any]:
    choices: dict[str, Any] = {
        "page": rng.choice(("auto", "article", "page")),
        "effort": rng.choice(("careful", "balanced", "thorough", rng.random())),
        "repeat_matching": rng.choice(("strict", "loose")),
        "near_threshold": rng.choice((0.5, 0.7, 1.0)),
        "min_words": rng.choice((3, 5, 20)),
        "line_model": False,
        "repeats": False,
        "unwrap": False,
        "straighten_quotes": True,
        "narrow_width": True,
        "languages": rng.choice((["en"], ["de", "fr"], ["en", "ja", "ru"])),
        "keep_kinds": rng.sample(_KINDS, rng.randint(1, 6)),
        "drop_kinds": rng.sample(_KINDS, rng.randint(0, len(_KINDS))),
    }
    chosen = rng.sample(sorted(choices), rng.choice((0, 0, 1, 2, 4)))
    # Kinds as strings: a find is written down as JSON.
    return {name: [str(kind) for kind in value] if isinstance(value := choices[name], list) else value for name in chosen}


def check(case: dict[str, Any]) -> None:
    """Raises if a contract does not hold for one of the texts."""
    texts, options = case["texts"], case["options"]
    cleaned = [textclean.explain(text, **options) for text in texts]
    for text, found in zip(texts, cleaned, strict=True):
        _check_one(text, found, options)
    together = list(textclean.clean_many(texts, workers=2, **options))
    assert [_told(found) for found in together] == [_told(found) for found in cleaned], "cleaned together the texts come out otherwise"


def _told(found: Cleaned) -> tuple[Any, ...]:
    return found.text, found.removals, found.fields


def _check_one(text: str, found: Cleaned, options: dict[str, Any]) -> None:
    normalizing = {name: options[name] for name in _OF_NORMALIZING if name in options}
    config = textclean.Config(**options)
    at, left = 0, []
    for removal in found.removals:
        assert at <= removal.start < removal.end <= len(text), f"{removal} behind {at}"
        assert removal.text == text[removal.start : removal.end]
        assert removal.kind in config.dropped
        assert 0 < removal.score <= 1
        assert bool(removal.witness) == removal.kind.startswith("repeat-"), removal
        for start, end in removal.witness:
            assert 0 <= start < end <= len(text)
            assert all(end <= other.start or other.end <= start for other in found.removals), (
                f"the witness {start}..{end} of {removal} is gone"
            )
        left.append(text[at : removal.start])
        at = removal.end
    without = "".join([*left, text[at:]])
    assert textclean.normalize(without, **normalizing) == found.text, "the text is not the source without its removals"
    assert textclean.clean(text, **options) == found.text, "clean and explain differ"
    again = textclean.explain(found.text, **options)
    assert (again.text, again.removals) == (found.text, []), "cleaning the result changes it"
    normal = textclean.normalize(text, **normalizing)
    assert textclean.normalize(normal, **normalizing) == normal, "normalizing the result changes it"
    found.text.encode("utf8")
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in found.fields.items())


def smaller(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields fewer texts, fewer options, shorter texts."""
    texts, options = case["texts"], case["options"]
    if len(texts) > 1:
        yield from ({"texts": [text], "options": options} for text in texts)
    yield from ({"texts": texts, "options": {other: options[other] for other in options if other != name}} for name in options)
    for i, text in enumerate(texts):
        yield from ({"texts": [*texts[:i], less, *texts[i + 1 :]], "options": options} for less in shorter(text))
