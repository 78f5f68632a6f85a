"""Bytes: which files there are, where they are, how they are packed, and how they are written whole or not at all.

    names -> sources (which files) -> urls, packing -> pieces of bytes -> lines
    places (this machine), remote (URLs), locate (which of the two) -> output (a draft that gets its name when it is whole)

What stands in a file is the business of `textclean.formats`. The room uses the vocabulary alone; formats, sites and all above use it.
"""
