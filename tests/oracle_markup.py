"""Naive twin of the question whether a line has tags or talks of them. Plain and slow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import regex

NO_WORDS = {"br", "dd", "div", "dl", "dt", "hr", "li", "ol", "p", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
NO_WORDS |= {f"h{n}" for n in range(1, 7)}
ENDS, STARTS = ".,;:!?…。！？", "“„«¿¡"
#: What stands for a stretch from `<` to `>` once it is taken out, None if it is no tag.
Leaves = Callable[[str], str | None]


class Tag(NamedTuple):
    """A tag of a line."""

    start: int
    end: int
    name: str
    closing: bool
    elaborate: bool
    block: bool


def tags(line: str, leaves: Leaves) -> Iterator[Tag]:
    """The tags of a line, by their ends."""
    for end in [m.end() for m in re.finditer(">", line)]:
        depth, start = 0, end
        while start > 0:
            start -= 1
            depth += {">": 1, "<": -1}.get(line[start], 0)
            if depth == 0:
                break
        if depth or (left := leaves(line[start:end])) is None:
            continue
        inner = line[start + 1 : end - 1]
        if inner.startswith("!"):
            yield Tag(start, end, "!", False, True, True)
            continue
        name = re.match("/?([a-zA-Z0-9]*)", inner)[1]
        rest = inner.removeprefix("/").removesuffix("/")
        elaborate = inner.removeprefix("/").endswith("/") or rest[len(name) :].strip() != ""
        yield Tag(start, end, name.lower(), inner.startswith("/"), elaborate, left == " ")


def _letter(c: str) -> bool:
    return regex.match(r"[\p{Alphabetic}\p{N}]", c) is not None


def weight(line: str, tag: Tag, partner: Tag | None) -> int:
    """0 for markup, else how much the tag speaks for a mention."""
    before, after = line[: tag.start][-1:], line[tag.end :][:1]
    ends, starts = _letter(before) or (before and before in ENDS), _letter(after) or (after and after in STARTS)
    if tag.elaborate:
        return 0
    if partner:
        opening, closing = sorted([tag, partner])
        inside = line[opening.end : closing.start]
        touches = not inside.startswith(" ") and not inside.endswith(" ")
        whole = opening.start == 0 and closing.end == len(line)
        return 0 if opening.elaborate or touches or whole or tag.name in NO_WORDS else 2
    if tag.name in NO_WORDS:
        if not after:
            return 0
        if not before:
            first = next((c for c in line[tag.end :] if regex.match(r"\p{Alphabetic}", c)), "")
            return int(after == " " and not tag.closing and regex.match(r"\p{Lowercase}", first) is not None)
        return int(not (ends or starts or before == ">" or after == "<"))
    if not before and not after:
        return 0 if tag.closing or tag.block else 3
    if tag.closing:
        return 0 if ends or before == ">" else 3
    return 0 if not (_letter(before) or (before and before in "_:.")) and (starts or after == "<") else 3


def is_markup(line: str, leaves: Leaves) -> bool:
    """Whether the tags of a line are markup."""
    found = list(tags(line, leaves))
    partner: dict[Tag, Tag] = {}
    waiting: dict[str, list[Tag]] = {}
    for tag in found:
        if not tag.closing:
            waiting.setdefault(tag.name, []).append(tag)
        elif waiting.get(tag.name):
            partner[tag] = waiting[tag.name].pop()
            partner[partner[tag]] = tag
    if len(found) > 1 and not _blank(line, found).strip():
        return True
    weights = [weight(line, tag, partner.get(tag)) for tag in found]
    return weights.count(0) > 0 and weights.count(0) >= sum(weights)


def _blank(line: str, found: list[Tag]) -> str:
    """What is left of a line without its tags; of those that overlap the first to end counts."""
    left, at = "", 0
    for tag in found:
        if tag.start >= at:
            left, at = left + line[at : tag.start], tag.end
    return left + line[at:]


def escape(line: str, leaves: Leaves) -> str:
    """A line with the ends of its tags written as entities."""
    ends = {at for tag in tags(line, leaves) for at in (tag.start, tag.end - 1)}
    return "".join({"<": "&lt;", ">": "&gt;"}[c] if at in ends else c for at, c in enumerate(line))
