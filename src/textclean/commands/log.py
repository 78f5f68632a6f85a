"""Prints the messages of the commands on stderr, through the standard library's logging."""

from __future__ import annotations

import logging
import sys

from textclean.commands.exits import in_flags
from textclean.files.escapes import visible

log = logging.getLogger("textclean")


class _ToStderr(logging.Handler):
    """Prints messages on the present `sys.stderr`, which a progress bar may have replaced."""

    def emit(self, record: logging.LogRecord) -> None:
        print(f"textclean: {visible(in_flags(record.getMessage()))}", file=sys.stderr, flush=True)


def set_up_log(quiet: bool = False, verbose: bool = False) -> None:
    """Sets which messages are printed.

    Args:
        quiet: errors only.
        verbose: debugging messages too; without either, messages of level INFO and above.
    """
    log.handlers = [_ToStderr()]
    log.setLevel(logging.ERROR if quiet else logging.DEBUG if verbose else logging.INFO)
