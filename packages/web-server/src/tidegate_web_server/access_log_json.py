"""One line of JSON a request, for programs that read logs.

======================  =====================================================================
``time``                when the request came, ISO 8601 in UTC with milliseconds
``remote``              the client's address, null where the connection has none
``method``              the method
``target``              the request target as it was sent, with its query
``version``             ``"1.1"`` or ``"1.0"``
``host``                host and port that the client addressed
``status``              the status, a number
``size``                bytes of the response, head included, a number
``body_size``           bytes of its body, a number
``duration``            seconds it took, a number with six decimals
``referer``             the Referer field, null without one
``user_agent``          the User-Agent field, null without one
======================  =====================================================================

The line is ASCII: whatever a client sent is escaped, so that no request can forge a line, or end
one early. The same dict is the record's attribute ``access``, for formatters that want it as it
is.

Choose it with ``access_log_class=JSONAccessLogger``. It has no format; a subclass that wants other
fields overrides :meth:`JSONAccessLogger.fields`.
"""

import datetime
import json
import logging
import time as time_module
from typing import Any

from tidegate_http_core import hdrs

from .abc import AbstractAccessLogger


def _text(value: str | None) -> str | None:
    """Return *value* so that every reader of JSON takes it: bytes that are no UTF-8 escaped."""
    return None if value is None else value.encode("utf-8", "backslashreplace").decode("utf-8")


class JSONAccessLogger(AbstractAccessLogger):
    """Writes one line of JSON a request to a :class:`logging.Logger`, at level INFO."""

    def __init__(self, logger: logging.Logger, log_format: str = "") -> None:
        """Write to *logger*; *log_format* is not used."""
        super().__init__(logger, log_format)

    @property
    def enabled(self) -> bool:
        """Whether the logger takes records of level INFO."""
        return self.logger.isEnabledFor(logging.INFO)

    def fields(self, request: Any, response: Any, time: float) -> dict[str, Any]:
        """Return what is logged of a request; see the module's top.

        :param time: seconds that the request took.
        """
        began = datetime.datetime.fromtimestamp(time_module.time() - time, datetime.UTC)
        headers = request.headers
        major, minor = request.version
        return {
            "time": began.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "remote": _text(request.remote),
            "method": request.method,
            "target": _text(request.raw_path),
            "version": f"{major}.{minor}",
            "host": _text(request.host),
            "status": response.status,
            "size": response.output_length,
            "body_size": response.body_length,
            "duration": round(time, 6),
            "referer": _text(headers.get(hdrs.REFERER)),
            "user_agent": _text(headers.get(hdrs.USER_AGENT)),
        }

    def log(self, request: Any, response: Any, time: float) -> None:
        """Write one line.

        :param time: seconds that the request took.
        """
        fields = self.fields(request, response, time)
        line = json.dumps(fields, separators=(",", ":"))
        # As an argument: a line has percent signs of its own.
        self.logger.info("%s", line, extra={"access": fields})
