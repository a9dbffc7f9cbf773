"""Mutates the code that keeps strangers out and counts the mutants that no test notices."""
