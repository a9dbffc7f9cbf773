"""One module for each LMS; a module with a ``FAMILY`` is all that a new one takes."""
