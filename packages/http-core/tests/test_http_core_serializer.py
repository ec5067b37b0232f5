"""The serialiser: what it writes, and what it refuses. That it reads back is in properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, istr
from tidegate_http_core import LocalProtocolError, hdrs, serialize_request, serialize_response


def test_head_and_body_are_one_piece() -> None:
    assert (
        serialize_response(200, "OK", [("Content-Type", "text/plain"), ("X", "y")], b"hello")
        == b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX: y\r\n\r\nhello"
    )


def test_head_alone() -> None:
    assert serialize_response(204, "", ()) == b"HTTP/1.1 204 \r\n\r\n"


def test_fields_of_a_multidict_and_of_a_generator() -> None:
    fields = CIMultiDict([(hdrs.SET_COOKIE, "a=b"), (istr("set-cookie"), "c=d")])
    expected = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nset-cookie: c=d\r\n\r\n"
    assert serialize_response(200, "OK", fields.items()) == expected
    assert serialize_response(200, "OK", (pair for pair in fields.items())) == expected


def test_values_are_utf_8_and_bytes_survive() -> None:
    assert (
        serialize_response(200, "Jó", [("X", "é\udcff\t€")])
        == b"HTTP/1.1 200 J\xc3\xb3\r\nX: \xc3\xa9\xff\t\xe2\x82\xac\r\n\r\n"
    )


CONTROLS = [chr(c) for c in range(32) if c != 9] + ["\x7f"]


@pytest.mark.parametrize("control", CONTROLS)
def test_controls_are_refused(control: str) -> None:
    with pytest.raises(LocalProtocolError, match="the reason"):
        serialize_response(200, f"O{control}K", [])
    with pytest.raises(LocalProtocolError, match="X-Name"):
        serialize_response(200, "OK", iter([("A", "b"), ("X-Name", f"a{control}"), ("B", "c")]))
    with pytest.raises(LocalProtocolError, match="token"):
        serialize_response(200, "OK", [(f"X{control}", "y")])


@pytest.mark.parametrize("name", ["", "a b", "a:", "é", "a\t", " a", "(a)", 'a"', "a\udc80"])
def test_names_that_are_no_tokens_are_refused(name: str) -> None:
    for _ in range(2):
        with pytest.raises(LocalProtocolError, match="token"):
            serialize_response(200, "OK", [(name, "x")])


@pytest.mark.parametrize("status", [-1, 0, 99, 1000, 20000])
def test_status_has_three_digits(status: int) -> None:
    with pytest.raises(LocalProtocolError, match="three digits"):
        serialize_response(status, "", [])


def test_refusal_is_a_value_error_and_quotes_safely() -> None:
    with pytest.raises(ValueError, match=r"'a\\r\\nb'") as caught:
        serialize_response(200, "OK", [("X", "a\r\nb")])
    assert isinstance(caught.value, LocalProtocolError)
    assert caught.value.status == 500


def test_surrogates_that_are_no_bytes_are_refused() -> None:
    with pytest.raises(LocalProtocolError):
        serialize_response(200, "OK", [("X", "\ud800")])


def test_long_and_many_names_are_written_all_the_same() -> None:
    for number in range(1100):
        name = f"X-{number}" if number % 2 else "x" * (65 + number)
        assert serialize_response(200, "", [(name, "y")]).endswith(
            b"\r\n%b: y\r\n\r\n" % name.encode()
        )


def test_request_head_and_body_are_one_piece() -> None:
    assert (
        serialize_request("POST", "/a?b", [(hdrs.HOST, "a"), ("X", "é")], b"hello")
        == b"POST /a?b HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\r\n\r\nhello"
    )
    assert serialize_request("OPTIONS", "*", ()) == b"OPTIONS * HTTP/1.1\r\n\r\n"


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\nX: y", "GÉT", "GET/", "GET\n"])
def test_methods_that_are_no_tokens_are_refused(method: str) -> None:
    with pytest.raises(LocalProtocolError, match="method"):
        serialize_request(method, "/", [])


@pytest.mark.parametrize(
    "target", ["", "/a b", "/a\r\nX: y", "/é", "/\t", "/\x7f", "/\n", "/\udc80"]
)
def test_targets_that_are_not_visible_ascii_are_refused(target: str) -> None:
    with pytest.raises(LocalProtocolError, match="target"):
        serialize_request("GET", target, [])


@pytest.mark.parametrize("control", CONTROLS)
def test_controls_in_a_request_are_refused(control: str) -> None:
    with pytest.raises(LocalProtocolError, match="X-Name"):
        serialize_request("GET", "/", [("A", "b"), ("X-Name", f"a{control}b")])
    with pytest.raises(LocalProtocolError, match="token"):
        serialize_request("GET", "/", [(f"X{control}", "y")])


TOKEN = st.text("!#$%&'*+-.^_`|~09azAZ", min_size=1, max_size=70)
VALUE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.just("\t"), max_size=20
)


@given(st.integers(100, 999), VALUE, st.lists(st.tuples(TOKEN, VALUE), max_size=5), st.binary())
def test_response_reads_back(
    status: int, reason: str, fields: list[tuple[str, str]], body: bytes
) -> None:
    data = serialize_response(status, reason, fields, body)
    head, _, rest = data.partition(b"\r\n\r\n")
    assert rest == body
    lines = head.decode().split("\r\n")
    assert lines[0] == f"HTTP/1.1 {status} {reason}"
    assert [tuple(line.split(": ", 1)) for line in lines[1:]] == fields
