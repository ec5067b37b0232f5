"""What a response says before its body: status, header fields and cookies, as they are described.

Everything here can be changed until the head is sent, and refuses to be changed after that
(:attr:`ResponseHead.head_sent`). The header fields themselves are a plain multidict: properties
such as :attr:`~ResponseHead.etag` read and write it, so whichever way a field is set is the same.
"""

import datetime
import math
import warnings
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from http.cookies import SimpleCookie

from multidict import CIMultiDict
from tidegate_http_core import (
    ETAG_ANY,
    ETag,
    format_http_date,
    format_parameters,
    hdrs,
    is_etag_value,
    parse_entity_tag,
    parse_http_date,
    reason_phrase,
)

from .header_fields import HeaderFields
from .response_cookies import ResponseCookies


class ResponseHead(HeaderFields):
    """Status, header fields and cookies of a response."""

    _cookies: ResponseCookies | None = None
    _chunked = False
    # Whether prepare() has more to do than to send what is in the headers.
    _extended = False

    def __init__(
        self,
        *,
        status: int = 200,
        reason: str | None = None,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    ) -> None:
        """Describe a response.

        :param status: the status code.
        :param reason: the reason phrase; the standard one of the status when None.
        :param headers: header fields to send, besides those that the framework adds.
        :raises ValueError: when *reason* has a line break.
        """
        self._headers: CIMultiDict[str] = (
            CIMultiDict() if headers is None else CIMultiDict(headers)
        )
        if reason is None:
            self._status = int(status)
            self._reason = reason_phrase(self._status)
        else:
            self._set_status(status, reason)

    @property
    @abstractmethod
    def head_sent(self) -> bool:
        """Whether it is too late to change the head."""

    def _refuse_when_sent(self, what: str) -> None:
        if self.head_sent:
            raise RuntimeError(f"Cannot {what} after the headers have been sent")

    @property
    def status(self) -> int:
        """The status code."""
        return self._status

    @property
    def reason(self) -> str:
        """The reason phrase."""
        return self._reason

    def set_status(self, status: int, reason: str | None = None) -> None:
        """Change the status and the reason phrase (the standard one when None).

        :raises RuntimeError: when the head has been sent.
        :raises ValueError: when *reason* has a line break.
        """
        self._refuse_when_sent("change the status code")
        self._set_status(status, reason)

    def _set_status(self, status: int, reason: str | None) -> None:
        self._status = int(status)
        if reason is None:
            reason = reason_phrase(self._status)
        elif "\r" in reason or "\n" in reason:
            raise ValueError(f"a reason phrase has no line breaks, got {reason!r}")
        self._reason = reason

    @property
    def headers(self) -> CIMultiDict[str]:
        """The header fields to send; changes have no effect once they have been sent."""
        return self._headers

    # --- the body, as it is described ---

    @property
    def chunked(self) -> bool:
        """Whether the body is sent with the chunked transfer coding."""
        return self._chunked

    def enable_chunked_encoding(self, chunk_size: int | None = None) -> None:
        """Send the body with the chunked transfer coding (HTTP/1.1 only).

        :param chunk_size: deprecated, and without effect.
        :raises RuntimeError: when a Content-Length is set: a body has one framing; or when the
            head has been sent.
        """
        self._refuse_when_sent("enable chunked encoding")
        if chunk_size is not None:
            warnings.warn(
                "chunk_size is deprecated: each write() is a chunk; leave it out",
                DeprecationWarning,
                stacklevel=2,
            )
        if hdrs.CONTENT_LENGTH in self._headers:
            raise RuntimeError(
                "You can't enable chunked encoding when a content length is set; "
                "set content_length to None first"
            )
        self._chunked = True

    @property
    def content_length(self) -> int | None:
        """The Content-Length in bytes, None when there is none."""
        value = self._headers.get(hdrs.CONTENT_LENGTH)
        return None if value is None else int(value)

    @content_length.setter
    def content_length(self, value: int | None) -> None:
        self._refuse_when_sent("change the content length")
        if value is None:
            self._headers.pop(hdrs.CONTENT_LENGTH, None)
            return
        if self._chunked:
            raise RuntimeError("You can't set a content length when chunked encoding is enabled")
        if value < 0:
            raise ValueError(f"a content length is 0 or more, got {value}")
        self._headers[hdrs.CONTENT_LENGTH] = str(int(value))

    @property
    def content_type(self) -> str:
        """The media type of the body without parameters."""
        return super().content_type

    @content_type.setter
    def content_type(self, value: str) -> None:
        self._refuse_when_sent("change the content type")
        self._set_content_type(value, self.charset)

    @property
    def charset(self) -> str | None:
        """The charset parameter of the Content-Type; lower-cased when set here."""
        return super().charset

    @charset.setter
    def charset(self, value: str | None) -> None:
        self._refuse_when_sent("change the charset")
        if hdrs.CONTENT_TYPE not in self._headers:
            raise RuntimeError("set the content type first: a charset is a parameter of it")
        self._set_content_type(self.content_type, None if value is None else value.lower())

    def _set_content_type(self, content_type: str, charset: str | None) -> None:
        parsed = self._media_type()
        parameters = {} if parsed is None else dict(parsed.parameters)
        parameters.pop("charset", None)
        if charset is not None:
            parameters["charset"] = charset
        self._headers[hdrs.CONTENT_TYPE] = content_type + format_parameters(parameters)

    # --- validators ---

    @property
    def last_modified(self) -> datetime.datetime | None:
        """When the body was last modified, in UTC; None when not told, or in no date's form.

        Set it to a datetime (a naive one is in UTC), to seconds since 1970, to the text of the
        field, or to None for no Last-Modified. Parts of a second are rounded up.
        """
        value = self._headers.get(hdrs.LAST_MODIFIED)
        seconds = None if value is None else parse_http_date(value)
        return None if seconds is None else datetime.datetime.fromtimestamp(seconds, datetime.UTC)

    @last_modified.setter
    def last_modified(self, value: datetime.datetime | float | str | None) -> None:
        self._refuse_when_sent("change Last-Modified")
        if value is None:
            self._headers.popall(hdrs.LAST_MODIFIED, None)
            return
        if isinstance(value, datetime.datetime):
            aware = value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value
            value = aware.timestamp()
        if isinstance(value, int | float):
            value = format_http_date(math.ceil(value))
        if not isinstance(value, str):
            raise TypeError(
                "last_modified is a datetime, seconds since 1970, a str or None, "
                f"got {type(value).__name__}"
            )
        self._headers[hdrs.LAST_MODIFIED] = value

    @property
    def etag(self) -> ETag | None:
        """The entity tag of the body (RFC 9110 section 8.8.3), None when there is no valid one.

        Set it to an :class:`ETag`, to the opaque part of a strong one without its quotes, or to
        None for no ETag.
        """
        value = self._headers.get(hdrs.ETAG)
        return None if value is None else parse_entity_tag(value)

    @etag.setter
    def etag(self, value: ETag | str | None) -> None:
        self._refuse_when_sent("change the ETag")
        if value is None:
            self._headers.popall(hdrs.ETAG, None)
            return
        if isinstance(value, str):
            value = ETag(value)
        if not isinstance(value, ETag):
            raise ValueError(f"etag is a str, an ETag or None, got {type(value).__name__}")
        if value.value == ETAG_ANY or not is_etag_value(value.value):
            raise ValueError(
                "an entity tag is no '*' and has no quotes, spaces or controls, "
                f"got {value.value!r}; give it without its quotes, and a weak one as "
                "ETag(value, is_weak=True)"
            )
        self._headers[hdrs.ETAG] = str(value)

    # --- cookies ---

    @property
    def cookies(self) -> SimpleCookie:
        """The cookies to set; sent besides Set-Cookie fields among the headers."""
        return self._own_cookies()

    def set_cookie(
        self,
        name: str,
        value: str,
        *,
        expires: str | None = None,
        domain: str | None = None,
        max_age: int | str | None = None,
        path: str = "/",
        secure: bool | None = None,
        httponly: bool | None = None,
        version: str | None = None,
        samesite: str | None = None,
        partitioned: bool | None = None,
    ) -> None:
        """Set a cookie (RFC 6265); what is None is left as an earlier call for *name* set it.

        :param name: a token.
        :param value: converted to str; without control characters, quoted where it needs it.
        :param expires: when the client forgets it, an HTTP date; *max_age* goes before it.
        :param domain: to which hosts it is sent besides this one.
        :param max_age: seconds until the client forgets it; 0 at once.
        :param path: beneath which path it is sent.
        :param secure: only over TLS.
        :param httponly: not for scripts.
        :param version: an attribute of the obsolete RFC 2109.
        :param samesite: ``"Strict"``, ``"Lax"`` or ``"None"``; the last needs *secure*.
        :param partitioned: keep it apart for each top-level site (CHIPS); needs *secure*.
        :raises http.cookies.CookieError: when *name* is no token.
        :raises ValueError: when the value or an attribute can't be sent as it is.
        :raises RuntimeError: when the head has been sent.
        """
        self._refuse_when_sent("set a cookie")
        self._own_cookies().put(
            name,
            value,
            expires=expires,
            domain=domain,
            max_age=max_age,
            path=path,
            secure=secure,
            httponly=httponly,
            version=version,
            samesite=samesite,
            partitioned=partitioned,
        )

    def del_cookie(
        self,
        name: str,
        *,
        domain: str | None = None,
        path: str = "/",
        secure: bool | None = None,
        httponly: bool | None = None,
        samesite: str | None = None,
    ) -> None:
        """Tell the client to forget a cookie.

        *domain* and *path* have to be those that it was set with, or it is another cookie.

        :raises RuntimeError: when the head has been sent.
        """
        self._refuse_when_sent("delete a cookie")
        self._own_cookies().expire(
            name, domain=domain, path=path, secure=secure, httponly=httponly, samesite=samesite
        )

    def _own_cookies(self) -> ResponseCookies:
        if self._cookies is None:
            self._cookies = ResponseCookies()
            self._extended = True
        return self._cookies
