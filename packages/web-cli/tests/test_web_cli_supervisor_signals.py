"""Signals are queued, wake who waits for them, and are given back."""

import os
import select
import signal
import sys
import threading

import pytest
from tidegate_web_cli.supervisor_signals import SignalQueue

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals")


def test_signals_come_in_order_and_wake_who_waits() -> None:
    with SignalQueue([signal.SIGHUP, signal.SIGTERM]) as queue:
        assert queue.take() == []
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)
        assert select.select([queue], [], [], 30)[0] == [queue]
        assert queue.take() == [signal.SIGHUP, signal.SIGTERM]
        assert select.select([queue], [], [], 0)[0] == []


def test_what_signals_did_before_is_restored() -> None:
    previous = signal.getsignal(signal.SIGHUP)
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup)
    with SignalQueue([signal.SIGHUP]):
        assert signal.getsignal(signal.SIGHUP) is not previous
    assert signal.getsignal(signal.SIGHUP) is previous
    now = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(now)
    assert now == wakeup


def test_it_is_refused_outside_of_the_main_thread() -> None:
    refused: list[RuntimeError] = []

    def make() -> None:
        try:
            SignalQueue([signal.SIGHUP])
        except RuntimeError as error:
            refused.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert "main thread" in str(refused[0])
