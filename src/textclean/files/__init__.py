"""Bytes: which files there are, where they are, how they are packed, and how outputs appear whole or not at all.

    names -> sources (which files) -> urls, packing -> pieces of bytes -> lines
    disk (all that is written on this machine, in an order that outlasts a power cut)
    places (this machine), remote (URLs), locate (which of the two) -> output (a draft that gets its name when it is whole)

`textclean.formats` reads and writes what is in a file. This room uses the vocabulary alone; formats, sites and all rooms above use it.
"""
