"""Checks of ``verify`` and ``doctor``, and the parts that they share."""
