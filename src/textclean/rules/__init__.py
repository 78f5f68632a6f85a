"""The rules by which lines are known: a TOML file a language, what reads and checks them (`ruleset`), and their compiled form.

A rule says what a line says; where such a line may stand is decided natively (`rust/src/rules/context.rs`). The room uses the vocabulary
alone; the step `textclean.cleaning.rules`, the plan and the command that lists rules use it.
"""
