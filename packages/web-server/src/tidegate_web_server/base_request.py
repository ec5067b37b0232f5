"""What a handler is given: lazy views over a parsed head, and the body.

A request holds the head (:class:`tidegate_http_core.RequestHead`), the body's reader, and the
connection. Everything else, from the URL to the multidict of headers, is made when it is first
asked for, so that what a handler never looks at costs nothing. Headers are immutable: a
connection whose client repeats its header section byte for byte shares one multidict.

The parts, each in a file of its own, from the bottom up::

    HeaderFields       what describes a body: Content-Type
      RequestFields    cookies, proxies, ranges, conditions
        RequestTarget  method, URL, host, remote
          RequestBody  the body, and its limits
            BaseRequest  storage, the connection, clone()
"""

import asyncio
import warnings
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final, Self, TypeVar, overload

from multidict import CIMultiDict
from tidegate_http_core import Fields, RequestHead, hdrs
from yarl import URL

from .abc import AbstractConnection
from .exceptions import HTTPExpectationFailed
from .keys import RequestKey
from .raw_message import RawRequestMessage, raw_message
from .request_body import DEFAULT_MAX_FIELDS, DEFAULT_MAX_SIZE, RequestBody
from .storage import Storage
from .stream_response import StreamResponse
from .streams import StreamReader
from .writer import ResponseWriter

_T = TypeVar("_T")
_D = TypeVar("_D")
_Headers = Mapping[str, str] | Iterable[tuple[str, str]]


class _Unset(Enum):
    """The value of an argument that was not given, where None is a value."""

    token = 0


_UNSET: Final = _Unset.token


class BaseRequest(Storage["str | RequestKey[Any]"], RequestBody):
    """A request as a low-level server sees it: without application, router or middlewares.

    It is a mutable mapping too, for handlers and middlewares to share data about this request.
    """

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
        client_max_size: int = DEFAULT_MAX_SIZE,
        client_max_fields: int = DEFAULT_MAX_FIELDS,
        state: dict[str | RequestKey[Any], Any] | None = None,
        scheme: str | None = None,
        host: str | None = None,
        remote: str | None = None,
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
        :param client_max_fields: most fields that :meth:`post` accepts; 0 for no limit.
        :param state: the items of the mapping.
        :param scheme: in the place of the connection's.
        :param host: in the place of the one that the client addressed.
        :param remote: in the place of the peer's address.
        """
        self._message = message
        self._payload = payload
        self._protocol = protocol
        self._payload_writer = payload_writer
        self._task = task
        self._loop = loop
        self._client_max_size = client_max_size
        # What is usual stands in the class: a request is made often, and keeps little.
        if client_max_fields != DEFAULT_MAX_FIELDS:
            self._client_max_fields = client_max_fields
        if state is not None:
            self._items_stored = state
        if scheme is not None:
            self._scheme = scheme
        if host is not None:
            self._host = host
        if remote is not None:
            self._remote = remote

    def __repr__(self) -> str:
        """Show the method and the decoded path."""
        path = self.path.encode("ascii", "backslashreplace").decode("ascii")
        return f"<{type(self).__name__} {self.method} {path}>"

    def clone(
        self,
        *,
        method: str | _Unset = _UNSET,
        rel_url: str | URL | _Unset = _UNSET,
        headers: _Headers | _Unset = _UNSET,
        scheme: str | _Unset = _UNSET,
        host: str | _Unset = _UNSET,
        remote: str | _Unset = _UNSET,
        client_max_size: int | _Unset = _UNSET,
        client_max_fields: int | _Unset = _UNSET,
    ) -> Self:
        """Make a copy with some parts replaced; what is not given stays as it is.

        The copy shares the connection and the body, and has a copy of the mapping's items.

        :param method: the method.
        :param rel_url: path and query, quoted where it is a str.
        :param headers: all header fields.
        :param scheme: what :attr:`scheme` says, and :attr:`url`.
        :param host: what :attr:`host` says, and :attr:`url`.
        :param remote: what :attr:`remote` says.
        :param client_max_size: largest body in bytes; 0 for no limit.
        :param client_max_fields: most fields of a form; 0 for no limit.
        :raises RuntimeError: once the body has been read.
        """
        if self._read_bytes is not None or self._form is not None:
            raise RuntimeError("Cannot clone request after reading its content")
        head = self._message
        if not (method is _UNSET and rel_url is _UNSET and headers is _UNSET):
            head = RequestHead(
                head.method if method is _UNSET else method,
                head.target if rel_url is _UNSET else str(URL(rel_url)),
                head.version,
                head.fields if headers is _UNSET else _fields_of(headers),
                head.framing,
                head.content_length,
                head.keep_alive,
                head.upgrade,
                head.expect,
                head.expect_continue,
            )
        copy = type(self)(
            head,
            self._payload,
            self._protocol,
            self._payload_writer,
            self._task,
            self._loop,
            client_max_size=(
                self._client_max_size if client_max_size is _UNSET else client_max_size
            ),
            client_max_fields=(
                self._client_max_fields if client_max_fields is _UNSET else client_max_fields
            ),
            state=dict(self._items_stored or {}),
            scheme=self._scheme if scheme is _UNSET else scheme,
            host=self._host if host is _UNSET else host,
            remote=self._remote if remote is _UNSET else remote,
        )
        self._complete(copy)
        return copy

    def _complete(self, copy: Self) -> None:
        """Give a copy what its constructor does not take."""
        # A body that somebody has begun to read is the same stream for both.
        copy._content = self._content
        copy.response_prepare = self.response_prepare

    # --- storage ---

    @overload
    def __getitem__(self, key: RequestKey[_T]) -> _T: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: str | RequestKey[Any]) -> Any:
        """Return what was stored under *key*."""
        return super().__getitem__(key)

    @overload  # type: ignore[override]  # more precise than a mapping can say
    def get(self, key: RequestKey[_T], default: None = None) -> _T | None: ...
    @overload
    def get(self, key: RequestKey[_T], default: _T | _D) -> _T | _D: ...
    @overload
    def get(self, key: str | RequestKey[Any], default: Any = None) -> Any: ...
    def get(self, key: str | RequestKey[Any], default: Any = None) -> Any:
        """Return what was stored under *key*, *default* when nothing was."""
        return super().get(key, default)

    @overload
    def __setitem__(self, key: RequestKey[_T], value: _T) -> None: ...
    @overload
    def __setitem__(self, key: str, value: Any) -> None: ...
    def __setitem__(self, key: str | RequestKey[Any], value: Any) -> None:
        """Store *value* under *key* for as long as this object lives."""
        super().__setitem__(key, value)

    # --- the connection ---

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

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows under *name*, *default* when it is gone or unknown."""
        transport = self._protocol.transport
        return default if transport is None else transport.get_extra_info(name, default)

    async def wait_for_disconnect(self) -> None:
        """Wait until the client is gone; returns at once when it is.

        A client that closes its sending side alone can't be told from one that closes the
        connection, and is taken for gone. One that vanishes without a word is noticed when
        something is written to it; and none is noticed while the connection does not read,
        because a body over the buffer's limit waits for its reader.
        """
        await self._protocol.wait_for_disconnect()

    def cancel_on_disconnect(self, cancel: bool = True) -> None:
        """Let the handler be cancelled when the client goes away, whatever the server does.

        At once when it is gone already. What :meth:`wait_for_disconnect` can't notice is not
        noticed here either.

        :param cancel: False: never for this reason.
        """
        self._protocol.cancel_on_disconnect(cancel)

    @property
    def shutting_down(self) -> asyncio.Event:
        """Set as soon as the server is going to end, before anything is closed.

        A handler that waits for something that may take long, a long poll for instance, waits for
        this too, and answers at once when it is set.
        """
        return self._protocol.shutting_down

    # --- expectations ---

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

    # --- what is deprecated ---

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the connection; deprecated."""
        warnings.warn(
            "request.loop property is deprecated, use asyncio.get_running_loop()",
            DeprecationWarning,
            stacklevel=2,
        )
        return self._loop

    @property
    def message(self) -> RawRequestMessage:
        """The head under its names of old; deprecated."""
        warnings.warn(
            "request.message is deprecated, use the attributes of the request, or request.head",
            DeprecationWarning,
            stacklevel=2,
        )
        return raw_message(self._message, self.headers, self.rel_url)


def _fields_of(headers: _Headers) -> Fields:
    """Make a header section of what stands for one."""
    pairs = tuple((str(name), value) for name, value in CIMultiDict(headers).items())
    raw = b"".join(
        f"{name}: {value}\r\n".encode("utf-8", "surrogateescape") for name, value in pairs
    )
    return Fields(pairs, raw)
