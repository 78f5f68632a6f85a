"""Keeps the folder of a run: the files that resuming it needs, and the files that are read when it is done.

    settings.json    the run's options, and its inputs with their sizes; never changed
    journal.jsonl    a line for each piece of work that is finished, in order
    spool/           clean texts and records that wait for the second pass; removed when the run is done
    removals/        parts of --removals; removed when the run is done
    templates/       how often templates were removed, for the report; removed when the run is done
    drafts/          an output that is not whole yet and goes to a URL; removed when the run is done
    summary.json, report.json   what was done

Work counts as finished once its line stands in the journal, and the line is written when all files of that work have their names and are
on the disk. A line that was cut short by a kill or a power cut does not count, and is cut off when the run is resumed. Lines are not held
in memory but read again when they are asked for, since each may name thousands of sources.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from textclean.errors import ConfigError, OutputError, OutputExistsError
from textclean.files.disk import Disk, boot

_SETTINGS, _JOURNAL, _LOCK = "settings.json", "journal.jsonl", "lock"
#: Folders in it that are only needed to go on with the run.
_WORKING = ("spool", "removals", "templates", "drafts", "decision")
#: All names that the folder of a run may hold. Nothing else is ever removed.
_OWN = {_SETTINGS, _JOURNAL, _LOCK, "summary.json", "report.json", *_WORKING}


class RunFolder:
    """The folder of a run, new or resumed.

    Args:
        path: the path of the folder.
        settings: all that the result depends on, in values that JSON can hold; a resumed run must have the same.
        kept: leave the folder when the run is done.
        resume: go on with a run that is there.
        force: discard a run that is there.
        disk: writes the files of the run, and is settled whenever work is noted as finished; None for one of its own.
        discard: called with the entry of stage ``index`` of a run that was broken off and is discarded, before anything of it is removed.

    Attributes:
        disk: as above.
        tag: a name of the run, which stays the same when it is resumed.
        resumed: whether there was a run to go on with.

    Raises:
        OutputExistsError: a run is there, and neither `resume` nor `force` is set; or another process is working on it.
        ConfigError: the run that is there has other settings, or the folder holds files that are not of a run; or the machine was started
            anew since work was noted that had not been forced to the disk.
        OutputError: the folder can't be made or written.
    """

    def __init__(
        self,
        path: Path,
        settings: dict[str, Any],
        *,
        kept: bool,
        resume: bool = False,
        force: bool = False,
        disk: Disk | None = None,
        discard: Callable[[dict[str, Any]], None] = lambda entry: None,
    ) -> None:
        self.path = path
        self.disk = disk or Disk()
        self._kept = kept
        self._check(path)
        self.disk.remove_tree(_gone(path))
        found = _Journal(path / _JOURNAL, self.disk)
        if found.last and not resume and not force:
            what = "a finished run is here" if found.last.get("done") else "a run that was broken off is here: resume=True finishes it,"
            raise OutputExistsError(f"{path}: {what} force=True begins again, another run=FOLDER leaves it alone")
        self._lock = _locked(path, self.disk)
        before = _settings(path)
        # Without a line in the journal, files may have their names already.
        self.resumed = bool(before) and resume
        if not self.resumed:
            if (added := found.read("index", 0)) and not found.last.get("done"):
                discard(added)
            self._clear()
        self._journal = found if self.resumed else _Journal(path / _JOURNAL, self.disk)
        # That of an earlier run is kept in any case: what it left under names of its own is written over.
        self.tag = str(before.get("tag") or secrets.token_hex(8))
        self._agree(settings, before)

    def done(self, stage: str, number: int = 0) -> dict[str, Any] | None:
        """Returns the journal's entry for a piece of work; None if the work is not finished.

        Args:
            stage: the name of the stage.
            number: which piece of the stage, from 0.
        """
        return self._journal.read(stage, number)

    def count(self, stage: str) -> int:
        """Returns how many pieces of work of a stage are finished."""
        return sum(name == stage for name, _ in self._journal.known)

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yields all entries of the journal, in order."""
        return (entry for entry, _ in _lines(self.path / _JOURNAL))

    def finish(self, stage: str, number: int = 0, **what: Any) -> None:
        """Notes in the journal that a piece of work is finished.

        Args:
            stage: the name of the stage.
            number: which piece of the stage, from 0.
            **what: more values for the entry, which JSON can hold.

        Raises:
            OutputError: the journal can't be written.
        """
        # A line may come through a power cut that the files do not come through: it says so.
        told = {} if self.disk.fsync else {"boot": boot()}
        try:
            self.disk.settle()
            self._journal.add({"stage": stage, "number": number, **what, **told})
        except OSError as error:
            raise OutputError(f"{self.path}: can't be written: {error.strerror}") from error

    @property
    def drafts(self) -> Path:
        """The folder for drafts of outputs that go to a URL; it is made when it is needed."""
        return self.path / "drafts"

    def sub(self, name: str) -> Path:
        """Returns a folder in this folder, made if need be."""
        path = self.path / name
        self.disk.make_folder(path)
        return path

    def write(self, name: str, content: Any) -> None:
        """Writes a file of JSON in this folder, whole or not at all; it is on the disk when this returns.

        Raises:
            OutputError: the file can't be written.
        """
        draft = self.path / f"{name}.part"
        try:
            self.disk.remove(draft)
            self.disk.write(draft, (json.dumps(content, indent=1, ensure_ascii=True) + "\n").encode())
            self.disk.rename(draft, self.path / name)
            self.disk.settle()
        except OSError as error:
            raise OutputError(f"{self.path / name}: can't be written: {error.strerror}") from error

    def close(self, done: bool) -> None:
        """Ends the work on the folder.

        Files that only resuming needs are removed once all is done. Unless the folder is to be kept, it is removed too. A run that has
        finished no piece of work is treated as if all were done.

        Args:
            done: whether the run came to its end.
        """
        if self._lock:
            self._lock.close()
        if done or not self._journal.known:
            for name in _WORKING:
                self.disk.remove_tree(self.path / name)
            self.disk.remove(self.path / _LOCK)
            if not self._kept:
                self._remove()

    def _check(self, path: Path) -> None:
        try:
            self.disk.make_folder(path)
            strange = {name.removesuffix(".part") for name in os.listdir(path)} - _OWN
        except OSError as error:
            raise OutputError(f"{path}: can't be made: {error.strerror}") from error
        if strange:
            raise ConfigError(f"{path}: holds {min(strange)!r}, which is not of a run: name another folder with run=FOLDER")

    def _clear(self) -> None:
        """Removes what an earlier run has left, its settings last of all: whatever happens, they belong to what is there."""
        try:
            # Without a journal all else may be there or not, in any state.
            self.disk.remove(self.path / _JOURNAL)
            self.disk.settle()
            for name in sorted(_OWN - {_LOCK, _JOURNAL, _SETTINGS}):
                self.disk.remove_tree(self.path / name)
                self.disk.remove(self.path / name)
            self.disk.settle()
        except OSError as error:
            raise OutputError(f"{self.path}: can't be written: {error.strerror}") from error

    def _remove(self) -> None:
        """Removes the folder in one step, so that a kill or a power cut leaves all of it or nothing under its name."""
        gone = _gone(self.path)
        with suppress(OSError):
            self.disk.rename(self.path, gone)
            self.disk.settle()
            self.disk.remove_tree(gone)

    def _agree(self, settings: dict[str, Any], before: dict[str, Any]) -> None:
        """Writes the settings of a new run, or compares those of a resumed run with the ones written."""
        if not self.resumed:
            self.write(_SETTINGS, settings | {"tag": self.tag})
            return
        if not {None, boot()} >= self._journal.boots:
            self.close(done=False)
            raise ConfigError(
                f"{self.path}: the machine was started anew since, and the run was made with fsync=False: what it calls finished may not be"
                " on the disk; force=True begins again"
            )
        # By way of JSON, as those written went.
        now = json.loads(json.dumps(settings | {"tag": self.tag}))
        for name in sorted(now.keys() | before.keys()):
            if now.get(name) != before.get(name):
                self.close(done=False)
                raise ConfigError(
                    f"{self.path}: the run that was broken off had another {name}: give the same options and inputs to resume it,"
                    " or force=True to begin again"
                )


def _gone(path: Path) -> Path:
    return path.with_name(f"{path.name}.gone")


def _settings(path: Path) -> dict[str, Any]:
    """Reads the settings written before; empty if there are none that can be read."""
    with suppress(OSError, ValueError):
        found = json.loads((path / _SETTINGS).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}


class _Journal:
    """The journal: a file of lines, of which only the places are held in memory.

    Attributes:
        known: the place of the line of each finished piece of work, in bytes, by stage and number.
        last: the last entry.
        boots: the starts of the machine in which work was noted that had not been forced to the disk, see `boot`.
    """

    def __init__(self, path: Path, disk: Disk) -> None:
        self._disk = disk
        self.boots: set[str | None] = set()
        self.known: dict[tuple[Any, Any], int] = {}
        self.last: dict[str, Any] = {}
        self._path = path
        self._end = 0
        for entry, end in _lines(path):
            self._take(entry, end)

    def read(self, stage: str, number: int) -> dict[str, Any] | None:
        """Reads the entry of a piece of work; returns None if there is none."""
        at = self.known.get((stage, number))
        if at is None:
            return None
        with open(self._path, "rb") as file:
            file.seek(at)
            found: dict[str, Any] = json.loads(file.readline())
            return found

    def add(self, entry: dict[str, Any]) -> None:
        """Writes an entry, which is on the disk when this returns."""
        line = json.dumps(entry).encode() + b"\n"
        if not self._path.exists():
            self._disk.write(self._path, b"")
            self._disk.settle()
        self._disk.append(self._path, self._end, line)
        self._take(entry, self._end + len(line))

    def _take(self, entry: dict[str, Any], end: int) -> None:
        self.known[entry.get("stage"), entry.get("number")] = self._end
        self.last, self._end = entry, end
        self.boots.add(entry.get("boot"))


def _lines(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """Yields the whole lines of a journal, decoded, each with the place where it ends, in bytes."""
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


def _locked(path: Path, disk: Disk) -> IO[bytes] | None:
    """Locks the folder until the process ends, however it ends; returns None where the system has no such locks."""
    try:
        import fcntl
    except ImportError:
        return None
    file = disk.open_in_place(path / _LOCK)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise OutputExistsError(f"{path}: another process is working on this run") from None
    return file
