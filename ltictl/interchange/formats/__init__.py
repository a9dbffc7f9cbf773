"""One module for each format; a module with a ``FORMAT`` is all that a new one takes."""
