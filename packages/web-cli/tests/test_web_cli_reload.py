"""tidegate dev, as a real process: it reloads after edits, and waits while there is an error."""

import http.client
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli.reload import source_folders

COMMAND = "from tidegate_web_cli.command import main; main()"
PATIENCE = 30.0

APP = """
from tidegate_web_server import Application, Response

async def page(request):
    return Response(text="<body>VERSION</body>", content_type="text/html")

async def fail(request):
    raise LookupError("of the handler")

app = Application()
app.router.add_get("/", page)
app.router.add_get("/fail", fail)
"""
PROGRAM = (
    APP.replace("app", "application")
    + """
from tidegate_web_cli import run_app
if __name__ == "__main__":
    run_app(application, port=1)
"""
)


def get(port: int, path: str = "/") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Accept": "text/html"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Pages:
    """A browser's view of the stream of generations."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._connection.request("GET", "/")
        self._answer = self._connection.getresponse()

    def next(self) -> int:
        while True:
            line = self._answer.readline()
            if line.startswith(b"data: "):
                return int(line[6:])

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


def live_port(page: str) -> int:
    return int(page.partition('location.hostname+":')[2].partition("/")[0])


@pytest.fixture(params=[[], ["--poll"]], ids=["told", "polled"])
def watching(request: pytest.FixtureRequest) -> list[str]:
    if not request.param:
        pytest.importorskip("watchfiles")
    return list(request.param)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., None]:
    """Return a function that replaces a file as an editor does, in one step."""

    def write(name: str, text: str) -> None:
        new = tmp_path / f".{name}.new"
        new.write_text(text)
        os.replace(new, tmp_path / name)

    return write


def test_a_change_is_served_and_told_to_pages(
    start: Callable[..., Any], write: Any, tmp_path: Path, watching: list[str]
) -> None:
    write("app.py", APP)
    write("style.css", "")
    dev = start("-c", COMMAND, "dev", "--port", "0", *watching, cwd=tmp_path)
    port = int(dev.wait_for("Serving on").rpartition(":")[2].split()[0])
    dev.wait_for("Watching")
    status, page = get_when_serving(port)
    assert (status, "VERSION" in page) == (200, True)
    pages = Pages(live_port(page))
    first = pages.next()

    write("app.py", APP.replace("VERSION", "2nd"))
    dev.wait_for("app.py changed, restarting")
    assert pages.next() > first
    assert "2nd" in get(port)[1]

    write("app.py", APP + "import not_installed_at_all\n")
    dev.wait_for("ModuleNotFoundError")
    dev.wait_for("Waiting for a change")
    pages.next()
    status, page = get(port)
    assert (status, "not_installed_at_all" in page, "EventSource" in page) == (500, True, True)

    write("app.py", APP.replace("VERSION", "3rd"))
    pages.next()
    assert "3rd" in get(port)[1]

    write("style.css", "body{}")
    dev.wait_for("style.css changed, reloading pages")
    pages.next()
    status, page = get(port, "/fail")
    assert (status, "LookupError" in page) == (500, True)
    dev.wait_for("GET /fail 500")

    dev.send(signal.SIGINT)
    assert dev.wait() == 0
    pages.close()


def get_when_serving(port: int) -> tuple[int, str]:
    """Ask until the first child listens; from then on no connection is refused."""
    while True:
        try:
            return get(port)
        except ConnectionRefusedError:
            continue


def test_a_program_that_calls_run_app_is_reloaded(
    start: Callable[..., Any], write: Any, tmp_path: Path
) -> None:
    write("prog.py", PROGRAM)
    dev = start(
        "-c", COMMAND, "dev", "prog.py", "--port", "0", "--poll", "--no-live", cwd=tmp_path
    )
    port = int(dev.wait_for("Serving on").rpartition(":")[2].split()[0])
    assert get_when_serving(port) == (200, "<body>VERSION</body>")
    write("prog.py", PROGRAM.replace("VERSION", "2nd"))
    dev.wait_for("prog.py changed, restarting")
    while "2nd" not in get(port)[1]:
        pass
    dev.send(signal.SIGTERM)
    assert dev.wait() == 0


def test_a_program_that_ends_is_started_after_a_change(
    start: Callable[..., Any], write: Any, tmp_path: Path
) -> None:
    write("app.py", "import os\nos._exit(7)\n")
    dev = start("-c", COMMAND, "run", "--reload", "--port", "0", "--poll", cwd=tmp_path)
    port = int(dev.wait_for("Serving on").rpartition(":")[2].split()[0])
    dev.wait_for("The program ended with exit code 7. Waiting for a change.")
    write("app.py", APP)
    dev.wait_for("app.py changed, restarting")
    assert get_when_serving(port)[0] == 200


def test_the_sources_of_a_package_are_those_of_the_outermost(tmp_path: Path) -> None:
    inner = tmp_path / "pkg" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "pkg" / "__init__.py").touch()
    (inner / "__init__.py").touch()
    assert source_folders(inner / "web.py", ".") == (tmp_path / "pkg",)
    assert source_folders(tmp_path / "app.py", ".") == (tmp_path,)
    assert source_folders(None, str(tmp_path)) == (tmp_path,)
