"""One line a request, in the format of Apache's access log.

The format is compiled once into a template and a list of functions, one for each atom:

========  ==========================================================
``%%``    a percent sign
``%a``    the client's address
``%t``    when the request came, ``[21/Nov/2026:10:00:00 +0000]``
``%P``    the process ID
``%r``    the request line
``%s``    the status
``%b``    the size of the response in bytes, head included
``%T``    the seconds it took, whole
``%Tf``   the seconds it took, with six decimals
``%D``    the microseconds it took
``%{X}i`` the request's field X
``%{X}o`` the response's field X
========  ==========================================================

Anything else stays as it is. What a client sent is quoted, so that no request can forge a line or
end a quoted part early. The values are in the record's ``extra`` too, by name, for formatters
that write something other than lines.

The server asks :attr:`AccessLogger.enabled` now and then, not on each request: where no line
would be written nothing is measured either.
"""

import functools
import logging
import os
import re
import time as time_module
from collections.abc import Callable
from typing import Any, ClassVar

from .abc import AbstractAccessLogger

access_logger = logging.getLogger("tidegate.access")

_Value = Callable[[Any, Any, float], str | int]

_ATOM = re.compile(r"%(%|\{([A-Za-z0-9\-_]+)\}([io])|[atPrsbD]|Tf?)")

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_ESCAPED = {'"': '\\"', "\\": "\\\\"}


def _quoted(value: str) -> str:
    """Make a value of a client safe inside double quotes on one line."""
    if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return value
    return "".join(_escaped(character) for character in value)


def _escaped(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    return character.encode("unicode_escape").decode("ascii")


@functools.lru_cache(maxsize=8)
def _timestamp(second: int) -> str:
    """Format a second as Apache does; month names are English whatever the locale is."""
    when = time_module.localtime(second)
    return time_module.strftime(f"[%d/{_MONTHS[when.tm_mon - 1]}/%Y:%H:%M:%S %z]", when)


def _began(time: float) -> str:
    return _timestamp(int(time_module.time() - time))


def _request_line(request: Any) -> str:
    major, minor = request.version
    return _quoted(f"{request.method} {request.raw_path} HTTP/{major}.{minor}")


def _field(message: Any, name: str) -> str:
    value = None if message is None else message.headers.get(name)
    return "-" if value is None else _quoted(value)


class AccessLogger(AbstractAccessLogger):
    """Writes access lines to a :class:`logging.Logger`, at level INFO."""

    LOG_FORMAT: ClassVar[str] = '%a %t "%r" %s %b "%{Referer}i" "%{User-Agent}i"'

    _ATOMS: ClassVar[dict[str, tuple[str, _Value]]] = {
        "a": ("remote_address", lambda request, response, time: _quoted(request.remote or "-")),
        "t": ("request_start_time", lambda request, response, time: _began(time)),
        "P": ("process_id", lambda request, response, time: f"<{os.getpid()}>"),
        "r": ("first_request_line", lambda request, response, time: _request_line(request)),
        "s": ("response_status", lambda request, response, time: response.status),
        "b": ("response_size", lambda request, response, time: response.output_length),
        "T": ("request_time", lambda request, response, time: str(round(time))),
        "Tf": ("request_time_frac", lambda request, response, time: f"{time:06f}"),
        "D": ("request_time_micro", lambda request, response, time: str(round(time * 1000000))),
    }

    #: The names under which the values are in the record, by atom.
    LOG_FORMAT_MAP: ClassVar[dict[str, str]] = {
        **{atom: name for atom, (name, _) in _ATOMS.items()},
        "i": "request_header",
        "o": "response_header",
    }

    def __init__(self, logger: logging.Logger, log_format: str = LOG_FORMAT) -> None:
        """Compile *log_format*; see the module's top for its atoms."""
        super().__init__(logger, log_format)
        self._template, self._values = self.compile_format(log_format)

    def compile_format(self, log_format: str) -> tuple[str, list[tuple[Any, _Value]]]:
        """Turn a format into a ``%s`` template and, for each atom, its name and function."""
        values: list[tuple[Any, _Value]] = []
        template = []
        end = 0
        for atom in _ATOM.finditer(log_format):
            template.append(log_format[end : atom.start()].replace("%", "%%"))
            end = atom.end()
            if atom[1] == "%":
                template.append("%%")
                continue
            template.append("%s")
            values.append(self._field_of(atom[2], atom[3]) if atom[2] else self._ATOMS[atom[1]])
        template.append(log_format[end:].replace("%", "%%"))
        return "".join(template), values

    @staticmethod
    def _field_of(name: str, side: str) -> tuple[Any, _Value]:
        if side == "i":
            return ("request_header", name), lambda request, response, time: _field(request, name)
        return ("response_header", name), lambda request, response, time: _field(response, name)

    @property
    def enabled(self) -> bool:
        """Whether the logger takes records of level INFO."""
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: Any, response: Any, time: float) -> None:
        """Write one line.

        :param time: seconds that the request took.
        """
        parts = []
        extra: dict[str, Any] = {}
        for key, value in self._values:
            part = value(request, response, time)
            parts.append(part)
            if isinstance(key, str):
                extra[key] = part
            else:
                extra.setdefault(key[0], {})[key[1]] = part
        self.logger.info(self._template % tuple(parts), extra=extra)
