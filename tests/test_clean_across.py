"""``textclean clean --across``: what the package says of the clean texts, written with the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import textclean
from textclean.commands.main import commands

WIRE = "The council voted on Tuesday to close the old bridge for repairs until the end of the year, officials said."
NEAR = WIRE.replace("officials said", "officials have said")
OTHER = "Rain and wind are expected in the northern parts of the country on Saturday, the weather service said."
OWN = "Nobody else has written about the small orchard behind the school that feeds forty families each autumn."


def run(*args: object) -> Result:
    """The command in this process, on a terminal so wide that no path is cut."""
    return CliRunner(env={"COLUMNS": "240"}).invoke(commands, ["clean", *map(str, args)], catch_exceptions=False)


def lines(path: Path) -> list[dict]:
    """The records of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Records with boilerplate, some of which repeat others."""
    texts = [f"{WIRE}\n\n{OTHER}\n\nLeave a Reply", f"Share on Facebook\n\n{NEAR}\n\n{OWN}", OWN, "", f"{WIRE}\n\n{OTHER}"]
    dates = ["2020-05-03", "2020-05-02", None, "2020-05-05", "2020-05-01"]
    path = tmp_path / "pages.jsonl"
    records = (
        f'{{"id": {i}.0, "text": {json.dumps(t)}, "date": {json.dumps(d)}}}\n' for i, (t, d) in enumerate(zip(texts, dates, strict=True))
    )
    path.write_text("".join(records), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three text files; the last says what the first says."""
    path = tmp_path / "in"
    path.mkdir()
    for name, text in {"a": f"{WIRE}\n\nLeave a Reply", "b": f"{OWN}\n\n{WIRE}", "c": f"Share on Facebook\n\n{WIRE}"}.items():
        (path / f"{name}.txt").write_text(text)
    return path


@pytest.mark.parametrize("unit", ["paragraph", "document"])
@pytest.mark.parametrize("keep", ["first", "last", "longest"])
@pytest.mark.parametrize("threshold", [0.8, 0.95])
def test_it_is_cleaning_then_deduplication(pages: Path, tmp_path: Path, unit: str, keep: str, threshold: float) -> None:
    """The texts written are those of `clean_many`, then `deduplicate`, and the summary counts what that dropped."""
    out = tmp_path / "out.jsonl"
    result = run(pages, "-o", out, "--across", unit, "--keep", keep, "--threshold", threshold)
    clean = [str(c) for c in textclean.clean_many(record["text"] for record in lines(pages))]
    found = textclean.deduplicate(clean, unit=unit, keep=keep, threshold=threshold)
    assert result.exit_code == 0
    assert [record["text"] for record in lines(out)] == found.texts()
    assert f"{found.dropped.sum()} of {len(found)} {unit}s repeat" in result.stderr
    assert found.dropped.any()


def test_what_went_is_listed_with_its_witness(pages: Path, tmp_path: Path) -> None:
    """--removals has the removals of the cleaning, then each repeat: unit, span and witness in clean texts, ids as they were spelled."""
    removals = tmp_path / "removals.jsonl"
    run(pages, "-o", tmp_path / "out.jsonl", "--across", "paragraph", "--removals", removals, "--id-field", "id")
    assert '"witness": {"file": ' in removals.read_text()
    assert '"id": 0.0, "source": null, "span": [' in removals.read_text()
    clean = [textclean.clean(record["text"]) for record in lines(pages)]
    rows = lines(removals)
    assert [row["rule"] for row in rows if "start" in row] == ["en/comment-form-header", "en/share-buttons"]
    repeats = [row for row in rows if "start" not in row]
    assert [(row["line"], row["witness"]["line"], row["kind"]) for row in repeats] == [
        (2, 1, "repeat-near"),
        (3, 2, "repeat-exact"),
        (5, 1, "repeat-exact"),
        (5, 1, "repeat-exact"),
    ]
    for row in repeats:
        assert (row["rule"], row["unit"]) == ("across", "paragraph")
        assert clean[row["line"] - 1][slice(*row["span"])] == row["text"]
        witness = clean[row["witness"]["line"] - 1][slice(*row["witness"]["span"])]
        assert (row["text"] == witness) == (row["similarity"] == 1) == (row["kind"] == "repeat-exact")
        assert row["similarity"] >= 0.8


def test_removals_go_into_a_field_too(pages: Path, tmp_path: Path) -> None:
    """--removals-field has the repeats below the removals, the witness by file and line."""
    out = tmp_path / "out.jsonl"
    run(pages, "-o", out, "--across", "paragraph", "--removals-field", "gone")
    share, repeat = lines(out)[1]["gone"]
    assert share["kind"] == "share"
    assert repeat["text"] == NEAR
    assert repeat["witness"] == {"file": str(pages), "line": 1, "span": [0, len(WIRE)]}


def test_a_field_says_which_stays(pages: Path, tmp_path: Path) -> None:
    """With --keep FIELD the record with the smallest value stays, and a record without a value goes."""
    out = tmp_path / "out.jsonl"
    run(pages, "-o", out, "--across", "paragraph", "--keep", "date")
    assert [record["text"] for record in lines(out)] == ["", OWN, "", "", f"{WIRE}\n\n{OTHER}"]


@pytest.mark.parametrize("name", ["absent", "mixed"])
def test_a_field_that_says_nothing_is_an_error(tmp_path: Path, name: str) -> None:
    """A --keep field that no record has or whose values have no order is wrong usage, without output."""
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    path.write_text('{"text": "a", "mixed": 1}\n{"text": "b", "mixed": "1"}\n')
    result = run(path, "-o", out, "--across", "document", "--keep", name)
    assert result.exit_code == 2
    assert {"absent": "no record has a field 'absent'", "mixed": "put in order"}[name] in result.stderr
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_number_of_too_many_digits_costs_its_record_alone(tmp_path: Path) -> None:
    """A --keep field of more digits than numbers are read with can't be put in order: the record is named and left out."""
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    path.write_text(f'{{"text": "a", "long": 1}}\n{{"text": "b", "long": {"9" * 5000}}}\n')
    result = run(path, "-o", out, "--across", "document", "--keep", "long")
    assert result.exit_code == 1
    assert "a.jsonl:2: field 'long' can't be put in order" in result.stderr
    assert [record["text"] for record in lines(out)] == ["a"]


def test_a_text_that_repeats_another_is_not_written(folder: Path, tmp_path: Path) -> None:
    """With --across document a .txt that goes leaves no file; the summary names it, --removals says what it repeats."""
    out, removals = tmp_path / "out", tmp_path / "removals.jsonl"
    result = run(folder, "-o", out, "--across", "document", "--removals", removals)
    assert result.exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["a.txt", "b.txt"]
    assert f"1 of 3 documents repeat one of 1 that stay, left out: {folder / 'c.txt'}\n" in result.stderr
    last = lines(removals)[-1]
    assert (last["file"], last["unit"], last["witness"]["file"]) == (str(folder / "c.txt"), "document", str(folder / "a.txt"))


def test_the_summary_names_some(tmp_path: Path) -> None:
    """The summary names ten of the files left out, and says how many more there are."""
    for number in range(13):
        (tmp_path / f"{number:02}.txt").write_text(WIRE)
    result = run(tmp_path, "-o", tmp_path / "out", "--across", "document")
    assert f"{tmp_path / '10.txt'} and 2 more (--removals FILE lists them)" in result.stderr
    assert "11.txt" not in result.stderr


def test_printed_texts_come_with_what_went(folder: Path) -> None:
    """Below a heading, each repeat is listed with its place in the clean text, and the file and place that it repeats."""
    result = run(folder, "--across", "paragraph")
    assert result.stdout.splitlines().count(WIRE) == 1
    start = len(OWN) + 2
    assert f"clean:{start}-{start + len(WIRE)}  repeat-exact  across = {folder / 'a.txt'} 0-{len(WIRE)}  " in result.stdout


def test_paragraphs_go_from_files_as_from_records(folder: Path, tmp_path: Path) -> None:
    """A .txt whose paragraphs all repeat others becomes an empty file."""
    run(folder, "-o", tmp_path / "out", "--across", "paragraph")
    assert [(tmp_path / "out" / name).read_text() for name in ("a.txt", "b.txt", "c.txt")] == [f"{WIRE}\n", f"{OWN}\n", ""]


def test_short_units_stay(tmp_path: Path) -> None:
    """--min-words counts across documents too."""
    path, text = tmp_path / "a.jsonl", "Seven words are enough if you ask."
    path.write_text("".join(json.dumps({"text": text}) + "\n" for _ in range(2)))
    assert run(path, "--across", "document").stdout.count(text) == 2
    assert run(path, "--across", "document", "--min-words", 7).stdout.count(text) == 1


def test_errors_end_as_without_it(pages: Path, tmp_path: Path) -> None:
    """A bad record is skipped and told, an output that exists stays, and nothing half-written is left."""
    pages.write_text(f"nonsense\n{pages.read_text()}")
    out = tmp_path / "out.jsonl"
    result = run(pages, "-o", out, "--across", "document")
    assert (result.exit_code, len(lines(out))) == (1, 4)
    assert f"{pages}:1: " in result.stderr
    out.write_text("mine")
    assert run(pages, "-o", out, "--across", "document").exit_code == 3
    assert out.read_text() == "mine"
    assert run(pages, "-o", out, "--across", "document", "--force").exit_code == 1
    assert sorted(tmp_path.iterdir()) == [out, pages]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--keep", "last"], "say --across paragraph"),
        (["--threshold", "0.9"], "say --across paragraph"),
        (["--across", "document", "--threshold", "0"], "--threshold"),
        (["--across", "line"], "--across"),
        (["--across", "document", "--keep", "date"], "needs records"),
    ],
    ids=["keep", "threshold", "zero", "unit", "field"],
)
def test_options_that_mean_nothing_are_wrong_usage(folder: Path, options: list[str], message: str) -> None:
    """Options that do not go together are reported before any work."""
    result = run(folder, *options)
    assert result.exit_code == 2
    assert message in result.stderr


def test_no_repeats_are_said_so(tmp_path: Path) -> None:
    """If nothing repeats, the summary says so in a whole sentence."""
    path = tmp_path / "a.txt"
    path.write_text(f"{WIRE}\n\n{OWN}")
    assert "none of 2 paragraphs repeats another\n" in run(path, "-o", tmp_path / "out.txt", "--across", "paragraph").stderr


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    """An input of no records gives an empty output."""
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    path.touch()
    assert run(path, "-o", out, "--across", "paragraph", "--keep", "date").exit_code == 0
    assert out.read_text() == ""
