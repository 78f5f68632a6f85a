"""Thin adapters to the tables and frameworks of other packages: `tables` for data frames and Hugging Face datasets.

An adapter takes a table apart, calls the functions of the package and puts the table together again; it decides nothing about text.
"""
