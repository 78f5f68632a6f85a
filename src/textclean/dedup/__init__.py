"""Repeats across documents: which paragraphs, or whole documents, say what an earlier one said.

    docs -> documents (one form) -> units -> duplicates (the native search, exact or by bands) -> Duplicates, comparison, calibration

`settings` holds the options, `bands` the cutting of MinHash signatures, `memory` an estimate of the memory needed. The room uses the native
half and the vocabulary; the functions of the package, the corpus room, adapters and commands use it.
"""
