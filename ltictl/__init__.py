"""ltictl: register, watch over and hand on LTI 1.3 integrations."""

__version__ = "0.1.0"
