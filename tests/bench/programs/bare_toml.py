"""Reads and parses every TOML document of a folder, and nothing else."""

import os
import sys

import rtoml

folder = sys.argv[1]
documents = []
for name in sorted(os.listdir(folder)):  # noqa: PTH208  the fastest way
    with open(f"{folder}/{name}", "rb") as stream:  # noqa: PTH123  likewise
        documents.append(rtoml.loads(stream.read().decode()))
