"""The line model: its file, `lines.json`, and what reads it.

The trees are asked natively (`rust/src/model/`); `training/` in the repository makes the file. The room uses the vocabulary alone; the step
`textclean.cleaning.model` uses it.
"""
