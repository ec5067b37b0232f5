"""One worker as its supervisor sees it: a process, its pipe, and what was last heard of it.

A worker is a fresh interpreter, not a fork: it shares nothing with the supervisor but the sockets,
so a new one runs the code as it is on disk now. It gets a process group of its own: CTRL+C in a
terminal goes to the supervisor alone, which then decides what its workers are told.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from enum import Enum, auto

from .settings import RunSettings
from .worker_channel import Order, SupervisorEnd

ABORT_PATIENCE = 2.0
"""Seconds between telling a stuck worker to say where it is, and killing it."""

_NOT_INHERITED = ("NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")

METRICS_FOLDER = "TIDEGATE_METRICS_FOLDER"
METRICS_IDENTITY = "TIDEGATE_METRICS_IDENTITY"


class State(Enum):
    """What a worker is at."""

    STARTING = auto()
    SERVING = auto()
    STOPPING = auto()


class WorkerProcess:
    """A process that serves; all times are readings of one monotonic clock, in seconds."""

    def __init__(
        self,
        settings: RunSettings,
        sockets: Sequence[socket.socket],
        *,
        number: int,
        identity: int,
        metrics_folder: str,
        most_requests: float,
        now: float,
    ) -> None:
        """Start a worker.

        :param settings: what it is to serve.
        :param sockets: what it is to listen with.
        :param number: which of the workers it is, from 0.
        :param identity: a number that no other process has that runs now, for its metrics.
        :param metrics_folder: where its metrics go.
        :param most_requests: requests after which it is to be replaced.
        :raises OSError: the system can't start a process.
        """
        self.number = number
        self.identity = identity
        self.most_requests = most_requests
        self.state = State.STARTING
        self.started = self.heard = now
        self.ready_at: float | None = None
        self.kill_at: float | None = None
        self.requests = 0
        self.memory = 0
        self.build = ""
        self.talks = True
        """More can come over its pipe."""
        self.channel = SupervisorEnd()
        fds = [sock.fileno() for sock in sockets]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - of this interpreter
                [
                    *(sys.executable, "-P", *interpreter_options()),
                    *("-m", "tidegate_web_cli.worker", *map(str, self.channel.worker_ends)),
                ],
                pass_fds=[*self.channel.worker_ends, *fds],
                stdin=subprocess.DEVNULL,
                process_group=0,
                env={
                    **{k: v for k, v in os.environ.items() if k not in _NOT_INHERITED},
                    METRICS_FOLDER: metrics_folder,
                    METRICS_IDENTITY: str(identity),
                },
            )
        except OSError:
            self.channel.close()
            raise
        self.channel.give(Order(settings, tuple(fds)))

    def __str__(self) -> str:
        """Name it for people, who count from 1."""
        return f"worker {self.number + 1} (pid {self._process.pid})"

    def read(self, now: float) -> bool:
        """Read what the worker has told; tell whether it became ready by that.

        :raises ChannelError: it told what no worker tells.
        """
        was = self.state
        news, self.talks = self.channel.read()
        for each in news:
            self.heard = now
            self.requests = each.requests
            self.memory = each.memory
            if each.ready and self.state is State.STARTING:
                self.state = State.SERVING
                self.ready_at = now
                self.build = each.build
        return was is State.STARTING and self.state is State.SERVING

    def ended(self) -> int | None:
        """Return the exit code when the process has ended, negative for a signal."""
        return self._process.poll()

    def served(self, now: float) -> float | None:
        """Return the seconds that it has served; None when it did not come to that."""
        return None if self.ready_at is None else now - self.ready_at

    def stop(self, now: float, patience: float) -> None:
        """Let it stop in order; it is to be killed when that takes longer than *patience*."""
        self.state = State.STOPPING
        self.kill_at = now + patience
        self._process.send_signal(signal.SIGTERM)

    def hurry(self) -> None:
        """Let it stop at once: a second signal."""
        self._process.send_signal(signal.SIGTERM)

    def abort(self, now: float) -> None:
        """Let it say where it is stuck, and end."""
        self.state = State.STOPPING
        self.kill_at = now + ABORT_PATIENCE
        self._process.send_signal(signal.SIGABRT)

    def kill(self) -> None:
        """End it now."""
        self.kill_at = None
        self._process.kill()

    def close(self) -> None:
        """Close its pipe, when it has ended."""
        self.channel.close()


def interpreter_options() -> list[str]:
    """Return the options that make another interpreter behave as this one does."""
    options = [f"-W{option}" for option in sys.warnoptions]
    options += [
        f"-X{name}" if value is True else f"-X{name}={value}"
        for name, value in sys._xoptions.items()  # documented, for CPython alone
    ]
    flags = sys.flags
    options += ["-O"] * flags.optimize
    options += ["-I"] if flags.isolated else []
    options += ["-E"] if flags.ignore_environment and not flags.isolated else []
    options += ["-B"] if flags.dont_write_bytecode else []
    return options


def why(code: int) -> str:
    """Say how a process ended, by its exit code."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}"
