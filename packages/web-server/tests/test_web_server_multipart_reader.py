"""Readers of multipart bodies and of their parts, over streams that are there."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from tidegate_http_core import MultipartLimits
from tidegate_web_server import (
    BodyPartReader,
    HTTPBadRequest,
    HTTPException,
    HTTPRequestEntityTooLarge,
    HTTPUnsupportedMediaType,
    InvalidJSON,
    InvalidMultipart,
    MultipartReader,
    NotMultipart,
    UnknownPartEncoding,
)
from tidegate_web_server.multipart_reader import MAX_NESTING


class Body:
    """A body that comes in segments of a size, whatever is asked for."""

    def __init__(self, data: bytes, segment: int = 2**20) -> None:
        self.left = data
        self.segment = segment

    async def read(self, n: int, /) -> bytes:
        size = min(n, self.segment)
        piece, self.left = self.left[:size], self.left[size:]
        return piece

    def at_eof(self) -> bool:
        return not self.left


def multipart(*parts: bytes, boundary: str = "b") -> bytes:
    line = f"--{boundary}".encode()
    return b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"


def reader(
    body: bytes, subtype: str = "mixed", *, segment: int = 2**20, **kwargs: Any
) -> MultipartReader:
    headers = {"Content-Type": f"multipart/{subtype}; boundary=b"}
    return MultipartReader(headers, Body(body, segment), **kwargs)


async def only_part(section: bytes, subtype: str = "mixed", **kwargs: Any) -> BodyPartReader:
    part = await reader(multipart(section), subtype, **kwargs).next()
    assert isinstance(part, BodyPartReader)
    return part


class TestReading:
    @pytest.mark.parametrize("segment", [1, 7, 2**20])
    async def test_parts_come_one_after_the_other(self, segment: int) -> None:
        body = multipart(b"A: 1\r\n\r\nfirst", b"\r\nsecond", b"A: 3\r\n\r\n")
        mixed = reader(body, segment=segment)
        seen = []
        async for part in mixed:
            assert isinstance(part, BodyPartReader)
            seen.append((dict(part.headers), await part.read(), part.at_eof(), await part.read()))
        assert seen == [
            ({"A": "1"}, b"first", True, b""),
            ({}, b"second", True, b""),
            ({"A": "3"}, b"", True, b""),
        ]
        assert mixed.at_eof()
        assert await mixed.next() is None

    async def test_header_fields_of_a_part_are_case_insensitive(self) -> None:
        part = await only_part(b"content-id: 1\r\n\r\n")
        assert isinstance(part.headers, CIMultiDictProxy)
        assert part.headers["Content-ID"] == "1"

    async def test_what_is_left_of_a_part_is_skipped(self) -> None:
        mixed = reader(multipart(b"\r\n" + b"x" * 5000, b"\r\nsecond"), segment=100)
        first = await mixed.next()
        assert isinstance(first, BodyPartReader)
        assert await first.read_chunk(10) == b"x" * 10
        second = await mixed.next()
        assert isinstance(second, BodyPartReader)
        assert first.at_eof()
        assert await first.read() == b""
        assert await second.read() == b"second"

    async def test_pieces_are_not_longer_than_asked_for(self) -> None:
        part = await only_part(b"\r\n0123456789")
        assert [await part.read_chunk(4) for _ in range(4)] == [b"0123", b"4567", b"89", b""]
        with pytest.raises(ValueError, match="read_chunk"):
            await part.read_chunk(0)

    @pytest.mark.parametrize("segment", [1, 3, 2**20])
    async def test_lines(self, segment: int) -> None:
        part = await only_part(b"\r\nab\ncd\r\n\nlast", segment=segment)
        lines = []
        while line := await part.readline():
            lines.append(line)
        assert lines == [b"ab\n", b"cd\r\n", b"\n", b"last"]
        assert part.at_eof()

    async def test_a_line_over_the_limit_is_refused(self) -> None:
        part = await only_part(b"\r\n0123456789", client_max_size=9)
        with pytest.raises(ValueError, match="9 bytes, got 10"):
            await part.readline()

    async def test_a_part_is_an_iterator_over_its_content_whole(self) -> None:
        part = await only_part(b"\r\nabc")
        assert [data async for data in part] == [b"abc"]
        assert await part.next() is None
        part = await only_part(b"\r\n")
        assert [data async for data in part] == []

    async def test_release_drops_the_rest(self) -> None:
        mixed = reader(multipart(b"\r\na", b"\r\nb", b"\r\nc"))
        part = await mixed.next()
        assert isinstance(part, BodyPartReader)
        await part.release()
        assert part.at_eof()
        await mixed.release()
        assert mixed.at_eof()

    async def test_a_part_that_is_made_by_hand(self) -> None:
        headers = CIMultiDictProxy(CIMultiDict({"Content-Type": "text/plain"}))
        for boundary in (b"--b", b"b"):
            part = BodyPartReader(boundary, headers, Body(b"content\r\n--b--rest"))
            assert not part.at_eof()
            assert await part.read() == b"content"
            assert part.at_eof()
        bad = BodyPartReader(b"", headers, Body(b""))
        with pytest.raises(InvalidMultipart):
            await bad.read()

    async def test_classes_of_readers_can_be_replaced(self) -> None:
        class Part(BodyPartReader):
            pass

        class Nested(MultipartReader):
            pass

        class Outer(MultipartReader):
            part_reader_cls = Part
            multipart_reader_cls = Nested

        inner = b"Content-Type: multipart/mixed; boundary=c\r\n\r\n" + multipart(boundary="c")
        headers = {"Content-Type": "multipart/mixed; boundary=b"}
        parts = [part async for part in Outer(headers, Body(multipart(b"\r\n", inner)))]
        assert [type(part) for part in parts] == [Part, Nested]


class TestNested:
    @staticmethod
    def nested(*parts: bytes) -> bytes:
        head = b"Content-Type: multipart/mixed; boundary=inner\r\n\r\npreamble\r\n"
        return head + multipart(*parts, boundary="inner") + b"epilogue"

    async def test_a_multipart_in_a_part_is_a_reader_itself(self) -> None:
        outer = reader(multipart(b"\r\na", self.nested(b"\r\nb", b"\r\nc"), b"\r\nd"), segment=3)
        seen: list[Any] = []
        async for part in outer:
            if isinstance(part, BodyPartReader):
                seen.append(await part.read())
            else:
                assert part.headers["Content-Type"].startswith("multipart/mixed")
                seen.append([await inner.read() async for inner in part])  # type: ignore[union-attr]  # not nested deeper
        assert seen == [b"a", [b"b", b"c"], b"d"]

    async def test_one_that_is_not_read_to_its_end_is_skipped(self) -> None:
        outer = reader(multipart(self.nested(b"\r\nb", b"\r\nc"), b"\r\nd"), segment=3)
        nested = await outer.next()
        assert isinstance(nested, MultipartReader)
        await nested.next()
        last = await outer.next()
        assert isinstance(last, BodyPartReader)
        assert await last.read() == b"d"
        assert await nested.next() is None
        assert nested.at_eof()

    async def test_one_without_a_boundary_is_a_400(self) -> None:
        outer = reader(multipart(b"Content-Type: multipart/mixed\r\n\r\n"))
        with pytest.raises(InvalidMultipart):
            await outer.next()

    async def test_how_deep_is_limited(self) -> None:
        body = b""
        for depth in range(MAX_NESTING + 1, 1, -1):
            head = f"Content-Type: multipart/mixed; boundary=x{depth}x\r\n\r\n".encode()
            body = head + multipart(*([body] if body else []), boundary=f"x{depth}x")
        part: Any = reader(multipart(body))
        for _ in range(MAX_NESTING - 1):
            part = await part.next()
        with pytest.raises(InvalidMultipart, match=f"{MAX_NESTING} deep"):
            await part.next()


class TestNames:
    async def test_name_and_filename(self) -> None:
        part = await only_part(
            b'Content-Disposition: form-data; name="a"; filename="C:\\b\\c.txt"\r\n\r\n'
        )
        assert (part.name, part.filename, part.safe_filename) == ("a", "C:\\b\\c.txt", "c.txt")

    @pytest.mark.parametrize("section", [b"\r\n", b"Content-Disposition: =\r\n\r\n"])
    async def test_without_a_disposition_there_are_none(self, section: bytes) -> None:
        part = await only_part(section)
        assert (part.name, part.filename, part.safe_filename) == (None, None, None)

    async def test_utf8_and_older_charsets(self) -> None:
        section = b'Content-Disposition: form-data; name="%s"\r\n\r\n'
        assert (await only_part(section % "ä€".encode())).name == "ä€"
        assert (await only_part(section % b"\xe4")).name == "ä"

    async def test_the_name_of_a_nested_body(self) -> None:
        head = (
            b"Content-Type: multipart/mixed; boundary=c\r\nContent-Disposition: form-data; name=n"
        )
        nested = await reader(multipart(head + b"\r\n\r\n" + multipart(boundary="c"))).next()
        assert isinstance(nested, MultipartReader)
        assert nested.name == "n"
        assert reader(b"").name is None

    async def test_charset_and_content_type(self) -> None:
        part = await only_part(b"Content-Type: text/html; charset=Latin-1\r\n\r\n")
        assert (part.content_type, part.get_charset("utf-8")) == ("text/html", "latin-1")
        part = await only_part(b"\r\n")
        assert (part.content_type, part.get_charset("utf-8")) == (None, "utf-8")


class TestCharsetField:
    """RFC 7578 section 4.6."""

    @staticmethod
    def form(charset: bytes) -> bytes:
        return multipart(
            b"Content-Disposition: form-data; name=_charset_\r\n\r\n" + charset,
            b'Content-Disposition: form-data; name="\xe4"\r\n\r\n\xe4',
        )

    async def test_it_is_the_default_of_what_follows(self) -> None:
        form = reader(self.form(b" iso-8859-1\r\n"), "form-data", segment=5)
        part = await form.next()
        assert isinstance(part, BodyPartReader)
        assert part.name == "ä"
        assert await part.text() == "ä"
        assert await form.next() is None

    async def test_it_counts_in_forms_only(self) -> None:
        part = await reader(self.form(b"iso-8859-1")).next()
        assert isinstance(part, BodyPartReader)
        assert part.name == "_charset_"

    async def test_an_unknown_one_is_a_415(self) -> None:
        with pytest.raises(HTTPUnsupportedMediaType):
            await reader(self.form(b"punycode"), "form-data").next()

    async def test_one_without_an_end_is_a_400(self) -> None:
        with pytest.raises(InvalidMultipart, match="_charset_"):
            await reader(self.form(b"x" * 41), "form-data").next()


class TestDecoding:
    async def test_a_transfer_encoding_is_taken_off(self) -> None:
        content = bytes(range(256)) * 50
        section = b"Content-Transfer-Encoding: Base64\r\n\r\n" + base64.encodebytes(content)
        assert await (await only_part(section, segment=100)).read(decode=True) == content
        assert await (await only_part(section)).read() == base64.encodebytes(content)
        part = await only_part(section)
        assert part.decode(await part.read()) == content

    @pytest.mark.parametrize("size", [1, 3, 5, 64])
    @pytest.mark.parametrize("segment", [1, 11, 2**20])
    async def test_each_piece_of_base64_can_be_decoded(self, size: int, segment: int) -> None:
        content = bytes(range(256))
        section = b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(content)
        part = await only_part(section, segment=segment)
        decoded = b""
        while piece := await part.read_chunk(size):
            decoded += part.decode(piece)
        assert decoded == content
        assert part.at_eof()

    async def test_what_read_chunk_has_left_is_read(self) -> None:
        section = b"Content-Transfer-Encoding: base64\r\n\r\nQUJDREVG"
        part = await only_part(section, segment=3)
        first = await part.read_chunk(6)
        assert part.decode(first) + await part.read(decode=True) == b"ABCDEF"
        part = await only_part(section, segment=3)
        assert await part.read_chunk(6) + await part.read() == b"QUJDREVG"
        part = await only_part(section, segment=3)
        await part.read_chunk(6)
        await part.release()
        assert part.at_eof()

    async def test_quoted_printable(self) -> None:
        section = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=\r\n=A4 \r\n"
        assert await (await only_part(section, segment=1)).text() == "ä\r\n"

    @pytest.mark.parametrize("encoding", [b"8bit", b"7bit", b"binary"])
    async def test_identities(self, encoding: bytes) -> None:
        part = await only_part(b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n=20")
        assert part.decode(b"=20") == b"=20"
        assert await part.read(decode=True) == b"=20"

    @pytest.mark.parametrize("name", ["gzip", "deflate", "x-gzip"])
    async def test_a_content_encoding_is_taken_off(self, name: str) -> None:
        content = b"0123456789" * 100_000
        packed = gzip.compress(content) if "gzip" in name else zlib.compress(content)
        section = f"Content-Encoding: {name}\r\n\r\n".encode() + packed
        assert await (await only_part(section, segment=100)).read(decode=True) == content
        part = await only_part(section)
        assert b"".join([piece async for piece in part.decode_iter(packed)]) == content
        with pytest.raises(ValueError, match="262144 bytes"):
            part.decode(packed)

    async def test_decompression_comes_in_bounded_pieces(self) -> None:
        section = b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(10_000_000))
        part = await only_part(section)
        sizes = [len(piece) async for piece in part.pieces()]
        assert sum(sizes) == 10_000_000
        assert max(sizes) <= 2**18

    async def test_what_it_grows_to_is_limited(self) -> None:
        section = b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(10_000_000))
        part = await only_part(section, client_max_size=100_000)
        with pytest.raises(ValueError, match="100000 bytes"):
            await part.read(decode=True)

    async def test_both_encodings(self) -> None:
        section = (
            b"Content-Encoding: gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(gzip.compress(b"abc"))
        )
        assert await (await only_part(section, segment=2)).text() == "abc"

    async def test_there_is_no_content_encoding_in_a_form(self) -> None:
        part = await only_part(b"Content-Encoding: gzip\r\n\r\nabc", "form-data")
        assert await part.read(decode=True) == b"abc"

    @pytest.mark.parametrize("field", [b"Content-Encoding", b"Content-Transfer-Encoding"])
    async def test_an_unknown_encoding_is_a_415(self, field: bytes) -> None:
        part = await only_part(field + b": nosuch\r\n\r\nabc")
        with pytest.raises(UnknownPartEncoding) as caught:
            await part.read(decode=True)
        assert isinstance(caught.value, HTTPUnsupportedMediaType | RuntimeError)
        with pytest.raises(UnknownPartEncoding):
            part.decode(b"abc")

    @pytest.mark.parametrize(
        "section",
        [
            b"Content-Encoding: gzip\r\n\r\nabc",
            b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"abc" * 100)[:-9],
            b"Content-Transfer-Encoding: base64\r\n\r\nQQ",
            b"Content-Transfer-Encoding: base64\r\n\r\n!!!!",
        ],
    )
    async def test_content_that_is_not_encoded_so_is_a_400(self, section: bytes) -> None:
        part = await only_part(section)
        with pytest.raises(HTTPBadRequest):
            await part.read(decode=True)

    async def test_white_space_without_an_end_is_refused_in_pieces_too(self) -> None:
        section = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b" " * 5000
        part = await only_part(section)
        with pytest.raises(HTTPBadRequest):
            await part.read_chunk()


class TestValues:
    async def test_text(self) -> None:
        assert await (await only_part("\r\nä".encode())).text() == "ä"
        assert await (await only_part(b"\r\n\xe4")).text(encoding="latin-1") == "ä"
        section = b"Content-Type: text/plain; charset=latin-1\r\n\r\n\xe4"
        assert await (await only_part(section)).text() == "ä"

    async def test_text_that_is_none(self) -> None:
        with pytest.raises(HTTPBadRequest):
            await (await only_part(b"\r\n\xe4")).text()
        with pytest.raises(HTTPUnsupportedMediaType):
            await (await only_part(b"\r\n\xe4")).text(encoding="nosuch")

    async def test_json(self) -> None:
        assert await (await only_part(b'\r\n{"a": 1}')).json() == {"a": 1}
        assert await (await only_part(b"\r\n")).json() is None

    @pytest.mark.parametrize("text", [b"{", b"1" * 5000, b"[" * 100_000])
    async def test_json_that_is_none(self, text: bytes) -> None:
        with pytest.raises(InvalidJSON) as caught:
            await (await only_part(b"\r\n" + text)).json()
        assert isinstance(caught.value, json.JSONDecodeError)

    async def test_form(self) -> None:
        part = await only_part(b"\r\na=b+c&d=%C3%A4&e=\r\n")
        assert await part.form() == [("a", "b c"), ("d", "ä"), ("e", "")]
        assert await (await only_part(b"\r\n")).form() == []
        with pytest.raises(HTTPBadRequest):
            await (await only_part(b"\r\na=%zz")).form()


class TestFaults:
    """All of them are answers, and most are a ValueError for programs that expect one."""

    @pytest.mark.parametrize("content_type", ["", "text/plain", "multipart", "a/b; boundary=c"])
    def test_what_is_no_multipart_is_a_415(self, content_type: str) -> None:
        with pytest.raises(NotMultipart) as caught:
            MultipartReader({"Content-Type": content_type}, Body(b""))
        assert isinstance(caught.value, ValueError)
        assert caught.value.status == 415
        with pytest.raises(NotMultipart):
            MultipartReader({}, Body(b""))

    @pytest.mark.parametrize(
        "parameter", ["", "; boundary=", "; boundary=a; boundary=b", f"; boundary={'a' * 71}"]
    )
    def test_without_a_sure_boundary_it_is_a_400(self, parameter: str) -> None:
        with pytest.raises(InvalidMultipart) as caught:
            MultipartReader({"Content-Type": f"multipart/mixed{parameter}"}, Body(b""))
        assert isinstance(caught.value, ValueError)
        assert caught.value.status == 400

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"nothing",
            b"--b\r\n",
            b"--b\r\n\r\nabc",
            b"--b\r\n\r\nabc\r\n--b",
            b"--b\r\n\r\nabc\r\n--bx",
            b"--b\r\nno field\r\n\r\nabc\r\n--b--",
        ],
    )
    async def test_a_malformed_body_is_a_400_each_time(self, body: bytes) -> None:
        mixed = reader(body)
        for _ in range(2):
            with pytest.raises(HTTPException) as caught:
                await mixed.release()
            assert caught.value.status == 400

    async def test_a_fault_in_a_part_fails_who_reads_it(self) -> None:
        part = await reader(b"--b\r\n\r\nabc").next()
        assert isinstance(part, BodyPartReader)
        with pytest.raises(InvalidMultipart, match="closing delimiter"):
            await part.read()

    async def test_limits_are_a_413(self) -> None:
        limits = MultipartLimits(parts=1)
        with pytest.raises(HTTPRequestEntityTooLarge) as caught:
            await reader(multipart(b"\r\n", b"\r\n"), limits=limits).release()
        assert "at most 1 parts" in (caught.value.text or "")
        with pytest.raises(HTTPRequestEntityTooLarge):
            await reader(multipart(b"A: 1\r\nB: 2\r\n\r\n"), max_headers=1).release()
        with pytest.raises(HTTPRequestEntityTooLarge):
            await reader(multipart(b"A: " + b"x" * 9000 + b"\r\n\r\n")).release()
        await reader(multipart(b"A: " + b"x" * 9000 + b"\r\n\r\n"), max_field_size=9100).release()

    async def test_the_whole_body_is_limited(self) -> None:
        with pytest.raises(HTTPRequestEntityTooLarge, match="Too Large"):
            await reader(multipart(b"\r\n" + b"x" * 100), max_body_size=50).release()

    async def test_a_part_that_is_read_whole_is_limited(self) -> None:
        with pytest.raises(ValueError, match="at most 3 bytes"):
            await (await only_part(b"\r\nabcd", client_max_size=3)).read()
        part = await only_part(
            b"\r\nabcd", client_max_size=3, max_size_error_cls=HTTPRequestEntityTooLarge
        )
        with pytest.raises(HTTPRequestEntityTooLarge):
            await part.read()
        part = await only_part(b"\r\nabcd", client_max_size=3)
        assert await part.read_chunk() == b"abcd"


class TestResponses:
    """The body of a response of aiohttp's client, or what looks like one."""

    class Response:
        def __init__(self) -> None:
            self.headers = {"Content-Type": "multipart/mixed; boundary=b"}
            self.content = Body(multipart(b"\r\na", b"\r\nb"))
            self.released = 0

        async def release(self) -> None:
            self.released += 1

    async def test_the_response_is_released_behind_the_last_part(self) -> None:
        response = self.Response()
        wrapper = MultipartReader.from_response(response)
        assert not wrapper.at_eof()
        parts = []
        async for part in wrapper:
            assert isinstance(part, BodyPartReader)
            assert not response.released
            parts.append(await part.read())
        assert parts == [b"a", b"b"]
        assert response.released == 1
        assert wrapper.at_eof()
