"""One JSON record a line, changed in one field and otherwise left as it was written.

A record is not decoded and encoded again: that would change 1.0 and 1e400, escapes, spaces and doubled keys. The standard library's parser
tells where each member of the object begins and ends; the new value is put in that place, and every other byte of the line stays. So this is
kept: order and doubling of keys, the spelling of numbers of any size, escapes, white space between members, NaN and Infinity (which are not JSON but
common in it).

Of doubled keys the last one counts, as it does for JSON parsers in general. When not to use it: for a text deeper in a record than a member of
the object itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textclean.errors import RecordError

# Numbers stay strings: they are not looked at, and Python refuses to make an int of very many digits.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
_space = re.compile(r"[ \t\n\r]*").match

#: Characters that act on a terminal or can't be written in UTF-8, as a class of `re`: controls, invisible formatting, tags, lone surrogates.
#: Joiners (U+200C, U+200D) are not among them: scripts need them.
UNSAFE = (
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_unsafe = re.compile(UNSAFE)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it was written.

    Attributes:
        raw: the line.
        text: the text to clean.
        spans: where the value of each member stands in the line.
        end: where a member can be added: after the last value, or after the opening brace.
    """

    raw: str
    field: str
    text: str
    spans: Mapping[str, tuple[int, int]]
    end: int

    def value(self, name: str | None) -> str | None:
        """The value of a member, as it was written; None if there is none."""
        span = self.spans.get(name) if name is not None else None
        return self.raw[span[0] : span[1]] if span else None

    def replaced(self, text: str, extra: Mapping[str, Any] | None = None) -> str:
        """The line with another text, and with members set or added.

        >>> parse('{"id": 1.0, "text": "a"}', "text").replaced("b", {"n": 2})
        '{"id": 1.0, "text": "b", "n": 2}'
        """
        # A line of ASCII stays one: whoever wrote it so may read it so.
        ascii_ = self.raw.isascii()
        changes = {} if text == self.text else {self.spans[self.field]: dumps(text, ascii_)}
        for name, value in (extra or {}).items():
            if name in self.spans:
                changes[self.spans[name]] = dumps(value, ascii_)
            else:
                changes[self.end, self.end] = f", {dumps(name, ascii_)}: {dumps(value, ascii_)}"
        line = self.raw
        for (start, end), new in sorted(changes.items(), reverse=True):
            line = line[:start] + new + line[end:]
        return line


def parse(line: str, field: str) -> Record:
    """One line as a record.

    Raises:
        RecordError: it is not JSON, not an object, or has no text in `field`.
    """
    try:
        spans, end = _members(line)
        if field not in spans:
            raise RecordError(f"no field {field!r}; the fields are {', '.join(map(repr, spans)) or 'none'} (--text-field names the text's)")
        text = _DECODER.raw_decode(line, spans[field][0])[0]
    except json.JSONDecodeError as error:
        raise RecordError(f"not JSON: {error.msg} at character {error.pos + 1:,}") from None
    except RecursionError:
        raise RecordError("not read: nested too deeply") from None
    # Numbers come as str too, but only a string begins so.
    if line[spans[field][0]] != '"':
        raise RecordError(f"field {field!r} is not a string but {_shown(line, spans[field])}")
    return Record(line, field, text, spans, end)


def _members(line: str) -> tuple[dict[str, tuple[int, int]], int]:
    """Where the value of each member stands, and where the last one ends."""
    at = _after_space(line, 0)
    if not line.startswith("{", at):
        _, end = _DECODER.raw_decode(line, at)
        _nothing_after(line, end)
        raise RecordError(f"not a JSON object but {_shown(line, (at, end))}")
    spans: dict[str, tuple[int, int]] = {}
    at = end = at + 1
    at = _after_space(line, at)
    while not (not spans and line.startswith("}", at)):
        key, at = _key(line, at)
        start = _after_space(line, _expected(line, _after_space(line, at), ":"))
        _, end = _DECODER.raw_decode(line, start)
        spans[key] = start, end
        at = _after_space(line, end)
        if not line.startswith(",", at):
            break
        at = _after_space(line, at + 1)
    _nothing_after(line, _expected(line, at, "}"))
    return spans, end


def _key(line: str, at: int) -> tuple[str, int]:
    if not line.startswith('"', at):
        raise json.JSONDecodeError("Expecting property name enclosed in double quotes", line, at)
    key, end = _DECODER.raw_decode(line, at)
    return str(key), end


def _after_space(line: str, at: int) -> int:
    found = _space(line, at)
    return found.end() if found else at


def _expected(line: str, at: int, mark: str) -> int:
    if not line.startswith(mark, at):
        raise json.JSONDecodeError(f"Expecting {mark!r}", line, at)
    return at + 1


def _nothing_after(line: str, at: int) -> None:
    if (end := _after_space(line, at)) < len(line):
        raise json.JSONDecodeError("Extra data", line, end)


def _shown(line: str, span: tuple[int, int]) -> str:
    value = line[span[0] : span[1]]
    return value if len(value) <= 40 else f"{value[:40]}…"


def dumps(value: Any, ascii_: bool = False) -> str:
    """A value as JSON that is harmless on a terminal and can be written as UTF-8: what is neither is escaped.

    >>> dumps("na\\u00efve \\x9b \\ud800") == '"na\\u00efve \\\\u009b \\\\ud800"'
    True
    """
    return escaped(json.dumps(value, ensure_ascii=ascii_))


def escaped(line: str) -> str:
    """JSON with the characters escaped that act on a terminal; the same to a parser."""
    return _unsafe.sub(lambda found: json.dumps(found[0])[1:-1], line)
