"""What is installed and what would run: the facts that a report of a bug should have."""

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from .banner import COMPILED_LEAVES, speed
from .loops import loop_name, new_event_loop

_TIDEGATE = ("", "-http-core", "-web-routing", "-web-server", "-web-static", "-web-ws", "-web-cli")
_USED = ("multidict", "yarl", "aiosignal", "frozenlist", "uvloop", "click", "rich")
_OPTIONAL = (
    *("watchfiles", "pyyaml", "gunicorn", "prometheus-client"),
    *("brotli", "backports.zstd", "aiohttp"),
)
_VARIABLES = ("PORT", "WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "NO_COLOR", "PYTHONASYNCIODEBUG")


def facts() -> dict[str, dict[str, str]]:
    """Collect the facts, in groups; values that may be secret are not among them."""
    loop = new_event_loop()
    name = loop_name(loop)
    loop.close()
    return {
        "tidegate": {
            **versions([f"tidegate{part}" for part in _TIDEGATE]),
            "build": speed(COMPILED_LEAVES),
            "event loop": name,
        },
        "used": versions(_USED),
        "optional": versions(_OPTIONAL),
        "Python": {
            "implementation": f"{platform.python_implementation()} {platform.python_version()}",
            "compiler": platform.python_compiler(),
            "executable": sys.executable,
            "virtual environment": "yes" if sys.prefix != sys.base_prefix else "no",
        },
        "system": {
            "platform": platform.platform(),
            "processors": str(os.cpu_count()),
        },
        "environment": {
            name: "set" if name.startswith("TIDEGATE_") else value
            for name, value in sorted(os.environ.items())
            if name in _VARIABLES or name.startswith("TIDEGATE_")
        },
    }


def versions(distributions: Sequence[str]) -> dict[str, str]:
    """Return the version of each distribution, or that it is not installed."""
    found = {}
    for name in distributions:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
