"""Headlines: they stay unless somebody wants the text without them, and nothing else goes as one."""

from __future__ import annotations

import pytest
from hypothesis import given

import textclean
from test_linemodel import PARTS, STORY, TITLE, page
from textclean import Kind

POEM = "Roses are red\nViolets are blue\nSugar is sweet\nAnd so are you"


def without(text):
    """A text without anything that has a kind."""
    return textclean.clean(text, drop_kinds=Kind)


def test_it_stays_unless_it_is_to_go():
    """By default the headline stays; with all kinds it goes, with its kicker, by its own name, and is still the title."""
    text = f"Harbour watch\n{TITLE}\n{STORY}"
    assert textclean.clean(text) == text
    assert without(text) == STORY
    found = textclean.explain(f"{TITLE}\n{STORY}", drop_kinds=Kind)
    assert [(removal.text, removal.kind, removal.rule) for removal in found.removals] == [(TITLE, Kind.HEADLINE, "above-article")]
    assert found.fields["title"] == textclean.explain(f"{TITLE}\n{STORY}").fields["title"] == TITLE


@pytest.mark.parametrize("line", ["Storm", "Will the pier be rebuilt?", "# Storm over the quay", "风暴"])
def test_headlines_of_any_form_go(line):
    """One word, a question, a marked heading, and what stands below as a second headline."""
    assert without(f"{line}\n{TITLE}\n\n{STORY}") == STORY


def test_a_headline_said_again_goes_too():
    """Below the article as above it, whatever the case; and it is still the title."""
    text = f"{TITLE}\n{STORY}\n{TITLE}"
    assert without(text) == without(f"{TITLE}\n{STORY}\n{TITLE.upper()}") == STORY
    twice = f"{TITLE}\n{TITLE}\n{STORY}"
    assert without(twice) == STORY
    assert textclean.explain(twice, drop_kinds=Kind).fields["title"] == textclean.explain(twice).fields["title"] == TITLE


def test_only_headlines_can_go():
    """A kind alone is dropped alone."""
    left = textclean.clean(f"{TITLE}\n{STORY}\nShare this", drop_kinds=[Kind.HEADLINE])
    assert left == f"{STORY}\nShare this"
    assert textclean.clean(f"{TITLE}\n{STORY}", drop_kinds=Kind, keep_kinds=["headline"]) == f"{TITLE}\n{STORY}"


def test_of_a_whole_page_the_story_alone_is_left():
    """Menus go as such, and then the headline is what stands above the first paragraph."""
    left = without(page())
    assert left.startswith(STORY.split("\n")[0])


@pytest.mark.parametrize(
    "text",
    [
        POEM,
        f"{POEM}\nSaid once\n{STORY}",
        TITLE,
        f"It rained all day, and nobody came.\n{STORY}",
        f"“We will rebuild the pier.”\n{STORY}",
        f"他说港口关闭了。\n{STORY}",
        f"He said this:\n{STORY}",
        f"It is late.[1]\n{STORY}",
        f"She wept…\n{STORY}",
        f"He left. (And so did she.)\n{STORY}",
        f"- Flour\n- Butter and eggs\n- Sugar\n{STORY}",
        f"1. e4 e5\n2. Nf3 Nc6\n{STORY}",
        f"> Who goes there\n{STORY}",
        f"Q: Who was it\nA: Nobody knows\n{STORY}",
        f"def f(x):\n    return x + 1\n\nf(2)\n\n{STORY}",
    ],
    ids=[
        *("poem", "list of five", "nothing below", "sentence", "speech", "Chinese", "announcement", "footnote", "ellipsis", "brackets"),
        *("list", "moves", "quote", "interview", "code"),
    ],
)
def test_what_is_no_headline_stays(text):
    """Where more than four lines stand above the first paragraph, or none follows, or they are sentences or code, none goes."""
    assert without(text) == textclean.clean(text)


@given(PARTS)
def test_without_headlines_nothing_more_goes_the_second_time(text):
    """What is left has no headline."""
    once = without(text)
    assert without(once) == once
