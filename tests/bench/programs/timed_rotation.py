"""``ltictl rotate-keys`` that also prints the seconds that making the key alone took."""

import sys
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from ltictl.__main__ import main

_generate = rsa.generate_private_key


def _time(*positional: Any, **named: Any) -> rsa.RSAPrivateKey:
    start = time.perf_counter()
    key = _generate(*positional, **named)
    sys.stderr.write(f"{time.perf_counter() - start}\n")
    return key


rsa.generate_private_key = _time
sys.argv = ["ltictl", "rotate-keys", "--quiet"]
main()
