"""One connection: between an asyncio transport, the parser and the tasks that answer.

::

    data_received ─► RequestParser.feed ─► head   a request takes its place in the queue
                                       ─► bytes  to the body's reader, which may pause reading
                                       ─► end    the body is whole
                   ─► the first in the queue is served by a task of :mod:`.handling`
    request_done  ◄─ that task, at its end: the next one starts, or the connection rests,
                     or it closes

Requests are answered in the order in which they came (RFC 9112 section 9.3.2), one at a time.
Meanwhile later ones are parsed ahead, up to a small number. Then parsing is *held*: bytes are put
aside as they are, and above a limit the transport stops reading. It is held behind a request to
upgrade, too, until the handler has decided, because what follows may not be HTTP.

A connection comes to its *end* when no further request can come over it: the client has closed
its side, has asked for a close, or has broken the protocol. A violation between messages is
answered when its turn comes; one inside a body fails the read of the handler, whose answer is
then the last one.

What the client is awaited for is the connection's *phase*, and since when is a reading of the
server's clock; :meth:`HttpProtocol.check_timeouts` compares the two. A connection never sets a
timer of its own.
"""

import asyncio
import logging
import sys
from collections import deque
from typing import Final, cast

from tidegate_http_core import (
    EndOfMessage,
    Event,
    ProtocolError,
    RequestHead,
    RequestParser,
    hdrs,
)

from .abc import Successor
from .concurrency import RETRY_AFTER
from .errors import (
    ClientConnectionResetError,
    RequestPayloadError,
    RequestTimeout,
    TooManyConnections,
    TunnelRefused,
)
from .handling import refusal, serve
from .hosting import Host
from .lingering import Lingering
from .reading import HELD, READ_SIZE, ReadingSide
from .streams import DRAIN_LIMIT, EMPTY_PAYLOAD, StreamReader

# Requests parsed ahead of the one in service.
PIPELINE_LIMIT: Final = 16

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

# The phases are the names of the time-outs that limit them, but for SERVING: what a handler takes
# is its own affair, and its waiting for a body has a limit of its own.
FIRST_BYTE: Final = "first_byte"
HEAD: Final = "head"
SERVING: Final = "serving"
KEEP_ALIVE: Final = "keep_alive"
LINGER: Final = "linger"


class HttpProtocol(ReadingSide):
    """The handler of one connection (``RequestHandler`` to users of aiohttp)."""

    __slots__ = (
        "_ahead",
        "_ahead_size",
        "_arriving",
        "_body_since",
        "_drained",
        "_ended",
        "_held",
        "_next",
        "_parser",
        "_phase",
        "_queue",
        "_receiving",
        "_refused",
        "_served_body",
        "_served_head",
        "_since",
        "_successor",
        "may_keep_alive",
    )

    def __init__(self, server: Host) -> None:
        """Handle one connection of *server*."""
        super().__init__(server)
        self.answering = False
        self.may_keep_alive = not server.closing
        # Coming in.
        self._parser = RequestParser(server.limits, server.field_names)
        self._receiving = False
        # The request that is next, and those behind it. Most often there is one at most; an empty
        # deque would take 760 bytes of each connection that rests.
        self._next: tuple[RequestHead, StreamReader] | None = None
        self._queue: deque[tuple[RequestHead, StreamReader]] | None = None
        self._arriving: StreamReader | None = None  # the body that the parser is in
        self._drained = -1  # bytes dropped of an arriving body; -1 while it is not dropped
        self._held = False
        self._ahead: list[bytes] | None = None  # what came while parsing was held
        self._ahead_size = 0
        # In service.
        self._served_head: RequestHead | None = None
        self._served_body: StreamReader = EMPTY_PAYLOAD
        self._successor: Successor | None = None
        # Coming to the end.
        self._ended = False
        self._refused: ProtocolError | None = None
        # Waiting.
        self._phase = FIRST_BYTE
        self._since = server.clock
        self._body_since: float | None = None

    def __repr__(self) -> str:
        """Show the peer and what the connection is at."""
        return f"<{type(self).__name__} {self.peername} {self._phase}>"

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self.transport = cast("asyncio.Transport", transport)
        self.set_nodelay()
        self.read_in_steps()
        self.server.connection_made(self)
        if self.server.limit_connections is not None:
            self._keep_to_limit(self.server.limit_connections)

    def connection_lost(self, exc: Exception | None) -> None:
        """End what waits for the client: the reader of a body, a writer, if asked the handler."""
        self.transport = None
        self.may_keep_alive = False
        self._held = self._ended = True
        self._successor = None
        self.note_departure()
        self.server.connection_lost(self)
        self._next = self._queue = None
        self._ahead = None
        self._fail_body(RequestPayloadError("the client closed the connection"))
        self.resume_writing()
        self.cancel_handler()

    def data_received(self, data: bytes) -> None:
        """Parse *data* and act on what it completes, or put it aside while parsing is held."""
        if not self._held:
            self._receive(data)
            if len(data) > READ_SIZE:
                self.give_way()
            return
        self._ahead_size += len(data)
        if not self._ended:
            if self._ahead is None:
                self._ahead = []
            self._ahead.append(data)
        if self._ahead_size > self.server.read_bufsize:
            self.pause(HELD)

    def eof_received(self) -> bool:
        """The client sends no more; what it has asked for is still answered."""
        # TLS has no half-closed state in asyncio.
        half_closes = self.ssl_context is None
        self.half_closed = True
        self.note_departure()
        # A client that closes can't be told from one that closes its sending side alone; who wants
        # handlers cancelled wants the first meaning.
        if self.cancel_handler():
            return False
        if not self._receiving:
            self._receive(b"")
        return half_closes and self.connected

    # --- bytes in ---

    def _receive(self, data: bytes) -> None:
        """Parse, and start requests, until one is in service or there is nothing to parse."""
        parser = self._parser
        self._receiving = True
        try:
            while True:
                if not self._held:
                    if self._ahead:
                        data = b"".join(self._ahead)
                        self._ahead = None
                        self._ahead_size = 0
                    if data or parser.pending:
                        self._take(parser.feed(data))
                        data = b""
                if self.task is None and self._next is not None:
                    head, body = self._next
                    self._next = self._queue.popleft() if self._queue else None
                    self._start(head, body)
                elif self._held or not parser.pending:
                    break
            if self.half_closed and not self._held:
                self._ended = self._held = True
                parser.feed_eof()
        except ProtocolError as exc:
            self._violated(exc)
        finally:
            self._receiving = False
        if self.task is None:
            self._rest()

    def _take(self, events: list[Event]) -> None:
        for event in events:
            if type(event) is RequestHead:
                self._head_received(event)
            elif type(event) is bytes:
                self._body_received(event)
            elif type(event) is EndOfMessage:
                self._message_ended()

    def _head_received(self, head: RequestHead) -> None:
        if head.method == "CONNECT":
            raise TunnelRefused("expected a request for a resource, got CONNECT")
        body: StreamReader = EMPTY_PAYLOAD
        if head.has_body:
            body = self._arriving = StreamReader(
                self,
                self.server.read_bufsize,
                loop=self.server.loop,
                expected=head.content_length,
                before_wait=self._send_continue if head.expect_continue else None,
            )
        if self._next is None:
            self._next = (head, body)
            return
        if self._queue is None:
            self._queue = deque()
        self._queue.append((head, body))

    @property
    def _last(self) -> RequestHead | None:
        """The head of the last request that waits."""
        if self._queue:
            return self._queue[-1][0]
        return None if self._next is None else self._next[0]

    def _body_received(self, data: bytes) -> None:
        body = self._arriving
        if body is None:
            return
        if self._drained < 0:
            self._body_since = None
            body.feed_data(data)
            return
        self._drained += len(data)
        if self._drained > DRAIN_LIMIT:
            self._close_lingering()

    def _message_ended(self) -> None:
        """The message is whole: its body ends, and behind some messages parsing is held."""
        body = self._arriving
        if body is not None:
            self._arriving = None
            self._drained = -1
            body.feed_eof()
        last = None if self._next is None else self._last
        head = self._served_head if last is None else last
        if head is None:
            return
        if not head.keep_alive:
            self._ended = self._held = True
        elif head.upgrade:
            # The handler has decided if it is done already: then what follows is HTTP.
            self._held = last is not None or self.task is not None
        elif self._queue is not None and len(self._queue) >= PIPELINE_LIMIT:
            self._held = True
            self.pause(HELD)

    def _violated(self, exc: ProtocolError) -> None:
        """Stop parsing for good: fail the body that was arriving, or refuse what was no head."""
        # One line for one fault: that of a body is told where its reader fails.
        level = logging.INFO if self._arriving is None else logging.DEBUG
        self.server.logger.log(level, "refused a request from %s: %s", self.peername, exc)
        self._ended = self._held = True
        self._ahead = None
        if self._arriving is None:
            self._refused = exc
        else:
            self._fail_body(RequestPayloadError(str(exc), exc.status))
            if self._next is None:
                self.may_keep_alive = False

    def refuse(self, exc: ProtocolError) -> None:
        """Answer the request in service with the bare status of *exc*; nothing follows it."""
        self._ended = self._held = True
        self._next = self._queue = None
        self._refused = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(refusal(exc))

    def _fail_body(self, exc: RequestPayloadError) -> None:
        body = self._arriving
        if body is not None:
            self._arriving = None
            self._drained = -1
            body.set_exception(exc)

    # --- requests ---

    def _start(self, head: RequestHead, body: StreamReader) -> None:
        """Serve a request in a task of its own, in a fresh copy of the server's context."""
        server = self.server
        self._phase = SERVING
        self._served_head = head
        self._served_body = body
        self._body_since = None
        self.answering = False
        server.requests_count += 1
        if self._ended and self._next is None and self._refused is None:
            self.may_keep_alive = False
        context = server.context.copy()
        work = serve(server, self, head, body)
        if sys.version_info >= (3, 12) and not self._parser.pending:
            # At once, unless more requests are waiting: others have a right to the loop too.
            task = asyncio.Task(work, loop=server.loop, context=context, eager_start=True)
            self.task = None if task.done() else task
        else:
            self.task = server.loop.create_task(work, context=context)

    def request_done(self, keep_alive: bool) -> None:
        """Go on after a request; called by its task, last of all.

        :param keep_alive: False when the response was the last that this connection can carry.
        """
        self.task = None
        self._served_head = None
        self.cancellation = None
        body, self._served_body = self._served_body, EMPTY_PAYLOAD
        if self.transport is None:
            return
        if self._successor is not None:
            self.close()
            return
        if body is not EMPTY_PAYLOAD:
            keep_alive = self._leave_body(body) and keep_alive
        if not keep_alive:
            self._close()
            return
        last = None if self._next is None else self._last
        if not self._ended and (last is None or not last.upgrade):
            self._held = False
            self.resume(HELD)
        if self._receiving:
            return
        if last is not None or self._ahead or self.half_closed or self._parser.pending:
            self._receive(b"")
        else:
            self._rest()

    def _leave_body(self, body: StreamReader) -> bool:
        """Drop what the handler left of a body; False when the connection can't outlive it."""
        if body.exception() is not None or not body.droppable:
            return False
        if body is self._arriving:
            self._drained = 0
            self._wait_for(LINGER)
        body.discard()
        return True

    def _rest(self) -> None:
        """Nothing is in service: note what the client is awaited for, or close."""
        if self.transport is None or self._successor is not None:
            return
        if self._refused is not None:
            self.transport.write(refusal(self._refused))
            self._close_lingering()
        elif self._ended or not self.may_keep_alive:
            self._close()
        elif self._drained >= 0:
            if self._phase is not LINGER:
                self._wait_for(LINGER)
        elif not self._parser.idle:
            if self._phase is not HEAD:
                self._wait_for(HEAD)
        elif self._phase is not FIRST_BYTE:
            self._wait_for(KEEP_ALIVE)

    def _send_continue(self) -> None:
        """Ask for the body (RFC 9110 section 10.1.1), unless the answer is on its way already."""
        transport = self.transport
        if transport is not None and not self.answering and not transport.is_closing():
            transport.write(CONTINUE)

    # --- ending ---

    def _keep_to_limit(self, limit: int) -> None:
        """Turn the client away when there are more than *limit* connections."""
        count = self.server.connections_count
        if count <= limit or self.transport is None:
            return
        exc = TooManyConnections(f"{limit} connections are open")
        self.server.logger.info("turned %s away: %s", self.peername, exc)
        if count > 2 * limit:
            self.abort()
            return
        self.transport.write(refusal(exc, (hdrs.RETRY_AFTER, RETRY_AFTER)))
        self._close_lingering()

    @property
    def silent(self) -> bool:
        """Whether the client has not said anything yet."""
        return self._phase is FIRST_BYTE

    def close_after_response(self) -> None:
        """Let the response being written be the last one."""
        self.may_keep_alive = False

    def close_when_idle(self) -> None:
        """Close now when nothing is in service, else after the response."""
        self.may_keep_alive = False
        if self.task is None and self._successor is None:
            self.close()

    def end_successor(self) -> None:
        """Tell what the connection was handed over to, if anything, to come to its end."""
        if self._successor is not None:
            self._successor.shutdown()

    async def fail_successor(self) -> bool:
        """Let what the connection was handed over to end, because the handler failed."""
        if self._successor is None:
            return False
        await self._successor.handler_failed()
        return True

    def close(self) -> None:
        """Close once what has been written is sent."""
        # Once: a TLS transport of asyncio forgets itself when it is closed again.
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()

    def _close(self) -> None:
        """Close after an answer; lingeringly when the client may still be sending."""
        sending = self._arriving is not None or self._ahead_size or self._parser.pending
        if sending and not self.half_closed:
            self._close_lingering()
        else:
            self.close()

    def _close_lingering(self) -> None:
        transport = self.transport
        self._held = self._ended = True
        self._refused = None
        self._next = self._queue = None
        self._ahead = None
        self._fail_body(RequestPayloadError("the rest of the body was not awaited"))
        if transport is None or transport.is_closing():
            return
        if transport.can_write_eof() and not self.half_closed:
            self._wait_for(LINGER)
            self._successor = Lingering(self, transport)
            self.forget_pauses()
        else:
            # TLS has no half-closed state in asyncio; it says goodbye with an alert.
            transport.close()

    def hand_over(self, successor: Successor) -> asyncio.Transport:
        """Let *successor* take the place of HTTP; see :func:`upgrade`."""
        transport = self.transport
        head = self._served_head
        if transport is None:
            raise ClientConnectionResetError("the client closed the connection")
        if self._successor is not None or head is None or not head.upgrade or self._arriving:
            raise RuntimeError(
                "only a request that asks for an upgrade can hand its connection on"
            )
        self._successor = successor
        transport.set_protocol(successor)
        rest = self._parser.detach() + b"".join(self._ahead or ())
        self._ahead = None
        if rest:
            # The successor is being made at this moment. It gets these bytes when it is complete,
            # and before any others: the transport does not read until then.
            self.pause(HELD)
            self.server.loop.call_soon(self._deliver, successor, rest)
        else:
            self.resume(HELD)
        if self.half_closed:
            self.server.loop.call_soon(successor.eof_received)
        return transport

    def _deliver(self, successor: Successor, rest: bytes) -> None:
        if self.transport is not None:
            successor.data_received(rest)
            self.resume(HELD)

    # --- waiting ---

    def _wait_for(self, phase: str) -> None:
        self._phase = phase
        self._since = self.server.clock

    def check_timeouts(self, clock: float) -> None:
        """Act when the client has been awaited for too long; called by the server's sweep."""
        if self.stalled(clock):
            self.server.logger.info("%s takes no bytes: connection aborted", self.peername)
            self.abort()
        elif self._phase is SERVING:
            self._check_body(clock)
        elif self.server.timeouts.over(self._phase, clock - self._since):
            if self._phase is HEAD:
                self._violated(RequestTimeout("the request's head did not come in time"))
                self._rest()
            else:
                self.close()

    def _check_body(self, clock: float) -> None:
        """Fail the read of a handler that has waited for a piece of the body for too long."""
        if not self._served_body.waiting:
            self._body_since = None
        elif self._body_since is None:
            self._body_since = clock
        elif self.server.timeouts.over("body", clock - self._body_since):
            self._violated(RequestTimeout("the request's body stopped coming"))
