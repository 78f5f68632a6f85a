"""What the commands say on stderr, by way of the standard library's logging."""

from __future__ import annotations

import logging
import sys

from textclean.commands.exits import in_flags
from textclean.files.escapes import visible

log = logging.getLogger("textclean")


class _ToStderr(logging.Handler):
    """Messages on the stderr of the moment, which a progress bar may have in its hands."""

    def emit(self, record: logging.LogRecord) -> None:
        print(f"textclean: {visible(in_flags(record.getMessage()))}", file=sys.stderr, flush=True)


def set_up_log(quiet: bool = False, verbose: bool = False) -> None:
    """Errors alone, what a person wants to know, or all."""
    log.handlers = [_ToStderr()]
    log.setLevel(logging.ERROR if quiet else logging.DEBUG if verbose else logging.INFO)
