"""One JSON record a line, changed in one field and otherwise left as it was written.

A record is not decoded and encoded again: that would change 1.0 and 1e400, escapes, spaces and doubled keys. A parser tells where each
member of the object begins and ends (serde_json, natively; where that refuses, the standard library's, which takes more and says what is
wrong); the new value is put in that place, and every other byte of the line stays. So this
is kept: order and doubling of keys, the spelling of numbers of any size, escapes, white space between members, NaN and Infinity (which are
not JSON but common in it), and the text's own spelling if cleaning does not change it.

Of doubled keys the last one counts, as it does for JSON parsers in general. When not to use it: for a text that is deeper in a record than
a member of the object itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textclean._native import json_record, json_string
from textclean.errors import RecordError
from textclean.io.escapes import escaped

# Numbers stay strings: they are not looked at, and Python refuses to make an int of very many digits.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
_space = re.compile(r"[ \t\n\r]*").match


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it was written.

    Attributes:
        raw: the line.
        text: the text to clean.
        spans: where the value of each member stands in the line.
        end: where a member can be added: after the last value.
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

    def fields(self) -> dict[str, Any]:
        """All members as Python has them."""
        found: dict[str, Any] = json.loads(self.raw)
        return found

    def frame(self, text: str) -> Frame | None:
        """The record without its text; None if `text` is that text and spelled in a way of its own, which would be lost."""
        start, end = self.spans[self.field]
        ascii_ = self.raw.isascii()
        if text == self.text and self.raw[start:end] != dumps(text, ascii_):
            return None
        return Frame(f'{self.raw[:start]}""{self.raw[end:]}', start, self.field, ascii_)

    def replaced(self, text: str, extra: tuple[str, Any] | None = None) -> str:
        """The line with another text, and with a member set or added.

        >>> parse('{"id": 1.0, "text": "a"}', "text").replaced("b", ("n", 2))
        '{"id": 1.0, "text": "b", "n": 2}'
        """
        # A line of ASCII stays one: whoever wrote it so may read it so.
        ascii_ = self.raw.isascii()
        changes = {} if text == self.text else {self.spans[self.field]: dumps(text, ascii_)}
        if extra:
            name, value = extra[0], dumps(extra[1], ascii_)
            if name in self.spans:
                changes[self.spans[name]] = value
            else:
                changes[self.end, self.end] = f", {dumps(name, ascii_)}: {value}"
        line = self.raw
        for (start, end), new in sorted(changes.items(), reverse=True):
            line = line[:start] + new + line[end:]
        return line


@dataclass(frozen=True, slots=True)
class Frame:
    """A record without its text, which stands elsewhere meanwhile.

    Attributes:
        raw: the line, with ``""`` for the text.
        at: where that stands.
        field: the name of the text.
        ascii: whether the line was of ASCII as a whole.
    """

    raw: str
    at: int
    field: str
    ascii: bool

    def value(self, name: str | None) -> str | None:
        """As `Record.value`."""
        return None if name is None else self._record().value(name)

    def fields(self) -> dict[str, Any]:
        """As `Record.fields`, with an empty text."""
        return self._record().fields()

    def replaced(self, text: str, extra: tuple[str, Any] | None = None) -> str:
        """As `Record.replaced`."""
        line = f"{self.raw[: self.at]}{dumps(text, self.ascii)}{self.raw[self.at + 2 :]}"
        return parse(line, self.field).replaced(text, extra) if extra else line

    def _record(self) -> Record:
        return parse(self.raw, self.field)


def parse(line: str, field: str) -> Record:
    """One line as a record.

    Raises:
        RecordError: it is not JSON, not an object, or has no text in `field`.
    """
    # Nearly all lines are plain; the others are looked at again for what it is that they are.
    if (plain := json_record(line, field)) is not None:
        spans, text, end = plain
        return Record(line, field, text, spans, end)
    try:
        spans, values, end = _members(line)
        if field not in spans:
            raise RecordError(
                f"no field {field!r}; the fields are {', '.join(map(repr, spans)) or 'none'} (--text-field names the text's)",
                "no-text-field",
            )
    except json.JSONDecodeError as error:
        raise RecordError(f"not JSON: {error.msg} at character {error.pos + 1:,}", "not-json") from None
    except RecursionError:
        raise RecordError("not read: nested too deeply", "not-json") from None
    # Numbers come as str too, but only a string begins so.
    if line[spans[field][0]] != '"':
        raise RecordError(f"field {field!r} is not a string but {_shown(line, spans[field])}", "not-a-text")
    return Record(line, field, values[field], spans, end)


def built(fields: Mapping[str, Any], field: str) -> Record:
    """A record of values that did not come as JSON.

    >>> built({"id": "7", "text": "a"}, "text").replaced("b")
    '{"id": "7", "text": "b"}'
    """
    return parse(dumps(fields), field)


def _members(line: str) -> tuple[dict[str, tuple[int, int]], dict[str, Any], int]:
    """Where the value of each member stands, what it is, and where the last one ends."""
    at = _after_space(line, 0)
    if not line.startswith("{", at):
        _, end = _DECODER.raw_decode(line, at)
        _nothing_after(line, end)
        raise RecordError(f"not a JSON object but {_shown(line, (at, end))}", "not-json")
    spans: dict[str, tuple[int, int]] = {}
    values: dict[str, Any] = {}
    end = at + 1
    at = _after_space(line, end)
    more = not line.startswith("}", at)
    while more:
        key, at = _key(line, at)
        start = _after_space(line, _expected(line, _after_space(line, at), ":"))
        values[key], end = _DECODER.raw_decode(line, start)
        spans[key] = start, end
        at = _after_space(line, end)
        if more := line.startswith(",", at):
            at = _after_space(line, at + 1)
    _nothing_after(line, _expected(line, at, "}"))
    return spans, values, end


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
    r"""A value as JSON that is harmless on a terminal and can be written as UTF-8: what is not is escaped.

    >>> dumps("na\u00efve \x9b \ud800")
    '"naïve \\u009b \\ud800"'
    """
    found = json_string(value, ascii_) if type(value) is str else None
    return escaped(json.dumps(value, ensure_ascii=ascii_)) if found is None else found
