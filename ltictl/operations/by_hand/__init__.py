"""Registrations that people make by hand, in LMSs without dynamic registration."""
