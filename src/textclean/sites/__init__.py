"""What a site repeats on its pages, as data: `evidence` (what was counted, and when it is enough), `templates`, `template_file`.

Nothing here looks at a document: `textclean.learning` counts, and the step `textclean.cleaning.templates` finds. The room uses files and
the vocabulary.
"""
