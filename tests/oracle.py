"""Naive twins of the native kernels: slow, plain and written from what the kernels promise, not from how they do it.

They cut no corners, skip no lines and know no tables but ftfy's and Unicode's. Where a twin and its kernel differ, one of them is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import ftfy
from ftfy.fixes import fix_surrogates

import oracle_markup
import textclean

LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\u2028\u2029]")


@dataclass(frozen=True)
class Line:
    """A line that is not blank: its span in code points, and whether a blank line stands before it."""

    start: int
    end: int
    after_blank: bool


def lines(source: str) -> list[Line]:
    """The lines of a text that are not blank, ASCII white space at their ends left out."""
    found, blank, start = [], False, 0
    ends = [(m.start(), m.end()) for m in LINE_END.finditer(source)]
    if not ends or ends[-1][1] < len(source):
        ends.append((len(source), len(source)))
    for end, following in ends:
        text = source[start:end]
        left = start + len(text) - len(text.lstrip(" \t"))
        right = start + len(text.rstrip(" \t"))
        if left < right:
            found.append(Line(left, right, blank))
            blank = False
        else:
            blank = True
        start = following
    return found


def without(source: str, removals: Iterable[textclean.Removal]) -> str:
    """The source with the removed stretches cut out."""
    out, at = [], 0
    for removal in removals:
        out.append(source[at : removal.start])
        at = removal.end
    return "".join([*out, source[at:]])


def ftfy_config(*, quotes: bool = False, width: bool = False) -> ftfy.TextFixerConfig:
    """What the library asks of ftfy."""
    return ftfy.TextFixerConfig(unescape_html=True, uncurl_quotes=quotes, fix_character_width=width)


def ftfy_line(line: str, *, quotes: bool = False, width: bool = False) -> str:
    """A line after ftfy."""
    return ftfy.fix_and_explain(line, ftfy_config(quotes=quotes, width=width)).text


def may_change(line: str, *, quotes: bool = False, width: bool = False) -> bool:
    """Whether ftfy changes the line: the scanner must say so whenever this does."""
    return ftfy_line(line, quotes=quotes, width=width) != line


SPACES = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
INVISIBLE = {
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\xad\u061c\u180e\u200b\u200e\u200f\ufeff",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2060, 0x2070)),
} - set(SPACES)
BLOCK_ELEMENTS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "button",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "iframe",
    "input",
    "label",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "picture",
    "pre",
    "script",
    "section",
    "select",
    "source",
    "style",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "video",
}
INLINE_ELEMENTS = {
    "a",
    "abbr",
    "acronym",
    "audio",
    "b",
    "big",
    "cite",
    "code",
    "del",
    "dfn",
    "em",
    "embed",
    "font",
    "i",
    "img",
    "ins",
    "kbd",
    "link",
    "mark",
    "meta",
    "noscript",
    "object",
    "param",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "time",
    "tt",
    "u",
    "var",
    "wbr",
}
SHAPED = [
    (0x620, 0x8FF),
    (0x900, 0xDFF),
    (0xF00, 0x109F),
    (0x1780, 0x18AF),
    (0xFB50, 0xFDFF),
    (0xFE70, 0xFEFC),
]
PICTOGRAPHS = [(0x2190, 0x2BFF), (0x1F000, 0x1FAFF)]
_ATTRIBUTE = r""" +[0-9A-Za-z\-_:@.]++ *+= *+(?:"[^"]*+"|'[^']*+'|(?!["'])[^ ]*+)"""
_ELEMENT = re.compile(rf"(?P<name>[0-9A-Za-z]++)(?:{_ATTRIBUTE})* *")
_LONGEST_TAG = 4096


def _shaped(c: str) -> bool:
    return any(low <= ord(c) <= high for low, high in SHAPED)


def _pictograph(c: str) -> bool:
    return any(low <= ord(c) <= high for low, high in PICTOGRAPHS) or c in "\u3030\u303d\u3297\u3299\ufe0f\xa9\xae"


def _tag_leaves(text: str) -> str | None:
    """What stands for a stretch from `<` to `>`: nothing, a space, or None if it is no tag."""
    inner = text[1:-1]
    if len(text.encode("utf-8", "surrogatepass")) > _LONGEST_TAG:
        return None
    if (inner.startswith("!--") and inner.endswith("--")) or inner[:8].lower() == "!doctype":
        return " "
    found = _ELEMENT.fullmatch(inner.removeprefix("/").removesuffix("/"))
    name = found["name"].lower() if found else ""
    return " " if name in BLOCK_ELEMENTS else "" if name in INLINE_ELEMENTS else None


def _opening(text: str) -> int:
    """The place of the `<` that the last character, a `>`, closes, or -1."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += {">": 1, "<": -1}.get(text[at], 0)
        if depth == 0 and text[at] == "<":
            return at
    return -1


def tidy(line: str) -> str:
    """A line without invisible characters, its white space folded, and without its tags if it does not talk of them."""
    tidied = _tidy(line, tags=False)
    return _tidy(tidied, tags=True) if oracle_markup.is_markup(tidied, _tag_leaves) else tidied


def escape(line: str) -> str:
    """A line whose entities are decoded: tidy, with what reads as markup written as entities."""
    tidied = _tidy(line, tags=False)
    return oracle_markup.escape(tidied, _tag_leaves) if oracle_markup.is_markup(tidied, _tag_leaves) else tidied


def _tidy(line: str, *, tags: bool) -> str:
    out = ""
    for at, c in enumerate(line):
        if c in SPACES:
            out += " "
            continue
        if c in INVISIBLE:
            continue
        before = out[-1:].strip(" ")
        if c in "\u200c\u200d":
            after = line[at + 1 : at + 2]
            if not before:
                continue
            if c == "\u200d" and _pictograph(before):
                keep = bool(after) and _pictograph(after)
            else:
                keep = _shaped(before) and (c == "\u200d" or (bool(after) and _shaped(after)))
            out += c if keep else ""
            continue
        if 0xE0000 <= ord(c) <= 0xE007F:
            out += c if before == "\U0001f3f4" or (before and 0xE0000 <= ord(before) <= 0xE007F) else ""
            continue
        out = re.sub(" +", " ", out.lstrip(" ")) + c
        if tags and c == ">" and (start := _opening(out)) >= 0:
            left = _tag_leaves(out[start:])
            out = out if left is None else out[:start] + left
    return re.sub(" +", " ", out).strip(" ")


ROUNDS = 16
SUSPECTS = re.compile("[&<\x80-\u052f\u2000-\u2bff\uf8ff\ufb00-\ufb06\ufffd]")


def repair(line: str) -> str:
    """A line after ftfy and tidying, until neither changes it; one that takes too many rounds loses what could be repaired again."""
    line = fix_surrogates(line) if "<" in line else line
    for _ in range(ROUNDS):
        repaired = escape(ftfy_line(tidy(line) if "<" in line else line))
        if repaired == line:
            return line
        line = repaired
    return line if escape(ftfy_line(tidy(line))) == line else repair(SUSPECTS.sub("", line))


def normalize(source: str) -> str:
    """A text with ftfy run on every line of it; hard-wrapped lines stay as they are."""
    out, blank = "", False
    for line in lines(source):
        text = repair(source[line.start : line.end])
        blank = blank or line.after_blank
        if not text:
            blank = True
            continue
        out += ("\n\n" if blank else "\n") * bool(out) + text
        blank = False
    return out


_ORNAMENTS = "*•·●○◦▪▫■□◆◇►▶▷▸‣→➜+=~_-–—✓✔★☆※▼▲△▽↓↑"
#: Unicode's White_Space, which Python's ``isspace`` exceeds by U+001C to U+001F.
_WHITE = SPACES
LEADS = _WHITE + "»›>|#…" + _ORNAMENTS
TRAILS = _WHITE + "»›>|…:：" + _ORNAMENTS
_FOLDS = {
    **dict.fromkeys("‘’‚‛ʼ`´′", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u3000\xa0", " "),
    "…": "...",
}


def strip(line: str) -> str:
    """A line without the decoration at its ends."""
    return line.lstrip(LEADS).rstrip(TRAILS)


def fold(line: str, *, case: bool) -> str:
    """The form of a line that rules see."""
    out = []
    for c in strip(line):
        if "\uff01" <= c <= "\uff5e":
            c = chr(ord(c) - 0xFEE0)
            out.append(c if case else c.lower())
        elif c in _FOLDS:
            out.append(_FOLDS[c])
        elif case:
            out.append(c)
        else:
            out.append("i" if c in "İı" else c.lower())
    return "".join(out)


def judged_length(line: str) -> int:
    """The code points of a line, as `max_chars` counts them."""
    return sum(3 if c == "…" else 1 for c in strip(line))


def candidates(rules, line: str) -> list[int]:
    """The numbers of the rules that match a line, every pattern tried on it."""
    return [
        number
        for number, rule in enumerate(rules)
        if judged_length(line) <= rule.max_chars and strip(line) and rule.matches(fold(line, case=rule.case), 5)
    ]


#: Scripts written without spaces: each letter is a token.
_UNSPACED = re.compile("HIRAGANA|KATAKANA|CJK|THAI|LAO|KHMER|MYANMAR|TIBETAN")


def tokens(text: str) -> list[str]:
    """The tokens of a text: runs of letters, marks and numbers after NFKC and casefolding."""
    out, run = [], ""
    for c in unicodedata.normalize("NFKC", text).casefold():
        category = unicodedata.category(c)[0]
        solo = category == "L" and _UNSPACED.match(unicodedata.name(c, ""))
        if category not in "LMN" or solo:
            out += [run] if run else []
            run = ""
        if category in "LMN":
            if solo:
                run = c
                continue
            if category != "M" and run and _UNSPACED.match(unicodedata.name(run[0], "")):
                out.append(run)
                run = ""
            run += c
    return out + ([run] if run else [])


def shingles(text: str, size: int = 3) -> list[tuple[str, ...]]:
    """The runs of `size` consecutive tokens."""
    found = tokens(text)
    if len(found) <= size:
        return [tuple(found)] if found else []
    return [tuple(found[at : at + size]) for at in range(len(found) - size + 1)]


def same_tokens(text: str, other: str) -> bool:
    """Whether two paragraphs say the same."""
    return tokens(text) == tokens(other)


def jaccard(text: str, other: str) -> float:
    """The share of shingles that two paragraphs have in common."""
    mine, theirs = set(shingles(text)), set(shingles(other))
    return len(mine & theirs) / len(mine | theirs)


def coverage(text: str, others: list[str]) -> float:
    """The share of a paragraph's tokens that lie in a shingle of one of the others."""
    known = {shingle for other in others for shingle in shingles(other)}
    found = tokens(text)
    covered = set()
    for at, shingle in enumerate(shingles(text)):
        if shingle in known:
            covered.update(range(at, at + 3))
    return len(covered) / len(found)
