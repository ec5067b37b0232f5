"""What stands around the parts of a multipart body."""

from __future__ import annotations

import email
import email.policy

import pytest
from tidegate_http_core import LocalProtocolError, MultipartSerializer


def test_a_body_as_another_reader_of_mime_sees_it() -> None:
    serializer = MultipartSerializer("mixed")
    body = (
        serializer.part_head([("Content-Type", "text/plain"), ("X-Name", "a")])
        + b"first"
        + serializer.PART_TAIL
        + serializer.part_head([])
        + serializer.PART_TAIL
        + serializer.closing
    )
    head = f"Content-Type: {serializer.content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    assert [part.get_payload() for part in message.iter_parts()] == ["first", ""]
    assert not message.defects


def test_the_bytes() -> None:
    serializer = MultipartSerializer("form-data", "b")
    assert serializer.subtype == "form-data"
    assert serializer.content_type == "multipart/form-data; boundary=b"
    assert serializer.part_head([("A", "é")]) == "--b\r\nA: é\r\n\r\n".encode()
    assert serializer.part_head([]) == b"--b\r\n\r\n"
    assert serializer.closing == b"--b--\r\n"


@pytest.mark.parametrize(
    "field",
    [("A b", "c"), ("", "c"), ("A", "c\r\nD: e"), ("A", "\n"), ("A", "\0"), ("A", "\ud800")],
)
def test_no_field_or_part_comes_in_through_a_value(field: tuple[str, str]) -> None:
    with pytest.raises(LocalProtocolError):
        MultipartSerializer("mixed").part_head([field])


def test_a_boundary_that_can_not_be_sent() -> None:
    with pytest.raises(ValueError, match="boundary"):
        MultipartSerializer("mixed", "a\r\nb")
