"""An index on disk of what was seen: repeats across documents, over any number of runs.

    documents -> units -> keys -> texts of the index that may repeat them -> `dedup`'s own decision -> rows

It uses `dedup`, which decides; the index only remembers, and finds what has to be compared. `file.py` is the SQLite file, `header.py` what
it says of itself, `batch.py` how documents go in, `similar.py` how texts are found, `asking.py` how documents are compared and not added,
`order.py` what keeps that fast, `removal.py` how they go out, `replay.py` how a run that was broken off is answered, `merging.py` how one
goes into another, `checking.py` how a
file is looked over, `index.py` the class.
"""

from textclean.index.base import Match
from textclean.index.index import Index, Stats

__all__ = ["Index", "Match", "Stats"]
