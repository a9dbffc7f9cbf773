"""Results as text, tables, JSON and live status."""
