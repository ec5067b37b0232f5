"""The request line: method, target and version (RFC 9112 section 3).

    method      target                                    form                  section
    CONNECT     uri-host ":" port                         authority-form        3.2.3
    OPTIONS     "*"                                       asterisk-form         3.2.4
    any other,  "/" ...                                   origin-form           3.2.1
    OPTIONS     ("http" / "https") "://" authority ...    absolute-form         3.2.2

Whatever is not in this table is refused. The parts are separated by exactly one space: RFC 9112
section 3 would let a recipient be lenient here, and warns what that costs.
"""

from __future__ import annotations

from .errors import BadRequestLine, UnsupportedVersion, excerpt
from .grammar import ABSOLUTE, AUTHORITY, HOST, HTTP_VERSION, TARGET_STOP, TOKEN


def check_request_line(line: str, method_limit: int) -> tuple[str, str, bool]:
    """Return (method, target, whether the version is HTTP/1.1) of a line without its CRLF.

    Raises BadRequestLine, or UnsupportedVersion for another well-formed version.
    """
    parts = line.split(" ")
    if len(parts) != 3:
        raise BadRequestLine(
            f"expected 'method target version' with one space between, got {excerpt(line)}"
        )
    method, target, version = parts
    if not TOKEN.fullmatch(method):
        raise BadRequestLine(f"expected a method (a token), got {excerpt(method)}")
    if len(method) > method_limit:
        raise BadRequestLine(
            f"expected a method of at most {method_limit} bytes, got {excerpt(method)}"
        )
    http11 = version == "HTTP/1.1"
    if not http11 and version != "HTTP/1.0":
        if HTTP_VERSION.fullmatch(version):
            raise UnsupportedVersion(f"expected HTTP/1.1 or HTTP/1.0, got {excerpt(version)}")
        raise BadRequestLine(f"expected HTTP/1.1 or HTTP/1.0, got {excerpt(version)}")
    if TARGET_STOP.search(target):
        raise BadRequestLine(
            f"expected a target of visible ASCII without a fragment, got {excerpt(target)}"
        )
    _check_target(method, target)
    return method, target, http11


def _check_target(method: str, target: str) -> None:
    if method == "CONNECT":
        if not AUTHORITY.fullmatch(target):
            raise BadRequestLine(f"expected host:port after CONNECT, got {excerpt(target)}")
        return
    if target[:1] == "/" or (target == "*" and method == "OPTIONS"):
        return
    absolute = ABSOLUTE.fullmatch(target)
    if absolute is None:
        raise BadRequestLine(
            "expected a target that begins with '/' or is an http or https URI, "
            f"got {excerpt(target)}"
        )
    if not HOST.fullmatch(absolute[1]):
        raise BadRequestLine(
            f"expected host or host:port as the target's authority, got {excerpt(absolute[1])}"
        )
