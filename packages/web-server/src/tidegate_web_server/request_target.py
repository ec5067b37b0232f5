"""What a request is for and where it came from: its method, its URL, and the two peers.

Only the connection and the request itself are believed, and the proxies that the server was told
to trust (:mod:`.trusted_proxies`). What others say of the client stands in ``forwarded`` and in
headers, which anybody can send; ``clone(scheme=…, host=…, remote=…)`` puts in force whatever a
middleware finds out.
"""

from functools import cached_property
from typing import cast

from multidict import CIMultiDict, CIMultiDictProxy, MultiMapping
from tidegate_http_core import HttpVersion, RequestHead, hdrs
from tidegate_web_routing import requote
from yarl import URL

from .abc import AbstractConnection
from .exceptions import HTTPBadRequest
from .request_fields import RequestFields


class RequestTarget(RequestFields):
    """Reads the request line and what belongs to it."""

    _message: RequestHead
    _protocol: AbstractConnection
    # What was put in force by clone(), or whoever made the request.
    _scheme: str | None = None
    _host: str | None = None
    _remote: str | None = None
    # What trusted proxies say, once it was asked for.
    _origin: tuple[str | None, str | None, str | None] | None = None

    @property
    def head(self) -> RequestHead:
        """What was parsed: request line, fields and what they say about the message."""
        return self._message

    @property
    def method(self) -> str:
        """The method as sent; methods are case-sensitive (RFC 9110 section 9.1)."""
        return self._message.method

    @property
    def version(self) -> HttpVersion:
        """The HTTP version of the request."""
        return self._message.version

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The header fields, case-insensitive, in their order."""
        fields = self._message.fields
        if fields.view is None:
            fields.view = CIMultiDictProxy(CIMultiDict(fields.pairs))
        return cast("CIMultiDictProxy[str]", fields.view)

    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The header fields as bytes, as they were sent."""
        return self._message.fields.raw_pairs()

    @property
    def raw_path(self) -> str:
        """The request target as sent, with its query, not decoded."""
        return self._message.target

    @cached_property
    def rel_url(self) -> URL:
        """Path and query of the target, without scheme and host; quoted as it was sent."""
        target = self._message.target
        if target.startswith("/") or target == "*":
            path, _, query = target.partition("?")
            return URL.build(path=path, query_string=query, encoded=True)
        absolute = URL(target, encoded=True)
        return URL.build(
            path=absolute.raw_path or "/", query_string=absolute.raw_query_string, encoded=True
        )

    @property
    def match_path(self) -> str:
        """The path as routers match it: without query, percent-encoding normalised."""
        target = self._message.target
        path = target.partition("?")[0] if target.startswith("/") else self.rel_url.raw_path
        return requote(path) if "%" in path else path

    @cached_property
    def url(self) -> URL:
        """The absolute URL: scheme and host of the request, path and query of the target.

        The host is in lower case, whichever case it was sent in (RFC 3986 section 6.2.2.1).

        :raises HTTPBadRequest: when the host is no name that a URL can have. What HTTP allows
            there is more than what the names of hosts can be.
        """
        host = self.host
        try:
            url = URL.build(scheme=self.scheme, authority=host.lower(), encoded=True).join(
                self.rel_url
            )
            if "xn--" in host.lower():
                # An internationalised name is decoded when it is looked at; it may be none.
                _ = url.host
        except ValueError as exc:
            raise HTTPBadRequest(text=f"the host is no valid name: {host[:255]!a}") from exc
        return url

    @property
    def path(self) -> str:
        """The decoded path, ``/my file`` for ``/my%20file``."""
        return self.rel_url.path

    @property
    def path_qs(self) -> str:
        """Path and query as sent."""
        return str(self.rel_url)

    @property
    def query(self) -> MultiMapping[str]:
        """The decoded parameters of the query string."""
        return self.rel_url.query

    @property
    def query_string(self) -> str:
        """The decoded query string."""
        return self.rel_url.query_string

    def _said(self, part: int) -> str | None:
        """Return what a trusted proxy says: the client's address, the scheme, or the host."""
        trusted = self._protocol.trusted_proxies
        if trusted is None:
            return None
        if self._origin is None:
            self._origin = trusted.origin(self._protocol, self.headers)
        return self._origin[part]

    @property
    def host(self) -> str:
        """Host and port that the client addressed.

        What :meth:`clone` has put in force; else what a trusted proxy says; else the authority of
        an absolute-form target (RFC 9112 section 3.2.2), else the Host field, else, for HTTP/1.0
        without one, the local address of the connection, else nothing.
        """
        if self._host is not None:
            return self._host
        if (said := self._said(2)) is not None:
            return said
        target = self._message.target
        if not target.startswith("/") and target != "*":
            return URL(target, encoded=True).raw_authority
        host = self.headers.get(hdrs.HOST)
        if host is not None:
            return host
        sockname = self._protocol.sockname
        if not isinstance(sockname, tuple):
            return ""
        address, port = sockname[:2]
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    @property
    def scheme(self) -> str:
        """What the client used.

        What :meth:`clone` has put in force; else what a trusted proxy says; else ``https`` on a
        TLS connection, or ``http``.
        """
        if self._scheme is not None:
            return self._scheme
        if (said := self._said(1)) is not None:
            return said
        return "https" if self._protocol.ssl_context is not None else "http"

    @property
    def secure(self) -> bool:
        """Whether :attr:`scheme` is ``https``."""
        return self.scheme == "https"

    @property
    def remote(self) -> str | None:
        """The client's address.

        What :meth:`clone` has put in force; else what a trusted proxy says; else the peer's. None
        where the connection has none, as with a Unix socket.
        """
        if self._remote is not None:
            return self._remote
        if (said := self._said(0)) is not None:
            return said
        peername = self._protocol.peername
        if isinstance(peername, tuple):
            return str(peername[0])
        return None if peername is None else str(peername)
