"""Exporting integrations for other runtimes, and importing theirs."""
