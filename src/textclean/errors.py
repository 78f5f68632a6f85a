"""Everything that textclean raises on purpose.

    TextcleanError
    ├── InputError               what was passed in
    │   ├── NotTextError         not a str (also a TypeError)
    │   ├── TextTooLongError     over the limit of one text (also a ValueError)
    │   └── ItemError            one item of many failed; .position says which, __cause__ why
    ├── ConfigError              an option has no such value (also a ValueError)
    │   └── RuleError            a rule file, or one rule in it
    │       └── RuleTimeoutError a rule's pattern ran too long on a line
    ├── CorpusError              a file to read or write
    │   ├── RecordError          one record of a file can't be read
    │   ├── SourceError          a file can't be read, or not to its end
    │   ├── TemplatesError       a file of templates is not as it has to be
    │   ├── IndexFileError       a file of an index is none, or can't be read or written
    │   │   ├── IndexMismatchError  it has other rules, or was made by other code
    │   │   └── IndexBusyError   another process has held it for too long
    │   ├── OutputError          a file can't be written
    │   └── OutputExistsError    the output is there already (also a FileExistsError)
    ├── MemoryLimitError         a job needs more memory than it may have
    └── MissingExtraError        an optional package is not installed (also an ImportError)

And one warning, `MarkupWarning`: what was passed in as text is HTML.

A message names the value, the limit and the remedy.
"""

from __future__ import annotations

from reprlib import Repr
from typing import Any

#: What the package is called where it is installed from; on PyPI the name `textclean` belongs to somebody else.
DISTRIBUTION = "textclean-articles"


#: Code points of a value that a message shows.
_SHOWN = 300
_repr = Repr()
_repr.maxlevel, _repr.maxstring, _repr.maxother = 3, 80, 80


def short(value: object) -> str:
    """Returns a str, or what an exception says, without what is beyond the first 300 code points; of any other value a short picture."""
    text = str(value) if isinstance(value, (str, Exception)) else _repr.repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def picture(value: object) -> str:
    """Returns the representation of a value, in a hundred code points at most."""
    shown = _repr.repr([value])[1:-1]
    return shown if len(shown) <= 100 else f"{shown[:100]}…"


class TextcleanError(Exception):
    """Root of the tree. All errors can be pickled, so that worker processes can raise them."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Not by calling the class again: what it takes is not what it keeps.
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type[TextcleanError], args: tuple[Any, ...], state: dict[str, Any]) -> TextcleanError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InputError(TextcleanError):
    """A value that was passed in is not of the kind that is needed."""


class NotTextError(InputError, TypeError):
    """A value that has to be a text is not a str."""

    def __init__(self, value: object) -> None:
        remedy = (
            "decode it first, e.g. value.decode('utf-8', 'replace')" if isinstance(value, (bytes, bytearray, memoryview)) else "pass a str"
        )
        super().__init__(f"expected str, got {type(value).__name__}: {remedy}")


class TextTooLongError(InputError, ValueError):
    """A text is longer than the limit of 4 GiB of UTF-8."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"a text of {size:,} bytes is over the limit of {limit:,}: cut it into documents first")


class ItemError(InputError):
    """One item of many failed.

    Attributes:
        position: the position of the item in the input, from 0.
    """

    def __init__(self, position: int, cause: Exception) -> None:
        super().__init__(f"item {position:,}: {cause} (on_error='skip' leaves such items out, 'keep' passes them through as they are)")
        self.position = position


class ConfigError(TextcleanError, ValueError):
    """An option has a value that it can't have."""


class RuleError(ConfigError):
    """A rule file, or a rule in it, is not as it has to be."""


class RuleTimeoutError(RuleError):
    """A rule's pattern ran longer on a line than the configuration allows.

    Attributes:
        rule: the name of the rule.
    """

    def __init__(self, rule: str, limit: float, line: str) -> None:
        super().__init__(
            f"rule {rule} ran longer than {limit} s on a line of {len(line)} code points ({line[:40]!r}…): "
            "write its pattern without nested repetition, or lower its max_chars"
        )
        self.rule = rule


class CorpusError(TextcleanError):
    """A file can't be read or written.

    Attributes:
        reason: a short name, such as ``not-json``, by which errors are counted.
    """

    def __init__(self, message: str, reason: str = "other") -> None:
        super().__init__(message)
        self.reason = reason


class RecordError(CorpusError):
    """One record of a file can't be read; the others can."""


class SourceError(CorpusError):
    """A file can't be read, or not to its end; what was read before is good."""


class TemplatesError(CorpusError):
    """A file of templates is none, is damaged, or is of another version."""


class IndexFileError(CorpusError):
    """A file of an index is none, is damaged, or can't be read or written.

    Attributes:
        path: the file.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"index {path}: {problem}", "index")
        self.path = path


class IndexMismatchError(IndexFileError):
    """An index was made by other rules, or by other code, than it is to be used with."""


class IndexBusyError(IndexFileError):
    """Another process has held an index for longer than was to be waited."""


class OutputError(CorpusError):
    """A file can't be written."""


class OutputExistsError(CorpusError, FileExistsError):
    """The output is there already."""


class MissingExtraError(TextcleanError, ImportError):
    """An optional package is not installed."""

    def __init__(self, package: str, extra: str, purpose: str, beside: bool = False) -> None:
        # Some packages are of no extra and stand beside it: which back ends of URLs there are, nobody can list.
        command = f"pip install {package}" if beside else f"pip install {package}, or pip install '{DISTRIBUTION}[{extra}]'"
        super().__init__(f"{purpose} needs the package {package}: {command}")


class MemoryLimitError(TextcleanError):
    """A job needs more memory than it may have."""

    def __init__(self, needed: int, limit: int) -> None:
        super().__init__(
            f"comparing these documents needs about {needed / 1e6:,.0f} MB and may have {limit / 1e6:,.0f}: raise memory=..., or"
            " clean a part at a time"
        )


class MarkupWarning(UserWarning):
    """A text that was passed in is HTML: its tags went, but no extractor has looked for the article in it. Given once in a process."""
