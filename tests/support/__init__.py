"""Shared parts of the tests: recordings, platforms, a browser, and ways to start ltictl."""
