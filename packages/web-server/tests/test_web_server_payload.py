"""Payloads: what all of them have, and how the one for a value is found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from multidict import CIMultiDict
from tidegate_web_server import (
    AbstractStreamWriter,
    AsyncIterablePayload,
    BytesPayload,
    Order,
    Payload,
    PayloadRegistry,
    StringPayload,
    get_payload,
    payload_type,
)
from tidegate_web_server.payload import LookupError as NoPayloadClass


class Sink(AbstractStreamWriter):
    """Keeps the pieces that are written."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.calls: list[str] = []

    @property
    def transport(self) -> asyncio.Transport | None:
        return None

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        self.pieces.append(bytes(chunk))

    async def write_eof(self, chunk: bytes = b"") -> None:
        self.pieces.append(chunk)
        self.calls.append("eof")

    async def drain(self) -> None:
        self.calls.append("drain")

    def enable_chunking(self) -> None:
        self.calls.append("chunking")

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        self.calls.append("headers")


class Words(Payload):
    """A payload of somebody who knows the abstract methods only."""

    async def write(self, writer: AbstractStreamWriter) -> None:
        for word in self._value:
            await writer.write(word.encode())

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return "".join(self._value)


async def test_a_subclass_needs_two_methods_and_has_the_rest() -> None:
    payload = Words(["one", "two"], headers={"X-Own": "1"})
    assert payload.size is None
    assert payload.filename is None
    assert payload.encoding is None
    assert payload.content_type == "application/octet-stream"
    assert payload.headers["x-own"] == "1"
    assert not payload.consumed
    assert not payload.autoclose
    assert await payload.as_bytes() == b"onetwo"
    await payload.close()


@pytest.mark.parametrize(
    ("length", "pieces"),
    [(None, [b"one", b"two"]), (6, [b"one", b"two"]), (4, [b"one", b"t"]), (0, []), (9, None)],
)
async def test_a_length_cuts_off_what_is_too_much(length: int | None, pieces: Any) -> None:
    sink = Sink()
    await Words(["one", "two"]).write_with_length(sink, length)
    assert sink.pieces == ([b"one", b"two"] if pieces is None else pieces)


async def test_a_payload_that_uses_the_whole_writer_is_cut_off_too() -> None:
    class Thorough(Words):
        async def write(self, writer: AbstractStreamWriter) -> None:
            assert writer.transport is None
            writer.enable_chunking()
            await writer.write_headers("HTTP/1.1 200 OK", CIMultiDict())
            await writer.drain()
            await writer.write_eof(b"abcdef")

    sink = Sink()
    await Thorough([]).write_with_length(sink, 3)
    assert sink.pieces == [b"abc"]
    assert sink.calls == ["chunking", "headers", "drain", "eof"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "application/octet-stream"),
        ({"content_type": None}, "application/octet-stream"),
        ({"content_type": "a/b"}, "a/b"),
        ({"headers": {"content-type": "c/d"}}, "c/d"),
        ({"headers": {"content-type": "c/d"}, "content_type": "a/b"}, "a/b"),
        ({"filename": "x.html"}, "text/html"),
        ({"filename": "x.unheard-of"}, "application/octet-stream"),
        ({"headers": [("Content-Type", "c/d")], "filename": "x.html"}, "c/d"),
        ({"unknown_argument": 1}, "application/octet-stream"),
    ],
)
def test_the_content_type_is_the_nearest_that_is_told(
    arguments: dict[str, Any], expected: str
) -> None:
    payload = Words([], **arguments)
    assert payload.content_type == expected
    assert payload.headers.getall("Content-Type") == [expected]


def test_a_content_disposition_is_that_of_its_kind() -> None:
    payload = Words([])
    payload.set_content_disposition("form-data", name="a", filename='é "x".txt')
    assert payload.headers["Content-Disposition"] == (
        'form-data; name="a"; filename="é %22x%22.txt"'
    )
    payload.set_content_disposition("attachment", quote_fields=False, filename="é.txt")
    assert payload.headers["Content-Disposition"] == (
        "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A9.txt"
    )
    with pytest.raises(ValueError, match="control characters"):
        payload.set_content_disposition("attachment", filename="a\r\nX: 1")


# --- the registry ---


class Base:
    pass


class Derived(Base):
    pass


@pytest.fixture
def registry() -> PayloadRegistry:
    return PayloadRegistry()


def kinds(registry: PayloadRegistry, *values: Any) -> list[str]:
    return [type(registry.get(value)).__name__ for value in values]


class First(Words):
    pass


class Second(Words):
    pass


def test_the_most_derived_class_is_found(registry: PayloadRegistry) -> None:
    registry.register(First, Base)
    assert kinds(registry, Base(), Derived()) == ["First", "First"]
    registry.register(Second, (Derived, int))
    assert kinds(registry, Base(), Derived(), 1) == ["First", "Second", "Second"]


def test_try_first_goes_before_and_try_last_behind(registry: PayloadRegistry) -> None:
    registry.register(First, object, order=Order.try_last)
    registry.register(Second, Base)
    assert kinds(registry, Derived(), 1) == ["Second", "First"]
    registry.register(First, Derived, order=Order.try_first)
    assert kinds(registry, Derived(), Base()) == ["First", "Second"]


def test_virtual_base_classes_count(registry: PayloadRegistry) -> None:
    registry.register(First, Iterator)
    assert kinds(registry, iter([])) == ["First"]


def test_an_order_is_one_of_three(registry: PayloadRegistry) -> None:
    wrong: Any = "second"
    with pytest.raises(ValueError, match=r"order is one of .* got 'second'"):
        registry.register(First, Base, order=wrong)


def test_arguments_are_handed_on(registry: PayloadRegistry) -> None:
    registry.register(First, Base)
    payload = registry.get(Base(), {"X": "1"}, content_type="a/b")
    assert payload.headers["X"] == "1"
    assert payload.content_type == "a/b"


def test_what_nobody_knows_is_refused_with_advice(registry: PayloadRegistry) -> None:
    with pytest.raises(NoPayloadClass, match="for int; give bytes, str, a file"):
        registry.get(1)


def test_a_payload_is_returned_as_it_is() -> None:
    payload = BytesPayload(b"x")
    assert get_payload(payload) is payload

    class Foreign:
        size = 1
        headers: CIMultiDict[str] = CIMultiDict()
        content_type = "a/b"

        async def write(self, writer: Any) -> None: ...

        def decode(self) -> str:
            return ""

    foreign = Foreign()
    assert get_payload(foreign) is foreign  # type: ignore[comparison-overlap]  # duck-typed


async def test_what_is_registered_by_default() -> None:
    async def pieces() -> Any:
        yield b"x"

    iterable = pieces()
    assert type(get_payload(b"")) is BytesPayload
    assert type(get_payload("")) is StringPayload
    assert type(get_payload(iterable)) is AsyncIterablePayload
    await iterable.aclose()


def test_the_decorator_registers_the_class() -> None:
    class Own:
        pass

    @payload_type(Own)
    class OwnPayload(Words):
        pass

    assert type(get_payload(Own())) is OwnPayload
    assert payload_type(Own, order=Order.try_last).order is Order.try_last
