"""An index on disk of what was seen: repeats across documents, over any number of runs.

    documents -> units -> keys -> texts of the index that may repeat them -> `dedup`'s own decision -> rows

It uses `dedup`, which decides; the index only remembers, and finds what has to be compared. `file.py` is the SQLite file, `header.py` what
it says of itself, `batch.py` how documents go in, `replay.py` how those that are in are answered again, `similar.py` how texts are found,
`asking.py` how documents are compared and not added, `removal.py` how they go out, `order.py` which shingles are rare, `dates.py` how dates
are read, `checking.py` how a file is looked over, `index.py` the class.
"""

from textclean.index.index import Index, Match, Stats

__all__ = ["Index", "Match", "Stats"]
