"""Repair: ftfy for the lines that need it, and nothing for the others.

The native half has split the text and done what is simple; it hands over only the lines for which it can't prove that ftfy leaves them
alone (`rust/src/repair/scan.rs`). Each is repaired by itself, so equal lines come out equal wherever they stand. (`ftfy.fix_text` does not
keep that: once a line holds ``<``, it stops unescaping entities in all later lines.)

When not to use it: ftfy undoes decoding with the wrong charset; for bytes of unknown charset, find the charset first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textclean import _native

if TYPE_CHECKING:
    import ftfy

    from textclean.cleaning.fixer import Fixer
    from textclean.cleaning.plan import Plan, Run

#: Repairs of one line that uncover the next. Real text needs two; a line that needs more was made to.
_ROUNDS = 16
#: Code points below which even a line of nothing but combining marks is quickly put in order.
_PRANK = 500
# Patterns for what is rare are compiled when they are first used: importing the module is part of importing the package.
_SURROGATES = "([\ud800-\udfff]+)"
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


def repair_line(line: str, fixer: Fixer) -> tuple[str, tuple[str, ...]]:
    """Repairs a line by ftfy and tidying until nothing changes; returns it with the names of the steps that changed it.

    >>> from textclean.cleaning.fixer import fixer
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


def _without_suspects(line: str) -> str:
    return re.sub(_SUSPECTS, "", line)
