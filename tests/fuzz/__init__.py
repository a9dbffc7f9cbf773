"""Fuzzing with coverage: every reader of foreign bytes, its corpus, and the run of a given time."""
