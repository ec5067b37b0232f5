"""How lines look: colours where a person reads them, none in a pipe or a file.

Colours are ANSI escapes, put around pieces of a line; the text is the same without them. They are
wanted where the stream is a terminal, unless ``NO_COLOR`` is set (to anything but nothing, see
no-color.org) or the terminal is ``dumb``; an option decides over all of that.
"""

import logging
import os
import time
from typing import IO, Any, Final

from tidegate_web_server import AbstractAccessLogger

_RESET: Final = "\x1b[0m"
_STYLES: Final = {
    "dim": "\x1b[2m",
    "bold": "\x1b[1m",
    "red": "\x1b[31m",
    "green": "\x1b[32m",
    "yellow": "\x1b[33m",
    "blue": "\x1b[34m",
    "magenta": "\x1b[35m",
    "cyan": "\x1b[36m",
}
_LEVELS: Final = {
    logging.DEBUG: "dim",
    logging.INFO: "green",
    logging.WARNING: "yellow",
    logging.ERROR: "red",
    logging.CRITICAL: "red",
}
_STATUSES: Final = {1: "cyan", 2: "green", 3: "blue", 4: "yellow", 5: "red"}


def colors_wanted(asked: bool | None, stream: IO[str]) -> bool:
    """Tell whether to write colours to *stream*.

    :param asked: what the user said, None for nothing.
    """
    if asked is not None:
        return asked
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def styled(text: str, style: str | None, *, colors: bool) -> str:
    """Return *text* in a style, if colours are wanted and there is one."""
    return f"{_STYLES[style]}{text}{_RESET}" if colors and style is not None else text


class LineFormatter(logging.Formatter):
    """One line a record: the time, the level, the logger, the message.

    Lines of the access log have their own shape already: they are written as they are.
    """

    def __init__(self, *, colors: bool) -> None:
        """Prepare a formatter.

        :param colors: write the level in its colour.
        """
        super().__init__()
        self._colors = colors

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Put a line together."""
        if record.name == "tidegate.access":
            return record.message
        when = time.strftime("%H:%M:%S", time.localtime(record.created))
        level = styled(record.levelname, _LEVELS.get(record.levelno), colors=self._colors)
        dimmed = styled(when, "dim", colors=self._colors)
        return f"{dimmed} {level} {record.name}: {record.message}"


class ConsoleAccessLogger(AbstractAccessLogger):
    """The access log of ``tidegate dev``: when, what, how it went, how long it took.

    ``12:34:56 GET /users/7 200 1.2 KiB 3.4 ms``. Colours are wanted where the log format, which
    has no other meaning here, is :attr:`COLORS`.
    """

    COLORS: Final = "colors"

    def __init__(self, logger: logging.Logger, log_format: str = "") -> None:
        """Log to *logger*."""
        super().__init__(logger, log_format)
        self._colors = log_format == self.COLORS

    @property
    def enabled(self) -> bool:
        """Whether the logger takes records of level INFO."""
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: Any, response: Any, time: float) -> None:
        """Write one line.

        :param time: seconds that the request took.
        """
        status = response.status
        size = response.output_length
        self.logger.info(
            "%s %s %s %s %s %s",
            self._style(_now(), "dim"),
            self._style(request.method, "bold"),
            _printable(request.raw_path),
            self._style(str(status), _STATUSES.get(status // 100)),
            f"{size / 1024:.1f} KiB" if size >= 1024 else f"{size} B",
            self._style(f"{time * 1000:.1f} ms", "dim" if time < 1 else "magenta"),
        )

    def _style(self, text: str, style: str | None) -> str:
        return styled(text, style, colors=self._colors)


def _now() -> str:
    return time.strftime("%H:%M:%S")


def _printable(text: str) -> str:
    """Make what a client sent safe for a terminal: no control character gets through."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
