"""The LMS's own side of integrations, by its interface for administrators."""
