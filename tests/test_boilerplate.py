"""Rules in their place: where a line stands, what it takes along, what stands between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strategies
import textclean
from textclean import Kind

PROSE = strategies.SENTENCES[:10]
RULES = """
language = "mine"
[[rule]]
id = "anywhere"
kind = "advert"
pattern = "zanywhere"
[[rule]]
id = "top"
kind = "navigation"
pattern = "ztop"
where = "top"
[[rule]]
id = "bottom"
kind = "navigation"
pattern = "zbottom"
where = "bottom"
[[rule]]
id = "edges"
kind = "navigation"
pattern = "zedges"
where = "edges"
[[rule]]
id = "list"
kind = "related"
pattern = "zlist"
takes = "list"
[[rule]]
id = "rest"
kind = "comment-form"
pattern = "zrest"
takes = "rest"
[[rule]]
id = "byline"
kind = "byline"
pattern = "zby .{2,40}"
[[rule]]
id = "caption"
kind = "caption"
pattern = "zcaption .{2,80}"
[[rule]]
id = "section"
kind = "section-label"
pattern = "zsection"
where = "top"
[[rule]]
id = "date"
kind = "dateline"
pattern = "zdate .{2,20}"
[[rule]]
id = "name"
kind = "byline"
pattern = 'Zname \\p{Lu}\\w+'
case = true
[[rule]]
id = "short-only"
kind = "share"
pattern = "zshort.*"
max_chars = 12
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """Options: one rule of each sort, in a file of the user's, and nothing else that judges lines."""
    path = tmp_path_factory.mktemp("rules") / "mine.toml"
    path.write_text(RULES, encoding="utf-8")
    return {"languages": [], "rules": [path], "line_model": False}


def article(*lines):
    """Lines as paragraphs; a number stands for a sentence of prose."""
    return "\n\n".join(PROSE[line] if isinstance(line, int) else line for line in lines)


def removed(text, options, **more):
    """The rules and lines of what goes."""
    return [(r.rule, r.text) for r in textclean.explain(text, **options | more).removals]


TITLE = "The flood at the mill"


def test_a_line_that_gives_itself_away_goes_anywhere(mine):
    """A rule without a place holds at the top, in the middle and at the end."""
    text = article("zanywhere", TITLE, 0, 1, 2, "ZAnywhere", 3, 4, 5, "» zanywhere «")
    assert [r for r, _ in removed(text, mine)] == ["mine/anywhere"] * 2
    assert textclean.clean(text, **mine) == article(TITLE, 0, 1, 2, 3, 4, 5, "» zanywhere «")


@pytest.mark.parametrize(
    ("word", "places"),
    [("ztop", [0, 1, 2]), ("zbottom", [6, 7, 8]), ("zedges", [0, 1, 2, 6, 7, 8]), ("zanywhere", range(9))],
)
@pytest.mark.parametrize("place", range(9))
def test_where(mine, word, places, place):
    """A rule holds with at most two paragraphs of prose between its line and the edge that it is near to, here beside another that goes."""
    lines = [TITLE, *range(8)]
    lines[place + 1 : place + 1] = ["zanywhere", word]
    assert removed(article(*lines), mine) == [("mine/anywhere", "zanywhere")] * (1 + (word == "zanywhere")) + (
        [(f"mine/{word[1:]}", word)] if place in places and word != "zanywhere" else []
    )


@pytest.mark.parametrize("word", ["ztop", "zbottom", "zedges"])
@pytest.mark.parametrize("place", range(1, 8))
def test_a_word_between_paragraphs_is_a_heading(mine, word, place):
    """With prose above it and below it a line alone is a heading, whatever the word, however near the edge is."""
    lines = [TITLE, *range(8)]
    lines.insert(place + 1, word)
    assert removed(article(*lines), mine) == []


@pytest.mark.parametrize(("prose", "near"), [(1, 0), (2, 0), (3, 1), (5, 1), (6, 2), (9, 2)])
def test_an_edge_is_no_more_than_a_third(mine, prose, near):
    """In a text of few paragraphs, what stands between them is in the middle."""
    for place in range(prose + 1):
        lines = [TITLE, *range(prose)]
        lines[place + 1 : place + 1] = ["zanywhere", "zbottom"]
        found = {rule for rule, _ in removed(article(*lines), mine)}
        assert ("mine/bottom" in found) == (prose - place <= near)


def test_dates_that_come_again_and_again_date_what_stands_there(mine):
    """An article has one date line, or a second at its end; posts have one each."""
    posts = article(TITLE, "zdate 3 May", 0, "zdate 4 May", 1, "zdate 5 May", 2)
    assert removed(posts, mine) == []
    assert removed(article(TITLE, "zdate 3 May", "zdate 4 May", 0, 1, 2, "zdate 5 May"), mine) == [
        ("mine/date", f"zdate {day} May") for day in (3, 4, 5)
    ]


def test_a_heading_of_a_list_that_does_not_follow(mine):
    """A line that announces a list goes where a list stands below it, and is a heading where prose does."""
    assert removed(article(TITLE, 0, 1, 2, 3, "zlist", 4, 5, 6, 7), mine) == []
    assert removed(article(TITLE, 0, 1, 2, 3, "zlist", "One headline", 4, 5, 6, 7), mine)[0] == ("mine/list", "zlist")


def test_whole_lines_only(mine):
    """A rule judges whole lines: its words inside of a sentence are nothing."""
    text = article(TITLE, 0, "He said zanywhere and left.", "zanywhere, he said", "zanywhere zanywhere", 1)
    assert removed(text, mine) == []


def test_max_chars(mine):
    """A line longer than the rule judges stays."""
    assert removed(article(TITLE, 0, "zshort 12345", "zshort 123456"), mine) == [("mine/short-only", "zshort 12345")]


def test_case(mine):
    """A rule with case sees capitals; one without does not."""
    assert removed(article(TITLE, "Zname Smith", "Zname smith", "zname Smith", 0), mine) == [("mine/name", "Zname Smith")]


def test_list_takes_the_short_lines_below(mine):
    """A list heading takes the lines below it up to the next prose."""
    text = article(TITLE, 0, 1, 2, 3, "zlist", "One headline", "Another headline", 4, "A heading", 5, 6, 7)
    assert removed(text, mine) == [("mine/list", "zlist"), ("under-heading", "One headline"), ("under-heading", "Another headline")]


def test_list_inside_the_article_takes_no_long_list(mine):
    """A long list in the middle of an article is what it is about: the heading takes none of it."""
    items = [f"Item {word}" for word in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]]
    text = article(TITLE, 0, 1, 2, 3, "zlist", *items, 4, 5, 6, 7)
    assert removed(text, mine) == [("mine/list", "zlist")]


def test_list_at_the_end_takes_to_the_end(mine):
    """At the end of the page it takes all that is no prose."""
    text = article(TITLE, 0, 1, 2, 3, 4, "zlist", "One headline", "Another headline")
    assert textclean.clean(text, **mine) == article(TITLE, 0, 1, 2, 3, 4)


def test_rest_takes_everything_below(mine):
    """Below most of the prose, a heading that takes the rest takes prose too."""
    text = article(TITLE, 0, 1, 2, 3, 4, "zrest", "Name", 5, "Short", 6)
    assert removed(text, mine) == [
        ("mine/rest", "zrest"),
        *(("under-heading", line) for line in ("Name", PROSE[5], "Short", PROSE[6])),
    ]
    assert {r.kind for r in textclean.explain(text, **mine).removals} == {Kind.COMMENT_FORM}


def test_rest_above_the_article_takes_no_article(mine):
    """Above most of the prose it takes no prose."""
    text = article(TITLE, 0, "zrest", "Name", 1, 2, 3, 4, 5)
    assert textclean.clean(text, **mine).endswith(article(1, 2, 3, 4, 5))


def test_short_line_between_two_that_go(mine):
    """A short line between two pieces of page furniture goes with them, one between a byline and prose does not."""
    text = article(TITLE, 0, 1, 2, 3, "zanywhere", "A short line", "zshort", 4, 5, 6)
    assert removed(text, mine) == [("mine/anywhere", "zanywhere"), ("between", "A short line"), ("mine/short-only", "zshort")]
    text = article(TITLE, 0, 1, 2, 3, "zanywhere", "A short line", "zanywhere", "Another", "zanywhere", 4, 5, 6)
    assert removed(text, mine) == [("mine/anywhere", "zanywhere")] * 3, "entries of a list with a button to each"
    text = article("zsection", TITLE, "zby Ann Smith", 0, 1)
    assert [r for r, _ in removed(text, mine)] == ["mine/section", "mine/byline"]


def test_sentence_between_two_that_go(mine):
    """A sentence between them stays."""
    text = article(TITLE, 0, "zanywhere", "He said no.", "zanywhere", 1, "zanywhere", 2, "zanywhere")
    assert [r for r, _ in removed(text, mine)] == ["mine/anywhere"] * 4


def test_ornament_beside_one_that_goes(mine):
    """A lone asterisk below a line that goes is an ornament of it; one inside the article is the author's."""
    assert removed(article(TITLE, 0, "zanywhere", "*", 1), mine) == [("mine/anywhere", "zanywhere"), ("between", "*")]
    assert removed(article(TITLE, 0, "* * *", 1), mine) == []


FIELDS = article("zsection", TITLE, "zby Ann Smith", "zdate 4 May 2020", "zcaption a photo of the mill", 0, 1, 2, "zby Someone Else", 3)


@pytest.mark.parametrize(
    "options", [{}, {"drop_kinds": []}, {"keep_kinds": ["byline", "caption", "dateline", "section-label"]}, {"drop_kinds": ["advert"]}]
)
def test_fields(mine, options):
    """Title, byline, date line, section and caption are recognised whether they are dropped or not; the first of each counts."""
    assert textclean.explain(FIELDS, **mine | options).fields == {
        "title": TITLE,
        "section": "zsection",
        "byline": "zby Ann Smith",
        "author": "Ann Smith",
        "dateline": "4 May 2020",
        "date": "2020-05-04",
        "caption": "zcaption a photo of the mill",
    }


def test_fields_are_normalized(mine):
    """A field reads as the clean text would."""
    text = article("The  flood\u200b at the mill", "zby  Ann\xa0Smith", 0)
    assert textclean.explain(text, **mine).fields == {"title": TITLE, "byline": "zby Ann Smith", "author": "Ann Smith"}


def test_no_field_for_what_is_not_there(mine):
    """A text without head has no fields."""
    assert textclean.explain(article(0, 1), **mine).fields == {}


@pytest.mark.parametrize("kind", ["byline", "caption", "dateline", "section-label"])
def test_drop_and_keep(mine, kind):
    """Dropping one kind removes that kind alone; keeping it removes all the others; keep wins over drop."""
    one = textclean.explain(FIELDS, **mine, drop_kinds=[kind]).removals
    assert {r.kind for r in one} == {kind}
    others = textclean.explain(FIELDS, **mine, keep_kinds=[kind]).removals
    assert {r.kind for r in others} == {"byline", "caption", "dateline", "section-label"} - {kind}
    assert textclean.explain(FIELDS, **mine, drop_kinds=[kind], keep_kinds=[kind]).removals == []


def test_drop_nothing(mine):
    """With nothing to drop the text is only normalized."""
    assert textclean.clean(FIELDS, **mine, drop_kinds=[]) == textclean.normalize(FIELDS)


def test_a_user_rule_comes_beside_the_built_in_ones(mine):
    """A file of the user's adds rules and takes none away."""
    text = article(TITLE, 0, 1, 2, "zanywhere", "Leave a Reply")
    assert [r for r, _ in removed(text, mine | {"languages": ["en"]})] == ["mine/anywhere", "en/comment-form-header"]
    assert [r for r, _ in removed(text, mine)] == ["mine/anywhere"]


@pytest.mark.parametrize(
    ("language", "lines"),
    {
        "en": ["Advertisement", "Leave a Reply"],
        "de": ["Anzeige", "Artikel teilen"],
        "fr": ["Publicité", "Partager cet article"],
        "es": ["Publicidad", "Compartir en Facebook"],
    }.items(),
)
def test_languages(language, lines):
    """A language's lines go when all languages are asked about, or that one."""
    text = article(TITLE, 0, 1, 2, 3, *lines)
    for languages in (None, [language]):
        assert textclean.clean(text, languages=languages) == article(TITLE, 0, 1, 2, 3)


@given(st.lists(st.sampled_from(strategies.HEADLINES + PROSE), max_size=12))
def test_prose_and_headlines_are_never_boilerplate(lines):
    """No rule takes sentences or headlines of the article."""
    rules = [r.rule for r in textclean.explain("\n\n".join(lines)).removals if not r.kind.startswith("repeat-")]
    assert rules == []


@given(st.lists(st.sampled_from(strategies.FURNITURE + PROSE[:4]), max_size=12))
def test_every_removal_names_a_rule_or_a_context(lines):
    """What removed a line is a rule with its language, or one of the words for context and repetition."""
    for removal in textclean.explain("\n\n".join(lines)).removals:
        assert "/" in removal.rule or removal.rule in {
            *("under-heading", "between", "line-model", "verbatim", "headline", "near", "covered")
        }
        assert removal.kind in set(Kind)
