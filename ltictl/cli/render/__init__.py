"""Show results as text, tables, JSON and live status."""
