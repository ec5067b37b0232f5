"""Fields of a form to a body, and back through the reader of forms."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_server import BodyPartReader, FormData, MultipartReader, Payload
from tidegate_web_server.urlencoded import parse_urlencoded


class Body:
    def __init__(self, data: bytes) -> None:
        self.left = data

    async def read(self, n: int, /) -> bytes:
        piece, self.left = self.left[:n], self.left[n:]
        return piece


async def parts(payload: Payload) -> list[tuple[str | None, str | None, str | None, bytes]]:
    reader = MultipartReader(payload.headers, Body(await payload.as_bytes()))
    found = []
    async for part in reader:
        assert isinstance(part, BodyPartReader)
        content_type = part.headers.get("Content-Type")
        found.append((part.name, part.filename, content_type, await part.read()))
    return found


@pytest.mark.parametrize("fields", [{"a": "ä +", "b": ""}, [("a", "ä +"), ("b", "")]])
async def test_text_alone_is_urlencoded(fields: Any) -> None:
    form = FormData(fields)
    assert not form.is_multipart
    payload = form()
    assert payload.content_type == "application/x-www-form-urlencoded"
    body = await payload.as_bytes()
    assert list(parse_urlencoded(body, "utf-8")) == [("a", "ä +"), ("b", "")]


async def test_the_charset_is_said() -> None:
    payload = FormData({"a": "ä"}, charset="iso-8859-1")()
    assert payload.content_type.endswith("; charset=iso-8859-1")
    assert await payload.as_bytes() == b"a=%E4"


async def test_files_and_bytes_make_it_multipart(tmp_path: Path) -> None:
    file = tmp_path / "f.txt"
    file.write_bytes(b"content")
    form = FormData()
    form.add_field("text", "ä")
    form.add_field("bytes", b"\0")
    form.add_field("named", "x", filename='n"m.csv', content_type="text/csv")
    form.add_fields(("pair", "y"), {"mapped": "z"}, io.BytesIO(b"io"))
    assert form.is_multipart
    with file.open("rb") as opened:
        form.add_field("file", opened)
        found = await parts(form())
    assert found == [
        ("text", None, "text/plain; charset=utf-8", "ä".encode()),
        ("bytes", "bytes", "application/octet-stream", b"\0"),
        ("named", "n%22m.csv", "text/csv", b"x"),
        ("pair", None, "text/plain; charset=utf-8", b"y"),
        ("mapped", None, "text/plain; charset=utf-8", b"z"),
        ("unknown", "unknown", "application/octet-stream", b"io"),
        ("file", "f.txt", "text/plain", b"content"),
    ]


async def test_a_file_is_called_as_it_is_said() -> None:
    form = FormData()
    form.add_field("a", io.BytesIO(b"b"), filename="c.txt")
    assert [part[:2] for part in await parts(form())] == [("a", "c.txt")]


async def test_multipart_on_demand() -> None:
    form = FormData([("a", "ä")], charset="latin-1", default_to_multipart=True)
    assert await parts(form()) == [("a", None, "text/plain; charset=latin-1", b"\xe4")]


def test_wrong_use_is_told() -> None:
    with pytest.raises(TypeError, match="a field is"):
        FormData([1])
    with pytest.raises(TypeError, match="int"):
        FormData([("a", 1)])()
    with pytest.raises(ValueError, match="7578"):
        FormData().add_field("a", "b", content_transfer_encoding="base64")
