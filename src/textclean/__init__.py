"""Clean scraped article text and find what repeats."""

from textclean._native import shingle_hash
from textclean.duplicates import Duplicates, deduplicate

__all__ = ["Duplicates", "deduplicate", "shingle_hash"]
