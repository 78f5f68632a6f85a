"""``textclean explain``: shows one file with what is removed from it."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from textclean.commands import exits
from textclean.commands.log import set_up_log
from textclean.commands.options import config_options, message_options, reading_options, request_of, template_options
from textclean.commands.screen import Screen, show_explained, show_heading
from textclean.corpus.counts import Counts
from textclean.corpus.perform import sites_of
from textclean.corpus.stream import cleaned_events
from textclean.files.targets import check_all


@click.command()
@click.argument("path", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: text, removals, fields and fixes; one line for each text.")
@reading_options
@config_options
@template_options
@message_options
def explain(path: str, as_json: bool, **options: Any) -> int:
    """Show a text with what is removed from it: struck out in colour on a terminal, else as [-what goes-]{kind rule}.

    FILE is a file as for clean, or - for stdin. Beside the rule of a repeat stands where the text is that it repeats. Escape sequences and
    other control characters of the text are shown, not sent to the terminal.

    \b
    Examples:
      textclean explain article.txt
      textclean explain article.txt --json | jq .fields
    """  # noqa: D301 - click wants the control character
    set_up_log(options["quiet"], options["verbose"])
    if os.path.isdir(path):
        raise click.UsageError(f"{path} is a folder: explain takes one file, clean takes folders")
    counts = Counts()
    request = request_of((path,), options)
    sources = request.sources(counts.skip)
    check_all(sources, [], [], False)
    screen = Screen(sys.stdout)
    for event in cleaned_events(sources, request.reading, request.config, 1, counts, sites_of(request, sources)):
        if isinstance(event, tuple):
            document, result = event
            if as_json:
                screen.write(document.to_json(result) + "\n")
                continue
            if document.line is not None:
                show_heading(screen, document.place, first=counts.documents == 1)
            show_explained(screen, result)
    screen.flush()
    return exits.after(counts)
