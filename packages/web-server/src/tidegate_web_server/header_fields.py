"""Content-Type and its parts, shared by requests and responses.

Whoever mixes this in has ``headers``; the value is parsed again only when it has changed.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from tidegate_http_core import MediaType, hdrs, parse_media_type


class HeaderFields(ABC):
    """Reads what message bodies are described by (RFC 9110 section 8)."""

    _parsed_content_type: tuple[str | None, MediaType | None] = (None, None)

    @property
    @abstractmethod
    def headers(self) -> Mapping[str, str]:
        """The header fields, case-insensitive."""

    def _media_type(self) -> MediaType | None:
        value = self.headers.get(hdrs.CONTENT_TYPE)
        if value is None:
            return None
        known, parsed = self._parsed_content_type
        if known != value:
            parsed = parse_media_type(value)
            self._parsed_content_type = (value, parsed)
        return parsed

    @property
    def content_type(self) -> str:
        """The media type without parameters, lower-case.

        ``application/octet-stream`` when there is no Content-Type or no valid one (RFC 9110
        section 8.3).
        """
        parsed = self._media_type()
        return "application/octet-stream" if parsed is None else parsed.essence

    @property
    def charset(self) -> str | None:
        """The charset parameter of the Content-Type, lower-cased; None without one."""
        parsed = self._media_type()
        return None if parsed is None else parsed.charset
