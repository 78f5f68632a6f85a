"""The folder of a run: what is needed to go on with it after a kill, and what is left to read when it is done.

    settings.json    what the run was asked for, and its inputs with their sizes; never changed
    journal.jsonl    a line for each piece of work that is finished, in order
    spool/           clean texts and records that wait for the second pass; gone when the run is done
    removals/        parts of --removals; gone likewise
    templates/       how often templates were removed, for the report; gone likewise
    drafts/          an output that is not whole yet and goes to a URL; gone likewise
    summary.json, report.json   what was done

Work counts as finished once its line stands in the journal, and the line is written when all files of that work have their names. A line
that was cut short by a kill is no line, and goes when the run is resumed. Lines are read again when they are asked for: each may name
thousands of sources, and in memory they would be more than all that is counted.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from textclean.errors import ConfigError, OutputError, OutputExistsError

_SETTINGS, _JOURNAL, _LOCK = "settings.json", "journal.jsonl", "lock"
#: Folders in it that are only needed to go on with the run.
_WORKING = ("spool", "removals", "templates", "drafts", "decision")
#: What a folder may hold and still be that of a run: nothing else is ever removed.
_OWN = {_SETTINGS, _JOURNAL, _LOCK, "summary.json", "report.json", *_WORKING}


class RunFolder:
    """The folder of a run, begun or resumed.

    Args:
        path: where it is.
        settings: what the run is asked for, as JSON has it.
        kept: leave it when the run is done.
        resume: go on with a run that is there.
        force: forget a run that is there.

    Attributes:
        tag: a name of the run that stays the same when it is resumed.
        resumed: whether a run was found to go on with.

    Raises:
        OutputExistsError: a run is there, and neither `resume` nor `force` is asked for; or it is being worked on.
        ConfigError: the run that is there was asked for something else, or the folder holds other files.
        OutputError: it can't be made or written.
    """

    def __init__(self, path: Path, settings: dict[str, Any], *, kept: bool, resume: bool = False, force: bool = False) -> None:
        self.path = path
        self._kept = kept
        self._check(path)
        shutil.rmtree(_gone(path), ignore_errors=True)
        found = _Journal(path / _JOURNAL)
        if found.last and not resume and not force:
            what = "a finished run is here" if found.last.get("done") else "a run that was broken off is here: resume=True finishes it,"
            raise OutputExistsError(f"{path}: {what} force=True begins again, another run=FOLDER leaves it alone")
        self._lock = _locked(path)
        before = _settings(path)
        # Without a line in the journal, files may have their names already.
        self.resumed = bool(before) and resume
        if not self.resumed:
            self._clear()
        self._journal = found if self.resumed else _Journal(path / _JOURNAL)
        # That of an earlier run is kept in any case: what it left under names of its own is written over.
        self.tag = str(before.get("tag") or secrets.token_hex(8))
        self._agree(settings, before)

    def done(self, stage: str, number: int = 0) -> dict[str, Any] | None:
        """What the journal says of a finished piece of work; None if it is not finished."""
        return self._journal.read(stage, number)

    def count(self, stage: str) -> int:
        """How many pieces of work of a stage are finished."""
        return sum(name == stage for name, _ in self._journal.known)

    def entries(self) -> Iterator[dict[str, Any]]:
        """All that the journal says, in order."""
        return (entry for entry, _ in _lines(self.path / _JOURNAL))

    def finish(self, stage: str, number: int = 0, **what: Any) -> None:
        """Notes that a piece of work is finished."""
        try:
            self._journal.add({"stage": stage, "number": number, **what})
        except OSError as error:
            raise OutputError(f"{self.path}: can't be written: {error.strerror}") from error

    @property
    def drafts(self) -> Path:
        """Where outputs are written that go to a URL; made when it is needed."""
        return self.path / "drafts"

    def sub(self, name: str) -> Path:
        """A folder in it, made if need be."""
        path = self.path / name
        path.mkdir(exist_ok=True)
        return path

    def write(self, name: str, content: Any) -> None:
        """A file of JSON in it, whole or not there."""
        draft = self.path / f"{name}.part"
        try:
            draft.write_text(json.dumps(content, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
            draft.replace(self.path / name)
        except OSError as error:
            raise OutputError(f"{self.path / name}: can't be written: {error.strerror}") from error

    def close(self, done: bool) -> None:
        """Ends the work: what is only needed to go on with goes once all is done, and all of it if nothing is worth going on with."""
        if self._lock:
            self._lock.close()
        if done or not self._journal.known:
            for name in _WORKING:
                shutil.rmtree(self.path / name, ignore_errors=True)
            (self.path / _LOCK).unlink(missing_ok=True)
            if not self._kept:
                _remove(self.path)

    def _check(self, path: Path) -> None:
        try:
            path.mkdir(parents=True, exist_ok=True)
            strange = {name.removesuffix(".part") for name in os.listdir(path)} - _OWN
        except OSError as error:
            raise OutputError(f"{path}: can't be made: {error.strerror}") from error
        if strange:
            raise ConfigError(f"{path}: holds {min(strange)!r}, which is not of a run: name another folder with run=FOLDER")

    def _clear(self) -> None:
        for name in _OWN - {_LOCK}:
            with suppress(NotADirectoryError, FileNotFoundError):
                shutil.rmtree(self.path / name)
            (self.path / name).unlink(missing_ok=True)

    def _agree(self, settings: dict[str, Any], before: dict[str, Any]) -> None:
        """Writes the settings, or compares them with those written."""
        if not self.resumed:
            self.write(_SETTINGS, settings | {"tag": self.tag})
            return
        # By way of JSON, as those written went.
        now = json.loads(json.dumps(settings | {"tag": self.tag}))
        for name in sorted(now.keys() | before.keys()):
            if now.get(name) != before.get(name):
                self.close(done=False)
                raise ConfigError(
                    f"{self.path}: the run that was broken off had another {name}: give the same options and inputs to resume it,"
                    " or force=True to begin again"
                )


def _remove(path: Path) -> None:
    """Removes a folder in one step, so that a kill leaves all of it or nothing under its name."""
    gone = _gone(path)
    with suppress(OSError):
        path.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _gone(path: Path) -> Path:
    return path.with_name(f"{path.name}.gone")


def _settings(path: Path) -> dict[str, Any]:
    """The settings written before; none if there are none that can be read."""
    with suppress(OSError, ValueError):
        found = json.loads((path / _SETTINGS).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}


class _Journal:
    """A file of lines, of which is held where each begins.

    Attributes:
        known: stage and number of the work that is finished, with the place of its line.
        last: the last line.
    """

    def __init__(self, path: Path) -> None:
        self.known: dict[tuple[Any, Any], int] = {}
        self.last: dict[str, Any] = {}
        self._path = path
        self._end = 0
        for entry, end in _lines(path):
            self._take(entry, end)

    def read(self, stage: str, number: int) -> dict[str, Any] | None:
        """The line of a piece of work; None if there is none."""
        at = self.known.get((stage, number))
        if at is None:
            return None
        with open(self._path, "rb") as file:
            file.seek(at)
            found: dict[str, Any] = json.loads(file.readline())
            return found

    def add(self, entry: dict[str, Any]) -> None:
        """Adds a line, which is on the disk when this returns."""
        with open(self._path, "ab") as file:
            file.truncate(self._end)
            file.write(json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            self._take(entry, file.tell())

    def _take(self, entry: dict[str, Any], end: int) -> None:
        self.known[entry.get("stage"), entry.get("number")] = self._end
        self.last, self._end = entry, end


def _lines(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """The whole lines of a journal, and where each ends."""
    end = 0
    with suppress(FileNotFoundError), open(path, "rb") as file:
        for line in file:
            try:
                entry = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                return
            if not isinstance(entry, dict):
                return
            end += len(line)
            yield entry, end


def _locked(path: Path) -> IO[str] | None:
    """A lock that goes with the process, however it ends; None where there are no such locks."""
    try:
        import fcntl
    except ImportError:
        return None
    file = open(path / _LOCK, "w", encoding="utf-8")  # noqa: SIM115 - closed with the folder
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise OutputExistsError(f"{path}: another process is working on this run") from None
    return file
