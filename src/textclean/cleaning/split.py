"""Lines: where a text is cut, and the document that the steps work on.

Lines end at LF, CR, CR LF, VT, FF, U+2028 and U+2029. (U+0085 is, on web pages, a Windows ellipsis read as Latin-1, and is repaired to
one.) The native half keeps for each line its place in the source, so that what is removed later can be named there. Hard-wrapped lines
become paragraphs again (`rust/src/repair/unwrap.rs`), and inline elements that stand on lines of their own part of theirs
(`rust/src/repair/inline.rs`), once they are repaired. HTML that was passed in by mistake is cut where its blocks end
(`rust/src/repair/html.rs`).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from textclean import _native
from textclean.errors import MarkupWarning, NotTextError, TextTooLongError

if TYPE_CHECKING:
    from textclean.cleaning.plan import Plan


def split(texts: Sequence[str], plan: Plan) -> _native.Batch:
    """Splits texts into lines, and returns them as a batch of pages.

    Raises:
        NotTextError: one is not a str.
        TextTooLongError: one is over 4 GiB of UTF-8.
    """
    for text in texts:
        # A subclass was made a plain str before it came here, since it may have methods of its own.
        if type(text) is not str:
            raise NotTextError(text)
        # A code point is at least a byte.
        if len(text) > _native.MAX_BYTES:
            raise TextTooLongError(len(text), _native.MAX_BYTES)
    try:
        batch = _native.Batch(texts, plan.fixer.scanner, plan.config.unwrap)
    except OverflowError as error:
        raise TextTooLongError(error.args[0], _native.MAX_BYTES) from None
    if batch.has_markup():
        _warn_of_markup()
    return batch


@cache
def _warn_of_markup() -> None:
    """Warns, the first time."""
    warnings.warn(
        "a text is HTML: its tags are taken out, but menus and other parts of the page are in it that an extractor leaves out; pass"
        " trafilatura.extract(html), or BeautifulSoup(html, 'lxml').get_text('\\n')",
        MarkupWarning,
        stacklevel=2,
    )
