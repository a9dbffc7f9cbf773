"""Makes the pictures of README.md and docs/ from the real program; ``make pictures``."""
