"""Files of records, read whole and written whole: JSONL (also .gz) and Parquet.

De-duplication compares every record with every other, so it holds them all; files that are cleaned record by record have a reader of
their own.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from textclean.errors import CorpusError, MissingExtraError, OutputExistsError, RecordError

Record = dict[str, Any]


def read_records(paths: Iterable[Path]) -> list[Record]:
    """The records of all files, in order.

    Raises:
        CorpusError: a file can't be read, or is of no known kind.
        RecordError: a line is no JSON object.
    """
    records: list[Record] = []
    for path in paths:
        records.extend(_parquet(path) if _is_parquet(path) else _jsonl(path))
    return records


def write_records(path: Path, records: Iterable[Record], force: bool = False) -> None:
    """Write records under a temporary name and rename it when it is whole.

    Raises:
        OutputExistsError: ``path`` exists and ``force`` is not set.
        CorpusError: it can't be written.
    """
    if path.exists() and not force:
        raise OutputExistsError(f"{path} exists: use --force to replace it, or another name")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if _is_parquet(path):
            _write_parquet(draft, list(records))
        else:
            with _open(draft, "wt", packed=path.suffix == ".gz") as file:
                file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        draft.replace(path)
    except OSError as error:
        raise CorpusError(f"{path} can't be written ({error.strerror or error})") from error
    finally:
        draft.unlink(missing_ok=True)


def _is_parquet(path: Path) -> bool:
    return path.suffix in {".parquet", ".pq"}


@contextmanager
def _open(path: Path, mode: str, packed: bool) -> Iterator[IO[str]]:
    # Lone surrogates are legal in JSON strings and must survive.
    opened = gzip.open if packed else open
    with opened(path, mode, encoding="utf-8", errors="surrogatepass") as file:
        yield file  # type: ignore[misc]


def _jsonl(path: Path) -> Iterator[Record]:
    try:
        with _open(path, "rt", packed=path.suffix == ".gz") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _record(path, number, line)
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise CorpusError(f"{path} can't be read ({error}): is it JSONL in UTF-8, or a .parquet under another name?") from error


def _record(path: Path, number: int, line: str) -> Record:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise RecordError(f"{path}, line {number:,}: no JSON ({error})") from None
    if not isinstance(record, dict):
        raise RecordError(f"{path}, line {number:,}: a {type(record).__name__} where an object is expected")
    return record


def _pyarrow_parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "arrow", "reading and writing Parquet") from None
    return pyarrow.parquet


def _parquet(path: Path) -> list[Record]:
    parquet = _pyarrow_parquet()
    try:
        records: list[Record] = parquet.read_table(path).to_pylist()
    except (OSError, ValueError) as error:
        raise CorpusError(f"{path} can't be read ({error}): is it Parquet?") from error
    return records


def _write_parquet(path: Path, records: list[Record]) -> None:
    parquet = _pyarrow_parquet()
    import pyarrow

    parquet.write_table(pyarrow.Table.from_pylist(records), path)
