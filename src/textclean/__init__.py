"""Scraped article text in, clean text out, and an account of what went and why.

    source text -> split (lines, spans kept) -> normalize (each line; ftfy where it is needed) -> label (rules, place, context)
                -> repeats inside the document (exact, near, contained) -> Cleaned

`clean` gives the text, `explain` the text with every removal, `clean_many` does it for any number of texts on several cores.
The order of the steps stands in `textclean.pipeline`.
"""

from textclean.api import clean, clean_many, explain, normalize, shingle_hash
from textclean.config import Config
from textclean.document import Cleaned, Kind, Removal
from textclean.errors import TextcleanError

__all__ = [
    "Cleaned",
    "Config",
    "Kind",
    "Removal",
    "TextcleanError",
    "clean",
    "clean_many",
    "explain",
    "normalize",
    "shingle_hash",
]
__version__ = "0.1.0"
