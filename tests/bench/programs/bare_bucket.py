"""Lists the integrations in a bucket, or reads them too, 32 at once, with obstore alone.

Arguments: bucket, prefix, and ``list`` or ``read``. Prints the seconds of that.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import obstore
from obstore.store import S3Store

bucket, prefix, what = sys.argv[1:]
store = S3Store(bucket, prefix=prefix, client_options={"allow_http": True})
begun = time.perf_counter()
pages = obstore.list(store, "integrations", chunk_size=1000)
names = [each["path"] for page in pages for each in page]
if what == "read":
    with ThreadPoolExecutor(32) as readers:
        kept = list(readers.map(lambda name: bytes(obstore.get(store, name).bytes()), names))
sys.stdout.write(f"{time.perf_counter() - begun}\n")
