"""Durable state: the profile's documents, attempts and private keys. The only room with paths."""
