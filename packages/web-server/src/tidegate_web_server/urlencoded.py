"""``application/x-www-form-urlencoded`` to names and values.

The format is the HTML standard's (the URL standard, section 5.1); fields without a value are kept.
Strict where that standard guesses: an escape that is none and bytes that are no text in the
charset are a 400, because what they stand for depends on who reads them.
"""

import asyncio
import re
from binascii import unhexlify
from collections.abc import Iterator
from typing import Final

from .charsets import charset_codec, decode_text
from .exceptions import HTTPBadRequest

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
# Taken in runs, because text in most languages is nothing else.
_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})++")


#: Bytes that are decoded at once; a thread decodes a longer body.
DECODE_STEP: Final = 2**14


async def read_urlencoded(body: bytes, charset: str) -> list[tuple[str, str]]:
    """Return the names and values of *body*, without holding the event loop up.

    The arguments and what is raised are those of :func:`parse_urlencoded`.
    """
    if len(body) <= DECODE_STEP:
        return list(parse_urlencoded(body, charset))
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: list(parse_urlencoded(body, charset)))


def count_fields(body: bytes) -> int:
    """Return how many fields *body* has at most, without decoding it."""
    return body.count(b"&") + 1 if body else 0


def parse_urlencoded(body: bytes, charset: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of *body*, one by one.

    :param charset: the charset of what the escapes stand for.
    :raises HTTPUnsupportedMediaType: when it is unknown.
    :raises HTTPBadRequest: for an escape that is none, or bytes that are no text in the charset.
    """
    codec = charset_codec(charset)
    for field in body.rstrip(b" \t\r\n").split(b"&"):
        if field:
            name, _, value = field.partition(b"=")
            yield _decode(name, codec), _decode(value, codec)


def _decode(data: bytes, codec: str) -> str:
    if b"+" in data:
        data = data.replace(b"+", b" ")
    if b"%" in data:
        bad = _BAD_ESCAPE.search(data)
        if bad is not None:
            escape = data[bad.start() : bad.start() + 3]
            raise HTTPBadRequest(text=f"expected '%' and two hexadecimal digits, got {escape!a}")
        data = _ESCAPES.sub(lambda run: unhexlify(run[0].replace(b"%", b"")), data)
    return decode_text(data, codec)
