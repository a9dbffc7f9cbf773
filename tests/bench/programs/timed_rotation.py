"""``ltictl rotate-keys`` that also prints the seconds that making the key, and the whole, took.

The whole is the operation: locks, documents, the key, and all that has to be imported for it, but
not the interpreter and the command line.
"""

import importlib
import sys
import time
from typing import Any

start = time.perf_counter()
rsa: Any = importlib.import_module("cryptography.hazmat.primitives.asymmetric.rsa")
rotate: Any = importlib.import_module("ltictl.operations.keys.rotate")
imported = time.perf_counter() - start
generate, rotate_keys = rsa.generate_private_key, rotate.rotate_keys


def timed_key(*positional: Any, **named: Any) -> Any:
    start = time.perf_counter()
    key = generate(*positional, **named)
    sys.stderr.write(f"{time.perf_counter() - start}\n")
    return key


def timed_rotation(*positional: Any) -> Any:
    start = time.perf_counter()
    rotation = rotate_keys(*positional)
    sys.stderr.write(f"{imported + time.perf_counter() - start}\n")
    return rotation


rsa.generate_private_key, rotate.rotate_keys = timed_key, timed_rotation
sys.argv = ["ltictl", "rotate-keys", "--quiet"]
importlib.import_module("ltictl.__main__").main()
