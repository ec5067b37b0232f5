"""Who serves when a program calls ``run_app``: as a rule ``run_app``, else who took it over.

``tidegate dev program.py``, ``tidegate run program.py`` and a worker of ``run_app(workers=)`` run
a program that calls ``run_app`` itself, and are to serve what it made under settings of their own.
While :func:`taking_over` is entered, ``run_app`` hands its arguments on, as a :class:`RunCall`,
and returns when who took over returns. Nothing of the program is changed for it.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tidegate_web_server import Application

from .listening import Listeners


@dataclass(frozen=True, slots=True)
class RunCall:
    """One call of ``run_app``, its arguments checked."""

    app: Application | Awaitable[Application]
    listeners: Listeners
    runner_options: dict[str, Any]
    """Keyword arguments for :class:`AppRunner`."""
    handle_signals: bool


Takeover = Callable[[RunCall], None]

_takeovers: list[Takeover] = []


@contextmanager
def taking_over(takeover: Takeover) -> Iterator[None]:
    """Let *takeover* have each call of ``run_app`` that is made inside the context."""
    _takeovers.append(takeover)
    try:
        yield
    finally:
        _takeovers.remove(takeover)


def current_takeover() -> Takeover | None:
    """Return who has the calls of ``run_app`` now; None: ``run_app`` itself."""
    return _takeovers[-1] if _takeovers else None
