"""health(): liveness, readiness, and what the user's checks make of it."""

import asyncio
import json
from typing import Any

import pytest
from tidegate_web_routing import UrlDispatcher
from tidegate_web_server import Application, AppRunner, Request, Response, TCPSite
from tidegate_web_server.health import health


async def ask(app: Application, *paths: str, stopping: bool = False) -> list[tuple[int, Any, str]]:
    """Serve *app* and GET *paths*; return status, JSON and Cache-Control of each."""
    runner = AppRunner(app)
    await runner.setup()
    site = TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    if stopping:
        assert runner.server is not None
        runner.server.shutting_down.set()
    try:
        return [await _get(site.port, path) for path in paths]
    finally:
        await runner.cleanup()


async def _get(port: int, path: str) -> tuple[int, Any, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    return int(head.split(b" ")[1]), json.loads(body), fields["Cache-Control"]


def application(**options: Any) -> Application:
    app = Application()
    app.add_routes(health(**options))
    return app


async def database(request: Request) -> None:
    assert request.method == "GET"


async def queue(request: Request) -> bool:
    return False


async def storage(request: Request) -> None:
    raise OSError("password of the storage: secret")


async def slow(request: Request) -> None:
    await asyncio.Event().wait()


async def test_a_server_that_runs_is_alive_and_ready() -> None:
    assert await ask(application(), "/health/live", "/health/ready") == [
        (200, {"status": "alive"}, "no-store"),
        (200, {"status": "ready"}, "no-store"),
    ]


async def test_a_server_that_stops_is_alive_and_not_ready() -> None:
    app = application(checks=[database])
    assert await ask(app, "/health/live", "/health/ready", stopping=True) == [
        (200, {"status": "alive"}, "no-store"),
        (503, {"status": "stopping"}, "no-store"),
    ]


@pytest.mark.parametrize(("prefix", "path"), [("", "/ready"), ("/-/", "/-/ready")])
async def test_the_prefix_is_the_users(prefix: str, path: str) -> None:
    ((status, _, _),) = await ask(application(prefix=prefix), path)
    assert status == 200


async def test_checks_that_pass_are_named() -> None:
    ((status, content, _),) = await ask(application(checks=[database]), "/health/ready")
    assert (status, content) == (200, {"status": "ready", "checks": {"database": "ok"}})


async def test_one_check_that_fails_makes_it_unavailable_and_says_why_in_the_log_alone(
    log: Any,
) -> None:
    app = application(checks=[database, queue, storage, slow], timeout=0.05)
    answers = await ask(app, "/health/ready", "/health/live")
    records = log.take()
    assert answers[0][:2] == (
        503,
        {
            "status": "unavailable",
            "checks": {
                "database": "ok",
                "queue": "failed",
                "storage": "failed",
                "slow": "timed out",
            },
        },
    )
    assert answers[1][0] == 200
    assert {record.name for record in records} == {"tidegate.web.health"}
    assert [str(record.exc_info[1]) for record in records if record.exc_info] == [
        "password of the storage: secret"
    ]
    assert len(records) == 2
    assert "secret" not in json.dumps(answers)


async def test_a_timeout_of_the_checks_own_is_a_failure(log: Any) -> None:
    async def upstream(request: Request) -> None:
        raise TimeoutError

    ((_, content, _),) = await ask(application(checks=[upstream]), "/health/ready")
    assert content["checks"] == {"upstream": "failed"}
    assert isinstance(log.take_one().exc_info[1], TimeoutError)


async def test_a_stop_that_begins_during_the_checks_is_seen() -> None:
    async def stopping(request: Request) -> None:
        request.shutting_down.set()

    ((status, content, _),) = await ask(application(checks=[stopping]), "/health/ready")
    assert (status, content) == (503, {"status": "stopping"})


async def test_head_is_answered_too() -> None:
    router = UrlDispatcher()
    routes = health()
    router.add_routes(routes)
    assert {route.method for route in router.routes()} == {"GET", "HEAD"}


def test_what_can_not_work_is_refused() -> None:
    async def database(request: Request) -> Response:
        raise NotImplementedError

    with pytest.raises(TypeError, match="async function"):
        health(checks=["database"])  # type: ignore[list-item] # that is what is refused
    with pytest.raises(ValueError, match="two checks are named 'database'"):
        health(checks=[database, database])
    with pytest.raises(ValueError, match="timeout"):
        health(timeout=0)
