"""Makes one RSA key and prints the seconds that this alone took."""

import sys
import time

from cryptography.hazmat.primitives.asymmetric import rsa

start = time.perf_counter()
rsa.generate_private_key(public_exponent=65537, key_size=2048)
sys.stderr.write(f"{time.perf_counter() - start}\n")
