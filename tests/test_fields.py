"""What a text says of itself: headline, authors, date; and nothing where nothing is sure."""

from __future__ import annotations

import pytest

import textclean
from textclean.cleaning import fields
from textclean.cleaning.fields import Line

LEAD = (
    "The old bridge over the river will close on Monday for repairs that are to last until the end of the year, the council said in a"
    " statement after its meeting, and buses will take another way round."
)
MORE = "Drivers have to take the road through the hills, which adds half an hour to the way into town, as the council itself admits."


def read(*lines: str) -> dict[str, str]:
    """What is recognised in lines that all stay."""
    return fields.recognised([Line(line, True) for line in lines])


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        # The one heading of the first rank above the prose.
        (["* Home", "* News", "# Old bridge over the river to close", "By Ann Smith", LEAD], "Old bridge over the river to close"),
        (["# Old bridge to close", "* Home", "# Old bridge to close", LEAD, "## More"], "Old bridge to close"),
        # The title of the page, before the name of the site, again on the page.
        (["Bridge to close for a year | The Gazette", "Menu", "Sport", "Bridge to close for a year", LEAD], "Bridge to close for a year"),
        (["Bridge - toll to rise - The Gazette", "Menu", "Bridge - toll to rise", LEAD], "Bridge - toll to rise"),
        (
            ["Die Brücke bleibt ein Jahr gesperrt", "Menü", "Die Brücke bleibt ein Jahr gesperrt", LEAD],
            "Die Brücke bleibt ein Jahr gesperrt",
        ),
        # The first line of an article of whose words the lead speaks.
        (["Council to close old bridge", LEAD, MORE], "Council to close old bridge"),
        (
            ["橋の修理で通行止め", "古い橋の修理が月曜日に始まり、年末まで通行止めになると市が発表した。バスは別の道を通る。"],
            "橋の修理で通行止め",
        ),
    ],
)
def test_a_headline_has_something_that_speaks_for_it(lines: list[str], title: str) -> None:
    """A heading, a title that the page says again, or a lead about the same things."""
    assert read(*lines)["title"] == title


@pytest.mark.parametrize(
    "lines",
    [
        ["# Our products", "* Home", "# About us", LEAD],  # two headings of the first rank
        ["# Bridge to close", *["* Another entry"] * 20, LEAD],  # one far above the prose
        ["The Gazette | Local news", "The Gazette", LEAD],  # the site says its own name again
        ["icon bookmark-b", LEAD, MORE],
        ["Skip to content", LEAD, MORE],
        ["Open menu", "Open menu", LEAD],
        ["The bridge will be closed for a year.", LEAD],  # a sentence
        ["Yes", "No", "4 cm"],
        [],
    ],
)
def test_a_first_short_line_is_no_headline(lines: list[str]) -> None:
    """Where nothing but its place speaks for a line, there is no title."""
    assert "title" not in read(*lines)


@pytest.mark.parametrize(
    ("lines", "author", "byline"),
    [
        (["By Ann Smith"], "Ann Smith", "By Ann Smith"),
        (["By", "Ann Smith"], "Ann Smith", "Ann Smith"),
        (["Written by:", "Ann Smith and Bo Li, Staff Writers"], "Ann Smith and Bo Li", "Ann Smith and Bo Li, Staff Writers"),
        (["By Ann Smith | May 18, 2018 | 5:11 AM EDT"], "Ann Smith", "By Ann Smith | May 18, 2018 | 5:11 AM EDT"),
        (["by J. R. O'Neill-Smith, Senior Editor"], "J. R. O'Neill-Smith", "by J. R. O'Neill-Smith, Senior Editor"),
        (["Von Jürgen Müller und Anna Weiß"], "Jürgen Müller und Anna Weiß", "Von Jürgen Müller und Anna Weiß"),
        (["Par Élodie Dupont (avec AFP)"], "Élodie Dupont", "Par Élodie Dupont (avec AFP)"),
        (["Por José de la Cruz"], "José de la Cruz", "Por José de la Cruz"),
        (["Door Jan van der Berg"], "Jan van der Berg", "Door Jan van der Berg"),
        (["Author: Maria Rossi"], "Maria Rossi", "Author: Maria Rossi"),
        (["Автор: Иван Петров"], "Иван Петров", "Автор: Иван Петров"),
        (["* By Ann Smith"], "Ann Smith", "By Ann Smith"),
    ],
)
def test_authors_are_the_names(lines: list[str], author: str, byline: str) -> None:
    """Without the word before them, dates and roles; also where they stand on the line below the word."""
    assert {"author": author, "byline": byline}.items() <= read("# Old bridge to close", *lines, LEAD).items()


@pytest.mark.parametrize(
    "lines",
    [
        ["By"],
        ["By", "Share this article"],
        ["By Company Type", "By Event"],
        ["By Any Other Name"],
        ["By Monday, June 2, 2025"],
        ["Von Tür zu Tür"],
        ["Por fin es viernes"],
        ["By clicking you agree"],
        ["by the river"],
        ["By Ann Smith", "By Bo Li"],  # two answers are none
        ["By Ann"],  # one word may be anything
        ["Standing by: Ann and the others wait for the bus"],
    ],
)
def test_what_is_no_name_is_no_author(lines: list[str]) -> None:
    """Titles, menus, deadlines, and a word alone; and no answer where there are two."""
    assert not {"author", "byline"} & read("# Old bridge to close", *lines, LEAD).keys()


@pytest.mark.parametrize(
    ("line", "written", "iso"),
    [
        ("May 18, 2018 | 5:11 AM EDT", "May 18, 2018", "2018-05-18"),
        ("Published on 3rd of October 2024", "3rd of October 2024", "2024-10-03"),
        ("Published Jun 4, 2025", "Jun 4, 2025", "2025-06-04"),
        ("2025-09-04", "2025-09-04", "2025-09-04"),
        ("Stand: 4. März 2021, 10:30 Uhr", "4. März 2021", "2021-03-04"),
        ("04.03.2021", "04.03.2021", "2021-03-04"),
        ("Publié le 1er août 2023 à 10h", "1er août 2023", "2023-08-01"),
        ("3 de octubre de 2024", "3 de octubre de 2024", "2024-10-03"),
        ("3 ottobre 2024", "3 ottobre 2024", "2024-10-03"),
        ("3 de outubro de 2024", "3 de outubro de 2024", "2024-10-03"),
        ("3 oktober 2024", "3 oktober 2024", "2024-10-03"),
        ("3 października 2024", "3 października 2024", "2024-10-03"),
        ("3 октября 2024 г.", "3 октября 2024", "2024-10-03"),
        ("2024年10月3日", "2024年10月3日", "2024-10-03"),
    ],
)
def test_a_date_is_as_it_is_written_and_as_iso(line: str, written: str, iso: str) -> None:
    """In ten languages, where it can be read in one way only."""
    assert {"dateline": written, "date": iso}.items() <= read("# Old bridge to close", line, LEAD).items()


@pytest.mark.parametrize(
    "lines",
    [
        ["16 min read"],
        ["03/04/2021"],  # March or April
        ["Updated August 14, 2025"],
        ["Last updated:", "September 4, 2025"],
        ["May 18, 2018", "June 2, 2019"],  # two answers are none
        ["Yesterday, 10:30"],
        ["45. March 2021"],
        ["13 of 2021 members came"],
    ],
)
def test_a_date_that_is_not_sure_is_not_there(lines: list[str]) -> None:
    """Reading times, updates, days that may be others, and two of them."""
    assert not {"dateline", "date"} & read("# Old bridge to close", *lines, LEAD).keys()


def test_an_update_does_not_hide_the_day() -> None:
    """Of a day and the day of an update the first is the text's."""
    found = read("# Old bridge to close", "Published: May 18, 2018 | Updated: June 2, 2019", LEAD)
    assert found["date"] == "2018-05-18"


def test_lines_know_what_became_of_them() -> None:
    """Each line that is not blank, whether it stays and what it was recognised as, whatever ends it."""
    text = "One\r\n\n  By Ann Smith \u2028Two\rLeave a Reply"
    start = text.index("By")
    removed = [(start, start + 12, textclean.Kind.BYLINE), (text.index("Leave"), len(text), textclean.Kind.COMMENT_FORM)]
    assert fields.lines_of(text, removed) == [
        Line("One", True),
        Line("By Ann Smith", False, textclean.Kind.BYLINE),
        Line("Two", True),
        Line("Leave a Reply", False, textclean.Kind.COMMENT_FORM),
    ]


def test_fields_are_those_of_the_text_whether_lines_go_or_stay() -> None:
    """The whole way: what is kept by choice is recognised all the same."""
    text = f"Council to close old bridge\n\nBy Ann Smith | May 18, 2018\n\n{LEAD}\n\n{MORE}"
    expected = {
        "title": "Council to close old bridge",
        "byline": "By Ann Smith | May 18, 2018",
        "author": "Ann Smith",
        "dateline": "May 18, 2018",
        "date": "2018-05-18",
    }
    assert textclean.explain(text).fields == textclean.explain(text, keep_kinds={"byline"}).fields == expected


def test_fields_take_linear_time() -> None:
    """A hundred thousand lines of dates, names and headings are read as fast as any."""
    lines = [Line(text, True) for text in ("By " * 40, "May 18, 2018 " * 10, "# " * 60, "A - B | " * 20, "x" * 1000) * 20_000]
    assert fields.recognised(lines) is not None
