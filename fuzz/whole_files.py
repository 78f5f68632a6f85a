"""Corpora of files of every format, damaged: a run ends with an answer or an error of the tree, counts add up, what is written is whole."""

from __future__ import annotations

import base64
import bz2
import csv
import gzip
import io
import json
import logging
import lzma
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

import textclean
from textclean.errors import OutputExistsError, TextcleanError
from whole_lines import Lines, parts_left_out

#: What packs a file, by the end of its name.
_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}
_FORMATS = ("txt", "jsonl", "csv", "tsv", "parquet", "arrow", "warc", "wet", "xml")
_SPECIAL = [
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\r",
    b"\n",
    b'"',
    b"\x1f\x8b",
    b"PAR1",
    b"{",
    b"}",
    b"\\ud800",
    b"<page>",
    b"WARC/1.0\r\n",
    b"\xff" * 8,
]


def make(rng: Random, lines: Lines) -> dict[str, Any]:
    """Returns files by name, in base 64, which of them are damaged, and options of the run."""
    files, damaged = {}, []
    for number in range(rng.choice((1, 1, 2, 3))):
        format, packing = rng.choice(_FORMATS), rng.choice(["", "", *_PACKERS])
        if format in ("parquet", "arrow"):
            packing = ""
        name = f"{number}.{format}{packing}"
        texts = [lines.page(rng).encode("utf8", "replace").decode("utf8") for _ in range(rng.choice((0, 1, 3, 8)))]
        content = _written(format, texts, rng)
        if rng.random() < 0.3:
            content = _damaged(rng, content)
            damaged.append(name)
        content = _PACKERS[packing](content)
        if rng.random() < 0.5:
            content = _damaged(rng, content)
            damaged.append(name)
        files[name] = base64.b64encode(content).decode("ascii")
    return {"files": files, "damaged": sorted(set(damaged)), "options": _options(rng), "there": rng.random() < 0.1}


def _options(rng: Random) -> dict[str, Any]:
    choices: dict[str, Any] = {
        "across": rng.choice(("paragraph", "document")),
        "keep": rng.choice(("first", "last", "longest", "id")),
        "threshold": 0.5,
        "same_numbers": True,
        "shard": rng.choice((1, 2000)),
        "output_format": rng.choice(("jsonl", "csv", "parquet", "txt")),
        "removals_field": "gone",
        "id": "id",
        "source": "site",
        "max_mb": 0.001,
        "learn_templates": True,
        "site": "a.example",
        "workers": rng.choice((1, 2)),
        "format": rng.choice(("jsonl", "csv", "txt", "warc", "mediawiki", "parquet")),
        "text": rng.choice(("id", "nothing")),
        "line_model": False,
    }
    return {name: choices[name] for name in rng.sample(sorted(choices), rng.choice((0, 1, 2, 3)))}


def _written(format: str, texts: list[str], rng: Random) -> bytes:
    rows = [{"id": n, "text": text, "site": rng.choice(("a.example", "b.example"))} for n, text in enumerate(texts)]
    match format:
        case "txt":
            return "\n".join(texts).encode()
        case "jsonl":
            return "".join(json.dumps(row, ensure_ascii=rng.random() < 0.5) + "\n" for row in rows).encode()
        case "csv" | "tsv":
            out = io.StringIO(newline="")
            writer = csv.DictWriter(out, ["id", "text", "site"], delimiter="," if format == "csv" else "\t")
            writer.writeheader()
            writer.writerows(rows)
            return out.getvalue().encode()
        case "parquet" | "arrow":
            types = {"id": pa.int64(), "text": rng.choice((pa.string(), pa.large_string(), pa.string_view())), "site": pa.string()}
            return _table(pa.table({name: pa.array([row[name] for row in rows], type_) for name, type_ in types.items()}), format)
        case "xml":
            pages = (
                f"<page><title>{n}</title><ns>0</ns><id>{n}</id><revision><text>{escape(_printable(text))}</text></revision></page>"
                for n, text in enumerate(texts)
            )
            return f"<mediawiki>{''.join(pages)}</mediawiki>".encode()
        case _:
            return b"".join(_record(n, text, format) for n, text in enumerate(texts))


def _printable(text: str) -> str:
    return "".join(c for c in text if c in "\n\t" or c.isprintable())


def _table(table: pa.Table, format: str) -> bytes:
    out = io.BytesIO()
    if format == "parquet":
        # What Parquet has no type for is stored as a plain string.
        pq.write_table(table.set_column(1, "text", table["text"].cast(pa.string())), out, row_group_size=3)
    else:
        with pa.ipc.new_file(out, table.schema) as writer:
            writer.write_table(table, max_chunksize=3)
    return out.getvalue()


def _record(number: int, text: str, format: str) -> bytes:
    content = text.encode()
    kind = "conversion"
    if format == "warc":
        kind = "response"
        body = f"<html><body><p>{escape(text)}</p></body></html>".encode()
        content = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    head = [
        *("WARC/1.0", f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:uuid:{number:032}>", "WARC-Date: 2019-03-05T00:00:00Z"),
        *(
            f"WARC-Target-URI: https://a.example/{number}",
            f"Content-Type: {'application/http; msgtype=response' if format == 'warc' else 'text/plain'}",
        ),
        *(f"Content-Length: {len(content)}", "", ""),
    ]
    return "\r\n".join(head).encode() + content + b"\r\n\r\n"


def _damaged(rng: Random, content: bytes) -> bytes:
    """Bytes that are cut off, turned over, put elsewhere."""
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randint(0, len(content))
        match rng.randrange(6):
            case 0:
                content = content[:at]
            case 1 if at < len(content):
                content = content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]
            case 2:
                content = content[:at] + rng.choice(_SPECIAL) + content[at:]
            case 3:
                content = content[:at] + content[at + rng.randint(1, 200) :]
            case 4:
                part = content[at : at + rng.randint(1, 500)]
                place = rng.randint(0, len(content))
                content = content[:place] + part + content[place:]
            case _:
                content = content[at:] + content[:at]
    return content


def check(case: dict[str, Any]) -> None:
    """Raises if a run ends otherwise than it may."""
    logging.getLogger("textclean").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        inputs, outputs = Path(folder, "in"), Path(folder, "out")
        inputs.mkdir()
        for name, content in case["files"].items():
            (inputs / name).write_bytes(base64.b64decode(content))
        if case["there"]:
            _check_kept(inputs, outputs, case["options"])
        first = _run(inputs, outputs, case["options"])
        # What was written is the same again, but for the places that containers of tables leave open.
        again = _run(inputs, Path(folder, "again"), case["options"])
        assert first == again, "the same run ends otherwise"


def _run(inputs: Path, outputs: Path, options: dict[str, Any]) -> Any:
    """Runs, and returns how it ended: the kind of error, or counts and the rows of each output."""
    before = {path.name: path.read_bytes() for path in inputs.iterdir()}
    try:
        summary = textclean.clean_corpus(inputs, outputs, **options)
    except TextcleanError as error:
        assert str(error), type(error)
        _assert_whole(outputs)
        return type(error).__name__
    counts = summary.counts
    assert counts.documents == counts.written + counts.left_out, counts
    assert counts.opened <= len(before) and len(counts.problems) <= counts.skipped.total()
    assert {path.name: path.read_bytes() for path in inputs.iterdir()} == before, "inputs were changed"
    rows = _assert_whole(outputs)
    assert sum(len(found) for found in rows.values()) == counts.written, f"{counts.written} written, {rows} there"
    json.dumps(summary.to_dict())
    return counts.documents, counts.written, dict(counts.skipped), rows


def _assert_whole(outputs: Path) -> dict[str, list[Any]]:
    """Reads all that was written, with other readers than the package's; returns the rows of each file. Nothing half-written is there."""
    rows: dict[str, list[Any]] = {}
    for path in sorted(path for path in outputs.rglob("*") if path.is_file()) if outputs.exists() else ():
        assert not path.name.startswith("."), f"{path.name} was left behind"
        stem, packing = (path.stem, path.suffix) if path.suffix in _PACKERS else (path.name, "")
        content = path.read_bytes()
        plain = {"": bytes, ".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress, ".zst": _unpacked}[packing](content)
        rows[str(path.relative_to(outputs))] = _rows(stem.rpartition(".")[2], plain)
    return rows


def _unpacked(content: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content)) as reader:
        return bytes(reader.read())


def _rows(format: str, content: bytes) -> list[Any]:
    match format:
        case "jsonl":
            return [json.loads(line) for line in content.decode("utf8").splitlines(keepends=False) if line]
        case "csv" | "tsv":
            csv.field_size_limit(1 << 30)
            reader = csv.reader(io.StringIO(content.decode("utf8"), newline=""), delimiter="," if format == "csv" else "\t")
            return list(reader)[1:]
        case "parquet":
            return [str(row) for row in pq.read_table(io.BytesIO(content)).to_pylist()]
        case "arrow":
            return [str(row) for row in pa.ipc.open_file(io.BytesIO(content)).read_all().to_pylist()]
        case _:
            return [content.decode("utf8")]


def _check_kept(inputs: Path, outputs: Path, options: dict[str, Any]) -> None:
    """What is there already stays as it is, unless the caller says otherwise."""
    for path in inputs.iterdir():
        place = outputs / path.name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"there")
    try:
        textclean.clean_corpus(inputs, outputs, **options)
    except OutputExistsError:
        assert all(path.read_bytes() == b"there" for path in outputs.iterdir() if path.is_file())
    except TextcleanError:
        pass
    for path in sorted(outputs.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    outputs.rmdir()


def smaller(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields fewer files, fewer options, shorter files."""
    files, options = case["files"], case["options"]
    if len(files) > 1:
        yield from (case | {"files": {other: files[other] for other in files if other != name}} for name in files)
    yield from (case | {"options": {other: options[other] for other in options if other != name}} for name in options)
    for name, content in files.items():
        parts = parts_left_out(list(base64.b64decode(content)), least=max(1, len(content) // 128))
        yield from (case | {"files": files | {name: base64.b64encode(bytes(left)).decode("ascii")}} for left in parts)
