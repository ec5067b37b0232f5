"""The fields of a form to a body: urlencoded, or multipart once there is a file.

For programs that send forms, tests first of all. What it makes is what ``request.post()`` reads:
fields in their order, names and file names as browsers write them (RFC 7578 section 4.2).
"""

import io
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tidegate_http_core import hdrs

from .multipart_writer import MultipartWriter
from .payload import Payload, get_payload
from .payload_memory import BytesPayload


class _Field(NamedTuple):
    name: str
    value: Any
    filename: str | None
    headers: dict[str, str]


class FormData:
    """The fields of a form; call it for the body."""

    def __init__(
        self,
        fields: Iterable[Any] = (),
        quote_fields: bool = True,
        charset: str | None = None,
        *,
        default_to_multipart: bool = False,
    ) -> None:
        """Begin with *fields*.

        :param fields: a mapping, or pairs of name and value, or files; see :meth:`add_fields`.
        :param quote_fields: accepted for aiohttp's sake: names are always written as browsers do.
        :param charset: of the values; UTF-8 when None.
        :param default_to_multipart: make a multipart body even without a file.
        """
        del quote_fields
        self._fields: list[_Field] = []
        self._charset = charset
        self._is_multipart = default_to_multipart
        if isinstance(fields, Mapping):
            self.add_fields(*fields.items())
        else:
            self.add_fields(*fields)

    @property
    def is_multipart(self) -> bool:
        """Whether the body will be ``multipart/form-data``."""
        return self._is_multipart

    def add_field(
        self,
        name: str,
        value: Any,
        *,
        content_type: str | None = None,
        filename: str | None = None,
        content_transfer_encoding: str | None = None,
    ) -> None:
        """Append a field.

        :param value: text, or for a multipart body anything there is a payload for.
        :param content_type: the media type of the value.
        :param filename: makes the field a file. Open files and bytes are files in any case, by
            default of their own name or that of the field.
        :param content_transfer_encoding: refused: RFC 7578 section 4.7 deprecates it.
        :raises ValueError: for a *content_transfer_encoding*.
        """
        if content_transfer_encoding is not None:
            raise ValueError(
                "a part of multipart/form-data has no Content-Transfer-Encoding "
                "(RFC 7578 section 4.7); send the bytes as they are"
            )
        if isinstance(value, io.IOBase):
            own_name = getattr(value, "name", None)
            if filename is None:
                filename = own_name.rpartition("/")[2] if isinstance(own_name, str) else name
        elif isinstance(value, bytes | bytearray | memoryview):
            filename = filename or name
        if filename is not None or content_type is not None:
            self._is_multipart = True
        headers: dict[str, str] = {}
        if content_type is not None:
            headers[hdrs.CONTENT_TYPE] = content_type
        self._fields.append(_Field(name, value, filename, headers))

    def add_fields(self, *fields: Any) -> None:
        """Append several fields: pairs of name and value, mappings, or open files.

        :raises TypeError: for anything else.
        """
        for field in fields:
            if isinstance(field, io.IOBase):
                self.add_field(getattr(field, "name", None) or "unknown", field)
            elif isinstance(field, Mapping):
                self.add_fields(*field.items())
            elif isinstance(field, list | tuple) and len(field) == 2:
                self.add_field(field[0], field[1])
            else:
                raise TypeError(
                    "a field is a pair of name and value, a mapping or an open file, "
                    f"got {type(field).__name__}"
                )

    def __call__(self) -> Payload:
        """Make the body.

        :raises TypeError: when there is no payload for a value, or a value of an urlencoded form
            is no text.
        """
        return self._multipart() if self._is_multipart else self._urlencoded()

    def _urlencoded(self) -> Payload:
        charset = self._charset or "utf-8"
        for field in self._fields:
            if not isinstance(field.value, str):
                raise TypeError(
                    f"the value of an urlencoded field is a str, got {type(field.value).__name__}"
                )
        content_type = "application/x-www-form-urlencoded"
        if charset != "utf-8":
            content_type += f"; charset={charset}"
        pairs = [(field.name, field.value) for field in self._fields]
        body = urlencode(pairs, encoding=charset).encode()
        return BytesPayload(body, content_type=content_type)

    def _multipart(self) -> Payload:
        writer = MultipartWriter("form-data")
        for field in self._fields:
            arguments: dict[str, Any] = {"headers": field.headers}
            if isinstance(field.value, str):
                arguments["encoding"] = self._charset
                arguments["content_type"] = field.headers.get(hdrs.CONTENT_TYPE)
            payload = get_payload(field.value, **arguments)
            parameters: dict[str, Any] = {"name": field.name}
            if field.filename is not None:
                parameters["filename"] = field.filename
            payload.set_content_disposition("form-data", **parameters)
            payload.headers.pop(hdrs.CONTENT_LENGTH, None)
            writer.append_payload(payload)
        return writer
