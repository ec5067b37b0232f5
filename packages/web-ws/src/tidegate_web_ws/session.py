"""One open WebSocket on asyncio: between an upgraded connection and whoever receives and sends.

::

    data_received ─► WebSocketConnection.feed ─► the queue of messages ─► take(), receive()
                                             ─► answers, written at once
    sender ─► WebSocketConnection.send ─► the upgraded connection

Sending is in :mod:`.sending`. Three waits, and what bounds them:

- *receiving* waits for a message. The queue is bounded by what its messages hold since it was
  last empty: over ``QUEUE_LIMIT`` nothing more is decoded and the transport stops reading, until
  the queue is empty again.
- *writing* waits while the client takes less than it is sent; the server aborts a connection whose
  client takes nothing for too long.
- *the end* of the connection is waited for from the moment a Close frame is sent, whoever sent it
  and whyever, by one timer: when it fires the connection is aborted.

With a heartbeat a client that says nothing is found out (:mod:`.heartbeat`).

The end that a client brings about, with a Close or a violation of the protocol, waits behind the
messages that came before it, so that they can still be answered; with none waiting it is acted on
at once, whether or not anybody receives.

A Pong waits too for a client that takes no bytes, and then only the last one is sent (RFC 6455
section 5.5.3): a flood of pings fills no buffer.

A client that broke the protocol is told so in a Close frame. Then only the sending half of the
connection is closed, and what still comes is dropped: closing both at once with bytes unread
would reset the connection and could take the Close frame away from the client.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterable, Iterable
from typing import Final

from tidegate_web_server import ClientConnectionResetError, Upgraded

from .connection import WebSocketConnection
from .frames import PING
from .heartbeat import Heartbeat, unacknowledged
from .latency import RoundTrips
from .messages import WSCloseCode, WSMessage, WSMsgType
from .sending import Sender

logger = logging.getLogger("tidegate.websocket")

# Bytes held by messages not received yet, above which the connection stops reading.
QUEUE_LIMIT: Final = 256 * 1024

# How often CLOSED is told, before a loop that ignores it is stopped.
_ENDS_TOLD: Final = 5

_CLOSING: Final = WSMessage(WSMsgType.CLOSING, None, None)
_CLOSED: Final = WSMessage(WSMsgType.CLOSED, None, None)


class Session:
    """Receives and sends the messages of one connection; an ``UpgradeReceiver``."""

    __slots__ = (
        "_closing_told",
        "_connection",
        "_deadline",
        "_ended",
        "_ends_told",
        "_half_closed",
        "_heartbeat",
        "_held",
        "_messages",
        "_round_trips",
        "_timeout",
        "_upgraded",
        "_waiter",
        "exception",
        "reading_paused",
        "sender",
    )

    _upgraded: Upgraded
    sender: Sender

    def __init__(self, connection: WebSocketConnection, timeout: float) -> None:
        """Begin with *connection*; :meth:`attach` comes before anything else.

        :param timeout: seconds that the client has to end the connection once a Close was sent.
        """
        self._heartbeat: Heartbeat | None = None
        self._round_trips: RoundTrips | None = None
        self.exception: BaseException | None = None
        self._connection = connection
        self._timeout = timeout
        self._messages: deque[WSMessage] = deque()
        # What the messages hold that were queued since the queue was last empty.
        self._held = 0
        self._half_closed = False
        self.reading_paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._closing_told = False
        self._ends_told = 0
        self._ended = asyncio.Event()
        self._deadline: asyncio.TimerHandle | None = None

    def attach(
        self,
        upgraded: Upgraded,
        *,
        writer_limit: int,
        executor_threshold: int,
        heartbeat: float | None,
    ) -> None:
        """Take what is written through, before the first byte comes.

        :param writer_limit: see :meth:`Sender.limit`.
        :param executor_threshold: see :class:`Sender`.
        :param heartbeat: seconds of silence before a ping; None for no heartbeat.
        """
        self._upgraded = upgraded
        self.sender = Sender(self._connection, upgraded, executor_threshold)
        self.sender.limit(writer_limit)
        if heartbeat and not self._ended.is_set():
            self._heartbeat = Heartbeat(heartbeat, self)

    # --- state ---

    @property
    def open(self) -> bool:
        """Whether messages can be sent."""
        return self._connection.open and not self._ended.is_set()

    @property
    def close_code(self) -> int | None:
        """How the connection ended; see :attr:`WebSocketConnection.close_code`."""
        return self._connection.close_code

    @property
    def close_reason(self) -> str | None:
        """The reason in the client's Close."""
        return self._connection.close_reason

    @property
    def transport(self) -> asyncio.Transport | None:
        """The transport, None once the connection is gone."""
        return self._upgraded.transport

    # --- what the upgraded connection calls ---

    def data_received(self, data: bytes) -> None:
        """Take bytes of the client; behind an end they mean nothing."""
        connection = self._connection
        if self._heartbeat is not None:
            self._heartbeat.heard = asyncio.get_running_loop().time()
        if not connection.ending and not connection.failed:
            self._take_bytes(data)
            if connection.pending or self._held > QUEUE_LIMIT:
                self._fill()
                if not self._messages:
                    self._act_on_end()

    def eof_received(self) -> None:
        """The client sends no more; unless it waits for our Close, that is the end."""
        connection = self._connection
        self._half_closed = True
        if connection.ending or (connection.close_received and not connection.close_sent):
            return
        connection.feed_eof()
        self._limit_end()
        self.sender.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone: end every wait and every timer."""
        connection = self._connection
        self._ended.set()
        if self._deadline is not None:
            self._deadline.cancel()
        if self._heartbeat is not None:
            self._heartbeat.stop()
        if self._round_trips is not None:
            self._round_trips.end()
        self._act_on_end()
        connection.feed_eof()
        if self.exception is None and not connection.close_received and not connection.close_sent:
            self.exception = exc or ClientConnectionResetError(
                "the client went away without a Close frame"
            )
        self._wake()

    def shutdown(self) -> None:
        """The server is going away: say so, and let the handler come to its end."""
        self._act_on_end()
        if self.open:
            self._start_close(WSCloseCode.GOING_AWAY, b"")

    async def handler_failed(self) -> None:
        """The handler failed: tell the client with 1011, without a word about how."""
        await self.close(WSCloseCode.INTERNAL_ERROR, b"", drain=True)

    def pause_writing(self) -> None:
        """More waits to be sent than should."""
        self.sender.pause()

    def resume_writing(self) -> None:
        """The client has taken enough: answer what was not answered meanwhile."""
        self.sender.resume()
        if self._connection.answering:
            self._answer()

    # --- receiving ---

    def take(self) -> WSMessage | None:
        """Return the next message, None when it is to be waited for with :meth:`receive`.

        CLOSING once when this side has begun to close, CLOSED when the connection is at its end.

        :raises RuntimeError: when CLOSED has been told over and over.
        """
        if not self._messages:
            self._act_on_end()
            if not self._messages:
                return self._tell_end()
        message = self._messages.popleft()
        if not self._messages:
            self._held = 0
            self.sender.burst = False
            if self.reading_paused:
                self._fill()
        return message

    def put_back(self, message: WSMessage) -> None:
        """Have :meth:`take` return *message*, which was taken last, again."""
        self._messages.appendleft(message)

    async def receive(self) -> WSMessage:
        """Wait for the next message, after :meth:`take` had none.

        :raises RuntimeError: when another task is waiting already; see also :meth:`take`.
        """
        while True:
            if self._waiter is not None:
                raise RuntimeError("Concurrent call to receive() is not allowed")
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
            message = self.take()
            if message is not None:
                return message

    def _tell_end(self) -> WSMessage | None:
        connection = self._connection
        if connection.failed or connection.close_received or self._ended.is_set():
            self._ends_told += 1
            if self._ends_told > _ENDS_TOLD:
                raise RuntimeError("WebSocket connection is closed.")
            return _CLOSED
        if connection.close_sent and not self._closing_told:
            self._closing_told = True
            return _CLOSING
        return None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _take_bytes(self, data: bytes) -> None:
        """Decode *data*; queue its messages, send its answers, act on an end that it brings."""
        connection = self._connection
        was_closing = connection.close_sent
        messages = connection.feed(data)
        if messages and not was_closing:
            self._messages.extend(messages)
            self._held += connection.taken
            self.sender.burst = len(self._messages) > 1
            self._wake()
        if connection.answering:
            self._answer()
        if connection.pongs:
            self._take_pongs()
        if connection.failed and not was_closing:
            self._failed(messages[-1].data)
        elif connection.failed or connection.closed:
            self._limit_end()
            self.sender.close()

    def _act_on_end(self) -> None:
        """Act on the end that the client has brought about, if there is one that waits."""
        if self._connection.ending:
            self._take_bytes(b"")

    def _fill(self) -> None:
        """Decode what waits as long as there is room; stop or resume reading accordingly."""
        connection = self._connection
        while connection.pending and not connection.ending:
            if self._held > QUEUE_LIMIT and not connection.close_sent:
                break
            self._take_bytes(b"")
        full = self._held > QUEUE_LIMIT and not connection.close_sent
        if full == self.reading_paused or self._ended.is_set():
            return
        self.reading_paused = full
        if full:
            self._upgraded.pause_reading()
        else:
            self._upgraded.resume_reading()

    # --- answers, pings ---

    def _answer(self) -> None:
        """Send what the protocol itself has to say; a Pong waits while the client takes little."""
        if not self.sender.paused or self._connection.close_sent:
            self._write_last(self._connection.data_to_send())

    @property
    def latency(self) -> float | None:
        """Seconds that the last answered ping took."""
        return None if self._round_trips is None else self._round_trips.last

    async def ping(self, payload: bytes) -> None:
        """Send a Ping.

        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        await self.sender.room()
        self.sender.send(PING, payload, None)
        self._note_ping(payload, None)

    async def measure_latency(self) -> float:
        """Send a Ping and wait for its Pong; return the seconds between them.

        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        await self.sender.room()
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[float] = loop.create_future()
        self._send_unique_ping(waiter)
        await asyncio.wait([waiter])
        if waiter.cancelled():
            raise ClientConnectionResetError("the connection ended before the pong came")
        return waiter.result()

    def send_ping(self) -> None:
        """Send a Ping at once, for the heartbeat."""
        if self.open:
            try:
                self._send_unique_ping(None)
            except ClientConnectionResetError:
                logger.debug("the client was gone before it could be pinged")

    def _send_unique_ping(self, waiter: asyncio.Future[float] | None) -> None:
        payload = self._pings().unique()
        self.sender.send(PING, payload, None)
        self._note_ping(payload, waiter)

    def _note_ping(self, payload: bytes, waiter: asyncio.Future[float] | None) -> None:
        self._pings().sent(payload, asyncio.get_running_loop().time(), waiter)

    def _pings(self) -> RoundTrips:
        if self._round_trips is None:
            self._round_trips = RoundTrips()
        return self._round_trips

    def _take_pongs(self) -> None:
        pongs = self._connection.pongs
        if self._round_trips is not None:
            now = asyncio.get_running_loop().time()
            for payload in pongs:
                self._round_trips.answered(payload, now)
        pongs.clear()

    @property
    def writing_paused(self) -> bool:
        """Whether more waits to be sent than should."""
        return self.sender.paused

    @property
    def acknowledged(self) -> int:
        """Bytes that the client is known to have, as far as the operating system tells."""
        transport = self._upgraded.transport
        missing = None if transport is None else unacknowledged(transport)
        return 0 if missing is None else self.sender.written - missing

    def client_silent(self) -> None:
        """The heartbeat found the client to be gone."""
        if self.exception is None:
            self.exception = TimeoutError("the client did not answer a ping in time")
        self._upgraded.abort()
        self._connection.feed_eof()
        self._ended.set()
        self._wake()

    async def send_fragments(
        self, pieces: AsyncIterable[str | bytes] | Iterable[str | bytes]
    ) -> None:
        """Send a message in fragments; see :meth:`Sender.send_fragments`.

        When it fails half way the connection is closed with 1011: what was sent of the message
        can't be taken back.
        """
        try:
            await self.sender.send_fragments(pieces)
        except BaseException:
            if self._connection.sending_fragments and self.open:
                self._start_close(WSCloseCode.INTERNAL_ERROR, b"a message could not be completed")
            raise

    def _write_last(self, data: bytes) -> None:
        """Write what nobody waits for: that the client is gone is told by other ways."""
        try:
            self.sender.write(data)
        except ClientConnectionResetError:
            logger.debug("the client was gone before it could be answered")

    # --- ending ---

    async def close(self, code: int, reason: bytes, drain: bool) -> bool:
        """Close the connection and wait for its end; what is received meanwhile is dropped.

        :param drain: False to abort the connection instead of waiting for a client that takes
            no bytes.
        :returns: False when the connection was closing or gone already.
        :raises ValueError: when the code or the reason can't be sent.
        """
        self._act_on_end()
        started = not self._connection.close_sent and not self._ended.is_set()
        if started:
            self._start_close(code, reason)
            self._messages.clear()
            self.sender.burst = False
        if not drain and self.sender.paused:
            self._upgraded.abort()
        await self._ended.wait()
        return started

    def _start_close(self, code: int, reason: bytes) -> None:
        self._write_last(self._connection.close(code, reason))
        self._limit_end()
        if self._connection.closed:
            self.sender.close()
        # Reading goes on, for the client's Close, however full the queue is.
        self._fill()
        self._wake()

    def _failed(self, exc: BaseException) -> None:
        """The client broke the protocol and was told so: stop sending, drop what comes."""
        self.exception = exc
        transport = self._upgraded.transport
        logger.info("failed a WebSocket: %s", exc)
        self._limit_end()
        if transport is None or transport.is_closing():
            return
        self.sender.flush()
        # TLS on asyncio has no half-closed state; it says goodbye with an alert.
        if transport.can_write_eof() and not self._half_closed:
            transport.write_eof()
        else:
            self.sender.close()

    def _limit_end(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.stop()
        if self._deadline is None and not self._ended.is_set():
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(self._timeout, self._give_up)

    def _give_up(self) -> None:
        if self.exception is None and not self._connection.close_received:
            self.exception = TimeoutError(
                f"the client did not close the connection within {self._timeout} seconds"
            )
        self._upgraded.abort()
