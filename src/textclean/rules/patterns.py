r"""How large a pattern may be: asked of its text, before an engine makes a program of it, which takes what it takes.

A count (``a{500}``) writes its part out so many times, a count within a count multiplies. So the size of a pattern is that of its text with
all counts written out, and has a limit. Calls of the pattern in itself (``(?R)``) have no size at all and are refused.
"""

from __future__ import annotations

import re

#: Code points of a pattern, and of one with its counts written out.
MOST_CHARS, MOST_SIZE = 50_000, 200_000
#: How deep groups may be nested.
MOST_DEPTH = 100

_token = re.compile(
    r"""
    (?P<escape>\\(?:[pP]\{[^}]*\}|N\{[^}]*\}|.))
    | (?P<set>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])
    | (?P<call>\(\?(?:R|[-+]?\d+|&\w+|P>\w+)\))
    | (?P<open>\((?:\?(?:[:|>=!]|<[=!]|P?<\w+>|[a-zA-Z-]*:))?)
    | (?P<close>\))
    | (?P<count>\{(?P<least>\d*)(?P<comma>,?)(?P<most>\d*)\})
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def check_pattern(pattern: str) -> None:
    """Makes sure that a pattern is of a size that engines make ready in a moment.

    Raises:
        ValueError: it is not; the message says why.
    """
    if len(pattern) > MOST_CHARS:
        raise ValueError(f"a pattern of {len(pattern):,} code points is over the limit of {MOST_CHARS:,}: make several rules of it")
    #: Of each group that is open: its size so far, and that of its last part, which a count would multiply.
    sizes, last = [0], [0]
    for token in _token.finditer(pattern):
        part = 1
        if token["call"]:
            raise ValueError(f"{token[0]}: a pattern that calls itself has no bound: write out what it stands for")
        if token["open"]:
            sizes.append(0)
            last.append(0)
            if len(sizes) > MOST_DEPTH:
                raise ValueError(f"groups are nested more than {MOST_DEPTH} deep")
            continue
        if token["close"] and len(sizes) > 1:
            part = sizes.pop() + 1
            last.pop()
        elif token["count"] and (token["least"] or token["most"]):
            times = max(_number(token["least"]), _number(token["most"]), 1)
            part = last[-1] * (times - 1)
        sizes[-1] += part
        last[-1] = part if not token["count"] else last[-1] + part
        if sizes[-1] > MOST_SIZE:
            raise ValueError(f"with its counts written out, the pattern has over {MOST_SIZE:,} parts: lower its counts, or use max_chars")


def _number(digits: str) -> int:
    # More digits than any limit has are as good as the limit.
    return int(digits or 0) if len(digits) < 9 else MOST_SIZE + 1
