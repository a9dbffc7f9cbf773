"""Export integrations for other runtimes, and import theirs."""
