"""The differences between LMSs, as a table of records with their sources."""
