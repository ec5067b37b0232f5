"""One message to many WebSockets.

The message is encoded once for all that share their settings. Nothing is waited for: a client
that has not taken what it was sent before, or whose connection is busy with a message that takes
its time, is skipped and reported, and the caller decides what becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tidegate_web_server import ClientConnectionResetError

from .prepared import PreparedMessage, prepare_message
from .response import WebSocketResponse


class BroadcastResult(NamedTuple):
    """What became of a broadcast.

    :ivar sent: to how many the message was sent.
    :ivar slow: those skipped because they have not taken what was sent before.
    :ivar closed: those skipped because they are closing or gone, or were never prepared.
    """

    sent: int
    slow: tuple[WebSocketResponse, ...]
    closed: tuple[WebSocketResponse, ...]


def broadcast(
    sockets: Iterable[WebSocketResponse],
    message: PreparedMessage | str | bytes | bytearray | memoryview,
) -> BroadcastResult:
    """Send *message* to all of *sockets* that can take it, without waiting for any.

    :param message: a str is sent as text, bytes as binary; or what ``prepare_message()`` made.
    :raises TypeError: when the message is something else.
    """
    if not isinstance(message, PreparedMessage):
        message = prepare_message(message)
    count = 0
    slow: list[WebSocketResponse] = []
    closed: list[WebSocketResponse] = []
    for socket in tuple(sockets):
        if not socket.open:
            closed.append(socket)
            continue
        try:
            if socket.send_now(message):
                count += 1
            else:
                slow.append(socket)
        except ClientConnectionResetError:
            closed.append(socket)
    return BroadcastResult(count, tuple(slow), tuple(closed))
