"""What a handler is given: lazy views over a parsed head, and the body.

A request holds the head (:class:`tidegate_http_core.RequestHead`), the body's reader, and the
connection. Everything else, from the URL to the multidict of headers, is made when it is first
asked for, so that what a handler never looks at costs nothing. Headers are immutable: a
connection whose client repeats its header section byte for byte shares one multidict.

A client's fault found here (a body over its limit, a charset that nobody knows, JSON that is
none) is raised as the HTTP exception that answers it, so that it needs no handling.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from multidict import CIMultiDict, CIMultiDictProxy, MultiMapping
from tidegate_http_core import HttpVersion, RequestHead, hdrs
from tidegate_web_routing import AbstractMatchInfo, UrlMappingMatchInfo, requote
from yarl import URL

from .abc import AbstractConnection
from .exceptions import (
    HTTPBadRequest,
    HTTPExpectationFailed,
    HTTPRequestEntityTooLarge,
    HTTPUnsupportedMediaType,
    InvalidJSON,
)
from .header_fields import HeaderFields
from .keys import RequestKey
from .storage import Storage
from .stream_response import StreamResponse
from .streams import StreamReader
from .writer import ResponseWriter

if TYPE_CHECKING:
    from .application import Application

_T = TypeVar("_T")


class BaseRequest(Storage["str | RequestKey[Any]"], HeaderFields):
    """A request as a low-level server sees it: without application, router or middlewares.

    It is a mutable mapping too, for handlers and middlewares to share data about this request.
    """

    _client_max_size: int
    _read_bytes: bytes | None = None
    # Set by the application when receivers of on_response_prepare are to be called.
    response_prepare: Callable[[Any, StreamResponse], Awaitable[None]] | None = None

    def __init__(
        self,
        message: RequestHead,
        payload: StreamReader,
        protocol: AbstractConnection,
        payload_writer: ResponseWriter,
        task: "asyncio.Task[None] | None",
        loop: asyncio.AbstractEventLoop,
        *,
        client_max_size: int = 1024**2,
    ) -> None:
        """Made by the server, once a request.

        :param message: the parsed head.
        :param payload: the body's reader; ``EMPTY_PAYLOAD`` when there is no body.
        :param protocol: the connection.
        :param payload_writer: what the response will be written through.
        :param task: the task that runs the handler.
        :param loop: the event loop of the connection.
        :param client_max_size: largest body in bytes that :meth:`read` and what builds on it
            accept; 0 for no limit.
        """
        self._message = message
        self._payload = payload
        self._protocol = protocol
        self._payload_writer = payload_writer
        self._task = task
        self._loop = loop
        self._client_max_size = client_max_size

    def __repr__(self) -> str:
        """Show the method and the decoded path."""
        path = self.path.encode("ascii", "backslashreplace").decode("ascii")
        return f"<{type(self).__name__} {self.method} {path}>"

    # --- storage ---

    @overload
    def __getitem__(self, key: RequestKey[_T]) -> _T: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: str | RequestKey[Any]) -> Any:
        """Return what was stored under *key*."""
        return super().__getitem__(key)

    @overload
    def __setitem__(self, key: RequestKey[_T], value: _T) -> None: ...
    @overload
    def __setitem__(self, key: str, value: Any) -> None: ...
    def __setitem__(self, key: str | RequestKey[Any], value: Any) -> None:
        """Store *value* under *key* for as long as this object lives."""
        super().__setitem__(key, value)

    # --- the head ---

    @property
    def head(self) -> RequestHead:
        """What was parsed: request line, fields and what they say about the message."""
        return self._message

    @property
    def method(self) -> str:
        """The method as sent; methods are case-sensitive (RFC 9110 section 9.1)."""
        return self._message.method

    @property
    def version(self) -> HttpVersion:
        """The HTTP version of the request."""
        return self._message.version

    @property
    def raw_path(self) -> str:
        """The request target as sent, with its query, not decoded."""
        return self._message.target

    @cached_property
    def rel_url(self) -> URL:
        """Path and query of the target, without scheme and host; quoted as it was sent."""
        target = self._message.target
        if target.startswith("/") or target == "*":
            path, _, query = target.partition("?")
            return URL.build(path=path, query_string=query, encoded=True)
        absolute = URL(target, encoded=True)
        return URL.build(
            path=absolute.raw_path or "/", query_string=absolute.raw_query_string, encoded=True
        )

    @property
    def match_path(self) -> str:
        """The path as routers match it: without query, percent-encoding normalised."""
        target = self._message.target
        path = target.partition("?")[0] if target.startswith("/") else self.rel_url.raw_path
        return requote(path) if "%" in path else path

    @cached_property
    def url(self) -> URL:
        """The absolute URL: scheme and host of the request, path and query of the target."""
        return URL.build(scheme=self.scheme, authority=self.host, encoded=True).join(self.rel_url)

    @property
    def path(self) -> str:
        """The decoded path, ``/my file`` for ``/my%20file``."""
        return self.rel_url.path

    @property
    def path_qs(self) -> str:
        """Path and query as sent."""
        return str(self.rel_url)

    @property
    def query(self) -> MultiMapping[str]:
        """The decoded parameters of the query string."""
        return self.rel_url.query

    @property
    def query_string(self) -> str:
        """The decoded query string."""
        return self.rel_url.query_string

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The header fields, case-insensitive, in their order."""
        fields = self._message.fields
        if fields.view is None:
            fields.view = CIMultiDictProxy(CIMultiDict(fields.pairs))
        return cast("CIMultiDictProxy[str]", fields.view)

    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The header fields as bytes, as they were sent."""
        return self._message.fields.raw_pairs()

    @property
    def keep_alive(self) -> bool:
        """Whether the client wants the connection kept open (RFC 9112 section 9.3)."""
        return self._message.keep_alive

    @property
    def may_keep_connection(self) -> bool:
        """Whether the connection could take another request after this one.

        Not when the server is going away, and not when more is left of the body than is worth
        receiving.
        """
        return self._protocol.may_keep_alive and self._payload.droppable

    @property
    def content_length(self) -> int | None:
        """The Content-Length in bytes, None when the request has none."""
        length = self._message.content_length
        return None if length < 0 else length

    @property
    def expects(self) -> bool:
        """Whether the client sent an Expect field."""
        return self._message.expect

    def check_expectation(self) -> None:
        """Refuse an expectation that nobody knows (RFC 9110 section 10.1.1).

        :raises HTTPExpectationFailed: for anything but ``100-continue``.
        """
        if not self._message.expect_continue:
            expected = self.headers.get(hdrs.EXPECT, "")
            raise HTTPExpectationFailed(text=f"Unknown Expect: {expected!a}")

    # --- where it came from ---

    @cached_property
    def host(self) -> str:
        """Host and port that the client addressed.

        The authority of an absolute-form target (RFC 9112 section 3.2.2), else the Host field,
        else, for HTTP/1.0 without one, the local address of the connection.
        """
        target = self._message.target
        if not target.startswith("/") and target != "*":
            return URL(target, encoded=True).raw_authority
        host = self.headers.get(hdrs.HOST)
        if host is not None:
            return host
        sockname = self._protocol.sockname
        if not isinstance(sockname, tuple):
            return ""
        address, port = sockname[:2]
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    @property
    def scheme(self) -> str:
        """``https`` on a TLS connection, else ``http``."""
        return "https" if self._protocol.ssl_context is not None else "http"

    @property
    def secure(self) -> bool:
        """Whether :attr:`scheme` is ``https``."""
        return self.scheme == "https"

    @property
    def remote(self) -> str | None:
        """The peer's address, None where the connection has none."""
        peername = self._protocol.peername
        if isinstance(peername, tuple):
            return str(peername[0])
        return None if peername is None else str(peername)

    @property
    def transport(self) -> asyncio.Transport | None:
        """The connection's transport, None once the connection is gone."""
        return self._protocol.transport

    @property
    def protocol(self) -> AbstractConnection:
        """The connection this request came over."""
        return self._protocol

    @property
    def writer(self) -> ResponseWriter:
        """What the response is written through."""
        return self._payload_writer

    def renew_writer(self) -> None:
        """Forget a response that was described and of which nothing has been sent."""
        self._payload_writer.abandon()
        self._payload_writer = ResponseWriter(self._protocol)

    @property
    def task(self) -> "asyncio.Task[None] | None":
        """The task that runs the handler."""
        return self._task

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows under *name*, *default* when it is gone or unknown."""
        transport = self._protocol.transport
        return default if transport is None else transport.get_extra_info(name, default)

    # --- the body ---

    @property
    def content(self) -> StreamReader:
        """The body as a stream; reading it is not limited by :attr:`client_max_size`."""
        return self._payload

    @property
    def body_exists(self) -> bool:
        """Whether the request has a body, read or not."""
        return self._message.has_body

    @property
    def can_read_body(self) -> bool:
        """Whether there is something of the body left to read."""
        return not self._payload.at_eof()

    @property
    def client_max_size(self) -> int:
        """Largest body in bytes that :meth:`read` accepts; 0 for no limit."""
        return self._client_max_size

    async def read(self) -> bytes:
        """Read the whole body; later calls return the same bytes.

        :raises HTTPRequestEntityTooLarge: when it is longer than :attr:`client_max_size`; before
            anything is read where the Content-Length tells.
        """
        if self._read_bytes is None:
            limit = self._client_max_size
            if limit and self._message.content_length > limit:
                raise HTTPRequestEntityTooLarge(limit, self._message.content_length)
            parts = []
            size = 0
            while part := await self._payload.readany():
                parts.append(part)
                size += len(part)
                if limit and size > limit:
                    raise HTTPRequestEntityTooLarge(limit, size)
            self._read_bytes = parts[0] if len(parts) == 1 else b"".join(parts)
        return self._read_bytes

    async def text(self) -> str:
        """Read the whole body as text in its :attr:`charset`, UTF-8 when it names none.

        :raises HTTPUnsupportedMediaType: when the charset is unknown.
        :raises HTTPBadRequest: when the body is not valid in it.
        """
        body = await self.read()
        charset = self.charset or "utf-8"
        try:
            return body.decode(charset)
        except LookupError as exc:
            raise HTTPUnsupportedMediaType(text=f"unknown charset {charset!a}") from exc
        except UnicodeError as exc:
            raise HTTPBadRequest(text=f"the body is not valid {charset}") from exc

    async def json(self, *, loads: Callable[[str], Any] = json.loads) -> Any:
        """Read the whole body as JSON.

        :param loads: decodes the text.
        :raises InvalidJSON: when the text is none; it is both a ``json.JSONDecodeError`` and the
            400 that answers it.
        """
        text = await self.text()
        try:
            return loads(text)
        except json.JSONDecodeError as exc:
            raise InvalidJSON(exc.msg, exc.doc, exc.pos) from exc
        except (ValueError, RecursionError) as exc:
            # A number with more digits than Python takes, lists nested deeper than its stack.
            raise InvalidJSON(str(exc), text, 0) from exc

    async def release(self) -> None:
        """Read and drop what is left of the body; a handler never needs to."""
        while await self._payload.readany():
            pass


class Request(BaseRequest):
    """A request to an application: it has been routed."""

    _match_info: AbstractMatchInfo | None = None

    def routed(self, match_info: AbstractMatchInfo) -> None:
        """Take what the router found; called once, by the application."""
        self._match_info = match_info

    @property
    def match_info(self) -> UrlMappingMatchInfo:
        """What the router found, a dict of the path's variable parts.

        That is what it is with the default router, and so it is typed; another router may give
        another :class:`AbstractMatchInfo`.

        :raises RuntimeError: before the application has routed the request.
        """
        if self._match_info is None:
            raise RuntimeError("the request has not been routed: it has no match_info yet")
        return cast("UrlMappingMatchInfo", self._match_info)

    @property
    def app(self) -> "Application":
        """The application whose handler or middleware runs, the innermost when there are several.

        :raises RuntimeError: before the application has routed the request.
        """
        match_info: AbstractMatchInfo = self.match_info
        if isinstance(match_info, UrlMappingMatchInfo):
            return cast("Application", match_info.current_app)
        return cast("Application", match_info.apps[-1])
