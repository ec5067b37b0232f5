"""What a body can be made of besides bytes: payloads, and how the one for a value is found.

A payload is a value that knows how to write itself: its headers, its size where somebody knows
it, and :meth:`Payload.write`, which sends it piece by piece through the writer of a response and
so waits for a client that reads slowly. :func:`get_payload` finds the class for a value among
those that are registered:

=======================  ==================================  ====================================
order                    what is asked                       who is there
=======================  ==================================  ====================================
``Order.try_first``      ``isinstance``, in order            nobody, unless registered by users
``Order.normal``         the value's class and its bases,    bytes, text, files, streams
                         most derived first; then
                         ``isinstance`` for the virtual ones
``Order.try_last``       ``isinstance``, in order            async iterables
=======================  ==================================  ====================================

The classes themselves are in the modules ``payload_memory``, ``payload_files`` and
``payload_streams``. A payload of another library, aiohttp's own first of all, is used as it is:
what has the attributes of :class:`Payload` is one.

A payload never decides the framing, and never blocks the event loop.
"""

import asyncio
import enum
import mimetypes
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, TypeVar

from multidict import CIMultiDict
from tidegate_http_core import format_content_disposition, hdrs

from .abc import AbstractStreamWriter

# Tells "not given" from None, which stands for "the default type".
_UNSET: Final[Any] = object()


class LookupError(Exception):
    """No payload class is registered for a value."""


class Order(enum.StrEnum):
    """When a registered payload class is asked, relative to the others."""

    normal = "normal"
    try_first = "try_first"
    try_last = "try_last"


class Payload(ABC):
    """A body, or a part of one: a value with its headers that writes itself."""

    _default_content_type: ClassVar[str] = "application/octet-stream"
    _size: int | None = None
    # Whether there is nothing that has to be closed: true of what lives in memory alone.
    _autoclose: ClassVar[bool] = False
    _consumed = False

    def __init__(
        self,
        value: Any,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        content_type: str | None = _UNSET,
        filename: str | None = None,
        encoding: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Wrap *value*.

        :param value: what the body is made of.
        :param headers: header fields of the body, or of the part of a multipart body.
        :param content_type: the media type. When not given: the Content-Type among *headers*,
            else what the extension of *filename* tells, else the default of the class.
        :param filename: the name of the file the value comes from.
        :param encoding: the charset of text.
        :param kwargs: ignored, so that arguments that only some classes know can be given to
            :func:`get_payload` for any value.
        """
        self._value = value
        self._encoding = encoding
        self._filename = filename
        self._headers: CIMultiDict[str] = CIMultiDict(headers or ())
        if content_type is not _UNSET and content_type is not None:
            self._headers[hdrs.CONTENT_TYPE] = content_type
        elif hdrs.CONTENT_TYPE not in self._headers:
            guessed = None if filename is None else mimetypes.guess_type(filename)[0]
            self._headers[hdrs.CONTENT_TYPE] = guessed or self._default_content_type

    @property
    def size(self) -> int | None:
        """The length in bytes; None when nobody knows it before all has been written."""
        return self._size

    @property
    def filename(self) -> str | None:
        """The name of the file the value comes from, None without one."""
        return self._filename

    @property
    def headers(self) -> CIMultiDict[str]:
        """The header fields of the body; they may be changed until it is sent."""
        return self._headers

    @property
    def encoding(self) -> str | None:
        """The charset of text, None where there is none."""
        return self._encoding

    @property
    def content_type(self) -> str:
        """The Content-Type, with its parameters."""
        return self._headers[hdrs.CONTENT_TYPE]

    @property
    def consumed(self) -> bool:
        """Whether the value has been used up and can't be written again."""
        return self._consumed

    @property
    def autoclose(self) -> bool:
        """Whether there is nothing to close: :meth:`close` need not be called."""
        return self._autoclose

    def set_content_disposition(
        self,
        disptype: str,
        quote_fields: bool = True,
        _charset: str = "utf-8",
        **params: Any,
    ) -> None:
        """Set the Content-Disposition (RFC 6266; RFC 7578 section 4.2 for ``form-data``).

        :param disptype: ``attachment``, ``inline``, ``form-data`` or another token.
        :param quote_fields: accepted and ignored, as is *_charset*: each type has one right way
            to write what a quoted string can't hold, always in UTF-8.
        :param params: parameters, ``filename`` and ``name`` first of all.
        :raises LocalProtocolError: when a parameter can't be sent in a header field.
        """
        self._headers[hdrs.CONTENT_DISPOSITION] = format_content_disposition(disptype, **params)

    @abstractmethod
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the value as text, without sending it.

        :param encoding: the charset, where the value does not know its own.
        :param errors: what to do with bytes that are no text in it; see ``bytes.decode``.
        :raises TypeError: when the value can be read only once, and asynchronously.
        """

    @abstractmethod
    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the whole value to *writer*, in pieces of bounded size."""

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Write the first *content_length* bytes of the value, the whole when that is None."""
        if content_length is None:
            await self.write(writer)
        else:
            await self.write(_FirstBytes(writer, content_length))

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the value as bytes, all in memory.

        :param encoding: the charset of text that does not know its own.
        :param errors: what to do with text that the charset lacks; see ``str.encode``.
        """
        return self.decode(encoding, errors).encode(encoding, errors)

    # Not abstract: most values have nothing to close.
    async def close(self) -> None:  # noqa: B027
        """Let go of what the value holds; a payload is not written after that."""


class _FirstBytes(AbstractStreamWriter):
    """Passes a number of bytes on to another writer, and drops what comes after them."""

    def __init__(self, writer: AbstractStreamWriter, count: int) -> None:
        self._writer = writer
        self._left = count

    @property
    def transport(self) -> asyncio.Transport | None:
        return self._writer.transport

    def _first(self, chunk: bytes | bytearray | memoryview) -> bytes:
        first = bytes(chunk[: self._left])
        self._left -= len(first)
        return first

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        if first := self._first(chunk):
            await self._writer.write(first)

    async def write_eof(self, chunk: bytes = b"") -> None:
        await self._writer.write_eof(self._first(chunk))

    async def drain(self) -> None:
        await self._writer.drain()

    def enable_chunking(self) -> None:
        self._writer.enable_chunking()

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        await self._writer.write_headers(status_line, headers)


# --- which payload is for which value ---

PayloadFactory = Callable[..., Payload]

_PayloadClass = TypeVar("_PayloadClass", bound=type[Payload])

# What is asked of an object before it is taken for a payload of another library.
_INTERFACE: Final = ("write", "size", "headers", "content_type", "decode")


def is_payload(value: object) -> bool:
    """Tell whether *value* is a payload already: ours, or one that has the same interface."""
    return isinstance(value, Payload) or all(hasattr(value, name) for name in _INTERFACE)


class PayloadRegistry:
    """Finds the payload class for a value; see the module's top for the order."""

    __slots__ = ("_first", "_last", "_normal")

    def __init__(self) -> None:
        """Make an empty registry."""
        self._first: list[tuple[type, PayloadFactory]] = []
        self._normal: dict[type, PayloadFactory] = {}
        self._last: list[tuple[type, PayloadFactory]] = []

    def get(self, data: Any, *args: Any, **kwargs: Any) -> Payload:
        """Make the payload for *data*; a payload is returned as it is.

        :param args: given to the class after *data*.
        :param kwargs: given to the class.
        :raises LookupError: when no class is registered for it.
        """
        if is_payload(data):
            payload: Payload = data
            return payload
        factory = self._find(data)
        if factory is None:
            raise LookupError(
                f"no payload class is registered for {type(data).__name__}; give bytes, str, a "
                "file, an async iterable or a Payload, or register a class with payload_type()"
            )
        return factory(data, *args, **kwargs)

    def _find(self, data: Any) -> PayloadFactory | None:
        for cls, factory in self._first:
            if isinstance(data, cls):
                return factory
        for cls in type(data).__mro__:
            known = self._normal.get(cls)
            if known is not None:
                return known
        for cls, factory in (*self._normal.items(), *self._last):
            if isinstance(data, cls):
                return factory
        return None

    def register(
        self,
        factory: PayloadFactory,
        type: type | tuple[type, ...],
        *,
        order: Order = Order.normal,
    ) -> None:
        """Use *factory* for values of *type*.

        :param factory: called with the value; usually a :class:`Payload` class.
        :param type: a class, or several.
        :param order: when it is asked, relative to the others. With ``normal`` the class that was
            registered last for the same *type* counts.
        :raises ValueError: when *order* is no :class:`Order`.
        """
        types = type if isinstance(type, tuple) else (type,)
        if order is Order.try_first:
            self._first += [(cls, factory) for cls in types]
        elif order is Order.normal:
            self._normal.update((cls, factory) for cls in types)
        elif order is Order.try_last:
            self._last += [(cls, factory) for cls in types]
        else:
            raise ValueError(f"order is one of {list(Order)}, got {order!r}")


PAYLOAD_REGISTRY: Final = PayloadRegistry()


def get_payload(data: Any, *args: Any, **kwargs: Any) -> Payload:
    """Make the payload for *data*, as ``PAYLOAD_REGISTRY.get`` does."""
    return PAYLOAD_REGISTRY.get(data, *args, **kwargs)


def register_payload(
    factory: PayloadFactory, type: type | tuple[type, ...], *, order: Order = Order.normal
) -> None:
    """Use *factory* for values of *type*, as ``PAYLOAD_REGISTRY.register`` does."""
    PAYLOAD_REGISTRY.register(factory, type, order=order)


class payload_type:
    """Decorates a :class:`Payload` class that is for values of a type."""

    def __init__(self, type: Any, *, order: Order = Order.normal) -> None:
        """Say for values of which *type*, and when it is asked; see ``register``."""
        self.type = type
        self.order = order

    def __call__(self, factory: _PayloadClass) -> _PayloadClass:
        """Register the decorated class, and return it."""
        register_payload(factory, self.type, order=self.order)
        return factory
