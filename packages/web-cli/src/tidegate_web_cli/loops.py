"""Which event loop an application runs on.

Asked for a loop by name, it makes a new one: ``"uvloop"``, ``"asyncio"``, or ``"auto"``, which is
uvloop where it is installed and asyncio elsewhere. It makes loops and nothing more: it does not
install an event loop policy, and it does not make a loop the current one. ``"asyncio"`` asks the
event loop policy, so a program that sets a policy of its own gets its loop by that name.
"""

import asyncio
from importlib import import_module
from types import ModuleType
from typing import Literal, get_args

LoopName = Literal["auto", "uvloop", "asyncio"]
"""The names that :func:`new_event_loop` takes."""


def new_event_loop(name: LoopName = "auto") -> asyncio.AbstractEventLoop:
    """Make a new event loop.

    :param name: ``"auto"``, ``"uvloop"`` or ``"asyncio"``.
    :raises ValueError: for any other name.
    :raises ImportError: for ``"uvloop"`` where uvloop is not installed.
    """
    if name not in get_args(LoopName):
        raise ValueError(
            f"an event loop is one of {', '.join(map(repr, get_args(LoopName)))}, not {name!r}"
        )
    if name == "asyncio":
        return asyncio.new_event_loop()
    try:
        uvloop: ModuleType = import_module("uvloop")
    except ImportError as error:
        if name == "auto":
            return asyncio.new_event_loop()
        raise ImportError(
            "the event loop 'uvloop' was asked for and uvloop cannot be imported "
            f"({error}): pip install uvloop, or take 'auto' or 'asyncio'",
            name="uvloop",
        ) from error
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def loop_name(loop: asyncio.AbstractEventLoop) -> str:
    """Name what *loop* comes from: ``"uvloop"``, ``"asyncio"``, or another package's name."""
    return type(loop).__module__.partition(".")[0]
