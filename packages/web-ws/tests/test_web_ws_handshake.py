"""The opening handshake, by the items of RFC 6455 sections 4.2.1 and 4.2.2."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict
from tidegate_web_ws import HandshakeError, WebSocketReady, accept, accept_value
from tidegate_web_ws.handshake import check_protocols

GOOD = (
    ("Host", "test"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)


def fields(*more: tuple[str, str], without: str = "") -> CIMultiDict[str]:
    return CIMultiDict([pair for pair in GOOD if pair[0] != without] + list(more))


def replaced(name: str, *values: str) -> CIMultiDict[str]:
    return fields(*((name, value) for value in values), without=name)


def refusal(
    headers: CIMultiDict[str], method: str = "GET", version: tuple[int, int] = (1, 1)
) -> HandshakeError:
    with pytest.raises(HandshakeError) as caught:
        accept(method, version, headers)
    return caught.value


def test_the_example_of_the_rfc_is_answered() -> None:
    # Section 1.3.
    assert accept("GET", (1, 1), fields()).headers == (
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    )
    assert accept_value("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize("method", ["POST", "HEAD", "get", "OPTIONS"])
def test_only_get_is_accepted(method: str) -> None:
    exc = refusal(fields(), method)
    assert (exc.status, exc.headers) == (405, {"Allow": "GET"})


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (0, 9)])
def test_only_http_1_1_is_accepted(version: tuple[int, int]) -> None:
    assert refusal(fields(), version=version).status == 400


@pytest.mark.parametrize("name", ["Upgrade", "Connection", "Sec-WebSocket-Key"])
def test_a_field_that_lacks_is_a_bad_request(name: str) -> None:
    exc = refusal(fields(without=name))
    assert exc.status == 400
    assert name in str(exc)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Upgrade", ("WebSocket",)),
        ("Upgrade", ("h2c, websocket",)),
        ("Upgrade", ("h2c", "websocket")),
        ("Connection", ("keep-alive, upgrade",)),
        ("Connection", ("keep-alive", "\tUPGRADE ")),
    ],
)
def test_upgrade_and_connection_are_lists_that_ignore_the_case(
    name: str, values: tuple[str, ...]
) -> None:
    assert accept("GET", (1, 1), replaced(name, *values)).protocol is None


@pytest.mark.parametrize(
    ("name", "value"), [("Upgrade", "websockets"), ("Upgrade", ""), ("Connection", "close")]
)
def test_another_upgrade_is_a_bad_request(name: str, value: str) -> None:
    assert refusal(replaced(name, value)).status == 400


@pytest.mark.parametrize("versions", [(), ("12",), ("8",), ("14",), ("13, 8",), ("13", "13")])
def test_another_version_is_told_which_one_to_use(versions: tuple[str, ...]) -> None:
    exc = refusal(replaced("Sec-WebSocket-Version", *versions))
    assert exc.status == 426
    assert exc.headers["Sec-WebSocket-Version"] == "13"
    # RFC 9110 section 15.5.22: a 426 has an Upgrade field.
    assert exc.headers["Upgrade"] == "websocket"


@pytest.mark.parametrize(
    "keys",
    [
        ("",),
        ("dGhlIHNhbXBsZSBub25jZQ",),  # no padding
        ("dGhlIHNhbXBsZSBub25j",),  # 15 bytes
        ("dGhlIHNhbXBsZSBub25jZSE=",),  # 17 bytes
        ("dGhlIHNhbXBsZSBub25j ZQ==",),
        ("dGhlIHNhbXBsZSBub25jZ_==",),
        ("dGhlIHNhbXBsZSBub25jZé==",),
        ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="),
    ],
)
def test_a_key_that_is_not_16_bytes_in_base64_is_a_bad_request(keys: tuple[str, ...]) -> None:
    assert refusal(replaced("Sec-WebSocket-Key", *keys)).status == 400


@pytest.mark.parametrize(
    ("lines", "chosen"),
    [
        ((), None),
        (("chat",), "chat"),
        (("superchat, chat",), "superchat"),
        (("unknown,chat , superchat",), "chat"),
        (("unknown", "superchat"), "superchat"),
        ((",, ,chat",), "chat"),
        (("unknown",), None),
        (("CHAT",), None),
    ],
)
def test_the_first_subprotocol_of_the_client_that_the_server_speaks_is_chosen(
    lines: tuple[str, ...], chosen: str | None
) -> None:
    headers = fields(*(("Sec-WebSocket-Protocol", line) for line in lines))
    handshake = accept("GET", (1, 1), headers, ("chat", "superchat"))
    assert handshake.protocol == chosen
    assert dict(handshake.headers).get("Sec-WebSocket-Protocol") == chosen


@pytest.mark.parametrize("names", [("a b",), ("",), ("ok", "a,b"), ("a\r\nX: y",), ("é",)])
def test_a_subprotocol_that_is_no_token_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="token"):
        check_protocols(names)


def test_one_str_in_place_of_several_subprotocols_is_refused() -> None:
    with pytest.raises(TypeError, match="one str"):
        check_protocols("chat")


def test_readiness_is_true_or_false() -> None:
    assert WebSocketReady(True, "chat")
    assert not WebSocketReady(False, None)
