"""Scraped article text in, clean text out, and an account of what went and why.

    source text -> split (lines, spans kept) -> normalize (each line; ftfy where it is needed) -> label (rules, place, context)
                -> repeats inside the document (exact, near, contained) -> Cleaned

`clean` gives the text, `explain` the text with every removal, `clean_many` does it for any number of texts on several cores.
The order of the steps stands in `textclean.pipeline`.

    documents -> units (paragraphs or documents) -> shingles -> prefixes or bands -> candidates among kept units -> verify -> Duplicates

`deduplicate` finds what repeats across documents, `calibrate` tries its settings on a part of them. They load NumPy, so they are
imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from textclean.api import clean, clean_many, explain, normalize, shingle_hash
from textclean.config import Config
from textclean.document import Cleaned, Kind, Removal
from textclean.errors import TextcleanError

if TYPE_CHECKING:
    from textclean.calibration import Calibration, calibrate
    from textclean.duplicates import Duplicates, deduplicate

__all__ = [
    "Calibration",
    "Cleaned",
    "Config",
    "Duplicates",
    "Kind",
    "Removal",
    "TextcleanError",
    "calibrate",
    "clean",
    "clean_many",
    "deduplicate",
    "explain",
    "normalize",
    "shingle_hash",
]
__version__ = "0.1.0"

_LATER = {"Calibration": "calibration", "calibrate": "calibration", "Duplicates": "duplicates", "deduplicate": "duplicates"}


def __getattr__(name: str) -> object:
    """Imports what is heavy when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = value
    return value
