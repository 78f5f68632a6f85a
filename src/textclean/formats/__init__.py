"""Files in, files out: what stands between bytes on a disk and the texts that are cleaned.

    paths -> sources (which files) -> packing (bytes out of .gz and .zst) -> lines -> records (documents) -> stream (cleaned)
    cleaned documents -> across (what other documents say already, taken out; on demand: it holds them all)
    cleaned documents -> sinks, targets (which file each belongs to) -> output (a draft, which gets its name when it is whole)
    -> places (where that is: on this machine, or at a URL: remote)

All but `across` is a generator over a bounded buffer: a file of any size passes through. What can't be read is an error passed on as a
value, so one bad record does not end the run.
"""

from textclean.io.output import Output
from textclean.io.records import Begin, Document, End, Event, Reading, read
from textclean.io.sources import Source, find
from textclean.io.stream import cleaned

__all__ = ["Begin", "Document", "End", "Event", "Output", "Reading", "Source", "cleaned", "find", "read"]
