"""Checks: ``verify``, ``doctor`` and the parts that they share."""
