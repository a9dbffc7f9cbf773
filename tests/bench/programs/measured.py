"""Runs a command, and prints its seconds and the kilobytes that it held at most.

Prints the end of the command's own output where it failed.

A process counts the memory of the one that started it as its own, so the bench, which grows while
it plays thousands of LMSs, must not be that one.
"""

import os
import sys
import tempfile
import time

# A file and no pipe, whose reader would take turns with the command on the same processor. The ten
# megabytes of the longest list cost 6 ms of processor time there.
with tempfile.TemporaryFile() as output:
    into_file = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
    begun = time.perf_counter()
    pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=into_file)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - begun
    code = os.waitstatus_to_exitcode(status)
    if code:
        output.seek(max(0, output.seek(0, os.SEEK_END) - 4096))
        sys.stdout.write(output.read().decode("utf-8", "replace"))
        sys.exit(code)
sys.stdout.write(f"{seconds} {usage.ru_maxrss}\n")
