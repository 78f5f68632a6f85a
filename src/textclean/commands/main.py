"""The program ``textclean``: puts the commands together and runs the one that is asked for.

It adds nothing to what the package does to a text. `textclean.commands.exits` decides how a command ends, and `textclean.commands.screen`
what a person is shown; each command has a file of its own.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from typing import NoReturn

import click

from textclean import __version__
from textclean.commands import exits
from textclean.commands.clean import clean
from textclean.commands.dedupe import dedupe
from textclean.commands.explain import explain
from textclean.commands.index import index
from textclean.commands.report import report
from textclean.commands.rules import rules
from textclean.commands.templates import templates
from textclean_articles import neighbour


def main() -> NoReturn:
    """Runs the program ``textclean`` with the arguments of the process, and exits with its code."""
    # An orderly end, with temporary files removed, when a scheduler asks for one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(exits.TERMINATED))
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    commands.main(prog_name="textclean")


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        said = neighbour()
        click.echo(f"textclean {__version__}" + (f"\n{said}" if said else ""))
        context.exit()


@click.group(cls=exits.Commands, epilog=exits.HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version and exit.")
def commands() -> None:
    """Clean scraped article text, and say what was removed, where and why.

    \b
    Examples:
      textclean clean article.txt
      textclean clean pages/ -o clean/
      textclean clean dump.jsonl.zst -o clean.jsonl.zst --removals removed.jsonl
      textclean clean pages/ -o clean/ --across paragraph
      textclean explain article.txt
      textclean dedupe pages.jsonl -o unique.jsonl
      textclean index add seen.db pages.jsonl --id-field url
      textclean report clean.run -o report.html
    """  # noqa: D301 - click wants the control character


for command in (clean, explain, rules, dedupe, index, templates, report):
    commands.add_command(command)
