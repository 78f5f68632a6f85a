"""What a document says twice, and what only looks so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle
import oracle_repeats
import strategies
import textclean


def source_of(case):
    """The paragraphs of a case as a document."""
    return case.get("between", "\n\n").join(case["input"])


@pytest.mark.cases("repeats.json")
def test_cases(case):
    """Each case keeps the paragraphs that it says, and names the others as it says."""
    result = textclean.explain(source_of(case), **case.get("options", {}))
    assert [line for line in result.text.split("\n") if line] == case["expected"], case["comment"]
    assert [f"{r.kind} {r.rule}" for r in result.removals] == case.get("removed", []), case["comment"]


@pytest.mark.cases("repeats.json")
def test_without_repeats(case):
    """With repeats off, no repeat is removed."""
    result = textclean.explain(source_of(case), **case.get("options", {}) | {"repeats": False})
    assert [r for r in result.removals if r.kind.startswith("repeat-")] == []


@pytest.mark.cases("repeats.json")
def test_witness_is_kept_text(case):
    """Each repeat names spans of the source whose text is in the result."""
    source = source_of(case)
    result = textclean.explain(source, **case.get("options", {}))
    for removal in result.removals:
        assert removal.witness
        for start, end in removal.witness:
            assert textclean.normalize(source[start:end]) in result.text


ARTICLE = "\n\n".join(["The flood at the mill", *strategies.SENTENCES[:8]])


@given(st.integers(0, 7), st.integers(1, 8))
def test_a_paragraph_put_in_again_goes(number, place):
    """A paragraph of an article that is put in once more, wherever, is removed once; the article stays."""
    paragraphs = ARTICLE.split("\n\n")
    again = paragraphs[number + 1]
    result = textclean.explain("\n\n".join([*paragraphs[: place + 1], again, *paragraphs[place + 1 :]]))
    assert sorted(result.text.split("\n\n")) == sorted(paragraphs)
    assert [r.kind for r in result.removals] == ["repeat-exact"]
    assert result.removals[0].text == again


@given(st.lists(st.integers(0, 7), min_size=2, max_size=4, unique=True), st.booleans())
def test_a_stitched_teaser_goes(numbers, in_front):
    """A teaser stitched from whole paragraphs goes, wherever it stands; never the paragraphs."""
    paragraphs = ARTICLE.split("\n\n")
    teaser = " ".join(paragraphs[n + 1] for n in numbers)
    texts = [paragraphs[0], teaser, *paragraphs[1:]] if in_front else [*paragraphs, teaser]
    result = textclean.explain("\n\n".join(texts))
    assert result.text == ARTICLE
    assert [(r.kind, r.text) for r in result.removals] == [("repeat-contained", teaser)]
    assert len(result.removals[0].witness) == len(numbers)


@given(st.lists(st.sampled_from(strategies.SENTENCES[:10]), min_size=1, max_size=10, unique=True))
def test_nothing_goes_that_is_said_once(sentences):
    """An article whose paragraphs are all different stays whole."""
    text = "\n\n".join(["The flood at the mill", *sentences])
    assert textclean.clean(text) == text


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=40), max_size=12))
def test_short_lines_are_safe(lines):
    """Lines of fewer than ten words stay, however often they come."""
    short = [" ".join(line.split()[:9]) for line in lines]
    result = textclean.explain(
        "\n".join(["A headline", "An opening that is long enough to end the head of this page, as prose does.", *short, *short])
    )
    below = [r for r in result.removals if r.kind.startswith("repeat-")]
    assert [r.text for r in below if len(oracle.tokens(r.text)) < 10] == []


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 1.0])
def test_threshold(threshold):
    """With loose matching a paragraph goes as near from the threshold on, and not below it; with strict matching, at none."""
    first = "The council has set aside money for repairs, a third of what the engineers of the port say is needed to close the wall again."
    second = first.replace("engineers of the port", "surveyors of the town")
    similarity = oracle.jaccard(first, second)
    assert 0.5 < similarity < 0.8
    text = f"A headline\n\n{first}\n\n{second}"
    removals = textclean.explain(text, repeat_matching="loose", near_threshold=threshold).removals
    assert [r.kind for r in removals] == (["repeat-near"] if similarity >= threshold else [])
    assert textclean.explain(text, near_threshold=threshold).removals == []


@pytest.mark.parametrize("words", [3, 10, 18, 19, 100])
def test_min_words(words):
    """A repeated paragraph goes if it has at least so many tokens."""
    sentence = strategies.SENTENCES[0]
    assert len(oracle.tokens(sentence)) == 18
    removals = textclean.explain(f"A headline\n\n{sentence}\n\n{sentence}", min_words=words).removals
    assert len(removals) == (words <= 18)


#: Changes of a sentence, of which each makes it say something else, or the same.
CHANGES = {
    "a name": lambda words: [*words[:1], "Ann", *words[2:]],
    "a word more": lambda words: [*words[:4], "never", *words[4:]],
    "a word less": lambda words: words[:3] + words[4:],
    "two words the other way round": lambda words: [*words[:3], words[4], words[3], *words[5:]],
    "a number": lambda words: [*words[:5], "40", *words[5:]],
    "capitals": lambda words: [word.upper() for word in words],
    "nothing": lambda words: words,
}
SENTENCES = [sentence for sentence in strategies.SENTENCES if sentence.isascii() and sentence.endswith(".") and ". " not in sentence]
PIECES = st.tuples(st.sampled_from(SENTENCES), st.sampled_from(["nothing", "nothing", "nothing", *CHANGES])).map(
    lambda piece: " ".join(CHANGES[piece[1]](piece[0].split()))
)
#: A paragraph, a pull quote, a teaser: sentences, perhaps changed, perhaps cut.
UNITS = st.tuples(st.lists(PIECES, min_size=1, max_size=4), st.integers(0, 30), st.sampled_from(["", "", "...", "…"])).map(
    lambda unit: text[: -unit[1]].rstrip(" .") + unit[2] if (text := " ".join(unit[0])) and unit[2] and unit[1] else text
)
#: Paragraphs of sentences as they are.
PARAGRAPHS = st.lists(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3, unique=True).map(" ".join), min_size=1, max_size=4, unique=True
)


@given(UNITS, PARAGRAPHS)
def test_what_goes_is_what_the_naive_rule_lets_go(unit, others):
    """A paragraph that is longer than each of the others goes if they say all that it says, and only then."""
    longer = all(len(oracle.tokens(unit)) > len(oracle.tokens(other)) for other in others)
    removals = textclean.explain("\n\n".join(["A headline", unit, *others]), line_model=False, unwrap=False).removals
    gone = [r for r in removals if r.start == len("A headline\n\n")]
    if gone:
        assert oracle_repeats.is_said_by(unit, others)
    elif longer and len(others) > 1 and not any(oracle_repeats.is_said_by(other, [unit]) for other in others):
        assert not oracle_repeats.is_said_by(unit, others)


@given(st.lists(UNITS, min_size=2, max_size=8))
def test_everything_that_goes_is_said_by_what_stays(units):
    """Whatever the page, what went as a repeat is said, in that order, by lines of the result; and the result is at rest."""
    source = "\n\n".join(["A headline", *units])
    result = textclean.explain(source, line_model=False, unwrap=False)
    # A copy of a line that stays says what that says: a teaser may have been stitched from both.
    left = result.text.split("\n") + [r.text for r in result.removals if r.rule == "verbatim"]
    for removal in result.removals:
        if removal.rule != "verbatim" and removal.kind.startswith("repeat-"):
            assert oracle_repeats.is_said_by(textclean.normalize(removal.text), left)
    assert textclean.clean(result.text, line_model=False, unwrap=False) == result.text


@pytest.mark.parametrize("times", [2, 3, 4, 5, 40])
def test_a_question_that_is_asked_again_and_again_stays(times):
    """However often a line comes between other text, all of it stays."""
    question = "What would you change about the way in which the town deals with the river every spring?"
    asked = [line for number in range(times) for line in (question, f"Answer {number} of those who live below the wall: build it higher.")]
    assert textclean.clean("\n\n".join(["A headline", *asked])) == "\n\n".join(["A headline", *asked])


QUOTED = [
    "We have never seen water come over the mill wall before, and I have lived here for eighty years.",
    "My father kept a boat in the loft for such a day, and everybody in the street laughed at him for it.",
]
#: What stands above two copies of a text, and below the second: where the second has a place of its own, and where it is only said again.
OF_ITS_OWN = {
    "a quoted post": (
        "Eva, 3 March",
        "Jan wrote:",
        "That is true, but the wall was lower then, and nobody had built on the meadow behind it.",
    ),
    "a quoted post, German": (
        "Eva",
        "Jan schrieb:",
        "Das stimmt, aber damals war die Mauer niedriger, und auf der Wiese stand noch kein Haus.",
    ),
    "an answer": (
        "About the river",
        "What did the people of the lower town see that night?",
        "The ferry was cancelled on Tuesday, says the port.",
    ),
    "an answer, Spanish": ("El río", "¿Qué vieron aquella noche?", "El transbordador no salió el martes, dice el puerto."),
    "an answer, Japanese": ("川について", "その夜、何が見えましたか？", "火曜日に船は出ませんでした。"),
    "a section": ("The basic package", "The package for families", "The package for schools"),
    "a section at the end": ("The first evening", "The second evening", None),
}
SAID_AGAIN = {
    "a quotation with its name, twice": (
        "Eva wrote:",
        "Eva wrote:",
        "A spokesman for the port said that the cranes would be inspected before any ship is unloaded.",
    ),
    "a section, twice": ("The basic package", "The basic package", None),
    "amid prose": (
        "The flood",
        "The ferry was cancelled on Tuesday because of high winds, for the third day in a row.",
        "Nobody was hurt.",
    ),
    "below a caption": (
        "The flood",
        "The wall on Monday",
        "A spokesman for the port said that the cranes would be inspected before any ship is unloaded.",
    ),
}
BETWEEN = "Residents of the lower town were told to keep sandbags at their doors until the river falls, and to sleep upstairs."


def _said_twice(above, again, below, paragraphs):
    return "\n\n".join(["The river and the town", above, *paragraphs, BETWEEN, again, *paragraphs, *([below] if below else [])])


@pytest.mark.parametrize("name", OF_ITS_OWN)
@pytest.mark.parametrize("count", [1, 2])
def test_a_copy_with_a_place_of_its_own_stays(name, count):
    """What a quotation, an answer or a section consists of stays, though it was said before: without it, its heading hangs in the air."""
    text = _said_twice(*OF_ITS_OWN[name], QUOTED[:count])
    assert textclean.clean(text) == text


@pytest.mark.parametrize("name", SAID_AGAIN)
@pytest.mark.parametrize("count", [1, 2])
def test_a_copy_without_one_goes(name, count):
    """What is said again below the same line, or amid other text, goes."""
    text = _said_twice(*SAID_AGAIN[name], QUOTED[:count])
    assert [r.text for r in textclean.explain(text).removals] == QUOTED[:count]


def test_the_clauses_of_each_section_stay():
    """Several lines that come again in each section are structure, as one is; a block that comes again with nothing new in it is none."""
    clauses = [
        "The tenant shall pay for any damage that is done to the wall in this time.",
        "The keys stay with the warden of the port until the lease has come to its end.",
    ]
    sections = [
        line
        for name in ("mill", "sluice", "meadow")
        for line in (f"The {name} is let for ten years, to whoever offers most for it.", *clauses)
    ]
    text = "\n\n".join(["A lease of three parts", *sections])
    assert textclean.clean(text, min_words=8) == text
    again = "\n\n".join(["A lease of one part", *sections[:3] * 3])
    assert textclean.clean(again, min_words=8) == "\n\n".join(["A lease of one part", *sections[:3]])


TOKEN_TEXTS = st.one_of(
    st.sampled_from(strategies.SENTENCES),
    st.lists(st.sampled_from([*strategies.SCRIPTS, "the", "mill", "n42", "e\u0301"]), max_size=9).map(" ".join),
)


@given(TOKEN_TEXTS, TOKEN_TEXTS)
def test_tokens_are_the_naive_tokens(first, second):
    """Paragraphs are exact repeats where the naive tokens are the same, and only there."""
    sentence = "This paragraph begins with a sentence that is long enough to be prose by itself, and goes on: "
    one, two = (textclean.normalize(sentence + text + " – and it ends like that, once more.") for text in (first, second))
    removals = textclean.explain(f"A headline\n\n{one}\n\n{two}", unwrap=False).removals
    assert ("verbatim" in [r.rule for r in removals]) == oracle.same_tokens(one, two)
