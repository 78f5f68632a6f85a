"""One table of options goes through every entrance: a word means the same everywhere, and is refused everywhere in the same words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

import textclean
from textclean.commands.exits import in_flags
from textclean.commands.main import commands
from textclean.errors import ConfigError, TextcleanError

WIRE = "The council voted on Tuesday evening to close the old bridge for repairs until the end of the year, officials said."
#: A text with lines of several kinds, a near repeat, curly quotes and full-width letters.
PAGE = "\n\n".join(
    [
        "Bridge to close until the end of the year",
        "By Patrick Goodenough | May 18, 2018 | 5:11 AM EDT",
        WIRE,
        "“It is old,” said the mayor, who had asked for money for years and never been given any by ＡＢＣ of the province.",
        WIRE.replace("the end of the year", "late in some other year"),
        "Leave a Reply",
        "Your email address will not be published. Required fields are marked *",
    ]
)


def _table(text: str, **options: Any) -> str:
    return str(textclean.clean_table(pa.table({"text": [text]}), **options)["text"][0])


def _corpus(text: str, **options: Any) -> str:
    folder = Path.cwd()
    (folder / "in.jsonl").write_text(json.dumps({"text": text}) + "\n", encoding="utf-8")
    textclean.clean_corpus(folder / "in.jsonl", folder / "out.jsonl", **options)
    return str(json.loads((folder / "out.jsonl").read_text(encoding="utf-8"))["text"])


#: What cleans a text, by name.
CLEANERS: Mapping[str, Callable[..., str]] = {
    "clean": textclean.clean,
    "explain": lambda text, **options: textclean.explain(text, **options).text,
    "clean_many": lambda text, **options: next(textclean.clean_many([text], workers=1, **options)).text,
    "clean_table": _table,
    "map_batch": lambda text, **options: str(textclean.map_batch({"text": [text]}, **options)["text"][0]),
    "clean_corpus": _corpus,
    "Config": lambda text, **options: textclean.clean(text, textclean.Config(**options)),
}
#: The same on the command line.
COMMANDS = {
    "clean": lambda args: ["clean", "-", *args],
    "explain": lambda args: ["explain", "-", "--json", *args],
}
#: Options of the cleaning, and what stands for them on the command line; None where it has none.
GOOD: list[tuple[dict[str, Any], list[str] | None]] = [
    ({}, []),
    ({"keep_kinds": {"byline"}}, ["--keep-kind", "byline"]),
    ({"keep_kinds": ["comment-form", "byline"]}, ["--keep-kind", "comment-form", "--keep-kind", "byline"]),
    ({"drop_kinds": {"comment-form"}}, ["--drop-kind", "comment-form"]),
    ({"drop_kinds": ()}, None),
    (
        {"without_rules": {"en/byline-by-date", "en/byline-name-date"}},
        ["--without-rule", "en/byline-by-date", "--without-rule", "en/byline-name-date"],
    ),
    ({"languages": ("de",)}, ["--language", "de"]),
    ({"repeat_matching": "loose"}, ["--repeat-matching", "loose"]),
    ({"near_threshold": 0.45}, ["--near-threshold", "0.45"]),
    ({"repeat_matching": "loose", "near_threshold": 0.45}, ["--repeat-matching", "loose", "--near-threshold", "0.45"]),
    (
        {"repeat_matching": "loose", "near_threshold": 0.45, "min_words": 40},
        ["--repeat-matching", "loose", "--near-threshold", "0.45", "--min-words", "40"],
    ),
    (
        {"repeat_matching": "loose", "near_threshold": 0.45, "repeats": False},
        ["--repeat-matching", "loose", "--near-threshold", "0.45", "--no-repeats"],
    ),
    ({"line_model": False}, ["--no-line-model"]),
    ({"page": "page"}, ["--page", "page"]),
    ({"unwrap": False}, ["--no-unwrap"]),
    ({"straighten_quotes": True}, None),
    ({"narrow_width": True}, None),
]
KINDS = ", ".join(textclean.Kind)
BAD: list[tuple[dict[str, Any], str]] = [
    ({"keep_kinds": {"captions"}}, f"keep_kinds: no kind 'captions'; the kinds are {KINDS}"),
    ({"keep_kinds": "caption"}, "keep_kinds='caption': a list or set of strings is needed"),
    ({"drop_kinds": None}, "drop_kinds=None: a list or set of strings is needed"),
    ({"without_rules": {"en/no-such"}}, "without_rules: there is no rule 'en/no-such'"),
    ({"without_rules": "en/tip-line"}, "without_rules='en/tip-line': a list or set of strings is needed"),
    ({"languages": ("xx",)}, "languages: no rules for xx"),
    ({"near_threshold": 2}, "near_threshold=2 is no Jaccard similarity to ask for: use 0 < near_threshold <= 1"),
    ({"near_threshold": True}, "near_threshold=True is no Jaccard similarity"),
    ({"min_words": 1}, "min_words=1 is out of range: use a whole number from 3 to 1,000,000"),
    ({"page": "pages"}, "page='pages' is unknown: use 'auto', 'article', 'page'"),
    ({"repeats": "no"}, "repeats='no': True or False is needed"),
    ({"repeat_matching": "near"}, "repeat_matching='near' is unknown: use 'strict', 'loose'"),
    ({"nonsense": 1}, "no option nonsense: the options are"),
    ({"drop": {"byline"}}, "drop_kinds says which kinds of line go"),
    ({"exhaustive": True}, "method='exact' or method='minhash'"),
]


def named(value: Any) -> str:
    """An id for a row of the tables."""
    return json.dumps(value, default=sorted)[:50] if isinstance(value, dict) else ""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are written where nothing else is."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("options", "flags"), GOOD, ids=named)
def test_an_option_means_the_same_everywhere(options: dict[str, Any], flags: list[str] | None) -> None:
    """Every entrance gives the text that `clean` gives for the same options; and options that should change it do."""
    expected = textclean.clean(PAGE, **options)
    assert {name: cleaner(PAGE, **options) for name, cleaner in CLEANERS.items()} == dict.fromkeys(CLEANERS, expected)
    if flags is not None:
        printed = CliRunner().invoke(commands, COMMANDS["clean"](flags), input=PAGE.encode()).stdout_bytes.decode()
        explained = CliRunner().invoke(commands, COMMANDS["explain"](flags), input=PAGE.encode()).stdout_bytes.decode()
        assert (printed, json.loads(explained)["text"]) == (f"{expected}\n", expected)
    if options.keys() & {"keep_kinds", "drop_kinds", "without_rules", "languages", "straighten_quotes", "narrow_width"}:
        assert expected != textclean.clean(PAGE)
    if "near_threshold" in options:
        assert (expected != textclean.clean(PAGE)) == (len(options) == 2)


@pytest.mark.parametrize("cleaner", [*CLEANERS, "normalize"])
@pytest.mark.parametrize(("options", "message"), BAD, ids=named)
def test_a_bad_option_is_refused_everywhere(options: dict[str, Any], message: str, cleaner: str) -> None:
    """With a `ConfigError` that says the same at every entrance, and before anything is written."""
    call = textclean.normalize if cleaner == "normalize" else CLEANERS[cleaner]
    if cleaner == "Config" and options.keys() - {field.name for field in textclean.Config.__dataclass_fields__.values()}:
        pytest.skip("a dataclass refuses what it does not know by itself, with a TypeError")
    with pytest.raises(ConfigError) as caught:
        call(PAGE, **options)
    assert message in str(caught.value)
    assert not Path("out.jsonl").exists()


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        (["--near-threshold", "2"], {"near_threshold": 2.0}),
        (["--min-words", "1"], {"min_words": 1}),
        (["--language", "xx"], {"languages": ("xx",)}),
        (["--without-rule", "en/no-such"], {"without_rules": ("en/no-such",)}),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_line_says_the_same_in_its_own_words(command: str, flags: list[str], options: dict[str, Any]) -> None:
    """Exit code 2, and the message of the library with its options as flags."""
    with pytest.raises(ConfigError) as caught:
        textclean.clean(PAGE, **options)
    done = CliRunner().invoke(commands, COMMANDS[command](flags), input=PAGE.encode())
    assert (done.exit_code, done.stderr) == (2, f"textclean: {in_flags(str(caught.value))}\n")


@pytest.mark.parametrize("flag", ["--same-numbers", "--other-numbers"])
def test_a_switch_is_named_as_it_was_given(flag: str) -> None:
    """What compares documents is refused where none are compared, in the words of the command line."""
    done = CliRunner().invoke(commands, ["clean", "-", flag], input=PAGE.encode())
    assert done.exit_code == 2
    assert done.stderr.startswith(f"textclean: {flag}: says how documents are compared, and --across none compares none")


DOCS = [WIRE, PAGE, WIRE.replace("Tuesday", "Monday"), f"{WIRE} The mayor said so.", WIRE.replace("Tuesday", "3 May")]
ROWS = [{"text": text, "rank": rank} for text, rank in zip(DOCS, (3, 1, 2, 0, 4), strict=True)]


def _compare_corpus(**options: Any) -> list[str]:
    folder = Path.cwd()
    (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    textclean.clean_corpus(folder / "in.jsonl", folder / "out.jsonl", force=True, **options)
    return [json.loads(line)["text"] for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]


def _compare_command(across: str = "none", **options: Any) -> list[str]:
    folder = Path.cwd()
    (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    same = options.pop("same_numbers", None)
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    flags += [] if same is None else ["--same-numbers" if same else "--other-numbers"]
    done = CliRunner().invoke(commands, ["clean", "in.jsonl", "-o", "out.jsonl", "--force", "--across", across, *flags])
    if done.exit_code:
        raise ConfigError(done.stderr)
    return [json.loads(line)["text"] for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]


def _compare_table(**options: Any) -> list[str]:
    return list(textclean.clean_table(pa.Table.from_pylist(ROWS), **options)["text"].to_pylist())


def _deduplicate(across: str = "none", **options: Any) -> list[str]:
    rows = [row | {"text": textclean.clean(str(row["text"]))} for row in ROWS]
    if across == "none":
        return [str(row["text"]) for row in rows]
    return textclean.deduplicate(rows, unit=across, **options).texts()


COMPARERS: Mapping[str, Callable[..., list[str]]] = {
    "clean_corpus": _compare_corpus,
    "clean_table": _compare_table,
    "command line": _compare_command,
    "deduplicate": _deduplicate,
}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"across": "none"},
        {"across": "paragraph"},
        {"across": "document"},
        {"across": "document", "threshold": 0.7},
        {"across": "document", "threshold": 0.7, "same_numbers": True},
        {"across": "paragraph", "threshold": 0.7, "same_numbers": False},
        {"across": "paragraph", "threshold": 0.7, "same_numbers": True},
        {"across": "document", "threshold": 0.7, "keep": "last"},
        {"across": "paragraph", "threshold": 0.7, "keep": "longest"},
        {"across": "document", "threshold": 0.7, "keep": "rank"},
    ],
    ids=named,
)
def test_comparing_means_the_same_everywhere(options: dict[str, Any]) -> None:
    """Defaults too: unless asked, nothing is compared; then the first stays, and 0.8 is similar."""
    found = {name: compare(**options) for name, compare in COMPARERS.items()}
    assert found == dict.fromkeys(COMPARERS, found["deduplicate"])


def _dedupe(across: str, index: str, prefix: str, **options: Any) -> list[str]:
    rows = [row | {"text": textclean.clean(str(row["text"]))} for row in ROWS]
    Path("in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    same = options.pop("same_numbers", None)
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    flags += [] if same is None else ["--same-numbers" if same else "--other-numbers"]
    args = ["dedupe", "in.jsonl", "-o", "out.jsonl", "--force", "--unit", across, "--index", index, "--prefix", prefix, *flags]
    assert CliRunner().invoke(commands, args).exit_code == 0
    return [json.loads(line)["text"] for line in Path("out.jsonl").read_text(encoding="utf-8").splitlines()]


def _deduplicate_index(across: str, index: str, prefix: str, **options: Any) -> list[str]:
    with textclean.Index(index, unit=across, **options) as opened:
        return _deduplicate(across, index=opened, **options)


#: The same with an index: given what to compare, its path, and a name for the documents of this call.
REMEMBERERS: Mapping[str, Callable[..., list[str]]] = {
    "clean_corpus": lambda across, index, prefix, **options: _compare_corpus(across=across, index=index, **options),
    "command line": lambda across, index, prefix, **options: _compare_command(across, index=index, **options),
    "deduplicate": _deduplicate_index,
    "dedupe": _dedupe,
}


@pytest.mark.parametrize(
    "options",
    [
        {"across": "paragraph"},
        {"across": "document"},
        {"across": "document", "threshold": 0.7, "same_numbers": True},
        {"across": "paragraph", "threshold": 0.7, "same_numbers": False},
    ],
    ids=named,
)
def test_an_index_means_the_same_everywhere(options: dict[str, Any]) -> None:
    """A new one changes nothing; of a second call all goes that is long enough; and each entrance goes on where another has begun."""
    first = {name: compare(index=f"{name}.db", prefix="1/", **options) for name, compare in REMEMBERERS.items()}
    assert first == dict.fromkeys(REMEMBERERS, _deduplicate(**options))
    names = list(REMEMBERERS)
    again = {
        name: REMEMBERERS[name](index=f"{other}.db", prefix="2/", **options)
        for name, other in zip(names, names[1:] + names[:1], strict=True)
    }
    rows = [row | {"text": textclean.clean(str(row["text"]))} for row in ROWS]
    how = {name: value for name, value in options.items() if name != "across"}
    both = textclean.deduplicate(rows * 2, unit=options["across"], **how)
    whole = both.texts()
    expected = whole[len(first["dedupe"]) :]
    assert again == dict.fromkeys(REMEMBERERS, expected)
    assert expected != first["dedupe"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"across": "line"}, "across='line' is unknown: use 'paragraph', 'document', 'none'"),
        ({"across": "document", "keep": {"caption"}}, "keep={'caption'}: says which of two repeats stays: use 'first', 'last', 'longest'"),
        ({"keep": {"caption"}}, "keep={'caption'}: says how documents are compared, and across='none' compares none"),
        ({"keep": "last"}, "which kinds of line stay, keep_kinds=... says"),
        ({"threshold": 0.9}, "near_threshold=... says"),
        ({"across": "document", "keep": "nonsense"}, "'nonsense'"),
        ({"across": "document", "keep": 3}, "keep=3: says which of two repeats stays"),
        ({"across": "document", "threshold": 0}, "threshold=0 is no Jaccard similarity to ask for: use 0 < threshold <= 1, e.g. 0.8"),
        ({"across": "document", "threshold": "0.8"}, "threshold='0.8' is no Jaccard similarity"),
        ({"same_numbers": True}, "same_numbers=True: says how documents are compared, and across='none' compares none"),
        ({"across": "document", "same_numbers": "no"}, "same_numbers='no': True or False is needed"),
        ({"across": "document", "workers": 0}, "workers=0 is out of range: use a whole number from 1 to 1,024"),
    ],
    ids=named,
)
@pytest.mark.parametrize("name", ["clean_corpus", "clean_table"])
def test_what_can_not_be_compared_is_refused_everywhere(name: str, options: dict[str, Any], message: str) -> None:
    """With a `ConfigError` that says the same at every entrance."""
    with pytest.raises(ConfigError) as caught:
        COMPARERS[name](**options)
    assert message in str(caught.value)
    if "across" in options and options["across"] != "line":
        with pytest.raises(TextcleanError) as caught:
            _deduplicate(**options)
        assert message in str(caught.value)


@pytest.mark.parametrize("method", ["exact", "minhash"])
def test_the_method_is_named_alike(method: str) -> None:
    """In Python and on the command line."""
    rows = [{"text": text} for text in DOCS]
    Path("in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    expected = textclean.deduplicate(rows, unit="document", threshold=0.7, method=method).texts()
    args = ["dedupe", "in.jsonl", "-o", "out.jsonl", "--unit", "document", "--threshold", "0.7", "--method", method]
    assert CliRunner().invoke(commands, args).exit_code == 0
    assert [json.loads(line)["text"] for line in Path("out.jsonl").read_text(encoding="utf-8").splitlines()] == expected
    with pytest.raises(ConfigError, match="method='bands' is unknown: use 'exact', 'minhash'"):
        textclean.deduplicate(rows, method="bands")


def test_inputs_that_are_not_there_are_an_error() -> None:
    """Of Python's entrance too, and nothing is written."""
    with pytest.raises(textclean.TextcleanError, match="none of the inputs could be read: nope: no such file or folder"):
        textclean.clean_corpus("nope", "out")
    assert not Path("out").exists()


def test_where_texts_come_from_is_site_and_the_field_that_says_it_source() -> None:
    """`site` is a value wherever it stands, `source` a field; the other word is refused with the right one."""
    templates = textclean.Templates.load(_learned())
    expected = textclean.clean(PAGES[0], site="a.example", templates=templates)
    assert "Send a tip" not in expected
    rows = [{"text": PAGES[0], "url": "https://a.example/1"}]
    Path("in.jsonl").write_text(json.dumps(rows[0]) + "\n", encoding="utf-8")
    for how in ({"source": "url"}, {"site": "a.example"}):
        textclean.clean_corpus("in.jsonl", "out.jsonl", templates=templates, force=True, **how)
        assert json.loads(Path("out.jsonl").read_text())["text"] == expected
        assert textclean.clean_table(pa.Table.from_pylist(rows), templates=templates, **how)["text"].to_pylist() == [expected]
    with pytest.raises(ConfigError, match="site says where a text comes from"):
        textclean.clean(PAGES[0], source="a.example", templates=templates)
    with pytest.raises(ConfigError, match=r"say source=FIELD, .* or site=NAME"):
        textclean.learn_templates(PAGES)
    with pytest.raises(ConfigError, match="say site=NAME"):
        textclean.learn_templates(PAGES, source="a.example")


STORIES = (
    "The ferry was cancelled for a third day because of high winds over the strait.",
    "Schools will open two hours late while roads are being cleared of last night's snow.",
    "A new library was opened in the old customs house by the river this morning.",
    "Farmers expect the smallest harvest of apples in twenty years after a late frost.",
    "The council has set money aside to repair the mill wall that fell down in May.",
    "Swimmers are warned of jellyfish along the southern beaches for the rest of the week.",
)
PAGES = [f"{story}\n\nSend a tip, a photo or a letter to the desk of the Gazette" for story in STORIES]


def _learned() -> Path:
    textclean.learn_templates(PAGES, site="https://a.example/").save("templates.json")
    return Path("templates.json")
