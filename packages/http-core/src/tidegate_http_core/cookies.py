"""Cookies: the Cookie field read leniently, Set-Cookie written strictly (RFC 6265).

Reading. Whatever some other program of the same site has set comes back in one field, so one bad
pair must never lose the others. The value is cut at every semicolon, within quotes too: a quoted
string is none of this protocol (RFC 6265 section 4.1.1), and a reader that looks for its end can
be made to swallow the cookies behind it. What has no `=` or no name is left out. Only spaces and
tabs are stripped, so that no exotic white space makes a name look like another one. A value that
stands in quotes is taken out of them, and out of the escapes that `http.cookies` and this module
write. Reading is linear; a field has no more cookies than bytes, and its size has a limit already.

Writing. What a browser would misread or drop in silence is refused when it is written: control
characters, a semicolon in an attribute, a name that is no token, and a `__Host-` or `__Secure-`
cookie without what its prefix promises (draft-ietf-httpbis-rfc6265bis section 4.1.3).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from .errors import LocalProtocolError, excerpt
from .grammar import TOKEN
from .http_date import format_http_date

_ESCAPE: Final = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))", re.DOTALL)

# RFC 6265 section 4.1.1: cookie-octet = %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E
# Text outside ASCII goes as it is, in UTF-8, which is what browsers and servers do in practice.
_PLAIN_VALUE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e\x80-\U0010ffff]*+")
_ESCAPED: Final = re.compile(r'[",;\\]')
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# RFC 6265 section 4.1.1: av-octets, any CHAR except CTLs or ";"
_ATTRIBUTE_STOP: Final = re.compile(r"[\x00-\x1f\x7f;]")
_MAX_AGE: Final = re.compile(r"-?[0-9]{1,19}")
_SAME_SITE: Final = {"strict": "Strict", "lax": "Lax", "none": "None"}


def parse_cookies(value: str) -> dict[str, str]:
    """Parse the value of a Cookie field, leniently (RFC 6265 section 5.4).

    Returns values by name; of a repeated name the last one counts. Join several fields with
    `"; "` first. Never raises.
    """
    cookies: dict[str, str] = {}
    for pair in value.split(";"):
        name, equals, text = pair.partition("=")
        name = name.strip(" \t")
        if not equals or not name:
            continue
        text = text.strip(" \t")
        if text[:1] == '"' and text[-1:] == '"' and len(text) > 1:
            text = _unquote(text[1:-1])
        cookies[name] = text
    return cookies


def _unquote(text: str) -> str:
    return _ESCAPE.sub(_unescape, text) if "\\" in text else text


def _unescape(match: re.Match[str]) -> str:
    octal: str | None = match[1]
    return str(match[2]) if octal is None else chr(int(octal, 8))


def format_set_cookie(
    name: str,
    value: str,
    *,
    max_age: int | str | None = None,
    expires: datetime | float | str | None = None,
    path: str | None = None,
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    samesite: str | None = None,
    partitioned: bool = False,
) -> str:
    """Return the value of a Set-Cookie field (RFC 6265 section 4.1).

    - `name`: a token. With the prefix `__Secure-` the cookie has to be `secure`; with `__Host-`
      it has to have `path="/"` and no `domain`, besides.
    - `value`: any text without control characters. With white space, a comma, a semicolon, a
      quote or a backslash in it, it is put into quotes and escaped; `parse_cookies` and
      `http.cookies` take it out again.
    - `max_age`: seconds to live, as a number or digits; 0 or less expires the cookie.
    - `expires`: when it expires: a datetime (UTC where it says no time zone), seconds since 1970,
      or the finished text of a date.
    - `path`, `domain`: where it is sent back to; `None` or an empty text for no such attribute.
    - `samesite`: `Strict`, `Lax` or `None`, the text, in any case.
    - `partitioned`: bound to the site that the page is of (CHIPS).

    Raises LocalProtocolError (a ValueError), naming the part, for anything that a client would
    misread; TypeError for a `max_age` or `expires` of another type.
    """
    if not TOKEN.fullmatch(name):
        raise LocalProtocolError(f"expected the name of a cookie to be a token, got {name!a}")
    _check_prefix(name, secure, path, domain)
    parts = [f"{name}={_format_value(name, value)}"]
    if expires is not None:
        parts.append(f"Expires={_attribute(name, 'expires', _format_expires(name, expires))}")
    if max_age is not None:
        parts.append(f"Max-Age={_format_max_age(name, max_age)}")
    if domain:
        parts.append(f"Domain={_attribute(name, 'domain', domain)}")
    if path:
        parts.append(f"Path={_attribute(name, 'path', path)}")
    if secure:
        parts.append("Secure")
    if httponly:
        parts.append("HttpOnly")
    if samesite is not None:
        if samesite.lower() not in _SAME_SITE:
            raise LocalProtocolError(
                f"expected samesite of cookie {name} to be 'Strict', 'Lax' or 'None', "
                f"got {samesite!a}"
            )
        parts.append(f"SameSite={_SAME_SITE[samesite.lower()]}")
    if partitioned:
        parts.append("Partitioned")
    return "; ".join(parts)


def _check_prefix(name: str, secure: bool, path: str | None, domain: str | None) -> None:
    """Refuse a cookie that browsers would drop for its prefix; they ignore the prefix's case."""
    prefix = name[:9].lower()
    is_host = prefix.startswith("__host-")
    if (is_host or prefix == "__secure-") and not secure:
        raise LocalProtocolError(f"expected secure=True for cookie {name}: its prefix says so")
    if is_host and (path != "/" or domain):
        raise LocalProtocolError(
            f"expected path='/' and no domain for cookie {name}: its prefix says so, "
            f"got path={path!a}, domain={domain!a}"
        )


def _format_value(name: str, value: str) -> str:
    if _PLAIN_VALUE.fullmatch(value):
        return value
    if _CONTROL.search(value):
        raise LocalProtocolError(
            f"expected no control character in the value of cookie {name}, got {excerpt(value)}"
        )
    return f'"{_ESCAPED.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    character: str = match[0]
    # As http.cookies has it: what would end the pair as a number, the rest behind a backslash.
    return f"\\{ord(character):03o}" if character in ",;" else f"\\{character}"


def _attribute(name: str, attribute: str, value: str) -> str:
    if _ATTRIBUTE_STOP.search(value):
        raise LocalProtocolError(
            f"expected neither ';' nor a control character in {attribute} of cookie {name}, "
            f"got {excerpt(value)}"
        )
    return value


def _format_max_age(name: str, max_age: int | str) -> str:
    if not isinstance(max_age, int | str):
        raise TypeError(
            f"expected max_age of cookie {name} to be a number of seconds, got {max_age!r}"
        )
    text = str(int(max_age)) if isinstance(max_age, int) else max_age
    if not _MAX_AGE.fullmatch(text):
        raise LocalProtocolError(
            f"expected max_age of cookie {name} to be whole seconds, got {excerpt(text)}"
        )
    return text


def _format_expires(name: str, expires: datetime | float | str) -> str:
    if isinstance(expires, str):
        return expires
    if isinstance(expires, datetime):
        if expires.tzinfo is None:
            expires = expires.replace(tzinfo=UTC)
        expires = expires.timestamp()
    if not isinstance(expires, int | float):
        raise TypeError(
            f"expected expires of cookie {name} to be a datetime, a number or a str, "
            f"got {expires!r}"
        )
    try:
        return format_http_date(int(expires))
    except (OverflowError, ValueError, OSError) as error:
        raise LocalProtocolError(
            f"expected expires of cookie {name} to be a date of the years 0 to 9999, "
            f"got {expires!r}"
        ) from error
