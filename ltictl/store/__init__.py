"""Durable state: the profile's documents, attempts and private keys. Only this room knows paths."""
