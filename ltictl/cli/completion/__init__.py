"""Shell completion: the scripts, and the names that they complete."""
