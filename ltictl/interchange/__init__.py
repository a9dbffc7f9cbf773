"""Documents of other runtimes, written and read; no files."""
