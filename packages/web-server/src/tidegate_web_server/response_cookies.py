"""The cookies that a response sets: RFC 6265 section 4.1, with SameSite and Partitioned.

They are kept in a :class:`http.cookies.SimpleCookie`, which users may change too, and become one
Set-Cookie field each when the response is prepared. What would not come out as it went in is
refused, at the latest then: :func:`tidegate_http_core.format_set_cookie` has the rules.
"""

import re
from http.cookies import Morsel, SimpleCookie
from typing import Final

from tidegate_http_core import format_set_cookie

_EPOCH: Final = "Thu, 01 Jan 1970 00:00:00 GMT"
# RFC 2109's version is a number.
_VERSION: Final = re.compile(r"[0-9]{1,9}")


class ResponseCookies(SimpleCookie):
    """Cookies to set, by name."""

    def __init__(self) -> None:
        """Begin without a cookie."""
        super().__init__()
        # Morsels know this attribute since Python 3.14.
        self._partitioned: set[str] = set()

    def put(
        self,
        name: str,
        value: str,
        *,
        expires: str | None = None,
        domain: str | None = None,
        max_age: int | str | None = None,
        path: str | None = "/",
        secure: bool | None = None,
        httponly: bool | None = None,
        version: str | None = None,
        samesite: str | None = None,
        partitioned: bool | None = None,
    ) -> None:
        """Set a cookie; the parameters are those of :meth:`StreamResponse.set_cookie`."""
        old: Morsel[str] | None = self.get(name)
        if old is not None and not old.value:
            # It was to be deleted: nothing of that is left over.
            del self[name]
        self[name] = value
        morsel: Morsel[str] = self[name]
        morsel["expires"] = expires or ""
        morsel["max-age"] = "" if max_age is None else str(max_age)
        chosen = {
            "domain": domain,
            "path": path,
            "secure": secure,
            "httponly": httponly,
            "version": version,
            "samesite": samesite,
        }
        for attribute, given in chosen.items():
            if given is not None:
                morsel[attribute] = given
        if partitioned is not None:
            (self._partitioned.add if partitioned else self._partitioned.discard)(name)
        try:
            _line(morsel, name in self._partitioned)
        except ValueError:
            del self[name]
            raise

    def expire(
        self,
        name: str,
        *,
        domain: str | None = None,
        path: str = "/",
        secure: bool | None = None,
        httponly: bool | None = None,
        samesite: str | None = None,
    ) -> None:
        """Tell the client to delete a cookie (RFC 6265 section 3.1: an expiry in the past)."""
        self.pop(name, None)
        self._partitioned.discard(name)
        self.put(
            name,
            "",
            max_age=0,
            expires=_EPOCH,
            domain=domain,
            path=path,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
        )

    def lines(self) -> list[str]:
        """Return the values of the Set-Cookie fields.

        :raises ValueError: when a cookie can't be sent as it is.
        """
        return [_line(morsel, name in self._partitioned) for name, morsel in self.items()]


def _line(morsel: Morsel[str], partitioned: bool) -> str:
    """Format one cookie, and refuse what would not come out as it went in."""
    line = format_set_cookie(
        morsel.key,
        morsel.value,
        max_age=morsel["max-age"] or None,
        expires=morsel["expires"] or None,
        path=morsel["path"] or None,
        domain=morsel["domain"] or None,
        secure=bool(morsel["secure"]),
        httponly=bool(morsel["httponly"]),
        samesite=morsel["samesite"] or None,
        partitioned=partitioned or bool(morsel.get("partitioned")),
    )
    version = str(morsel["version"])
    if version and not _VERSION.fullmatch(version):
        raise ValueError(f"version of the cookie {morsel.key!r} is a number, got {version!r}")
    return f"{line}; Version={version}" if version else line
