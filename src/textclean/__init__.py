"""Cleans scraped article text, and accounts for every removal.

    source text -> split (lines, spans kept) -> normalize (each line; ftfy where it is needed) -> label (rules, place, context, templates)
                -> repeats inside the document (exact, near, contained) -> Cleaned

`clean` returns the text, `explain` the text with every removal; `clean_many` cleans any number of texts on several cores.
`textclean.cleaning.pipeline` has the order of the steps.

    documents -> units (paragraphs or documents) -> shingles -> prefixes or bands -> candidates among kept units -> verify -> Duplicates

    documents -> lines by source, masked -> counts over documents that tell different stories -> Templates -> label

`learn_templates` finds the lines that a site repeats on its pages, and cleaning takes them out. `TemplateLearner` learns a part at a time.

`deduplicate` finds paragraphs and documents that repeat others, `calibrate` tries its settings on a part of them.

    files -> read, clean, spool -> decide what repeats -> take it out, write -> files

`clean_corpus` cleans and compares the documents of files of any size.

Cleaning and de-duplication don't need each other, so a module is imported when one of its names is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textclean.adapters.tables import clean_table, map_batch
    from textclean.api import clean, clean_many, explain, normalize, shingle_hash, warm_up
    from textclean.config import Config
    from textclean.corpus import Summary, clean_corpus
    from textclean.dedup.calibration import Calibration, calibrate
    from textclean.dedup.duplicates import Duplicates, deduplicate
    from textclean.document import Cleaned, Kind, Removal
    from textclean.errors import TextcleanError
    from textclean.index import Index
    from textclean.learning import TemplateLearner, learn_templates
    from textclean.sites.templates import Templates

__all__ = [
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
__version__ = "0.1.0"

_HOMES = {
    **dict.fromkeys(("clean", "clean_many", "explain", "normalize", "shingle_hash", "warm_up"), "api"),
    **dict.fromkeys(("Calibration", "calibrate"), "dedup.calibration"),
    "Config": "config",
    **dict.fromkeys(("Summary", "clean_corpus"), "corpus"),
    **dict.fromkeys(("Cleaned", "Kind", "Removal"), "document"),
    **dict.fromkeys(("Duplicates", "deduplicate"), "dedup.duplicates"),
    "Index": "index",
    "TextcleanError": "errors",
    **dict.fromkeys(("TemplateLearner", "learn_templates"), "learning"),
    "Templates": "sites.templates",
    **dict.fromkeys(("clean_table", "map_batch"), "adapters.tables"),
}


def __getattr__(name: str) -> object:
    """Imports the module of a name when the name is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ImportError as error:
        from textclean_articles import neighbour

        if said := neighbour():
            error.add_note(said)
        raise
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Lists all names, also those that are not imported yet."""
    return sorted(globals().keys() | set(__all__))
