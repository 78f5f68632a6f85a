"""Replaces one field of a JSON record and leaves every other byte of its line as it was written.

A record is not decoded and encoded again: that would change 1.0 and 1e400, escapes, spaces and doubled keys. A parser tells where each
member of the object begins and ends, and the new value is put in that place. The parser is serde_json; what serde_json refuses goes to the
standard library's parser, which accepts more and names the error. So order and doubling of keys stay, the spelling of numbers of any size,
escapes, white space between members, NaN and Infinity (which are not JSON but common in it), and the text's own spelling if cleaning does
not change it.

Of doubled keys the last one counts, as it does for JSON parsers in general. The text has to be a member of the outermost object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from textclean._native import json_record, json_string
from textclean.errors import RecordError, short
from textclean.files.escapes import escaped

# Numbers stay strings: they are not looked at, and Python refuses to make an int of very many digits.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
#: Why a record is skipped that is read and can't be written in another format, in counts.
NOT_WRITTEN = "not-written"
_space = re.compile(r"[ \t\n\r]*").match


@dataclass(frozen=True, slots=True)
class Record:
    """A JSON record as it was written.

    Attributes:
        raw: the line, UTF-8.
        field: the name of the member that holds the text.
        text: the text to clean.
        spans: where the value of each member stands in the line, ``[start, end)`` in bytes.
        end: where a member can be added, in bytes: after the last value.
    """

    raw: bytes
    field: str
    text: str
    spans: Mapping[str, tuple[int, int]]
    end: int

    def value(self, name: str | None) -> str | None:
        """Returns the value of a member as JSON, spelled as in the line; None if there is no such member or `name` is None."""
        span = self.spans.get(name) if name is not None else None
        return self.raw[span[0] : span[1]].decode() if span else None

    def fields(self) -> dict[str, Any]:
        """Returns all members, decoded.

        Raises:
            RecordError: one can't be: a number of thousands of digits, or nested too deeply.
        """
        return dict(decoded_value(self.raw))

    def frame(self, utf8: bytes) -> Frame | None:
        """Returns the record without its text.

        Returns None if `utf8` equals the record's text and the line spells it in an unusual way, which the frame would lose.
        """
        start, end = self.spans[self.field]
        ascii_ = self.raw.isascii()
        if self._is_text(utf8) and self.raw[start:end] != string(utf8, ascii_):
            return None
        return Frame(b'%b""%b' % (self.raw[:start], self.raw[end:]), start, self.field, ascii_)

    def replaced(self, utf8: bytes, extra: tuple[str, Any] | None = None) -> bytes:
        """Returns the line with another text (given as UTF-8), and with the member `extra`, a name and a value, set or added.

        >>> parse('{"id": 1.0, "text": "a"}', "text").replaced(b"b", ("n", 2))
        b'{"id": 1.0, "text": "b", "n": 2}'
        """
        # A line of ASCII stays one, since the program that reads it may expect ASCII.
        ascii_ = self.raw.isascii()
        changes = {} if self._is_text(utf8) else {self.spans[self.field]: string(utf8, ascii_)}
        if extra:
            name, value = extra[0], string(extra[1], ascii_)
            if name in self.spans:
                changes[self.spans[name]] = value
            else:
                changes[self.end, self.end] = b", %b: %b" % (string(name, ascii_), value)
        line = self.raw
        for (start, end), new in sorted(changes.items(), reverse=True):
            line = line[:start] + new + line[end:]
        return line

    def _is_text(self, utf8: bytes) -> bool:
        # A code point is at least a byte. And what is decoded may hold surrogates.
        return len(utf8) >= len(self.text) and utf8 == self.text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Frame:
    """A record without its text, while the text is stored elsewhere.

    Attributes:
        raw: the line, UTF-8, with ``""`` in the place of the text.
        at: where that ``""`` begins, in bytes.
        field: the name of the member that holds the text.
        ascii: whether the whole line was ASCII.
    """

    raw: bytes
    at: int
    field: str
    ascii: bool

    def value(self, name: str | None) -> str | None:
        """Returns the value of a member as JSON, see `Record.value`."""
        return None if name is None else self._record().value(name)

    def fields(self) -> dict[str, Any]:
        """Returns all members, decoded; the text is empty."""
        return self._record().fields()

    def replaced(self, utf8: bytes, extra: tuple[str, Any] | None = None) -> bytes:
        """Returns the line with a text put in, see `Record.replaced`."""
        line = b"".join((self.raw[: self.at], string(utf8, self.ascii), self.raw[self.at + 2 :]))
        return parse(line.decode(), self.field).replaced(utf8, extra) if extra else line

    def _record(self) -> Record:
        return parse(self.raw.decode(), self.field)


def plain(line: bytes, field: str) -> Record | None:
    """Parses a line as a record natively; returns None for an unusual or a wrong line, which `parse` looks at."""
    if (found := json_record(line, field)) is None:
        return None
    spans, text, end = found
    return Record(line, field, text, spans, end)


def parse(line: str, field: str) -> Record:
    """Parses a line as a record.

    Args:
        line: a JSON object.
        field: the name of the member that holds the text.

    Raises:
        RecordError: the line is not JSON or not an object, or has no text in `field`.
    """
    raw = line.encode("utf-8", "surrogatepass")
    if (record := plain(raw, field)) is not None:
        return record
    try:
        spans, values, end = _members(line)
        if field not in spans:
            raise RecordError(
                f"no field {field!r}; the fields are {', '.join(map(repr, spans)) or 'none'} (text=FIELD names the one with the text)",
                "no-text-field",
            )
    except json.JSONDecodeError as error:
        raise RecordError(f"not JSON: {error.msg} at character {error.pos + 1:,}", "not-json") from None
    except RecursionError:
        raise RecordError("not read: nested too deeply", "not-json") from None
    # Numbers come as str too, but only a string begins so.
    if line[spans[field][0]] != '"':
        raise RecordError(f"field {field!r} is not a string but {_shown(line, spans[field])}", "not-a-text")
    bytes_ = {at: len(line[:at].encode()) for at in {end, *chain.from_iterable(spans.values())}}
    places = {name: (bytes_[start], bytes_[end]) for name, (start, end) in spans.items()}
    return Record(raw, field, values[field], places, bytes_[end])


def built(fields: Mapping[str, Any], field: str) -> Record:
    """Makes a record of values that did not come as JSON.

    >>> built({"id": "7", "text": "a"}, "text").replaced(b"b")
    b'{"id": "7", "text": "b"}'
    """
    return parse(dumps(fields), field)


def decoded_value(raw: str | bytes) -> Any:
    """Decodes JSON.

    Raises:
        RecordError: it can't be: a number of thousands of digits, of which Python makes no int, or nested too deeply.
    """
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else short(error).partition(";")[0]
        raise RecordError(f"not decoded: {why}", NOT_WRITTEN) from None


def _members(line: str) -> tuple[dict[str, tuple[int, int]], dict[str, Any], int]:
    """Returns where the value of each member stands, the values, and where the last one ends."""
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
    r"""Returns a value as JSON; characters that act on a terminal, and lone surrogates, are escaped.

    >>> dumps("na\u00efve \x9b \ud800")
    '"naïve \\u009b \\ud800"'
    """
    return string(value, ascii_).decode()


def string(value: Any, ascii_: bool) -> bytes:
    """Returns a value as JSON in UTF-8, see `dumps`. A `value` of bytes is a text in UTF-8."""
    found = json_string(value, ascii_) if isinstance(value, (str, bytes)) else None
    if found is not None:
        return found
    value = value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value
    return escaped(json.dumps(value, ensure_ascii=ascii_)).encode()
