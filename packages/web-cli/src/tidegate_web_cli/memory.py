"""How much memory this process has, as the system counts it."""

import os
import sys


def resident_memory() -> int:
    """Return the resident memory of this process in KiB; 0 where the system does not tell.

    Where there is no ``/proc`` it is the most that the process ever had, which is all that
    getrusage(2) tells.
    """
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    except (OSError, ValueError, IndexError):
        return _peak()


def _peak() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # In bytes on macOS, in KiB elsewhere.
    return peak // 1024 if sys.platform == "darwin" else peak
