"""The receiving side of a connection: when to read, and what to do when the client is gone.

A connection reads unless there is a reason not to: the reader of a body is full, parsing is held,
or the client sends so much at a time that others would wait for it.

A client that closes its sending side can't be told from one that is gone, and is taken for it by
:meth:`ReadingSide.wait_for_disconnect` and where a handler is to be cancelled for it; a handler
that nobody cancels may still answer.
"""

import asyncio
from typing import Final

from .hosting import Host
from .writing import WritingSide

# Bytes that are read, and parsed, in one step where the event loop lets that be chosen.
READ_SIZE: Final = 2**16

# Why the transport does not read; it reads when there is no reason left.
BODY_FULL: Final = 1
HELD: Final = 2
BUSY: Final = 4


class ReadingSide(WritingSide):
    """Flow control of what is read from a connection, and the end of it."""

    __slots__ = ("_gone", "_pauses", "cancellation", "half_closed", "task")

    def __init__(self, server: Host) -> None:
        """Begin a connection of *server* that reads, with a client that is there."""
        super().__init__(server)
        self.task: asyncio.Task[None] | None = None
        # Whether the handler is cancelled when the client goes; None: as the server says.
        self.cancellation: bool | None = None
        self.half_closed = False
        self._gone: asyncio.Event | None = None  # made for who waits for it
        self._pauses = 0

    # --- flow control ---

    def pause_reading(self) -> None:
        """Stop reading from the client: the reader of a body is full."""
        self.pause(BODY_FULL)

    def resume_reading(self) -> None:
        """Read from the client again, unless there is another reason not to."""
        self.resume(BODY_FULL)

    def pause(self, reason: int) -> None:
        """Stop reading for *reason*."""
        if self.transport is not None and not self._pauses:
            self.transport.pause_reading()
        self._pauses |= reason

    def resume(self, reason: int) -> None:
        """Read again, unless there is another reason than *reason* not to."""
        if self._pauses:
            self._pauses &= ~reason
            if not self._pauses and self.transport is not None:
                self.transport.resume_reading()

    def forget_pauses(self) -> None:
        """Read, whatever reasons not to there were."""
        self._pauses = 0
        if self.transport is not None:
            self.transport.resume_reading()

    def read_in_steps(self) -> None:
        """Let asyncio read less at a time than it would.

        256 KiB are too much to be parsed in one step when a client cuts them into chunks of a
        byte, and a buffer that the system's allocator maps and unmaps each time.
        """
        if getattr(self.transport, "max_size", 0) > READ_SIZE:
            self.transport.max_size = READ_SIZE  # type: ignore[union-attr]  # of asyncio's own

    def give_way(self) -> None:
        """Let others have their turn after a long read: uvloop would read on, up to 8 MiB."""
        if self.transport is not None:
            self.pause(BUSY)
            self.server.loop.call_soon(self.resume, BUSY)

    # --- the client is gone ---

    def note_departure(self) -> None:
        """Tell who waits for it that the client is gone, or has closed its side."""
        if self._gone is not None:
            self._gone.set()

    async def wait_for_disconnect(self) -> None:
        """Wait until the client is gone, or has closed its side, which looks the same."""
        if self.transport is None or self.half_closed:
            return
        if self._gone is None:
            self._gone = asyncio.Event()
        await self._gone.wait()

    def cancel_on_disconnect(self, cancel: bool) -> None:
        """Let the handler in service be cancelled when its client goes away, or not."""
        self.cancellation = cancel
        if self.transport is None or self.half_closed:
            self.cancel_handler()

    def cancel_handler(self) -> bool:
        """Cancel the handler of a client that is gone, where that is wanted; tell whether."""
        wanted = self.cancellation
        if wanted is None:
            wanted = self.server.handler_cancellation
        if not wanted or self.task is None:
            return False
        self.task.cancel()
        return True
