"""ltictl registers and manages LTI 1.3 integrations from the command line."""

__version__ = "0.2.0.dev0"
# The address of the documentation, set by the first release: each version has a folder there.
__docs_url__ = ""
