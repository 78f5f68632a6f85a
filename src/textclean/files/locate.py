"""Tells whether a name means a file of this machine or a file at a URL."""

from __future__ import annotations

from pathlib import Path

from textclean.files.places import Local, OutputPlace
from textclean.files.urls import is_url, local


def place(name: str) -> OutputPlace:
    """Returns the place that a path or a URL names.

    Raises:
        OutputError: nothing can be written to such a URL.
        MissingExtraError: fsspec, or its back end for the URL, is not installed.
    """
    name = local(name)
    if not is_url(name):
        return Local(Path(name))
    from textclean.files.remote import Remote

    return Remote.at(name)
