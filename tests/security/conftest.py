"""The ready profile of the end-to-end tests."""

from tests.e2e.conftest import acme, admin, profile, profile_template

__all__ = ["acme", "admin", "profile", "profile_template"]
