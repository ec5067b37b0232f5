"""Charsets that a client names."""

from __future__ import annotations

import encodings
import pickle
from contextlib import suppress

import pytest
from tidegate_web_server import HTTPBadRequest, HTTPException, HTTPUnsupportedMediaType
from tidegate_web_server.charsets import _CODECS, charset_codec, decode_text


@pytest.mark.parametrize(
    ("charset", "text"),
    [("utf-8", "ä€"), ("UTF8", "ä€"), ("iso-8859-1", "ä"), ("windows-1251", "ж"), ("utf-16", "ä")],
)
def test_a_known_charset_is_decoded(charset: str, text: str) -> None:
    assert decode_text(text.encode(charset), charset) == text
    assert decode_text(bytearray(text.encode(charset)), charset) == text


@pytest.mark.parametrize(
    "charset",
    [
        "nosuch",
        "",
        "a" * 1000,
        "utf-8\0",
        "ä",
        "zlib",
        "base64",
        "rot13",
        "punycode",
        "idna",
        "unicode_escape",
        "raw-unicode-escape",
        "undefined",
        "utf-7",
        "UTF7",
    ],
)
def test_what_is_no_charset_is_a_415(charset: str) -> None:
    with pytest.raises(HTTPUnsupportedMediaType):
        charset_codec(charset)


def test_every_charset_that_is_taken_has_a_codec_for_text() -> None:
    for charset in _CODECS:
        "".encode(charset_codec(charset))
        with suppress(UnicodeError):
            b"a".decode(charset_codec(charset))


def test_unknown_names_are_not_remembered() -> None:
    before = len(encodings._cache)
    for number in range(100):
        with pytest.raises(HTTPUnsupportedMediaType):
            charset_codec(f"no-such-charset-{number}")
    assert len(encodings._cache) == before


@pytest.mark.parametrize(
    ("data", "charset"), [(b"\xff", "utf-8"), (b"a", "utf-16"), (b"\xe4", "ascii")]
)
def test_bytes_that_are_none_in_it_are_a_400(data: bytes, charset: str) -> None:
    with pytest.raises(HTTPBadRequest):
        decode_text(data, charset)


def test_both_failures_are_what_decoding_raises_in_python() -> None:
    with pytest.raises(LookupError) as unknown:
        charset_codec("no-such-charset")
    assert isinstance(unknown.value, HTTPUnsupportedMediaType)
    with pytest.raises(UnicodeDecodeError) as undecodable:
        decode_text(b"a\xff", "utf-8")
    exc = undecodable.value
    assert isinstance(exc, HTTPBadRequest)
    assert (exc.encoding, exc.object, exc.start, exc.end) == ("utf-8", b"a\xff", 1, 2)
    assert exc.text == "the body is not valid utf-8"


@pytest.mark.parametrize("charset", ["none", "utf-8"])
def test_the_failures_pickle(charset: str) -> None:
    with pytest.raises(HTTPException) as caught:
        decode_text(b"\xff", charset)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is type(caught.value)
    assert isinstance(copy, UnicodeDecodeError | LookupError)
    assert str(copy) == str(caught.value)
    assert copy.text == caught.value.text
