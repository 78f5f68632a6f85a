"""Formats: a file each, in both directions.

    source -> registry (which module reads it) -> txt, jsonl, delimited, tables, archives, wiki -> records (documents and events)
    cleaned documents -> sinks (which file each belongs to) -> writers (which module writes it) -> the same modules -> files

A reader is a generator over a bounded buffer: a file of any size passes through. What can't be read is an error passed on as a value, so
one bad record does not end the run. A record goes out as it came but for its text (`json_record`), with what other documents leave of that
(`across`). Formats use `textclean.files` and the vocabulary; the corpus room and the commands use them.
"""

from textclean.formats.records import Begin, Document, End, Event, Reading
from textclean.formats.registry import read

__all__ = ["Begin", "Document", "End", "Event", "Reading", "read"]
