"""One module for each family whose LMS lets a program administer its tools."""
