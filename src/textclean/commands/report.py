"""``textclean report``: writes the report of a run as an HTML page."""

from __future__ import annotations

from pathlib import Path

import click

from textclean.commands import exits
from textclean.files.output import Output


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="RUN")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE", help="Page to write (.html)."
)
@click.option("-f", "--force", is_flag=True, help="Replace the file if it exists.")
def report(run: Path, output: Path, force: bool) -> int:
    """Write a page about a run: what went by kind and source, what sites repeat, samples in context, groups, pairs at the border.

    RUN is the folder that was given to clean as --run. The page needs no network and runs nothing but its own filter: what stood in the
    texts is shown as text.

    \b
    Example:
      textclean clean dump/ -o clean/ --across paragraph --run clean.run
      textclean report clean.run -o report.html
    """  # noqa: D301 - click wants the control character
    from textclean.report.page import render

    page = render(run)
    with Output(output, force) as file:
        file.write(page)
    return exits.OK
