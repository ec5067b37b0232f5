"""The access log in JSON: its fields, and what clients can't do to a line."""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import BaseRequest, JSONAccessLogger, Response

if TYPE_CHECKING:
    from conftest import Serve


class Records(logging.Handler):
    """Keeps what a logger is given."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.all.append(record)


@pytest.fixture
def records() -> Iterator[Records]:
    logger = logging.getLogger("test.access.json")
    logger.propagate = False
    records = Records()
    logger.addHandler(records)
    logger.setLevel(logging.INFO)
    yield records
    logger.removeHandler(records)


async def hello(request: BaseRequest) -> Response:
    return Response(text="hello", status=201)


async def logged(serve: Serve, records: Records, request: bytes) -> dict[str, Any]:
    served = await serve(
        hello,
        access_log_class=JSONAccessLogger,
        access_log=logging.getLogger("test.access.json"),
    )
    await served.ask(request)
    (record,) = records.all
    line = record.getMessage()
    assert line.isascii()
    assert line.isprintable()
    fields: dict[str, Any] = json.loads(line)
    assert fields == record.__dict__["access"]
    return fields


async def test_a_line_has_every_field(serve: Serve, records: Records) -> None:
    before = datetime.datetime.now(datetime.UTC)
    fields = await logged(
        serve,
        records,
        b"GET /a?b=%20 HTTP/1.1\r\nHost: example.org\r\nReferer: r\r\nUser-Agent: u/1\r\n\r\n",
    )
    began = datetime.datetime.fromisoformat(fields.pop("time"))
    assert abs(began - before) < datetime.timedelta(seconds=10)
    assert 0 <= fields.pop("duration") < 10
    assert fields.pop("size") > 5
    assert fields == {
        "remote": "127.0.0.1",
        "method": "GET",
        "target": "/a?b=%20",
        "version": "1.1",
        "host": "example.org",
        "status": 201,
        "body_size": 5,
        "referer": "r",
        "user_agent": "u/1",
    }


async def test_what_is_not_there_is_null(serve: Serve, records: Records) -> None:
    fields = await logged(serve, records, b"GET / HTTP/1.0\r\n\r\n")
    assert fields["referer"] is None
    assert fields["user_agent"] is None
    assert fields["version"] == "1.0"


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        (b'"}\\', '"}\\'),
        (b"\t", "\t"),
        ("é\u2028".encode(), "é\u2028"),
        (b"\xff", "\\udcff"),
        (b"%s %(x)d", "%s %(x)d"),
    ],
)
async def test_a_client_can_t_forge_a_line(
    serve: Serve, records: Records, sent: bytes, value: str
) -> None:
    request = b"GET / HTTP/1.0\r\nUser-Agent: a" + sent + b"b\r\n\r\n"
    assert (await logged(serve, records, request))["user_agent"] == f"a{value}b"


async def test_a_logger_that_is_off_gets_nothing(serve: Serve, records: Records) -> None:
    logger = logging.getLogger("test.access.json")
    logger.setLevel(logging.WARNING)
    assert not JSONAccessLogger(logger).enabled
    served = await serve(hello, access_log_class=JSONAccessLogger, access_log=logger)
    await served.get("/")
    assert records.all == []


async def test_a_subclass_may_log_other_fields(serve: Serve, records: Records) -> None:
    class Short(JSONAccessLogger):
        def fields(self, request: Any, response: Any, time: float) -> dict[str, Any]:
            return {"status": super().fields(request, response, time)["status"]}

    logger = logging.getLogger("test.access.json")
    served = await serve(hello, access_log_class=Short, access_log=logger)
    await served.get("/")
    assert [record.getMessage() for record in records.all] == ['{"status":201}']
