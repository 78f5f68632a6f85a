"""Templates, the lines that a site repeats on its pages, as data.

`evidence` holds what was counted and decides when it is enough, `templates` is the object that users have, `template_file` its file;
`learner_file` is the file of what counts.

Nothing here looks at a document: `textclean.learning` counts, and the step `textclean.cleaning.templates` finds. The room uses files and
the vocabulary.
"""
