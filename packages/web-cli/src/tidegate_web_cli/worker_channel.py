"""The two pipes between a supervisor and one of its workers.

One is the worker's *life line*: the supervisor writes the worker's :class:`Order` to it and then
nothing more; it holds its end open as long as it lives, so that the worker, reading, learns of its
death from the system, however sudden it was. The other brings *news* from the worker: a line of
JSON for being ready, and for each heartbeat.

News never hold the worker up: they are written without waiting, each in one piece (pipe(7): up to
PIPE_BUF bytes are written whole or not at all), and dropped when the supervisor does not read. A
longer line is none of the channel's.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final

from .settings import RunSettings

# What every system writes to a pipe in one piece (POSIX's least PIPE_BUF).
PIPE_BUF: Final = 512


class ChannelError(ValueError):
    """The other end is no worker, or no supervisor, of this version."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a supervisor tells a worker when it starts it."""

    settings: RunSettings
    fds: tuple[int, ...]
    """The numbers of the sockets to listen with, inherited."""

    def to_json(self) -> str:
        """Return what :meth:`from_json` reads."""
        return json.dumps({"settings": self.settings.to_json(), "fds": self.fds})

    @classmethod
    def from_json(cls, text: str) -> "Order":
        """Read an order.

        :raises ChannelError: for anything else.
        """
        try:
            given = json.loads(text)
            return cls(RunSettings.from_json(given["settings"]), tuple(map(int, given["fds"])))
        except (ValueError, TypeError, KeyError) as error:
            raise ChannelError(f"this is no order for a worker: {error}") from error


@dataclass(frozen=True, slots=True)
class News:
    """What a worker tells its supervisor."""

    ready: bool
    """It listens now; False: it lives."""
    requests: int = 0
    """Requests since it started."""
    memory: int = 0
    """Its resident memory in KiB; 0 where the system does not tell."""
    build: str = ""
    """What runs, in one line; told with being ready."""

    @classmethod
    def from_json(cls, line: bytes) -> "News":
        """Read a line.

        :raises ChannelError: for anything else.
        """
        try:
            return cls(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise ChannelError(f"this is no news of a worker: {error}") from error


class SupervisorEnd:
    """The supervisor's ends of both pipes."""

    def __init__(self) -> None:
        """Open both pipes; nothing of them is inherited but what is passed on."""
        worker_life, self._life = os.pipe()
        self._news, worker_news = os.pipe()
        os.set_blocking(self._news, False)
        self._worker_ends = (worker_life, worker_news)
        self._unread = b""

    @property
    def worker_ends(self) -> tuple[int, int]:
        """The file descriptors to pass on, until :meth:`give`."""
        return self._worker_ends

    def fileno(self) -> int:
        """Return the descriptor that can be read when there is news."""
        return self._news

    def give(self, order: Order) -> None:
        """Let go of the worker's ends, which it has inherited, and tell it its order."""
        self._close_worker_ends()
        # One that is gone already is noticed by its end.
        with suppress(BrokenPipeError):
            _write_all(self._life, order.to_json().encode() + b"\n")

    def read(self) -> tuple[list[News], bool]:
        """Read what has come; return it, and whether the worker can send more.

        :raises ChannelError: what came is no news.
        """
        news: list[News] = []
        while True:
            try:
                data = os.read(self._news, PIPE_BUF)
            except BlockingIOError:
                return news, True
            if not data:
                return news, False
            *lines, self._unread = (self._unread + data).split(b"\n")
            if len(self._unread) > PIPE_BUF:
                raise ChannelError(f"a line of news is longer than {PIPE_BUF} bytes")
            news += map(News.from_json, lines)

    def close(self) -> None:
        """Close both pipes: a worker that is left reads it as the supervisor's death."""
        self._close_worker_ends()
        os.close(self._life)
        os.close(self._news)

    def _close_worker_ends(self) -> None:
        ends, self._worker_ends = self._worker_ends, ()  # type: ignore[assignment] # used up
        for fd in ends:
            os.close(fd)


class WorkerEnd:
    """The worker's ends of both pipes."""

    def __init__(self, life: int, news: int) -> None:
        """Take over the ends that were inherited, so that no further process inherits them."""
        for fd in (life, news):
            os.set_inheritable(fd, False)
        os.set_blocking(news, False)
        self._life = life
        self._news = news

    def order(self) -> Order:
        """Wait for the order.

        :raises ChannelError: something else came, or the supervisor is gone.
        """
        received = b""
        while not received.endswith(b"\n"):
            data = os.read(self._life, 65536)
            if not data:
                raise ChannelError("the supervisor ended before it gave an order")
            received += data
        return Order.from_json(received.decode())

    def tell(self, news: News) -> None:
        """Tell the supervisor, if it listens."""
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._news, json.dumps(_changed(news)).encode() + b"\n")

    def wait_for_death(self) -> None:
        """Wait until the supervisor is gone."""
        while os.read(self._life, 65536):
            pass


def _changed(news: News) -> dict[str, Any]:
    return {name: value for name, value in asdict(news).items() if value or name == "ready"}


def _write_all(fd: int, data: bytes) -> None:
    view: Sequence[int] | memoryview = memoryview(data)
    while view:
        view = view[os.write(fd, bytes(view)) :]
