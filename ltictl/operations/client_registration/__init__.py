"""Read, update and delete a registration at its LMS (RFC 7592)."""
