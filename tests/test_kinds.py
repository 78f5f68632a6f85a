"""Kinds are named wherever an answer depends on them: one that is added anywhere changes no answer."""

from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path

import pytest

import stories
import textclean
from test_linemodel import FOOTER, MENU, STORY, TEASERS, TITLE
from textclean import Kind
from textclean.document import KINDS, kind_mask, kind_number
from textclean.model import reader as linemodel

SEEDS = Path(__file__).parents[1] / "seeds"
#: Kinds that get a number of their own before the first, and in the middle, of those that there are.
MADE_UP = ("made-up-first", "made-up-middle")

#: What another process does, `cleaned` aside: it has the kinds that its first argument lists put among those of the package.
PATCHED = """
import ast, importlib.abc, importlib.util, json, pickle, sys

class Finder(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    def find_spec(self, name, path, target=None):
        if name != "textclean.document":
            return None
        self.path = importlib.util.spec_from_file_location(name, path[0] + "/document.py").origin
        return importlib.util.spec_from_loader(name, self, origin=self.path)

    def get_filename(self, name):
        return self.path

    def get_data(self, path):
        with open(path, "rb") as file:
            return file.read()

    def source_to_code(self, data, path, **_):
        tree = ast.parse(data)
        (kinds,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Kind"]
        at = [i for i, node in enumerate(kinds.body) if isinstance(node, ast.Assign)]
        for kind, place in zip(json.loads(sys.argv[1]), (at[0], at[len(at) // 2] + 1)):
            kinds.body.insert(place, ast.parse(f"{kind.replace('-', '_').upper()} = {kind!r}").body[0])
        return compile(ast.fix_missing_locations(tree), path, "exec")

sys.meta_path.insert(0, Finder())
import textclean
from textclean.document import KINDS

asked = pickle.load(sys.stdin.buffer)
"""

CLEANED = '''
def cleaned(textclean, texts, site, own):
    """Everything that is said of some texts, in several ways of cleaning them."""
    templates = textclean.learn_templates([{"text": text} for text in site], source=lambda _: "example.org")
    ways = [{}, {"page": "page"}, {"keep_kinds": ["related", "byline", "comments"]}, {"line_model": False}, {"rules": [own]}]
    ways.append({"drop_kinds": list(textclean.Kind)})
    answers = [textclean.explain(text, **way).to_dict() for text in texts for way in ways]
    for result in textclean.clean_many(site, templates=templates, site="example.org", workers=1):
        answers.append(result.to_dict() | {"removed": {str(kind): count for kind, count in result.removed.items()}})
    return answers
'''
_HERE: dict = {}
exec(CLEANED, _HERE)


def rule_lines():
    """A few lines of each kind that rules match, in all languages."""
    lines: dict[str, list[str]] = {}
    for path in sorted(resources.files("textclean").joinpath("rules").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".toml"):
            for rule in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]:
                lines.setdefault(rule["kind"], []).extend(rule.get("match", ()))
    return lines


def pages():
    """Pages full of what rules know, menus and teasers, and articles."""
    draw, lines = random.Random(5), rule_lines()
    story = STORY.split("\n")

    def some(count):
        return [draw.choice(lines[draw.choice(sorted(lines))]) for _ in range(draw.randrange(count))]

    made = []
    for number in range(120):
        menu = draw.sample(MENU, draw.randrange(len(MENU)))
        teasers = draw.sample(TEASERS, draw.randrange(len(TEASERS)))
        body = [part for line in draw.sample(story, draw.randrange(2, len(story) + 1)) for part in (line, *some(3))]
        notice = (
            f"On day {number} of the works {draw.randrange(90)} people came to look at quay {number} and at what is left of its cranes."
        )
        body.append(notice)
        repeats = draw.sample(body, min(2, len(body)))
        made.append("\n".join([TITLE, *menu, *some(6), *body, *some(8), *teasers, *some(6), *repeats, *draw.sample(FOOTER, 4)]))
    return made


@pytest.fixture(scope="module")
def site():
    """Pages of a site that says some lines on each of them, with what rules know between."""
    lines, draw = rule_lines(), random.Random(6)
    return [
        stories.page(
            f"{seed} {stories.sentence(('title', seed), 6)[:-1]}", *stories.story(seed), draw.choice(lines["related"]), stories.TIP
        )
        for seed in range(12)
    ]


@pytest.fixture(scope="module")
def texts():
    """The seeds, made pages, and what repeats itself in every way."""
    repeats = json.loads((Path(__file__).parent / "cases" / "repeats.json").read_text(encoding="utf-8"))
    return (
        ["\n".join(case["input"]) for case in repeats]
        + [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
        + pages()
    )


def elsewhere(kinds, script, asked):
    """What a script in a process with these kinds added says, as JSON."""
    code = PATCHED + CLEANED + script
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, json.dumps(kinds)], input=pickle.dumps(asked), capture_output=True, timeout=250
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_a_new_kind_changes_no_answer(texts, site, tmp_path):
    """Every span, kind, rule, score and reason is the same with one kind more at the front and one more in the middle."""
    own = tmp_path / "own.toml"
    own.write_text('[[rule]]\nid = "own"\nkind = "legal"\npattern = "tides and .*"\nmatch = ["tides and a", "tides and b"]\n')
    expected = json.loads(json.dumps(_HERE["cleaned"](textclean, texts, site, own)))
    kinds = {removal["kind"] for answer in expected for removal in answer["removals"]}
    assert kinds == set(KINDS)
    rules = {removal["rule"].split("/")[0] for answer in expected for removal in answer["removals"]}
    assert {"under-heading", "between", "line-model", "verbatim", "template", "own", "en"} <= rules
    found = elsewhere(MADE_UP, "json.dump([list(KINDS), cleaned(textclean, *asked)], sys.stdout)", (texts, site, own))
    assert [kind for kind in found[0] if kind not in MADE_UP] == list(KINDS)
    assert found[0].index("made-up-first") == 0 < found[0].index("made-up-middle") < len(KINDS)
    assert found[1] == expected


def test_a_new_kind_can_be_used(tmp_path):
    """Rules of a kind that the line model was not taught with remove their lines."""
    rules = tmp_path / "own.toml"
    rules.write_text('[[rule]]\nid = "own"\nkind = "made-up-middle"\npattern = "tides and .*"\nmatch = ["tides and a", "tides and b"]\n')
    text = "\n".join([TITLE, *STORY.split("\n"), "Tides and sunrise"])
    script = "json.dump(textclean.explain(asked[0], rules=[asked[1]]).to_dict(), sys.stdout)"
    (removal,) = elsewhere(MADE_UP, script, (text, rules))["removals"]
    assert (removal["kind"], removal["rule"], removal["text"]) == ("made-up-middle", "own/own", "Tides and sunrise")


def test_a_cleaned_text_means_the_same_elsewhere(texts):
    """A result that another process unpickles says the same there, whatever its kinds' numbers are."""
    result = textclean.explain(texts[0])
    script = "json.dump([asked.to_dict(), {str(kind): count for kind, count in asked.removed.items()}, repr(asked)], sys.stdout)"
    expected = [result.to_dict(), {str(kind): count for kind, count in result.removed.items()}, repr(result)]
    assert elsewhere(MADE_UP, script, result) == json.loads(json.dumps(expected))


def test_numbers_and_masks():
    """A kind's number is its place, a mask has a bit for each kind once."""
    assert [KINDS[kind_number(kind)] for kind in Kind] == list(Kind)
    assert kind_mask([Kind.SHARE, Kind.SHARE]) == 1 << kind_number(Kind.SHARE)
    assert kind_mask(Kind) == (1 << len(Kind)) - 1


def test_a_model_names_its_kinds():
    """The model's numbers follow its own list; what that lacks counts as a kind of its own; what is no more does no harm."""
    numbers, masks = linemodel.coded(["legal", "no more", "share"], {"legal": ["no more", "legal"]})
    by_kind = dict(zip(KINDS, numbers, strict=True))
    assert (by_kind[Kind.LEGAL], by_kind[Kind.SHARE], by_kind[Kind.BYLINE]) == (1, 3, 4)
    assert masks == {"legal": kind_mask([Kind.LEGAL])}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kinds": ["share", "share"], "kind_groups": {}}, "counts a kind twice"),
        ({"kinds": ["share"], "kind_groups": {"legal": ["legal"]}}, "groups of kinds that it does not count: legal"),
        ({"kind_groups": {"legal": ["legal"]}}, 'no group of kinds "comments"'),
    ],
    ids=["twice", "unknown", "missing"],
)
def test_a_model_with_broken_kinds_is_refused(change, message):
    """A list or a group of kinds that can't be right is an error that says what is wrong."""
    stored = json.loads(resources.files("textclean").joinpath("model", "lines.json").read_text())
    with pytest.raises(ValueError, match=message):
        linemodel.ready(stored | change)
