"""Handing integrations to other runtimes, and reading what those hold: documents, no files."""
