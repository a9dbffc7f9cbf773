"""ltictl registers and manages LTI 1.3 integrations from the command line."""

__version__ = "0.2.0.dev0"
