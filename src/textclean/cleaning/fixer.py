"""ftfy, set up for one line at a time, and the scanner that knows which lines it leaves alone (`rust/src/repair/scan.rs`).

When not to use it: ftfy undoes decoding with the wrong charset; for bytes of unknown charset, find the charset first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from textclean import _native

if TYPE_CHECKING:
    import ftfy

#: An ampersand however often it was escaped.
_NESTED_AMPERSAND = r"&(?:(?:amp|AMP|#0{0,20}38|#[xX]0{0,20}26);)+"


class Fixer:
    """Runs ftfy on single lines; set up once for each choice of options.

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
        """Returns what ftfy makes of one line, with the steps that changed it."""
        if "&" in line:
            flat = _flatten_entities(line)
            if flat is not None:
                text, steps = self._explain(flat, self._unescaped)
                return self._explained(text, [self._step("apply", "unescape_html"), *(steps or ())])
        return self._explain(line, self._whole)


@lru_cache(maxsize=8)
def fixer(straighten_quotes: bool, narrow_width: bool) -> Fixer:
    """Returns the fixer for these choices, of which there is one each in a process."""
    return Fixer(straighten_quotes, narrow_width)


def _flatten_entities(line: str) -> str | None:
    """Decodes one layer of entities, if entities are nested in the line; returns None if they are not.

    ftfy decodes a layer a round over the whole line, so ``&amp;amp;amp;…`` would cost the square of its length.
    """
    from ftfy.chardata import HTML_ENTITY_RE
    from ftfy.fixes import unescape_html

    once = unescape_html(line)
    if once == line or not HTML_ENTITY_RE.search(once):
        return None
    return str(unescape_html(re.sub(_NESTED_AMPERSAND, "&", line)))


def _native_pattern(verbose: str) -> str:
    r"""Writes the verbose pattern of ftfy in the syntax of Rust's ``regex``.

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
