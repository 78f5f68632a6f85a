"""Keeps the witnesses that an index had seen before a run, so that the run can name them when it writes.

They are read from the index when it answers: later another process may have removed them.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from textclean.dedup.duplicates import Earlier
from textclean.errors import OutputError
from textclean.files.disk import Disk
from textclean.formats.across import DocumentPlace
from textclean.formats.json_record import dumps

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Code points of a witness that are kept for the report.
_TEXT = 1_500


class Witnesses:
    """Writes units of the index that are witnesses to a file, a line each, with the places of the lines beside it."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path, self._disk = path, disk
        self._ends, self._numbers = array("Q"), array("q")

    def __enter__(self) -> Witnesses:
        try:
            for path in (self._path, _ends(self._path)):
                self._disk.remove(path)
            self._file = self._disk.create(self._path, 1 << 20)
        except OSError as error:
            raise OutputError(f"{self._path}: can't be written: {error.strerror}") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            with self._file:
                self._disk.sync(self._file)
            if kind is None:
                self._disk.write(_ends(self._path), self._ends.tobytes())
        except OSError as error:
            raise OutputError(f"{self._path}: can't be written: {error.strerror}") from error

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Their numbers in the index, in the order in which they were written; some may come again."""
        return np.frombuffer(self._numbers, np.int64)

    def add(self, units: Iterator[Earlier]) -> None:
        """Writes some."""
        for known in units:
            line = json.dumps([known.id, known.source, known.date, known.span, known.tokens[:_TEXT]])
            try:
                self._file.write(line.encode() + b"\n")
            except OSError as error:
                raise OutputError(f"{self._path}: can't be written: {error.strerror}") from error
            self._ends.append((self._ends[-1] if self._ends else 0) + len(line) + 1)
            self._numbers.append(known.number)


def _ends(path: Path) -> Path:
    return path.with_name(f"{path.name}-ends")


class Before:
    """Reads the witnesses that `Witnesses` wrote.

    Args:
        path: the file.
        index: the path of the index, by which they are named.
    """

    def __init__(self, path: Path, index: str) -> None:
        self._path, self._index = path, index

    def unit(self, number: int) -> tuple[DocumentPlace, tuple[int, int], str]:
        """Returns the document of a unit, the unit's span there in code points, and its tokens.

        Args:
            number: its place in the file, from 0.

        Raises:
            OutputError: the file can't be read again.
        """
        try:
            with open(_ends(self._path), "rb") as file:
                file.seek(max(number - 1, 0) * 8)
                ends = array("Q", file.read(8 if number == 0 else 16))
            with open(self._path, "rb") as file:
                file.seek(ends[0] if number else 0)
                id, source, date, span, tokens = json.loads(file.readline())
        except (OSError, ValueError, IndexError) as error:
            raise OutputError(f"{self._path}: can't be read again ({error}): force=True begins the run again") from error
        members = {"index": self._index, "id": id, "source": source, "date": date}
        return DocumentPlace(dumps(members)[1:-1]), (span[0], span[1]), tokens
