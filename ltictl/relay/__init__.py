"""The relay page and the sealed block that it makes (docs/explanation/sealed-blocks.md)."""
