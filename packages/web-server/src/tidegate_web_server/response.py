"""Responses whose body is known when they are made, and JSON.

The body goes out with the head in one write. A :class:`Response` that was made once can answer
several requests.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tidegate_http_core import hdrs

from .framing import declared_length, never_has_body
from .stream_response import StreamResponse
from .writer import ResponseWriter

if TYPE_CHECKING:
    from .request import BaseRequest


class Response(StreamResponse):
    """A response with its body in memory."""

    head_waits_for_body = True
    _length_field: str | None = None

    def __init__(
        self,
        *,
        body: bytes | bytearray | memoryview | None = None,
        status: int = 200,
        reason: str | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
        charset: str | None = None,
    ) -> None:
        """Describe a response and its body.

        :param body: the body as bytes; sent as ``application/octet-stream`` unless a content type
            is given. Not together with *text*.
        :param text: the body as text; sent as ``text/plain; charset=utf-8`` unless a content type
            or charset is given.
        :param content_type: media type without parameters; not together with a Content-Type
            in *headers*.
        :param charset: encodes *text*, and is named in the Content-Type.
        :raises ValueError: when arguments exclude each other, or *content_type* has parameters.
        :raises TypeError: when *text* is not a string.
        """
        super().__init__(status=status, reason=reason, headers=headers)
        if body is not None and text is not None:
            raise ValueError("body and text are not allowed together")
        own_type = self._headers.get(hdrs.CONTENT_TYPE)
        if own_type is not None and (content_type is not None or charset is not None):
            raise ValueError(
                "passing both Content-Type header and content_type or charset params is forbidden"
            )
        if content_type is not None and "charset" in content_type:
            raise ValueError("charset must not be in content_type argument; pass charset=")
        self._body: bytes | None = None
        if text is not None:
            self._set_text(text, own_type, content_type, charset)
        elif body is not None:
            self.body = body
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
        else:
            self._headers[hdrs.CONTENT_TYPE] = (
                f"{content_type or 'text/plain'}; charset={charset or 'utf-8'}"
            )
        self._body = text.encode(charset or "utf-8")

    @property
    def body(self) -> bytes | None:
        """The body as bytes, None when there is none."""
        return self._body

    @body.setter
    def body(self, body: bytes | bytearray | memoryview | None) -> None:
        if body is not None and not isinstance(body, bytes | bytearray | memoryview):
            raise ValueError(
                f"a body is bytes, bytearray or memoryview, got {type(body).__name__}; "
                "pass text= for a str"
            )
        self._body = None if body is None else bytes(body)
        self._headers.pop(hdrs.CONTENT_LENGTH, None)

    @property
    def text(self) -> str | None:
        """The body as text in the response's charset, None when there is no body."""
        return None if self._body is None else self._body.decode(self.charset or "utf-8")

    @text.setter
    def text(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"text argument must be str (not {type(text).__name__})")
        if hdrs.CONTENT_TYPE not in self._headers:
            self._headers[hdrs.CONTENT_TYPE] = "text/plain; charset=utf-8"
        elif self.charset is None:
            self.charset = "utf-8"
        self._body = text.encode(self.charset or "utf-8")
        self._headers.pop(hdrs.CONTENT_LENGTH, None)

    @property
    def content_length(self) -> int | None:
        """The length of the body in bytes; None when it will be chunked."""
        if self._chunked:
            return None
        if hdrs.CONTENT_LENGTH in self._headers:
            return int(self._headers[hdrs.CONTENT_LENGTH])
        return 0 if self._body is None else len(self._body)

    @content_length.setter
    def content_length(self, value: int | None) -> None:
        raise RuntimeError("Content length is set automatically")

    def _renew(self, before: ResponseWriter) -> None:
        """Get ready to answer again: a body in memory can be sent to any number of requests."""
        if not before.ended:
            raise RuntimeError(f"{self!r} is being sent to another request")
        self._eof_sent = False
        self._payload_writer = None
        if self._dated_here:
            self._headers.pop(hdrs.DATE, None)
        if self._connection_here:
            self._headers.pop(hdrs.CONNECTION, None)
            self._connection_here = False

    def _add_default_headers(self) -> None:
        if not self._chunked and hdrs.CONTENT_LENGTH not in self._headers:
            length = 0 if self._body is None else len(self._body)
            self._length_field = self._headers[hdrs.CONTENT_LENGTH] = str(length)
        super()._add_default_headers()

    def _known_length(self, request: "BaseRequest") -> int | None:
        length = 0 if self._body is None else len(self._body)
        own = self._length_field
        if own is not None and self._headers.get(hdrs.CONTENT_LENGTH) is own:
            return length
        declared = declared_length(self._headers)
        if declared is None or declared == length or request.method == hdrs.METH_HEAD:
            return declared
        if never_has_body(self._status):
            return None
        raise RuntimeError(
            f"the Content-Length of {self!r} says {declared} bytes and its body has {length}"
        )

    async def write_eof(self, data: bytes = b"") -> None:
        """Send the body with *data* behind it, and end the response."""
        if self._eof_sent:
            return
        writer = self._payload_writer
        if writer is None:
            raise RuntimeError("Response has not been started: call prepare() first")
        body = self._body
        if body is not None:
            data = body + data if data else body
        writer.finish(data)
        self._eof_sent = True
        self._req = None
        if writer.transport_is_full:
            await writer.drain()


_MISSING: Any = object()


def json_response(
    data: Any = _MISSING,
    *,
    text: str | None = None,
    body: bytes | None = None,
    status: int = 200,
    reason: str | None = None,
    headers: Mapping[str, str] | None = None,
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
    body: bytes | None = None,
    status: int = 200,
    reason: str | None = None,
    headers: Mapping[str, str] | None = None,
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
