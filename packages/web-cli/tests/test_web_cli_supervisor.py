"""A supervisor of real processes: what dies, is stuck, grows, changes or stops is replaced."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli import supervisor
from tidegate_web_cli.restarts import RestartPolicy
from tidegate_web_cli.settings import RunSettings
from tidegate_web_cli.supervisor import supervise
from tidegate_web_cli.worker_channel import ChannelError
from tidegate_web_cli.worker_process import WorkerProcess

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals for workers"),
]

SUPERVISED = Path(__file__).with_name("programs") / "supervised.py"
PATIENCE = 60.0

Start = Callable[..., Any]


@pytest.fixture
def supervised(start: Start, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return a function that starts a supervisor; its arguments are the settings.

    All of them are told to stop with the test.
    """
    started: list[Any] = []

    def supervised(
        policy: dict[str, float] | None = None,
        environ: dict[str, str] | None = None,
        **settings: Any,
    ) -> Any:
        for name, value in (environ or {}).items():
            monkeypatch.setenv(name, value)
        started.append(start(SUPERVISED, json.dumps(settings), json.dumps(policy or {})))
        return started[-1]

    yield supervised
    for process in started:
        process.send(signal.SIGTERM)
        process.wait()


def get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == 200
        return response.read().decode()


def worker_of(port: int) -> int:
    return int(get(port, "/who").split()[0])


def workers_of(port: int, count: int) -> set[int]:
    """Ask until *count* workers have answered."""
    seen: set[int] = set()
    end = time.monotonic() + PATIENCE
    while len(seen) < count:
        assert time.monotonic() < end, f"{count} workers were expected, {seen} answered"
        seen.add(worker_of(port))
    return seen


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and is not reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def start_call(port: int, path: str) -> threading.Thread:
    """Send a request that is never answered."""

    def call() -> None:
        with suppress(OSError, http.client.HTTPException):
            get(port, path)

    thread = threading.Thread(target=call)
    thread.start()
    return thread


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_several_workers_serve_and_stop_in_order(supervised: Start, signum: int) -> None:
    process = supervised()
    line = process.wait_for("Running on").rstrip()
    assert line.endswith("(2 workers) ========")
    port = int(re.search(r":(\d+)", line)[1])  # type: ignore[index] # else the test fails here
    pids = workers_of(port, 2)
    process.send(signum)
    assert process.wait() == 0
    assert not any(map(runs, pids))


def test_a_worker_that_dies_is_replaced(supervised: Start) -> None:
    process = supervised()
    port = process.wait_for_port()
    pids = workers_of(port, 2)
    os.kill(min(pids), signal.SIGKILL)
    process.wait_for(f"(pid {min(pids)}) was killed by SIGKILL: another one starts")
    wait_until(lambda: bool(workers_of(port, 2) - pids))


def test_a_worker_that_fails_at_import_ends_it_with_a_clear_line(supervised: Start) -> None:
    process = supervised(target="no_such_module:app")
    assert process.wait() == 2
    first, last = process.lines
    assert "no module named 'no_such_module'" in first
    assert re.fullmatch(
        r"tidegate: worker 1 \(pid \d+\) ended with exit code 2 before it served: giving up", last
    )


def test_workers_that_keep_dying_end_it_after_growing_delays(
    supervised: Start, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    process = supervised(
        {"first_delay": 0.01, "most_failures": 3},
        environ={"APP_BROKEN": str(broken)},
        workers=1,
    )
    port = process.wait_for_port()
    pid = worker_of(port)
    broken.touch()
    os.kill(pid, signal.SIGKILL)
    assert process.wait() == 1
    assert [line for line in process.lines if "another one starts in" in line][1:] == [
        line for line in process.lines if line.endswith("another one starts in 0.02 s")
    ]
    assert process.lines[-1].endswith("3 failed in a row, and none serves: giving up")


def test_a_stuck_worker_says_where_and_is_replaced(supervised: Start) -> None:
    process = supervised(workers=1, timeout_worker_healthcheck=1)
    port = process.wait_for_port()
    pid = worker_of(port)
    call = start_call(port, "/block")
    process.wait_for(f"(pid {pid}) is stuck: its event loop has not run for")
    process.wait_for("in block")
    process.wait_for("was killed by SIGABRT: another one starts")
    # The sockets stayed open: who comes meanwhile waits for the next worker.
    assert worker_of(port) != pid
    call.join()


def test_a_worker_that_does_not_begin_to_serve_is_replaced(supervised: Start) -> None:
    process = supervised({"start": 2.0}, environ={"APP_SLOW_START": "1"}, workers=1)
    process.wait_for("has not begun to serve within 2 s")
    process.wait_for("before it served: giving up")
    assert process.wait() == 1


@pytest.mark.parametrize("jitter", [0, 10])
def test_a_worker_is_replaced_after_its_requests(supervised: Start, jitter: int) -> None:
    process = supervised(workers=1, limit_max_requests=20, limit_max_requests_jitter=jitter)
    port = process.wait_for_port()
    pid = worker_of(port)
    for _ in range(20 + jitter):
        worker_of(port)
    line = process.wait_for("requests: it is replaced")
    answered = int(re.search(r"answered (\d+)", line)[1])  # type: ignore[index] # see above
    assert 20 <= answered <= 21 + jitter
    # Nobody was refused in between, and the old one is gone at last.
    wait_until(lambda: worker_of(port) != pid)


def test_a_worker_that_grows_too_big_is_replaced(supervised: Start) -> None:
    process = supervised(workers=1, worker_memory_limit=200)
    port = process.wait_for_port()
    pid = int(get(port, "/grow"))
    process.wait_for(f"(pid {pid}) has grown to")
    wait_until(lambda: worker_of(port) != pid)


def test_hangup_replaces_all_workers_by_ones_with_the_new_code(
    supervised: Start, tmp_path: Path
) -> None:
    process = supervised()
    port = process.wait_for_port()
    pids = workers_of(port, 2)
    process.send(signal.SIGHUP)
    process.wait_for("SIGHUP: replacing all workers")
    wait_until(lambda: not any(map(runs, pids)))
    assert not workers_of(port, 2) & pids


def test_new_code_that_does_not_start_leaves_the_old_workers_serving(
    supervised: Start, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    process = supervised(environ={"APP_BROKEN": str(broken)})
    port = process.wait_for_port()
    pids = workers_of(port, 2)
    broken.touch()
    process.send(signal.SIGHUP)
    process.wait_for("the new code can't be served: the workers that are left go on")
    process.wait_for("before it served")
    assert workers_of(port, 2) == pids
    broken.unlink()
    process.send(signal.SIGHUP)
    wait_until(lambda: not any(map(runs, pids)))


def test_workers_are_added_and_taken_away(supervised: Start) -> None:
    process = supervised()
    port = process.wait_for_port()
    process.send(signal.SIGTTIN)
    process.wait_for("SIGTTIN: 3 workers")
    three = workers_of(port, 3)
    process.send(signal.SIGTTOU)
    process.wait_for("SIGTTOU: 2 workers")
    # The first one is replaced, by one that listens with the sockets of the third, too.
    wait_until(lambda: sum(map(runs, three)) == 1)
    for _ in range(50):
        worker_of(port)
    process.send(signal.SIGTTOU)
    process.wait_for("SIGTTOU: 1 worker")
    wait_until(lambda: not any(map(runs, three)))
    for _ in range(50):
        worker_of(port)
    process.send(signal.SIGTTOU)
    process.send(signal.SIGTERM)
    assert process.wait() == 0


def test_a_second_signal_ends_it_at_once(supervised: Start) -> None:
    process = supervised()
    port = process.wait_for_port()
    pids = workers_of(port, 2)
    calls = [start_call(port, "/wait") for _ in range(4)]
    process.send(signal.SIGTERM)
    wait_until(lambda: _refuses(port))
    process.send(signal.SIGINT)
    assert process.wait() == 1
    assert not any(map(runs, pids))
    for call in calls:
        call.join()


def _refuses(port: int) -> bool:
    try:
        worker_of(port)
    except (OSError, http.client.HTTPException):
        return True
    return False


def test_a_worker_that_does_not_stop_is_killed(supervised: Start) -> None:
    process = supervised(environ={"APP_DEAF": "1"}, workers=1, timeout_graceful_shutdown=0.1)
    process.wait_for_port()
    process.send(signal.SIGTERM)
    process.wait_for("does not end: it is killed")
    assert process.wait() == 1


@needs_proc
def test_workers_end_when_the_supervisor_is_killed(supervised: Start) -> None:
    process = supervised()
    pids = workers_of(process.wait_for_port(), 2)
    process.send(signal.SIGKILL)
    wait_until(lambda: not any(map(runs, pids)))


def test_the_pid_file_holds_the_supervisor_and_goes_with_it(
    supervised: Start, tmp_path: Path
) -> None:
    path = tmp_path / "pid"
    process = supervised(pidfile=str(path), workers=1)
    process.wait_for_port()
    pid = int(path.read_text())
    other = supervised(pidfile=str(path), workers=1)
    assert other.wait() == 2
    assert f"process {pid} runs with the pid file" in other.lines[-1]
    os.kill(pid, signal.SIGKILL)
    process.wait()
    again = supervised(pidfile=str(path), workers=1)
    again.wait_for_port()
    again.send(signal.SIGTERM)
    assert again.wait() == 0
    assert not path.exists()


def test_a_program_that_calls_run_app_with_workers_runs_in_each_of_them(start: Start) -> None:
    process = start(SUPERVISED.with_name("workers_app.py"))
    port = process.wait_for_port()
    pids = workers_of(port, 2)
    process.send(signal.SIGHUP)
    wait_until(lambda: not any(map(runs, pids)))
    pids = workers_of(port, 2)
    process.send(signal.SIGINT)
    assert process.wait() == 0
    assert not any(map(runs, pids))
    # What stands behind the call runs in the supervisor, and in each worker when that has ended.
    assert process.lines.count("returned") == 5


def test_processes_that_were_all_stopped_for_a_while_are_not_taken_for_stuck(
    supervised: Start,
) -> None:
    process = supervised(timeout_worker_healthcheck=1)
    pids = workers_of(process.wait_for_port(), 2)
    process.send(signal.SIGSTOP)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(3)  # longer than a worker may be silent, as CTRL+Z and a lid that is closed can be
    process.send(signal.SIGCONT)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    process.send(signal.SIGTERM)
    assert process.wait() == 0
    assert not [line for line in process.lines if "stuck" in line]


def supervise_here(policy: RestartPolicy) -> int:
    """Supervise in the test's own process; a worker never comes to serving."""
    folder = str(SUPERVISED.parent)
    settings = RunSettings(target="workers_app:make_app", app_dir=folder, workers=2)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return supervise(settings, [sock], policy=policy)


def test_a_system_that_can_start_no_process_ends_it_after_some_trials(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class NoProcess(WorkerProcess):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(supervisor, "WorkerProcess", NoProcess)
    assert supervise_here(RestartPolicy(first_delay=0.01, most_failures=3)) == 1
    *trials, last = capsys.readouterr().err.splitlines()
    assert [line.rpartition(": ")[2] for line in trials] == [
        "another one starts in 0.01 s",
        "another one starts in 0.02 s",
    ]
    assert "Resource temporarily unavailable; 3 failed in a row" in last


def test_a_process_that_tells_what_no_worker_tells_is_killed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Confused(WorkerProcess):
        def read(self, now: float) -> bool:
            raise ChannelError("this is no news of a worker")

    monkeypatch.setattr(supervisor, "WorkerProcess", Confused)
    monkeypatch.setenv("APP_SLOW_START", "1")
    assert supervise_here(RestartPolicy()) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].endswith("is killed: this is no news of a worker")
    assert lines[-1].endswith("was killed by SIGKILL before it served: giving up")


class Load:
    """Clients that ask for ``/work`` without a pause, and count what becomes of it."""

    def __init__(self, port: int, clients: int) -> None:
        self.answered = 0
        self.broken: list[BaseException] = []
        self._port = port
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        while not self._stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            with closing(connection):
                try:
                    connection.connect()
                    # Some on a connection of their own, as a health check does; a client that
                    # keeps one expects it to be closed between two requests.
                    connection.request("GET", "/work", headers={"Connection": "close"})
                    response = connection.getresponse()
                    response.read()
                except (OSError, http.client.HTTPException) as error:
                    with self._lock:
                        self.broken.append(error)
                    continue
                with self._lock:
                    self.answered += response.status == 200

    def finish(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_no_request_is_lost_in_a_rolling_restart_and_a_stop(
    supervised: Start, tmp_path: Path
) -> None:
    done = tmp_path / "done"
    process = supervised(environ={"APP_DONE": str(done)}, workers=4)
    port = process.wait_for_port()
    load = Load(port, 8)
    for _ in range(2):
        pids = workers_of(port, 4)
        process.send(signal.SIGHUP)
        wait_until(lambda pids=pids: not any(map(runs, pids)))  # type: ignore[misc] # a default
    assert load.broken == []
    process.send(signal.SIGTERM)
    assert process.wait() == 0
    load.finish()
    # Every handler that came to its end was heard; nobody was answered twice.
    assert load.answered == done.stat().st_size


@pytest.mark.skipif(shutil.which("wrk") is None, reason="needs the program wrk (package wrk)")
def test_wrk_sees_no_bad_answer_in_a_rolling_restart(supervised: Start, tmp_path: Path) -> None:
    process = supervised(environ={"APP_DONE": str(tmp_path / "done")}, workers=4)
    port = process.wait_for_port()
    pids = workers_of(port, 4)
    command = ["wrk", "-t", "2", "-c", "32", "-d", "8s", f"http://127.0.0.1:{port}/work"]
    wrk = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process.send(signal.SIGHUP)
    wait_until(lambda: not any(map(runs, pids)))
    output, _ = wrk.communicate(timeout=PATIENCE)
    assert "Non-2xx" not in output
    assert int(re.search(r"(\d+) requests in", output)[1]) > 0  # type: ignore[index] # see above
    process.send(signal.SIGTERM)
    assert process.wait() == 0
