"""Repair: ftfy for the lines that need it, and nothing for the others.

The native half has split the text and done what is simple; it hands over only the lines for which it can't prove that ftfy leaves them
alone (`rust/src/repair/scan.rs`). Each is repaired by itself, so equal lines come out equal wherever they stand. (`ftfy.fix_text` does not
keep that: once a line holds ``<``, it stops unescaping entities in all later lines.)

When not to use it: ftfy undoes decoding with the wrong charset; for bytes of unknown charset, find the charset first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from textclean import _native

if TYPE_CHECKING:
    import ftfy

    from textclean.plan import Plan, Run

#: Repairs of one line that uncover the next. Real text needs two; a line that needs more was made to.
_ROUNDS = 16
#: Code points below which even a line of nothing but combining marks is quickly put in order.
_PRANK = 500
# Patterns for what is rare are compiled when they are first used: importing the module is part of importing the package.
_SURROGATES = "([\ud800-\udfff]+)"
#: An ampersand however often it was escaped.
_NESTED_AMPERSAND = r"&(?:(?:amp|AMP|#0{0,20}38|#[xX]0{0,20}26);)+"
#: All that entities, tags and mojibake are made of.
_SUSPECTS = "[&<\x80-\u052f\u2000-\u2bff\uf8ff\ufb00-\ufb06\ufffd]"


def repair(run: Run, plan: Plan) -> None:
    """Settles the lines that ftfy may change; each distinct line once."""
    # Joining the repaired lines into paragraphs may give lines that need repair again.
    while dirty := run.batch.dirty():
        known: dict[str, tuple[str, tuple[str, ...]]] = {}
        settled = []
        for page, line in dirty:
            found = known.get(line)
            if found is None:
                found = known[line] = repair_line(line, plan.fixer)
            settled.append(found[0])
            run.repairs.setdefault(page, set()).update(found[1])
        run.batch.settle(settled)


class Fixer:
    """ftfy, set up once.

    Attributes:
        scanner: the native proof that ftfy leaves a line alone.
    """

    def __init__(self, straighten_quotes: bool, narrow_width: bool) -> None:
        # ftfy and its tables take 40 ms to import: scraping code that never cleans does not pay.
        import ftfy
        from ftfy.badness import BADNESS_RE

        self._explain, self._explained, self._step = ftfy.fix_and_explain, ftfy.ExplainedText, ftfy.ExplanationStep
        self._whole = ftfy.TextFixerConfig(
            unescape_html=True, uncurl_quotes=straighten_quotes, fix_character_width=narrow_width, explain=True
        )
        self._unescaped = self._whole._replace(unescape_html=False)
        self.scanner = _native.Scanner(_native_pattern(BADNESS_RE.pattern), straighten_quotes, narrow_width)

    def fix(self, line: str) -> ftfy.ExplainedText:
        """Ftfy's result for one line."""
        if "&" in line:
            flat = _flatten_entities(line)
            if flat is not None:
                text, steps = self._explain(flat, self._unescaped)
                return self._explained(text, [self._step("apply", "unescape_html"), *(steps or ())])
        return self._explain(line, self._whole)


@lru_cache(maxsize=8)
def fixer(straighten_quotes: bool, narrow_width: bool) -> Fixer:
    """The fixer for these choices."""
    return Fixer(straighten_quotes, narrow_width)


def repair_line(line: str, fixer: Fixer) -> tuple[str, tuple[str, ...]]:
    """A line after ftfy and tidying, repeated until nothing changes, and the names of the steps that changed it.

    >>> repair_line("schÃ¶n &amp;amp; gut", fixer(False, False))[0]
    'schön & gut'
    """
    steps: list[str] = []
    if len(line) > _PRANK:
        line = _calm(line)
    for _ in range(_ROUNDS):
        text, explanation = fixer.fix(line)
        steps.extend(_step_name(step) for step in explanation or ())
        tidied = _native.tidy_line(text)
        if tidied != text:
            steps.append("white-space" if tidied.split() == text.split() else "invisible")
        if tidied == line or not fixer.scanner.may_change(tidied):
            return tidied, tuple(dict.fromkeys(steps))
        line = tidied
    # Each round uncovered another: made to keep us busy. What could be repaired once more goes, and the line is at rest.
    return repair_line(_without_suspects(line), fixer)


def _calm(line: str) -> str:
    try:
        return _native.calm_marks(line)
    except UnicodeEncodeError:
        # A lone surrogate: what ftfy is here for. No mark combines across one.
        return "".join(
            part if part and part[0] >= "\ud800" and part[0] <= "\udfff" else _native.calm_marks(part)
            for part in re.split(_SURROGATES, line)
        )


def _step_name(step: ftfy.ExplanationStep) -> str:
    return step.parameter if step.action in ("apply", "transcode") else "fix_encoding" if step.action != "normalize" else "normalize"


def _flatten_entities(line: str) -> str | None:
    """The line with one layer of entities decoded, if entities are nested in it; else None.

    ftfy decodes a layer a round over the whole line, so ``&amp;amp;amp;…`` would cost the square of its length.
    """
    from ftfy.chardata import HTML_ENTITY_RE
    from ftfy.fixes import unescape_html

    once = unescape_html(line)
    if once == line or not HTML_ENTITY_RE.search(once):
        return None
    return str(unescape_html(re.sub(_NESTED_AMPERSAND, "&", line)))


def _without_suspects(line: str) -> str:
    return re.sub(_SUSPECTS, "", line)


def _native_pattern(verbose: str) -> str:
    r"""The verbose pattern of ftfy in the syntax of Rust's ``regex``.

    There white space inside a class is skipped in verbose mode too, so the pattern is made plain; and ``\s`` there lacks the four
    separators U+001C to U+001F.
    """
    out, in_class, skip = [], False, False
    for i, c in enumerate(verbose):
        if skip:
            skip = c != "\n"
        elif in_class:
            out.append("\\x20" if c == " " else c)
            in_class = c != "]"
        elif c == "#" and verbose[i - 1] != "\\":
            skip = True
        elif c not in " \t\n\r\v\f":
            out.append(c)
            in_class = c == "["
    return "".join(out).replace("\\s", "[\\s\\x1c-\\x1f]")
