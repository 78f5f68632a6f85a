"""The report of a run: one page of HTML (`page`), with its style and its script beside it.

The room reads the files that a run left in its folder, and needs nothing else of the run; the command ``textclean report`` uses it.
"""
