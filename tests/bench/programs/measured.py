"""Runs a command, and prints its seconds and the kilobytes that it held at most.

A process counts the memory of the one that started it as its own, so the bench, which grows while
it plays thousands of LMSs, must not be that one.
"""

import os
import sys
import time

nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
begun = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=nowhere)
_, status, usage = os.wait4(pid, 0)
sys.stdout.write(f"{time.perf_counter() - begun} {usage.ru_maxrss}\n")
sys.exit(os.waitstatus_to_exitcode(status))
