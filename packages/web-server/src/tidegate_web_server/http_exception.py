"""What all answers that are raised have in common: a response that is an exception.

:mod:`.exceptions` has one class a status code, and the tree of them. An answer is made of its
arguments alone, so it can be pickled, and what would break out of its header fields is refused
when it is made rather than when it is sent.
"""

import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from tidegate_http_core import hdrs
from yarl import URL

from .response import Response

# RFC 9110 section 5.5: no control character in the value of a field.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

# What an answer has on its way out, and what is parsed again when it is asked for.
_OF_A_REQUEST: Final = frozenset(
    ("_compressing", "_executor", "_parsed_content_type", "_payload_writer", "_req")
)


def checked_url(what: str, value: str | URL) -> str:
    """Return a URL as a header field carries it: percent-encoded, in ASCII.

    :param what: names the argument in the error.
    :raises ValueError: when it has control characters, line breaks first of all.
    :raises TypeError: when it is neither a str nor a URL.
    """
    if isinstance(value, URL):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"{what} is a str or a URL, got {type(value).__name__}")
    if _CONTROL.search(value):
        raise ValueError(f"{what} has no control characters, got {value!r}")
    return str(URL(value))


class HTTPException(Response, Exception):
    """The base of all answers that are raised; raise one that has a status code."""

    status_code: ClassVar[int] = -1
    empty_body: ClassVar[bool] = False

    def __init__(
        self,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        reason: str | None = None,
        body: Any = None,
        text: str | None = None,
        content_type: str | None = None,
    ) -> None:
        """Describe the answer.

        :param headers: header fields to send besides the default ones.
        :param reason: the reason phrase; the standard one when None.
        :param body: deprecated; use *text*.
        :param text: the body; ``"<status>: <reason>"`` when None.
        :param content_type: the media type of the body.
        :raises ValueError: when *reason* has a line break.
        """
        if body is not None:
            warnings.warn(
                "body argument is deprecated for http web exceptions, use text",
                DeprecationWarning,
                # Those that need more than the keywords have a constructor in between.
                stacklevel=2 if type(self).__init__ is HTTPException.__init__ else 3,
            )
        Response.__init__(
            self,
            status=self.status_code,
            headers=headers,
            reason=reason,
            body=body,
            text=text,
            content_type=content_type,
        )
        Exception.__init__(self, self.reason)
        if self.body is None and not self.empty_body:
            self.text = f"{self.status}: {self.reason}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what describes the answer, and nothing of a request it was sent to."""
        state = {name: value for name, value in vars(self).items() if name not in _OF_A_REQUEST}
        return _restored, (type(self), self.args, state)

    def __repr__(self) -> str:
        """Show the class, the status and the reason."""
        return f"<{type(self).__name__} {self.status} {self.reason}>"


def _restored(
    cls: type[HTTPException], args: tuple[Any, ...], state: dict[str, Any]
) -> HTTPException:
    answer = cls.__new__(cls, *args)
    answer.__dict__.update(state)
    return answer


class HTTPError(HTTPException):
    """The base of 4xx and 5xx."""


class HTTPRedirection(HTTPException):
    """The base of 3xx."""


class HTTPSuccessful(HTTPException):
    """The base of 2xx."""


class HTTPClientError(HTTPError):
    """The base of 4xx."""


class HTTPServerError(HTTPError):
    """The base of 5xx."""


class HTTPMove(HTTPRedirection):
    """The base of redirects that say where to."""

    def __init__(
        self,
        location: str | URL,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        reason: str | None = None,
        body: Any = None,
        text: str | None = None,
        content_type: str | None = None,
    ) -> None:
        """Describe the redirect.

        :param location: where to: an absolute or relative URL, for instance from ``url_for()``.
        :raises ValueError: when *location* is empty or has control characters.
        :raises TypeError: when it is neither a str nor a URL.
        """
        field = checked_url("location", location)
        if not field:
            raise ValueError("HTTP redirects need a location to redirect to.")
        super().__init__(
            headers=headers, reason=reason, body=body, text=text, content_type=content_type
        )
        self._location = location
        self.headers[hdrs.LOCATION] = field

    @property
    def location(self) -> str | URL:
        """Where the redirect leads, as it was given."""
        return self._location
