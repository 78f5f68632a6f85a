"""Lines that pages are put together from, and what damages a text."""

from __future__ import annotations

import json
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any, TypeVar

ROOT = Path(__file__).parent.parent
#: Code points of the longest line taken from a file.
_LONGEST = 2000
_T = TypeVar("_T")

#: What a scraper, an editor or an attacker leaves in a text.
PIECES = [
    *("\n", "\r", "\r\n", "\x0b", "\x0c", "\u2028", "\u2029", "\x85", " ", "\t", "\xa0", "\u3000", "\x1c"),
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\xad", "\u202e", "\x00", "\x07", "\x1b[31m", "\x7f"),
    *("â€™", "Ã©", "Â ", "Ã\xa0", "ï»¿", "Ã¢â‚¬â„¢", "\x93quoted\x94", "ï¿½", "\ufffd"),
    *("&amp;", "&amp;amp;", "&lt;b&gt;", "&#39;", "&nbsp;", "&#xD800;", "&eacute;", "&#3&#56;;", "&bogus;", "&", "&#10;", "&shy;"),
    *(
        "<b>",
        "</b>",
        "<br/>",
        "<p class='x'>",
        '<a href="u?a=1&amp;b=2">',
        "</a>",
        "<!-- c -->",
        "<",
        ">",
        "<3",
        "<<b>i>",
        "</p>",
        "<html>",
    ),
    *("<script>", "</script>", "<div>", "<td>", "<unknown>"),
    *("\ud800", "\udfff", "\ud83d", "\udc00\ud800", "\udce9"),
    *("e\u0301", "\u0301", "a\u0323\u0307", "\u1100\u1161", "\u0915\u094d\u200d\u0937", "\ufb01", "\u0345", "👩\u200d💻", "🇩🇪"),
    *("שלום", "مرحبا", "می\u200cخواهم", "日本語の文章。", "ภาษาไทย", "İstanbul ılık", "ﬁne"),
    *("“", "”", "’", "–", "…", "«", "»", "•", "-", ".", ",", "!", "?", ":", "(", ")", "=", "{", ";", "|", "```", "    ", "- ", "+ "),
]
WORDS = ["not", "never", "7", "1,000", "12.5%", "Smith", "fünf", "the", "März", "infor-", "und", "€5"]
ENDS = ["\n", "\n\n", "\n\n", "\r\n", "\r\n\r\n", "\n \n", "\u2029", "\r", " "]


@dataclass(frozen=True)
class Lines:
    """Lines by what they look like: prose, and all others."""

    prose: list[str]
    short: list[str]

    @classmethod
    def of(cls, file: Path | None) -> Lines:
        """Takes lines of the project's own cases and rules, and of a JSONL file with texts in the field `text`."""
        lines: dict[str, None] = {}
        for text in _texts(file):
            lines.update((line[:_LONGEST], None) for line in text.splitlines() if line.strip())
        prose = [line for line in lines if len(line.split()) >= 12]
        return cls(prose, [line for line in lines if len(line.split()) < 12])

    def page(self, rng: Random) -> str:
        """Puts a page together: short lines, prose with short lines in it, copies, short lines."""
        prose = [self._paragraph(rng) for _ in range(rng.randint(0, 8))]
        below = rng.choice((0, 0, 3, 12, 30))
        found = [*self._some(rng, rng.choice((0, 1, 3, 12, 30))), *prose, *self._some(rng, below)]
        for _ in range(rng.choice((0, 0, 1, 2, 5))):
            found.insert(rng.randint(0, len(found)), rng.choice(self.short))
        for _ in range(rng.choice((0, 1, 2, 5)) if found else 0):
            found.insert(rng.randint(0, len(found)), self._changed(rng, found))
        end = rng.choice(ENDS[:6])
        text = "".join(line + (end if rng.random() < 0.8 else rng.choice(ENDS)) for line in found)
        return damaged(rng, text) if rng.random() < 0.6 else text

    def _some(self, rng: Random, count: int) -> list[str]:
        # A run of neighbours: lines of one file of rules or of one page.
        at = rng.randrange(len(self.short))
        near = self.short[at : at + 2 * count + 1]
        return [rng.choice(near if rng.random() < 0.7 else self.short) for _ in range(count)]

    def _paragraph(self, rng: Random) -> str:
        text = " ".join(rng.choices(self.prose, k=rng.choice((1, 1, 2, 3))))
        return "\n".join(textwrap.wrap(text, rng.randint(40, 100))) if rng.random() < 0.2 else text

    def _changed(self, rng: Random, found: list[str]) -> str:
        """A line as it stood, or with a change, or two in one."""
        line = rng.choice(found)
        words = line.split(" ")
        at = rng.randrange(len(words))
        match rng.randrange(9):
            case 0:
                words[at] = rng.choice(WORDS)
            case 1:
                words.insert(at, rng.choice(WORDS))
            case 2:
                del words[at]
            case 3:
                return " ".join(words[: at + 1]) + rng.choice(("", "…", "...", " ..."))
            case 4:
                return " ".join(words[at:])
            case 5:
                return f"BERLIN (dpa) - {line}"
            case 6:
                return f"{line} {rng.choice(found)}"
            case 7:
                return line.upper()
            case _:
                pass
        return " ".join(words)


def damaged(rng: Random, text: str) -> str:
    """A text with pieces put in, taken out or doubled."""
    for _ in range(rng.randint(1, 6)):
        at = rng.randint(0, len(text))
        end = min(len(text), at + rng.randint(1, 80))
        match rng.randrange(4):
            case 0 | 1:
                text = text[:at] + rng.choice(PIECES) * rng.choice((1, 1, 1, 2, 20)) + text[at:]
            case 2:
                text = text[:at] + text[end:]
            case _:
                text = text[:end] + text[at:end] + text[end:]
    return text


def _texts(file: Path | None) -> Iterator[str]:
    for path in sorted((ROOT / "tests" / "cases").glob("*.json")):
        yield from _strings(json.loads(path.read_text(encoding="utf8")))
    for path in sorted((ROOT / "seeds").glob("*.txt")):
        yield path.read_text(encoding="utf8")
    for rules in sorted(resources.files("textclean").joinpath("rules").iterdir(), key=lambda path: path.name):
        if rules.name.endswith(".toml"):
            for rule in tomllib.loads(rules.read_text(encoding="utf8")).get("rule", []):
                yield from (*rule.get("match", ()), *rule.get("reject", ()))
    if file:
        with file.open(encoding="utf8") as records:
            yield from (json.loads(record)["text"] for record in records)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for other in value.values() for text in _strings(other))
    elif isinstance(value, list):
        yield from (text for other in value for text in _strings(other))


def shorter(text: str) -> Iterator[str]:
    """Yields a text without some of its lines, then without some of its characters, large parts first."""
    lines = text.splitlines(keepends=True)
    yield from ("".join(left) for left in parts_left_out(lines))
    if len(lines) < 12:
        yield from ("".join(left) for left in parts_left_out(list(text), least=max(1, len(text) // 64)))


def parts_left_out(items: list[_T], least: int = 1) -> Iterator[list[_T]]:
    """Yields a list without a part of it: halves, quarters, down to single items."""
    size = max(len(items) // 2, 1)
    while size >= least and items:
        yield from (items[:at] + items[at + size :] for at in range(0, len(items), size))
        if size == 1:
            return
        size //= 2
