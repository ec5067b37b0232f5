"""The wheels, as a user gets them: built, installed into fresh environments, and used.

Which wheels are built follows TIDEGATE_BUILD, as everywhere: the compiled run installs the
compiled ones. pip gets our wheels by path and never looks for them in an index; only what they
depend on may come from there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from environments import make_environment, pip
from workspace import ROOT, read_packages, requirement_name, siblings

pytestmark = pytest.mark.wheels

PACKAGES = read_packages()
BUILD = os.environ.get("TIDEGATE_BUILD", "pure")

SERVE_A_REQUEST = """
    import asyncio
    from tidegate import web

    async def hello(request: web.Request) -> web.Response:
        return web.json_response({"hello": request.match_info["name"]})

    async def main() -> None:
        app = web.Application()
        app.add_routes([web.get("/hello/{name}", hello)])
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        reader, writer = await asyncio.open_connection(host, port)
        lines = ["GET /hello/wheel HTTP/1.1", f"Host: {host}:{port}", "Connection: close"]
        writer.write("\\r\\n".join([*lines, "", ""]).encode())
        print((await reader.read()).decode())
        writer.close()
        await runner.cleanup()

    asyncio.run(asyncio.wait_for(main(), 60))
"""

PARSE_A_REQUEST = """
    import tidegate_http_core as core

    events = core.RequestParser().feed(b"GET /a?b=1 HTTP/1.1\\r\\nHost: example.org\\r\\n\\r\\n")
    head = events[0]
    assert (head.method, head.target) == ("GET", "/a?b=1"), head
    print(core.serialize_response(200, "OK", [("Content-Length", "2")], b"ok").decode())
"""

ROUTE_A_PATH = """
    from tidegate_web_routing import UrlDispatcher

    async def handler(request: object) -> None:
        raise AssertionError("matching a path calls no handler")

    router = UrlDispatcher()
    router.add_route("GET", "/users/{name}", handler, name="user")
    print(dict(router.match("GET", "/users/ada")))
    print(router["user"].url_for(name="ada"))
"""

REPORT_STRANGERS = """
    import importlib.util, sys
    loaded = {name.partition(".")[0] for name in sys.modules}
    print("loaded:", sorted(loaded & {"asyncio", "socket", "ssl", "selectors"}))
    candidates = sys.argv[1].split(",")
    print("importable:", [name for name in candidates if importlib.util.find_spec(name)])
"""


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build the seven wheels into an empty folder; return them by package."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, str(ROOT / "dev" / "build_wheels.py"), "--no-sdist"]
    subprocess.run([*command, "--kind", BUILD, "--into", str(folder)], check=True)
    built = {file.name.partition("-")[0]: file for file in folder.glob("*.whl")}
    return {name: built.pop(package.module) for name, package in PACKAGES.items()}


def environment_with(names: list[str], wheels: dict[str, Path], folder: Path) -> Path:
    """Install the wheels of *names* into a fresh environment; return its interpreter.

    The dependencies come first, by themselves; ours are installed with ``--no-index``, so that
    a missing or wrongly required package of ours fails instead of being found elsewhere.
    """
    python = make_environment(folder)
    ours = {package.distribution for package in PACKAGES.values()}
    dependencies = {
        requirement
        for name in names
        for requirement in PACKAGES[name].dependencies
        if requirement_name(requirement) not in ours
    }
    if dependencies:
        pip(["install", *sorted(dependencies)], python=python)
    pip(["install", "--no-index", *(wheels[name] for name in names)], python=python)
    return python


def run(python: Path, program: str, folder: Path, *arguments: str) -> str:
    """Run *program* in *folder*, cut off from this process's paths; return what it printed."""
    done = subprocess.run(
        [python, "-I", "-W", "error", "-c", textwrap.dedent(program), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def strangers_to(name: str) -> str:
    """Return the modules of the packages that *name* does not depend on, for a command line."""
    known = {name, *(package.name for package in siblings(PACKAGES[name], PACKAGES.values()))}
    return ",".join(package.module for package in PACKAGES.values() if package.name not in known)


def test_all_seven_installed_serve_a_request(wheels: dict[str, Path], tmp_path: Path) -> None:
    python = environment_with(list(PACKAGES), wheels, tmp_path / "venv")
    answer = run(python, SERVE_A_REQUEST, tmp_path)
    assert answer.startswith("HTTP/1.1 200 OK")
    assert answer.rstrip().endswith('{"hello": "wheel"}')


def test_http_core_alone_parses_and_serialises(wheels: dict[str, Path], tmp_path: Path) -> None:
    python = environment_with(["http-core"], wheels, tmp_path / "venv")
    program = textwrap.dedent(PARSE_A_REQUEST) + textwrap.dedent(REPORT_STRANGERS)
    printed = run(python, program, tmp_path, strangers_to("http-core"))
    assert printed.startswith("HTTP/1.1 200 OK")
    # No I/O: neither an event loop nor a socket was even imported, and nobody else is there.
    assert "loaded: []" in printed
    assert "importable: []" in printed


def test_web_routing_alone_matches_and_builds_urls(
    wheels: dict[str, Path], tmp_path: Path
) -> None:
    python = environment_with(["web-routing"], wheels, tmp_path / "venv")
    program = textwrap.dedent(ROUTE_A_PATH) + textwrap.dedent(REPORT_STRANGERS)
    printed = run(python, program, tmp_path, strangers_to("web-routing"))
    assert "{'name': 'ada'}" in printed
    assert "/users/ada" in printed
    # No event loop; the socket module is loaded by importlib.metadata, through email.
    assert "asyncio" not in printed
    assert "importable: []" in printed
