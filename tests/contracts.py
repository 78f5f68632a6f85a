"""What contracts 1, 4 and 5 of DESIGN.md ask of one text, as one function that names what does not hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import oracle
import textclean
from textclean import Kind

#: Every option that changes what is cut or how lines are put together, alone and beside others.
MODES: dict[str, dict[str, Any]] = {
    "default": {},
    "article": {"page": "article"},
    "page": {"page": "page"},
    "no model": {"line_model": False},
    "thorough": {"effort": "thorough"},
    "without headlines": {"drop_kinds": frozenset(Kind), "effort": 0.7},
    "loose": {"repeat_matching": "loose", "near_threshold": 0.5, "min_words": 3},
    "loose, page": {"repeat_matching": "loose", "page": "page", "line_model": True},
    "lines as they are": {"unwrap": False},
    "lines as they are, page": {"unwrap": False, "page": "page", "repeat_matching": "loose"},
    "no repeats": {"repeats": False},
    "other forms": {"straighten_quotes": True, "narrow_width": True, "min_words": 3},
    "fields kept": {"keep_kinds": frozenset({"byline", "dateline", "section-label", "caption"})},
    "furniture kept": {"drop_kinds": frozenset({"repeat-exact", "repeat-near", "repeat-contained", "template"})},
    "rules alone": {"line_model": False, "repeats": False, "languages": ("en",)},
    "furniture alone": {"keep_kinds": frozenset({"repeat-exact", "repeat-near", "repeat-contained"}), "page": "page"},
}


_FORMS = ("unwrap", "straighten_quotes", "narrow_width")


def faults(text: str, options: dict[str, Any], **site: Any) -> list[str]:
    """Names what does not hold of a text; empty if all does. `site` has the arguments that name templates."""
    first = textclean.explain(text, **options, **site)
    again = textclean.explain(first.text, **options, **site)
    return [*_accounted(text, first, options), *_at_rest(first, again), *_normal(text, options), *_same(text, first, options, site)]


def faults_of_many(texts: list[str], options: dict[str, Any], **sites: Any) -> list[list[str]]:
    """What `faults` gives for each text, but for what costs much and hardly fails: that all entrances say the same."""
    first = list(textclean.clean_many(texts, workers=1, **options, **sites))
    again = textclean.clean_many([cleaned.text for cleaned in first], workers=1, **options, **sites)
    several = zip(texts, first, again, strict=True)
    return [[*_accounted(text, cleaned, options), *_at_rest(cleaned, twice), *_normal(text, options)] for text, cleaned, twice in several]


def _accounted(text: str, cleaned: textclean.Cleaned, options: dict[str, Any]) -> list[str]:
    found, at = [], 0
    for removal in cleaned.removals:
        if not at <= removal.start < removal.end <= len(text):
            found.append("spans: not in order, not apart or not in the text")
        if removal.text != text[removal.start : removal.end]:
            found.append("spans: a removal's text is not that of its span")
        at = removal.end
    for start, end in [witness for removal in cleaned.removals for witness in removal.witness]:
        if any(start < other.end and other.start < end for other in cleaned.removals):
            found.append("witness: what a repeat repeats was removed")
    if textclean.normalize(oracle.without(text, cleaned.removals), **_forms(options)) != cleaned.text:
        found.append("account: the text without its spans, normalized, is not the result")
    return found


def _at_rest(first: textclean.Cleaned, again: textclean.Cleaned) -> list[str]:
    if again.text != first.text:
        return ["rest: cleaning the result changes it"]
    return ["rest: cleaning the result removes something"] if again.removals else []


def _normal(text: str, options: dict[str, Any]) -> list[str]:
    once = textclean.normalize(text, **_forms(options))
    return ["rest: normalizing twice changes the text"] if textclean.normalize(once, **_forms(options)) != once else []


def _forms(options: dict[str, Any]) -> dict[str, Any]:
    """What a mode asks of `normalize`."""
    return {name: options[name] for name in _FORMS if name in options}


def _same(text: str, cleaned: textclean.Cleaned, options: dict[str, Any], site: dict[str, Any]) -> list[str]:
    found = []
    if textclean.clean(text, **options, **site) != cleaned.text:
        found.append("same: clean and explain differ")
    together = list(textclean.clean_many([text, cleaned.text, text], workers=2, **options, **site))
    if any(many.to_dict() != cleaned.to_dict() for many in (together[0], together[2])):
        found.append("same: clean_many and explain differ")
    return found


def smallest(text: str, fails: Callable[[str], bool]) -> str:
    """A text that still fails and of which no line and hardly a character can be spared (Zeller's delta debugging)."""
    text = "".join(_reduced(text.splitlines(keepends=True), lambda parts: fails("".join(parts))))
    return "".join(_reduced(list(text), lambda parts: fails("".join(parts)))) if len(text) < 4000 else text


def _reduced(parts: list[str], fails: Callable[[list[str]], bool]) -> list[str]:
    size = max(1, len(parts) // 2)
    while True:
        at, spared = 0, False
        while at < len(parts):
            rest = parts[:at] + parts[at + size :]
            if rest and fails(rest):
                parts, spared = rest, True
            else:
                at += size
        if size > 1:
            size = max(1, size // 2)
        elif not spared:
            return parts
