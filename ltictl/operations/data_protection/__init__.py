"""Requests under data protection law: what a profile holds on an organization, and its end."""
