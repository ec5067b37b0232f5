"""A multipart body made of payloads.

Each part is a payload with its header fields; the body is a payload itself, so that a response
takes it as its body and another multipart body as a part. It is written piece by piece: a file
among the parts is never in memory as a whole.

A part may be sent with a Content-Encoding or a Content-Transfer-Encoding: name it among the part's
header fields and it is put on while the part is written. In ``multipart/form-data`` there are none
(RFC 7578 sections 4.7 and 4.8), and each part has a name. The size of the body is known when the
size of every part is and none is encoded.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from multidict import CIMultiDict
from tidegate_http_core import (
    MultipartSerializer,
    TransferEncoder,
    get_coding,
    get_transfer_encoding,
    hdrs,
)

from .abc import AbstractStreamWriter
from .payload import LookupError as PayloadLookupError
from .payload import Payload, get_payload, is_payload
from .payload_memory import JsonPayload, StringPayload

_PLAIN = ("", "7bit", "8bit", "binary", "identity")
_NOT_IN_FORMS = (
    hdrs.CONTENT_ENCODING,
    hdrs.CONTENT_LENGTH,
    hdrs.CONTENT_TRANSFER_ENCODING,
)


class MultipartWriter(Payload):
    """A multipart body: append its parts, then send it."""

    def __init__(self, subtype: str = "mixed", boundary: str | None = None) -> None:
        """Begin an empty ``multipart/<subtype>``.

        :param subtype: ``mixed``, ``form-data`` or another.
        :param boundary: what separates the parts, 1 to 70 characters of RFC 2046 section 5.1.1;
            a random one when None, which no content can hold by chance.
        :raises ValueError: for a subtype or a boundary that can't be sent.
        """
        self._serializer = MultipartSerializer(subtype, boundary)
        super().__init__(None, content_type=self._serializer.content_type)
        self._is_form_data = subtype == "form-data"
        self._parts: list[tuple[Payload, str, str]] = []

    @property
    def boundary(self) -> str:
        """What separates the parts."""
        return self._serializer.boundary

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self._parts)

    def __bool__(self) -> bool:
        """Be true, with or without parts."""
        return True

    def __iter__(self) -> Iterator[tuple[Payload, str, str]]:
        """Iterate over the parts: payload, content encoding, content transfer encoding."""
        return iter(self._parts)

    @property
    def consumed(self) -> bool:
        """Whether a part has been used up, so that the body can't be written again."""
        return any(payload.consumed for payload, _, _ in self._parts)

    @property
    def autoclose(self) -> bool:
        """Whether there is nothing to close in any part."""
        return all(payload.autoclose for payload, _, _ in self._parts)

    # --- the parts ---

    def append(self, obj: Any, headers: Mapping[str, str] | None = None) -> Payload:
        """Append a part made of *obj*, anything there is a payload for; return its payload.

        :param headers: header fields of the part; they win over those of a payload.
        :raises TypeError: when there is no payload for *obj*.
        """
        if is_payload(obj):
            obj.headers.update(headers or {})
            return self.append_payload(obj)
        try:
            payload = get_payload(obj, headers=CIMultiDict(headers or {}))
        except PayloadLookupError as exc:
            raise TypeError(f"a part can't be made of {type(obj).__name__}: {exc}") from exc
        return self.append_payload(payload)

    def append_payload(self, payload: Payload) -> Payload:
        """Append *payload* as a part; return it.

        :raises ValueError: for an encoding that nobody knows, or any in ``form-data``.
        """
        headers = payload.headers
        encoding = transfer = ""
        if self._is_form_data:
            for name in _NOT_IN_FORMS:
                if name in headers:
                    raise ValueError(
                        f"a part of multipart/form-data has no {name} (RFC 7578 section 4.8)"
                    )
            if hdrs.CONTENT_DISPOSITION not in headers:
                payload.set_content_disposition("form-data", name=f"section-{len(self._parts)}")
        else:
            encoding, transfer = self._encodings_of(headers)
            if payload.size is not None and not encoding and not transfer:
                headers[hdrs.CONTENT_LENGTH] = str(payload.size)
        self._parts.append((payload, encoding, transfer))
        return payload

    def _encodings_of(self, headers: Mapping[str, str]) -> tuple[str, str]:
        encoding = headers.get(hdrs.CONTENT_ENCODING, "").strip().lower()
        encoding = "" if encoding in _PLAIN else encoding
        transfer = headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "").strip().lower()
        transfer = "" if transfer in _PLAIN else transfer
        if encoding and get_coding(encoding) is None:
            raise ValueError(f"unknown content encoding: {encoding}")
        if transfer and get_transfer_encoding(transfer) is None:
            raise ValueError(f"unknown content transfer encoding: {transfer}")
        return encoding, transfer

    def append_json(self, obj: Any, headers: Mapping[str, str] | None = None) -> Payload:
        """Append a part of JSON made of *obj*; return its payload."""
        return self.append_payload(JsonPayload(obj, headers=CIMultiDict(headers or {})))

    def append_form(
        self,
        obj: Sequence[tuple[str, str]] | Mapping[str, str],
        headers: Mapping[str, str] | None = None,
    ) -> Payload:
        """Append a part that is an urlencoded form; return its payload.

        :param obj: the names and values.
        """
        pairs = list(obj.items()) if isinstance(obj, Mapping) else list(obj)
        return self.append_payload(
            StringPayload(
                urlencode(pairs, doseq=True),
                headers=CIMultiDict(headers or {}),
                content_type="application/x-www-form-urlencoded",
            )
        )

    # --- as a payload ---

    @property
    def size(self) -> int | None:
        """The length in bytes; None when the size of a part is not known."""
        total = len(self._serializer.closing)
        for payload, encoding, transfer in self._parts:
            if encoding or transfer or payload.size is None:
                return None
            total += len(self._serializer.part_head(payload.headers.items()))
            total += payload.size + len(self._serializer.PART_TAIL)
        return total

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the whole body as text, without the encodings of its parts.

        :raises TypeError: when a part can be read only once.
        """
        pieces = []
        for payload, _, _ in self._parts:
            pieces.append(self._serializer.part_head(payload.headers.items()).decode())
            pieces.append(payload.decode(encoding, errors))
            pieces.append("\r\n")
        return "".join(pieces) + self._serializer.closing.decode()

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the whole body as it would be written, all in memory."""
        collected = _Collector()
        await self.write(collected)
        return b"".join(collected.pieces)

    async def write(self, writer: AbstractStreamWriter, close_boundary: bool = True) -> None:
        """Write all parts.

        :param close_boundary: end the body; False for parts of which more will follow, written by
            something else.
        :raises ValueError: before anything of a part is written that has a bad header field.
        """
        for payload, encoding, transfer in self._parts:
            await writer.write(self._serializer.part_head(payload.headers.items()))
            if encoding or transfer:
                encoded = _EncodingWriter(writer, encoding, transfer)
                await payload.write(encoded)
                await encoded.finish()
            else:
                await payload.write(writer)
            await writer.write(self._serializer.PART_TAIL)
        if close_boundary:
            await writer.write(self._serializer.closing)

    async def close(self) -> None:
        """Close the parts."""
        for payload, _, _ in self._parts:
            await payload.close()


class _PartWriter(AbstractStreamWriter):
    """What a part is written to: a writer that can't decide anything about the response."""

    @property
    def transport(self) -> asyncio.Transport | None:
        return None

    async def write_eof(self, chunk: bytes = b"") -> None:
        if chunk:
            await self.write(chunk)

    async def drain(self) -> None:
        """Do nothing: every write waits for the peer."""

    def enable_chunking(self) -> None:
        raise RuntimeError("a part of a multipart body has no transfer coding of its own")

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        raise RuntimeError("a part of a multipart body has its header fields already")


class _EncodingWriter(_PartWriter):
    """Encodes what is written to it, and passes it on."""

    def __init__(self, writer: AbstractStreamWriter, encoding: str, transfer: str) -> None:
        self._writer = writer
        known = get_transfer_encoding(transfer)
        self._transfer = None if known is None else TransferEncoder(known)
        coding = get_coding(encoding)
        self._content = None if coding is None else coding.encoder()

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        data = bytes(chunk)
        if self._content is not None:
            data = self._content.encode(data)
        await self._pass_on(data)

    async def _pass_on(self, data: bytes) -> None:
        if self._transfer is not None:
            data = self._transfer.encode(data)
        if data:
            await self._writer.write(data)

    async def finish(self) -> None:
        if self._content is not None:
            await self._pass_on(self._content.finish())
        if self._transfer is not None and (data := self._transfer.finish()):
            await self._writer.write(data)


class _Collector(_PartWriter):
    """Keeps what is written to it."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        self.pieces.append(bytes(chunk))
