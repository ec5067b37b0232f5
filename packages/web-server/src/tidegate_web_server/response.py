"""Responses whose body is known when they are made, and JSON.

A body in memory goes out with the head in one write, and a :class:`Response` that was made of one
can answer any number of requests, one after another. Any other body is a payload
(:mod:`.payload`): it is written piece by piece as the client takes it, closed at the end of the
response, whatever that was, and sent once.
"""

import json
import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Final

from tidegate_http_core import hdrs

from .compression import CompressingWriter, Compression
from .framing import NO_BODY, declared_length, never_has_body
from .payload import LookupError as NoPayloadClass
from .payload import Payload, get_payload
from .payload_memory import BytesPayload
from .stream_response import StreamResponse
from .writer import ResponseWriter

if TYPE_CHECKING:
    from .request import BaseRequest

_EXECUTOR_SIZE: Final = 4096
_PLAIN_TEXT: Final = "text/plain; charset=utf-8"


class Response(StreamResponse):
    """A response with its body given when it is made."""

    head_waits_for_body = True
    _executor_size = _EXECUTOR_SIZE
    _length_field: str | None = None
    # A body is bytes, or it is a payload; compressed as a whole it is a third thing.
    _body: bytes | None = None
    _payload: Payload | None = None
    _payload_closed = False
    _compressed_body: bytes | None = None

    def __init__(
        self,
        *positional: Any,
        body: Any = None,
        status: int = 200,
        reason: str | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        content_type: str | None = None,
        charset: str | None = None,
        zlib_executor_size: int | None = _EXECUTOR_SIZE,
        zlib_executor: Executor | None = None,
    ) -> None:
        """Describe a response and its body.

        :param positional: deprecated: the body, as *body*.
        :param body: bytes, or what there is a payload for: text, a file, an async iterable, a
            ``MultipartWriter``, a :class:`Payload`. Sent with the type of the payload, which is
            ``application/octet-stream`` for bytes, unless a content type is given. Not together
            with *text*.
        :param text: the body as text; sent as ``text/plain; charset=utf-8`` unless a content type
            or charset is given. A Content-Type in *headers* without a charset gets that one.
        :param content_type: media type without parameters; not together with a Content-Type
            in *headers*.
        :param charset: encodes text, and is named in the Content-Type.
        :param zlib_executor_size: bytes above which an executor compresses the body, where
            :meth:`enable_compression` is used.
        :param zlib_executor: that executor; the loop's own when None.
        :raises ValueError: when arguments exclude each other, *content_type* has parameters, or
            nothing is known to make a body of *body*.
        :raises TypeError: when *text* is not a string.
        """
        super().__init__(status=status, reason=reason, headers=headers)
        if positional:
            body = _deprecated_body(positional, body)
        if body is not None and text is not None:
            raise ValueError("body and text are not allowed together")
        own_type = None if headers is None else self._headers.get(hdrs.CONTENT_TYPE)
        if own_type is not None and (content_type is not None or charset is not None):
            raise ValueError(
                "passing both Content-Type header and content_type or charset params is forbidden"
            )
        if content_type is not None and "charset" in content_type:
            raise ValueError("charset must not be in content_type argument; pass charset=")
        if zlib_executor_size != _EXECUTOR_SIZE and zlib_executor_size is not None:
            self._executor_size = zlib_executor_size
        if zlib_executor is not None:
            self._executor = zlib_executor
        if text is not None:
            self._set_text(text, own_type, content_type, charset)
        elif body is not None:
            if isinstance(body, bytes | bytearray | memoryview):
                self._body = bytes(body)
            else:
                self._set_payload(body, charset)
        if text is None and content_type is not None:
            suffix = "" if charset is None else f"; charset={charset}"
            self._headers[hdrs.CONTENT_TYPE] = content_type + suffix

    def _set_text(
        self, text: str, own_type: str | None, content_type: str | None, charset: str | None
    ) -> None:
        if not isinstance(text, str):
            raise TypeError(f"text argument must be str (not {type(text).__name__})")
        if own_type is not None:
            charset = self.charset
            if charset is None and self._media_type() is not None:
                # A client would guess: what the text is encoded in has to be told.
                self._headers[hdrs.CONTENT_TYPE] = own_type.rstrip("; ") + "; charset=utf-8"
        elif content_type is None and charset is None:
            self._headers[hdrs.CONTENT_TYPE] = _PLAIN_TEXT
        else:
            self._headers[hdrs.CONTENT_TYPE] = (
                f"{content_type or 'text/plain'}; charset={charset or 'utf-8'}"
            )
        self._body = text.encode(charset or "utf-8")

    def _set_payload(self, body: Any, charset: str | None = None) -> None:
        """Take a payload, or what there is one for, and the fields that it brings."""
        known: dict[str, Any] = {}
        if isinstance(body, str):
            known["encoding"] = charset or self.charset
        try:
            payload = get_payload(body, **known)
        except NoPayloadClass as exc:
            hint = "; json_response() sends JSON" if isinstance(body, dict | list) else ""
            raise ValueError(f"Unsupported body type {type(body)!r}: {exc}{hint}") from exc
        self._payload = payload
        self._payload_closed = False
        self._extended = True
        headers = self._headers
        # Whatever the case of names is, here and there.
        brought = [field for field in payload.headers.items() if field[0] not in headers]
        headers.extend(brought)
        headers.setdefault(hdrs.CONTENT_TYPE, payload.content_type)

    @property
    def body(self) -> bytes | Payload | None:
        """The body: bytes, a payload, or None when there is none.

        Set it to whatever the constructor takes.
        """
        return self._body if self._payload is None else self._payload

    @body.setter
    def body(self, body: Any) -> None:
        self._refuse_when_sent("change the body")
        if body is None or isinstance(body, bytes | bytearray | memoryview):
            self._body = None if body is None else bytes(body)
            self._payload = None
        else:
            self._set_payload(body)
            self._body = None
        self._headers.pop(hdrs.CONTENT_LENGTH, None)

    @property
    def text(self) -> str | None:
        """The body as text in the response's charset, None when there is no body.

        :raises TypeError: when it is a stream, which is read by sending it.
        """
        charset = self.charset or "utf-8"
        if self._payload is not None:
            return self._payload.decode(charset)
        return None if self._body is None else self._body.decode(charset)

    @text.setter
    def text(self, text: str) -> None:
        self._refuse_when_sent("change the text")
        if not isinstance(text, str):
            raise TypeError(f"text argument must be str (not {type(text).__name__})")
        if hdrs.CONTENT_TYPE not in self._headers:
            self._headers[hdrs.CONTENT_TYPE] = _PLAIN_TEXT
        elif self.charset is None:
            self.charset = "utf-8"
        self._body = text.encode(self.charset or "utf-8")
        self._payload = None
        self._headers.pop(hdrs.CONTENT_LENGTH, None)

    @property
    def content_length(self) -> int | None:
        """The length of the body in bytes; None when it will be chunked."""
        if self._chunked:
            return None
        if hdrs.CONTENT_LENGTH in self._headers:
            return int(self._headers[hdrs.CONTENT_LENGTH])
        return self._body_size()

    @content_length.setter
    def content_length(self, value: int | None) -> None:
        raise RuntimeError("Content length is set automatically")

    def _body_size(self) -> int | None:
        if self._payload is not None:
            return self._payload.size
        return 0 if self._body is None else len(self._body)

    # --- the way out ---

    def _renew(self, before: ResponseWriter) -> None:
        """Get ready to answer again: a body in memory can be sent to any number of requests."""
        if not before.ended:
            raise RuntimeError(f"{self!r} is being sent to another request")
        payload = self._payload
        if payload is not None and (self._payload_closed or getattr(payload, "consumed", False)):
            raise RuntimeError(
                f"{self!r} has been sent, and its body can't be sent again; make a response for "
                "each request"
            )
        self._eof_sent = False
        self._payload_writer = None
        if self._dated_here:
            self._headers.pop(hdrs.DATE, None)
        if self._connection_here:
            self._headers.pop(hdrs.CONNECTION, None)
            self._connection_here = False
        if self._chunked_here:
            self._headers.popall(hdrs.TRANSFER_ENCODING, None)
            self._chunked = self._chunked_here = False
        if self._extended:
            self._coding = self._compressing = self._compressed_body = None
            self._restore_fields()

    def _add_default_headers(self) -> None:
        if not self._chunked and hdrs.CONTENT_LENGTH not in self._headers:
            body = self._body
            length = len(body) if body is not None else self._body_size()
            if length is not None:
                self._length_field = self._headers[hdrs.CONTENT_LENGTH] = str(length)
        super()._add_default_headers()

    def _known_length(self, request: "BaseRequest") -> int | None:
        body = self._body
        length = len(body) if body is not None else self._body_size()
        own = self._length_field
        if own is not None and self._headers.get(hdrs.CONTENT_LENGTH) is own:
            return length
        if self._compressed_body is not None:
            return len(self._compressed_body)
        declared = declared_length(self._headers)
        if length is None or declared is None or declared == length:
            return declared
        if request.method == hdrs.METH_HEAD:
            return declared
        if never_has_body(self._status):
            return None
        raise RuntimeError(
            f"the Content-Length of {self!r} says {declared} bytes and its body has {length}"
        )

    def _has_content(self) -> bool:
        return self._chunked or self._payload is not None or bool(self._body)

    async def _compress_whole(self, compression: Compression, name: str) -> int | None:
        body = self._body
        if isinstance(self._payload, BytesPayload):
            body = await self._payload.as_bytes()
        if body is None or self._chunked:
            return None
        self._compressed_body = await compression.compress(
            name, body, executor_size=self._executor_size, executor=self._executor
        )
        return len(self._compressed_body)

    def _compressed(
        self, writer: ResponseWriter, compression: Compression, name: str
    ) -> CompressingWriter | None:
        if self._compressed_body is not None:
            return None
        return super()._compressed(writer, compression, name)

    async def write_eof(self, data: bytes = b"") -> None:
        """Send the body with *data* behind it, and end the response."""
        if self._eof_sent:
            return
        writer = self._payload_writer
        if writer is None:
            raise RuntimeError("Response has not been started: call prepare() first")
        if self._extended:
            await self._send_extended(writer, data)
            return
        body = self._body
        if body is not None:
            data = body + data if data else body
        writer.finish(data)
        self._eof_sent = True
        self._req = None
        if writer.transport_is_full:
            await writer.drain()

    async def _send_extended(self, writer: ResponseWriter, data: bytes) -> None:
        """Send a body that is a payload, or that is compressed, or has cookies beside it."""
        out = self._compressing or writer
        try:
            if self._compressed_body is not None:
                data = self._compressed_body + data
            elif self._payload is None:
                data = (self._body or b"") + data
            elif self._framing != NO_BODY:
                await self._payload.write(out)
            await out.write_eof(data)
        finally:
            await self._let_go()
        self._ended()

    async def _let_go(self) -> None:
        """Close what the body is read from."""
        payload = self._payload
        if payload is None or self._payload_closed or getattr(payload, "autoclose", False):
            return
        self._payload_closed = True
        close = getattr(payload, "close", None)
        if close is not None:
            await close()


def _deprecated_body(positional: tuple[Any, ...], body: Any) -> Any:
    """Return the body that was given as the first positional argument."""
    if len(positional) > 1 or body is not None:
        raise TypeError("the arguments of a Response are given by name: Response(text=...)")
    warnings.warn(
        "the body as a positional argument is deprecated, give it by name: Response(text=...) "
        "or Response(body=...)",
        DeprecationWarning,
        stacklevel=3,
    )
    return positional[0]


_MISSING: Any = object()


def json_response(
    data: Any = _MISSING,
    *,
    text: str | None = None,
    body: Any = None,
    status: int = 200,
    reason: str | None = None,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    content_type: str = "application/json",
    dumps: Callable[[Any], str] = json.dumps,
) -> Response:
    """Make a response with *data* as JSON.

    :param data: what *dumps* encodes; not together with *text* or *body*, which are sent as they
        are.
    :param dumps: encodes *data* as text.
    :raises ValueError: when *data* comes with *text* or *body*.
    """
    if data is not _MISSING:
        if text is not None or body is not None:
            raise ValueError("only one of data, text, or body should be specified")
        text = dumps(data)
    return Response(
        text=text,
        body=body,
        status=status,
        reason=reason,
        headers=headers,
        content_type=content_type,
    )


def json_bytes_response(
    data: Any = _MISSING,
    *,
    dumps: Callable[[Any], bytes],
    body: Any = None,
    status: int = 200,
    reason: str | None = None,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    content_type: str = "application/json",
) -> Response:
    """Make a response with *data* as JSON that *dumps* encodes as bytes (orjson and the like).

    :raises ValueError: when *data* comes with *body*.
    """
    if data is not _MISSING:
        if body is not None:
            raise ValueError("only one of data or body should be specified")
        body = dumps(data)
    return Response(
        body=body, status=status, reason=reason, headers=headers, content_type=content_type
    )
