"""A worker's main program: ``python -m tidegate_web_cli.worker LIFE NEWS``, run by a supervisor.

Its arguments are the descriptors of the two pipes of :mod:`.worker_channel`. It reads its order,
serves with the sockets that it inherited, and tells the supervisor when it is ready and, once a
second from within the event loop, that the loop still runs. It decides nothing about its own end:
whether it has answered enough requests or has grown too big is for the supervisor, which first
starts another one.

When the supervisor dies the worker stops in order, as at SIGTERM. If that takes longer than a stop
may take it is killed: there is nobody left who would.
"""

import faulthandler
import os
import signal
import sys
import threading
import time
from dataclasses import replace

from tidegate_web_server import Application, Server

from .listening import inherited
from .memory import resident_memory
from .settings import RunSettings
from .worker_channel import ChannelError, News, WorkerEnd

STOP_MARGIN = 10.0
"""Seconds that a stop may take beside what the settings give to requests: cancelling, cleanup."""


def stop_patience(settings: RunSettings) -> float:
    """Return the seconds after which a worker that is to stop is killed."""
    return settings.shutdown_delay + settings.timeout_graceful_shutdown + STOP_MARGIN


def main(argv: list[str]) -> int:
    """Serve as a supervisor orders; return the exit code.

    :param argv: the numbers of both pipes.
    """
    try:
        life, news = map(int, argv)
        channel = WorkerEnd(life, news)
        order = channel.order()
    except (ValueError, OSError) as error:
        reason = error if isinstance(error, ChannelError) else "its pipes are missing"
        sys.stderr.write(
            f"tidegate_web_cli.worker is started by a supervisor, not by hand: {reason}; "
            "take: tidegate run --workers N\n"
        )
        return 2
    # Told to abort because its loop is stuck, it shows where.
    if not faulthandler.is_enabled():
        faulthandler.enable()
    threading.Thread(
        target=_end_with_supervisor, args=(channel, stop_patience(order.settings)), daemon=True
    ).start()
    return _serve(order.settings, order.fds, channel)


def _serve(settings: RunSettings, fds: tuple[int, ...], channel: WorkerEnd) -> int:
    if settings.metrics is not None:
        # Before anything of the application: its own metrics are merged with those of the others.
        from .metrics import share_among_workers

        share_among_workers()
    from .banner import describe_build
    from .serving import serve

    def ready() -> None:
        from asyncio import get_running_loop

        build = str(describe_build(get_running_loop()))
        channel.tell(News(ready=True, memory=resident_memory(), build=build))

    def beat(server: Server) -> None:
        channel.tell(News(ready=False, requests=server.requests_count, memory=resident_memory()))

    def prepare(app: Application) -> None:
        if settings.metrics is not None:
            from .metrics import setup_metrics

            setup_metrics(app, path=settings.metrics)

    sockets = [inherited(fd) for fd in fds]
    for each in sockets:
        each.set_inheritable(False)
    own = replace(
        settings,
        fd=None,
        workers=1,
        limit_max_requests=None,
        limit_max_requests_jitter=0,
        worker_memory_limit=None,
        pidfile=None,
        metrics=None,
    )
    return serve(own, sockets=sockets, on_ready=ready, on_tick=beat, prepare=prepare)


def _end_with_supervisor(channel: WorkerEnd, patience: float) -> None:
    channel.wait_for_death()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(patience)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
