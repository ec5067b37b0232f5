"""What a server says about itself when it starts.

Two questions are answered here: which build runs (version, compiled or pure Python, event loop,
interpreter), and how that and the addresses look in a terminal. Whether a build is compiled is
seen where it can't lie: in the files from which the hot modules are loaded. Nothing is printed
here.
"""

import asyncio
import platform
import sys
from collections.abc import Iterable
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import find_spec
from typing import NamedTuple

from ._version import __version__
from .loops import loop_name

# One module of each distribution that has compiled ones; a wheel is compiled whole or not at all.
COMPILED_LEAVES = ("tidegate_http_core.parser", "tidegate_web_routing.matcher")


class Build(NamedTuple):
    """What runs: the answer of :func:`describe_build`."""

    version: str
    speed: str
    """``"compiled"``, ``"pure Python"``, or ``"partly compiled"`` where wheels are mixed."""
    loop: str
    """``"uvloop"``, ``"asyncio"``, or the package of another loop."""
    python: str
    """Implementation and version, such as ``"CPython 3.11.7"``."""

    def __str__(self) -> str:
        """Show the build in one line."""
        return f"tidegate {self.version} ({self.speed}, {self.loop}) on {self.python}"


def describe_build(loop: asyncio.AbstractEventLoop) -> Build:
    """Find out which build runs.

    :param loop: the event loop that serves.
    """
    # A program that imports the distribution "tidegate" knows that version; to read it from the
    # module that is loaded costs nothing, where importlib.metadata costs 25 ms of every start.
    facade = sys.modules.get("tidegate")
    version = getattr(facade, "__version__", __version__)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return Build(version, speed(COMPILED_LEAVES), loop_name(loop), python)


def speed(leaves: Iterable[str]) -> str:
    """Tell whether modules are compiled, by the files they are loaded from.

    :param leaves: names of modules; those that are not installed don't count.
    """
    compiled = {
        spec.origin.endswith(tuple(EXTENSION_SUFFIXES))
        for spec in map(_spec, leaves)
        if spec is not None and spec.origin is not None
    }
    if compiled == {True}:
        return "compiled"
    return "partly compiled" if True in compiled else "pure Python"


def _spec(module: str) -> ModuleSpec | None:
    try:
        return find_spec(module)
    except ModuleNotFoundError:  # of the package that the module is in
        return None


def banner(names: Iterable[str], build: Build) -> str:
    """Say where a server listens and what it is, in three lines.

    :param names: the names of its sites, URLs as a rule.
    :param build: what runs.
    """
    return (
        f"======== Running on {', '.join(sorted(names))} ========\n{build}\n(Press CTRL+C to quit)"
    )
