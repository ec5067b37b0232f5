"""Requests by hand: for the test of a handler without a server, and of what a handler calls.

The request is a real one. What stands behind it is not: a connection that keeps in memory what is
written, so that a response can be prepared and its bytes looked at::

    request = make_mocked_request("GET", "/", headers={"Accept": "text/plain"})
    response = await handler(request)
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final
from unittest import mock

from multidict import CIMultiDict, CIMultiDictProxy
from tidegate_http_core import (
    CHUNKED,
    CONTENT_LENGTH,
    NO_BODY,
    Fields,
    HttpVersion,
    HttpVersion11,
    ProtocolError,
    RequestHead,
    hdrs,
)
from tidegate_web_routing import (
    AbstractMatchInfo,
    PlainResource,
    ResourceRoute,
    UrlMappingMatchInfo,
)

from tidegate_web_server.abc import AbstractConnection, Successor
from tidegate_web_server.application import Application
from tidegate_web_server.request import Request
from tidegate_web_server.stream_response import StreamResponse
from tidegate_web_server.streams import EMPTY_PAYLOAD, StreamReader
from tidegate_web_server.writer import ResponseWriter

Headers = Mapping[str, str] | CIMultiDict[str] | CIMultiDictProxy[str] | Iterable[tuple[str, str]]

_UNSET: Final[Any] = object()


class MemoryTransport(asyncio.Transport):
    """A transport that keeps what is written to it.

    ``written`` has the bytes. What a test wants :meth:`get_extra_info` to know is given when it is
    made.
    """

    def __init__(self, **extra: Any) -> None:
        """Know *extra*."""
        super().__init__(extra)
        self.written = bytearray()
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep *data*."""
        self.written += data

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Keep each of *list_of_data*."""
        for data in list_of_data:
            self.write(data)

    def get_write_buffer_size(self) -> int:
        """Return 0: nothing waits to be sent."""
        return 0

    def is_closing(self) -> bool:
        """Tell whether it was closed."""
        return self._closing

    def close(self) -> None:
        """Take no more."""
        self._closing = True

    def abort(self) -> None:
        """Take no more."""
        self._closing = True


class MemoryConnection(AbstractConnection):
    """A connection without a peer."""

    def __init__(self, transport: asyncio.Transport | None) -> None:
        """Write to *transport*; None for a connection whose client is gone."""
        self.transport = transport
        self.task = None
        self.writing_paused = False
        self.answering = False
        self.may_keep_alive = True

    async def drain(self) -> None:
        """Return at once."""

    def request_done(self, keep_alive: bool) -> None:
        """Do nothing: there is no next request."""

    def refuse(self, exc: ProtocolError) -> None:
        """Raise *exc*: there is no client to tell."""
        raise exc

    def hand_over(self, successor: Successor) -> asyncio.Transport:
        """Refuse: there is no client to speak another protocol with."""
        raise RuntimeError(
            "a request made by make_mocked_request() has no connection to hand over: "
            "test upgrades with a TestServer"
        )

    def close_after_response(self) -> None:
        """Let the response be the last."""
        self.may_keep_alive = False

    def close_when_idle(self) -> None:
        """Let the response be the last."""
        self.may_keep_alive = False

    def end_successor(self) -> None:
        """Do nothing: the connection is never handed over."""

    def close(self) -> None:
        """Close the transport."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Close the transport."""
        if self.transport is not None:
            self.transport.abort()

    def check_timeouts(self, clock: float) -> None:
        """Do nothing: nobody is waited for."""

    def pause_reading(self) -> None:
        """Do nothing: nothing is read."""

    def resume_reading(self) -> None:
        """Do nothing: nothing is read."""


async def _no_handler(request: Any) -> StreamResponse:
    raise RuntimeError(f"{request!r} was made by make_mocked_request(): it has no handler")


def _head(
    method: str,
    path: str,
    headers: Headers | None,
    version: HttpVersion,
    closing: bool,
    body: bool,
) -> RequestHead:
    fields: CIMultiDict[str] = CIMultiDict(() if headers is None else headers)
    pairs = tuple(fields.items())
    raw = b"".join(
        f"{name}: {value}\r\n".encode("utf-8", "surrogateescape") for name, value in pairs
    )
    options = {
        option.strip().lower()
        for value in fields.getall(hdrs.CONNECTION, ())
        for option in value.split(",")
    }
    length = fields.get(hdrs.CONTENT_LENGTH)
    if length is not None:
        framing = CONTENT_LENGTH
    else:
        framing = CHUNKED if body or hdrs.TRANSFER_ENCODING in fields else NO_BODY
    expected = fields.get(hdrs.EXPECT) if version >= HttpVersion11 else None
    return RequestHead(
        method,
        path,
        version,
        Fields(pairs, raw),
        framing,
        -1 if length is None else int(length),
        not closing and (version >= HttpVersion11 or "keep-alive" in options),
        "upgrade" in options and hdrs.UPGRADE in fields,
        expected is not None,
        expected is not None and expected.lower() == "100-continue",
    )


def _match_info(match_info: AbstractMatchInfo | Mapping[str, str]) -> AbstractMatchInfo:
    if isinstance(match_info, AbstractMatchInfo):
        return match_info
    route = ResourceRoute("GET", _no_handler, PlainResource("/"))
    return UrlMappingMatchInfo(dict(match_info), route)


def make_mocked_request(
    method: str,
    path: str,
    headers: Headers | None = None,
    *,
    match_info: AbstractMatchInfo | Mapping[str, str] = _UNSET,
    version: HttpVersion = HttpVersion11,
    closing: bool = False,
    app: Application | None = None,
    writer: Any = _UNSET,
    protocol: Any = _UNSET,
    transport: Any = _UNSET,
    payload: StreamReader = EMPTY_PAYLOAD,
    sslcontext: Any | None = None,
    client_max_size: int = 1024**2,
    client_max_fields: int = 1000,
    loop: Any = ...,
) -> Request:
    """Make a request without a server.

    :param method: the method as a client would send it.
    :param path: the request target, quoted, with its query.
    :param headers: the header fields.
    :param match_info: what the router found: a mapping of the path's parts, or a match info.
    :param version: the HTTP version.
    :param closing: whether the client asks for the connection to be closed.
    :param app: what ``request.app`` is; an empty application by default.
    :param writer: what the response is written through.
    :param protocol: the connection.
    :param transport: of the connection; by default one that keeps in memory what is written.
    :param payload: the body.
    :param sslcontext: the TLS context; the scheme is ``https`` with one.
    :param client_max_size: largest body in bytes that ``read()`` accepts.
    :param client_max_fields: largest number of fields that ``post()`` accepts.
    :param loop: the event loop; by default the running one.
    """
    if transport is _UNSET:
        transport = MemoryTransport(sslcontext=sslcontext)
    if protocol is _UNSET:
        protocol = MemoryConnection(transport)
    if writer is _UNSET:
        writer = ResponseWriter(protocol)
    task = None
    if loop is ...:
        try:
            loop = asyncio.get_running_loop()
            task = asyncio.current_task()
        except RuntimeError:
            # A test that is no coroutine: nothing of a request runs on a loop by itself.
            loop = mock.create_autospec(asyncio.AbstractEventLoop, instance=True)
    request = Request(
        _head(method, path, headers, version, closing, payload is not EMPTY_PAYLOAD),
        payload,
        protocol,
        writer,
        task,
        loop,
        client_max_size=client_max_size,
        client_max_fields=client_max_fields,
    )
    found = _match_info({} if match_info is _UNSET else match_info)
    found.add_app(Application() if app is None else app)
    request.routed(found)
    return request


def make_mocked_coro(return_value: Any = _UNSET, raise_exception: Any = _UNSET) -> Any:
    """Make a coroutine function that notes its calls, as :class:`unittest.mock.Mock` does.

    :param return_value: what awaiting a call returns; None by default.
    :param raise_exception: what awaiting a call raises instead.
    """
    return mock.AsyncMock(
        return_value=None if return_value is _UNSET else return_value,
        side_effect=None if raise_exception is _UNSET else raise_exception,
    )
