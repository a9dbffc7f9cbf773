"""What each LMS does differently, as a table of records with their sources."""
