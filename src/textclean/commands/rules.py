"""``textclean rules``: lists the rules that recognise lines."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from textclean.commands import exits
from textclean.commands.screen import Screen, show_rules
from textclean.rules.ruleset import load


@click.command()
@click.option("--language", multiple=True, metavar="CODE", help="Only the rules of this language (again for more), and those for any.")
@click.option(
    "--rules",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The rules in this file too (again for more).",
)
def rules(language: tuple[str, ...], files: tuple[Path, ...]) -> int:
    """List the rules: name, kind, where on a page, and a line that each matches.

    On a terminal a table, else values between tabs. These are found without a rule: a repeated headline (headline), text that stands
    verbatim, nearly or in parts elsewhere (verbatim, near, covered), lines below a heading that takes them (under-heading), short lines
    between two that go (between), furniture by its looks (line-model), and a headline that is to go (above-article).
    """
    screen = Screen(sys.stdout)
    show_rules(screen, load(language or None, files).rules)
    screen.flush()
    return exits.OK
