"""The sending side of one WebSocket: who may write when.

A message is written at once when nothing is in its way, which costs no wait and no task. In its
way can be

- a client that takes less than it is sent: more than ``writer_limit`` bytes wait already;
- a large message, which is compressed in the event loop's executor so that the loop goes on;
- a message that is sent in fragments, between which no other one may come (RFC 6455 section 5.4).

Then it takes its place in a *line*, first come first served, and whoever comes while somebody is
in the line joins it, so that messages of one task keep their order. A message is encoded when its
turn has come and written in the same step: a send that is cancelled has either sent all of it or
nothing, and has not touched the shared context of the compression; only one that is cancelled
while the executor compresses has, and begins a new context.

Pings, Pongs and a Close do not stand in the line: they may come between fragments.

While a handler works off a burst, several messages that came in one segment, its small answers are
gathered and go out with the last of them, or when the handler waits for something else: one
system call in place of many.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterable, Iterable
from contextlib import suppress
from typing import Final

from tidegate_web_server import ClientConnectionResetError, Upgraded

from .connection import WebSocketConnection
from .deflate import deflate_message
from .errors import WebSocketStateError
from .frames import BINARY, TEXT
from .prepared import PreparedMessage

# From this size on a payload is written by itself: a second system call costs less than a copy.
SEPARATE_PAYLOAD: Final = 64 * 1024

# The most bytes that wait for more to come.
GATHERED_SIZE: Final = 32 * 1024

DEFAULT_WRITER_LIMIT: Final = 256 * 1024


class Sender:
    """Writes the messages of one connection, in order.

    :ivar paused: whether more waits to be sent than should.
    :ivar free: whether nothing is in the way of a message smaller than :attr:`large`.
    :ivar large: size in bytes from which on messages go through :meth:`send_in_turn`.
    :ivar burst: whether more messages have come that the handler may answer without waiting.
    :ivar written: bytes written so far.
    """

    __slots__ = (
        "_connection",
        "_gathered",
        "_gathered_size",
        "_in_line",
        "_turn",
        "_upgraded",
        "burst",
        "free",
        "large",
        "paused",
        "written",
    )

    def __init__(
        self,
        connection: WebSocketConnection,
        upgraded: Upgraded,
        executor_threshold: int,
    ) -> None:
        """Begin with nothing to send.

        :param executor_threshold: size in bytes from which on messages are compressed in the
            executor; 0 for never.
        """
        self._connection = connection
        self._upgraded = upgraded
        self.large = executor_threshold if connection.compressing else 0
        if not self.large:
            self.large = sys.maxsize
        self.burst = False
        self._gathered: list[bytes] = []
        self._gathered_size = 0
        self._turn: asyncio.Lock | None = None
        self._in_line = 0
        self.written = 0
        self.paused = upgraded.writing_paused
        self.free = not self.paused

    def limit(self, size: int) -> None:
        """Let messages wait when more than *size* bytes wait to be sent."""
        transport = self._upgraded.transport
        if transport is not None:
            transport.set_write_buffer_limits(high=size)

    def pause(self) -> None:
        """More waits to be sent than should."""
        self.paused = True
        self.free = False

    def resume(self) -> None:
        """The client has taken enough."""
        self.paused = False
        self.free = self._in_line == 0

    # --- messages ---

    def send(self, opcode: int, payload: bytes, compress: int | None) -> None:
        """Write a message now; see :meth:`WebSocketConnection.send`.

        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        connection = self._connection
        try:
            if len(payload) >= SEPARATE_PAYLOAD and not connection.compressing:
                self._write_separately(connection.send_header(opcode, len(payload)), payload)
            else:
                self.write(connection.send(opcode, payload, compress))
        except WebSocketStateError:
            raise _reset() from None

    async def send_in_turn(self, opcode: int, payload: bytes, compress: int | None) -> None:
        """Write a message when its turn has come.

        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        self._join_line()
        try:
            async with self._line():
                await self.room()
                if len(payload) >= self.large:
                    await self._send_large(opcode, payload, compress)
                else:
                    self.send(opcode, payload, compress)
        finally:
            self._leave_line()

    async def send_fragments(
        self, pieces: AsyncIterable[str | bytes] | Iterable[str | bytes]
    ) -> None:
        """Write a message whose content comes piece by piece, each one as a fragment.

        :raises ClientConnectionResetError: when the connection is closing or gone.
        :raises TypeError: when a piece is of another kind than the first, or no str or bytes.
        """
        self._join_line()
        try:
            async with self._line():
                opcode = 0
                if isinstance(pieces, AsyncIterable):
                    async for piece in pieces:
                        opcode = await self._send_fragment(piece, opcode)
                else:
                    for piece in pieces:
                        opcode = await self._send_fragment(piece, opcode)
                if opcode:
                    await self.room()
                    self._write_fragment(opcode, b"", True)
        finally:
            self._leave_line()

    def send_now(self, message: PreparedMessage) -> bool:
        """Write *message* unless something is in its way; tell whether it was written.

        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        if not self.free:
            return False
        self._send_prepared(message)
        return True

    async def send_prepared(self, message: PreparedMessage) -> None:
        """Write *message* when its turn has come.

        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        self._join_line()
        try:
            async with self._line():
                await self.room()
                self._send_prepared(message)
        finally:
            self._leave_line()

    def _send_prepared(self, message: PreparedMessage) -> None:
        try:
            self.write(self._connection.send_prepared(message))
        except WebSocketStateError:
            raise _reset() from None

    async def _send_large(self, opcode: int, payload: bytes, compress: int | None) -> None:
        """Compress in the executor; nobody else compresses or writes a message meanwhile."""
        connection = self._connection
        compressor = connection.compressor(opcode, len(payload), compress)
        try:
            if compressor is not None:
                loop = asyncio.get_running_loop()
                payload = await loop.run_in_executor(None, deflate_message, compressor, payload)
            header = connection.send_header(
                opcode, len(payload), compressed=compressor is not None
            )
            self._write_separately(header, payload)
        except WebSocketStateError:
            raise _reset() from None
        except BaseException:
            connection.forget()
            raise

    async def _send_fragment(self, piece: str | bytes, opcode: int) -> int:
        if isinstance(piece, str):
            kind, payload = TEXT, piece.encode()
        elif isinstance(piece, bytes):
            kind, payload = BINARY, piece
        else:
            raise TypeError(f"expected pieces of str or bytes, got {type(piece).__name__}")
        if opcode not in (0, kind):
            raise TypeError("expected all pieces of a message to be str, or all to be bytes")
        await self.room()
        self._write_fragment(kind, payload, False)
        return kind

    def _write_fragment(self, opcode: int, payload: bytes, fin: bool) -> None:
        try:
            self.write(self._connection.send_fragment(opcode, payload, fin))
        except WebSocketStateError:
            raise _reset() from None

    def _join_line(self) -> None:
        self._in_line += 1
        self.free = False

    def _leave_line(self) -> None:
        self._in_line -= 1
        self.free = self._in_line == 0 and not self.paused

    def _line(self) -> asyncio.Lock:
        if self._turn is None:
            self._turn = asyncio.Lock()
        return self._turn

    # --- bytes ---

    async def room(self) -> None:
        """Wait until the client has taken enough of what was sent.

        :raises ClientConnectionResetError: when it is gone.
        """
        if self.paused:
            await self._upgraded.drain()

    def write(self, data: bytes) -> None:
        """Write *data*, or gather it.

        :raises ClientConnectionResetError: when the connection is gone.
        """
        self.written += len(data)
        if not self.burst and not self._gathered:
            self._upgraded.write(data)
            return
        if not self._gathered:
            if self._upgraded.transport is None:
                raise _reset()
            asyncio.get_running_loop().call_soon(self.flush)
        self._gathered.append(data)
        self._gathered_size += len(data)
        if not self.burst or self._gathered_size > GATHERED_SIZE:
            self.flush()

    def flush(self) -> None:
        """Write what has been gathered."""
        if not self._gathered:
            return
        data = b"".join(self._gathered)
        self._gathered.clear()
        self._gathered_size = 0
        # That the client is gone is told to who sends next, and by the end of the connection.
        with suppress(ClientConnectionResetError):
            self._upgraded.write(data)

    def close(self) -> None:
        """Close the connection once all is sent."""
        self.flush()
        self._upgraded.close()

    def _write_separately(self, header: bytes, payload: bytes) -> None:
        self.flush()
        self.written += len(header) + len(payload)
        self._upgraded.writelines((header, payload))


def _reset() -> ClientConnectionResetError:
    return ClientConnectionResetError("Cannot write to closing transport")
