"""Rule files, template files, files of learners and model files: what is read works, and what is not is refused with a reason."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

import textclean
from textclean import _native
from textclean.cleaning.fixer import fixer
from textclean.errors import ConfigError, RuleError, RuleTimeoutError, TemplatesError
from textclean.model import reader
from textclean.rules import ruleset
from whole_lines import Lines, damaged, shorter

_PATTERNS = [
    *(
        "share",
        "comments?",
        "(reply|comment)",
        "[0-9]{1,4}",
        r"\\p{L}",
        r"[\\p{L} ]{2,30}",
        ".{0,40}",
        "(",
        ")",
        "|",
        "?",
        "*",
        "+",
        "{2}",
        "[a-z]",
        "[^a]",
    ),
    *(
        r"\\.",
        r"\\d+",
        "by ",
        "ß",
        "日本",
        "(?=x)",
        "(?i)",
        "(a+)+b",
        r"\\1",
        r"\\b",
        "--",
        "&&",
        "]",
        "[",
        "^",
        "$",
        "(?P<n>x)",
        r"\\X",
        r"\\",
    ),
]
_KEYS = ["case = true", "max_chars = 40", "names = true", 'inner = ["share"]', "max_chars = -1", 'odd = "x"', 'comment = "why"']
#: Values that a JSON file may hold where another stands.
_VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    7,
    2**31,
    2**63,
    10**30,
    0.5,
    1e308,
    "",
    "x",
    "share",
    [],
    {},
    [0],
    [[]],
    {"x": 1},
    [None],
    ["en"],
]
_TEXT = "Storm closes harbour\n\nShare\n\nThe harbour was closed on Monday after a storm, officials said.\n\n12 Comments\n\nLeave a Reply"


def make(rng: Random, lines: Lines) -> dict[str, Any]:
    """Returns a file: its kind and its text."""
    match rng.randrange(4):
        case 0:
            return {"file": "rules", "text": _rules(rng, lines), "page": lines.page(rng)}
        case 1:
            return {"file": "templates", "text": damaged_json(rng, _templates()), "page": lines.page(rng)}
        case 2:
            return {"file": "learner", "text": _learner_file(rng), "page": lines.page(rng)}
        case _:
            return {"file": "model", "text": damaged_json(rng, _model()), "page": lines.page(rng)}


def _rules(rng: Random, lines: Lines) -> str:
    tables = [f'language = "{rng.choice(("en", "xx", "", "de"))}"']
    for i in range(rng.randint(0, 4)):
        pattern = "".join(rng.choice(_PATTERNS) for _ in range(rng.randint(1, 6)))
        some = [json.dumps(rng.choice(lines.short), ensure_ascii=True) for _ in range(2)]
        rows = [
            f'id = "r{i if rng.random() < 0.9 else 0}"',
            f'kind = "{rng.choice(("share", "comments", "byline", "nothing", "related"))}"',
            f'pattern = "{pattern}"',
            *(f'{name} = "{value}"' for name, value in _places(rng)),
            *rng.sample(_KEYS, rng.choice((0, 0, 1, 2))),
            f"match = [{', '.join(some)}]" if rng.random() < 0.3 else "match = []",
            "reject = []",
        ]
        tables.append("[[rule]]\n" + "\n".join(rows))
    text = "\n\n".join(tables) + "\n"
    return damaged(rng, text) if rng.random() < 0.3 else text


def _places(rng: Random) -> Iterator[tuple[str, str]]:
    if rng.random() < 0.5:
        yield "where", rng.choice(("any", "top", "bottom", "edges", "nowhere"))
    if rng.random() < 0.3:
        yield "takes", rng.choice(("line", "list", "rest", "all"))
    if rng.random() < 0.3:
        yield "tail", rng.choice(("notice", "title", "any", "none"))


def damaged_json(rng: Random, stored: Any) -> str:
    """A JSON file in which something stands that does not belong there."""
    if rng.random() < 0.3:
        return damaged(rng, json.dumps(stored))
    stored = copy.deepcopy(stored)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        _replace(rng, stored)
    return json.dumps(stored)


def _replace(rng: Random, value: Any) -> None:
    """Goes down into a value, and changes what it comes to."""
    while True:
        places: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not places:
            return
        place = rng.choice(places)
        inner = value[place]
        if isinstance(inner, (dict, list)) and inner and rng.random() < 0.8:
            value = inner
            continue
        if rng.random() < 0.2:
            del value[place]
        else:
            value[place] = copy.deepcopy(rng.choice(_VALUES))
        return


@cache
def _model() -> Any:
    return json.loads(resources.files("textclean").joinpath("model", "lines.json").read_text(encoding="utf8"))


@cache
def _templates() -> Any:
    """A file of templates of two sites."""
    pages = _pages()
    templates = textclean.learn_templates(pages, site="a.example").merge(textclean.learn_templates(pages[::-1], site="b.example"))
    with tempfile.TemporaryDirectory() as folder:
        templates.save(Path(folder, "templates.json"))
        return json.loads(Path(folder, "templates.json").read_text(encoding="utf8"))


@cache
def _learner() -> list[Any]:
    """The lines of a file of a learner that has seen two sites, without the last."""
    learner = textclean.TemplateLearner(memory_mb=0.2)
    learner.learn([{"text": page, "site": site} for page in _pages() for site in ("a.example", "b.example")], source="site")
    with tempfile.TemporaryDirectory() as folder:
        learner.save(Path(folder, "learner.jsonl"))
        return [json.loads(line) for line in Path(folder, "learner.jsonl").read_bytes().splitlines()[:-1]]


def _learner_file(rng: Random) -> str:
    """A file of a learner in which something stands that does not belong there. Its hash is right, or nothing else would be looked at."""
    lines = copy.deepcopy(_learner())
    for _ in range(rng.choice((1, 1, 2, 4))):
        _replace(rng, rng.choice(lines))
    if rng.random() < 0.2:
        lines = [lines[0], *rng.sample(lines[1:], len(lines) - 1)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    if rng.random() < 0.2:
        text = damaged(rng, text)
    return text + json.dumps({"end": blake2b(text.encode("utf8", "surrogatepass"), digest_size=16).hexdigest()}) + "\n"


def _pages() -> list[str]:
    """Pages that tell different stories above the same line."""
    story = "{} was closed on {} day, and {} people were told to stay at home until the wind from {} had dropped again."
    names = ("Harbour", "Bridge", "Mill", "School", "Library", "Theatre", "Market")
    return [
        "\n".join(
            [
                name,
                *(story.format(name, word, n * 7, word) for word in (f"{name}ly", f"un{name}", f"{name}ish")),
                "Subscribe to our paper now",
            ]
        )
        for n, name in enumerate(names)
    ]


def check(case: dict[str, Any]) -> None:
    """Raises if a file is neither read nor refused with an error of the tree, or if what was read does not work."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file.toml" if case["file"] == "rules" else "file.json")
        path.write_bytes(case["text"].encode("utf8", "surrogatepass"))
        checks = {"rules": _check_rules, "templates": _check_templates, "learner": _check_learner, "model": _check_model}
        checks[case["file"]](path, case["page"])


def _check_rules(path: Path, page: str) -> None:
    try:
        rules = ruleset.read(path)
        for text in (_TEXT, page):
            once = textclean.clean(text, rules=[path], regex_timeout=0.2)
            assert textclean.clean(once, rules=[path], regex_timeout=0.2) == once
    except RuleTimeoutError as error:
        assert "ran longer" in str(error)
        return
    except RuleError as error:
        # A pattern is compiled when a line first needs it; its rule is named then, not its file.
        assert path.name in str(error) or "rule " in str(error), f"the error does not say where: {error}"
        return
    assert all(rule.pattern for rule in rules)


def _check_templates(path: Path, page: str) -> None:
    try:
        templates = textclean.Templates.load(path)
    except TemplatesError as error:
        assert path.name in str(error), f"the error does not name the file: {error}"
        return
    again = path.with_name("again.json")
    templates.save(again)
    assert textclean.Templates.load(again).contents == templates.contents, "what was saved comes back otherwise"
    for site in [*templates.sites, "a.example"]:
        for entry in templates.entries(site, evidence=True):
            assert entry.rule
        once = textclean.clean(page, templates=templates, site=site)
        assert textclean.clean(once, templates=templates, site=site) == once


def _check_learner(path: Path, page: str) -> None:
    try:
        learner = textclean.TemplateLearner.load(path)
    except TemplatesError as error:
        assert path.name in str(error), f"the error does not name the file: {error}"
        return
    again = path.with_name("again.jsonl")
    try:
        learner.learn([*_pages(), page], site="a.example")
    except ConfigError as error:
        # It says that its pages had dates.
        assert "with dates: say date=" in str(error)
        return
    learner.save(again)
    templates = learner.templates()
    assert textclean.TemplateLearner.load(again).templates().contents == templates.contents, "what was saved comes back otherwise"
    once = textclean.clean(page, templates=templates, site="a.example")
    assert textclean.clean(once, templates=templates, site="a.example") == once


def _check_model(path: Path, page: str) -> None:
    try:
        model = reader.ready(json.loads(path.read_bytes()))
    # The file is the package's own, so its errors are plain; they say what is wrong.
    except ValueError as error:
        assert str(error)
        return
    # Any answer will do.
    batch = _native.Batch([page.encode("utf8", "replace").decode("utf8")], fixer(False, False).scanner, True)
    for mode, effort in (("auto", 0.0), ("article", 0.5), ("page", 1.0)):
        batch.judge(model.native, (mode, model.bar(effort)), (0, 1, 2**64 - 1), True)


def smaller(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields a shorter page, then a shorter file."""
    if case["page"]:
        yield case | {"page": ""}
        yield from (case | {"page": less} for less in shorter(case["page"]))
    yield from (case | {"text": less} for less in shorter(case["text"]))
