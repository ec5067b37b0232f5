"""The boundary of a multipart body (RFC 2046 section 5.1.1): found, checked, chosen.

A boundary that is sent is made of the RFC's `bchars`. One that comes may be any visible ASCII with
spaces inside, quoted or not: clients exist that send `*****`, and what a boundary is made of takes
nothing from the certainty of where it stands. What leaves a doubt is refused: none, an empty one,
more than 70 characters, or two of them, of which another party might take the other.
"""

from __future__ import annotations

import re
from secrets import token_hex

from .errors import BadMultipart, LocalProtocolError, excerpt
from .grammar import TOKEN

LONGEST_BOUNDARY = 70

# RFC 2046 section 5.1.1: boundary := 0*69<bchars> bcharsnospace
_BCHARS = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_TAKEN = re.compile(r"(?! )[ -~]{1,70}(?<! )")

_PARAMETER = re.compile(
    rf'[ \t]*+;[ \t]*+(?:({TOKEN.pattern})=(?:"((?:[^"\\]|\\.)*+)"|([^\s";]++)))?+', re.DOTALL
)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


def parse_boundary(content_type: str) -> str:
    """Return the boundary that a Content-Type names.

    Raises BadMultipart when the type is no `multipart/…`, or names no boundary, a bad one, or more
    than one.
    """
    if content_type[:10].lower() != "multipart/":
        raise BadMultipart(f"expected a multipart media type, got {excerpt(content_type)}")
    found: list[str] = []
    end = content_type.find(";")
    while end >= 0 and (parameter := _PARAMETER.match(content_type, end)):
        name, quoted, plain = parameter.groups()
        if name is not None and name.lower() == "boundary":
            found.append(plain if quoted is None else _QUOTED_PAIR.sub(r"\1", quoted))
        end = parameter.end()
    if len(found) != 1:
        raise BadMultipart(f"expected one boundary parameter, got {excerpt(content_type)}")
    return check_received_boundary(found[0])


def check_received_boundary(boundary: str) -> str:
    """Return `boundary` when it may delimit a body that is read; raises BadMultipart if not."""
    if not _TAKEN.fullmatch(boundary):
        raise BadMultipart(
            f"expected a boundary of 1 to {LONGEST_BOUNDARY} visible ASCII characters, "
            f"got {excerpt(boundary)}"
        )
    return boundary


def check_boundary(boundary: str) -> str:
    """Return `boundary` when it may be sent (RFC 2046 section 5.1.1).

    Raises LocalProtocolError (a ValueError) if not.
    """
    if not _BCHARS.fullmatch(boundary):
        raise LocalProtocolError(
            f"expected a boundary of 1 to {LONGEST_BOUNDARY} of A-Z a-z 0-9 '()+_,-./:=? and "
            f"spaces, not at the end, got {excerpt(boundary)}"
        )
    return boundary


def choose_boundary() -> str:
    """Return a new boundary: 32 hexadecimal digits that nobody can guess and no content holds."""
    return token_hex(16)


def format_multipart_type(subtype: str, boundary: str) -> str:
    """Return the Content-Type of a body, `multipart/<subtype>; boundary=<boundary>`.

    The boundary is quoted where it is no token (RFC 2046 section 5.1.1). Raises
    LocalProtocolError for a subtype that is no token, or a boundary that can't be sent.
    """
    if not TOKEN.fullmatch(subtype):
        raise LocalProtocolError(f"expected a subtype of multipart, got {excerpt(subtype)}")
    check_boundary(boundary)
    value = boundary if TOKEN.fullmatch(boundary) else f'"{boundary}"'
    return f"multipart/{subtype}; boundary={value}"
