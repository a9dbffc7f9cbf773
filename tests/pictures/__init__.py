"""Makes the pictures of README.md and docs/ from the real thing; ``make pictures``."""
