"""What SIGINT and SIGTERM do while an application is served.

The first signal asks the server to stop, through a callback that runs in the event loop. Every
later one ends it: :class:`GracefulExit` is raised right where the main thread is, even in a
request handler that blocks the loop, and the signals go back to what they did before, so that
the next one has the system's own effect.

The handlers are Python's (``signal.signal``) and not the loop's (``loop.add_signal_handler``): the
loop's run between two steps of the loop, so a handler of the application that blocks would keep
them, and with them CTRL+C, waiting.

A signal that comes after the interpreter's last look for one, and before the loop goes to sleep,
runs no Python handler until something else wakes the loop. uvloop, and asyncio on Windows, have
the system write a byte to a socket of the loop for that; asyncio's selector loop has it done only
while it has a signal handler of its own, so it is given one that does nothing.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, Self

from tidegate_web_server import GracefulExit

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """A context in which SIGINT and SIGTERM stop a server; it restores what they did before.

    Outside of the main thread Python delivers no signals, and the context changes nothing there.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        stop: Callable[[], object],
        signals: Iterable[signal.Signals] = STOP_SIGNALS,
    ) -> None:
        """Prepare the context; nothing is installed before it is entered.

        :param loop: the loop of the server.
        :param stop: called once, in *loop*, at the first signal.
        :param signals: those to take over.
        """
        self._loop = loop
        self._stop = stop
        self._signals = tuple(signals)
        self._previous: dict[signal.Signals, Any] = {}
        self._wakes = False
        # Signals may come while the handler of another runs, between any two of its bytecodes;
        # only one of them can pop the one ticket.
        self._first = [True]
        self.forced = False
        """A signal came while the server was stopping."""

    def __enter__(self) -> Self:
        """Take over both signals."""
        if threading.current_thread() is threading.main_thread():
            for signum in self._signals:
                self._previous[signum] = signal.getsignal(signum)
                self._wake_loop_at(signum)
                signal.signal(signum, self._handle)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give both signals back."""
        self._restore()

    def _wake_loop_at(self, signum: signal.Signals) -> None:
        if isinstance(self._loop, asyncio.SelectorEventLoop):
            with suppress(NotImplementedError):  # the selector loop of Windows
                self._loop.add_signal_handler(signum, _nothing)
                self._wakes = True

    def _restore(self) -> None:
        while self._previous:
            signum, previous = self._previous.popitem()
            if self._wakes:
                self._loop.remove_signal_handler(signum)
            # None stands for a handler that was not installed from Python: it can't be put back.
            signal.signal(signum, signal.SIG_DFL if previous is None else previous)

    @property
    def stopping(self) -> bool:
        """The server is stopping: a signal asked for it, or :meth:`begin` said so."""
        return not self._first

    def begin(self) -> bool:
        """Note that the server begins to stop; tell whether that is news."""
        try:
            return self._first.pop()
        except IndexError:
            return False

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self.begin():
            self._loop.call_soon_threadsafe(self._stop)
            return
        self.forced = True
        self._restore()
        raise GracefulExit


def _nothing() -> None:
    """Be a signal handler of the loop; what is to be done is done by Python's."""
