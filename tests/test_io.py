"""Files in, files out."""

from __future__ import annotations

import gzip
import json
import os
import re
import unicodedata
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from textclean import Cleaned
from textclean.corpus.stream import cleaned
from textclean.errors import ConfigError, CorpusError, MissingExtraError, OutputError, OutputExistsError, RecordError, SourceError
from textclean.files.escapes import escaped, visible
from textclean.files.lines import lines
from textclean.files.output import Output
from textclean.files.packing import packer
from textclean.files.places import Local
from textclean.files.sources import Format, Packing, Source, find
from textclean.files.targets import check_all, targets
from textclean.formats import Begin, Document, End, Reading, read
from textclean.formats.json_record import Record, dumps, parse

RECORDS = b"".join(b'{"id": %d, "text": "number %d"}\n' % (i, i) for i in range(30))
PACK = {
    "": lambda data: data,
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def read_all(path: Path, reading: Reading | None = None) -> list[object]:
    """All that a file gives."""
    [source] = find([str(path)])
    return list(read(source, reading or Reading()))


def texts(events: list[object]) -> list[str]:
    """The texts among events."""
    return [event.text for event in events if isinstance(event, Document)]


def errors(events: list[object]) -> list[str]:
    """The errors among events."""
    return [str(event) for event in events if isinstance(event, CorpusError)]


# Characters


@given(st.text())
def test_visible_text_holds_nothing_that_acts(text: str) -> None:
    """No control, no invisible formatting and no lone surrogate is in text made visible; lines keep newlines and tabs alone."""
    assert not acting(visible(text))
    assert not acting(re.sub("[\n\t]", "", visible(text, lines=True)))
    assert visible(text, lines=True).count("\n") == text.count("\n")


def acting(text: str) -> list[str]:
    """The characters of a text that act on a terminal."""
    # Arabic and Brahmic number signs and the joiners are formatting that scripts need.
    needed = "\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in needed]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda values: st.lists(values) | st.dictionaries(st.text(), values)
    )
)
def test_dumped_json_is_harmless_and_says_the_same(value: object) -> None:
    """What `dumps` writes can be written as UTF-8, holds nothing that acts, and is read back as it was."""
    line = dumps(value)
    line.encode("utf-8")
    assert not acting(line)
    assert json.loads(line) == value


# Lines


@given(st.lists(st.text("ab\n\r").map(str.encode)), st.integers(0, 4))
def test_lines_do_not_depend_on_how_the_bytes_came(pieces: list[bytes], limit: int) -> None:
    """Lines are those of the whole, cut at newlines alone; those over the limit are None."""
    whole = b"".join(pieces).split(b"\n")
    if not whole[-1]:
        whole.pop()
    assert list(lines(pieces, limit)) == [line if len(line) <= limit else None for line in whole]


# JSONL

spaces = st.text(" \t\r", max_size=2)
scalars = st.sampled_from(
    ["1.0", "1e400", "-0", "1" * 5000, "NaN", "-Infinity", "null", '"\\u00e9"', '"é"', "[1, 2.50]", '{"text": "x", "text":1}']
)
keys = st.sampled_from(["a", "id", "\\u0061", "é", "", "texts"])


@st.composite
def written_records(draw: st.DrawFn) -> tuple[str, str, str]:
    """A record as text before its text's value, that value, and text after it."""

    def members() -> list[str]:
        return [f'"{key}"{draw(spaces)}:{draw(spaces)}{value}' for key, value in draw(st.lists(st.tuples(keys, scalars), max_size=3))]

    text = json.dumps(draw(st.text(st.characters(exclude_categories=[]))), ensure_ascii=draw(st.booleans()))
    comma = f"{draw(spaces)},{draw(spaces)}"
    before = draw(spaces) + "{" + "".join(member + comma for member in members()) + '"text": '
    return before, escaped(text), "".join(comma + member for member in members()) + draw(spaces) + "}" + draw(spaces)


def utf8(record: Record) -> bytes:
    """The text of a record as it may be written."""
    return record.text.encode("utf-8", "surrogatepass")


@given(written_records(), st.text())
def test_a_record_keeps_every_byte_but_the_text(written: tuple[str, str, str], new: str) -> None:
    """What stands before and after the text is kept to the letter, whatever its spelling; doubled keys and huge numbers too."""
    before, old, after = written
    record = parse(before + old + after, "text")
    assert record.text == json.loads(old)
    changed = record.replaced(new.encode()).decode()
    assert changed.startswith(before)
    assert changed.endswith(after)
    assert json.loads(changed[len(before) : len(changed) - len(after)]) == new
    assert record.replaced(utf8(record)).decode() == before + old + after


@given(written_records())
def test_a_member_is_added_at_the_end_or_replaced(written: tuple[str, str, str]) -> None:
    """A new field stands after the others, one that is there gets the new value, and nothing else changes."""
    record = parse("".join(written), "text")
    once = parse(record.replaced(utf8(record), ("removed", [1])).decode(), "text")
    assert once.value("removed") == "[1]"
    assert once.raw.replace(b', "removed": [1]', b"") == record.raw
    assert once.replaced(utf8(once), ("removed", 2)) == once.raw.replace(b"[1]", b"2")


def test_the_last_of_doubled_texts_counts() -> None:
    """Of a key that stands twice in a record the last value is cleaned, as parsers read it, and the first is left."""
    record = parse('{"text": "first", "text": "last"}', "text")
    assert record.text == "last"
    assert record.replaced(b"new") == b'{"text": "first", "text": "new"}'


def test_an_ascii_line_stays_ascii() -> None:
    """A record written in ASCII gets its new text in ASCII; another gets it as it is."""
    assert parse('{"text": "a"}', "text").replaced("é".encode()).isascii()
    assert parse('{"text": "ü"}', "text").replaced("é".encode()).decode() == '{"text": "é"}'


BAD_RECORDS = {
    "not-json": ("text", "not JSON: Expecting value at character 1"),
    "single-quotes": ("{'text': 'a'}", "not JSON: Expecting property name enclosed in double quotes at character 2"),
    "cut-short": ('{"text": "a', "not JSON: Unterminated string starting at at character 10"),
    "no-colon": ('{"text" "a"}', "not JSON: Expecting ':' at character 9"),
    "no-comma": ('{"text": "a" "b": 1}', "not JSON: Expecting '}' at character 14"),
    "comma-at-end": ('{"text": "a",}', "not JSON: Expecting property name enclosed in double quotes at character 14"),
    "two-objects": ('{"text": "a"} {"text": "b"}', "not JSON: Extra data at character 15"),
    "raw-control": ('{"text": "a\x01b"}', "not JSON: Invalid control character at at character 12"),
    "list": ('["a"]', 'not a JSON object but ["a"]'),
    "number": ("12", "not a JSON object but 12"),
    "no-field": ('{"body": "a"}', "no field 'text'; the fields are 'body' (text=FIELD names the one with the text)"),
    "empty": ("{}", "no field 'text'; the fields are none (text=FIELD names the one with the text)"),
    "null": ('{"text": null}', "field 'text' is not a string but null"),
    "number-text": ('{"text": 12}', "field 'text' is not a string but 12"),
    "nested": ('{"text": ' + "[" * 100_000, "not read: nested too deeply"),
}


@pytest.mark.parametrize(("line", "message"), BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_a_bad_record_says_what_is_wrong(line: str, message: str) -> None:
    """Each way in which a line is no record has its message, with the place."""
    with pytest.raises(RecordError) as caught:
        parse(line, "text")
    assert str(caught.value) == message


@given(st.text(st.sampled_from('{}[]":,\\ \tatextu012e.-'), max_size=40))
def test_a_line_is_a_record_exactly_if_json_says_so(line: str) -> None:
    """`parse` takes the lines that the standard library reads as an object with a text, and no other."""
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        assert parse(line, "text").text == value["text"]
    else:
        with pytest.raises(RecordError):
            parse(line, "text")


# Reading


@pytest.mark.parametrize("suffix", PACK)
def test_packed_and_plain_files_read_alike(tmp_path: Path, suffix: str) -> None:
    """A file gives the same documents however it is packed, with their lines."""
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(PACK[suffix](RECORDS))
    events = read_all(path, Reading(id_field="id"))
    assert texts(events) == [f"number {i}" for i in range(30)]
    assert [(event.line, event.id) for event in events if isinstance(event, Document)] == [(i + 1, str(i)) for i in range(30)]
    assert isinstance(events[0], Begin)
    assert isinstance(events[-1], End)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_file_cut_anywhere_gives_what_came_before(tmp_path: Path, suffix: str) -> None:
    """At whatever byte a packed file breaks off, whole lines before it are read, the cut is reported, and no half line becomes a record."""
    path = tmp_path / f"a.jsonl{suffix}"
    whole = PACK[suffix](RECORDS)
    wanted = [f"number {i}" for i in range(30)]
    for size in range(2, len(whole)):
        path.write_bytes(whole[:size])
        events = read_all(path)
        got = texts(events)
        assert got == wanted[: len(got)]
        [error] = errors(events)
        assert "cut short" in error
    # Only the check sum was missing.
    assert got == wanted


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_several_members_are_one_file(tmp_path: Path, suffix: str) -> None:
    """Packed files put one behind the other are read to the end, as gzip and zstd read them."""
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(PACK[suffix](RECORDS) + PACK[suffix](RECORDS))
    assert len(texts(read_all(path))) == 60


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_file_that_is_not_what_it_says_is_reported(tmp_path: Path, suffix: str) -> None:
    """A file with the name of a packed one and other bytes gives an error that names it, and no document."""
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(b"just text, not packed at all")
    events = read_all(path)
    assert len(events) == 1
    assert str(path) in errors(events)[0]


def test_a_text_cut_short_is_kept_up_to_there(tmp_path: Path) -> None:
    """A packed text that breaks off, even inside a character, is one document of all that was read, and the cut is reported."""
    path = tmp_path / "a.txt.gz"
    data = gzip.compress("ü".encode() * 5000 + os.urandom(3000).hex().encode())
    path.write_bytes(data[: len(data) - 1000])
    events = read_all(path)
    assert texts(events)[0].startswith("ü" * 5000)
    assert len(errors(events)) == 1


def test_bytes_that_unpack_to_very_much_cost_no_memory(tmp_path: Path) -> None:
    """A text that unpacks to more than the limit is dropped while it is read."""
    for suffix in (".gz", ".zst"):
        path = tmp_path / f"a.txt{suffix}"
        with open(path, "wb") as raw, packer(raw, Packing(suffix)) as file:
            for _ in range(300):
                file.write(bytes(1_000_000))
        assert path.stat().st_size < 400_000
        assert errors(read_all(path, Reading(max_bytes=1000))) == [f"{path}: over the limit of 1,000 bytes (max_mb=... raises it)"]


def test_records_that_cannot_be_read_are_named_and_the_rest_is_done(tmp_path: Path) -> None:
    """Bad JSON, bad UTF-8 and long lines are errors with file and line; blank lines are nothing; a byte order mark does no harm."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"text": "one"}\r\n\n{"text": "\xff"}\nnonsense\n{"text": "' + b"x" * 100 + b'"}\n  \t\n{"text": "last"}'
    )
    events = read_all(path, Reading(max_bytes=50))
    assert texts(events) == ["one", "last"]
    assert [error.removeprefix(str(path)).split(" (")[0] for error in errors(events)] == [
        ":3: not UTF-8: byte 0xff at 10",
        ":4: not JSON: Expecting value at character 1",
        ":5: over the limit of 50 bytes",
    ]


def test_a_text_in_another_charset_is_named(tmp_path: Path) -> None:
    """A text file that is not UTF-8 is an error that names the byte, its place and the remedy."""
    path = tmp_path / "a.txt"
    path.write_bytes("naïve".encode("latin-1"))
    assert errors(read_all(path)) == [f"{path}: not UTF-8: byte 0xef at 2 (convert it first, e.g. iconv -f WINDOWS-1252 -t UTF-8)"]


def test_a_text_is_one_document_as_it_is(tmp_path: Path) -> None:
    """A text file is decoded and nothing else, so that spans count its code points."""
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffa\r\nb\rc\n".encode())
    assert texts(read_all(path)) == ["\ufeffa\r\nb\rc\n"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    """A file without permission is an error and no document."""
    path = tmp_path / "a.txt"
    path.touch(mode=0)
    assert errors(read_all(path)) == [f"{path}: Permission denied"]


def test_zstandard_missing_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package for .zst the error says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    source = Source(tmp_path / "a.txt.zst", Path("a.txt.zst"), Format.TXT, Packing.ZSTD)
    with pytest.raises(MissingExtraError, match=r"pip install zstandard, or pip install 'textclean-articles\[zstd\]'"):
        check_all([source], [], [], False)


# Finding


def test_folders_are_searched_in_order_and_hidden_names_passed_over(tmp_path: Path) -> None:
    """A folder gives the files whose names tell a format, sorted, folders below it too, and no hidden or other files."""
    for name in ("b.txt", "a.jsonl", "sub/c.NDJSON.GZ", "sub/d.txt.zst", "README.md", "x.gz", ".hidden.txt", ".git/e.txt", "data.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    found = [source for source in find([str(tmp_path)]) if isinstance(source, Source)]
    assert [str(source.relative) for source in found] == ["a.jsonl", "b.txt", "data.csv", "sub/c.NDJSON.GZ", "sub/d.txt.zst"]
    assert [(source.format, source.packing) for source in found][3:] == [(Format.JSONL, Packing.GZIP), (Format.TXT, Packing.ZSTD)]


def test_what_is_not_there_is_an_error_in_its_place(tmp_path: Path) -> None:
    """A missing file and an empty folder are errors; the others are found."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").touch()
    missing, empty, found = find([str(tmp_path / "no.txt"), str(tmp_path / "empty"), str(tmp_path / "a.txt")])
    assert str(missing) == f"{tmp_path}/no.txt: no such file or folder"
    assert str(empty).startswith(f"{tmp_path}/empty: no file to read")
    assert isinstance(found, Source)


def test_a_name_that_tells_no_format_needs_the_option(tmp_path: Path) -> None:
    """A file of an unknown name is refused with the remedy, and taken when its format is said."""
    path = tmp_path / "page.html.gz"
    path.touch()
    with pytest.raises(ConfigError, match="format='txt'"):
        list(find([str(path)]))
    [source] = find([str(path)], Format.TXT)
    assert isinstance(source, Source)
    assert (source.format, source.packing) == (Format.TXT, Packing.GZIP)


# Writing


@pytest.mark.parametrize("suffix", PACK)
def test_an_output_is_whole_or_not_there(tmp_path: Path, suffix: str) -> None:
    """Under an output's name stands nothing until it is whole, and after an error nothing is left at all."""
    path = tmp_path / f"out.txt{suffix}"
    with Output(path) as output:
        output.write("text\n")
        assert not path.exists()
    assert os.listdir(tmp_path) == [path.name]
    source = Source(path, path, Format.TXT, Packing(suffix))
    assert texts(list(read(source, Reading()))) == ["text\n"]
    with suppress(KeyboardInterrupt), Output(path, force=True) as output:
        output.write("other\n")
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == [path.name]
    assert texts(list(read(source, Reading()))) == ["text\n"]


@pytest.mark.parametrize("suffix", PACK)
def test_the_same_text_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    """A packed output holds no time of day and no name: two runs give equal files."""
    for name in ("a", "b"):
        with Output(tmp_path / f"{name}.txt{suffix}") as output:
            output.write("text\n" * 1000)
    assert (tmp_path / f"a.txt{suffix}").read_bytes() == (tmp_path / f"b.txt{suffix}").read_bytes()


def test_a_file_that_came_in_the_meantime_is_not_replaced(tmp_path: Path) -> None:
    """Without force even a file made while the output was written stays, and the output is discarded."""
    path = tmp_path / "out.txt"
    output = Output(path)
    path.write_text("theirs")
    with pytest.raises(OutputExistsError, match="force=True"):
        output.commit()
    assert path.read_text() == "theirs"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_where_files_cannot_be_linked_they_are_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without hard links takes outputs too, and still nothing is replaced."""

    def no_links(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", no_links)
    with Output(tmp_path / "out.txt") as output:
        output.write("ours")
    late = Output(tmp_path / "late.txt")
    (tmp_path / "late.txt").write_text("theirs")
    with pytest.raises(OutputExistsError):
        late.commit()
    assert sorted(os.listdir(tmp_path)) == ["late.txt", "out.txt"]
    assert (tmp_path / "late.txt").read_text() == "theirs"


def test_a_link_is_followed_and_a_device_is_not_replaced(tmp_path: Path) -> None:
    """Writing to a link replaces what it points to; /dev/null stays what it is."""
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    with Output(tmp_path / "link.txt", force=True) as output:
        output.write("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"
    with Output(Path(os.devnull)) as output:
        output.write("gone")
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_an_output_error() -> None:
    """No space left is an error that names the file."""
    with pytest.raises(OutputError, match="/dev/full: can't be written: No space left"), Output(Path("/dev/full")) as output:
        output.write("x" * 1_000_000)


def test_an_output_gets_the_permissions_of_a_new_file(tmp_path: Path) -> None:
    """A temporary file is no more private than the file it becomes."""
    with Output(tmp_path / "out.txt"):
        pass
    (tmp_path / "other.txt").touch()
    assert (tmp_path / "out.txt").stat().st_mode == (tmp_path / "other.txt").stat().st_mode


def sources_in(*paths: Path) -> list[Source]:
    """The sources that paths name."""
    return [source for source in find([str(path) for path in paths]) if isinstance(source, Source)]


def test_targets_are_names_below_the_output_folder(tmp_path: Path) -> None:
    """Several inputs keep their place below the folder they were found in; two that would meet are refused."""
    for name in ("a/x.txt", "a/sub/y.txt", "b/x.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = sources_in(tmp_path / "a")
    expected = [Local(tmp_path / "out/x.txt"), Local(tmp_path / "out/sub/y.txt")]
    assert list(targets(found, str(tmp_path / "out"), True).values()) == expected
    with pytest.raises(ConfigError, match=r"both .*a/x\.txt and .*b/x\.txt"):
        targets(sources_in(tmp_path / "a", tmp_path / "b"), str(tmp_path / "out"), True)
    with pytest.raises(ConfigError, match="need a folder"):
        targets(found, str(tmp_path / "a/x.txt"), True)


def test_an_input_is_never_written_to(tmp_path: Path) -> None:
    """An output that is an input, by whatever name, is refused even with force."""
    path, link = tmp_path / "a.txt", tmp_path / "link.txt"
    path.touch()
    os.link(path, link)
    found = sources_in(path)
    for target in (path, link):
        with pytest.raises(ConfigError, match="is an input"):
            check_all(found, targets(found, str(target), False).values(), [], True)
        with pytest.raises(ConfigError, match="is an input"):
            check_all(found, [], [Local(target)], True)


# Between


def test_results_come_back_to_their_documents_in_bounded_memory() -> None:
    """Each document meets its own result however far the cleaning reads ahead, and no more is held than it has read."""
    source = Source(None, Path("stdin.txt"), Format.TXT)
    read_so_far = 0

    def events():
        nonlocal read_so_far
        yield Begin(source)
        for number in range(1000):
            read_so_far += 1
            yield RecordError("bad") if number % 3 == 0 else Document(source, str(number), number)
        yield End(source)

    def clean(texts):
        held = []
        for text in texts:
            held.append(text)
            if len(held) == 10:
                yield from (Cleaned(text, f"clean {text}") for text in held)
                held = []
        yield from (Cleaned(text, f"clean {text}") for text in held)

    order: list[str] = []
    for event in cleaned(events(), clean):
        if isinstance(event, tuple):
            assert event[1].text == f"clean {event[0].text}"
            assert read_so_far - event[0].line < 20
        order.append("document" if isinstance(event, tuple) else type(event).__name__)
    assert order == ["Begin", *("RecordError" if number % 3 == 0 else "document" for number in range(1000)), "End"]


def test_a_result_that_does_not_come_is_not_passed_over() -> None:
    """A cleaning that gives fewer results than it was given texts is an error, not a shorter file."""
    source = Source(None, Path("stdin.txt"), Format.TXT)
    with pytest.raises(RuntimeError, match="no result"):
        list(cleaned([Begin(source), Document(source, "a")], lambda texts: (Cleaned(t, t) for t in list(texts)[1:])))


def test_stdin_is_read_as_it_is_told() -> None:
    """The source ``-`` reads the stream it is given, in the format it is told."""
    [source] = find(["-"], Format.JSONL)
    assert isinstance(source, Source)
    assert texts(list(read(source, Reading(stdin=BytesIO(RECORDS)))))[:2] == ["number 0", "number 1"]


def test_a_missing_file_is_a_source_error(tmp_path: Path) -> None:
    """A file that went away after it was found is reported, and nothing begins."""
    [event] = read(Source(tmp_path / "gone.txt", Path("gone.txt"), Format.TXT), Reading())
    assert isinstance(event, SourceError)
    assert str(event) == f"{tmp_path / 'gone.txt'}: No such file or directory"
