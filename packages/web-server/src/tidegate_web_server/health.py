"""Two routes for who watches over a server: does it live, and may it be sent requests.

::

    app.add_routes(web.health(checks=[database_answers]))

``GET /health/live`` is 200 as long as the event loop runs: who gets no answer may end the process
and start another. ``GET /health/ready`` is 200 while requests are welcome, and 503 from the moment
the server begins to stop (``shutting_down``), so that a load balancer sends them elsewhere during
the ``shutdown_delay``; it is 503, too, while one of the user's checks fails. Liveness has no
checks: a database that is down is no reason to restart what asks it.

The answers are small JSON objects, never cached (RFC 9111 section 5.2.2.5). They name checks and
say no more about them: why one failed goes to the log, not to whoever asks.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from tidegate_web_routing import RouteDef, get

from .request import Request
from .response import Response, json_response

health_logger = logging.getLogger("tidegate.web.health")

Check = Callable[[Request], Awaitable[object]]
"""Returns False, or raises, when the application can't serve."""

OK = "ok"
FAILED = "failed"
TIMED_OUT = "timed out"


def health(
    prefix: str = "/health", *, checks: Iterable[Check] = (), timeout: float = 5.0
) -> list[RouteDef]:
    """Define the routes *prefix*``/live`` and *prefix*``/ready``; see the module's top.

    :param prefix: the path above the two, ``""`` for none.
    :param checks: ``async def check(request)``, awaited at once for each request to ``/ready``; it
        fails when it returns False, raises, or takes longer than *timeout*. The function's name is
        shown.
    :param timeout: seconds that the checks have.
    :raises TypeError: when a check can't be called.
    :raises ValueError: for a *timeout* that leaves no time, and two checks of one name.
    """
    named: dict[str, Check] = {}
    for check in checks:
        if not callable(check):
            raise TypeError(f"a check is an async function of a request, got {check!r}")
        name = getattr(check, "__name__", type(check).__name__)
        if name in named:
            raise ValueError(f"two checks are named {name!r}: nobody could tell them apart")
        named[name] = check
    if timeout <= 0:
        raise ValueError(f"timeout is the seconds that checks have, more than 0, got {timeout}")

    async def live(request: Request) -> Response:
        return _answer(200, {"status": "alive"})

    async def ready(request: Request) -> Response:
        if request.shutting_down.is_set():
            return _answer(503, {"status": "stopping"})
        if not named:
            return _answer(200, {"status": "ready"})
        results = await _results(request, list(named.values()), timeout)
        # The checks have taken their time, and the server may have begun to stop in it.
        if request.shutting_down.is_set():
            return _answer(503, {"status": "stopping"})
        outcome = dict(zip(named, results, strict=True))
        if all(result == OK for result in results):
            return _answer(200, {"status": "ready", "checks": outcome})
        return _answer(503, {"status": "unavailable", "checks": outcome})

    prefix = prefix.rstrip("/")
    return [get(f"{prefix}/live", live), get(f"{prefix}/ready", ready)]


# What is bounded is each check, and one that is late is told apart from one that fails.
async def _results(
    request: Request,
    checks: Sequence[Check],
    timeout: float,  # noqa: ASYNC109
) -> list[str]:
    return list(await asyncio.gather(*(_result(request, check, timeout) for check in checks)))


async def _result(request: Request, check: Check, timeout: float) -> str:  # noqa: ASYNC109
    limit = asyncio.timeout(timeout)
    try:
        async with limit:
            passed = await check(request)
    except Exception as error:
        if limit.expired():
            health_logger.warning("the check %r took longer than %s s", check, timeout)
            return TIMED_OUT
        health_logger.warning("the check %r failed", check, exc_info=error)
        return FAILED
    return FAILED if passed is False else OK


def _answer(status: int, content: dict[str, Any]) -> Response:
    return json_response(content, status=status, headers={"Cache-Control": "no-store"})
