"""Reads files that are not on this machine through fsspec: ``s3://``, ``hf://``, ``https://`` and every other back end that is installed.

fsspec is imported when the first URL is seen, and has its own configuration for keys and endpoints. `textclean.files.remote` writes files
at URLs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from glob import has_magic
from typing import IO, Any, cast

from textclean.errors import ConfigError, CorpusError, MissingExtraError, OutputError, SourceError

_scheme = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}(?:://|::)")


def is_url(name: str) -> bool:
    """Returns whether a name is a URL; ``C:\\pages`` is none.

    >>> is_url("s3://dumps/2024.jsonl.zst"), is_url("pages/a.txt")
    (True, False)
    """  # noqa: D301 - a backslash that is meant
    return _scheme.match(name) is not None


def local(name: str) -> str:
    """Returns the path that a ``file://`` or ``local://`` URL means, so that such files are read and written like all others.

    Every other name is returned as it is.

    >>> local("file:///tmp/a.txt"), local("file:///tmp/out/"), local("s3://dumps/a.txt")
    ('/tmp/a.txt', '/tmp/out/', 's3://dumps/a.txt')
    """
    if not name.lower().startswith(("file://", "local://")) or "::" in name:
        return name
    path = str(_fsspec().implementations.local.LocalFileSystem._strip_protocol(name))
    return path + "/" if name.endswith("/") and not path.endswith("/") else path


def file_system(url: str) -> tuple[Any, str]:
    """Returns the fsspec file system for a URL to be written to, and the path in it.

    Raises:
        ConfigError: such a URL can be read and not written.
        OutputError: there is no back end for it, or the back end can't reach it.
        MissingExtraError: fsspec, or its back end for the URL, is not installed.
    """
    if "::" in url:
        raise ConfigError(
            f"{url}: a chain of URLs is read and not written: give the last part alone, and packed files a name in .gz or .zst"
        )
    if url.lower().startswith(("http://", "https://")):
        raise ConfigError(f"{url}: is read and not written: there is no one way to put a file on a web server")
    with backend_errors(url, written=True):
        return cast("tuple[Any, str]", _fsspec().core.url_to_fs(url))


def opened(url: str) -> AbstractContextManager[IO[bytes]]:
    """Opens a URL for reading bytes.

    Raises:
        SourceError: the URL can't be opened.
        MissingExtraError: fsspec, or its back end for the URL, is not installed.
    """
    with backend_errors(url):
        return cast("AbstractContextManager[IO[bytes]]", _fsspec().open(url, "rb").open())


def find(url: str, wanted: Callable[[str], bool], passed_over: Iterable[tuple[Any, str]] = ()) -> Iterator[tuple[str, str]]:
    """Yields the files at a URL, sorted, each as its URL and its path below `url`.

    A URL names one file, a pattern names all files that match it, and a folder all files in it that are `wanted`.

    Args:
        url: a file, a folder or a pattern.
        wanted: says of a file in a folder, given its path, whether to take it.
        passed_over: folders that are not searched, as pairs of a file system and a path in it.

    Raises:
        SourceError: there is no such file.
        MissingExtraError: fsspec, or its back end for the URL, is not installed.
    """
    fsspec = _fsspec()
    with backend_errors(url):
        files, path = fsspec.core.url_to_fs(url)
        if has_magic(path):
            names, base = files.glob(path), path.split("*")[0].rpartition("/")[0]
        elif not wanted(path) and files.isdir(path):
            closed = tuple(f"{folder}/" for other, folder in passed_over if other == files and folder != path)
            names, base = (name for name in files.find(path) if wanted(name) and not name.startswith(closed)), path
        else:
            names, base = [path], path.rpartition("/")[0]
        found = [(files.unstrip_protocol(name), name.removeprefix(base).lstrip("/")) for name in sorted(names)]
    if not found:
        raise SourceError(f"{url}: no file to read there", "missing")
    yield from found


@contextmanager
def backend_errors(url: str, written: bool = False) -> Iterator[None]:
    """Turns the errors of a back end, which has its own kinds, into a `SourceError`, an `OutputError` or a `MissingExtraError`."""
    try:
        yield
    except CorpusError:
        raise
    except ImportError as error:
        # fsspec raises an ImportError of its own, whose cause is the error of the import.
        package = error.name or getattr(error.__cause__, "name", None) or str(error)
        raise MissingExtraError(package, "urls", f"{'writing' if written else 'reading'} {url}", beside=True) from None
    except Exception as error:
        if written:
            raise OutputError(f"{url}: can't be written: {_why(error)}") from error
        raise SourceError(f"{url}: can't be read: {error or type(error).__name__}", "unreadable") from error


def _why(error: Exception) -> str:
    """Returns the error in words: the system's message, or the library's message with the error's class, which often says the most."""
    told = str(error)
    return getattr(error, "strerror", None) or (f"{told} ({type(error).__name__})" if told else type(error).__name__)


def _fsspec() -> Any:
    try:
        import fsspec
        import fsspec.implementations.local
    except ImportError:
        raise MissingExtraError("fsspec", "urls", "reading and writing URLs") from None
    return fsspec
