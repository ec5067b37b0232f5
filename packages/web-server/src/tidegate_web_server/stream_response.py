"""A response as a state machine: described, then prepared, then written, then ended.

Until :meth:`StreamResponse.prepare` the status, headers and framing can be changed
(:mod:`.response_head`); ``prepare`` fires ``on_response_prepare``, settles the content coding
(:mod:`.compression`) and how the body is framed, and sends the head; after it only the body can
be written, and after :meth:`~StreamResponse.write_eof` nothing.

The framing is the framework's (RFC 9112 section 6): a response to HEAD and a 1xx, 204 or 304 has
no body whatever is written; a Content-Length is kept to the byte; a body of unknown length is
chunked for HTTP/1.1 and ends with the connection for HTTP/1.0.

Most responses have neither cookies nor compression nor a payload. What those need is behind one
flag, ``_extended``, so that the others do not pay for it.
"""

import time
import warnings
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from tidegate_http_core import HttpVersion, HttpVersion11, format_http_date, hdrs

from .abc import AbstractStreamWriter
from .compression import (
    EXECUTOR_SIZE,
    CompressingWriter,
    Compression,
    ContentCoding,
    may_be_compressed,
    vary_with,
    weakened,
)
from .framing import CHUNKED, CLOSE, NO_BODY, declared_length, frame, never_has_body
from .keys import ResponseKey
from .response_head import ResponseHead
from .software import SERVER_SOFTWARE
from .storage import Storage
from .tcp_options import TcpOptions, apply_tcp_options
from .writer import ResponseWriter

if TYPE_CHECKING:
    import asyncio

    from .request import BaseRequest

_T = TypeVar("_T")
_D = TypeVar("_D")


class StreamResponse(Storage["str | ResponseKey[Any]"], ResponseHead, TcpOptions):
    """A response whose body is written piece by piece.

    It is a mutable mapping too, for middlewares and signal handlers to share data.
    """

    _keep_alive: bool | None = None
    _forced_close = False
    # Which fields are the framework's, to be decided anew when the response is sent again; and
    # what stood in those that were changed on the way out.
    _dated_here = False
    _connection_here = False
    _chunked_here = False
    _replaced: tuple[tuple[str, list[str]], ...] = ()
    _cookie_fields: tuple[str, ...] = ()
    _eof_sent = False
    _req: "BaseRequest | None" = None
    _payload_writer: ResponseWriter | None = None
    _framing = CLOSE
    _compression: Compression | None = None
    _coding: str | None = None
    _compressing: CompressingWriter | None = None
    _executor_size = EXECUTOR_SIZE
    _executor: Executor | None = None
    #: Whether the head is sent with the first piece of the body. A stream sends it at once, for
    #: clients that wait for it before any event comes; subclasses that write soon may change it.
    head_waits_for_body: ClassVar[bool] = False

    def __repr__(self) -> str:
        """Show the status and, once prepared, the request that is answered."""
        if self._eof_sent:
            state = "eof"
        elif self._req is None:
            state = "not prepared"
        else:
            state = f"{self._req.method} {self._req.path}"
        return f"<{type(self).__name__} {self._reason} {state}>"

    # --- storage ---

    @overload
    def __getitem__(self, key: ResponseKey[_T]) -> _T: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: str | ResponseKey[Any]) -> Any:
        """Return what was stored under *key*."""
        return super().__getitem__(key)

    @overload  # type: ignore[override]  # more precise than a mapping can say
    def get(self, key: ResponseKey[_T], default: None = None) -> _T | None: ...
    @overload
    def get(self, key: ResponseKey[_T], default: _T | _D) -> _T | _D: ...
    @overload
    def get(self, key: str | ResponseKey[Any], default: Any = None) -> Any: ...
    def get(self, key: str | ResponseKey[Any], default: Any = None) -> Any:
        """Return what was stored under *key*, *default* when nothing was."""
        return super().get(key, default)

    @overload
    def __setitem__(self, key: ResponseKey[_T], value: _T) -> None: ...
    @overload
    def __setitem__(self, key: str, value: Any) -> None: ...
    def __setitem__(self, key: str | ResponseKey[Any], value: Any) -> None:
        """Store *value* under *key* for as long as this object lives."""
        super().__setitem__(key, value)

    # --- the head ---

    @property
    def prepared(self) -> bool:
        """Whether :meth:`prepare` has been called, or the response has ended."""
        return self._eof_sent or self._payload_writer is not None

    def answers(self, request: "BaseRequest") -> bool:
        """Tell whether this response has been prepared for *request*."""
        return self._payload_writer is request.writer

    @property
    def task(self) -> "asyncio.Task[None] | None":
        """The task that serves the request; None before :meth:`prepare`."""
        return None if self._req is None else self._req.task

    @property
    def head_sent(self) -> bool:
        """Whether it is too late to change the head."""
        return self._payload_writer is not None and self._payload_writer.begun

    @property
    def keep_alive(self) -> bool | None:
        """Whether the connection stays open; None until decided by the request."""
        return False if self._forced_close else self._keep_alive

    def force_close(self) -> None:
        """Close the connection after this response; there is no way back."""
        self._forced_close = True

    @property
    def compression(self) -> bool:
        """Whether :meth:`enable_compression` has been called."""
        return self._compression is not None

    def enable_compression(
        self, force: bool | ContentCoding | None = None, strategy: int | None = None
    ) -> None:
        """Compress the body, if the client takes one of the codings that are installed.

        :param force: the coding to use without asking what the client accepts; None to ask. A
            bool is deprecated: True stands for deflate, False for none.
        :param strategy: of zlib, for gzip and deflate, ``zlib.Z_HUFFMAN_ONLY`` for instance.
        :raises TypeError: when *force* is something else.
        :raises ValueError: when the library for *force* is not installed.
        :raises RuntimeError: when the head has been sent.
        """
        self._refuse_when_sent("enable compression")
        if isinstance(force, bool):
            warnings.warn(
                "a bool for force is deprecated, give a ContentCoding or None",
                DeprecationWarning,
                stacklevel=2,
            )
            force = ContentCoding.deflate if force else ContentCoding.identity
        elif force is not None and not isinstance(force, ContentCoding):
            raise TypeError(f"force is a ContentCoding or None, got {force!r}")
        self._compression = Compression(force, strategy)
        self._extended = True

    def _set_tcp_options(self, *, cork: bool, nodelay: bool) -> None:
        super()._set_tcp_options(cork=cork, nodelay=nodelay)
        self._extended = True
        if self._payload_writer is not None and not self._eof_sent:
            apply_tcp_options(self._payload_writer.transport, cork=cork, nodelay=nodelay)

    # --- the way out ---

    async def prepare(self, request: "BaseRequest") -> AbstractStreamWriter | None:
        """Fire ``on_response_prepare``, decide the framing and send the head.

        Returns what the body is to be written through; calling it again returns the same one,
        None once the response has ended.

        :raises RuntimeError: when the response can't be framed as it was described.
        :raises LocalProtocolError: when the reason or a header field can't be sent.
        """
        writer = request.writer
        if self._payload_writer is not None:
            if self._payload_writer is writer:
                return None if self._eof_sent else self._compressing or writer
            self._renew(self._payload_writer)
        if writer.begun:
            raise RuntimeError(f"{request!r} has been answered with another response")
        self._req = request
        self._payload_writer = writer
        try:
            self._add_default_headers()
            if request.response_prepare is not None:
                if self._extended:
                    self._add_cookies()
                await request.response_prepare(request, self)
            extended = self._extended
            if extended:
                await self._prepare_extensions(request)
            # Framed after the signal: a receiver may have changed what the framing rests on.
            head = request.head
            framing, length = frame(
                self._headers,
                status=self._status,
                method=head.method,
                version=head.version,
                chunked=self._chunked,
                length=self._known_length(request),
            )
            if framing >= CHUNKED:
                if not self._chunked and framing == CHUNKED:
                    self._chunked = self._chunked_here = True
                self._note_events(request)
            may_keep = head.keep_alive and framing != CLOSE and request.may_keep_connection
            self._decide_keep_alive(may_keep, head.version)
            writer.begin(self._status, self._reason, self._headers, framing, length)
            if not self.head_waits_for_body:
                writer.send_headers()
        except BaseException:
            await self._let_go()
            raise
        if extended:
            self._begin_extensions(writer, framing)
            return self._compressing or writer
        return writer

    def _note_events(self, request: "BaseRequest") -> None:
        """Tell the connection of a stream of events, which will not end by itself."""
        content_type = self._headers.get(hdrs.CONTENT_TYPE, "")
        if request.task is not None and content_type[:17].lower() == "text/event-stream":
            request.protocol.event_stream_begun(request.task, self)

    async def end_stream(self) -> None:
        """End the body where it stands: the handler that wrote it does so no longer.

        :raises ClientConnectionResetError: when the client is gone.
        """
        writer = self._compressing or self._payload_writer
        if writer is not None and not self._eof_sent:
            await writer.write_eof()
            self._ended()

    def _renew(self, before: ResponseWriter) -> None:
        """Get ready to answer another request than the one that was answered."""
        raise RuntimeError(
            f"{self!r} has been prepared for another request, and a stream is sent once; make a "
            "response for each request"
        )

    def _known_length(self, request: "BaseRequest") -> int | None:
        """Return the length of the body in bytes, None when nobody knows it."""
        return declared_length(self._headers)

    def _add_default_headers(self) -> None:
        headers = self._headers
        if (
            hdrs.CONTENT_TYPE not in headers
            # RFC 9110 section 8.3: content has a type; what is empty has none.
            and headers.get(hdrs.CONTENT_LENGTH) != "0"
            and not never_has_body(self._status)
        ):
            headers[hdrs.CONTENT_TYPE] = "application/octet-stream"
        if hdrs.DATE not in headers:
            self._dated_here = True
            headers[hdrs.DATE] = format_http_date(int(time.time()))
        headers.setdefault(hdrs.SERVER, SERVER_SOFTWARE)

    def _decide_keep_alive(self, may_keep: bool, version: HttpVersion) -> None:
        """Settle whether the connection stays open, and say so where the default differs.

        RFC 9112 section 9.3: HTTP/1.1 stays open unless ``close`` is sent, HTTP/1.0 closes
        unless ``keep-alive`` is.
        """
        headers = self._headers
        keep_alive = may_keep and not self._forced_close
        chosen = headers.get(hdrs.CONNECTION)
        if chosen is not None and "close" in chosen.lower():
            keep_alive = False
        elif not keep_alive:
            self._connection_here = True
            headers[hdrs.CONNECTION] = "close"
        elif chosen is None and version != HttpVersion11:
            self._connection_here = True
            headers[hdrs.CONNECTION] = "keep-alive"
        self._keep_alive = keep_alive

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send *data* as the next part of the body; waits while the client reads too slowly.

        :raises TypeError: when *data* is not bytes-like.
        :raises RuntimeError: before :meth:`prepare`, after :meth:`write_eof`, or past the
            Content-Length.
        :raises ClientConnectionResetError: when the client is gone.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data argument must be byte-ish (not {type(data).__name__})")
        if self._eof_sent:
            raise RuntimeError("Cannot call write() after write_eof()")
        writer = self._compressing or self._payload_writer
        if writer is None:
            raise RuntimeError("Cannot call write() before prepare()")
        await writer.write(data)

    async def drain(self) -> None:
        """Deprecated: wait until the client has room; :meth:`write` does.

        :raises RuntimeError: before :meth:`prepare`, and after :meth:`write_eof`.
        """
        warnings.warn(
            "drain() is deprecated: write() waits by itself; leave the call out",
            DeprecationWarning,
            stacklevel=2,
        )
        if self._eof_sent:
            raise RuntimeError("Response has already been ended by write_eof()")
        if self._payload_writer is None:
            raise RuntimeError("Response has not been started: call prepare() first")
        await self._payload_writer.drain()

    async def write_eof(self, data: bytes = b"") -> None:
        """Send *data* and end the body; calling it again does nothing.

        :raises RuntimeError: before :meth:`prepare`, or when the body is not as long as its
            Content-Length.
        :raises ClientConnectionResetError: when the client is gone.
        """
        if self._eof_sent:
            return
        writer = self._compressing or self._payload_writer
        if writer is None:
            raise RuntimeError("Response has not been started: call prepare() first")
        await writer.write_eof(data)
        self._ended()

    def _ended(self) -> None:
        if self._extended and (self._tcp_cork or not self._tcp_nodelay):
            apply_tcp_options(None if self._req is None else self._req.transport)
        self._eof_sent = True
        self._req = None

    # --- what only some responses need ---

    def _replace_field(self, name: str, *values: str) -> None:
        """Change a field on the way out, to be changed back for another request."""
        headers = self._headers
        self._replaced = ((name, headers.popall(name, [])), *self._replaced)
        headers.extend((name, value) for value in values)

    def _restore_fields(self) -> None:
        for name, values in self._replaced:
            self._headers.popall(name, None)
            self._headers.extend((name, value) for value in values)
        self._replaced = self._cookie_fields = ()

    def _add_cookies(self) -> None:
        """Make the Set-Cookie fields, again if the cookies have changed since."""
        fields = () if self._cookies is None else tuple(self._cookies.lines())
        if fields != self._cookie_fields:
            others = self._headers.getall(hdrs.SET_COOKIE, [])
            kept = [value for value in others if value not in self._cookie_fields]
            self._replace_field(hdrs.SET_COOKIE, *kept, *fields)
            self._cookie_fields = fields

    async def _prepare_extensions(self, request: "BaseRequest") -> None:
        """Do what cookies and compression need before the body is framed."""
        self._add_cookies()
        if self._compression is not None and may_be_compressed(self._status, self._headers):
            await self._choose_coding(self._compression, request)

    async def _choose_coding(self, compression: Compression, request: "BaseRequest") -> None:
        headers = self._headers
        name = compression.choose(request.headers.getall(hdrs.ACCEPT_ENCODING, ()))
        if compression.forced is None:
            self._replace_field(
                hdrs.VARY, vary_with(headers.getall(hdrs.VARY, ()), hdrs.ACCEPT_ENCODING)
            )
        if name is None or not self._has_content():
            return
        if hdrs.ETAG in headers:
            self._replace_field(hdrs.ETAG, weakened(headers[hdrs.ETAG]))
        if never_has_body(self._status):
            return
        self._coding = name
        self._replace_field(hdrs.CONTENT_ENCODING, name)
        length = await self._compress_whole(compression, name)
        self._replace_field(hdrs.CONTENT_LENGTH, *(() if length is None else (str(length),)))

    def _has_content(self) -> bool:
        """Tell whether there may be something to compress."""
        return True

    async def _compress_whole(self, compression: Compression, name: str) -> int | None:
        """Compress a body that is known now and return its length, None when it is not known."""
        return None

    def _begin_extensions(self, writer: ResponseWriter, framing: int) -> None:
        """Do what the extensions need once the head has been handed over."""
        self._framing = framing
        if self._compression is not None and self._coding is not None and framing != NO_BODY:
            self._compressing = self._compressed(writer, self._compression, self._coding)
        if self._tcp_cork or not self._tcp_nodelay:
            apply_tcp_options(writer.transport, cork=self._tcp_cork, nodelay=self._tcp_nodelay)

    def _compressed(
        self, writer: ResponseWriter, compression: Compression, name: str
    ) -> CompressingWriter | None:
        """Return what compresses the pieces of the body on their way to *writer*."""
        return CompressingWriter(
            writer,
            compression.encoder(name),
            flushing=not self.head_waits_for_body,
            executor_size=self._executor_size,
            executor=self._executor,
        )

    async def _let_go(self) -> None:
        """Free what the response holds: it will not be sent."""

    @property
    def body_length(self) -> int:
        """Bytes of the body written so far, without chunked coding."""
        return 0 if self._payload_writer is None else self._payload_writer.body_size

    @property
    def output_length(self) -> int:
        """Bytes written so far, head and coding included."""
        return 0 if self._payload_writer is None else self._payload_writer.output_size
