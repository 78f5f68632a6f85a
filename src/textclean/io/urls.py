"""Files that are not on this machine, by way of fsspec: ``s3://``, ``hf://``, ``https://`` and whatever back ends the user has installed.

fsspec is imported when the first URL is seen. Keys and endpoints are the business of its own configuration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from glob import has_magic
from typing import IO, Any, cast

from textclean.errors import MissingExtraError, SourceError

_scheme = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}(?:://|::)")


def is_url(name: str) -> bool:
    """Whether a name is a URL; ``C:\\pages`` is none.

    >>> is_url("s3://dumps/2024.jsonl.zst"), is_url("pages/a.txt")
    (True, False)
    """  # noqa: D301 - a backslash that is meant
    return _scheme.match(name) is not None


def opened(url: str) -> AbstractContextManager[IO[bytes]]:
    """The bytes at a URL.

    Raises:
        SourceError: it can't be opened.
        MissingExtraError: fsspec, or its back end for such a URL, is not installed.
    """
    with _said(url):
        return cast("AbstractContextManager[IO[bytes]]", _fsspec().open(url, "rb").open())


def find(url: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """The files at a URL, each with its name below it, sorted: one, those a pattern matches, or those of a folder that are `wanted`.

    Raises:
        SourceError: nothing is there.
        MissingExtraError: as `opened`.
    """
    fsspec = _fsspec()
    with _said(url):
        system, path = fsspec.core.url_to_fs(url)
        if has_magic(path):
            names, base = system.glob(path), path.split("*")[0].rpartition("/")[0]
        elif not wanted(path) and system.isdir(path):
            names, base = filter(wanted, system.find(path)), path
        else:
            names, base = [path], path.rpartition("/")[0]
        found = [(system.unstrip_protocol(name), name.removeprefix(base).lstrip("/")) for name in sorted(names)]
    if not found:
        raise SourceError(f"{url}: no file to read there", "missing")
    yield from found


@contextmanager
def _said(url: str) -> Iterator[None]:
    """Errors of a back end as the project's own; each back end has its own kinds."""
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(error.name or str(error), "urls", f"reading {url}") from None
    except SourceError:
        raise
    except Exception as error:
        raise SourceError(f"{url}: can't be read: {error or type(error).__name__}", "unreadable") from error


def _fsspec() -> Any:
    try:
        import fsspec
    except ImportError:
        raise MissingExtraError("fsspec", "urls", "reading URLs") from None
    return fsspec
