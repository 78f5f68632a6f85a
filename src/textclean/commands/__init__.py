"""The command line: `main`, a file for each command, their shared options (`options`), exit codes (`exits`) and what they show (`screen`).

The room uses everything below it, and nothing uses it.
"""
