"""A message that is received in pieces, as it comes, and never held as a whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Self

from tidegate_web_server import ClientConnectionResetError

from .assembly import MORE
from .messages import WSMessage


class MessageStream:
    """The content of one message; iterating over it yields its pieces.

    They are ``str`` in a text message and ``bytes`` in a binary one, and are cut where the client
    or the network happened to cut them.
    """

    __slots__ = ("_ended", "_first", "_next_piece", "_text")

    def __init__(
        self, first: WSMessage, next_piece: Callable[[], Awaitable[WSMessage | None]]
    ) -> None:
        """Begin with the *first* piece.

        :param next_piece: returns the next one, None when the connection ended before it came.
        """
        self._first: WSMessage | None = first
        self._next_piece = next_piece
        self._text = isinstance(first.data, str)
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the last piece has been taken, or will not come."""
        return self._ended

    def __aiter__(self) -> Self:
        """Iterate over the pieces."""
        return self

    async def __anext__(self) -> str | bytes:
        """Return the next piece.

        :raises ClientConnectionResetError: when the connection ended within the message.
        :raises TimeoutError: when no piece came within the ``receive_timeout``.
        """
        if self._ended:
            raise StopAsyncIteration
        piece = self._first
        if piece is None:
            piece = await self._next_piece()
        self._first = None
        if piece is None:
            self._ended = True
            raise ClientConnectionResetError("the connection ended within a message")
        self._ended = piece.extra != MORE
        data: str | bytes = piece.data
        return data

    async def read(self) -> str | bytes:
        """Return all pieces that are left, joined.

        :raises ClientConnectionResetError: when the connection ended within the message.
        """
        pieces = [piece async for piece in self]
        if self._text:
            return "".join(piece for piece in pieces if isinstance(piece, str))
        return b"".join(piece for piece in pieces if isinstance(piece, bytes))
