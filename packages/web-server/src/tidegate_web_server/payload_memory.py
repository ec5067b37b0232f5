"""Payloads of values that are in memory: bytes, text, JSON.

They are written in one piece and can be written again. Their size is the number of bytes, never
of items or characters.
"""

import json
from collections.abc import Callable
from io import StringIO
from typing import IO, Any

from tidegate_http_core import parse_media_type

from .abc import AbstractStreamWriter
from .payload import Payload, register_payload


class BytesPayload(Payload):
    """A body of bytes."""

    _autoclose = True

    def __init__(self, value: bytes | bytearray | memoryview, *args: Any, **kwargs: Any) -> None:
        """Wrap *value*; the other arguments are those of :class:`Payload`.

        :raises TypeError: when *value* is not bytes-like.
        """
        if not isinstance(value, bytes | bytearray | memoryview):
            raise TypeError(
                f"a BytesPayload is made of bytes-like values, got {type(value).__name__}"
            )
        # The name of a file says nothing certain about bytes that are in memory.
        if not args and "content_type" not in kwargs and not kwargs.get("headers"):
            kwargs["content_type"] = self._default_content_type
        super().__init__(value, *args, **kwargs)
        self._size = value.nbytes if isinstance(value, memoryview) else len(value)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the bytes as text in *encoding*."""
        return bytes(self._value).decode(encoding, errors)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the bytes."""
        return bytes(self._value)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the bytes in one piece."""
        await writer.write(self._value)


class StringPayload(BytesPayload):
    """A body of text."""

    def __init__(
        self,
        value: str,
        *args: Any,
        encoding: str | None = None,
        content_type: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Encode *value*; the other arguments are those of :class:`Payload`.

        :param encoding: the charset; when None the one that *content_type* names, else UTF-8.
        :param content_type: the media type; ``text/plain`` in the charset when None.
        :raises TypeError: when *value* is no str.
        :raises UnicodeEncodeError: when the charset lacks a character.
        """
        if not isinstance(value, str):
            raise TypeError(f"a StringPayload is made of a str, got {type(value).__name__}")
        charset, content_type = text_type(encoding, content_type)
        super().__init__(
            value.encode(charset), *args, encoding=charset, content_type=content_type, **kwargs
        )


def text_type(encoding: str | None, content_type: str | None) -> tuple[str, str]:
    """Settle the charset and the media type of text, each of which may name the other."""
    if content_type is None:
        charset = encoding or "utf-8"
        return charset, f"text/plain; charset={charset}"
    if encoding is None:
        parsed = parse_media_type(content_type)
        encoding = None if parsed is None else parsed.charset
    return encoding or "utf-8", content_type


class StringIOPayload(StringPayload):
    """A body of text in a :class:`io.StringIO`, whole, wherever its position is."""

    def __init__(self, value: IO[str], *args: Any, **kwargs: Any) -> None:
        """Read what *value* still has; the other arguments are those of :class:`StringPayload`."""
        super().__init__(value.read(), *args, **kwargs)


class JsonPayload(BytesPayload):
    """A body of JSON."""

    def __init__(
        self,
        value: Any,
        encoding: str = "utf-8",
        content_type: str = "application/json",
        dumps: Callable[[Any], str] = json.dumps,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Encode *value* as JSON.

        :param encoding: the charset (RFC 8259 section 8.1 wants UTF-8).
        :param content_type: the media type.
        :param dumps: encodes *value* as text.
        :param args: as for :class:`Payload`.
        """
        super().__init__(
            dumps(value).encode(encoding),
            *args,
            content_type=content_type,
            encoding=encoding,
            **kwargs,
        )


register_payload(BytesPayload, (bytes, bytearray, memoryview))
register_payload(StringPayload, str)
register_payload(StringIOPayload, StringIO)
