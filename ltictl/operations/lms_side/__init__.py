"""The LMS's own side of integrations, reached with an administrator's token."""
