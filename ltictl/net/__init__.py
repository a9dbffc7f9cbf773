"""The guarded way out to platforms: addresses, redirects, sizes, deadlines, redaction."""
