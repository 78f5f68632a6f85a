"""Templates on the command line: learned, shown, merged, and used by clean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stories import HOST, TIP, page, sentence, story
from textclean import TemplateLearner, Templates, clean, clean_corpus, learn_templates
from textclean.commands.main import commands
from textclean.errors import ConfigError, OutputExistsError
from textclean.sites.evidence import Thresholds

PAGES = [page(*story(i), TIP) for i in range(6)]


def run(*args: object, stdin: str | None = None) -> Result:
    """A command in this process."""
    return CliRunner().invoke(commands, [str(arg) for arg in args], input=stdin, catch_exceptions=False)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """Records of two sites, one of which repeats itself, and a line that is no record."""
    path = tmp_path / "dump.jsonl"
    records = [{"text": text, "url": f"https://{HOST}/{i}", "day": f"2021-0{i + 1}-01"} for i, text in enumerate(PAGES)]
    records += [{"text": page(*story("x")), "url": "https://other.example/"}, {"text": page(*story("y"), TIP)}]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The same pages as text files of one site."""
    path = tmp_path / "pages" / HOST
    path.mkdir(parents=True)
    for i, text in enumerate(PAGES):
        (path / f"{i}.txt").write_text(text)
    return path


@pytest.fixture
def learned(tmp_path: Path) -> Path:
    """A file of templates."""
    path = tmp_path / "learned.json"
    learn_templates(PAGES, site=HOST).save(path)
    return path


def test_learn(dump, tmp_path):
    """The command learns the templates that the library learns, with the dates of the records."""
    out = tmp_path / "t.json"
    result = run("templates", "learn", dump, "-o", out, "--source-field", "url", "--date-field", "day")
    assert (result.exit_code, result.stderr) == (0, "1 templates of 1 of 2 sites, from 8 documents\n")
    (entry,) = Templates.load(out).entries(HOST)
    assert (entry.documents, entry.first, entry.last, entry.samples) == (6, "2021-01-01", "2021-06-01", (TIP,))


def test_learn_from_a_folder(folder, tmp_path):
    """A text file comes from the folder in which it is, or from where --site says."""
    assert run("templates", "learn", folder, "-o", tmp_path / "t.json", "-q").exit_code == 0
    assert Templates.load(tmp_path / "t.json").sites.keys() == {HOST}
    assert run("templates", "learn", folder, "-o", tmp_path / "t.json", "-q", "-f", "--site", "x", "--documents", 7).exit_code == 0
    templates = Templates.load(tmp_path / "t.json")
    assert ([*templates.sites], templates.thresholds.documents, templates.entries("x")) == (["x"], 7, [])


def test_learn_names_what_it_skips(dump, tmp_path):
    """A bad record is named, and the code says so; without one good input nothing is written."""
    dump.write_text(dump.read_text() + "{\n")
    result = run("templates", "learn", dump, "-o", tmp_path / "t.json", "--source-field", "url")
    assert result.exit_code == 1
    assert "dump.jsonl:9: not JSON" in result.stderr
    assert run("templates", "learn", tmp_path / "no.txt", "-o", tmp_path / "u.json").exit_code == 3
    assert not (tmp_path / "u.json").exists()


@pytest.mark.parametrize("name", ["state.jsonl", "state.jsonl.gz"])
def test_learn_day_by_day(dump, tmp_path, name):
    """With a state each day is learned once, and in the end it is as if all had been learned at once; thresholds may change."""
    state, whole, out = tmp_path / name, tmp_path / "whole.json", tmp_path / "t.json"
    fields = ("--source-field", "url", "--date-field", "day")
    days = []
    for i, line in enumerate(dump.read_text().splitlines(keepends=True)):
        days.append(tmp_path / f"day{i}.jsonl")
        days[-1].write_text(line)
    for day in days[:-1]:
        assert run("templates", "learn", day, "--state", state, "-q", "--share", 0.1, *fields).exit_code == 0
    result = run("templates", "learn", days[-1], "--state", state, "-o", out, *fields)
    assert (result.exit_code, result.stderr) == (0, "1 templates of 1 of 2 sites, from 8 documents\n")
    assert run("templates", "learn", dump, "-o", whole, "-q", "--share", 0.1, *fields).exit_code == 0
    assert out.read_bytes() == whole.read_bytes()
    assert TemplateLearner.load(state).templates().contents == Templates.load(whole).contents
    more = ("--documents", 7, "--inside-documents", 9)
    assert run("templates", "learn", days[-1], "--state", state, "-o", out, "-q", "-f", *more, *fields).exit_code == 0
    assert Templates.load(out).thresholds == TemplateLearner.load(state).thresholds == Thresholds(7, 0.1, 9)
    assert Templates.load(out).entries(HOST) == []


def test_a_state_that_is_of_no_use(dump, learned, tmp_path):
    """What can't be read or does not fit is named, and stays as it is; so does a state from whose day nothing came."""
    state, fields = tmp_path / "state.jsonl", ("--source-field", "url")
    for args, code, message in [
        (["--state", learned, *fields], 3, "no learner of templates"),
        ([*fields], 2, "say -o FILE for the templates, --state FILE"),
        (["--state", state, "-o", state, *fields], 2, "are one file"),
        (["--state", tmp_path / "no" / "state.jsonl", *fields], 3, "no"),
        (["--state", state, "--memory-mb", 0, *fields], 2, "--memory-mb 0"),
    ]:
        before = learned.read_bytes()
        result = run("templates", "learn", dump, *args)
        assert (result.exit_code, message in result.stderr) == (code, True), result.stderr
        assert learned.read_bytes() == before
        assert not state.exists()
    assert run("templates", "learn", dump, "--state", state, "--memory-mb", 3, "-q", *fields).exit_code == 0
    before = state.read_bytes()
    assert b'"memory": 3000000' in before
    for args, code, message in [
        ([dump, "--date-field", "day", *fields], 2, "leave --date-field out this time too"),
        ([tmp_path / "no.txt"], 3, "no.txt"),
    ]:
        result = run("templates", "learn", *args, "--state", state)
        assert (result.exit_code, message in result.stderr) == (code, True), result.stderr
        assert state.read_bytes() == before
    state.write_bytes(before[:-50])
    result = run("templates", "learn", dump, "--state", state, *fields)
    assert (result.exit_code, "go on from an older copy of it" in result.stderr) == (3, True), result.stderr
    learner = TemplateLearner()
    learner.learn([page(*story(i, 9)) for i in range(100)], site=HOST)
    learner.save(state)
    result = run("templates", "learn", dump, "--state", state, "--memory-mb", 0.1, *fields)
    assert (result.exit_code, "load it with a larger --memory-mb" in result.stderr) == (3, True), result.stderr


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["templates", "learn", "DUMP", "-o", "NEW"], 2, "Say --source-field FIELD, or --site NAME"),
        (["templates", "learn", "-", "-o", "NEW"], 2, "Say --site NAME"),
        (["templates", "learn", "DUMP", "-o", "DUMP", "--source-field", "url"], 3, "exists already"),
        (["templates", "learn", "DUMP", "-o", "NEW", "--source-field", "url", "--share", "2"], 2, "--share 2"),
        (["templates", "show", "DUMP"], 3, "not JSON"),
        (["templates", "show", "LEARNED", "--site", "x"], 2, "knows nothing of x"),
        (["templates", "merge", "LEARNED", "-o", "LEARNED"], 3, "exists already"),
        (["clean", "DUMP", "--templates", "LEARNED"], 2, "Say --source-field FIELD, or --site NAME"),
        (["clean", "DUMP", "--site", "x"], 2, "add --templates or --learn-templates"),
        (["clean", "DUMP", "--templates", "LEARNED", "--learn-templates"], 2, "use one"),
        (["clean", "-", "--learn-templates", "--site", "x"], 2, "can be read only once"),
        (["clean", "DUMP", "--templates", "DUMP", "--site", "x"], 3, "not JSON"),
    ],
    ids=range(12),
)
def test_misuse(dump, learned, tmp_path, args, code, message):
    """Each mistake on the command line is named, with the remedy, before anything is written."""
    names = {"DUMP": dump, "LEARNED": learned, "NEW": tmp_path / "new.json"}
    result = run(*(names.get(arg, arg) for arg in args), stdin="a")
    assert (result.exit_code, message in result.stderr) == (code, True), result.stderr
    assert not (tmp_path / "new.json").exists()


def test_show(learned):
    """`show` prints values between tabs, or all that is known as JSON; with --evidence lines that are not learned too."""
    (entry,) = Templates.load(learned).entries(HOST)
    assert run("templates", "show", learned).stdout == f"{HOST}\t{entry.id}\t6\t1.000\tbottom\t{TIP}\n"
    (line,) = run("templates", "show", learned, "--site", HOST, "--json").stdout.splitlines()
    assert json.loads(line) == {"rule": entry.rule} | json.loads(json.dumps({n: getattr(entry, n) for n in entry.__dataclass_fields__}))


def test_show_evidence(tmp_path):
    """Places of lines that are not learned stand in brackets; control characters are shown, not sent."""
    heading = "What happens next? \x1b[31m"
    learn_templates([page(*story(i, 2), heading, *story(-i, 2)) for i in range(1, 7)], site="a\x1bb").save(tmp_path / "t.json")
    assert run("templates", "show", tmp_path / "t.json").stdout == ""
    shown = run("templates", "show", tmp_path / "t.json", "--evidence").stdout
    assert "\t(inside)\tWhat happens next?" in shown
    assert "\x1b" not in shown


def test_merge(tmp_path):
    """Files of parts make the file of the whole."""
    parts = [tmp_path / "0.json", tmp_path / "1.json"]
    for i, part in enumerate(parts):
        learn_templates([page(*story((i, j)), TIP) for j in range(4)], site=HOST).save(part)
    result = run("templates", "merge", *parts, "-o", tmp_path / "all.json")
    assert (result.exit_code, result.stderr) == (0, "1 templates of 1 of 1 sites, from 8 documents\n")
    assert [entry.documents for entry in Templates.load(tmp_path / "all.json").entries(HOST)] == [8]


def test_clean_with_templates(dump, learned, tmp_path):
    """Records of the site lose the line, others keep it; removals name it."""
    out, removals = tmp_path / "out.jsonl", tmp_path / "removals.jsonl"
    result = run("clean", dump, "-o", out, "--templates", learned, "--source-field", "url", "--removals", removals)
    assert result.exit_code == 0
    texts = [json.loads(line)["text"] for line in out.read_text().splitlines()]
    assert texts == [*(page(*story(i)) for i in range(6)), page(*story("x")), page(*story("y"), TIP)]
    assert {json.loads(line)["rule"].rpartition("/")[0] for line in removals.read_text().splitlines()} == {f"template/{HOST}"}


def test_clean_learns_first(dump, tmp_path):
    """--learn-templates gives what learning to a file and cleaning with that gives."""
    assert run("templates", "learn", dump, "-o", tmp_path / "t.json", "--source-field", "url", "-q").exit_code == 0
    assert run("clean", dump, "-q", "-o", tmp_path / "a.jsonl", "--templates", tmp_path / "t.json", "--source-field", "url").exit_code == 0
    assert run("clean", dump, "-q", "-o", tmp_path / "b.jsonl", "--learn-templates", "--source-field", "url").exit_code == 0
    assert (tmp_path / "a.jsonl").read_text() == (tmp_path / "b.jsonl").read_text()


def test_clean_a_folder(folder, tmp_path):
    """Text files are cleaned with the templates of their folder, in threads too."""
    assert run("clean", folder, "-q", "-o", tmp_path / "out", "--learn-templates", "--workers", 2).exit_code == 0
    assert [path.read_text() for path in sorted((tmp_path / "out").iterdir())] == [page(*story(i)) + "\n" for i in range(6)]


def test_clean_stdin(learned):
    """A text from stdin comes from where --site says."""
    text = page(*story("new"), TIP)
    assert run("clean", "-", "--templates", learned, "--site", f"https://{HOST}/x", stdin=text).stdout == page(*story("new")) + "\n"
    assert run("clean", "-", "--templates", learned, "--site", "other", stdin=text).stdout == text + "\n"


def test_bad_records_do_not_shift_sources(learned, tmp_path):
    """A record that can't be read, or cleaned, leaves those after it with their own sources."""
    good = [json.dumps({"text": page(sentence(i), TIP), "site": site}) for i, site in enumerate(("a", HOST, "b", HOST))]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join([good[0], "{", good[1], '{"text": 5}', good[2], good[3]]) + "\n")
    result = run("clean", path, "-o", tmp_path / "out.jsonl", "--templates", learned, "--source-field", "site")
    assert result.exit_code == 1
    assert [TIP in line for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [True, False, True, False]


def test_explain_with_templates(folder, learned):
    """`explain` strikes out a template of the text's site."""
    assert f"[-{TIP}-]{{template template/{HOST}/" in run("explain", folder / "0.txt", "--templates", learned).stdout


def test_clean_corpus_takes_templates_or_learns_them(folder: Path, tmp_path: Path) -> None:
    """From Python a run uses templates as the command does, and gives what cleaning text by text gives."""
    learned = learn_templates(PAGES, site=HOST)
    for number, how in enumerate(({"templates": learned}, {"learn_templates": True}, {"templates": learned, "across": "none"})):
        out = tmp_path / f"out{number}"
        summary = clean_corpus(folder, out, **how)
        assert summary.counts.kinds["template"] == len(PAGES)
        for i, text in enumerate(PAGES):
            assert (out / f"{i}.txt").read_text() == clean(text, site=HOST, templates=learned) + "\n"
    with pytest.raises(ConfigError, match="use one"):
        clean_corpus(folder, tmp_path / "no", templates=learned, learn_templates=True, across="paragraph")


def test_a_run_goes_on_only_with_the_templates_it_was_begun_with(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is resumed only with the templates that it was begun with: else each half of the corpus would be cleaned with others."""
    learned = learn_templates(PAGES, site=HOST)
    with monkeypatch.context() as context:
        # Broken off between the passes.
        context.setattr("textclean.corpus.decide.decide", None)
        with pytest.raises(TypeError):
            clean_corpus(folder, tmp_path / "out", templates=learned, across="paragraph")
    with pytest.raises(OutputExistsError):
        clean_corpus(folder, tmp_path / "out", across="paragraph")
    with pytest.raises(ConfigError):
        clean_corpus(folder, tmp_path / "out", resume=True, across="paragraph")
    assert clean_corpus(folder, tmp_path / "out", templates=learned, resume=True, across="paragraph").counts.documents == len(PAGES)
