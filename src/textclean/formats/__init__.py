"""Formats: a module for each, which reads and writes it.

    source -> registry (which module reads it) -> txt, jsonl, delimited, tables, archives, wiki -> records (documents and events)
    cleaned documents -> sinks (which file each belongs to) -> writers (which module writes it) -> the same modules -> files

A reader is a generator over a bounded buffer: a file of any size passes through. A record that can't be read is yielded as an error, so one
bad record does not end the run. A record is written as it was read except for its text (`json_record`), from which paragraphs that repeat
other documents may be taken out (`across`). Formats use `textclean.files` and the vocabulary; the corpus room and the commands use them.
"""

from textclean.formats.records import Begin, Document, End, Event, Reading
from textclean.formats.registry import read

__all__ = ["Begin", "Document", "End", "Event", "Reading", "read"]
