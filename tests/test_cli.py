"""The command line, in this process where that says enough, in one of its own for signals, pipes and terminals."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import textclean
from textclean import Kind
from textclean.commands.main import commands
from textclean.commands.progress import ShownProgress
from textclean.files.sources import Format, Source

SEEDS = Path(__file__).parent.parent / "seeds"
ARTICLE = "Storm closes harbour\n\nThe harbour was closed on Monday, officials said.\n\nLeave a Reply\n"
CLEAN = "Storm closes harbour\n\nThe harbour was closed on Monday, officials said.\n"
#: What a terminal would obey: colour, title, a C1 control, direction, delete.
HOSTILE = "\x1b[31mred\x1b]0;title\x07 \x9b2J \u202eabc\x7f"
PROGRAM = [sys.executable, "-c", "from textclean.commands.main import main; main()"]


def run(*args: str | Path, stdin: str | bytes | None = None) -> Result:
    """A command in this process."""
    return CliRunner().invoke(commands, [str(arg) for arg in args], input=stdin, catch_exceptions=False)


def start(*args: str | Path, program: list[str] = PROGRAM, **options: object) -> subprocess.Popen[bytes]:
    """A command in a process of its own."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*program, *map(str, args)], **(pipes | options))


def on_terminal(*args: str | Path, program: list[str] = PROGRAM, **environment: str) -> str:
    """What a command sends to a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    surroundings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    process = start(*args, program=program, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=surroundings)
    os.close(theirs)
    got = b""
    try:
        while select.select([ours], [], [], 60)[0] and (data := os.read(ours, 1 << 16)):
            got += data
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    process.wait(60)
    return got.decode("utf-8").replace("\r\n", "\n")


def jsonl(*texts: str) -> str:
    """Records with these texts."""
    return "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts))


@pytest.fixture
def article(tmp_path: Path) -> Path:
    """A file with one article."""
    path = tmp_path / "article.txt"
    path.write_text(ARTICLE)
    return path


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A file of three records, the second of which is none."""
    path = tmp_path / "records.jsonl"
    path.write_text(f'{{"id": 1.0, "text": {json.dumps(ARTICLE)}, "n": 1e400}}\nnonsense\n{{"n": 1, "n": 2, "text": "Only this."}}\n')
    return path


# clean: what is printed


def test_the_first_command_shows_texts_and_removals() -> None:
    """`textclean clean seeds/` prints each article under its name, and below it each removal with place, kind, rule and first words."""
    result = run("clean", f"{SEEDS}/")
    assert result.exit_code == 0
    for path in sorted(SEEDS.glob("*.txt")):
        cleaned = textclean.explain(path.read_text(encoding="utf-8"))
        assert f"==> {path} <==\n{cleaned.text}\n\n--- {len(cleaned.removals)} removed" in result.stdout
        for removal in cleaned.removals:
            row = rf"{removal.start}-{removal.end} +{removal.kind} +{re.escape(removal.rule)} .*{re.escape(removal.text[:20].strip())}"
            assert re.search(row, result.stdout)
    assert "README" not in result.stdout
    assert "2 texts cleaned" in result.stderr


def test_one_text_is_printed_alone(article: Path) -> None:
    """One file gives its clean text on stdout and not a word more anywhere, so that the command can stand in a pipe."""
    result = run("clean", article)
    assert (result.exit_code, result.stdout, result.stderr) == (0, CLEAN, "")


def test_removals_of_one_text_go_beside_it(article: Path) -> None:
    """With --show-removals the text stays alone on stdout; the list goes to stderr."""
    result = run("clean", article, "--show-removals")
    assert result.stdout == CLEAN
    assert "comment-form" in result.stderr


def test_stdin_is_a_text_unless_told_otherwise() -> None:
    """`-` reads stdin as one text, or as records with --format jsonl."""
    assert run("clean", "-", stdin=ARTICLE).stdout == CLEAN
    assert run("clean", "-", "--format", "jsonl", stdin=jsonl(ARTICLE)).stdout == jsonl(CLEAN.strip())


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    """An empty text and an empty file of records give nothing, and that is fine."""
    for name in ("a.txt", "a.jsonl"):
        (tmp_path / name).touch()
        result = run("clean", tmp_path / name)
        assert (result.exit_code, result.stdout) == (0, "")


def test_records_keep_all_but_the_text(records: Path) -> None:
    """JSONL comes out with each other field as it was written, numbers and doubled keys to the letter."""
    result = run("clean", records)
    assert result.stdout == f'{{"id": 1.0, "text": {json.dumps(CLEAN.strip())}, "n": 1e400}}\n{{"n": 1, "n": 2, "text": "Only this."}}\n'


@given(st.lists(st.text(st.characters(exclude_categories=[]))))
def test_every_text_in_a_record_comes_out_as_the_package_cleans_it(texts: list[str]) -> None:
    """The command line adds nothing: any text, lone surrogates too, comes out as `textclean.clean` gives it, in order."""
    result = run("clean", "-", "--format", "jsonl", "-q", stdin=jsonl(*texts))
    assert result.exit_code == 0
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == [textclean.clean(text) for text in texts]


def test_texts_and_records_are_not_printed_together(article: Path, records: Path) -> None:
    """Texts and records on one stdout could not be told apart: that is refused with the remedy."""
    result = run("clean", article, records)
    assert result.exit_code == 2
    assert "-o FOLDER" in result.stderr


# clean: options


def test_options_reach_the_configuration(article: Path, tmp_path: Path) -> None:
    """Each option of the command does what the field of `Config` does."""
    text = (
        "Storm\n\nBy Ann Smith\n\n"
        + ("The old harbour was closed by the storm on Monday evening, officials said. " * 2 + "\n\n") * 2
        + "Leave a Reply"
    )
    own = tmp_path / "own.toml"
    own.write_text('language = "own"\n[[rule]]\nid = "x"\nkind = "share"\npattern = "storm"\n')
    article.write_text(text)
    for args, config in {
        ("--keep-kind", "byline", "--keep-kind", "comment-form"): {"keep_kinds": ["byline", "comment-form"]},
        ("--drop-kind", "byline"): {"drop_kinds": ["byline"]},
        ("--drop-kind", "all", "--effort", "0.3"): {"drop_kinds": Kind, "effort": 0.3},
        ("--effort", "thorough"): {"effort": "thorough"},
        ("--without-rule", "en/section-label"): {"without_rules": ["en/section-label"]},
        ("--no-repeats",): {"repeats": False},
        ("--min-words", "100"): {"min_words": 100},
        ("--repeat-matching", "loose", "--near-threshold", "0.5"): {"repeat_matching": "loose", "near_threshold": 0.5},
        ("--no-unwrap",): {"unwrap": False},
        ("--language", "de"): {"languages": ["de"]},
        ("--rules", str(own)): {"rules": [own]},
    }.items():
        assert run("clean", article, *args).stdout == textclean.clean(text, **config) + "\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "Missing argument 'PATH...'"),
        (("-", "--keep-kind", "adverts"), "'adverts' is not one of"),
        (("-", "--near-threshold", "7"), "--near-threshold 7.0"),
        (("-", "--effort", "careless"), "'careless' is none of careful, balanced, thorough and no number"),
        (("-", "--effort", "2"), "--effort 2.0"),
        (("-", "--min-words", "1"), "--min-words 1 is out of range"),
        (("-", "--language", "xx"), "no rules for xx"),
        (("-", "--rules", "no.toml"), "does not exist"),
        (("-", "--workers", "0"), "0 is not in the range"),
        (("-", "--removals-field", "r"), "needs JSONL"),
        (("-", "--format", "jsonl", "--removals-field", "text"), "the text would be lost"),
        (("-", "-o", "out.txt", "--show-removals"), "--removals FILE"),
        (("-", "--format", "jsonl", "-o", "out.txt"), "give the output a name that says so"),
        (("-", "--language", "\x1b[31m"), "no rules for ␛[31m"),
    ],
    ids=lambda value: " ".join(value) or "none" if isinstance(value, tuple) else None,
)
def test_wrong_usage_is_2_and_says_what_is_wrong(args: tuple[str, ...], said: str) -> None:
    """An option with a value that it can't have is refused before any work, with exit code 2 and its name."""
    result = run("clean", *args, stdin="")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not Path("out.txt").exists()


def test_removals_are_written_as_jsonl(records: Path, tmp_path: Path) -> None:
    """--removals writes each removal with file, line, id and source, the id spelled as it was; the spans cut the source's text."""
    result = run("clean", records, "--removals", tmp_path / "gone.jsonl", "--id-field", "id", "--source-field", "n")
    start = ARTICLE.index("Leave")
    [line] = (tmp_path / "gone.jsonl").read_text().splitlines()
    assert line.startswith(f'{{"file": {json.dumps(str(records))}, "line": 1, "id": 1.0, "source": 1e400, "start": {start}, ')
    removal = json.loads(line)
    assert (removal["kind"], removal["text"], removal["witness"]) == ("comment-form", "Leave a Reply", [])
    assert result.exit_code == 1


def test_removals_can_go_into_the_record(records: Path) -> None:
    """--removals-field adds what was removed to each record, and a second run finds nothing more to remove."""
    first = run("clean", records, "--removals-field", "gone", "-q").stdout
    assert [[removal["kind"] for removal in json.loads(line)["gone"]] for line in first.splitlines()] == [["comment-form"], []]
    second = run("clean", "-", "--format", "jsonl", "--removals-field", "gone", stdin=first).stdout
    assert [json.loads(line)["gone"] for line in second.splitlines()] == [[], []]


def test_the_result_does_not_depend_on_workers(tmp_path: Path) -> None:
    """One thread or four, the output is the same, in the order of the input."""
    path = tmp_path / "many.jsonl"
    path.write_text(jsonl(*(f"Article {number}.\n\n{ARTICLE}" for number in range(500))))
    one, four = (run("clean", path, "--workers", workers, "--removals", os.devnull).stdout for workers in ("1", "4"))
    assert one == four
    assert [json.loads(line)["id"] for line in one.splitlines()] == list(range(500))


# clean: files


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_files_are_written_as_their_names_say(article: Path, tmp_path: Path, suffix: str) -> None:
    """-o FILE is written whole, packed as its name says, and stdout stays empty."""
    unpack = {"": bytes, ".gz": gzip.decompress, ".zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)}[suffix]
    result = run("clean", article, "-o", tmp_path / f"out.txt{suffix}")
    assert (result.exit_code, result.stdout) == (0, "")
    assert unpack((tmp_path / f"out.txt{suffix}").read_bytes()).decode() == CLEAN


def test_a_folder_keeps_its_shape(tmp_path: Path) -> None:
    """A folder is written to a folder with the same names below it; an output folder inside it is not read the next time."""
    pages = tmp_path / "pages"
    for name in ("a.txt", "sub/b.jsonl", "sub/c.txt.gz"):
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        data = jsonl(ARTICLE) if "jsonl" in name else ARTICLE
        (pages / name).write_bytes(gzip.compress(data.encode()) if name.endswith(".gz") else data.encode())
    for args in ((), ("--force",)):
        assert run("clean", pages, "-o", pages / "clean", *args).exit_code == 0
        written = sorted(str(path.relative_to(pages / "clean")) for path in (pages / "clean").rglob("*") if path.is_file())
        assert written == ["a.txt", "sub/b.jsonl", "sub/c.txt.gz"]
    assert (pages / "clean/a.txt").read_text() == CLEAN
    assert gzip.decompress((pages / "clean/sub/c.txt.gz").read_bytes()).decode() == CLEAN


def test_nothing_is_replaced_without_force(article: Path, tmp_path: Path) -> None:
    """An output that exists ends the command with 3 before anything is read; --force replaces it."""
    (tmp_path / "out.txt").write_text("old")
    result = run("clean", article, "-o", tmp_path / "out.txt")
    assert result.exit_code == 3
    assert "exists already (--force replaces it)" in result.stderr
    assert (tmp_path / "out.txt").read_text() == "old"
    assert run("clean", article, "-o", tmp_path / "out.txt", "--force").exit_code == 0
    assert (tmp_path / "out.txt").read_text() == CLEAN
    assert run("clean", article, "--removals", tmp_path / "out.txt").exit_code == 3


def test_an_input_is_not_an_output(article: Path, tmp_path: Path) -> None:
    """A file is not cleaned onto itself, by -o, by its folder or by --removals, even with --force."""
    for args in ((article, "-o", article), (tmp_path, "-o", tmp_path), (article, "--removals", article)):
        result = run("clean", *args, "--force")
        assert result.exit_code == 2
        assert "is an input" in result.stderr
    assert article.read_text() == ARTICLE


def test_stdout_that_is_an_input_is_passed_over(tmp_path: Path) -> None:
    """A folder that holds the file to which stdout goes is cleaned without that file."""
    (tmp_path / "a.txt").write_text(ARTICLE)
    with open(tmp_path / "b.txt", "wb") as out:
        process = start("clean", tmp_path, stdout=out)
        _, said = process.communicate()
    assert b"b.txt: is where the output goes" in said
    assert process.returncode == 1
    assert (tmp_path / "b.txt").read_text().count("==>") == 1


def test_no_name_in_a_record_says_where_to_write(tmp_path: Path) -> None:
    """Paths in ids and in the header of a gzip file have no say in where output goes."""
    path = tmp_path / "in" / "a.jsonl.gz"
    path.parent.mkdir()
    with open(path, "wb") as raw, gzip.GzipFile(filename="../../evil.jsonl", mode="wb", fileobj=raw) as file:
        file.write(b'{"text": "a", "id": "../../evil", "source": "/tmp/evil"}\n')
    assert run("clean", path, "-o", f"{tmp_path}/out/", "--id-field", "id", "--source-field", "source").exit_code == 0
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()) == ["in/a.jsonl.gz", "out/a.jsonl.gz"]


# clean: what goes wrong


def test_bad_records_are_named_and_the_rest_is_done(records: Path) -> None:
    """A record that can't be read is named with file and line, even with -q; the others come out, and the code is 1."""
    for args in ((), ("-q",)):
        result = run("clean", records, *args)
        assert result.exit_code == 1
        assert len(result.stdout.splitlines()) == 2
        assert f"textclean: {records}:2: not JSON" in result.stderr
    assert "1 problem" in run("clean", records).stderr


def test_missing_files_are_named_and_the_rest_is_done(article: Path, tmp_path: Path) -> None:
    """With some inputs missing the code is 1, with all of them 3."""
    result = run("clean", article, tmp_path / "no.txt", tmp_path / "nor.txt")
    assert result.exit_code == 1
    assert CLEAN in result.stdout
    assert f"{tmp_path}/no.txt: no such file or folder" in result.stderr
    assert run("clean", tmp_path / "no.txt", tmp_path / "nor.txt").exit_code == 3


def test_a_text_that_cannot_be_read_leaves_no_file(tmp_path: Path) -> None:
    """A text in another charset leaves no file in its place, and all others of its folder are written."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.txt").write_text(ARTICLE)
    (tmp_path / "in" / "bad.txt").write_bytes(b"na\xefve")
    result = run("clean", tmp_path / "in", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "bad.txt: not UTF-8" in result.stderr
    assert os.listdir(tmp_path / "out") == ["good.txt"]


def test_a_file_cut_short_is_kept_up_to_there(tmp_path: Path) -> None:
    """The whole records of a gzip file that breaks off are written, the file is named, and the code is 1."""
    path = tmp_path / "a.jsonl.gz"
    data = gzip.compress(jsonl(*(os.urandom(40).hex() for _ in range(200))).encode())
    path.write_bytes(data[: len(data) // 2])
    result = run("clean", path, "-o", tmp_path / "out.jsonl")
    assert result.exit_code == 1
    assert "a.jsonl.gz: cut short" in result.stderr
    assert 50 < len((tmp_path / "out.jsonl").read_text().splitlines()) < 150


def test_a_rule_that_backtracks_costs_its_record_alone(tmp_path: Path) -> None:
    """A text on which a user's rule runs too long is named and skipped; the others are done."""
    own = tmp_path / "own.toml"
    own.write_text('language = "own"\n[[rule]]\nid = "slow"\nkind = "share"\npattern = "(a|aa)+[bc](?!a)"\ninner = ["a"]\n')
    result = run("clean", "-", "--format", "jsonl", "--rules", own, stdin=jsonl("Fine text.", "a" * 100, "Good text."))
    assert result.exit_code == 1
    assert "-:2: rule own/slow ran longer than" in result.stderr
    assert [json.loads(line)["text"] for line in result.stdout.splitlines()] == ["Fine text.", "Good text."]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_3(article: Path) -> None:
    """Output that can't be written ends the command with 3 and says why, for stdout and for files."""
    with open("/dev/full", "wb") as full:
        process = start("clean", article, stdout=full)
        _, said = process.communicate()
    assert process.returncode == 3
    assert said == b"textclean: standard output: can't be written: No space left on device\n"
    assert run("clean", article, "-o", "/dev/full").exit_code == 3


def test_zstandard_missing_is_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .zst file without the package for it ends the command before any work, with the extra to install."""
    (tmp_path / "a.txt.zst").touch()
    monkeypatch.setitem(sys.modules, "zstandard", None)
    result = run("clean", tmp_path / "a.txt.zst")
    assert result.exit_code == 3
    assert "pip install zstandard, or pip install 'textclean-articles[zstd]'" in result.stderr


# Signals and pipes


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    """Interrupted or terminated in the middle, the command removes what is not whole, says nothing, and its code tells."""
    process = start(
        "clean", "-", "--format", "jsonl", "-o", tmp_path / "out.jsonl", "--removals", tmp_path / "gone.jsonl", "--workers", "1"
    )
    assert process.stdin
    process.stdin.write(jsonl(*[ARTICLE] * 300).encode() * 20)
    process.stdin.flush()
    until = time.monotonic() + 60
    while len(os.listdir(tmp_path)) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert all(name.startswith((".textclean-", ".out.jsonl.textclean")) for name in os.listdir(tmp_path))
    process.send_signal(sent)
    assert process.wait(60) == code
    assert process.stderr
    assert process.stderr.read().strip() == b""
    assert os.listdir(tmp_path) == []
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream
        stream.close()


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    """With stdout closed early (| head) the command stops quietly, with the code that a shell gives for that."""
    path = tmp_path / "a.jsonl"
    path.write_text(jsonl(*[ARTICLE] * 5000))
    with start("clean", path, "--workers", "1") as process:
        assert process.stdout
        assert process.stdout.readline().startswith(b"{")
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == b""
    assert process.returncode == 141


# Terminals


def unsafe(shown: str, colours: bool) -> str:
    """What is left of a terminal's input that acts, colours aside if they are allowed."""
    return "".join(re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", re.sub(r"\x1b\[[0-9;]*m", "", shown) if colours else shown))


@pytest.mark.parametrize("command", [("explain",), ("explain", "--json"), ("clean",), ("clean", "--show-removals", "--no-repeats")])
def test_nothing_of_a_text_acts_on_the_terminal(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Escape sequences in a text, in other fields and in file names are shown or escaped, never sent; NO_COLOR leaves none at all."""
    text = tmp_path / f"a{HOSTILE.replace('/', '')}.txt"
    text.write_text(f"{HOSTILE} text\n\nShare {HOSTILE}\n\nLeave a Reply {HOSTILE}\n\nLeave a Reply\n\n{HOSTILE}\n")
    records = tmp_path / "a.jsonl"
    records.write_text(json.dumps({"text": text.read_text(), "id\x7f": HOSTILE}, ensure_ascii=False) + "\n\x1b[31m nonsense \x9b\n")
    for path in (text, records):
        for colours, environment in ((True, {}), (False, {"NO_COLOR": "1", "TERM": "dumb"})):
            shown = on_terminal(*command, path, "-v", **environment)
            assert "text" in shown
            assert unsafe(shown, colours) == ""


def test_explain_strikes_out_in_colour(article: Path) -> None:
    """On a terminal what goes is red and struck out, with kind and rule beside it."""
    assert re.search(r"\x1b\[9;31mLeave a Reply\x1b\[0m\x1b\[35m \{comment-form en/[a-z-]+\}\x1b\[0m", on_terminal("explain", article))


def test_a_list_of_removals_fits_the_terminal(article: Path) -> None:
    """A row of the list is one line, cut where the terminal ends."""
    line = "The old harbour was closed by the storm on Monday evening, officials said, and nobody knew when it would open."
    article.write_text(f"{line}\n\n{line}\n")
    shown = on_terminal("clean", article.parent, NO_COLOR="1")
    listed = re.sub(r"\x1b\[[0-9;]*m", "", shown[shown.index("--- ") :]).splitlines()
    assert [len(line) for line in listed if line.endswith("…")] == [100]


# explain


def test_explain_marks_what_goes(article: Path) -> None:
    """Where there is no terminal, what goes stands in [-…-] with kind and rule; all else is the text; then fields follow."""
    result = run("explain", article)
    assert result.exit_code == 0
    marked = ARTICLE.replace("Leave a Reply", "[-Leave a Reply-]{comment-form en/comment-form-header}")
    assert result.stdout == f"{marked}\n--- 1 removed ---\ntitle     Storm closes harbour\n"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_explain_loses_nothing_of_the_text(text: str) -> None:
    """With the marks taken away, what explain shows is the text, controls made visible."""
    result = run("explain", "-", stdin=text.encode())
    shown = re.sub(r"\{[a-z-]+ [^}]*\}", "", result.stdout.rpartition("\n---")[0]).replace("[-", "").replace("-]", "")
    plain = re.sub(r"\{[a-z-]+ [^}]*\}", "", textclean.files.escapes.visible(text.replace("\r\n", "\n"), lines=True))
    assert result.exit_code == 0
    assert shown.strip("\n") == plain.replace("[-", "").replace("-]", "").strip("\n")


def test_explain_json_is_what_the_package_says(article: Path, records: Path) -> None:
    """--json prints `Cleaned.to_dict()`, with file and line for records."""
    assert json.loads(run("explain", article, "--json").stdout) == textclean.explain(ARTICLE).to_dict()
    result = run("explain", records, "--json")
    first, second = map(json.loads, result.stdout.splitlines())
    assert first == {"file": str(records), "line": 1, **textclean.explain(ARTICLE).to_dict()}
    assert second["line"] == 3
    assert result.exit_code == 1


def test_explain_shows_where_a_repeat_was_said_first() -> None:
    """Beside a repeat stands the place of what it repeats."""
    line = "The old harbour was closed by the storm on Monday evening, officials said."
    assert re.search(r"-\]\{repeat-exact \w+ = 0-74\}", run("explain", "-", stdin=f"{line}\n\n{line}\n").stdout)


def test_explain_takes_one_file(tmp_path: Path) -> None:
    """For `explain` a folder is wrong usage and a missing file a failure."""
    assert run("explain", tmp_path).exit_code == 2
    assert run("explain", tmp_path / "no.txt").exit_code == 3


# The rest


def test_rules_are_listed() -> None:
    """`rules` prints each rule of a language, and those for any, with kind, place and a line that it matches, between tabs."""
    result = run("rules", "--language", "en")
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert {row[0].split("/")[0] for row in rows} == {"en", "any"}
    assert all(len(row) == 4 and row[1] in list(textclean.Kind) for row in rows)
    assert run("rules", "--language", "xx").exit_code == 2


def test_rules_on_a_terminal_are_a_table() -> None:
    """On a terminal `rules` prints a table whose columns fit."""
    shown = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal("rules", "--language", "en"))
    assert shown.splitlines()[0].split("  ")[0] == "rule"
    assert max(map(len, shown.splitlines())) <= 100


def test_help_and_version() -> None:
    """--help tells the exit codes and kinds, --version the version."""
    assert run("--version").stdout.splitlines()[0] == f"textclean {textclean.__version__}"
    for command in ("clean", "explain", "rules"):
        assert run(command, "--help").exit_code == 0
    shown = run("clean", "--help").stdout
    assert all(re.search(rf"\n +{code} ", shown) for code in (0, 1, 2, 3, 130, 141))
    assert all(kind in shown for kind in textclean.Kind)


def test_quiet_and_verbose(article: Path, tmp_path: Path) -> None:
    """-q leaves errors alone on stderr, -v adds what is done."""
    args = ("clean", article, "-o", tmp_path / "out.txt", "--force")
    assert run(*args, "-q").stderr == ""
    assert run(*args).stderr == "textclean: 1 text cleaned; 1 removed (comment-form 1)\n"
    assert f"{article}: begun" in run(*args, "-v").stderr


@pytest.mark.parametrize(
    ("moment", "args", "drawn"), [(60, (), False), (-1, ("-q",), False), (-1, (), True)], ids=["short", "quiet", "long"]
)
def test_a_bar_is_drawn_after_a_moment(records: Path, tmp_path: Path, moment: float, args: tuple[str, ...], drawn: bool) -> None:
    """Progress is shown on a terminal once the work has taken a moment, gone when it is done, and nothing of it with -q."""
    code = f"from textclean.commands import main, progress; progress.ShownProgress._MOMENT = {moment}; main.main()"
    shown = on_terminal("clean", records, "-o", tmp_path / "out.jsonl", *args, program=[sys.executable, "-c", code])
    assert bool(re.search(r"\d done", shown)) == drawn
    assert f"textclean: {records}:2: not JSON" in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown).replace("\n", "")


def test_a_bar_counts_over_all_files(tmp_path: Path) -> None:
    """The bar counts the bytes read of this file and of those before it, out of the size of all."""
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path in paths:
        path.write_text("x" * 1000)
    sources = [Source(path, Path(path.name), Format.TXT) for path in paths]
    progress = ShownProgress(bar=True)
    progress.begin(sources)
    for source, count, done in ((sources[0], 600, 600), (sources[0], 1000, 1000), (sources[1], 10, 1010)):
        progress.on_bytes(source, count)
        assert progress.bytes == (done, 2000)
    progress = ShownProgress(bar=True)
    progress.begin([Source(None, Path("stdin.txt"), Format.TXT)])
    assert progress.bytes == (0, None)


def test_what_is_heavy_is_imported_when_it_is_needed() -> None:
    """The command line starts without rich, zstandard, ftfy and Arrow."""
    heavy = "{'rich', 'zstandard', 'ftfy', 'pyarrow', 'numpy', 'regex'}"
    code = f"import sys, textclean.commands.main; print(sorted({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux to tell its peak")
def test_a_long_file_is_cleaned_in_bounded_memory(tmp_path: Path) -> None:
    """Memory does not grow with the length of a file: ten times the records take no more than a few MB more."""
    peaks = []
    for count in (1_000, 10_000):
        path = tmp_path / f"{count}.jsonl"
        path.write_text(jsonl(*[ARTICLE * 5] * count))
        code = (
            "import re, sys; from textclean.commands.main import commands\n"
            "try: commands(sys.argv[1:])\n"
            "finally: print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
        )
        args = ["clean", str(path), "-o", str(tmp_path / f"{count}.out.jsonl"), "--workers", "2"]
        peaks.append(int(subprocess.run([sys.executable, "-c", code, *args], capture_output=True, check=True).stdout))
    assert peaks[1] < peaks[0] + 10_000


def test_a_text_is_read_as_a_page_or_an_article(tmp_path: Path) -> None:
    """--page and --no-line-model set the fields of `Config`, and explain says why the line model judged as it did."""
    from test_linemodel import page

    path = tmp_path / "page.txt"
    path.write_text(page())
    for options, said in (([], {}), (["--page", "article"], {"page": "article"}), (["--no-line-model"], {"line_model": False})):
        assert run("clean", path, *options).stdout.strip() == textclean.clean(page(), **said)
    assert "line-model 0.9" in run("explain", path).stdout
    assert "first answer = 0." in run("explain", path).stdout
    assert run("clean", path, "--page", "book").exit_code == 2
