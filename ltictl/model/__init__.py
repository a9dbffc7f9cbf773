"""The things ltictl knows (design words): frozen, checked when made, without any I/O."""
