"""The LMS's own side: interfaces, tokens, changes that survive a cut."""
