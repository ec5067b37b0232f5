"""A message that is encoded once and sent to many.

Connections that agreed on nothing share one encoding, and so do those that compress with the same
settings: it begins with an empty window, so that it fits any of them.
"""

from __future__ import annotations

from typing import final

from .deflate import deflate_alone
from .frames import BINARY, TEXT, encode_frame


@final
class PreparedMessage:
    """A text or binary message; see :func:`prepare_message`.

    :ivar opcode: ``TEXT`` or ``BINARY``.
    :ivar payload: the content, UTF-8 for text.
    """

    __slots__ = ("_compressed", "_plain", "opcode", "payload")

    def __init__(self, opcode: int, payload: bytes) -> None:
        """Keep the content; it is encoded when it is first sent."""
        self.opcode = opcode
        self.payload = payload
        self._plain: bytes | None = None
        self._compressed: dict[tuple[int, int, int], bytes] = {}

    def plain(self) -> bytes:
        """Return the frame without compression."""
        if self._plain is None:
            self._plain = encode_frame(self.opcode, self.payload)
        return self._plain

    def compressed(self, settings: tuple[int, int, int]) -> bytes:
        """Return the frame compressed with an empty window.

        :param settings: those of the :class:`.Deflater` of a connection.
        """
        frame = self._compressed.get(settings)
        if frame is None:
            data = deflate_alone(settings, self.payload)
            frame = encode_frame(self.opcode, data, compressed=True)
            self._compressed[settings] = frame
        return frame


def prepare_message(data: str | bytes | bytearray | memoryview) -> PreparedMessage:
    """Return *data* as a message to be sent to many, with ``broadcast()`` or one by one.

    :param data: a str for a text message, bytes for a binary one.
    :raises TypeError: for anything else.
    """
    if isinstance(data, str):
        return PreparedMessage(TEXT, data.encode())
    if isinstance(data, bytes | bytearray | memoryview):
        return PreparedMessage(BINARY, bytes(data))
    raise TypeError(f"expected str or bytes, got {type(data).__name__}")
