"""A typer command that makes one RSA key and prints the seconds that this alone took."""

import sys
import time

import typer
from cryptography.hazmat.primitives.asymmetric import rsa


def make() -> None:
    """Make a key and keep it to oneself."""
    start = time.perf_counter()
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    sys.stderr.write(f"{time.perf_counter() - start}\n")


if __name__ == "__main__":
    typer.run(make)
