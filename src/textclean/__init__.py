"""Clean scraped article text and find what repeats."""

from textclean._native import shingle_hash
from textclean.duplicates import Duplicates, deduplicate

__all__ = ["Duplicates", "calibrate", "deduplicate", "shingle_hash"]


def __getattr__(name: str) -> object:
    if name == "calibrate":
        from textclean.calibration import calibrate

        return calibrate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
