"""Repeats across documents: which paragraphs, or whole documents, say what an earlier one said.

    docs -> documents (one form) -> units -> duplicates (the native search, exact or by bands) -> Duplicates, comparison, calibration

What can be chosen stands in `settings`, how signatures are cut in `bands`, what comparing takes in `memory`. The room uses the native half
and the vocabulary; the functions of the package, the corpus room, adapters and commands use it. A persistent index will live here.
"""
