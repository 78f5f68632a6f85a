"""What a text says of itself: headline, authors, date. Each is given only where something speaks for it beside the look of one line.

    lines of the source, and which of them stay -> headline (three kinds of evidence) -> what stands around the first prose: names, dates

A line that looks like a headline is one in three cases. It is the only heading of the first rank (``# …``) above the prose. Or the page
begins with it as its title, alone or before the name of the site, and has it again as a line of its own. Or, in a text that is no whole
page, it is the first line, and prose follows that speaks of the same things or stands below a byline. Names are taken behind a word such as
*By*, on its line or the next. Dates are those around the first prose that nobody calls an update. Where two answers are left, there is
none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from textclean.document import Kind

#: Lines above and below the first prose that stays in which authors and dates are looked for.
_ABOVE, _BELOW = 12, 2
#: Code points of the longest line that can be a headline, and of the longest that can name authors or a date.
_HEADLINE, _NOTE = 200, 140
#: A text of so many lines, or of which so large a part goes, is a whole page.
_PAGE_LINES, _PAGE_SHARE = 400, 0.3
#: Part of a headline's words that the paragraphs below it have to have.
_SHARED = 0.5
#: Marks that tools put before headings, list items and quotes.
_marks = re.compile(r"^[\s#>*•·\-–—+|]{1,20}")
_heading = re.compile(r"#{1,6}\s+\S")
#: What stands between the title of a page and the name of its site.
_separator = re.compile(r"\s+[|–—»·•:-]\s+|\s?\|\s?")
_line_end = re.compile("\r\n|[\n\r\v\f\u2028\u2029]")
#: What a sentence ends with.
_ends = tuple('.!?…”"’»。！？।؟')
_unspaced = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]")


def _count_words(text: str) -> int:
    """Counts words; in scripts without spaces three letters are about one, and only the beginning is counted."""
    return len(text.split()) + len(_unspaced.findall(text[:400])) // 3


class Line(NamedTuple):
    """A line of the source that is not blank.

    Attributes:
        text: the line without white space at its ends.
        stays: whether it is part of the clean text.
        kind: what it was recognised as, if anything.
    """

    text: str
    stays: bool
    kind: Kind | None = None

    @property
    def bare(self) -> str:
        """The line without marks of headings and lists."""
        return _marks.sub("", self.text).rstrip("#").strip()

    @property
    def is_sentence(self) -> bool:
        """Whether the line is at least a short sentence, with its end."""
        return self.text.endswith(_ends) and _count_words(self.text) >= 6

    @property
    def is_prose(self) -> bool:
        """Whether the line is running text: a good many words, and a mark that ends a sentence."""
        return _count_words(self.text) >= 15 and re.search('[.!?”"。！？।؟]', self.text) is not None


#: Start and end in code points of the source, and the kind, of a stretch that was recognised.
Span = tuple[int, int, Kind]


def lines_of(source: str, removed: Iterable[Span], recognised: Iterable[Span] = ()) -> list[Line]:
    """Splits a text into its lines, and tells of each whether it stays and what it was recognised as.

    Args:
        source: the text as passed in.
        removed: what went, disjoint.
        recognised: what was recognised and stays, disjoint from what went.
    """
    spans = iter(sorted([(*span, False) for span in removed] + [(*span, True) for span in recognised]))
    beyond = (len(source) + 1, len(source) + 2, None, True)
    first, last, kind, stays = next(spans, beyond)
    found, start = [], 0
    ends = [match.span() for match in _line_end.finditer(source)]
    for end, behind in [*ends, (len(source), len(source))]:
        text = source[start:end]
        if text and not text.isspace():
            at = start + len(text) - len(text.lstrip())
            while last <= at:
                first, last, kind, stays = next(spans, beyond)
            found.append(Line(text.strip(), stays, kind) if first <= at else Line(text.strip(), True))
        start = behind
    return found


def recognised(lines: Sequence[Line]) -> dict[str, str]:
    """Returns what is sure of a text: ``title``, ``byline`` and ``author``, ``dateline`` and ``date`` (as ISO 8601)."""
    title, by, day = headline(lines), authors(lines), date(lines)
    found = {"title": title, "byline": by and by.line, "author": by and by.names, "dateline": day and day.written, "date": day and day.iso}
    return {name: value for name, value in found.items() if value}


def headline(lines: Sequence[Line]) -> str | None:
    """Returns the headline of a text; None where nothing speaks for one."""
    if any(_heading.match(line.text) for line in lines):
        return _only_first_rank(lines)
    return _title_said_again(lines) or _first_line(lines)


def _only_first_rank(lines: Sequence[Line]) -> str | None:
    """The one heading of the first rank that stands above the prose, at most a screen above it."""
    prose = _first_prose(lines)
    found = [(at, line.bare) for at, line in enumerate(lines) if re.match(r"#\s+\S", line.text)]
    found = [(at, text) for at, text in found if _may_be_headline(text)]
    if prose is None or len({_letters(text) for _, text in found}) != 1:
        return None
    at, text = found[-1]
    return text if at < prose <= at + 15 else None


def _title_said_again(lines: Sequence[Line]) -> str | None:
    """The first line, or what stands in it before the name of the site, if the page has that as a line of its own as well."""
    if not lines or lines[0].bare != lines[0].text or len(lines[0].text) > 2 * _HEADLINE:
        return None
    title = lines[0].text
    again: dict[str, str] = {}
    for line in lines[1:]:
        if len(line.text) <= _HEADLINE:
            again.setdefault(_letters(line.bare), line.bare)
    cuts = [match.start() for match in _separator.finditer(title)]
    for cut in [len(title), *reversed(cuts)]:
        words = len(_letters(title[:cut]).split())
        if words >= (3 if cuts else 4) and _letters(title[:cut]) in again:
            return again[_letters(title[:cut])]
    return None


def _first_line(lines: Sequence[Line]) -> str | None:
    """The first line that stays of a text that is no whole page, if what follows is of the same things, or a byline and then prose."""
    if len(lines) > _PAGE_LINES or sum(not line.stays for line in lines) > _PAGE_SHARE * len(lines) + 3:
        return None
    first = next((at for at, line in enumerate(lines) if line.stays and line.kind is None), len(lines))
    if first > 3 or first == len(lines) or not _may_be_headline(lines[first].bare, least=3):
        return None
    near = lines[first + 1 : first + 8]
    below = [line for line in near if line.stays and line.kind is None][:2]
    if not below or not below[0].is_sentence:
        return None
    if any(line.kind in (Kind.BYLINE, Kind.DATELINE) for line in near[: near.index(below[0])]):
        return lines[first].bare
    words, said = _topics(lines[first].bare), set().union(*(_topics(line.text[:2000]) for line in below))
    return lines[first].bare if words and len(words & said) >= _SHARED * len(words) else None


def _may_be_headline(text: str, least: int = 2) -> bool:
    if len(text) > _HEADLINE or not least <= _count_words(text) <= 30:
        return False
    return not text.endswith((".", "。", ":")) and any(map(str.isalpha, text))


def _topics(text: str) -> set[str]:
    """The beginnings of the longer words; of scripts without spaces, pairs of letters."""
    pairs = {text[at : at + 2] for at in range(len(text) - 1) if _unspaced.match(text[at]) and _unspaced.match(text[at + 1])}
    return pairs | {word[:5] for word in _letters(text).split() if len(word) >= 4 and not _unspaced.search(word)}


def _letters(text: str) -> str:
    """What a text says, whatever its marks and case: words joined by single spaces."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _first_prose(lines: Sequence[Line]) -> int | None:
    return next((at for at, line in enumerate(lines) if line.stays and line.is_prose), None)


def _around_prose(lines: Sequence[Line]) -> range:
    """The lines around the first prose that stays, by number; all lines of a text without any."""
    prose = _first_prose(lines)
    return range(len(lines)) if prose is None else range(max(0, prose - _ABOVE), min(len(lines), prose + _BELOW + 1))


# Authors

#: Words that stand before authors, each with what may stand between it and "by".
_BY = (
    r"(?:(?:written|posted|published|reported|story|words|article|contributed) by|by|authors?|von|par|por|di|door|av|af|przez|autor|autora"
    r"|auteur|text|texte|testo|tekst|автор|текст)"
)
_by = re.compile(rf"{_BY}\b\s*:?\s+|{_BY}\s*:\s*", re.IGNORECASE)
_by_alone = re.compile(rf"{_BY}\s*:?", re.IGNORECASE)
#: Where names end: at marks, figures, and words that begin a date or a role.
_behind_names = re.compile(
    r"\s*(?:[|•·–—(]|\s-\s|\d|\b(?:on|for|at|in|updated|published|posted|last|am|le|el|il|op|den)\b"
    r"|,\s(?=(?:staff|senior|contributing|editor|reporter|associate|special|the|redaktion|rédaction)\b)|,\s(?=\w{2,5}$))",
    re.IGNORECASE,
)
_name_word = re.compile(r"[^\W\d_][\w.'’\-]{0,30}")
#: Small words within names, and between them.
_PARTICLES = frozenset("de da do dos das van von der den di del della la le el bin al ter te y e et und and og och i & ja".split())
#: Words with capitals that stand behind *by* in menus, titles and deadlines and are no part of a name.
_NO_NAMES = frozenset(
    "the a an of to for in on at with from use case type industry company role price date category topic more all our your this that"
    " event product location city state size brand department region country age name popularity default monday tuesday wednesday"
    " thursday friday saturday sunday january february march april may june july august september october november december updated"
    " published min read share follow comments comment email home blog news".split()
)


class Authors(NamedTuple):
    """Who wrote a text.

    Attributes:
        names: their names alone.
        line: the line that names them, as it is written.
    """

    names: str
    line: str


def authors(lines: Sequence[Line]) -> Authors | None:
    """Returns who is named behind a word such as *By*, on its line or the next, near the first prose; None unless one line alone does."""
    found: dict[str, Authors] = {}
    for at in _around_prose(lines):
        text = lines[at].bare
        if len(text) > _NOTE:
            continue
        if _by_alone.fullmatch(text):
            text = lines[at + 1].bare if at + 1 < len(lines) else ""
            names = _names(text)
        elif match := _by.match(text):
            names = _names(text[match.end() :])
        else:
            # A rule may know words of other languages that stand before names.
            names = _names(re.sub(r"^(?:[^\W\d_A-Z]+\s+){1,3}", "", text)) if lines[at].kind is Kind.BYLINE else None
        if names:
            found.setdefault(_letters(names), Authors(names, text))
    return next(iter(found.values())) if len(found) == 1 else None


def _names(text: str) -> str | None:
    """The names that a text begins with; None if these are no names: two or more words with capitals, small words between them aside."""
    end = _behind_names.search(text)
    names = (text[: end.start()] if end and end.start() else text).strip(" ,;:.–—-")
    words = names.replace(",", " ").replace("&", " & ").split()
    proper = [word for word in words if word.lower() not in _PARTICLES]
    if not 2 <= len(proper) <= 12 or len(names) > 80:
        return None
    if all(_name_word.fullmatch(word) and word[0].isupper() and word.lower().strip(".") not in _NO_NAMES for word in proper):
        return names
    return None


# Dates

_MONTHS = (
    "january jan januar janvier janv enero ene gennaio gen janeiro januari styczeń stycznia января янв leden ledna",
    "february feb februar février févr fevrier febrero febbraio fevereiro fev februari luty lutego февраля фев únor února",
    "march mar märz mars marzo março marco maart mrt marzec marca марта март březen března",
    "april apr avril avr abril abr aprile kwiecień kwietnia апреля апр duben dubna",
    "may mai mayo maggio mag maio mei maj maja мая май květen května",
    "june jun juni juin junio giugno giu junho czerwiec czerwca июня июн červen června",
    "july jul juli juillet juil julio luglio lug julho lipiec lipca июля июл červenec července",
    "august aug août aout agosto ago augustus sierpień sierpnia августа авг srpen srpna augusti",
    "september sep sept septembre septiembre settembre set setembro wrzesień września сентября сен září",
    "october oct oktober okt octobre octubre ottobre ott outubro out październik października октября окт říjen října",
    "november nov novembre noviembre novembro listopad listopada ноября ноя",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia декабря дек prosinec prosince",
)
_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_MONTH = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d\d"
#: Dates that can be read in one way only: the year first, a month in letters, or points between day, month and year.
_date = re.compile(
    rf"(?<!\d)({_YEAR})([-/.])(\d\d?)\2(\d\d?)(?!\d)"
    rf"|({_YEAR})年 ?(\d\d?)月 ?(\d\d?)日"
    rf"|(?<!\d)(\d\d?)(?:st|nd|rd|th|\.|er|º)? ?(?:de |of )?({_MONTH})\b\.?,? (?:de )?({_YEAR})(?!\d)"
    rf"|(?<!\w)({_MONTH})\b\.? (\d\d?)(?:st|nd|rd|th)?,? ({_YEAR})(?!\d)"
    rf"|(?<!\d)(\d\d?)\. ?(\d\d?)\. ?({_YEAR})(?!\d)",
    re.IGNORECASE,
)
_update = re.compile(
    "updat|modif|review|edited|aktualis|mis à jour|actualiz|aggiorn|atualiz|bijgewerkt|zaktualiz|обновл|更新|修正", re.IGNORECASE
)


class Date(NamedTuple):
    """A day: as it is written, and as ISO 8601 writes it."""

    written: str
    iso: str


def date(lines: Sequence[Line]) -> Date | None:
    """Returns the day that short lines near the first prose name, updates aside; None if they name several, or none that is sure."""
    found: dict[str, Date] = {}
    for at in _around_prose(lines):
        text = lines[at].text
        if len(text) > _NOTE or lines[at].is_prose:
            continue
        for match in _date.finditer(text):
            before = re.split("[|•·]", text[: match.start()])[-1]
            label = lines[at - 1].text if at and len(before.strip()) < 3 and len(lines[at - 1].text) < 40 else ""
            if (iso := _iso(match)) and not _update.search(f"{label} {before}"):
                found.setdefault(iso, Date(match[0], iso))
    return next(iter(found.values())) if len(found) == 1 else None


def _iso(match: re.Match[str]) -> str | None:
    year1, _, month1, day1, year2, month2, day2, day3, month3, year3, month4, day4, year4, day5, month5, year5 = match.groups()
    year = year1 or year2 or year3 or year4 or year5
    month = month1 or month2 or month3 or month4 or month5
    day = int(day1 or day2 or day3 or day4 or day5)
    number = int(month) if month.isdigit() else _NUMBERS.get(month.lower(), 0)
    return f"{year}-{number:02}-{day:02}" if 1 <= number <= 12 and 1 <= day <= 31 else None
