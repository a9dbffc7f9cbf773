"""Integrations on their way in and out: by hand, as wanted, from and to other runtimes."""
