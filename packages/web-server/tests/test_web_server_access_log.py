"""Access lines: their format, what clients can't do to them, and what they cost when off."""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    AbstractAccessLogger,
    AccessLogger,
    Application,
    BaseRequest,
    Response,
    Server,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Log, Serve


async def hello(request: BaseRequest) -> Response:
    return Response(text="hello", headers={"X-Own": 'a "quote"'})


class Records(logging.Handler):
    """Keeps what a logger is given."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.all.append(record)

    @property
    def lines(self) -> list[str]:
        return [record.getMessage() for record in self.all]


@pytest.fixture
def records() -> Iterator[Records]:
    logger = logging.getLogger("tidegate.access")
    records = Records()
    logger.addHandler(records)
    before = logger.level
    logger.setLevel(logging.INFO)
    yield records
    logger.setLevel(before)
    logger.removeHandler(records)


async def line(serve: Serve, records: Records, log_format: str, request: bytes) -> str:
    served = await serve(hello, access_log_format=log_format)
    await served.ask(request)
    (text,) = records.lines
    return text


async def test_the_default_line_is_that_of_apache(serve: Serve, records: Records) -> None:
    served = await serve(hello)
    answer = await served.get("/path?q", "Referer: http://r/", "User-Agent: me/1")
    assert answer.status == 200
    (text,) = records.lines
    pattern = (
        r"127\.0\.0\.1 \[\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}\] "
        r'"GET /path\?q HTTP/1\.1" 200 (\d+) "http://r/" "me/1"'
    )
    match = re.fullmatch(pattern, text)
    assert match is not None, text
    assert int(match[1]) > len("hello")


@pytest.mark.parametrize(
    ("log_format", "expected"),
    [
        ("%%", "%"),
        ("100% %s %", "100% 200 %"),
        ("%P", f"<{os.getpid()}>"),
        ("%r", "GET /a HTTP/1.0"),
        ("%T", "0"),
        ("%{X-Sent}i %{x-sent}i %{Missing}i", "yes yes -"),
        ("%{X-Own}o %{Missing}o", r"a \"quote\" -"),
        ("%{Content-Length}o", "5"),
        ("%O %x %{X}z", "%O %x %{X}z"),
        ("", ""),
    ],
)
async def test_each_atom_gives_its_value(
    serve: Serve, records: Records, log_format: str, expected: str
) -> None:
    request = b"GET /a HTTP/1.0\r\nX-Sent: yes\r\n\r\n"
    assert await line(serve, records, log_format, request) == expected


async def test_times_are_numbers_of_the_same_length_of_time(
    serve: Serve, records: Records
) -> None:
    text = await line(serve, records, "%Tf %D", b"GET / HTTP/1.0\r\n\r\n")
    seconds, micros = text.split()
    assert re.fullmatch(r"\d+\.\d{6}", seconds)
    assert abs(float(seconds) * 1e6 - int(micros)) <= 1


@pytest.mark.parametrize(
    ("sent", "logged"),
    [
        (b'"', r"\""),
        (b"\\", r"\\"),
        (b'\\"', r"\\\""),
        (b"\\n", r"\\n"),
        (b"\t", r"\t"),
        ("é".encode(), r"\xe9"),
        (b"\xff", r"\udcff"),
        ("\u2028".encode(), r"\u2028"),
        (b"%s %d", "%s %d"),
    ],
)
async def test_what_a_client_sends_can_neither_end_the_quotes_nor_the_line(
    serve: Serve, records: Records, sent: bytes, logged: str
) -> None:
    request = b"GET / HTTP/1.0\r\nX-Sent: a" + sent + b"b\r\n\r\n"
    text = await line(serve, records, '"%{X-Sent}i"', request)
    assert text == f'"a{logged}b"'
    assert text.isascii()


async def test_a_quote_in_the_target_is_escaped(serve: Serve, records: Records) -> None:
    text = await line(serve, records, '"%r"', b'GET /" HTTP/1.0\r\n\r\n')
    assert text == r'"GET /\" HTTP/1.0"'


async def test_the_values_are_in_the_record_by_name(serve: Serve, records: Records) -> None:
    log_format = "%a %s %b %r %{X-Sent}i %{Host}i %{X-Own}o %D"
    served = await serve(hello, access_log_format=log_format)
    await served.get("/", "X-Sent: 1")
    values: dict[str, Any] = vars(records.all[0])
    assert values["remote_address"] == "127.0.0.1"
    assert values["first_request_line"] == "GET / HTTP/1.1"
    assert values["request_header"] == {"X-Sent": "1", "Host": "test"}
    assert "X-Own" in values["response_header"]
    assert values["response_status"] == 200
    assert isinstance(values["response_size"], int)
    assert "request_time_micro" in values


async def test_every_answer_has_a_line_with_its_own_status(
    serve: Serve, records: Records, log: Log
) -> None:
    async def fail(request: BaseRequest) -> Response:
        raise ValueError

    app = Application()
    app.router.add_get("/", hello)
    app.router.add_get("/fail", fail)
    served = await serve(app, access_log_format="%s")
    for path, method in (("/", "GET"), ("/nothing", "GET"), ("/", "PUT"), ("/fail", "GET")):
        await served.ask(f"{method} {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    assert records.lines == ["200", "404", "405", "500"]
    assert log.take_one().exc_info is not None


async def test_a_logger_that_takes_no_lines_is_asked_for_none(
    serve: Serve, records: Records
) -> None:
    class Counting(AccessLogger):
        calls = 0

        def log(self, request: Any, response: Any, time: float) -> None:
            type(self).calls += 1

    logging.getLogger("tidegate.access").setLevel(logging.WARNING)
    assert (await (await serve(hello, access_log_class=Counting)).get("/")).status == 200
    assert Counting.calls == 0
    assert (await (await serve(hello, access_log=None)).get("/")).status == 200
    assert records.lines == []


async def test_a_logger_of_one_s_own_writes_what_it_likes(serve: Serve) -> None:
    seen: list[tuple[str, int, bool]] = []

    class Own(AbstractAccessLogger):
        def log(self, request: BaseRequest, response: Response, time: float) -> None:
            assert self.enabled
            assert (self.logger.name, self.log_format) == ("own", "whatever")
            seen.append((request.path, response.status, time >= 0))

    served = await serve(
        hello,
        access_log_class=Own,
        access_log=logging.getLogger("own"),
        access_log_format="whatever",
    )
    await served.get("/path")
    assert seen == [("/path", 200, True)]


async def test_a_logger_that_fails_costs_no_answer(serve: Serve, log: Log) -> None:
    class Failing(AbstractAccessLogger):
        def log(self, request: Any, response: Any, time: float) -> None:
            raise ValueError("in the logger")

    connection = await (await serve(hello, access_log_class=Failing)).connect()
    for _ in range(2):
        assert (await connection.ask("/")).text == "hello"
        assert "in the logger" in str(log.take_one().exc_info)


async def test_what_is_no_access_logger_is_refused() -> None:
    unfit: Any = str
    with pytest.raises(TypeError, match="must be a subclass of AbstractAccessLogger, got <class"):
        Server(hello, access_log_class=unfit)
