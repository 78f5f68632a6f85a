"""The errors: the tree as it is drawn, and messages that help."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

import textclean
from textclean import errors

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, Exception) and not issubclass(value, Warning)
}
_DRAWN = re.compile(r"^    (?P<indent>[│├└─ ]*)(?P<name>[A-Z]\w+)", re.MULTILINE)


def drawn():
    """Each error of the drawing with the one that it hangs on."""
    above, tree = {}, {}
    for match in _DRAWN.finditer(errors.__doc__):
        depth = len(match["indent"]) // 4
        above[depth] = match["name"]
        tree[match["name"]] = above.get(depth - 1)
    return tree


def test_tree_is_as_drawn():
    """Every error has the base class that the drawing at the top of the module shows, and none is missing there."""
    assert drawn() == {
        name: next((base.__name__ for base in value.__mro__[1:] if base.__name__ in CLASSES), None) for name, value in CLASSES.items()
    }


@pytest.mark.parametrize(("name", "builtin"), re.findall(r"(\w+Error)\b[^\n]*\(also an? (\w+)\)", errors.__doc__))
def test_also(name, builtin):
    """An error that the drawing calls a built-in one too is one."""
    assert issubclass(CLASSES[name], vars(__builtins__)[builtin] if not isinstance(__builtins__, dict) else __builtins__[builtin])


@pytest.mark.parametrize("error", CLASSES.values(), ids=CLASSES)
def test_root(error):
    """Every error can be caught by the root, and says what it is."""
    assert issubclass(error, textclean.TextcleanError)
    assert error.__doc__


EXAMPLES = [
    (errors.NotTextError(3), "expected str, got int: pass a str"),
    (errors.NotTextError(b""), "expected str, got bytes: decode it first, e.g. value.decode('utf-8', 'replace')"),
    (
        errors.TextTooLongError(5_000_000_000, 4_294_967_295),
        "a text of 5,000,000,000 bytes is over the limit of 4,294,967,295: cut it into documents first",
    ),
    (
        errors.ItemError(1234, errors.NotTextError(None)),
        "item 1,234: expected str, got NoneType: pass a str "
        "(on_error='skip' leaves such items out, 'keep' passes them through as they are)",
    ),
    (
        errors.RuleTimeoutError("mine/one", 0.5, "x" * 60),
        f"rule mine/one ran longer than 0.5 s on a line of 60 code points ({'x' * 40!r}…): "
        "write its pattern without nested repetition, or lower its max_chars",
    ),
    (
        errors.MissingExtraError("zstandard", "zstd", "reading .zst"),
        "reading .zst needs the package zstandard: pip install zstandard, or pip install 'textclean-articles[zstd]'",
    ),
]


@pytest.mark.parametrize(("error", "message"), EXAMPLES, ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "")
def test_messages(error, message):
    """A message names the value, the limit and the remedy."""
    assert str(error) == message


@pytest.mark.parametrize("error", [example[0] for example in EXAMPLES], ids=lambda value: type(value).__name__)
def test_pickle(error):
    """An error can be pickled and sent to another process."""
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
