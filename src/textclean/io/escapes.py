"""Characters that act instead of standing for something, made visible.

Scraped text may hold the escape sequences of terminals, and a terminal obeys them: they recolour, hide or retitle, and some terminals type
back. Whatever of the input is shown to a person goes through here.
"""

from __future__ import annotations

import json
import re

#: Controls, invisible formatting (direction, joining, tags), line separators, lone surrogates. U+200C and U+200D are not among them:
#: scripts and emoji need them.
_UNSAFE = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_unsafe = re.compile(f"[{_UNSAFE}]")
_unsafe_in_lines = re.compile(f"(?![\n\t])[{_UNSAFE}]")


def visible(text: str, lines: bool = False) -> str:
    r"""Text that is safe to show: one line of it, or lines as they are.

    >>> visible("a\x1b[31mb\x9b\u202e")
    'a␛[31mb\\x9b\\u202e'
    """
    if text.isprintable():
        return text
    return (_unsafe_in_lines if lines else _unsafe).sub(_picture, text)


def escaped(line: str) -> str:
    """JSON with such characters escaped, so that it can be shown and written as UTF-8; the same to a parser."""
    # None of them is printable, and that is found out ten times as fast.
    return line if line.isprintable() else _unsafe.sub(lambda found: json.dumps(found[0])[1:-1], line)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
