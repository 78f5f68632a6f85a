"""Which pages are too much for the libraries that take markup off: asked before they are, from the markup alone.

Both take time in the square of what is opened and never closed, or worse, and look at no clock. A limit of time would make the result
depend on the machine. So what is open is counted, which takes a pass over the page, and a page with too much of it is left out.
"""

from __future__ import annotations

import re

#: Code points of the longest page of wiki markup. MediaWiki's own limit is half of it.
MOST_MARKUP = 1 << 22
#: The square of the openings that are not closed, times code points, above which a page of wiki markup is left out: that takes seconds. A
#: long article of 100,000 may leave a hundred open.
MOST_WORK = 2_000_000_000
#: Opening tags of an HTML page. Extractors look from many of them through all others; long pages have some thousands.
MOST_TAGS = 40_000
#: Bytes outside quotes of the longest tag of an HTML page: attributes are compared with each other.
MOST_TAG = 1 << 14

#: What opens and what closes in wiki markup.
_wiki = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{\||\|\}|\[(?=(?:https?:)?//|\w{2,9}:)|\]|<!--|-->|<(/?)([a-zA-Z]\w*)([^<>]*)(/?>)?")
_PAIRS = {"}}": "{{", "]]": "[[", "|}": "{|", "]": "[", "-->": "<!--"}
#: How many openings back the one is looked for that something closes.
_BACK = 40
#: Tags that need no end.
_SINGLE = frozenset(("br", "wbr", "hr", "meta", "link", "img", "li", "dt", "dd", "th", "td", "tr"))


def costly_wiki(markup: str) -> str | None:
    """Says why a page of wiki markup is too much; None if it is not.

    >>> costly_wiki("A '''page''' with {{a template|and [[a link]]}}.") is None
    True
    >>> costly_wiki("<b " * 10_000)
    'its markup would take too long: 10,000 openings in it are never closed'
    """
    if len(markup) > MOST_MARKUP:
        return f"its markup is over the limit of {MOST_MARKUP:,} characters"
    count = _unclosed(markup)
    if count**2 * len(markup) > MOST_WORK:
        return f"its markup would take too long: {count:,} openings in it are never closed"
    return None


def _unclosed(markup: str) -> int:
    """Returns how many openings are not closed, or not before what they stand in is closed."""
    open_: list[str] = []
    lost = 0
    for found in _wiki.finditer(markup):
        name = found[2]
        if name is not None:
            name = name.lower()
            if found[4] is None:
                lost += 1
                continue
            if found[1]:
                name, opens = f"<{name}", False
            elif found[4] == "/>" or found[3].endswith("/") or name in _SINGLE:
                continue
            else:
                name, opens = f"<{name}", True
        else:
            name, opens = _PAIRS.get(found[0], found[0]), found[0] not in _PAIRS
        if opens:
            open_.append(name)
            continue
        # What was opened since is not closed any more. What was opened long before was not meant.
        for back in range(1, min(_BACK, len(open_)) + 1):
            if open_[-back] == name:
                lost += back - 1
                del open_[-back:]
                break
    return lost + len(open_)


def costly_html(page: bytes) -> str | None:
    """Says why an HTML page is too much; None if it is not."""
    if page.count(b"<") > MOST_TAGS and (count := sum(1 for _ in _tag.finditer(page))) > MOST_TAGS:
        return f"its markup would take too long: {count:,} tags are over the limit of {MOST_TAGS:,}"
    for found in _long_tag.finditer(page):
        size = len(_quoted.sub(b"", found[0]))
        if size > MOST_TAG:
            return f"its markup would take too long: a tag has {size:,} bytes of attributes"
    return None


_tag = re.compile(rb"<[a-zA-Z]")
_long_tag = re.compile(rb"<[a-zA-Z][^<>]{%d,}" % MOST_TAG)
_quoted = re.compile(rb"\"[^\"]*\"|'[^']*'")
