"""Integrations after their registration: proved, looked after, changed at the LMS."""
