"""Messages to bytes: the start line, the fields and a body in one call and one piece.

Whatever goes into a head is checked here, so that nothing above can split a message: a method and
a name are tokens, a target is visible ASCII, a value and a reason hold no control characters but
HTAB. Names that passed are kept in a bounded table; values are checked all at once.

The framing is the caller's: nothing is added, neither Content-Length nor Date.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .errors import LocalProtocolError, excerpt
from .grammar import TARGET_STOP, TOKEN, VALUE_STOP

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
    return _serialize([start, reason], fields, body)


def serialize_request(
    method: str, target: str, fields: Iterable[tuple[str, str]], body: bytes = b""
) -> bytes:
    """Return a request head and `body`, joined.

    `method` is a token (RFC 9110 section 9.1), `target` visible ASCII (RFC 9112 section 3.2);
    whether it is a form that the method may have is not checked. Fields and body are those of
    `serialize_response`; Host is one of them. The version is always HTTP/1.1.

    Raises LocalProtocolError for a method that is not a token, for a target that is empty or holds
    white space, a control, a fragment or a character outside of ASCII, and as `serialize_response`
    does for fields.
    """
    if not TOKEN.fullmatch(method):
        raise LocalProtocolError(f"expected a method to be a token, got {excerpt(method)}")
    if not target or TARGET_STOP.search(target):
        raise LocalProtocolError(
            f"expected a target of visible ASCII without a fragment, got {excerpt(target)}"
        )
    return _serialize([f"{method} {target} HTTP/1.1", ""], fields, body)


def _serialize(text: list[str], fields: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """Return all of a message. `text` is its start line in two pieces, the second unchecked."""
    starts = _line_starts
    values = [text[1]]
    for name, value in fields:
        start = starts.get(name)
        if start is None:
            start = _start_of_line(name)
        text.append(start)
        text.append(value)
        values.append(value)
    text.append("\r\n\r\n")
    try:
        unchecked = "".join(values).encode("utf-8")
        head = "".join(text).encode("utf-8")
    except UnicodeEncodeError:
        unchecked = _encode_escaped("".join(values))
        head = _encode_escaped("".join(text))
    if _BAD in unchecked.translate(_CLASSES):
        raise _refusal(text)
    return head + body if body else head


def _encode_escaped(text: str) -> bytes:
    """Encode a text where surrogates stand for bytes that are no UTF-8."""
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
