"""The records of ltictl: each is frozen, checks itself when it is made, and does no I/O."""
