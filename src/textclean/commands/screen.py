"""Prints texts under headings, and lists of what was removed from them, for a person to read.

Everything that comes from the input passes through `textclean.files.escapes.visible`. The package rich decides colour and width (it heeds
NO_COLOR and COLUMNS); it is imported when there is something to lay out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from textclean.errors import OutputError
from textclean.files.escapes import escaped, visible
from textclean.files.sources import Format, Source

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from textclean.document import Cleaned, Removal
    from textclean.formats.across import Across, Repeat
    from textclean.formats.records import Document
    from textclean.rules.ruleset import Rule

#: Columns when nobody says how wide the output is.
_WIDTH = 120


class OutputClosedError(Exception):
    """The program that read standard output has closed it. Not a BrokenPipeError, for which click would choose an exit code of its own."""


class Screen:
    """Standard output or standard error: plain UTF-8 for programs, laid out and coloured on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bytes = stream.buffer
        self.terminal = stream.isatty()

    def write(self, text: str) -> None:
        """Writes text as it is, in UTF-8.

        Raises:
            OutputClosedError: the reader has closed the output.
            OutputError: the output can't be written.
        """
        with _said():
            self._bytes.write(text.encode("utf-8", "backslashreplace"))

    def flush(self) -> None:
        """Sends what was written. Raises the errors of `write`."""
        with _said():
            self._bytes.flush()

    def show(self, text: Text) -> None:
        """Writes styled text and a newline. Long lines are not broken: the terminal does that."""
        with self._console.capture() as captured:
            self._console.print(text, soft_wrap=True)
        self.write(captured.get())

    def show_columns(self, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
        """Writes rows below their heads, a line each. The last column is cut at the width of the screen, or at 120 columns elsewhere."""
        from rich.cells import cell_len
        from rich.text import Text

        rows = [heads, *rows]
        widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
        for number, row in enumerate(rows):
            padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row[:-1], widths, strict=False))
            line = Text("  ".join((*padded, row[-1])).rstrip(), style="" if number else "dim")
            line.truncate(self._console.width, overflow="ellipsis")
            self.show(line)

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console

        width = None if self.terminal or "COLUMNS" in os.environ else _WIDTH
        return Console(file=self._stream, width=width, highlight=False, markup=False, emoji=False)


@contextmanager
def _said() -> Iterator[None]:
    """Turns errors of standard output into `OutputClosedError` and `OutputError`."""
    try:
        yield
    except BrokenPipeError:
        raise OutputClosedError from None
    except OSError as error:
        raise OutputError(f"standard output: can't be written: {error.strerror or error}") from error


class PrintingSink:
    """A sink that prints documents, as a filter or for a person to read.

    Args:
        screen: where the documents are printed.
        aside: where the list of removals is printed if there are no headings, so that texts stay alone on `screen`.
        headings: put ``==> name <==`` above each text, as head does.
        removals: list what was removed from each text: below the text if there are headings, else on `aside`.
        removals_field: the name of a field of records that gets the list of removals; None for no such field.
    """

    def __init__(self, screen: Screen, aside: Screen, headings: bool, removals: bool, removals_field: str | None = None) -> None:
        self._screen = screen
        self._aside = screen if headings else aside
        self._headings = headings
        self._removals = removals
        self._removals_field = removals_field
        self._first = True

    def begin(self, source: Source) -> None:
        """Does nothing: a source may have no document."""

    def write(self, document: Document, cleaned: Cleaned, across: Across | None = None) -> None:
        """Prints the document."""
        if self._headings:
            show_heading(self._screen, document.place, first=self._first)
            self._first = False
        text = document.rendered(cleaned, self._removals_field, across).decode()
        if self._screen.terminal:
            text = visible(text, lines=True) if document.source.format is Format.TXT else f"{escaped(text[:-1])}\n"
        self._screen.write(text)
        if self._removals:
            self._screen.flush()
            if not self._headings:
                show_heading(self._aside, document.place, first=True)
            show_account(self._aside, cleaned.removals, document.characters, across.repeats if across else ())
            self._aside.flush()

    def end(self) -> None:
        """Sends what is printed so far."""
        self._screen.flush()

    def discard(self) -> None:
        """Does nothing, since printed text can't be taken back."""


def show_heading(screen: Screen, name: str, first: bool) -> None:
    """Prints ``==> name <==``, after a blank line unless it is the `first`."""
    from rich.text import Text

    screen.show(Text(("" if first else "\n") + f"==> {visible(name)} <==", style="bold"))


def show_account(screen: Screen, removals: Sequence[Removal], characters: int, repeats: Sequence[Repeat] = ()) -> None:
    """Lists what was removed from a text: where it stood, its kind, the rule, its first words.

    Repeats of other documents come last. Their places are marked ``clean:``, since they are places in the clean text.

    Args:
        screen: where to print.
        removals: what cleaning removed.
        characters: length of the original text in code points.
        repeats: what the comparison with other documents removed.
    """
    from rich.text import Text

    if not removals and not repeats:
        screen.show(Text("\n--- nothing removed ---", style="dim"))
        return
    spans = [(removal.start, removal.end) for removal in removals] + [repeat.span for repeat in repeats]
    gone = sum(end - start for start, end in spans)
    screen.show(Text(f"\n--- {len(spans):,} removed, {gone:,} of {characters:,} characters ---", style="dim"))
    rows = [(_span(removal.start, removal.end), str(removal.kind), _rule(removal), _first_words(removal.text)) for removal in removals]
    rows.extend((f"clean:{_span(*repeat.span)}", str(repeat.kind), _witness(repeat), _first_words(repeat.text)) for repeat in repeats)
    screen.show_columns(("where", "kind", "rule", "text"), rows)


def show_explained(screen: Screen, cleaned: Cleaned) -> None:
    """Prints a text with its removals struck out, each with kind and rule; below it, its fields and repairs.

    On a terminal colour marks the removals; elsewhere they are written ``[-what goes-]{kind rule}``, with the marks of wdiff.
    """
    if screen.terminal:
        from rich.text import Text

        text = Text()
        for part, removal in _parts(cleaned):
            text.append(part, style="red strike" if removal else "")
            if removal:
                text.append(f" {{{_why(removal)}}}", style="magenta")
        screen.show(text)
    else:
        marked = (f"[-{part}-]{{{_why(removal)}}}" if removal else part for part, removal in _parts(cleaned))
        screen.write("".join(marked).rstrip("\n") + "\n")
    screen.write(f"\n--- {len(cleaned.removals):,} removed ---\n")
    for name, value in (*cleaned.fields.items(), *([("repaired", ", ".join(cleaned.fixes))] if cleaned.fixes else [])):
        screen.write(f"{name:<9} {visible(value)}\n")


def show_rules(screen: Screen, listed: Iterable[Rule]) -> None:
    """Prints rules: as a table for a person, with tabs between values for a program."""
    rows = [(rule.name, str(rule.kind), rule.where, rule.match[0] if rule.match else "") for rule in listed]
    if not screen.terminal:
        for row in rows:
            screen.write("\t".join(map(visible, row)) + "\n")
        return
    screen.show_columns(("rule", "kind", "where", "matches, for example"), [tuple(map(visible, row)) for row in rows])


def _parts(cleaned: Cleaned) -> Iterator[tuple[str, Removal | None]]:
    at = 0
    for removal in cleaned.removals:
        yield _shown(cleaned.source[at : removal.start]), None
        yield _shown(cleaned.source[removal.start : removal.end]), removal
        at = removal.end
    yield _shown(cleaned.source[at:]), None


def _shown(text: str) -> str:
    return visible(text.replace("\r\n", "\n"), lines=True)


def _why(removal: Removal) -> str:
    return f"{removal.kind} {_rule(removal)}"


def _rule(removal: Removal) -> str:
    """Returns the rule's name; for a repeat also its similarity and its witness, for the line model its score and reasons."""
    if removal.reasons:
        return f"{visible(removal.rule)} {removal.score:.2f}: {', '.join(removal.reasons)}"
    if not removal.witness:
        return visible(removal.rule)
    score = "" if removal.score == 1 else f" {removal.score:.2f}"
    more = f" +{len(removal.witness) - 1}" if len(removal.witness) > 1 else ""
    return f"{visible(removal.rule)}{score} = {_span(*removal.witness[0])}{more}"


def _witness(repeat: Repeat) -> str:
    score = "" if repeat.similarity == 1 else f" {repeat.similarity:.2f}"
    return f"across{score} = {visible(repeat.witness.name)} {_span(*repeat.witness_span)}"


def _span(start: int, end: int) -> str:
    return f"{start}-{end}"


def _first_words(text: str) -> str:
    return visible(" ".join(text[:300].split()))
