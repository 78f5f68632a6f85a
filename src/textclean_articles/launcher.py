"""The command ``textclean``, which can say what is wrong even where somebody else's package has taken the name."""

from __future__ import annotations

import sys
from typing import NoReturn

from textclean_articles import neighbour


def main() -> NoReturn:
    """Runs the command line of `textclean`."""
    try:
        from textclean.commands.main import main as run
    except (ImportError, SyntaxError):
        if (said := neighbour()) is None:
            raise
        sys.exit(f"textclean: can't be loaded: {said}")
    run()
