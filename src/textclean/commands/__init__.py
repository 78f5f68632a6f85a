"""The command line: `main`, a file for each command, what they share (`options`), how they end (`exits`), what they show (`screen`).

The room uses everything below it, and nothing uses it.
"""
