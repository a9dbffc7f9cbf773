"""Registrations, from a visit or a command line to a stored integration."""
