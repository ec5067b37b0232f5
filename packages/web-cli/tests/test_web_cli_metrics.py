"""Metrics count requests by route, never by what a client sent, over all workers that ever ran."""

import asyncio
import http.client
import importlib
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli import metrics
from tidegate_web_cli.metrics import MetricsError, setup_metrics, share_among_workers
from tidegate_web_cli.worker_process import METRICS_FOLDER, METRICS_IDENTITY
from tidegate_web_server import (
    Application,
    AppRunner,
    HTTPFound,
    Request,
    Response,
    TCPSite,
)

prometheus_client = pytest.importorskip(
    "prometheus_client", reason="prometheus-client is not installed (extra metrics)"
)

SUPERVISED = Path(__file__).with_name("programs") / "supervised.py"


async def user(request: Request) -> Response:
    return Response(text=request.match_info["id"])


async def found(request: Request) -> Response:
    raise HTTPFound("/")


async def failing(request: Request) -> Response:
    raise LookupError


async def cancelled(request: Request) -> Response:
    raise asyncio.CancelledError


def application(**options: Any) -> Application:
    app = Application()
    nested = Application()
    nested.router.add_get("/users/{id}", user)
    app.add_subapp("/api", nested)
    app.router.add_get("/found", found)
    app.router.add_get("/failing", failing)
    app.router.add_get("/cancelled", cancelled)
    setup_metrics(app, registry=prometheus_client.CollectorRegistry(), **options)
    return app


async def send(app: Application, *targets: str) -> list[bytes]:
    runner = AppRunner(app, access_log=None)
    await runner.setup()
    site = TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    answers = []
    for target in targets:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(f"{target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        answers.append(await reader.read())
        writer.close()
        await writer.wait_closed()
    await runner.cleanup()
    return answers


def samples(answer: bytes, name: str) -> dict[str, float]:
    """Return the samples of a metric by their labels, as text."""
    found = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", answer.decode(), re.MULTILINE)
    return {labels: float(value) for labels, value in found}


async def test_requests_are_counted_by_route_and_status() -> None:
    *_, answer = await send(
        application(),
        "GET /api/users/1",
        "GET /api/users/2",
        "HEAD /api/users/3",
        "GET /found",
        "GET /nowhere/4",
        "BREW /nowhere/5",
        "GET /metrics",
    )
    assert b"text/plain" in answer
    assert b"no-store" in answer
    assert samples(answer, "http_requests_total") == {
        'method="GET",route="/api/users/{id}",status="200"': 2,
        'method="HEAD",route="/api/users/{id}",status="200"': 1,
        'method="GET",route="/found",status="302"': 1,
        'method="GET",route="",status="404"': 1,
        'method="other",route="",status="404"': 1,
    }
    durations = samples(answer, "http_request_duration_seconds_count")
    assert durations['method="GET",route="/api/users/{id}"'] == 2
    # The one that asks.
    assert samples(answer, "http_requests_in_flight") == {"": 1}


async def test_handlers_that_fail_or_are_cancelled_are_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    *_, answer = await send(application(path="/-/m"), "GET /failing", "GET /cancelled", "GET /-/m")
    assert samples(answer, "http_requests_total") == {
        'method="GET",route="/failing",status="500"': 1,
        'method="GET",route="/cancelled",status="499"': 1,
    }
    assert samples(answer, "http_requests_in_flight") == {"": 1}


async def test_without_a_path_nothing_is_shown() -> None:
    (answer,) = await send(application(path=None), "GET /metrics")
    assert answer.startswith(b"HTTP/1.1 404")


async def test_two_applications_share_the_metrics_of_one_registry() -> None:
    registry = prometheus_client.CollectorRegistry()
    apps = [Application(), Application()]
    for app in apps:
        setup_metrics(app, registry=registry)
    for app in apps:
        (answer,) = await send(app, "GET /metrics")
    assert samples(answer, "http_requests_total") == {
        'method="GET",route="/metrics",status="200"': 1
    }


async def test_the_default_registry_is_prometheus_clients_own() -> None:
    app = Application()
    setup_metrics(app)
    (answer,) = await send(app, "GET /metrics")
    assert b"python_info" in answer
    assert samples(answer, "http_requests_in_flight") == {"": 1}


def test_a_missing_prometheus_client_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(MetricsError, match=r"pip install tidegate-web-cli\[metrics\]"):
        setup_metrics(Application())


def test_in_a_worker_values_are_files_with_the_number_of_the_worker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    values = importlib.import_module("prometheus_client.values")
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    monkeypatch.setenv(metrics.MULTIPROCESS_FOLDER, "")  # so that it is restored
    monkeypatch.setenv(METRICS_FOLDER, str(tmp_path))
    monkeypatch.setenv(METRICS_IDENTITY, "5")
    share_among_workers()
    share_among_workers()
    assert os.environ[metrics.MULTIPROCESS_FOLDER] == str(tmp_path)
    assert values.ValueClass is not values.MutexValue


async def test_the_metrics_of_several_processes_are_added_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(metrics.MULTIPROCESS_FOLDER, str(tmp_path))
    (answer,) = await send(application(), "GET /metrics")
    # This process's own are no files, and so not among them.
    assert samples(answer, "http_requests_in_flight") == {}


def counted(port: int) -> tuple[float, float]:
    """Return the requests to /who that all workers have counted, and those in flight."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with closing(connection):
        connection.request("GET", "/metrics")
        answer = connection.getresponse().read()
    requests = samples(answer, "http_requests_total")
    in_flight = samples(answer, "http_requests_in_flight")
    return requests.get('method="GET",route="/who",status="200"', 0), in_flight[""]


def ask(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with closing(connection):
        connection.request("GET", "/who")
        return int(connection.getresponse().read().split()[0])


@pytest.mark.real
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals for workers")
def test_the_metrics_of_all_workers_outlive_those_that_are_replaced(
    start: Callable[..., Any],
) -> None:
    process = start(SUPERVISED, json.dumps({"metrics": "/metrics"}), "{}")
    port = process.wait_for_port()
    pids = {ask(port) for _ in range(20)}
    assert len(pids) == 2
    assert counted(port) == (20, 1)
    hanging = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    hanging.request("GET", "/wait")
    end = time.monotonic() + 30
    while counted(port)[1] < 2:
        assert time.monotonic() < end
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    process.wait_for("another one starts")
    process.wait_for("another one starts")
    hanging.close()
    # What they have counted stays; what they had in service is no more.
    assert counted(port) == (20, 1)
    process.send(signal.SIGHUP)
    new = {ask(port) for _ in range(20)}
    assert not new & pids
    while {ask(port) for _ in range(5)} & new:
        assert time.monotonic() < end + 30
    requests, in_flight = counted(port)
    assert requests >= 45
    assert in_flight == 1
