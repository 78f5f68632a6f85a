"""What the package shows: names, doctests, a light import."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
from importlib import resources

import pytest

import textclean

NAMES = [
    "Calibration",
    "Cleaned",
    "Config",
    "Duplicates",
    "Index",
    "Kind",
    "Removal",
    "Summary",
    "TemplateLearner",
    "Templates",
    "TextcleanError",
    "calibrate",
    "clean",
    "clean_corpus",
    "clean_many",
    "clean_table",
    "deduplicate",
    "explain",
    "learn_templates",
    "map_batch",
    "normalize",
    "shingle_hash",
    "warm_up",
]
MODULES = sorted(
    {"textclean", *(module.name for module in pkgutil.walk_packages(textclean.__path__, "textclean."))}
    - {"textclean._native", "textclean.__main__"}  # one has no doctests, the other runs when it is imported
)


def test_all():
    """The public names are these; adding one is a decision."""
    assert sorted(textclean.__all__) == NAMES
    assert all(hasattr(textclean, name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_documented(name):
    """Every public name says what it is for."""
    assert inspect.getdoc(getattr(textclean, name))


@pytest.mark.parametrize(
    "name", ["clean", "clean_many", "explain", "normalize", "shingle_hash", "Config", "Index", "learn_templates", "TemplateLearner"]
)
def test_public_functions_have_doctests(name):
    """Every public function shows how it is used."""
    assert ">>>" in getattr(textclean, name).__doc__


@pytest.mark.parametrize("name", MODULES)
def test_doctests(name):
    """What the documentation shows is what happens."""
    assert doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_modules_say_why(name):
    """Every module opens with what it is for."""
    assert importlib.import_module(name).__doc__


def run(code):
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout


HEAVY = ["numpy", "scipy", "pyarrow", "datasketch", "ftfy", "regex", "rich", "click", "zstandard"]


def test_import_is_light():
    """Importing the package imports nothing that takes time until it is used."""
    assert run(f"import sys, textclean; print([m for m in {HEAVY} if m in sys.modules])").strip() == "[]"


def test_cleaning_is_light():
    """Cleaning a document imports what it needs and no number crunching."""
    code = "import sys, textclean; textclean.clean('A line.'); print([m for m in UNUSED if m in sys.modules])"
    unused = ["numpy", "scipy", "pyarrow", "datasketch", "rich", "click"]
    assert run(code.replace("UNUSED", repr(unused))).strip() == "[]"


def test_no_module_has_the_name_of_a_public_function():
    """Importing a module binds its name in its package, and would put the module in the function's place."""
    code = "import pkgutil, textclean; print([m.name for m in pkgutil.iter_modules(textclean.__path__) if m.name in textclean.__all__])"
    assert run(code).strip() == "[]"
    assert run("from textclean import *; import textclean; print(normalize('A.'), textclean.normalize is normalize)").strip() == "A. True"


def test_cleaning_and_deduplicating_do_not_load_each_other():
    """Cleaning does not import de-duplication, and de-duplication does not import cleaning."""
    code = "import sys, textclean; textclean.deduplicate; print([m for m in ('textclean.api', 'tomllib') if m in sys.modules])"
    assert run(code).strip() == "[]"


def test_typed():
    """The package says that it is typed, and describes its native half."""
    package = resources.files("textclean")
    assert package.joinpath("py.typed").is_file()
    assert package.joinpath("_native.pyi").is_file()


def test_rules_are_shipped():
    """Rule files come with the package."""
    assert any(path.name == "any.toml" for path in resources.files("textclean").joinpath("rules").iterdir())


def test_version():
    """The version of the package is that of its metadata."""
    from importlib.metadata import version

    assert textclean.__version__ == version("textclean-articles")


def test_signatures():
    """Arguments have these names, in this order."""
    signatures = {
        name: list(inspect.signature(getattr(textclean, name)).parameters) for name in ("normalize", "clean", "explain", "clean_many")
    }
    assert signatures == {
        "normalize": ["text", "config", "overrides"],
        "clean": ["text", "config", "site", "templates", "overrides"],
        "explain": ["text", "config", "site", "templates", "overrides"],
        "clean_many": ["texts", "config", "workers", "on_error", "site", "templates", "overrides"],
    }


@pytest.mark.parametrize(
    ("shingle", "expected"),
    [(b"", 0x38D394C2), (b"a b c", None), ("größe ist alles".encode(), None), (b"x" * 1000, None)],
)
def test_shingle_hash(shingle, expected):
    """The hash of a shingle is 32 bits wide, the same each time, and for the empty one the low half of XXH3's own value."""
    value = textclean.shingle_hash(shingle)
    assert 0 <= value < 2**32
    assert value == textclean.shingle_hash(bytes(shingle))
    assert expected in (None, value)


def test_shingle_hash_takes_bytes():
    """Text has to be encoded first."""
    with pytest.raises(TypeError):
        textclean.shingle_hash("a b c")


def test_shingle_hash_is_datasketchs():
    """Given to datasketch, the hash makes signatures."""
    datasketch = pytest.importorskip("datasketch")
    one, two = (datasketch.MinHash(num_perm=16, seed=1, hashfunc=textclean.shingle_hash) for _ in range(2))
    one.update_batch([b"a b c", b"b c d"])
    two.update_batch([b"b c d", b"a b c"])
    assert one == two


def test_the_native_half_is_a_release_build():
    """Tests and benchmarks run on what is shipped."""
    assert textclean._native.DEBUG is False
