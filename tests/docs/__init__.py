"""Compares the documentation with the program: generated pages, lists, examples that run."""
