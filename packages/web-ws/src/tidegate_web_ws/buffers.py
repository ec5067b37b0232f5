"""Growing buffers for large payloads, kept for the next one.

Growing a buffer to a megabyte costs several times what is then done with its content, because the
operating system hands out the memory page by page. So buffers that have grown are kept, a few for
the whole process and none of them very large, whichever connection needs one next.
"""

from __future__ import annotations

from typing import Final

from librt.strings import BytesWriter

SPARE_BUFFERS: Final = 2
SPARE_SIZE: Final = 4 * 1024 * 1024

_spare: Final[list[BytesWriter]] = []


def take_buffer() -> BytesWriter:
    """Return an empty buffer."""
    # Not asked first whether there is one: another thread may take it in between.
    try:
        return _spare.pop()
    except IndexError:
        return BytesWriter()


def give_back(buffer: BytesWriter) -> None:
    """Give *buffer* up; nothing may use it any more."""
    if len(_spare) < SPARE_BUFFERS and len(buffer) <= SPARE_SIZE:
        buffer.truncate(0)
        _spare.append(buffer)
