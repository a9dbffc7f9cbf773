"""The log of changes as people ask for it: read, searched, checked, completed."""
