"""Metrics for Prometheus: requests, how long they take, how many are in service (extra "metrics").

::

    setup_metrics(app)                  # GET /metrics
    tidegate run --metrics /metrics     # the same, without a line in the application

======================================  =======================  ================================
metric                                  labels                   what it is
======================================  =======================  ================================
``http_requests_total``                 method, route, status    counter of answers
``http_request_duration_seconds``       method, route            histogram, from the handler's
                                                                 start to its answer
``http_requests_in_flight``                                      gauge of requests in service
======================================  =======================  ================================

The label ``route`` is the canonical path of the resource, ``/users/{id}``, never what a client
sent: a label has as many values as there are routes, and one more, ``""``, for requests that none
serves. Methods that are not of RFC 9110 are ``other``, for the same reason. A handler that was
cancelled, because its client went away for instance, counts with the status 499.

Workers are merged by prometheus_client's own way: each process keeps its numbers in files of a
folder, and whichever of them is asked adds all files up. A file belongs to a number that only one
running process has; the next process with that number goes on where the last one was. So counters
never go back when workers are replaced, and the files don't become more with every one.
"""

import os
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tidegate_web_server import (
    Application,
    HTTPException,
    Request,
    Response,
    StreamResponse,
    middleware,
)

from .errors import CommandError
from .worker_process import METRICS_FOLDER, METRICS_IDENTITY

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name

METHODS = frozenset(
    ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
)
CLIENT_CLOSED_REQUEST = "499"  # nginx's number for it; RFC 9110 has none

Handler = Callable[[Request], Awaitable[StreamResponse]]


class MetricsError(CommandError):
    """Metrics were asked for, and prometheus_client is not there."""


def setup_metrics(
    app: Application, path: str | None = "/metrics", *, registry: "CollectorRegistry | None" = None
) -> None:
    """Measure the requests of *app*, and of what is nested in it, and show the metrics at *path*.

    Call it before you make metrics of your own: in a worker it sees to it that they are merged
    with those of the other workers, too.

    :param app: the outermost application, not yet started.
    :param path: where they are shown; None: nowhere, because you show *registry* yourself.
    :param registry: where they are registered; None: prometheus_client's default one.
    :raises MetricsError: prometheus_client is not installed.
    :raises RuntimeError: when *app* has started.
    """
    share_among_workers()
    from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

    if registry is None:
        registry = REGISTRY
    app.middlewares.insert(0, _measuring(_instruments_of(registry)))
    if path is None:
        return

    async def metrics(request: Request) -> Response:
        return Response(
            body=generate_latest(_shown(registry)),
            headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"},
        )

    app.router.add_get(path, metrics)


def share_among_workers() -> None:
    """Let the metrics that this process makes from now on be merged with the other workers'.

    Only in a worker of :mod:`.supervisor`; nothing happens elsewhere, nor the second time.

    :raises MetricsError: prometheus_client is not installed.
    """
    folder = os.environ.get(METRICS_FOLDER)
    try:
        if folder is None or os.environ.get(MULTIPROCESS_FOLDER) == folder:
            import prometheus_client as prometheus_client

            return
        # Before the import: it decides by the environment what a value is.
        os.environ[MULTIPROCESS_FOLDER] = folder
        from prometheus_client import values
    except ImportError as error:
        raise MetricsError(
            f"metrics need prometheus_client, which cannot be imported ({error}): "
            "pip install tidegate-web-cli[metrics]"
        ) from error
    identity = os.environ[METRICS_IDENTITY]
    values.ValueClass = values.MultiProcessValue(  # type: ignore[no-untyped-call] # it has none
        process_identifier=lambda: identity
    )


def _shown(registry: "CollectorRegistry") -> "CollectorRegistry":
    """Return what is shown: *registry*, or what all processes have in it."""
    if MULTIPROCESS_FOLDER not in os.environ:
        return registry
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    merged = CollectorRegistry()
    MultiProcessCollector(merged)  # type: ignore[no-untyped-call] # it has none
    return merged


class _Instruments:
    """The metrics of one registry."""

    def __init__(self, registry: "CollectorRegistry") -> None:
        from prometheus_client import Counter, Gauge, Histogram

        self.requests = Counter(
            "http_requests",
            "Answers to requests.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.duration = Histogram(
            "http_request_duration_seconds",
            "Seconds from the start of a handler to its answer.",
            ["method", "route"],
            registry=registry,
        )
        self.in_flight = Gauge(
            "http_requests_in_flight",
            "Requests in service.",
            registry=registry,
            multiprocess_mode="livesum",
        )


_instruments: "WeakKeyDictionary[CollectorRegistry, _Instruments]" = WeakKeyDictionary()


def _instruments_of(registry: "CollectorRegistry") -> _Instruments:
    """Return the instruments of *registry*, the same ones for every application."""
    if registry not in _instruments:
        _instruments[registry] = _Instruments(registry)
    return _instruments[registry]


def _measuring(instruments: _Instruments) -> Any:
    """Return the middleware, to be the outermost one."""

    @middleware
    async def measure(request: Request, handler: Handler) -> StreamResponse:
        method = request.method if request.method in METHODS else "other"
        route = route_label(request)
        status = CLIENT_CLOSED_REQUEST
        instruments.in_flight.inc()
        began = time.perf_counter()
        try:
            response = await handler(request)
            status = str(response.status)
            return response
        except HTTPException as answer:
            status = str(answer.status)
            raise
        except Exception:
            status = "500"
            raise
        finally:
            instruments.duration.labels(method, route).observe(time.perf_counter() - began)
            instruments.requests.labels(method, route, status).inc()
            instruments.in_flight.dec()

    return measure


def route_label(request: Request) -> str:
    """Return the canonical path of the resource that serves *request*; ``""`` for none."""
    resource = getattr(getattr(request.match_info, "route", None), "resource", None)
    return str(getattr(resource, "canonical", ""))
