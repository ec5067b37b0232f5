"""The two frameworks under comparison, with the same names for the same things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp
import aiohttp.abc
import aiohttp.test_utils
import aiohttp.web
import tidegate
import tidegate.abc
import tidegate.web
import tidegate_web_server
import tidegate_web_server.testing


@dataclass(frozen=True)
class Framework:
    """What an application imports. Any: to a type checker two modules have nothing in common."""

    name: str
    package: Any
    web: Any
    abc: Any
    testing: Any
    top: Any
    """Where MultipartWriter, StreamReader and such are."""

    def __str__(self) -> str:
        return self.name


AIOHTTP = Framework("aiohttp", aiohttp, aiohttp.web, aiohttp.abc, aiohttp.test_utils, aiohttp)
TIDEGATE = Framework(
    "tidegate",
    tidegate,
    tidegate.web,
    tidegate.abc,
    tidegate_web_server.testing,
    tidegate_web_server,
)
