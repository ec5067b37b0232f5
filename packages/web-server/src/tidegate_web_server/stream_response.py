"""A response as a state machine: described, then prepared, then written, then ended.

Until :meth:`StreamResponse.prepare` the status, headers and framing can be changed; ``prepare``
decides how the body is framed, fires ``on_response_prepare`` and sends the head; after it only
the body can be written, and after :meth:`~StreamResponse.write_eof` nothing.

The framing is the framework's (RFC 9112 section 6): a response to HEAD and a 1xx, 204 or 304 has
no body whatever is written; a Content-Length is kept to the byte; a body of unknown length is
chunked for HTTP/1.1 and ends with the connection for HTTP/1.0.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from multidict import CIMultiDict
from tidegate_http_core import HttpVersion, HttpVersion11, format_http_date, hdrs, reason_phrase

from .abc import AbstractStreamWriter
from .framing import CHUNKED, CLOSE, declared_length, frame, never_has_body
from .header_fields import HeaderFields
from .keys import ResponseKey
from .software import SERVER_SOFTWARE
from .storage import Storage
from .writer import ResponseWriter

if TYPE_CHECKING:
    import asyncio

    from .request import BaseRequest

_T = TypeVar("_T")


class StreamResponse(Storage["str | ResponseKey[Any]"], HeaderFields):
    """A response whose body is written piece by piece.

    It is a mutable mapping too, for middlewares and signal handlers to share data.
    """

    _keep_alive: bool | None = None
    _forced_close = False
    # Which fields are the framework's, to be decided anew when the response is sent again.
    _dated_here = False
    _connection_here = False
    _chunked = False
    _eof_sent = False
    _req: "BaseRequest | None" = None
    _payload_writer: ResponseWriter | None = None
    #: Whether the head is sent with the first piece of the body. A stream sends it at once, for
    #: clients that wait for it before any event comes; subclasses that write soon may change it.
    head_waits_for_body: ClassVar[bool] = False

    def __init__(
        self,
        *,
        status: int = 200,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Describe a response.

        :param status: the status code.
        :param reason: the reason phrase; the standard one of the status when None.
        :param headers: header fields to send, besides those that the framework adds.
        :raises ValueError: when *reason* has a line break.
        """
        self._headers: CIMultiDict[str] = (
            CIMultiDict() if headers is None else CIMultiDict(headers)
        )
        self._set_status(status, reason)

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
    def status(self) -> int:
        """The status code."""
        return self._status

    @property
    def reason(self) -> str:
        """The reason phrase."""
        return self._reason

    def set_status(self, status: int, reason: str | None = None) -> None:
        """Change the status and the reason phrase (the standard one when None).

        :raises RuntimeError: when the head has been sent.
        """
        self._refuse_when_prepared("change the status code")
        self._set_status(status, reason)

    def _set_status(self, status: int, reason: str | None) -> None:
        self._status = int(status)
        if reason is None:
            reason = reason_phrase(self._status)
        elif "\r" in reason or "\n" in reason:
            raise ValueError(f"a reason phrase has no line breaks, got {reason!r}")
        self._reason = reason

    @property
    def headers(self) -> CIMultiDict[str]:
        """The header fields to send; changes after :meth:`prepare` have no effect."""
        return self._headers

    @property
    def keep_alive(self) -> bool | None:
        """Whether the connection stays open; None until decided by the request."""
        return False if self._forced_close else self._keep_alive

    def force_close(self) -> None:
        """Close the connection after this response; there is no way back."""
        self._forced_close = True

    @property
    def chunked(self) -> bool:
        """Whether the body is sent with the chunked transfer coding."""
        return self._chunked

    def enable_chunked_encoding(self) -> None:
        """Send the body with the chunked transfer coding (HTTP/1.1 only).

        :raises RuntimeError: when a Content-Length is set: a body has one framing.
        """
        if hdrs.CONTENT_LENGTH in self._headers:
            raise RuntimeError(
                "You can't enable chunked encoding when a content length is set; "
                "set content_length to None first"
            )
        self._chunked = True

    @property
    def content_length(self) -> int | None:
        """The Content-Length in bytes, None when there is none."""
        value = self._headers.get(hdrs.CONTENT_LENGTH)
        return None if value is None else int(value)

    @content_length.setter
    def content_length(self, value: int | None) -> None:
        if value is None:
            self._headers.pop(hdrs.CONTENT_LENGTH, None)
            return
        if self._chunked:
            raise RuntimeError("You can't set a content length when chunked encoding is enabled")
        if value < 0:
            raise ValueError(f"a content length is 0 or more, got {value}")
        self._headers[hdrs.CONTENT_LENGTH] = str(int(value))

    @property
    def content_type(self) -> str:
        """The media type of the body without parameters."""
        return super().content_type

    @content_type.setter
    def content_type(self, value: str) -> None:
        self._set_content_type(value, self.charset)

    @property
    def charset(self) -> str | None:
        """The charset parameter of the Content-Type; lower-cased when set here."""
        return super().charset

    @charset.setter
    def charset(self, value: str | None) -> None:
        if hdrs.CONTENT_TYPE not in self._headers:
            raise RuntimeError("set the content type first: a charset is a parameter of it")
        self._set_content_type(self.content_type, None if value is None else value.lower())

    def _set_content_type(self, content_type: str, charset: str | None) -> None:
        parsed = self._media_type()
        parameters = {} if parsed is None else dict(parsed.parameters)
        parameters.pop("charset", None)
        if charset is not None:
            parameters["charset"] = charset
        suffix = "".join(f"; {name}={value}" for name, value in parameters.items())
        self._headers[hdrs.CONTENT_TYPE] = content_type + suffix

    # --- the way out ---

    async def prepare(self, request: "BaseRequest") -> AbstractStreamWriter | None:
        """Decide the framing, fire ``on_response_prepare`` and send the head.

        Returns the writer; calling it again returns the same one, None once the response has
        ended.

        :raises RuntimeError: when the response can't be framed as it was described.
        :raises LocalProtocolError: when the reason or a header field can't be sent.
        """
        writer = request.writer
        if self._payload_writer is not None:
            if self._payload_writer is writer:
                return None if self._eof_sent else writer
            self._renew(self._payload_writer)
        if writer.begun:
            raise RuntimeError(f"{request!r} has been answered with another response")
        self._req = request
        self._payload_writer = writer
        self._add_default_headers()
        if request.response_prepare is not None:
            await request.response_prepare(request, self)
        # Framed after the signal, because a receiver may have changed what the framing rests on.
        head = request.head
        framing, length = frame(
            self._headers,
            status=self._status,
            method=head.method,
            version=head.version,
            chunked=self._chunked,
            length=self._known_length(request),
        )
        self._chunked = self._chunked or framing == CHUNKED
        may_keep = head.keep_alive and framing != CLOSE and request.may_keep_connection
        self._decide_keep_alive(may_keep, head.version)
        writer.begin(self._status, self._reason, self._headers, framing, length)
        if not self.head_waits_for_body:
            writer.send_headers()
        return writer

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
        if hdrs.CONTENT_TYPE not in headers and not never_has_body(self._status):
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
        if self._payload_writer is None:
            raise RuntimeError("Cannot call write() before prepare()")
        await self._payload_writer.write(data)

    async def write_eof(self, data: bytes = b"") -> None:
        """Send *data* and end the body; calling it again does nothing.

        :raises RuntimeError: before :meth:`prepare`, or when the body is not as long as its
            Content-Length.
        :raises ClientConnectionResetError: when the client is gone.
        """
        if self._eof_sent:
            return
        if self._payload_writer is None:
            raise RuntimeError("Response has not been started: call prepare() first")
        await self._payload_writer.write_eof(data)
        self._eof_sent = True
        self._req = None

    @property
    def body_length(self) -> int:
        """Bytes of the body written so far, without chunked coding."""
        return 0 if self._payload_writer is None else self._payload_writer.body_size

    @property
    def output_length(self) -> int:
        """Bytes written so far, head and coding included."""
        return 0 if self._payload_writer is None else self._payload_writer.output_size

    def _refuse_when_prepared(self, what: str) -> None:
        if self._payload_writer is not None:
            raise RuntimeError(f"Cannot {what} after the headers have been sent")
