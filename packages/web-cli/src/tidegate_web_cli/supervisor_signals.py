"""Signals as a queue that a supervisor reads between two steps, woken from its wait by each.

Handlers of Python run between any two bytecodes; these do no more than note the signal. What wakes
``select()`` is the byte that the interpreter itself writes for each signal.
"""

import os
import signal
import threading
from collections import deque
from types import FrameType, TracebackType
from typing import Any, Self


class SignalQueue:
    """A context in which signals are queued; it restores what they did before."""

    def __init__(self, signals: list[signal.Signals]) -> None:
        """Prepare to queue *signals*.

        :raises RuntimeError: outside of the main thread, where Python delivers none.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError(
                "several workers are supervised from the main thread alone, to which Python "
                "delivers signals: call run_app(workers=…) there"
            )
        self._signals = signals
        self._queue: deque[int] = deque()
        self._previous: dict[int, Any] = {}
        self._previous_wakeup = -1
        self._read, self._write = -1, -1

    def __enter__(self) -> Self:
        """Take the signals over."""
        self._read, self._write = os.pipe()
        for fd in (self._read, self._write):
            os.set_blocking(fd, False)
        self._previous_wakeup = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for signum in self._signals:
            self._previous[signum] = signal.signal(signum, self._note)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for signum, previous in self._previous.items():
            # None stands for a handler that was not installed from Python: it can't be put back.
            signal.signal(signum, signal.SIG_DFL if previous is None else previous)
        signal.set_wakeup_fd(self._previous_wakeup)
        os.close(self._read)
        os.close(self._write)

    def fileno(self) -> int:
        """Return the descriptor that can be read when signals came."""
        return self._read

    def take(self) -> list[int]:
        """Return the signals that came since."""
        try:
            while os.read(self._read, 4096):
                pass
        except BlockingIOError:
            pass
        taken = []
        while self._queue:
            taken.append(self._queue.popleft())
        return taken

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self._queue.append(signum)
