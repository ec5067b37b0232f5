"""What is only data: messages, limits, errors, constants, and what the package exports."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
import tidegate_http_core
from multidict import istr
from tidegate_http_core import (
    CHUNKED,
    CONTENT_LENGTH,
    END_OF_MESSAGE,
    NO_BODY,
    EndOfMessage,
    Fields,
    HttpVersion,
    HttpVersion10,
    HttpVersion11,
    Limits,
    LocalProtocolError,
    ProtocolError,
    RequestHead,
    errors,
    hdrs,
    reason_phrase,
)

FIELDS = Fields((("Host", "a"),), b"Host: a\r\n")


def test_versions_compare() -> None:
    assert HttpVersion10 < HttpVersion11 == HttpVersion(1, 1) == (1, 1)
    assert HttpVersion11.minor == 1


def test_fields() -> None:
    assert FIELDS.raw_pairs() == ((b"Host", b"a"),)
    assert Fields((), b"").raw_pairs() == ()
    FIELDS.view = FIELDS.pairs
    assert FIELDS.view == (("Host", "a"),)
    assert repr(FIELDS) == "Fields((('Host', 'a'),))"


@pytest.mark.parametrize(
    ("framing", "length", "has_body"),
    [
        (NO_BODY, -1, False),
        (CONTENT_LENGTH, 0, False),
        (CONTENT_LENGTH, 1, True),
        (CHUNKED, -1, True),
    ],
)
def test_head_knows_whether_it_has_a_body(framing: int, length: int, has_body: bool) -> None:
    assert RequestHead("GET", "/", HttpVersion11, FIELDS, framing, length).has_body is has_body


def test_representations_are_short() -> None:
    head = RequestHead("GET", "/", HttpVersion10, FIELDS)
    assert repr(head) == "RequestHead(GET / HTTP/1.0, Fields((('Host', 'a'),)))"
    assert repr(END_OF_MESSAGE) == "EndOfMessage(())"
    assert repr(EndOfMessage((("a", "b"),))) == "EndOfMessage((('a', 'b'),))"


def test_limits_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(Limits(), "method", 1)  # noqa: B010  # the point is that it fails


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Limits)])
def test_limits_that_cannot_work_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"Limits\.{name} is at least 1, not 0"):
        Limits(**{name: 0})


def test_chunk_sizes_have_64_bits() -> None:
    with pytest.raises(ValueError, match="at most 16"):
        Limits(chunk_size_digits=17)


def test_readme_and_docstring_name_every_limit() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    for field in dataclasses.fields(Limits):
        assert f"`{field.name}`" in (Limits.__doc__ or "")
        assert f"| `{field.name}` | {field.default} |" in readme


def test_errors_are_drawn_in_the_docstring() -> None:
    tree = errors.__doc__ or ""
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, ProtocolError)
    ]
    assert len(classes) == 19
    for error in classes:
        assert error.__name__ in tidegate_http_core.__all__
        if error is not ProtocolError:
            assert re.search(rf"── {error.__name__} +{error.status}  ", tree), error


def test_our_own_mistakes_are_value_errors() -> None:
    assert issubclass(LocalProtocolError, ValueError)
    assert LocalProtocolError.status == 500


@pytest.mark.parametrize(
    ("data", "quoted"),
    [
        (b"a\r\n", r"b'a\r\n'"),
        ("é\n", r"'\xe9\n'"),
        (b"x" * 60, repr(b"x" * 60)),
        (b"x" * 61, repr(b"x" * 60) + "... (61 in all)"),
    ],
)
def test_excerpts_are_safe_and_short(data: bytes | str, quoted: str) -> None:
    assert errors.excerpt(data) == quoted


def test_exports_are_there() -> None:
    assert tidegate_http_core.__all__ == sorted(
        tidegate_http_core.__all__,
        key=lambda name: (not name.isupper(), name == name.lower(), name),
    )
    for name in tidegate_http_core.__all__:
        assert getattr(tidegate_http_core, name) is not None


def test_names_are_istr_and_spell_themselves() -> None:
    names = {name: value for name, value in vars(hdrs).items() if isinstance(value, istr)}
    assert len(names) > 120
    for name, value in names.items():
        assert name == value.upper().replace("-", "_")
    assert hdrs.ETAG == "ETag"


def test_methods() -> None:
    assert hdrs.METH_ANY == "*"
    assert {"GET", "HEAD", "POST", "PATCH", "TRACE"} < hdrs.METH_ALL
    assert len(hdrs.METH_ALL) == 9
    assert len(hdrs.HOST_ALL) == 16
    assert "hOsT" in hdrs.HOST_ALL


def test_reason_phrases() -> None:
    assert reason_phrase(200) == "OK"
    assert reason_phrase(404) == "Not Found"
    assert reason_phrase(799) == ""
