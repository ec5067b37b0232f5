"""The contracts inside web-server and those that others implement.

Lower modules see the connection and the server through these, so that imports point one way:
protocol and server import everything, nothing imports them.
"""

import asyncio
import logging
import ssl
from abc import ABC, abstractmethod
from typing import Any, Protocol

from multidict import CIMultiDict, CIMultiDictProxy
from tidegate_http_core import ProtocolError


class AbstractStreamWriter(ABC):
    """What a response writes its body through; :meth:`StreamResponse.prepare` returns one."""

    @property
    @abstractmethod
    def transport(self) -> asyncio.Transport | None:
        """The connection's transport, or None once the connection is gone."""

    @abstractmethod
    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Send *chunk* as part of the body; waits while the peer reads too slowly."""

    @abstractmethod
    async def write_eof(self, chunk: bytes = b"") -> None:
        """Send *chunk* and end the body."""

    @abstractmethod
    async def drain(self) -> None:
        """Wait until the write buffer has room."""

    @abstractmethod
    def enable_chunking(self) -> None:
        """Use the chunked transfer coding (RFC 9112 section 7.1) for the body."""

    @abstractmethod
    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        """Set the head, to be sent with the first piece of the body."""

    def send_headers(self) -> None:  # noqa: B027 - an optional hook: nothing to do by default
        """Send a head that is still held back."""


class AbstractAccessLogger(ABC):
    """What logs one line a request; see :class:`AccessLogger`."""

    __slots__ = ("log_format", "logger")

    def __init__(self, logger: logging.Logger, log_format: str) -> None:
        """Keep the logger and the format.

        :param logger: where lines go.
        :param log_format: an implementation's own format.
        """
        self.logger = logger
        self.log_format = log_format

    @abstractmethod
    def log(self, request: Any, response: Any, time: float) -> None:
        """Log one request.

        :param time: seconds between the request's head and the end of the response.
        """

    @property
    def enabled(self) -> bool:
        """False when :meth:`log` would write nothing, so that the server can skip the work."""
        return True


class ReadingControl(ABC):
    """What a body's reader asks of the connection that feeds it."""

    __slots__ = ()

    @abstractmethod
    def pause_reading(self) -> None:
        """Stop reading from the client until :meth:`resume_reading`."""

    @abstractmethod
    def resume_reading(self) -> None:
        """Read from the client again."""


class EndableStream(Protocol):
    """A response in progress that can be ended from outside of its handler."""

    async def end_stream(self) -> None:
        """End the body where it stands."""


class ProxyTrust(Protocol):
    """Whom to believe about the client of a request; see :mod:`.trusted_proxies`."""

    def origin(
        self, connection: "AbstractConnection", headers: CIMultiDictProxy[str]
    ) -> tuple[str | None, str | None, str | None]:
        """Return the client's address, scheme and host; None for what nobody says."""


class Successor(asyncio.Protocol, ABC):
    """What a connection is handed over to; it takes the transport's calls from then on."""

    __slots__ = ()

    @abstractmethod
    def shutdown(self) -> None:
        """The server is going away: come to an end."""

    async def handler_failed(self) -> None:
        """The handler failed: come to an end; the connection closes when this returns."""


class AbstractConnection(asyncio.Protocol, ReadingControl):
    """One connection, as the server that owns it and the response that is written see it."""

    __slots__ = ("answering",)

    task: "asyncio.Task[None] | None"
    transport: asyncio.Transport | None
    writing_paused: bool
    # Whether the final answer to the request in service has begun to be sent.
    answering: bool
    # False once the response being written, or the next one, has to be the last.
    may_keep_alive: bool

    @abstractmethod
    async def drain(self) -> None:
        """Wait until the transport's buffer has room.

        :raises ClientConnectionResetError: when the client is gone.
        """

    @abstractmethod
    def request_done(self, keep_alive: bool) -> None:
        """Go on after a request; called by its task, last of all.

        :param keep_alive: False when the response was the last that this connection can carry.
        """

    @abstractmethod
    def refuse(self, exc: ProtocolError) -> None:
        """Answer the request in service with the bare status of *exc*; nothing follows it."""

    @abstractmethod
    def hand_over(self, successor: Successor) -> asyncio.Transport:
        """Let *successor* take the place of HTTP, for the request in service."""

    @abstractmethod
    def close_after_response(self) -> None:
        """Let the response being written be the last one."""

    @abstractmethod
    def close_when_idle(self) -> None:
        """Close now when nothing is in service, else after the response."""

    @abstractmethod
    def end_successor(self) -> None:
        """Tell what the connection was handed over to, if anything, to come to its end."""

    async def fail_successor(self) -> bool:
        """Let what the connection was handed over to end, because the handler failed.

        :returns: False when it was not handed over.
        """
        return False

    @abstractmethod
    def close(self) -> None:
        """Close once what has been written is sent."""

    @abstractmethod
    def abort(self) -> None:
        """Close at once; what has not been sent is lost."""

    @abstractmethod
    def check_timeouts(self, clock: float) -> None:
        """Act when the client has been awaited for too long.

        :param clock: the reading of the server's clock, in seconds.
        """

    @property
    def logger(self) -> logging.Logger:
        """Where faults of handlers and, quietly, of clients are logged."""
        return logging.getLogger("tidegate.server")

    @property
    def auto_decompress(self) -> bool:
        """Whether bodies that came with a Content-Encoding are decoded."""
        return True

    async def wait_for_disconnect(self) -> None:
        """Wait until the client is gone; for ever where nobody can tell."""
        if self.connected:
            await asyncio.get_running_loop().create_future()

    @property
    def shutting_down(self) -> asyncio.Event:
        """Set when the server is going to end; never where there is none."""
        return asyncio.Event()

    @property
    def trusted_proxies(self) -> "ProxyTrust | None":
        """Whom to believe about the client, None for nobody."""
        return None

    # The answer to nobody's question, where there is no client that could go away.
    def cancel_on_disconnect(self, cancel: bool) -> None:
        """Let the handler in service be cancelled when its client goes away, or not."""

    def event_stream_begun(self, task: "asyncio.Task[None]", stream: "EndableStream") -> None:
        """Take note of a stream of events, which will not end by itself.

        :param task: the one that serves it.
        """

    @property
    def peername(self) -> Any:
        """The peer's address as the transport has it, None when the connection is gone."""
        return None if self.transport is None else self.transport.get_extra_info("peername")

    @property
    def sockname(self) -> Any:
        """The local address as the transport has it, None when the connection is gone."""
        return None if self.transport is None else self.transport.get_extra_info("sockname")

    @property
    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS context of the connection, None without TLS."""
        if self.transport is None:
            return None
        context: ssl.SSLContext | None = self.transport.get_extra_info("sslcontext")
        return context

    @property
    def silent(self) -> bool:
        """Whether the client has not said anything yet."""
        return False

    @property
    def connected(self) -> bool:
        """Whether the connection is open."""
        return self.transport is not None
