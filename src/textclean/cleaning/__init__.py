"""Cleaning one document: the pipeline, and a file for each of its steps.

    split -> repair -> rules -> templates -> model -> repeats -> cut, and again until nothing is cut

The order stands in `pipeline`. A step is a function of a `Run` (documents on their way) and a `Plan` (a configuration made ready), both in
`plan`, which knows no step. The room uses the rules, the line model and what is known of sites; the functions of the package use it.
"""
