"""Makes visible the characters that act on a terminal instead of standing for something.

Scraped text may hold the escape sequences of terminals, and a terminal obeys them: they recolour, hide or retitle, and some terminals type
back. Whatever of the input is shown to a person goes through here. Which characters these are, `rust/src/json.rs` says.
"""

from __future__ import annotations

import json
import re

from textclean._native import ACTING

_UNSAFE = "".join(f"{chr(first)}-{chr(last)}" for first, last in ACTING)
_unsafe = re.compile(f"[{_UNSAFE}]")
_unsafe_in_lines = re.compile(f"(?![\n\t])[{_UNSAFE}]")


def visible(text: str, lines: bool = False) -> str:
    r"""Returns the text with every acting character replaced by a visible picture of it.

    Args:
        text: any text.
        lines: whether line feeds and tabs stay as they are, so that several lines can be shown.

    >>> visible("a\x1b[31mb\x9b\u202e")
    'a␛[31mb\\x9b\\u202e'
    """
    if text.isprintable():
        return text
    return (_unsafe_in_lines if lines else _unsafe).sub(_picture, text)


def escaped(line: str) -> str:
    """Returns a line of JSON with its acting characters escaped, so that it can be shown and written as UTF-8.

    A JSON parser reads the same value from it as before.
    """
    # None of them is printable, and that is found out ten times as fast.
    return line if line.isprintable() else _unsafe.sub(lambda found: json.dumps(found[0])[1:-1], line)


def storable(text: str) -> str:
    r"""Returns a text as UTF-8 can hold it: half a character (a lone surrogate) is written out.

    >>> storable("a\ud800")
    'a\\ud800'
    """
    return text.encode("utf-8", "backslashreplace").decode()


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
