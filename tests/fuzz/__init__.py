"""Fuzzes every reader of foreign bytes with coverage, from a corpus and for a given time."""
