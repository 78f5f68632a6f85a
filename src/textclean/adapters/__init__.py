"""Thin skins for the tables and frameworks of others: `tables` for data frames and Hugging Face datasets.

An adapter takes a table apart, calls the functions of the package and puts the table together again; it decides nothing about text.
"""
