"""Runs over files that may be far larger than memory.

    inputs -> pass 1: read, clean, spool -> decide what repeats -> pass 2: take it out, write -> Summary

`clean_corpus` (`api`) makes a `request`, `perform` finds inputs and outputs and checks them, `run` holds the order of the stages. Work is
noted shard by shard in a `folder`, so that a run can be killed at any moment and resumed. The room uses everything below it: cleaning,
dedup, formats, files, sites; the command line uses it.
"""

from textclean.corpus.api import clean_corpus
from textclean.corpus.summary import Summary

__all__ = ["Summary", "clean_corpus"]
