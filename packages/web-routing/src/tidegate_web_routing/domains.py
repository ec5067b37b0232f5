"""Rules for the host of a request: a domain, or a mask of domains.

A rule is asked with the value of a ``Host`` field (RFC 9110 section 7.2), ``"example.com"`` or
``"example.com:8080"``, in any case. A rule without a port has every port. In a mask ``*`` stands
for any row of characters, dots included, so ``*.example.com`` has all names under
``example.com``, at any depth, but not ``example.com`` itself.

A rule is compared as it is written, piece by piece, never as a regular expression: the host is
the client's, and what a comparison costs grows with its length and no faster.
"""

import re
from abc import ABC, abstractmethod
from typing import Any, Final

from yarl import URL

# RFC 1123 section 2.1, and RFC 1034 section 3.1 for the lengths.
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_MASKED_LABEL: Final = re.compile(r"[a-z0-9*-]{1,63}")
_MAX_LENGTH: Final = 253
_MAX_PORT: Final = 65535


class AbstractRuleMatching(ABC):
    """Tells whether a request is for an application; to write a rule of your own, derive."""

    @property
    @abstractmethod
    def canonical(self) -> str:
        """The rule as text."""

    @abstractmethod
    async def match(self, request: Any) -> bool:
        """Tell whether *request* is for the application."""

    @abstractmethod
    def get_info(self) -> dict[str, Any]:
        """Describe the rule, for people and for tools."""


class Domain(AbstractRuleMatching):
    """One domain.

    :param domain: ``"example.com"`` for each of its ports, or ``"example.com:8080"`` for one; a
        name that is not ASCII is taken in its IDNA form. Port 80, which goes without saying in
        ``http://``, counts as none.
    :raises TypeError: *domain* is not a str.
    :raises ValueError: *domain* is empty, has something besides a name and a port, or is no name
        of a host (RFC 1123 section 2.1).
    """

    _label_pattern = _LABEL

    def __init__(self, domain: str) -> None:
        if not isinstance(domain, str):
            raise TypeError(
                f"a domain must be a str, got {domain!r} of type {type(domain).__name__}"
            )
        self._name, self._port = self._parse(domain)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._domain}>"

    def _parse(self, domain: str) -> tuple[str, str]:
        if not domain:
            raise ValueError("a domain must not be empty")
        name, colon, port = domain.partition(":")
        if "://" in domain:
            raise _bad_domain(domain, "a scheme is not part of a domain")
        if colon and not (port.isascii() and port.isdigit() and int(port) <= _MAX_PORT):
            raise _bad_domain(domain, f"{port!r} is not a port, 0 to {_MAX_PORT}")
        labels = [_ascii_label(domain, label) for label in name.removesuffix(".").split(".")]
        for label in labels:
            if self._label_pattern.fullmatch(label) is None:
                raise _bad_domain(domain, f"{label!r} is not a label of a host name")
        name = ".".join(labels)
        if len(name) > _MAX_LENGTH:
            raise _bad_domain(domain, f"a name has at most {_MAX_LENGTH} characters")
        port = str(int(port)) if colon else ""
        return name, "" if port == "80" else port

    @property
    def _domain(self) -> str:
        return f"{self._name}:{self._port}" if self._port else self._name

    @property
    def canonical(self) -> str:
        """The domain, in lower case and in its IDNA form."""
        return self._domain

    def match_domain(self, host: str) -> bool:
        """Tell whether the value of a ``Host`` field is this domain."""
        name, _, port = host.partition(":")
        return (not self._port or port == self._port) and self._match_name(name.lower())

    def _match_name(self, name: str) -> bool:
        return name == self._name

    async def match(self, request: Any) -> bool:
        """Tell whether ``request.host`` is this domain."""
        host = request.host
        return bool(host) and self.match_domain(host)

    def get_info(self) -> dict[str, Any]:
        """The domain: ``{"domain": …}``."""
        return {"domain": self._domain}


class MaskDomain(Domain):
    """A mask of domains.

    :param domain: a domain as for :class:`Domain`, with ``*`` for any row of characters, as in
        ``"*.example.com"``.
    :raises TypeError: as for :class:`Domain`.
    :raises ValueError: as for :class:`Domain`.
    """

    _label_pattern = _MASKED_LABEL

    def __init__(self, domain: str) -> None:
        super().__init__(domain)
        self._first, *others = re.split(r"\*+", self._name)
        self._between, self._last = others[:-1], others[-1] if others else None

    def _match_name(self, name: str) -> bool:
        if self._last is None:
            return name == self._name
        at = len(self._first)
        end = len(name) - len(self._last)
        if at > end or not name.startswith(self._first) or not name.endswith(self._last):
            return False
        # Each text at the first place where it can be leaves the most room for the next one.
        for text in self._between:
            at = name.find(text, at, end)
            if at < 0:
                return False
            at += len(text)
        return True


def _ascii_label(domain: str, label: str) -> str:
    if label.isascii():
        return label.lower()
    try:
        # yarl knows IDNA, and a request's host has gone through it too.
        return URL.build(scheme="http", host=label).raw_host or ""
    except ValueError as exc:
        raise _bad_domain(domain, f"{label!r} has no IDNA form, {exc}") from exc


def _bad_domain(domain: str, problem: str) -> ValueError:
    return ValueError(
        f"invalid domain {domain!r}: {problem}; a domain is 'example.com' or 'example.com:8080'"
    )
