"""Multipart bodies made of payloads, and what readers make of them."""

from __future__ import annotations

import email
import email.policy
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from tidegate_web_server import (
    AbstractStreamWriter,
    BodyPartReader,
    BytesPayload,
    MultipartReader,
    MultipartWriter,
    Request,
    Response,
    StreamResponse,
    StringPayload,
)

if TYPE_CHECKING:
    from conftest import Serve


class Body:
    def __init__(self, data: bytes) -> None:
        self.left = data

    async def read(self, n: int, /) -> bytes:
        piece, self.left = self.left[:n], self.left[n:]
        return piece


async def read_back(writer: MultipartWriter) -> list[tuple[dict[str, str], Any]]:
    """Return the header fields and the decoded content of each part, nested ones as lists."""
    body = await writer.as_bytes()
    if writer.size is not None:
        assert writer.size == len(body)
    return await read_parts(MultipartReader(writer.headers, Body(body)))


async def read_parts(reader: MultipartReader) -> list[tuple[dict[str, str], Any]]:
    parts: list[tuple[dict[str, str], Any]] = []
    async for part in reader:
        if isinstance(part, BodyPartReader):
            parts.append((dict(part.headers), await part.read(decode=True)))
        else:
            parts.append((dict(part.headers), await read_parts(part)))
    return parts


def contents(parts: list[tuple[dict[str, str], Any]]) -> list[Any]:
    return [content for _, content in parts]


def test_an_empty_one() -> None:
    writer = MultipartWriter("mixed", boundary="b")
    assert (len(writer), bool(writer), list(writer)) == (0, True, [])
    assert writer.boundary == "b"
    assert writer.content_type == "multipart/mixed; boundary=b"
    assert writer.size == len(b"--b--\r\n")
    assert not writer.consumed
    assert writer.autoclose


def test_a_boundary_is_chosen() -> None:
    assert MultipartWriter().boundary != MultipartWriter().boundary


@pytest.mark.parametrize("boundary", ["", "a" * 71, "a\r\nb", "ä", 'a"'])
def test_a_boundary_that_can_not_be_sent(boundary: str) -> None:
    with pytest.raises(ValueError, match="boundary"):
        MultipartWriter(boundary=boundary)


async def test_parts_of_all_kinds_are_read_back(tmp_path: Path) -> None:
    file = tmp_path / "f.txt"
    file.write_bytes(b"of a file")
    writer = MultipartWriter("mixed")
    writer.append("text")
    writer.append(b"bytes", {"X-Name": "b"})
    writer.append_json({"a": [1]})
    writer.append_form([("a", "b c"), ("d", "ä")])
    writer.append_form({"a": "1"})
    with file.open("rb") as opened:
        writer.append(opened)
        parts = await read_back(writer)
    assert contents(parts) == [
        b"text",
        b"bytes",
        b'{"a": [1]}',
        b"a=b+c&d=%C3%A4",
        b"a=1",
        b"of a file",
    ]
    assert [headers["Content-Length"] for headers, _ in parts] == ["4", "5", "10", "14", "3", "9"]
    assert parts[0][0]["Content-Type"] == "text/plain; charset=utf-8"
    assert parts[1][0]["X-Name"] == "b"
    assert parts[2][0]["Content-Type"] == "application/json"
    assert parts[3][0]["Content-Type"] == "application/x-www-form-urlencoded"
    assert 'filename="f.txt"' in parts[5][0]["Content-Disposition"]


async def test_a_multipart_is_a_part_too() -> None:
    inner = MultipartWriter("mixed")
    inner.append("a")
    outer = MultipartWriter("related")
    outer.append(inner)
    outer.append("b")
    parts = await read_back(outer)
    assert contents(parts[0][1]) == [b"a"]
    assert parts[1][1] == b"b"


async def test_header_fields_given_win_over_those_of_a_payload() -> None:
    payload = StringPayload("a", headers={"X-A": "1", "X-B": "1"})
    writer = MultipartWriter()
    assert writer.append(payload, {"X-B": "2"}) is payload
    ((headers, _),) = await read_back(writer)
    assert (headers["X-A"], headers["X-B"]) == ("1", "2")


def test_what_there_is_no_payload_for() -> None:
    with pytest.raises(TypeError, match="object"):
        MultipartWriter().append(object())


class TestEncodings:
    @pytest.mark.parametrize(
        "fields",
        [
            {"Content-Encoding": "gzip"},
            {"Content-Encoding": "deflate"},
            {"Content-Transfer-Encoding": "base64"},
            {"Content-Transfer-Encoding": "quoted-printable"},
            {"Content-Encoding": "gzip", "Content-Transfer-Encoding": "base64"},
        ],
    )
    async def test_what_is_put_on_is_taken_off(self, fields: dict[str, str]) -> None:
        content = bytes(range(256)) * 100
        writer = MultipartWriter()
        writer.append(io.BytesIO(content), fields)
        assert writer.size is None
        ((headers, got),) = await read_back(writer)
        assert got == content
        assert "Content-Length" not in headers
        assert fields.items() <= headers.items()
        ((_, encoding, transfer),) = writer
        assert encoding == fields.get("Content-Encoding", "")
        assert transfer == fields.get("Content-Transfer-Encoding", "")

    @pytest.mark.parametrize("name", ["identity", "binary", "8bit", "7bit"])
    async def test_identities_keep_the_size(self, name: str) -> None:
        field = "Content-Encoding" if name == "identity" else "Content-Transfer-Encoding"
        writer = MultipartWriter()
        writer.append(b"abc", {field: name})
        assert writer.size is not None
        assert contents(await read_back(writer)) == [b"abc"]

    @pytest.mark.parametrize("field", ["Content-Encoding", "Content-Transfer-Encoding"])
    def test_an_unknown_one_is_a_mistake(self, field: str) -> None:
        with pytest.raises(ValueError, match="nosuch"):
            MultipartWriter().append(b"abc", {field: "nosuch"})

    async def test_mail_programs_read_it(self) -> None:
        writer = MultipartWriter()
        writer.append("ä" * 100, {"Content-Transfer-Encoding": "quoted-printable"})
        writer.append(b"\0" * 100, {"Content-Transfer-Encoding": "base64"})
        head = f"Content-Type: {writer.content_type}\r\n\r\n".encode()
        message = email.message_from_bytes(
            head + await writer.as_bytes(), policy=email.policy.HTTP
        )
        first, second = message.iter_parts()
        assert first.get_content() == "ä" * 100
        assert second.get_content() == b"\0" * 100


class Unusual(BytesPayload):
    """A payload that uses more of its writer than most do."""

    async def write(self, writer: AbstractStreamWriter) -> None:
        assert writer.transport is None
        with pytest.raises(RuntimeError, match="transfer coding"):
            writer.enable_chunking()
        with pytest.raises(RuntimeError, match="header fields"):
            await writer.write_headers("", CIMultiDict())
        await writer.write(self._value)
        await writer.drain()
        await writer.write_eof(b"!")
        await writer.write_eof()


async def test_a_payload_can_not_decide_anything_about_the_response() -> None:
    writer = MultipartWriter()
    writer.append(Unusual(b"abc"), {"Content-Transfer-Encoding": "base64"})
    assert contents(await read_back(writer)) == [b"abc!"]


class TestForms:
    """RFC 7578."""

    async def test_each_part_has_a_name(self) -> None:
        writer = MultipartWriter("form-data")
        writer.append("a")
        payload = BytesPayload(b"b")
        payload.set_content_disposition("form-data", name='n"m', filename="ä")
        writer.append(payload)
        (first, _), (second, _) = await read_back(writer)
        assert first["Content-Disposition"] == 'form-data; name="section-0"'
        assert second["Content-Disposition"] == 'form-data; name="n%22m"; filename="ä"'
        assert "Content-Length" not in first

    @pytest.mark.parametrize(
        "name", ["Content-Encoding", "Content-Transfer-Encoding", "Content-Length"]
    )
    def test_fields_that_a_form_has_not(self, name: str) -> None:
        with pytest.raises(ValueError, match=name):
            MultipartWriter("form-data").append("a", {name: "1"})


class TestAsPayload:
    async def test_no_field_comes_in_through_a_value(self) -> None:
        writer = MultipartWriter()
        writer.append("a", {"X-A": "b\r\nX-C: d"})
        with pytest.raises(ValueError, match="control"):
            await writer.as_bytes()

    async def test_text(self) -> None:
        writer = MultipartWriter("mixed", boundary="b")
        writer.append("ä")
        assert writer.decode().encode() == await writer.as_bytes()

    async def test_the_end_can_be_left_open(self) -> None:
        class Collected(list[bytes]):
            async def write(self, chunk: bytes) -> None:
                self.append(chunk)

        writer = MultipartWriter("mixed", boundary="b")
        writer.append("a")
        collected: Any = Collected()
        await writer.write(collected, close_boundary=False)
        await writer.write(collected)
        assert b"".join(collected).count(b"--b--") == 1
        reader = MultipartReader(writer.headers, Body(b"".join(collected)))
        assert contents(await read_parts(reader)) == [b"a", b"a"]

    async def test_closing_closes_the_parts(self, tmp_path: Path) -> None:
        file = tmp_path / "f"
        file.write_bytes(b"x")
        opened = file.open("rb")
        writer = MultipartWriter()
        writer.append(opened)
        assert not writer.autoclose
        await writer.close()
        assert opened.closed

    async def test_what_is_read_once_is_used_up(self) -> None:
        async def source() -> Any:
            yield b"a"

        writer = MultipartWriter()
        writer.append(source())
        assert writer.size is None
        assert contents(await read_back(writer)) == [b"a"]
        assert writer.consumed

    async def test_it_is_written_part_by_part_into_a_response(self, serve: Serve) -> None:
        async def handler(request: Request) -> StreamResponse:
            writer = MultipartWriter("mixed", boundary="b")
            writer.append("first")
            writer.append(b"x" * 300_000)
            response = StreamResponse(headers=writer.headers)
            response.content_length = writer.size
            stream = await response.prepare(request)
            assert stream is not None
            await writer.write(stream)
            return response

        served = await serve(handler)
        answer = await served.get("/")
        parts = await read_parts(
            MultipartReader({"Content-Type": answer.headers["content-type"]}, Body(answer.body))
        )
        assert contents(parts) == [b"first", b"x" * 300_000]

    async def test_it_is_the_body_of_a_response(self, serve: Serve) -> None:
        async def handler(request: Request) -> Response:
            writer = MultipartWriter("mixed", boundary="b")
            writer.append("first")
            return Response(body=writer)

        answer = await (await serve(handler)).get("/")
        assert answer.headers["content-type"] == "multipart/mixed; boundary=b"
        assert answer.body.endswith(b"first\r\n--b--\r\n")


names = st.sampled_from(["X-A", "X-B", "Content-Type"])
values = st.text("ab =;é", max_size=8).map(str.strip)
parts = st.lists(st.tuples(st.dictionaries(names, values), st.binary(max_size=50)), max_size=4)


@given(parts)
async def test_what_was_written_is_read(parts: list[tuple[dict[str, str], bytes]]) -> None:
    writer = MultipartWriter()
    for fields, content in parts:
        writer.append(content, fields)
    got = await read_back(writer)
    assert contents(got) == [content for _, content in parts]
    for (fields, _), (headers, _) in zip(parts, got, strict=True):
        assert fields.items() <= headers.items()
