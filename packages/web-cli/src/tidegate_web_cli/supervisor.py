"""Several workers on one machine: one process that starts them, watches them and replaces them.

:func:`supervise` opens the sockets of the workers (:mod:`.worker_sockets`), starts the first one,
and when that serves the others: what can't work is said once, and ends with an exit code. From
then on it is a loop of small steps. A worker

- that dies is replaced, with growing delays when it dies early (:mod:`.restarts`);
- that is silent for ``timeout_worker_healthcheck``, because something blocks its event loop, is
  told to show where (SIGABRT, see :mod:`faulthandler`), killed, and replaced;
- that has answered ``limit_max_requests`` or has grown above ``worker_memory_limit`` is replaced;
  its successor serves before it stops.

========================  ==================================================================
SIGTERM, SIGINT           stop in order; at the second one at once
SIGHUP                    replace all workers, one after the other, each by one that serves
                          before the old one stops; a new one that can't start ends the
                          replacing, and the old ones go on
SIGTTIN, SIGTTOU          one worker more, one less
========================  ==================================================================

It never serves itself, and never loads the application, so nothing of the application can bring it
down. Exit codes: 0 after a stop in order; 1 after a stop that was not, or when no worker can be
kept running; and the first worker's own when that can't start.
"""

import math
import os
import random
import selectors
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from .errors import CommandError
from .listening import socket_name
from .pid_file import PidFile
from .restarts import Failures, RestartPolicy
from .service import TICK
from .settings import RunSettings
from .supervisor_signals import SignalQueue
from .systemd import notify
from .worker import stop_patience
from .worker_channel import ChannelError
from .worker_process import State, WorkerProcess, why
from .worker_sockets import WorkerSockets

STEP = 0.5  # seconds between two looks at all workers, when nothing happens
HURRY = 2.0  # seconds that workers have after a second signal


def supervise(
    settings: RunSettings,
    sockets: Sequence[socket.socket],
    *,
    policy: RestartPolicy | None = None,
    scheme: str | None = None,
) -> int:
    """Keep ``settings.workers`` processes serving until told to stop; return the exit code.

    :param settings: what to serve; each worker gets them, for :func:`.serving.serve`.
    :param sockets: bound sockets to listen with; they are closed when the stop begins.
    :param policy: how patient to be with workers that fail.
    :param scheme: what the banner shows, ``"http"`` or ``"https"``; None: as *settings* say.
    :raises CommandError: the system has no signals, or the pid file is taken.
    :raises RuntimeError: outside of the main thread.
    """
    if os.name != "posix":
        raise CommandError(
            "several workers need signals and inherited sockets, which Windows does not have: "
            "take --workers 1, and several of them behind a proxy"
        )
    scheme = scheme or ("https" if settings.tls else "http")
    names = [socket_name(scheme, each) for each in sockets]
    with ExitStack() as stack:
        if settings.pidfile is not None:
            stack.enter_context(PidFile(settings.pidfile))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tidegate-metrics-"))
        own = WorkerSockets(sockets)
        stack.callback(own.close)
        supervisor = Supervisor(settings, own, names, Path(folder), policy or RestartPolicy())
        return supervisor.run()


class _Slot:
    """The place of one worker, and of the next one while it starts."""

    def __init__(self, number: int, policy: RestartPolicy, start_at: float) -> None:
        self.number = number
        self.worker: WorkerProcess | None = None
        self.successor: WorkerProcess | None = None
        self.start_at: float | None = start_at  # when the next process is to start
        self.failures = Failures(policy)

    @property
    def changing(self) -> bool:
        """A process of it starts, or is to start."""
        starting = self.worker is not None and self.worker.state is State.STARTING
        return starting or self.successor is not None or self.start_at is not None


class Supervisor:
    """The state of :func:`supervise`, and its steps."""

    def __init__(
        self,
        settings: RunSettings,
        sockets: WorkerSockets,
        names: Sequence[str],
        metrics_folder: Path,
        policy: RestartPolicy,
    ) -> None:
        """Prepare to keep workers serving; nothing is started before :meth:`run`."""
        self._settings = settings
        self._sockets = sockets
        self._names = names
        self._metrics_folder = metrics_folder
        self._policy = policy
        self._patience = stop_patience(settings)
        self._now = time.monotonic()
        self._slots = [_Slot(0, policy, self._now)]
        self._leaving: list[WorkerProcess] = []  # what has no place any more
        self._to_replace: list[_Slot] = []
        self._replacing: _Slot | None = None
        self._proven = False  # a worker has served
        self._announced = False
        self._stopping = False
        self._code = 0
        self._selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Supervise until all workers have ended for good; return the exit code."""
        actions: dict[int, Callable[[], None]] = {
            signal.SIGINT: self._stop_signal,
            signal.SIGTERM: self._stop_signal,
            signal.SIGHUP: self._replace_all,
            signal.SIGTTIN: self._add_worker,
            signal.SIGTTOU: self._remove_worker,
            signal.SIGCHLD: lambda: None,  # it wakes
        }
        with SignalQueue([signal.Signals(each) for each in actions]) as queue, self._selector:
            self._selector.register(queue, selectors.EVENT_READ)
            try:
                while self._slots or self._leaving:
                    self._wait()
                    for signum in queue.take():
                        actions[signum]()
                    self._look()
                    if not self._stopping:
                        self._act()
            finally:
                # None is left but after a bug: they end with this process, in order.
                for worker in self._workers():
                    worker.hurry()
        return self._code

    def _wait(self) -> None:
        """Wait until something happens, or is due."""
        times = [slot.start_at for slot in self._slots] + [w.kill_at for w in self._workers()]
        before = time.monotonic()
        due = min([before + STEP, *(each for each in times if each is not None)])
        self._selector.select(max(0.0, due - before))
        self._now = time.monotonic()
        if self._now - before > 2 * STEP:
            # This process itself was stopped, or starved: it can't tell who was silent.
            for worker in self._workers():
                worker.heard = self._now

    def _look(self) -> None:
        """Take in what the workers have told, and how they are."""
        for worker in self._workers():
            self._listen_to(worker)
        for worker in self._workers():
            code = worker.ended()
            if code is not None:
                self._bury(worker, code)
        for worker in self._workers():
            self._check(worker)

    def _act(self) -> None:
        """Start what is due."""
        for slot in list(self._slots):
            if slot.start_at is not None and slot.start_at <= self._now:
                self._start(slot)
        self._replace_next()
        if not self._announced and self._proven:
            self._announce()

    def _workers(self) -> list[WorkerProcess]:
        """Return all processes that may run."""
        placed = [each for slot in self._slots for each in (slot.worker, slot.successor)]
        return [each for each in placed if each is not None] + self._leaving

    def _slot_of(self, worker: WorkerProcess) -> _Slot | None:
        for slot in self._slots:
            if worker in (slot.worker, slot.successor):
                return slot
        return None

    # -- Starting -------------------------------------------------------------------------------

    def _start(self, slot: _Slot) -> None:
        """Start a process in *slot*, beside the one that serves there, if one does."""
        slot.start_at = None
        settings = self._settings
        most = math.inf
        if settings.limit_max_requests is not None:
            jitter = random.randint(0, settings.limit_max_requests_jitter)  # noqa: S311 - no secret
            most = settings.limit_max_requests + jitter
        taken = {worker.identity for worker in self._workers()}
        try:
            worker = WorkerProcess(
                settings,
                self._sockets.of(slot.number, len(self._slots)),
                number=slot.number,
                identity=min(set(range(len(taken) + 1)) - taken),
                metrics_folder=str(self._metrics_folder),
                most_requests=most,
                now=self._now,
            )
        except OSError as error:
            self._failed(slot, f"a process can't be started: {error}", None)
            return
        self._selector.register(worker.channel, selectors.EVENT_READ)
        if slot.worker is None:
            slot.worker = worker
        else:
            slot.successor = worker

    def _is_ready(self, slot: _Slot, worker: WorkerProcess) -> None:
        """Let *worker*, which serves now, take the place of who served in *slot*."""
        if worker is slot.successor:
            if slot.worker is not None:
                self._leaving.append(slot.worker)
                self._let_go(slot.worker)
            slot.worker, slot.successor = worker, None
        if slot.number == 0:
            # It listens with the sockets of the workers whose places were taken away.
            for each in self._leaving:
                self._let_go(each)
        if not self._proven:
            self._proven = True
            for number in range(1, self._settings.workers):
                self._slots.append(_Slot(number, self._policy, self._now))

    def _let_go(self, worker: WorkerProcess) -> None:
        """Let *worker* stop in order; nobody waits for it."""
        if worker.state is not State.STOPPING:
            worker.stop(self._now, self._patience)

    def _announce(self) -> None:
        if not all(slot.worker and slot.worker.state is State.SERVING for slot in self._slots):
            return
        self._announced = True
        build = next(worker.build for worker in self._workers() if worker.build)
        places = f"{', '.join(self._names)} ({_counted(len(self._slots))})"
        with suppress(OSError):
            print(  # noqa: T201 - as run_app does
                f"======== Running on {places} ========\n{build}\n(Press CTRL+C to quit)",
                flush=True,
            )
        notify(f"READY=1\nMAINPID={os.getpid()}")

    # -- Watching -------------------------------------------------------------------------------

    def _listen_to(self, worker: WorkerProcess) -> None:
        try:
            became_ready = worker.read(self._now)
        except ChannelError as error:
            _say(f"{worker} is killed: {error}")
            worker.kill()
            return
        if not worker.talks:
            self._forget_channel(worker)
        slot = self._slot_of(worker)
        if became_ready and slot is not None and not self._stopping:
            self._is_ready(slot, worker)

    def _forget_channel(self, worker: WorkerProcess) -> None:
        with suppress(KeyError):
            self._selector.unregister(worker.channel)

    def _check(self, worker: WorkerProcess) -> None:
        """Kill *worker* if it is late, and replace it if it is stuck or has done enough."""
        now, settings = self._now, self._settings
        if worker.kill_at is not None:
            if worker.kill_at <= now:
                _say(f"{worker} does not end: it is killed")
                self._code = 1 if self._stopping else self._code
                worker.kill()
        elif worker.state is State.STARTING:
            if now - worker.started > self._policy.start:
                _say(f"{worker} has not begun to serve within {self._policy.start:g} s")
                worker.abort(now)
        elif worker.state is State.SERVING:
            silence = now - worker.heard
            if silence > settings.timeout_worker_healthcheck + TICK:
                _say(f"{worker} is stuck: its event loop has not run for {silence:.0f} s")
                worker.abort(now)
            elif worker.requests >= worker.most_requests:
                self._replace(worker, f"has answered {worker.requests} requests")
            elif worker.memory > (settings.worker_memory_limit or math.inf) * 1024:
                self._replace(worker, f"has grown to {worker.memory // 1024} MiB", big=True)

    def _replace(self, worker: WorkerProcess, reason: str, *, big: bool = False) -> None:
        """Start a successor of *worker*, unless there is one."""
        slot = self._slot_of(worker)
        if slot is None or slot.changing or self._stopping:
            return
        # One that is too big from its start on: the next one will be, too.
        delay = slot.failures.died(worker.served(self._now)) if big else 0.0
        _say(f"{worker} {reason}: it is replaced{_when(delay)}")
        slot.start_at = self._now + delay

    # -- Ends -----------------------------------------------------------------------------------

    def _bury(self, worker: WorkerProcess, code: int) -> None:
        """Clear up after a process that has ended, and decide what follows from it."""
        self._forget_channel(worker)
        worker.close()
        self._forget_gauges(worker.identity)
        slot = self._slot_of(worker)
        if slot is None:
            self._leaving.remove(worker)
            return
        if worker is slot.successor:
            slot.successor = None
        else:
            slot.worker, slot.successor = slot.successor, None
        if self._stopping:
            self._slots = [each for each in self._slots if each.worker or each.successor]
        elif not self._proven:
            _say(f"{worker} {why(code)} before it served: giving up")
            self._give_up(code if code > 0 else 1)
        else:
            self._died(slot, worker, code)

    def _died(self, slot: _Slot, worker: WorkerProcess, code: int) -> None:
        served = worker.served(self._now)
        what = f"{worker} {why(code)}{'' if served is not None else ' before it served'}"
        if slot is self._replacing and served is None:
            self._replacing = None
            self._to_replace.clear()
            _say("the new code can't be served: the workers that are left go on with the old")
            if slot.worker is not None:
                _say(what)
                return
        if slot.worker is None or slot.worker.state is State.SERVING:
            self._failed(slot, what, served)
        else:
            _say(what)  # its successor starts already

    def _failed(self, slot: _Slot, what: str, served: float | None) -> None:
        """Start the next process in *slot* when it is time, or give up."""
        delay = slot.failures.died(served)
        serving = any(worker.state is State.SERVING for worker in self._workers())
        if slot.failures.hopeless and not serving:
            _say(f"{what}; {slot.failures.count} failed in a row, and none serves: giving up")
            self._give_up(1)
        else:
            _say(f"{what}: another one starts{_when(delay)}")
            slot.start_at = self._now + delay

    def _forget_gauges(self, identity: int) -> None:
        """Drop what a dead process had in flight; what it has counted stays."""
        for path in self._metrics_folder.glob(f"gauge_live*_{identity}.db"):
            path.unlink()

    def _give_up(self, code: int) -> None:
        self._stop()
        self._code = code

    # -- Signals --------------------------------------------------------------------------------

    def _stop_signal(self) -> None:
        if not self._stopping:
            self._stop()
            return
        self._code = 1
        for worker in self._workers():
            worker.hurry()
            worker.kill_at = min(worker.kill_at or math.inf, self._now + HURRY)

    def _stop(self) -> None:
        self._stopping = True
        notify("STOPPING=1")
        self._sockets.close()
        for worker in self._workers():
            self._let_go(worker)
        self._slots = [slot for slot in self._slots if slot.worker or slot.successor]

    def _replace_all(self) -> None:
        if not self._stopping:
            _say("SIGHUP: replacing all workers")
            self._to_replace = list(self._slots)

    def _replace_next(self) -> None:
        """Go on with replacing all workers, when one has been replaced."""
        if self._replacing is not None and self._replacing.changing:
            return
        self._replacing = None
        if self._to_replace and not self._to_replace[0].changing:
            self._replacing = self._to_replace.pop(0)
            self._start(self._replacing)

    def _add_worker(self) -> None:
        if self._proven and not self._stopping:
            _say(f"SIGTTIN: {_counted(len(self._slots) + 1)}")
            self._slots.append(_Slot(len(self._slots), self._policy, self._now))

    def _remove_worker(self) -> None:
        """Take the last place away, when the first worker listens with its sockets, too."""
        first, last = self._slots[0], self._slots[-1]
        if first is last or self._stopping:
            return
        if first.changing:
            _say("SIGTTOU: the workers are changing already; send it again")
            return
        _say(f"SIGTTOU: {_counted(len(self._slots) - 1)}")
        self._slots.pop()
        self._to_replace = [slot for slot in self._to_replace if slot is not last]
        if self._replacing is last:
            self._replacing = None
        self._leaving += [each for each in (last.worker, last.successor) if each is not None]
        self._start(first)


def _counted(count: int) -> str:
    return f"{count} worker{'' if count == 1 else 's'}"


def _when(delay: float) -> str:
    return f" in {delay:g} s" if delay else ""


def _say(text: str) -> None:
    with suppress(OSError):
        print(f"tidegate: {text}", file=sys.stderr, flush=True)  # noqa: T201 - as run_app does
