"""Registrations that people make by hand, for LMSs without dynamic registration."""
