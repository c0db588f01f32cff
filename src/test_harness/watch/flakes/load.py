"""Keeps the cores of this machine busy for a while."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# How many for each core, so that whoever computes waits for its turn.
FOR_EACH_CORE = 3
# Below whatever else runs here, and beside the tests, which are told to be as nice.
NICENESS = 5
# Ends by itself where whoever began it is gone, or has forgotten it.
BURNER = """
import os, sys, time
parent, end = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
if hasattr(os, "nice"):
    os.nice(int(sys.argv[3]))
while os.getppid() == parent and time.monotonic() < end:
    sum(range(200_000))
"""


@contextmanager
def busy_cores(seconds: float) -> Iterator[None]:
    """Within the block every core has more to do than it can, at a low priority.

    Args:
        seconds: After how long that ends, whatever the block does.
    """
    command = [sys.executable, "-I", "-S", "-c", BURNER, str(os.getpid()), str(seconds)]
    command.append(str(NICENESS))
    burners: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(FOR_EACH_CORE * (os.cpu_count() or 1)):
            burners.append(  # noqa: PERF401 - those that were started are ended, whatever comes
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            )
        yield
    finally:
        for burner in burners:
            burner.kill()
        for burner in burners:
            burner.wait()
