"""What sites repeat: learned from pages that tell different stories, and from nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle_templates
import textclean
from stories import HOST, TIP, WORDS, page, sentence, story
from strategies import any_text
from textclean import Templates, learn_templates
from textclean.sites.evidence import mask


def learned(pages: list[str], **options: object) -> list[str]:
    """The lines that are learned from these pages of one site, the most frequent first."""
    return [entry.samples[0] for entry in learn_templates(pages, site=HOST, **options).entries(HOST)]


def test_a_tip_line_is_learned_from_five_stories():
    """Five pages that end alike are enough, four are not, and the count can be chosen."""
    pages = [page(*story(i), TIP) for i in range(5)]
    assert learned(pages) == [TIP]
    assert learned(pages[:4]) == []
    assert learned(pages[:3], documents=3) == [TIP]
    assert learned(pages, documents=6) == []


def test_a_template_is_found_where_a_date_stands_behind_its_first_word():
    """What stands for a date begins right behind the eight bytes by which a line is looked up, and each page has another."""
    pages = [page(*story(i), f"Opening March {i}, 2019 at the old mill") for i in range(1, 8)]
    templates = learn_templates(pages, site=HOST)
    for text in pages:
        (removal,) = textclean.explain(text, site=HOST, templates=templates).removals
        assert removal.kind == "template"
        assert removal.text.startswith("Opening March")


def test_short_stories_are_stories():
    """A page of two sentences can be told from another."""
    assert learned([page(sentence(i), sentence(-1 - i), TIP) for i in range(5)]) == [TIP]


def test_the_share_counts():
    """A line on five of a thousand pages may be learned, one on five of two thousand not."""
    rest = [page(*story(i, 1)) for i in range(1995)]
    pages = [page(*story(f"t{i}", 1), TIP) for i in range(5)]
    assert learned(pages + rest[:995]) == [TIP]
    assert learned(pages + rest) == []
    assert learned(pages + rest, share=0.001) == [TIP]


def copies(seed: int, count: int, edits: float, mark: str = "") -> list[str]:
    """One wire story, each copy with another headline (that ends in a mark), cut short or not, words changed, a paragraph left out."""
    rng = random.Random(seed)
    out = []
    for _ in range(count):
        lines = story(seed, 9)
        lines = lines[: rng.randint(1, 9)] if rng.random() < 0.5 else lines
        if len(lines) > 3 and rng.random() < 0.3:
            lines.pop(rng.randrange(len(lines)))
        lines = [" ".join(rng.choice(WORDS) if rng.random() < edits else word for word in line.split()) for line in lines]
        headline = " ".join(rng.choice(WORDS) for _ in range(rng.randint(5, 12))).title()
        out.append(page(headline + mark, *lines))
    return out


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("edits", [0.0, 0.02, 0.08])
@pytest.mark.parametrize("mark", ["", "."])
def test_a_wire_story_teaches_nothing(seed, edits, mark):
    """Forty copies of one story are one document, whatever its headlines, cuts and edits."""
    assert learned(copies(seed, 40, edits, mark)) == []


def test_a_wire_story_among_others_teaches_nothing():
    """Copies of a wire story do not count among a site's other stories either, all with the same tip line below."""
    pages = copies(1, 40, 0.02) + [page(*story(f"x{i}")) for i in range(20)]
    random.Random(1).shuffle(pages)
    assert learned([page(text, TIP) for text in pages]) == [TIP]


def test_copies_do_not_count_for_their_tip_line():
    """A tip line below forty copies of one story is seen in one document."""
    assert learned([page(text, TIP) for text in copies(2, 40, 0.02)]) == []


def test_a_page_without_a_story_is_no_evidence():
    """Pages of nothing but short lines can't be told apart."""
    assert learned([page(f"Story number {i}", TIP) for i in range(40)]) == []


def test_a_heading_is_no_template():
    """What stands in the middle of some articles is left alone; what stands in the middle of most is not the writer's."""
    heading = "What happens next?"
    pages = [page(*story(i, 2), heading, *story(-i, 2)) for i in range(1, 31)]
    rest = [page(*story(f"x{i}")) for i in range(70)]
    assert learned(pages + rest) == []
    assert learned([page(*story(i, 2), "Advertisement", *story(-i, 2)) for i in range(1, 31)]) == ["Advertisement"]
    assert learned([page(*story(i, 2), "Advertisement", *story(-i, 2)) for i in range(1, 15)]) == []


def test_a_headline_that_returns_is_no_template():
    """A short first line may be a headline, so it needs half of the pages; a notice in a sentence does not."""
    pages = [page("Letters to the editor", *story(i)) for i in range(8)]
    rest = [page(*story(f"x{i}")) for i in range(12)]
    assert learned(pages + rest) == []
    assert learned(pages) == ["Letters to the editor"]
    notice = "Our reporting on the flood is free to read for everybody this week."
    assert learned([page(notice, *story(i)) for i in range(8)] + rest) == [notice]


def test_repeated_neighbours_do_not_push_a_line_from_the_edge():
    """A line is at the bottom if all below it is repeated too, in whatever order, or is a short line or two."""
    below = [sentence(f"notice{i}") for i in range(6)]
    rng = random.Random(3)
    pages = [page(*story(i), TIP, *rng.sample(below, 6), "Ann Smith" if i % 2 else "12 comments") for i in range(8)]
    found = learn_templates(pages, site=HOST).entries(HOST)
    assert {TIP, *below} <= {entry.samples[0] for entry in found}
    assert {entry.place for entry in found} == {"bottom"}


def test_prose_below_pushes_a_line_from_the_edge():
    """What an article goes on under is inside of it."""
    pages = [page(*story(i, 2), TIP, *story(-i, 1)) for i in range(1, 9)]
    (entry,) = learn_templates(pages, site=HOST).entries(HOST, evidence=True)
    assert (entry.place, entry.inside, entry.learned) == ("inside", 8, False)


def test_words_of_another_story_are_no_template():
    """A teaser that many pages show is the article on its own page, and its author's name goes with it."""
    teaser = "“We have never seen water come over the mill wall,” said the warden of the sluice."
    pages = [page(*story(i), teaser, "Ann Smith, Herald") for i in range(10)]
    found = learn_templates(pages, site=HOST).entries(HOST, evidence=True)
    assert [(entry.story, entry.learned) for entry in found] == [(True, False)] * 2
    # Beside a line that stands without it too, it says nothing of that.
    pages += [page(*story(f"x{i}"), TIP) for i in range(10)] + [page(*story(f"y{i}"), teaser, TIP) for i in range(2)]
    assert learned(pages) == [TIP]


def test_figures_are_news():
    """A sentence that says other numbers on other pages reports something; a notice with a date does not."""
    pages = [
        page(*story(i), f"The poll of {900 + i} adults was taken by telephone with an error of {i}.{i + 1} points either way.")
        for i in range(10)
    ]
    assert learned(pages) == []
    pages = [page(*story(i), f"This article stands in the issue of March {i + 1}, 20{10 + i}, of the weekly edition.") for i in range(10)]
    assert len(learned(pages)) == 1


def test_near_variants_are_one_entry():
    """Near variants of a line add up to one entry, and each of them is found."""
    pages = [page(*story(i), f"Sign up for the daily letter of the Gazette{' today' * (i % 2)}") for i in range(6)]
    templates = learn_templates(pages, site=HOST)
    (entry,) = templates.entries(HOST)
    assert (entry.documents, len(entry.variants)) == (6, 2)
    for text in pages:
        assert textclean.explain(text, site=HOST, templates=templates, rules=[], languages=["any"]).removals[-1].rule == entry.rule


def test_entries_say_when_and_where():
    """Entries hold counts, share, first and last document, and samples."""
    docs = [{"t": page(*story(i), f"{TIP} {i}"), "host": f"https://{HOST}/{i}", "day": f"2020-01-{9 - i:02}"} for i in range(6)]
    docs.insert(3, {"t": page(*story("x")), "host": HOST, "day": None})
    (entry,) = learn_templates(docs, source="host", text="t", date="day").entries(f"http://{HOST}/else")
    assert (entry.site, entry.documents, entry.place, entry.bottom) == (HOST, 6, "bottom", 6)
    assert entry.share == pytest.approx(6 / 7)
    assert (entry.first, entry.last) == ("2020-01-04", "2020-01-09")
    assert set(entry.samples) <= {doc["t"].split("\n\n")[-1] for doc in docs}
    (entry,) = learn_templates(docs, source="host", text="t").entries(HOST)
    assert (entry.first, entry.last) == (0, 6)


def test_sites_are_apart():
    """A line of one site is not known at another."""
    docs = [{"text": page(*story(i), TIP), "site": f"{i % 2}.example"} for i in range(9)]
    templates = learn_templates(docs, source="site")
    assert [len(templates.entries(name)) for name in ("0.example", "1.example", "2.example")] == [1, 0, 0]
    assert sorted(templates.sites) == ["0.example", "1.example"]
    assert templates.entries() == templates.entries("0.example")


LINES = st.sampled_from(
    [TIP, "Advertisement", "More on this…", "Updated 12 March 2020", "Updated 3 May", "Mail a@b.example", "* * *", "12", "Read more:"]
    + [sentence(f"notice{i}") for i in range(3)]
    + [sentence(f"other{i}", 4) for i in range(3)]
)


@st.composite
def pages(draw: st.DrawFn) -> list[str]:
    """Pages of one site: stories, some of them copies, with lines that many have."""
    out = []
    for i in range(draw(st.integers(2, 12))):
        seed = draw(st.sampled_from([f"s{i}", f"s{i}", "wire"]))
        lines = draw(st.lists(LINES, max_size=2)) + story(seed, draw(st.integers(0, 2))) + draw(st.lists(LINES, max_size=4))
        out.append(page(*lines))
    return out


@given(pages())
def test_same_as_naive(texts):
    """Counts and places are those of the plain definition."""
    templates = learn_templates(texts, site=HOST)
    found = {masked: (line.documents, [line.top, line.inside, line.bottom]) for masked, line in templates.sites[HOST].lines.items()}
    assert found == oracle_templates.learn(texts)


@given(st.one_of(any_text(12), LINES).map(lambda text: " ".join(text.encode("utf-8", "replace").decode().split("\n"))))
def test_mask_is_the_naive_one_and_keeps_what_it_made(line):
    """Masked forms are those of the plain definition, and masking one again changes nothing."""
    found = mask(line)
    assert found == oracle_templates.mask(line)
    assert found is None or mask(found) == found


@given(st.lists(st.one_of(any_text(6), LINES), max_size=8), pages())
def test_cleaning_with_templates_keeps_the_contracts(lines, texts):
    """Idempotent, and every removal accounted for, on any text and any pages."""
    templates = learn_templates(texts, site=HOST, documents=2, inside_documents=2, share=0, inside_share=0)
    text = "\n".join(lines)
    result = textclean.explain(text, site=HOST, templates=templates)
    rest, at = [], 0
    for removal in result.removals:
        assert at <= removal.start < removal.end <= len(text)
        rest.append(text[at : removal.start])
        at = removal.end
    assert textclean.normalize("".join(rest) + text[at:]) == result.text
    assert (
        textclean.clean(result.text, site=HOST, templates=templates) == result.text == textclean.clean(text, site=HOST, templates=templates)
    )


@pytest.fixture(scope="module")
def templates() -> Templates:
    """A site with a tip line below its articles."""
    return learn_templates([page(*story(i), TIP) for i in range(6)], site=HOST)


def test_a_template_is_cut_and_named(templates):
    """The removal says kind, entry and share."""
    text = page(*story("new"), TIP)
    result = textclean.explain(text, site=f"https://{HOST}/a", templates=templates)
    (entry,) = templates.entries(HOST)
    assert result.text == page(*story("new"))
    (removal,) = result.removals
    assert (removal.kind, removal.rule, removal.score, removal.text) == ("template", entry.rule, 1.0, TIP)
    assert entry.rule == f"template/{HOST}/{entry.id}"


def test_only_where_it_belongs(templates):
    """A line learned at the bottom is not removed in the middle, nor from a text of any other site."""
    text = page(*story("a"), TIP, *story("b"))
    assert textclean.clean(text, site=HOST, templates=templates) == text
    text = page(*story("a"), TIP)
    assert textclean.clean(text, site="other.example", templates=templates) == text == textclean.clean(text)


def test_templates_can_be_kept(templates):
    """Templates can be kept with keep_kinds, as any kind can."""
    text = page(*story("a"), TIP)
    assert textclean.clean(text, site=HOST, templates=templates, keep_kinds={"template"}) == text


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    "source",
    [HOST, lambda: [HOST] * 200, lambda: iter([HOST] * 200), lambda: lambda text: HOST],
    ids=["constant", "list", "iterator", "callable"],
)
def test_clean_many(templates, source, workers):
    """`clean_many` gives the same for each way to name the sites of its texts."""
    texts = [page(*story(i), TIP) for i in range(200)]
    given_source = source if isinstance(source, str) else source()
    assert [str(c) for c in textclean.clean_many(texts, site=given_source, templates=templates, workers=workers)] == [
        page(*story(i)) for i in range(200)
    ]


def test_clean_many_of_several_sources(templates):
    """In `clean_many` each text has its own site, and bad items don't shift the sites of those after them."""
    texts = [page(*story(0), TIP), None, page(*story(1), TIP), page(*story(2), TIP)]
    found = textclean.clean_many(texts, site=[None, HOST, HOST, "other"], templates=templates, on_error="skip", workers=1)
    assert [TIP in str(c) for c in found] == [True, False, True]


def test_too_few_sources(templates):
    """Fewer sites than texts are refused."""
    with pytest.raises(textclean.TextcleanError, match="fewer items than there are texts"):
        list(textclean.clean_many(["a", "b"], site=[HOST], templates=templates))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"templates": "t.json", "site": HOST}, "a textclean.Templates is needed"),
        ({"templates": True}, "without site"),
        ({"templates": True, "site": 1}, "site=1"),
    ],
)
def test_bad_options(templates, options, message):
    """Options with a value that they can't have are refused at once."""
    options = {name: templates if value is True else value for name, value in options.items()}
    with pytest.raises(ValueError, match=message):
        textclean.clean("a", **options)
