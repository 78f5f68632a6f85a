"""Naive twins of the native judges of words: does a line speak as notices do, does it name somebody."""

from __future__ import annotations

import re
from functools import cache

import regex

from oracle import fold, judged_length, strip

_LINK = re.compile(r"[a-z]{2,6}\Z")
_CLOSES = "\"')]"
_PARTICLES = frozenset(
    "van von vom zu de del della dello der den di da das do dos du la le lo los las el al bin ibn ben ter ten af av".split()
)


def lower(word):
    """A word without case, with the Turkish letters as rules see them."""
    return "".join("i" if c in "ıİ" else c.lower() for c in word)


def has(words, word):
    """Whether a list has a word; `*` at an end stands for any letters."""
    return any(
        word.startswith(entry[:-1]) if entry.endswith("*") else word.endswith(entry[1:]) if entry.startswith("*") else word == entry
        for entry in words
    )


def is_link(piece):
    """Whether a piece is an address, of the web or of e-mail, or a handle."""
    while piece and not (piece[0].isalnum() or piece[0] == "@"):
        piece = piece[1:]
    while piece and not (piece[-1].isalnum() or piece[-1] == "@"):
        piece = piece[:-1]
    site, dot, end = piece.split("/")[0].rpartition(".")
    host = bool(dot) and len(site.encode()) >= 2 and bool(_LINK.match(end))
    return len(piece.encode()) > 2 and ("@" in piece or "://" in piece or piece.startswith("www.") or host)


def words(line):
    """The words of a line: in lower case, whether capital, whether a sentence begins with it."""
    found, first = [], True
    for piece in line.split():
        if is_link(piece):
            continue
        for word in re.findall(r"(?:[^\W_]|[\u0300-\u036f])+", piece):
            found.append((lower(word), word[0].isupper(), first))
            first = False
        first = first or piece.rstrip(_CLOSES).endswith((".", "!", "?", ":")) or piece == "|"
    return found


def is_notice(language, line):
    """Whether a line, folded with its capitals, speaks as notices do."""
    voice, low = language.voice, lower(line)
    sure = [low.rindex(piece) + len(piece) for piece in voice.get("sure", ()) if piece in low]
    if not language.spaced:
        piece = lambda key: any(entry.strip("*") in low for entry in voice.get(key, ()))  # noqa: E731
        return not piece("tells") and (bool(sure) or piece("speaks") or any(map(is_link, low.split())))
    if any(has(voice.get("tells", ()), word) for word, _, _ in words(line)):
        return False
    return _is_known(language, line[max(sure) :], named=True) if sure else _is_known(language, line, named=False)


def _is_known(language, line, *, named):
    """Whether a line is no sentence, or made of the words of notices and of names."""
    line = line.rpartition(" | ")[2]
    told, voice = words(line), language.voice
    parts = line.split(" ")[:-1]
    sentence = len(told) >= 9 or line.rstrip(_CLOSES).endswith((".", "!", "?")) or any(part.endswith((".", ",", ";")) for part in parts)
    if not sentence:
        return True
    names = language.capitals and (named or 2 * sum(capital for _, capital, _ in told) <= len(told))
    known = set(voice.get("known", ()))
    strange = [
        word
        for word, capital, first in told
        if len(word) >= 4 and not word[0].isnumeric() and not (names and capital and (named or not first)) and word[:5] not in known
    ]
    addressed = named or any(map(is_link, line.split())) or any(has(voice.get("speaks", ()), word) for word, _, _ in told)
    return len(strange) <= (max(1, len(told) // (12 if language.capitals else 9)) if addressed else len(told) // 15)


def is_title(language, line):
    """Whether a line, folded with its capitals, may be a title: it is no sentence of prose."""
    if not language.spaced:
        return not line.endswith((".", "。", "।")) or not any(entry.strip("*") in lower(line) for entry in language.voice.get("tells", ()))
    last = line[:-1].rpartition(" ")[2]
    ends = line.endswith(".") and len(last) > 1 and "." not in last and not last.endswith(")")
    return not ends or len(words(line)) < 9 or is_notice(language, line)


class _Names:
    def __init__(self, language):
        for key in ("after", "joins", "ends", "given", "never", "alone", "roles"):
            setattr(self, key, language.names.get(key, ()))

    def name(self, words):
        for at, word in enumerate(words):
            after = words[at + 1 : at + 2]
            dated = bool(after) and (after[0][:1].isnumeric() or has(self.alone, bare(after[0])))
            ends = has(self.ends, word.lower()) and (dated or (at > 1 and self.is_given(words[0])))
            if ends or not word[0].isalpha() or word.lower() in self.joins:
                return words[:at]
            if word[-1] in ",;:|/":
                return words[: at + 1]
        return words

    def is_given(self, word):
        return bare(word) in self.given or bare(word).split("-")[0] in self.given

    def is_refuted(self, name):
        known = self.is_given(name[0])
        never = any(has(self.never, bare(word)) and not (known and bare(word) in _PARTICLES) for word in name)
        return never or all(has(self.alone, bare(word)) for word in name)

    def has_role(self, words):
        return any("@" in word or any(has(self.roles, bare(part)) for part in word.split("/")) for word in words)

    def has_second(self, words):
        if not words:
            return False
        joined = words[0].lower() in self.joins
        name = self.name(words[1:] if joined else words)
        return sum(word[0].isupper() for word in name) > 1 and not self.is_refuted(name) and (joined or self.is_given(name[0]))


def bare(word):
    """A word without the marks at its ends, in lower case."""
    while word and not word[0].isalnum():
        word = word[1:]
    while word and not word[-1].isalnum():
        word = word[:-1]
    return word.lower()


def _initial(word):
    letters = [part for part in word.split(".") if part]
    return word.endswith(".") and bool(letters) and all(len(part) == 1 and part.isupper() for part in letters)


def is_byline(language, line):
    """Whether a line, folded with its capitals, names somebody."""
    judge, told = _Names(language), [word for word in line.split(" ") if word]
    by = next((at for at, word in enumerate(told[:5]) if bare(word) in judge.after), None)
    if by is None:
        return True
    labelled = by > 0 or told[by][-1] in ":|/" or told[by + 1 : by + 2] in ([":"], ["|"], ["/"], ["-"])
    rest = told[by + 1 :]
    name = judge.name(rest)
    if not 0 < len(name) <= 6:
        return labelled or judge.has_role(rest)
    if judge.is_refuted(name):
        return False
    after = rest[len(name) :]
    return (
        labelled
        or (len(name) > 1 and judge.is_given(name[0]))
        or any(map(_initial, name))
        or judge.has_role(rest)
        or judge.has_second(after)
        or any(len(re.findall("[0-9]", word)) >= 4 for word in after)
    )


def _close(match):
    atom, count = match.groups()
    low, _, high = count.strip("{}").partition(",")
    low = {"*": "0", "+": "1"}.get(count, low) or "0"
    high = "" if count in "*+" else high if "," in count else low
    if not _is_wide(atom) or (high and int(high) < 10):
        return match.group()
    return f"{atom}{{{low},9}}" if int(low) < 10 else r"[^\s\S]"


def _is_wide(atom):
    """Whether a class holds any word: over twenty letters among the scripts that rules are written in."""
    letters = map(chr, [*range(0x41, 0x250), *range(0x370, 0x700), *range(0x900, 0xE80), *range(0x3040, 0x3100), *range(0x4E00, 0x4F00)])
    one = regex.compile(atom)
    return sum(1 for c in [*letters, *map(chr, range(0xAC00, 0xAD00))] if c.isalpha() and one.fullmatch(c)) > 20


def closed(pattern):
    """A pattern without its open stretches: ten or more of any letters become at most nine."""
    atom = r"(?<!\\)((?:\\\\)*\.|\[\^?(?:\\.|[^\]\\])+\]|\\p\{\w+\}|\\[wS])(\*|\+|\{[0-9,]+\})"
    return re.sub(atom, _close, pattern)


def takes(rule, words, line):
    """Whether a rule takes a line as a page has it: its pattern matches, and the line shows what it must show besides."""
    if judged_length(line) > rule.max_chars or not strip(line):
        return False
    folded, cased = fold(line, case=rule.case), fold(line, case=True)
    if not rule.matches(folded, 5):
        return False
    language = words.get(rule.name.partition("/")[0])
    if rule.needs == "names":
        return not (language and language.names) or is_byline(language, cased)
    if rule.needs and language and language.voice:
        if rule.needs == "title":
            return is_title(language, cased)
        return bool(_closed(rule.pattern).fullmatch(folded, timeout=5)) or is_notice(language, cased)
    return True


@cache
def _closed(pattern):
    return regex.compile(closed(pattern))
