"""Small files that are asked for again and again, kept in memory.

Opening and reading a file is a hop to the executor and back, which costs more than all the rest of
an answer. What was read whole can be sent again without it, as long as the file is the same: on
each hit its path is asked for its stamp (device, inode, size, times of modification and change),
and anything but the very same one is a miss. That is one ``stat``, some two microseconds on a
local disk, and it runs in the event loop. So:

- A replaced, changed, removed or forbidden file is noticed by the next request. The stamp says
  that the path leads to the very inode that was opened by the rules of :mod:`.opening`; a link
  that was put in its place leads to another one.
- A file is kept only if nothing has changed it for two seconds when it is opened: a second change
  within one tick of a file system's clock would leave the stamp as it was.
- Entries are looked up anew after two seconds, for variants that have come or gone.
- A ``stat`` that takes longer than 50 ms, on a network file system for instance, turns the cache
  off for ten seconds: the loop is not made to wait for it again. Who serves such a disk should do
  without the cache from the start: ``add_static(…, cache=None)``.

What can't be noticed is a change that leaves the stamp alone: through a mapping of memory that
was not written back yet, or on a file system without such times.

Bounded in entries, in bytes, and in the size of a file. When there is no room the oldest entry
goes; one that was used since it came, or since it was last spared, is spared.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from .representations import Representation, choose

_LOOK_AGAIN: Final = 2.0  # seconds
# Longer than a busy machine keeps a thread from its processor.
_SLOW: Final = 0.050
_PAUSE: Final = 10.0
# What an entry costs beside the bytes of the file, about.
_OVERHEAD: Final = 2048


class _Entry:
    """The representations of one name that have been read."""

    __slots__ = ("by_coding", "bytes", "codings", "since", "used")

    def __init__(self, codings: tuple[str, ...], since: float) -> None:
        self.codings = codings
        self.since = since
        self.by_coding: dict[str | None, Representation] = {}
        self.bytes = 0
        self.used = False


class FileCache:
    """Keeps small files that have not changed; may be used by several threads."""

    def __init__(
        self,
        *,
        max_bytes: int = 16 * 1024 * 1024,
        max_entries: int = 1024,
        max_file_size: int = 128 * 1024,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make an empty cache.

        :param max_bytes: memory to use at most, about 2 KiB a file included.
        :param max_entries: names to keep at most.
        :param max_file_size: bytes of the largest file to keep.
        :param clock: seconds that never go back.
        :raises ValueError: when a limit is negative.
        """
        if min(max_bytes, max_entries, max_file_size) < 0:
            raise ValueError(
                "the limits of a cache are 0 or more, "
                f"got {max_bytes=}, {max_entries=}, {max_file_size=}"
            )
        self.max_bytes = max_bytes
        self.max_entries = max_entries
        self.max_file_size = max_file_size
        self._clock = clock
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._bytes = 0
        self._paused_until = 0.0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Show how much is kept."""
        return f"<{type(self).__name__} {len(self)} files, {self._bytes} bytes>"

    def __len__(self) -> int:
        """Return how many names are kept."""
        return len(self._entries)

    @property
    def size(self) -> int:
        """Bytes in use, about."""
        return self._bytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def get(self, key: Hashable, accept_encoding: str | None) -> Representation | None:
        """Return what is to be sent for a name, if it is kept and the file is still the same.

        :param key: stands for the name and for the rules by which it is opened.
        """
        entry = self._entries.get(key)
        if entry is None:
            return None
        began = self._clock()
        if began - entry.since > _LOOK_AGAIN:
            self._drop(key)
            return None
        found = entry.by_coding.get(choose(accept_encoding, entry.codings))
        if found is None or began < self._paused_until:
            return None
        try:
            status = os.stat(found.path)
        except OSError:
            self._drop(key)
            return None
        ended = self._clock()
        if ended - began > _SLOW:
            self._paused_until = ended + _PAUSE
        # Field by field, the likeliest first: making a Stamp costs more than the call.
        stamp = found.file.stamp
        if (
            status.st_mtime_ns != stamp.mtime_ns
            or status.st_size != stamp.size
            or status.st_ino != stamp.inode
            or status.st_ctime_ns != stamp.ctime_ns
            or status.st_dev != stamp.device
        ):
            self._drop(key)
            return None
        entry.used = True
        return found

    def put(self, key: Hashable, found: Representation) -> None:
        """Keep what was read for a name, if it is whole, small and settled."""
        file = found.file
        if file.start is None or len(file.start) != file.stamp.size:
            return
        cost = file.size + _OVERHEAD
        if (
            file.size > self.max_file_size
            or cost > self.max_bytes
            or not self.max_entries
            or not file.settled
        ):
            return
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.codings != found.codings:
                self._forget(key)
                entry = self._entries[key] = _Entry(found.codings, self._clock())
            before = entry.by_coding.get(found.coding)
            if before is not None:
                cost -= before.file.size + _OVERHEAD
            entry.by_coding[found.coding] = found
            entry.bytes += cost
            self._bytes += cost
            while self._bytes > self.max_bytes or len(self._entries) > self.max_entries:
                oldest, entry = next(iter(self._entries.items()))
                if entry.used:
                    entry.used = False
                    self._entries.move_to_end(oldest)
                else:
                    self._forget(oldest)

    def _drop(self, key: Hashable) -> None:
        with self._lock:
            self._forget(key)

    def _forget(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.bytes
