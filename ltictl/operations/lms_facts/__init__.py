"""The stored facts about an LMS: read from its configuration, compared, and brought up to date."""
