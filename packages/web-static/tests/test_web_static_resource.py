import asyncio
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tidegate_web_routing import AbstractRoute, RouteTableDef, UrlDispatcher, static
from tidegate_web_server import (
    Application,
    AppRunner,
    HTTPNotFound,
    Request,
    Response,
    StreamResponse,
    TCPSite,
    middleware,
)
from tidegate_web_static import FileResponse, StaticResource
from yarl import URL

if TYPE_CHECKING:
    from conftest import Descriptors, Serve

SECRET = b"outside of the root"
INSIDE = (b"<p>index</p>", b"body {}", b"with a space", b"")


def application(root: Path, prefix: str = "/static", **kwargs: Any) -> Application:
    app = Application()
    app.router.add_static(prefix, root, **kwargs)
    return app


# --- registration ---


def test_add_static_finds_the_class(root: Path) -> None:
    router = UrlDispatcher()
    resource = router.add_static("/static", root, name="files")
    assert type(resource) is StaticResource
    assert router["files"] is resource
    assert [route.method for route in resource] == ["GET", "HEAD"]
    assert len(resource) == 2


def test_route_tables_find_the_class(root: Path) -> None:
    table = RouteTableDef()
    table.static("/a", root)
    router = UrlDispatcher()
    added = router.add_routes([*table, static("/b", root, follow_symlinks=True)])
    assert [route.method for route in added] == ["GET", "HEAD", "GET", "HEAD"]
    assert [resource.canonical for resource in router.resources()] == ["/a", "/b"]


def test_a_directory_that_is_none_is_refused(root: Path) -> None:
    with pytest.raises(ValueError, match=r"no directory exists at '.*missing'"):
        StaticResource("/static", root / "missing")
    with pytest.raises(ValueError, match=r"index\.html' is not a directory"):
        StaticResource("/static", root / "index.html")
    with pytest.raises(ValueError, match="no directory exists"):
        StaticResource("/static", root / "loop")


@pytest.mark.parametrize("prefix", ["static", "/static/", "/{name}"])
def test_a_prefix_that_is_none_is_refused(root: Path, prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        StaticResource(prefix, root)


def test_an_option_that_nobody_knows_is_refused(root: Path) -> None:
    with pytest.raises(TypeError, match="no_such_option"):
        UrlDispatcher().add_static("/static", root, no_such_option=True)


def test_a_chunk_has_a_size(root: Path) -> None:
    with pytest.raises(ValueError, match="chunk_size"):
        StaticResource("/static", root, chunk_size=0)


def test_a_directory_is_resolved(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "current").symlink_to(root)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for directory in (tmp_path / "current", "root", "~/root"):
        assert StaticResource("/static", directory).get_info()["directory"] == root.resolve()


def test_a_resource_describes_itself(root: Path) -> None:
    resource = StaticResource("/my files", root, name="files")
    assert resource.get_info() == {
        "directory": root.resolve(),
        "prefix": "/my%20files",
        "routes": {route.method: route for route in resource},
    }
    assert repr(resource).startswith("<StaticResource 'files' /my%20files -> '/")
    assert repr(StaticResource("/static", root)).startswith("<StaticResource /static -> '/")


def test_what_add_ons_touch_is_there(root: Path) -> None:
    resource = StaticResource("/static", root, chunk_size=1234)
    assert resource._directory == root.resolve()
    assert resource._chunk_size == 1234
    assert set(resource._routes) == {"GET", "HEAD"}


# --- URLs ---


@pytest.mark.parametrize(
    ("filename", "url"),
    [
        ("site.css", "/static/site.css"),
        ("/css/site.css", "/static/css/site.css"),
        (PurePosixPath("css/my site.css"), "/static/css/my%20site.css"),
        ("a?b#c%", "/static/a%3Fb%23c%25"),
        ("", "/static/"),
    ],
)
def test_a_file_has_a_url(root: Path, filename: str | PurePosixPath, url: str) -> None:
    resource = StaticResource("/static", root)
    assert resource.url_for(filename=filename) == URL(url, encoded=True)
    route: AbstractRoute = next(iter(resource))
    assert route.url_for(filename=str(filename)) == URL(url, encoded=True)


def test_a_url_leads_back_to_its_file(root: Path) -> None:
    router = UrlDispatcher()
    resource = router.add_static("/st atic", root)
    assert isinstance(resource, StaticResource)
    for filename in ("my file.txt", "100%.txt", "é/ü", "a;b=c,d", "a+b", "%2e%2e"):
        url = resource.url_for(filename=filename)
        assert router.match("GET", url.raw_path)["filename"] == filename


def test_what_can_never_be_served_has_no_url(root: Path) -> None:
    with pytest.raises(ValueError, match="can't be served"):
        StaticResource("/static", root).url_for(filename="../secret.txt")


# --- matching ---


@pytest.mark.parametrize(
    ("prefix", "path", "filename"),
    [
        ("/static", "/static/a.txt", "a.txt"),
        ("/static", "/static/css/a%20b.css", "css/a b.css"),
        ("/static", "/static", ""),
        ("/static", "/static/", ""),
        ("/static", "/static/css/", "css/"),
        ("/static", "/static2/a.txt", None),
        ("/static", "/other", None),
        ("/static", "/static//a.txt", None),
        ("/static", "/static/../a.txt", None),
        ("/static", "/static/..%2Fa.txt", None),
        ("", "/a.txt", "a.txt"),
        ("", "/", ""),
        ("", "*", None),
        ("/", "/a.txt", "a.txt"),
        ("/a/b", "/a/b/c", "c"),
    ],
)
def test_a_path_is_matched(root: Path, prefix: str, path: str, filename: str | None) -> None:
    resource = StaticResource(prefix, root)
    match_info, allowed = resource.match("GET", path)
    if filename is None:
        assert (match_info, allowed) == (None, frozenset())
    else:
        assert match_info is not None
        assert match_info == {"filename": filename}
        assert allowed == {"GET", "HEAD"}


def test_other_methods_are_not_allowed(root: Path) -> None:
    match_info, allowed = StaticResource("/static", root).match("POST", "/static/a.txt")
    assert match_info is None
    assert allowed == {"GET", "HEAD"}


def test_a_prefix_can_be_put_before(root: Path) -> None:
    resource = StaticResource("/static", root)
    resource.add_prefix("/app")
    assert str(resource.url_for(filename="a.txt")) == "/app/static/a.txt"
    assert resource.match("GET", "/app/static/a.txt")[0] == {"filename": "a.txt"}
    assert resource.match("GET", "/static/a.txt")[0] is None


def test_a_path_that_is_no_file_name_is_left_to_other_resources(root: Path) -> None:
    async def handler(request: Request) -> Response:
        return Response()

    router = UrlDispatcher()
    router.add_static("/static", root)
    router.add_get("/static/{rest:.*}", handler)
    assert router.match("GET", "/static/a//b").handler is handler


# --- serving ---


@pytest.mark.parametrize("prefix", ["/static", "/", "", "/a/b"])
async def test_files_are_served(serve: "Serve", root: Path, prefix: str) -> None:
    served = await serve(application(root, prefix))
    prefix = prefix.rstrip("/")
    for path, body, content_type in (
        ("/index.html", b"<p>index</p>", "text/html"),
        ("/inner.html", b"<p>index</p>", "text/html"),
        ("/css/deep/site.css", b"body {}", "text/css"),
        ("/styles/deep/site.css", b"body {}", "text/css"),
        ("/my%20file.txt", b"with a space", "text/plain"),
        ("/%6Dy%20file.txt", b"with a space", "text/plain"),
        ("/index.html?v=1", b"<p>index</p>", "text/html"),
        ("/empty.txt", b"", "text/plain"),
    ):
        answer = await served.get(prefix + path)
        assert (answer.status, answer.body) == (200, body)
        assert answer.headers["content-type"] == content_type
    head = await served.ask("HEAD", f"{prefix}/index.html")
    assert (head.status, head.headers["content-length"]) == (200, "12")
    etag = head.headers["etag"]
    assert (await served.get(f"{prefix}/index.html", f"If-None-Match: {etag}")).status == 304


async def test_a_name_that_is_no_utf_8_is_served(serve: "Serve", root: Path) -> None:
    try:
        (root / os.fsdecode(b"\xff.txt")).write_bytes(b"odd")
    except OSError:
        pytest.skip("this file system has no such names")
    served = await serve(application(root))
    assert (await served.get("/static/%ff.txt")).body == b"odd"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", 403),
        ("/", 403),
        ("/css", 403),
        ("/css/", 403),
        ("/itself", 403),
        ("/missing.txt", 404),
        ("/missing/", 404),
        ("/index.html/", 404),
        ("/index.html/more", 404),
        ("//index.html", 404),
        ("/./index.html", 404),
        ("/css/../index.html", 404),
        ("/" + "x" * 300, 404),
        ("/" + "x/" * 2500, 404),
        ("/index.html%00", 404),
        ("/%00", 404),
    ],
)
@pytest.mark.parametrize("follow_symlinks", [False, True])
async def test_what_is_not_served(
    serve: "Serve", root: Path, path: str, status: int, follow_symlinks: bool
) -> None:
    served = await serve(application(root, follow_symlinks=follow_symlinks))
    answer = await served.get("/static" + path)
    assert answer.status == status
    assert answer.body == f"{status}: {answer.reason}".encode()


OUTSIDE = [
    "/../{}",
    "/..%2f{}",
    "/..%2F{}",
    "/%2e%2e/{}",
    "/%2E%2E%2F{}",
    "/.%2e/{}",
    "/%252e%252e/{}",
    "/..%252f{}",
    "/..\\{}",
    "/..%5c{}",
    "/..%5C{}",
    "/css/../../{}",
    "/css/%2e%2e/%2e%2e/{}",
    "/out/../{}",
    "/out/{}",
    "/out%2f{}",
    "/./../{}",
    "//../{}",
    "/..;/{}",
    "/%c0%ae%c0%ae/{}",
    "/..%c0%af{}",
    "/%uff0e%uff0e/{}",
    "/..%00/{}",
    "/index.html/../../{}",
    "/missing/../../{}",
    "/../root2/{}",
    "2/{}",
]


@pytest.mark.parametrize("path", [*OUTSIDE, "/%2f{absolute}", "/{absolute}", "/%5c{absolute}"])
async def test_outside_of_the_root_all_is_equally_missing(
    serve: "Serve", root: Path, tmp_path: Path, path: str
) -> None:
    served = await serve(application(root))
    absolute = str(tmp_path)
    answers = [
        await served.get(
            "/static" + path.format(name, absolute=f"{absolute}/{name}"), "Connection: close"
        )
        for name in ("secret.txt", "no-such-file.txt")
    ]
    for answer in answers:
        answer.headers.pop("date")
        assert answer.status == 404
        assert SECRET not in answer.body
    assert answers[0] == answers[1]


@pytest.mark.parametrize("name", ["leak.txt", "leak-absolute.txt", "leak-beside.txt", "out"])
async def test_links_out_of_the_root_are_missing_unless_followed(
    serve: "Serve", root: Path, name: str
) -> None:
    path = f"/static/{name}/secret.txt" if name == "out" else f"/static/{name}"
    assert (await (await serve(application(root))).get(path)).status == 404
    served = await serve(application(root, follow_symlinks=True))
    assert (await served.get(path)).body == SECRET


async def test_other_methods_are_answered_with_405(serve: "Serve", root: Path) -> None:
    served = await serve(application(root))
    for path in ("/static/index.html", "/static/missing.txt"):
        answer = await served.ask("POST", path, "Content-Length: 0")
        assert (answer.status, answer.headers["allow"]) == (405, "GET,HEAD")


async def test_options_can_have_a_handler(serve: "Serve", root: Path) -> None:
    async def preflight(request: Request) -> Response:
        return Response(headers={"Access-Control-Allow-Methods": "GET"})

    app = Application()
    resource = app.router.add_static("/static", root)
    assert isinstance(resource, StaticResource)
    resource.set_options_route(preflight)
    with pytest.raises(RuntimeError, match="OPTIONS"):
        resource.set_options_route(preflight)
    assert [route.method for route in resource] == ["GET", "HEAD", "OPTIONS"]
    served = await serve(app)
    answer = await served.ask("OPTIONS", "/static/index.html")
    assert answer.headers["access-control-allow-methods"] == "GET"
    answer = await served.ask("POST", "/static/index.html", "Content-Length: 0")
    assert answer.headers["allow"] == "GET,HEAD,OPTIONS"


async def test_an_expect_handler_is_asked(serve: "Serve", root: Path) -> None:
    async def refuse(request: Request) -> StreamResponse:
        return Response(status=417, text="not here")

    served = await serve(application(root, expect_handler=refuse))
    answer = await served.get("/static/index.html", "Expect: 100-continue")
    assert answer.status == 417


async def test_middlewares_see_refusals_and_responses(serve: "Serve", root: Path) -> None:
    @middleware
    async def error_page(
        request: Request, handler: Callable[[Request], Awaitable[StreamResponse]]
    ) -> StreamResponse:
        try:
            response = await handler(request)
        except HTTPNotFound:
            return Response(status=404, text="my page")
        assert isinstance(response, FileResponse)
        response.headers["Cache-Control"] = "max-age=60"
        return response

    app = Application(middlewares=[error_page])
    app.router.add_static("/static", root)
    served = await serve(app)
    for path in ("/static/missing.txt", "/static/leak.txt", "/static/../secret.txt"):
        answer = await served.get(path)
        assert (answer.status, answer.body) == (404, b"my page")
    answer = await served.get("/static/index.html")
    assert answer.headers["cache-control"] == "max-age=60"


async def test_files_are_read_in_chunks(
    serve: "Serve", root: Path, open_files: "Descriptors"
) -> None:
    content = os.urandom(100_000)
    (root / "big.bin").write_bytes(content)
    served = await serve(application(root, chunk_size=1000))
    assert (await served.get("/static/big.bin")).body == content
    assert open_files() == 0


async def test_many_at_once_are_served(
    serve: "Serve", root: Path, open_files: "Descriptors"
) -> None:
    content = os.urandom(300_000)
    (root / "big.bin").write_bytes(content)
    served = await serve(application(root))
    paths = ["/static/big.bin", "/static/index.html", "/static/leak.txt", "/static/css"] * 10
    answers = await asyncio.gather(*map(served.get, paths))
    expected = [200, 200, 404, 403] * 10
    assert [answer.status for answer in answers] == expected
    assert all(answer.body == content for answer in answers[::4])
    assert open_files() == 0


# --- no path leads out ---


class Running:
    """A server in a thread of its own, for the examples of a property."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.runner = AppRunner(application(root), shutdown_timeout=1.0)
        self.port = self._run(self._start())

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(5)

    async def _start(self) -> int:
        await self.runner.setup()
        site = TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        return site.port

    def get(self, target: str) -> bytes:
        """Send a request and give back all that comes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(
                f"GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".encode()
            )
            answer = b""
            while data := connection.recv(65536):
                answer += data
        return answer

    def stop(self) -> None:
        self._run(self.runner.cleanup())
        self._run(self.loop.shutdown_default_executor())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


@pytest.fixture
def running(root: Path) -> Iterator[Running]:
    server = Running(root)
    yield server
    server.stop()


PIECES = [
    *("/", "//", ".", "..", "../", "/..", "\\", "%2e", "%2E", "%2f", "%2F", "%5c", "%00", "%25"),
    *("%c0%ae", "%c0%af", "%ef%bc%8e", ";", "?", "#", ":", "~", "%", "%2", "%zz", "%ff"),
    *("static", "/static", "root", "root2", "outside", "secret.txt", "no-such-file.txt"),
    *("index.html", "inner.html", "css", "deep", "styles", "itself", "up.html"),
    *("leak.txt", "leak-absolute.txt", "leak-beside.txt", "out", "out-missing", "loop", "broken"),
    *("{tmp}", "etc/passwd", "http://test/", "*"),
]
names = st.sampled_from(PIECES)
segments = st.lists(names, min_size=1, max_size=3).map("".join)
targets = st.lists(segments, min_size=1, max_size=6).map("/".join)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(target=targets, under_prefix=st.booleans())
def test_no_target_reads_a_file_outside_of_the_root(
    running: Running, target: str, under_prefix: bool
) -> None:
    target = target.replace("{tmp}", str(running.root.parent))
    answer = running.get("/static/" + target if under_prefix else target)
    assert SECRET not in answer
    assert b"root:" not in answer  # /etc/passwd
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    assert status in (200, 400, 403, 404, 414)
    if status == 200:
        assert body in INSIDE
