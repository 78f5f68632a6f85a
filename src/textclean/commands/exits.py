"""How a command ends: its exit code, and its error message on stderr. All commands end through this module."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

import click

from textclean.commands.screen import OutputClosedError
from textclean.corpus.counts import Counts
from textclean.errors import ConfigError, TextcleanError
from textclean.files.escapes import visible

OK, SKIPPED, USAGE, FATAL, INTERRUPTED = 0, 1, 2, 3, 130
#: What a shell reports of programs that these signals ended.
PIPE_CLOSED, TERMINATED = 141, 143

HELP = """\b
Exit codes:
  0    all done
  1    done, but some records or files were skipped or cut short (each is
       named on stderr)
  2    wrong usage
  3    nothing done, or broken off: no input could be read, an output exists
       already, the disk is full, a package is missing
  130  interrupted (143: terminated); of outputs that were not whole nothing is left
  141  whoever read the output has closed it, as head does
"""


def after(counts: Counts) -> int:
    """Returns the exit code for what was counted: 0 if nothing was skipped, 1 if something was, 3 if no source could be opened."""
    return OK if not counts.skipped else SKIPPED if counts.opened else FATAL


class Commands(click.Group):
    """A group of commands that turns every way in which a command can end into an exit code."""

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Runs a command and exits with its code."""
        sys.exit(code_of(partial(super().main, *args, **(options | {"standalone_mode": False}))))


def code_of(run: Callable[[], Any]) -> int:
    """Runs a command and returns its exit code; an error is printed on stderr."""
    try:
        return int(run() or OK)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        # It names what was on the command line: file names too.
        print(visible(shown.getvalue(), lines=True), end="", file=sys.stderr)
        return USAGE if isinstance(error, click.UsageError) else FATAL
    except OutputClosedError:
        _let_go_of_stdout()
        return PIPE_CLOSED
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except ConfigError as error:
        return _told(error, USAGE)
    except (TextcleanError, OSError) as error:
        return _told(error, FATAL)
    except MemoryError:
        return _told("out of memory: fewer workers=... or a smaller max_mb=... need less", FATAL)


def _told(error: object, code: int) -> int:
    print(f"textclean: {visible(in_flags(str(error)))}", file=sys.stderr)
    return code


#: Options of the library that the command line calls otherwise than by their own names.
_FLAGS = {
    **{name: f"--{name}-field" for name in ("text", "id", "source", "date")},
    **{"keep_kinds": "--keep-kind", "drop_kinds": "--drop-kind", "without_rules": "--without-rule", "languages": "--language"},
    **{"repeats": "--no-repeats", "unwrap": "--no-unwrap", "line_model": "--no-line-model"},
}
_SAME = (
    *(
        "across",
        "keep",
        "threshold",
        "same_numbers",
        "near_threshold",
        "repeat_matching",
        "min_words",
        "format",
        "output_format",
        "shard",
        "removals",
        "removals_field",
        "run",
    ),
    *(
        "resume",
        "force",
        "fsync",
        "memory",
        "workers",
        "max_mb",
        "memory_mb",
        "templates",
        "learn_templates",
        "site",
        "page",
        "effort",
        "rules",
        "unit",
        "ngram_size",
    ),
    *("method", "num_perm", "seed", "documents", "share", "inside_documents", "inside_share"),
    *("index", "against", "read_only", "removable", "replay", "prefix", "before", "timeout"),
)
#: What says no to an option that is on by default.
_OPPOSITES = {"--same-numbers": "--other-numbers", "--fsync": "--no-fsync", "--removable": "--no-removable"}
_FLAGS |= {name: f"--{name.replace('_', '-')}" for name in _SAME}
#: An option as the library's messages name it: ``force=True``, ``memory=...``, ``format='txt'``, ``keep='date'``.
_option = re.compile(rf"(?<![\w.&?/=-])({'|'.join(_FLAGS)})=(True\b|False\b|None\b|\.\.\.|'[^']{{0,200}}'|[\w.{{(\[-]\S{{0,80}})")


def in_flags(message: str) -> str:
    """Rewrites the options that a message of the library names as options of the command line.

    >>> in_flags("clean: exists already (force=True replaces it); raise memory=..., or say format='txt'")
    'clean: exists already (--force replaces it); raise --memory, or say --format txt'
    """
    return _option.sub(_flag, message)


def _flag(found: re.Match[str]) -> str:
    name, value = _FLAGS[found[1]], found[2]
    if value == "False" and name in _OPPOSITES:
        return _OPPOSITES[name]
    if value in ("True", "False", "None", "..."):
        return name
    return f"{name} {value[1:-1] if value.startswith(chr(39)) else value}"


def _let_go_of_stdout() -> None:
    """Points stdout at the null device: else Python would complain at its exit that it can't send the rest."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
