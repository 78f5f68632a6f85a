"""Lines: where a text is cut, and the document that the steps work on.

Lines end at LF, CR, CR LF, VT, FF, U+2028 and U+2029. (U+0085 is, on web pages, a Windows ellipsis read as Latin-1, and is repaired to
one.) The native half keeps for each line its place in the source, so that what is removed later can be named there. Hard-wrapped lines
become paragraphs again (`rust/src/repair/unwrap.rs`) once they are repaired.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textclean import _native
from textclean.errors import NotTextError, TextTooLongError

if TYPE_CHECKING:
    from textclean.cleaning.plan import Plan


def split(texts: Sequence[str], plan: Plan) -> _native.Batch:
    """Splits texts into lines, and returns them as a batch of pages.

    Raises:
        NotTextError: one is not a str.
        TextTooLongError: one is over 4 GiB of UTF-8.
    """
    for text in texts:
        if not isinstance(text, str):
            raise NotTextError(text)
        # A code point is at least a byte.
        if len(text) > _native.MAX_BYTES:
            raise TextTooLongError(len(text), _native.MAX_BYTES)
    try:
        return _native.Batch(texts, plan.fixer.scanner, plan.config.unwrap)
    except OverflowError as error:
        raise TextTooLongError(error.args[0], _native.MAX_BYTES) from None
