"""Messages to bytes: the status line, the fields and a body in one call and one piece.

Whatever goes into a head is checked here, so that nothing above can split a response: a name is a
token, a value and a reason hold no control characters but HTAB. Names that passed are kept in a
bounded table; values are checked all at once.

The framing is the caller's: nothing is added, neither Content-Length nor Date.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .errors import LocalProtocolError, excerpt
from .grammar import TOKEN, VALUE_STOP

_NAMES_KEPT: Final = 1024
_LONGEST_KEPT: Final = 64

# What begins a status line, by status; and a field line, by name. Both are bounded.
_status_starts: Final[dict[int, str]] = {}
_line_starts: Final[dict[str, str]] = {}

# Every byte that a value may hold stands for itself, any other for NUL.
_CLASSES: Final = bytes(c if (c >= 32 and c != 127) or c == 9 else 0 for c in range(256))
_BAD: Final = 0


def serialize_response(
    status: int, reason: str, fields: Iterable[tuple[str, str]], body: bytes = b""
) -> bytes:
    """Return a response head and `body`, joined.

    `status` has three digits (RFC 9110 section 15), `reason` may be empty (RFC 9112 section 4).
    Names are sent as they are given, values and reason as UTF-8 with "surrogateescape". The
    version is always HTTP/1.1 (RFC 9110 section 2.5: the highest this side conforms to).

    Raises LocalProtocolError, naming the field, for a name that is not a token, for CR, LF, NUL
    or another control in a value or the reason, for text that is no UTF-8 (a lone surrogate that
    stands for no byte), and for a status out of 100 to 999.
    """
    start = _status_starts.get(status)
    if start is None:
        start = _start_of_message(status)
    starts = _line_starts
    text = [start, reason]
    values = [reason]
    for name, value in fields:
        start = starts.get(name)
        if start is None:
            start = _start_of_line(name)
        text.append(start)
        text.append(value)
        values.append(value)
    if _BAD in _encode("".join(values)).translate(_CLASSES):
        raise _refusal(text)
    text.append("\r\n\r\n")
    head = _encode("".join(text))
    return head + body if body else head


def _encode(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        pass
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise LocalProtocolError(
            f"expected text that UTF-8 can carry, got {excerpt(text[error.start :])}"
        ) from None


def _start_of_message(status: int) -> str:
    """Return what begins the status line, and keep it."""
    if not 100 <= status <= 999:
        raise LocalProtocolError(f"expected a status of three digits, got {status}")
    start = f"HTTP/1.1 {int(status)} "
    _status_starts[int(status)] = start
    return start


def _start_of_line(name: str) -> str:
    """Return CRLF, `name` and ": ", and keep it for the next time if it is short."""
    if not TOKEN.fullmatch(name):
        raise LocalProtocolError(f"expected a field name to be a token, got {excerpt(name)}")
    start = f"\r\n{name}: "
    if len(name) <= _LONGEST_KEPT and len(_line_starts) < _NAMES_KEPT:
        _line_starts[str(name)] = start
    return start


def _refusal(text: list[str]) -> LocalProtocolError:
    """Name the control character in the pieces of a head: the reason, or a value."""
    index = next(index for index in range(1, len(text), 2) if VALUE_STOP.search(text[index]))
    where = "the reason" if index == 1 else text[index - 1].strip("\r\n: ")
    return LocalProtocolError(
        f"expected no control character but HTAB in {where}, got {excerpt(text[index])}"
    )
