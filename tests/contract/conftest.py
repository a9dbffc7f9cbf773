"""Runs commands within the test's own process."""

from tests.support.in_process import run

__all__ = ["run"]
