"""Reading, updating and deleting a registration at its LMS (RFC 7592)."""
