"""Proxies: who is believed about the client, and who is not."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from tidegate_web_server import (
    Application,
    AppRunner,
    BaseRequest,
    JSONAccessLogger,
    Response,
    Server,
    TrustedProxies,
    UnixSite,
    json_response,
)
from tidegate_web_server.trusted_proxies import as_trusted_proxies

if TYPE_CHECKING:
    from conftest import Serve

PEER = "10.0.0.1"


class Peer:
    """A connection, as far as proxies matter."""

    def __init__(self, peername: object) -> None:
        self.peername = peername


def origin(
    *fields: tuple[str, str], proxies: Any = ("10.0.0.0/8",), peer: object = (PEER, 5), **rest: Any
) -> tuple[str | None, str | None, str | None]:
    headers = CIMultiDictProxy(CIMultiDict(fields))
    return TrustedProxies(proxies, **rest).origin(Peer(peer), headers)


def remote(value: str, **rest: Any) -> str | None:
    return origin(("X-Forwarded-For", value), **rest)[0]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 10.0.0.2, 10.9.9.9", "203.0.113.7"),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("fe80::1%<script>", None),
        ("[fe80::1%a b]:80", None),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("203.0.113.7,\t::ffff:10.0.0.2", "203.0.113.7"),
        ("203.0.113.7 , 10.0.0.2 ", "203.0.113.7"),
    ],
)
def test_the_right_most_address_that_is_not_listed_is_the_client(value: str, found: str) -> None:
    assert remote(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", None),
        ("unknown", None),
        ("203.0.113.7, unknown", None),
        ("203.0.113.7, unknown, 10.0.0.2", "10.0.0.2"),
        ("203.0.113.7, , 10.0.0.2", "10.0.0.2"),
        ("300.0.0.1", None),
        ("1.2.3", None),
        ("[2001:db8::7", "2001:db8::7"),
        ("[", None),
        ("\u0661.2.3.4", None),
        ("203.0.113.7;", None),
        ("203.0.113.7\x00", None),
    ],
)
def test_what_is_no_address_ends_the_search(value: str, found: str | None) -> None:
    assert remote(value) == found


def test_several_fields_are_one_list() -> None:
    fields = [("X-Forwarded-For", "6.6.6.6, 203.0.113.7"), ("X-Forwarded-For", "10.0.0.2")]
    assert origin(*fields)[0] == "203.0.113.7"


def test_the_search_is_bounded() -> None:
    assert remote(", ".join(["203.0.113.7", *["10.0.0.2"] * 40])) == "10.0.0.2"


EVERYTHING = [
    ("X-Forwarded-For", "203.0.113.7"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "example.com"),
    ("Forwarded", "for=203.0.113.8;proto=https;host=example.org"),
]


@pytest.mark.parametrize("peer", [("192.0.2.1", 5), ("2001:db8::1", 5, 0, 0), "", None, b""])
def test_a_peer_that_is_not_listed_is_not_believed(peer: object) -> None:
    assert origin(*EVERYTHING, peer=peer) == (None, None, None)


@pytest.mark.parametrize(
    ("proxies", "peer"),
    [
        (["10.0.0.1"], (PEER, 5)),
        (["fd00::/8"], ("fd00::1%eth0", 5, 0, 3)),
        (["10.0.0.0/8"], ("::ffff:10.0.0.1", 5, 0, 0)),
        (["unix"], ""),
        (["unix"], None),
        (["*"], ("192.0.2.1", 5)),
        (["*"], ""),
    ],
)
def test_a_peer_that_is_listed_is_believed(proxies: list[str], peer: object) -> None:
    found = origin(*EVERYTHING, proxies=proxies, peer=peer)
    assert found == ("203.0.113.7", "https", "example.com")


def test_where_everybody_is_believed_the_first_address_is_the_client() -> None:
    assert remote("203.0.113.7, 192.0.2.9", proxies=["*"]) == "203.0.113.7"


@pytest.mark.parametrize(
    ("scheme", "found"),
    [("https", "https"), ("HTTP", "http"), ("wss", "https"), ("ws", "http"), ("gopher", None),
     ("", None), ("https://", None), ("http, https", "https")],
)  # fmt: skip
def test_schemes(scheme: str, found: str | None) -> None:
    assert origin(("X-Forwarded-Proto", scheme))[1] == found


@pytest.mark.parametrize(
    ("host", "found"),
    [("example.com", "example.com"), ("example.com:8443", "example.com:8443"),
     ("[::1]:80", "[::1]:80"), ("a b", None), ("", None), ("a/b", None), ("a\r\nb", None),
     ("a@b", None)],
)  # fmt: skip
def test_hosts(host: str, found: str | None) -> None:
    assert origin(("X-Forwarded-Host", host))[2] == found


def test_in_lists_of_one_length_what_stands_in_the_client_s_place_counts() -> None:
    found = origin(
        ("X-Forwarded-For", "6.6.6.6, 203.0.113.7, 10.0.0.2"),
        ("X-Forwarded-Proto", "http, https, http"),
        ("X-Forwarded-Host", "forged.example, example.com, inner.example"),
    )
    assert found == ("203.0.113.7", "https", "example.com")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("for=203.0.113.7;proto=https;host=example.com", ("203.0.113.7", "https", "example.com")),
        ('for="[2001:db8::7]:4711"', ("2001:db8::7", None, None)),
        ("for=6.6.6.6;proto=http, for=203.0.113.7;proto=https", ("203.0.113.7", "https", None)),
        (
            "for=6.6.6.6;host=forged, for=203.0.113.7, for=10.0.0.2;proto=https;host=example.com",
            ("203.0.113.7", "https", "example.com"),
        ),
        ("for=203.0.113.7, for=unknown;proto=https", (None, "https", None)),
        ("for=203.0.113.7, for=_hidden, for=10.0.0.2", ("10.0.0.2", None, None)),
        ("for=203.0.113.7, malformed element", (None, None, None)),
        ("for=203.0.113.7, ", (None, None, None)),
        ("proto=https", (None, "https", None)),
        ("proto=gopher;host=a/b", (None, None, None)),
    ],
)
def test_the_standard_field(value: str, found: tuple[str | None, ...]) -> None:
    assert origin(("Forwarded", value)) == found


def test_beside_the_customary_addresses_the_standard_field_is_not_looked_at() -> None:
    assert origin(*EVERYTHING) == ("203.0.113.7", "https", "example.com")
    assert origin(*EVERYTHING[3:]) == ("203.0.113.8", "https", "example.org")
    assert origin(*EVERYTHING, fields=["Forwarded"]) == ("203.0.113.8", "https", "example.org")


def test_only_fields_that_are_named_are_believed() -> None:
    fields = ["x-forwarded-for", "X-Forwarded-Proto"]
    assert origin(*EVERYTHING, fields=fields) == ("203.0.113.7", "https", None)
    assert origin(*EVERYTHING[1:], fields=["X-Forwarded-For"]) == (None, None, None)


def test_what_can_t_be_meant_is_refused() -> None:
    with pytest.raises(TypeError, match=r"a list of addresses, got the str '10\.0\.0\.0/8'"):
        TrustedProxies("10.0.0.0/8")
    with pytest.raises(ValueError, match=r"such as '10.0.0.0/8', or 'unix', got 'proxy'"):
        TrustedProxies(["proxy"])
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8 has host bits set"):
        TrustedProxies(["10.0.0.1/8"])
    with pytest.raises(ValueError, match=r"expected fields of X-Forwarded-For, .*, got X-Real-IP"):
        TrustedProxies(["10.0.0.1"], fields=["X-Real-IP"])


def test_a_server_that_is_told_of_nobody_looks_at_nothing() -> None:
    assert as_trusted_proxies(None) is None
    assert as_trusted_proxies([]) is None
    given = TrustedProxies([])
    assert as_trusted_proxies(given) is given


def test_it_says_whom_it_believes() -> None:
    assert repr(TrustedProxies(["10.0.0.0/8", "unix"])) == "<TrustedProxies unix, 10.0.0.0/8>"
    assert repr(TrustedProxies(["*"])) == "<TrustedProxies *>"


# --- over a connection ---


async def tell(request: BaseRequest) -> Response:
    return json_response(
        [request.remote, request.scheme, request.secure, request.host, str(request.url)]
    )


BEHIND = (
    "X-Forwarded-For: 203.0.113.7",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: a.example",
)


async def test_by_default_nobody_is_believed(serve: Serve) -> None:
    answer = await (await serve(tell)).get("/", *BEHIND)
    assert answer.text == '["127.0.0.1", "http", false, "test", "http://test/"]'


async def test_a_listed_proxy_changes_all_views_of_a_request(serve: Serve) -> None:
    served = await serve(tell, trusted_proxies=["127.0.0.0/8"])
    answer = await served.get("/", *BEHIND)
    assert answer.text == '["203.0.113.7", "https", true, "a.example", "https://a.example/"]'
    # What it does not say is what the connection says.
    answer = await served.get("/")
    assert answer.text == '["127.0.0.1", "http", false, "test", "http://test/"]'


async def test_another_proxy_is_not_believed(serve: Serve) -> None:
    served = await serve(tell, trusted_proxies=["192.0.2.1"])
    assert (await served.get("/", *BEHIND)).text.startswith('["127.0.0.1", "http", false')


async def test_clone_wins(serve: Serve) -> None:
    async def clone(request: BaseRequest) -> Response:
        return await tell(request.clone(remote="192.0.2.5", scheme="http", host="b.example"))

    served = await serve(clone, trusted_proxies=TrustedProxies(["127.0.0.1"]))
    answer = await served.get("/", *BEHIND)
    assert answer.text == '["192.0.2.5", "http", false, "b.example", "http://b.example/"]'


async def test_the_access_log_names_the_client(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="tidegate.access")
    app = Application()
    app.router.add_get("/", tell)
    served = await serve(app, trusted_proxies=["127.0.0.1"], access_log_class=JSONAccessLogger)
    await served.get("/", *BEHIND)
    (fields,) = [vars(record)["access"] for record in caplog.records if "access" in vars(record)]
    assert (fields["remote"], fields["host"]) == ("203.0.113.7", "a.example")


@pytest.mark.parametrize("trusted", [["unix"], ["127.0.0.1"]])
async def test_a_proxy_on_a_unix_socket(tmp_path: Path, trusted: list[str]) -> None:
    app = Application()
    app.router.add_get("/", tell)
    runner = AppRunner(app, trusted_proxies=trusted, shutdown_timeout=0.1)
    await runner.setup()
    path = str(tmp_path / "s")
    await UnixSite(runner, path).start()
    reader, writer = await asyncio.open_unix_connection(path)
    assert writer.get_extra_info("socket").family == socket.AF_UNIX
    lines = ["GET / HTTP/1.1", "Host: test", "Connection: close", *BEHIND, "", ""]
    writer.write("\r\n".join(lines).encode())
    body = (await asyncio.wait_for(reader.read(), 3)).partition(b"\r\n\r\n")[2].decode()
    writer.close()
    await runner.cleanup()
    assert body.startswith('["203.0.113.7", "https"' if trusted == ["unix"] else '["", "http"')


async def test_a_server_refuses_proxies_that_are_none() -> None:
    with pytest.raises(ValueError, match="got 'localhost'"):
        Server(tell, trusted_proxies=["localhost"])


def test_the_zone_of_a_peer_does_not_matter() -> None:
    field = ("X-Forwarded-For", "203.0.113.7")
    peer = ("fe80::1%eth0", 5, 0, 2)
    assert origin(field, proxies=["fe80::/10"], peer=peer)[0] == "203.0.113.7"
