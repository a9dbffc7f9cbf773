"""Holds the documentation to the program: generated pages, complete lists, examples that run."""
