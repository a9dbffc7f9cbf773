"""The log of changes: who changed which document, when, by which command, with what outcome."""
