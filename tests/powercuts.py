"""A model of a disk that loses power: what `Disk` is told is recorded, and cut at any point.

The model promises as little as it may. What was written to a file since it was last forced to the disk is there, or torn, or full of
zeros, or not there. A name that was given or taken away since its folder was last forced to the disk is so or is not so, each change by
itself and in any order; to rename is one change.
"""

from __future__ import annotations

import io
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from textclean.files.disk import Disk

#: What was done: its name, and its arguments.
Operation = tuple[Any, ...]
#: What becomes of names that were not forced to the disk, and of data.
MODES = [
    ("lost", "lost"),
    ("lost", "kept"),
    ("kept", "lost"),
    ("kept", "torn"),
    ("kept", "zeros"),
    ("kept", "kept"),
    ("drawn", "drawn"),
    ("drawn", "drawn"),
]


@dataclass
class File:
    """A file: what is surely on the disk, and what a program reads."""

    safe: bytes = b""
    now: bytearray = field(default_factory=bytearray)

    def left(self, mode: str, draw: random.Random) -> bytes:
        """What a power cut leaves of it."""
        if mode == "drawn":
            mode = draw.choice(["lost", "torn", "zeros", "kept"])
        now = bytes(self.now)
        pairs = enumerate(zip(self.safe, now, strict=False))
        different = (at for at, (one, other) in pairs if one != other)
        same = len(self.safe) if now.startswith(self.safe) else next(different, min(len(self.safe), len(now)))
        return {"lost": self.safe, "kept": now, "torn": now[: (same + len(now)) // 2], "zeros": now[:same] + bytes(len(now) - same)}[mode]


@dataclass
class Folder:
    """A folder: the names that are surely on the disk, the names that a program sees, and the changes between the two."""

    safe: dict[str, Node] = field(default_factory=dict)
    now: dict[str, Node] = field(default_factory=dict)
    changes: list[dict[str, Node | None]] = field(default_factory=list)

    def change(self, names: dict[str, Node | None]) -> None:
        """Gives names, or takes them away, in one step."""
        self.changes.append(names)
        _apply(self.now, names)

    def left(self, mode: str, draw: random.Random) -> dict[str, Node]:
        """The names that a power cut leaves."""
        names = dict(self.safe)
        for each in self.changes:
            if mode == "kept" or (mode == "drawn" and draw.random() < 0.5):
                _apply(names, each)
        return names


Node = File | Folder


def _apply(names: dict[str, Node], changes: dict[str, Node | None]) -> None:
    for name, node in changes.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


class ModelDisk:
    """The disk below one folder, to which operations are done as they were recorded; `before` are the files that are safe already."""

    def __init__(self, before: dict[str, bytes] | None = None) -> None:
        self.root = Folder()
        self._open: dict[int, File] = {}
        for path, content in (before or {}).items():
            folder = self.root
            *above, name = path.split("/")
            for each in above:
                folder = folder.now.setdefault(each, Folder())
            folder.now[name] = File(content, bytearray(content))
        for folder in self._folders():
            folder.safe = dict(folder.now)

    def _folders(self) -> list[Folder]:
        found = [self.root]
        for folder in found:
            found += [node for node in folder.now.values() if isinstance(node, Folder)]
        return found

    def do(self, operation: Operation) -> None:
        """Does an operation."""
        getattr(self, f"_{operation[0]}")(*operation[1:])

    def files(self, mode: str = "kept", data: str = "kept", seed: int = 0) -> dict[str, bytes]:
        """The files that a power cut leaves, by path. Names and data that were kept are what a program sees."""
        return {name: content for name, content in self._walk(mode, data, seed) if content is not None}

    def lay_out(self, root: Path, mode: str, data: str, seed: int) -> None:
        """Makes the folder be as a power cut leaves it."""
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        for name, content in self._walk(mode, data, seed):
            if content is None:
                (root / name).mkdir()
            else:
                (root / name).write_bytes(content)

    def _walk(self, mode: str, data: str, seed: int) -> Iterator[tuple[str, bytes | None]]:
        draw = random.Random(seed)
        folders = [("", self.root)]
        for path, folder in folders:
            for name, node in sorted(folder.left(mode, draw).items()):
                if isinstance(node, Folder):
                    folders.append((f"{path}{name}/", node))
                    yield f"{path}{name}", None
                else:
                    yield f"{path}{name}", node.left(data, draw)

    def _at(self, path: str) -> tuple[Folder, str]:
        folder: Node = self.root
        *above, name = path.split("/")
        for each in above:
            assert isinstance(folder, Folder)
            folder = folder.now[each]
        assert isinstance(folder, Folder)
        return folder, name

    def _create(self, path: str, number: int) -> None:
        folder, name = self._at(path)
        assert name not in folder.now
        self._open[number] = made = File()
        folder.change({name: made})

    def _open_again(self, path: str, number: int) -> None:
        folder, name = self._at(path)
        file = folder.now[name]
        assert isinstance(file, File)
        self._open[number] = file

    def _write(self, number: int, at: int, data: bytes) -> None:
        now = self._open[number].now
        now.extend(bytes(max(0, at - len(now))))
        now[at : at + len(data)] = data

    def _truncate(self, number: int, size: int) -> None:
        del self._open[number].now[size:]

    def _sync(self, number: int) -> None:
        file = self._open[number]
        file.safe = bytes(file.now)

    def _sync_folder(self, path: str) -> None:
        folder = self.root
        for name in filter(None, path.split("/")):
            node = folder.now[name]
            assert isinstance(node, Folder)
            folder = node
        folder.safe, folder.changes = dict(folder.now), []

    def _rename(self, old: str, new: str) -> None:
        (folder, before), (other, after) = self._at(old), self._at(new)
        assert folder is other, "names move within their folder only: elsewhere a power cut may take both"
        folder.change({before: None, after: folder.now[before]})

    def _link(self, old: str, new: str) -> None:
        (folder, before), (other, after) = self._at(old), self._at(new)
        other.change({after: folder.now[before]})

    def _remove(self, path: str) -> None:
        folder, name = self._at(path)
        folder.change({name: None})

    def _make(self, path: str) -> None:
        folder, name = self._at(path)
        folder.change({name: Folder()})


class _File(io.FileIO):
    """An open file whose writes are recorded."""

    def __init__(self, path: Path, mode: str, log: Callable[..., None], number: int) -> None:
        super().__init__(path, mode)
        self._log, self.number = log, number

    def write(self, data: Any, /) -> int:
        at = self.tell()
        count = super().write(data)
        self._log("write", self.number, at, bytes(memoryview(data).cast("B")[:count]))
        return count

    def truncate(self, size: int | None = None, /) -> int:
        size = super().truncate(size)
        self._log("truncate", self.number, size)
        return size


class Recorder:
    """Records, below one folder, what `Disk` does.

    Attributes:
        log: the operations; those that were given come first.
    """

    def __init__(self, root: Path, patch: pytest.MonkeyPatch, log: list[Operation] | None = None) -> None:
        self.root = root
        self.log: list[Operation] = log or []
        self._files = len(self.log)
        methods = ("create", "_open_again", "sync", "rename", "link", "remove", "remove_tree", "sync_folder", "_make")
        self._real = {name: getattr(Disk, name) for name in methods}
        for name in methods:
            patch.setattr(Disk, name, self._method(name))

    def note(self, *operation: Any) -> None:
        """Records an operation."""
        self.log.append(operation)

    def _method(self, name: str) -> Callable[..., Any]:
        mine = getattr(self, f"_disk{name if name.startswith('_') else f'_{name}'}")
        return lambda disk, *args: mine(disk, *args)

    def _name(self, path: Path) -> str | None:
        """The path below the folder; None for all others, which are none of our business."""
        path = Path(os.path.abspath(path))
        if not path.is_relative_to(self.root):
            return None
        return "" if path == self.root else path.relative_to(self.root).as_posix()

    def _opened(self, path: Path, mode: str, what: str) -> BinaryIO:
        self._files += 1
        raw = _File(path, mode, self.note, self._files)
        self.note(what, self._name(path), self._files)
        return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)

    def _disk_create(self, disk: Disk, path: Path, buffering: int = -1) -> BinaryIO:
        if self._name(path) is None:
            return self._real["create"](disk, path, buffering)
        file = self._opened(path, "x", "create")
        disk._note(path)
        return file

    def _disk_open_again(self, disk: Disk, path: Path) -> BinaryIO:
        return self._opened(path, "r+", "open_again")

    def _disk_sync(self, disk: Disk, file: Any) -> None:
        self._real["sync"](disk, file)
        if disk.fsync and isinstance(file.raw, _File):
            self.note("sync", file.raw.number)

    def _disk_rename(self, disk: Disk, old: Path, new: Path) -> None:
        self._real["rename"](disk, old, new)
        self.note("rename", self._name(old), self._name(new))

    def _disk_link(self, disk: Disk, old: Path, new: Path) -> None:
        self._real["link"](disk, old, new)
        self.note("link", self._name(old), self._name(new))

    def _disk_remove(self, disk: Disk, path: Path) -> None:
        there = path.exists()
        self._real["remove"](disk, path)
        if there and self._name(path):
            self.note("remove", self._name(path))

    def _disk_remove_tree(self, disk: Disk, path: Path) -> None:
        gone = [*sorted(path.rglob("*"), reverse=True), path] if path.exists() else []
        self._real["remove_tree"](disk, path)
        for each in gone:
            if self._name(each):
                self.note("remove", self._name(each))

    def _disk_sync_folder(self, disk: Disk, folder: Path) -> None:
        self._real["sync_folder"](disk, folder)
        name = self._name(folder)
        if disk.fsync and name is not None and folder.exists():
            self.note("sync_folder", name)

    def _disk_make(self, disk: Disk, path: Path) -> None:
        there = path.exists()
        self._real["_make"](disk, path)
        if not there and self._name(path):
            self.note("make", self._name(path))
