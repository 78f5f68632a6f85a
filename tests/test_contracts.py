"""What the library guarantees for every text: removals are accounted for, results are at rest and the same everywhere."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import assembled
import contracts
import oracle
import strategies
import textclean
from textclean import Kind

LINE = "The harbour was closed on Monday after the storm broke two of the three cranes on the northern quay, officials said."
LONGER = f"In the morning nobody knew what had happened. {LINE} Nobody was hurt, and the ferries will run again from Thursday."

FERRY = strategies.SENTENCES[0]
REST = " ".join(strategies.SENTENCES[n] for n in (2, 1, 1, 5))


@given(strategies.texts())
def test_removals_are_sorted_disjoint_and_in_bounds(text):
    """Removed stretches stand in the order of the source, do not overlap, are not empty and lie inside it."""
    at = 0
    for removal in textclean.explain(text).removals:
        assert at <= removal.start < removal.end <= len(text)
        at = removal.end


@given(strategies.texts())
@example("\ud800😀 é\r\n\u2029\tShare this \x0b👩\u200d💻\n\nLeave a Reply")
def test_removals_are_whole_lines(text):
    """A removal begins where a line of the naive split begins, and ends where one ends, in code points; so do its witnesses."""
    lines = oracle.lines(text)
    starts, ends = {line.start for line in lines}, {line.end for line in lines}
    for removal in textclean.explain(text).removals:
        for start, end in [(removal.start, removal.end), *removal.witness]:
            assert start in starts
            assert end in ends


@given(strategies.texts())
def test_removal_has_the_text_of_its_span(text):
    """A removal's text is the source between its start and its end."""
    for removal in textclean.explain(text).removals:
        assert removal.text == text[removal.start : removal.end]


@given(strategies.texts())
@example("Share\r\nBy Ann Smith\rTeilen\n\u2029Leave a Reply")
@example(
    "\n".join(["The first of several lines that were filled to a margin by a pro-", "Advertisement", "gram, as mail was; it goes on here."])
)
def test_text_is_the_source_without_what_was_removed(text):
    """The source with its removed stretches cut out, normalized, is the result."""
    result = textclean.explain(text)
    assert textclean.normalize(oracle.without(text, result.removals)) == result.text


@given(strategies.texts(), st.sets(st.sampled_from(sorted(Kind))))
def test_text_is_the_source_without_what_was_removed_whatever_is_dropped(text, kinds):
    """The same when only some kinds are dropped, and nothing of another kind is removed."""
    result = textclean.explain(text, drop_kinds=kinds)
    assert textclean.normalize(oracle.without(text, result.removals)) == result.text
    assert {removal.kind for removal in result.removals} <= kinds


@given(strategies.texts())
def test_clean_is_idempotent(text):
    """Cleaning a clean text changes nothing."""
    once = textclean.clean(text)
    assert textclean.clean(once) == once


# Pages that were not at rest once: what follows a cut at the top stood below a blank line for one step and not when it was read again;
# copies of the headline stood further down than was looked, until what stood between was cut; a byline came to be one in a later round.
@given(strategies.pages(), st.sampled_from(["auto", "article", "page"]))
@example("By Ann Smith\n" + "\n".join([LINE, LONGER, "A second line."]), "auto")
@example("\n".join([*["Ferry Cancelled for Third Day", "By Ann Smith"] * 2, "Home", "By Ann Smith"]), "auto")
@example("\n".join(["Swans on the pond", *["Share this"] * 520, "Swans on the pond", LINE, LONGER]), "auto")
@example("\n".join(["Radio four", *["Radio four", "Share this"] * 3, "News", "Radio four", "Weather", "Radio four", LINE, LONGER]), "auto")
def test_cleaning_a_page_is_idempotent(text, mode):
    """The same of pages that are put together from the lines of several, however they are read."""
    once = textclean.clean(text, page=mode)
    assert textclean.clean(once, page=mode) == once


@given(strategies.texts(), st.sets(st.sampled_from(sorted(Kind))), st.booleans(), st.booleans())
def test_clean_is_idempotent_whatever_is_asked(text, kinds, unwrap, repeats):
    """The same with any choice of kinds and steps."""
    options = {"keep_kinds": kinds, "unwrap": unwrap, "repeats": repeats}
    once = textclean.clean(text, **options)
    assert textclean.clean(once, **options) == once


MADE_UP = assembled.made_up()
KNOWN_SITES = textclean.learn_templates(MADE_UP, source="site")


def smallest(text, options, **site):
    """What does not hold of a text, with the smallest text of which it does not hold."""
    found = contracts.faults(text, options, **site)
    return found and (found, contracts.smallest(text, lambda part: found[0] in contracts.faults(part, options, **site)))


@pytest.mark.parametrize("seed", range(20))
def test_assembled_pages_keep_the_contracts(seed):
    """Pages put together from the lines of others, with code, markup, filled and broken lines and damage, are accounted for and at rest."""
    random = Random(seed * 1_000_003 + int(os.environ.get("TEXTCLEAN_SEED", "0")))
    mode = sorted(contracts.MODES)[seed % len(contracts.MODES)]
    texts = [assembled.assembled(random, [page["text"] for page in random.choices(MADE_UP, k=2)]) for _ in range(100)]
    found = contracts.faults_of_many(texts, contracts.MODES[mode])
    assert [smallest(text, contracts.MODES[mode]) for text, faults in zip(texts, found, strict=True) if faults] == []


@pytest.mark.parametrize("options", [{}, {"page": "page"}, {"line_model": False}], ids=["auto", "page", "no-model"])
def test_assembled_pages_of_known_sites_keep_the_contracts(options):
    """The same where templates of their sites are known."""
    random = Random(5)
    pages = [random.choices(MADE_UP, k=2) for _ in range(200)]
    texts, sites = [assembled.assembled(random, [page["text"] for page in two]) for two in pages], [two[0]["site"] for two in pages]
    found = contracts.faults_of_many(texts, options, site=sites, templates=KNOWN_SITES)
    several = zip(texts, sites, found, strict=True)
    assert [smallest(text, options, site=site, templates=KNOWN_SITES) for text, site, faults in several if faults] == []


def test_a_broken_contract_would_be_seen(monkeypatch):
    """If cleaning took the last line each time and accounted for none, the search would say so, and show it in as few lines as it takes."""

    def greedy(text, **options):
        lines = text.split("\n")
        return SimpleNamespace(text="\n".join(lines[:-1] if len(lines) > 3 else lines), removals=[], to_dict=dict)

    monkeypatch.setattr(textclean, "explain", greedy)
    text = "\n".join(f"Line {i} of the page" for i in range(9))
    found = contracts.faults(text, {})
    assert {"rest: cleaning the result changes it", "same: clean and explain differ"} <= set(found)
    assert "account: the text without its spans, normalized, is not the result" in found
    # Of five lines four are left, and of these three.
    assert contracts.smallest(text, lambda part: "rest: cleaning the result changes it" in contracts.faults(part, {})).count("\n") == 4


# What a decision looked at was not what whoever reads the result sees. A line that was code beside a tag was none once the tag was gone,
# and kept its white space; the parts of a sentence kept lines of code apart until they were put together; what a cut leaves of HTML was
# looked at with blanks in place of what went; a line that was read anew had a removal inside of it.
@pytest.mark.parametrize("mode", ["default", "page", "no model", "loose", "lines as they are"])
@pytest.mark.parametrize(
    "text",
    [
        "```<b>next\n```\n ```",
        "```<p>\n```\n ```",
        "The board met again and it was closed on the third day of\nkey:\nreturn\nlast\n?\na\tb\n  c\td",
        "The first words of a line and\n<html>tt<br>2",
        "<html>tt<br>2",
        "By\n<o\nKomentar\n>FacebookTwitter<li>i<ul><!doctype>",
        "m\n<br><!doctype><i>\nSend a tip to the news team\n<e>Red re<div s=>",
        "&#60;b&#2;\n<!-->\r©.\rtt<br>e</script><!doctype>",
    ],
)
def test_what_is_decided_is_what_is_read_again(text, mode):
    """Code is looked for among lines as they come out, and HTML in exactly what a cut leaves."""
    assert contracts.faults(text, contracts.MODES[mode]) == []


def test_a_line_without_code_beside_it_loses_its_indent():
    """What reads as code only until a tag is gone is repaired as text is."""
    assert textclean.normalize("```<b>next\n```\n   a   line") == "```next\n```\na line"


def test_a_removal_takes_in_those_inside_of_it():
    """Where a text is HTML only once something is cut, a line of it may go on behind the cut; it goes as one removal."""
    text = "By\n<o\nKomentar\n>FacebookTwitter<li>i<ul><!doctype>"
    spans = [(removal.start, removal.end) for removal in textclean.explain(text, line_model=False).removals]
    assert spans == [(0, 2), (3, 31)]


@given(strategies.texts())
@example("\n\n".join([LINE, LINE, LONGER]))
@example("\n\n".join([LINE, LONGER, LINE]))
@example("\n\n".join([LONGER, LINE, LINE]))
def test_witnesses_are_kept(text):
    """What a repeat repeats stays in the text: no witness overlaps a removed stretch."""
    removals = textclean.explain(text).removals
    for removal in removals:
        for start, end in removal.witness:
            assert 0 <= start < end <= len(text)
            assert not [other for other in removals if start < other.end and other.start < end]


@given(strategies.articles())
@example("\n\n".join(["Headline of the day", LINE, LINE]))
def test_repeats_have_a_witness(text):
    """Each repeat names what it repeats, and nothing else names a witness."""
    for removal in textclean.explain(text).removals:
        assert bool(removal.witness) == removal.kind.startswith("repeat-")
        assert 0 < removal.score <= 1


@given(strategies.articles(damaged=False))
@example("\n\n".join(["Headline of the day", LINE, LONGER, LINE]))
def test_exact_repeats_are_in_what_stays(text):
    """What is dropped as verbatim stays elsewhere: the same again, or in the paragraphs that cover both."""
    result = textclean.explain(text, drop_kinds=[kind for kind in Kind if kind.startswith("repeat-")])
    for removal in result.removals:
        if removal.rule == "verbatim":
            gone = textclean.normalize(removal.text)
            kept = [textclean.normalize(text[start:end]) for start, end in removal.witness]
            same = len(kept) == 1 and oracle.same_tokens(gone, kept[0])
            assert same or oracle.coverage(gone, result.text.split("\n")) >= 0.95


@given(strategies.articles(damaged=False))
@example("\n\n".join(["Headline of the day", f"{LINE} {LONGER}", LINE, LONGER]))
@example("\n".join(["Headline of the day", FERRY, f"{FERRY} {REST} “We", f"{FERRY} {REST} “We h", REST]))
def test_covered_repeats_are_covered(text):
    """What is dropped as covered is covered by what stays, to the share that its score says."""
    result = textclean.explain(text, drop_kinds=[kind for kind in Kind if kind.startswith("repeat-")], repeat_matching="loose")
    for removal in result.removals:
        if removal.rule == "covered":
            share = oracle.coverage(textclean.normalize(removal.text), result.text.split("\n"))
            assert share >= removal.score - 1e-4
            assert removal.score >= 0.95


def test_each_witness_of_a_covered_repeat_may_say_little():
    """With loose matching, a repeat that many units cover, each a few words of it, names them all."""
    words = "harbour crane ferry board quay storm repair insurer diver basin shed town".split()
    others = [[f"{name}{i}" for i in range(6)] for name in ("one", "two", "three", "four", "five")]
    paragraphs = [
        " ".join(["The", *other, *words[at : at + 4], *other[::-1]]) + "." for at, other in zip(range(0, 10, 2), others, strict=True)
    ]
    (removal,) = textclean.explain("\n\n".join([*paragraphs, " ".join(words) + "."]), repeat_matching="loose").removals
    assert (removal.rule, len(removal.witness)) == ("covered", 5)


@given(strategies.articles(damaged=False))
@example("\n\n".join(["Headline of the day", LONGER, LONGER.replace("morning", "evening")]))
def test_near_repeats_are_near(text):
    """With loose matching, a near repeat has the Jaccard similarity that it says, at or over the threshold, and the same numbers."""
    for removal in textclean.explain(text, repeat_matching="loose", near_threshold=0.6).removals:
        if removal.kind is Kind.REPEAT_NEAR:
            ((start, end),) = removal.witness
            gone, kept = textclean.normalize(removal.text), textclean.normalize(text[start:end])
            assert oracle.jaccard(gone, kept) == pytest.approx(removal.score, abs=1e-4)
            assert removal.score >= 0.6
            assert [c for c in gone if unicodedata.category(c)[0] == "N"] == [c for c in kept if unicodedata.category(c)[0] == "N"]


@given(strategies.texts())
def test_result_is_json(text):
    """What explain gives can be written as JSON and read again."""
    result = textclean.explain(text)
    read = json.loads(json.dumps(result.to_dict()))
    # Two lone surrogates in a row are one character once JSON is read.
    assert read == result.to_dict() or any("\ud800" <= c <= "\udfff" for c in text)
    assert list(read) == ["text", "removals", "fields", "fixes"]


@given(strategies.texts())
def test_fields_are_lines_of_the_text(text):
    """What is recognised is named by the seven names, clean, and stood in the text."""
    fields = textclean.explain(text).fields
    assert set(fields) <= {"title", "byline", "author", "dateline", "date", "section", "caption"}
    for value in fields.values():
        assert textclean.normalize(value) == value
        assert value


# One table of texts for every entrance.

TABLE = {
    "empty": "",
    "white-space": " \n\t\n\xa0",
    "one-line": "One line.",
    "article": "\n\n".join(["Politics", *[strategies.HEADLINES[0]] * 2, "By Ann Smith", LONGER, LINE, "Leave a Reply", "*"]),
    "surrogates": "a \ud800 b\n\n\udfff\ud83d\ude42\n\nShare",
    "nul-and-controls": "a\x00b\x1b[31mc\x07\r\rShare\x0bTeilen\x0c" + LINE,
    "mojibake": "doesnÃ¢â‚¬â„¢t &amp;amp; schÃ¶n\n\n<b>Share</b>\n\n" + LINE,
    "wrapped": "\n".join(
        [
            "The committee met on Tuesday to discuss the new proposals for the",
            "harbour, which had been delayed since the spring by a lack of infor-",
            "mation about the cost of the work and about who was going to pay.",
        ]
    ),
    "right-to-left": "مرحبا بالعالم\n\nשלום עולם\u202e\n\n" + strategies.SENTENCES[-1],
    "emoji": "👩\u200d💻 🏴\U000e0067\U000e0062\U000e007f 🇩🇪\n\n" + LINE + "\n\n" + LINE,
    "every-sentence": "\n\n".join(strategies.SENTENCES + strategies.FURNITURE + strategies.SENTENCES),
}


def account(cleaned):
    """All that is known of a cleaned text, as JSON."""
    return json.dumps(cleaned.to_dict(), sort_keys=True)


EXPECTED = {name: account(textclean.explain(text)) for name, text in TABLE.items()}


def through_clean(texts):
    """Only the text comes out of `clean`; the rest is not compared."""
    out = []
    for text in texts:
        cleaned = textclean.explain(text).to_dict()
        out.append(json.dumps(cleaned | {"text": textclean.clean(text)}, sort_keys=True))
    return out


ENTRANCES = {
    "clean": through_clean,
    "explain": lambda texts: [account(textclean.explain(text)) for text in texts],
    "explain-config": lambda texts: [account(textclean.explain(text, textclean.Config())) for text in texts],
    "clean_many-1": lambda texts: [account(c) for c in textclean.clean_many(texts, workers=1)],
    "clean_many-2": lambda texts: [account(c) for c in textclean.clean_many(texts, workers=2)],
    "clean_many-8": lambda texts: [account(c) for c in textclean.clean_many(texts, workers=8)],
    "clean_many-default": lambda texts: [account(c) for c in textclean.clean_many(texts)],
    "clean_many-generator": lambda texts: [account(c) for c in textclean.clean_many(text for text in texts)],
    "clean_many-backwards": lambda texts: [account(c) for c in textclean.clean_many(texts[::-1], workers=2)][::-1],
    "clean_many-keep": lambda texts: [account(c) for c in textclean.clean_many(texts, on_error="keep")],
}


@pytest.mark.parametrize("entrance", ENTRANCES.values(), ids=ENTRANCES)
def test_same_through_every_entrance(entrance):
    """Every text comes out the same whichever way it goes in."""
    assert entrance(list(TABLE.values())) == list(EXPECTED.values())


@pytest.mark.parametrize("name", TABLE)
def test_every_entrance_keeps_the_contracts(name):
    """Each text of the table is at rest once it is clean, and what went is accounted for."""
    result = textclean.explain(TABLE[name])
    assert textclean.clean(result.text) == result.text
    assert textclean.normalize(oracle.without(TABLE[name], result.removals)) == result.text


@settings(max_examples=25)
@given(st.lists(strategies.texts(), max_size=40), st.sampled_from([1, 2, 8]))
def test_same_alone_and_among_others(texts, workers):
    """Texts that go through together do not see each other."""
    assert [account(c) for c in textclean.clean_many(texts, workers=workers)] == [account(textclean.explain(text)) for text in texts]


def test_same_on_many_threads():
    """Threads of the caller's that clean at once get what each would get alone."""
    names = list(TABLE) * 20
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda name: account(textclean.explain(TABLE[name])), names)) == [EXPECTED[name] for name in names]


# Pickle carries lone surrogates as they are; JSON would join two of them to one character.
_CHILD = """
import json, pickle, sys, textclean
texts = pickle.load(sys.stdin.buffer)
print(json.dumps([json.dumps(textclean.explain(t).to_dict(), sort_keys=True) for t in texts]))
"""


def run_child(script, **environment):
    """What a script prints that is given the table, in a process of its own."""
    child = subprocess.run(
        [sys.executable, "-P", "-c", script],
        input=pickle.dumps(list(TABLE.values())),
        capture_output=True,
        check=False,
        env=os.environ | environment,
        timeout=120,
    )
    assert child.returncode == 0, child.stderr.decode()
    return json.loads(child.stdout)


@pytest.mark.parametrize("seed", ["0", "1", "4294967295"])
def test_same_with_another_hash_seed(seed):
    """The result does not depend on PYTHONHASHSEED, nor on the process."""
    assert run_child(_CHILD, PYTHONHASHSEED=seed) == list(EXPECTED.values())


_FORK = """
import json, multiprocessing, pickle, sys, textclean
texts = pickle.load(sys.stdin.buffer)
account = lambda c: json.dumps(c.to_dict(), sort_keys=True)
many = lambda workers: [account(c) for c in textclean.clean_many(texts, workers=workers)]
def child(queue):
    queue.put(many(1))
    queue.put(many(2))
before = many(2)
context = multiprocessing.get_context("fork")
queue = context.Queue()
process = context.Process(target=child, args=(queue,))
process.start()
results = [before, queue.get(timeout=60), queue.get(timeout=60), many(2)]
process.join(60)
assert process.exitcode == 0, process.exitcode
print(json.dumps(results))
"""


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
def test_same_after_a_fork():
    """A forked child of a process that has used threads cleans as its parent does, with threads of its own too."""
    assert run_child(_FORK) == [list(EXPECTED.values())] * 4
