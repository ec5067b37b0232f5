"""Forms and uploads over real connections."""

from __future__ import annotations

import asyncio
import gzip
import json
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from tidegate_web_server import (
    Application,
    BaseRequest,
    BodyPartReader,
    FileField,
    HTTPClientError,
    MultipartReader,
    Request,
    Response,
    json_response,
)
from tidegate_web_server.forms import SPOOL_SIZE, WRITE_STEP, read_form

if TYPE_CHECKING:
    from conftest import Log, Serve, Until

URLENCODED = "application/x-www-form-urlencoded"
FORM_DATA = "multipart/form-data; boundary=b"
BASE64 = b"Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n"


def request(
    body: bytes, content_type: str | None, *, method: str = "POST", chunked: bool = False
) -> bytes:
    lines = [f"{method} / HTTP/1.1", "Host: test", "Connection: close"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    if chunked:
        lines.append("Transfer-Encoding: chunked")
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    else:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def form(*parts: bytes) -> bytes:
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


def field(name: str, value: bytes, *more: str, content_type: str | None = None) -> bytes:
    disposition = "; ".join(["Content-Disposition: form-data", f'name="{name}"', *more])
    head = disposition.encode()
    if content_type is not None:
        head += f"\r\nContent-Type: {content_type}".encode()
    return head + b"\r\n\r\n" + value


def file(name: str, content: bytes, content_type: str | None = None) -> bytes:
    return field(name, content, f'filename="{name}.txt"', content_type=content_type)


async def show(request: BaseRequest) -> Response:
    """Answer with the fields that came."""
    fields: list[Any] = []
    for name, value in (await request.post()).items():
        if isinstance(value, FileField):
            content = value.file.read()
            fields.append([name, value.filename, value.content_type, content.decode()[:50]])
        elif isinstance(value, bytearray):
            fields.append([name, list(value)])
        else:
            fields.append([name, value])
    return json_response(fields)


def app_of(handler: Callable[[Any], Awaitable[Response]], **kwargs: Any) -> Application:
    app = Application(**kwargs)
    app.router.add_route("*", "/", handler)
    return app


async def posted(serve: Serve, message: bytes, **kwargs: Any) -> Any:
    """Return what the handler saw of a form."""
    answer = await (await serve(app_of(show, **kwargs))).ask(message)
    assert answer.status == 200, answer.text
    return json.loads(answer.body)


async def refused(serve: Serve, message: bytes, **kwargs: Any) -> tuple[int, str]:
    """Return the status and the text of a refusal."""
    answer = await (await serve(app_of(show, **kwargs))).ask(message)
    return answer.status, answer.text


class TestUrlencoded:
    async def test_fields_in_their_order_with_blank_ones(self, serve: Serve) -> None:
        message = request(b"a=1&b=%C3%A4+c&a=2&d=&e", URLENCODED)
        expected = [["a", "1"], ["b", "ä c"], ["a", "2"], ["d", ""], ["e", ""]]
        assert await posted(serve, message) == expected

    async def test_the_charset_of_the_content_type_counts(self, serve: Serve) -> None:
        message = request(b"a=%E4", URLENCODED + "; charset=iso-8859-1")
        assert await posted(serve, message) == [["a", "ä"]]

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    async def test_methods_whose_body_is_a_form(self, serve: Serve, method: str) -> None:
        message = request(b"a=1", URLENCODED, method=method)
        assert await posted(serve, message) == [["a", "1"]]

    @pytest.mark.parametrize("method", ["GET", "OPTIONS"])
    async def test_methods_whose_body_is_none(self, serve: Serve, method: str) -> None:
        assert await posted(serve, request(b"a=1", URLENCODED, method=method)) == []

    @pytest.mark.parametrize("content_type", [None, "text/plain", "multipart/mixed; boundary=b"])
    async def test_a_body_that_is_no_form_has_no_fields(
        self, serve: Serve, content_type: str | None
    ) -> None:
        assert await posted(serve, request(b"a=1", content_type)) == []

    async def test_without_a_body_there_are_no_fields(self, serve: Serve) -> None:
        assert await posted(serve, request(b"", URLENCODED)) == []
        assert await posted(serve, request(b"", FORM_DATA)) == []

    @pytest.mark.parametrize(
        ("body", "charset", "status"),
        [
            (b"a=%zz", "utf-8", 400),
            (b"a=%ff", "utf-8", 400),
            (b"a=\xff", "utf-8", 400),
            (b"a=1", "nosuch", 415),
            (b"a=1", "punycode", 415),
        ],
    )
    async def test_what_is_malformed_is_never_a_500(
        self, serve: Serve, body: bytes, charset: str, status: int
    ) -> None:
        message = request(body, f"{URLENCODED}; charset={charset}")
        assert (await refused(serve, message))[0] == status

    async def test_too_many_fields_are_counted_before_they_are_decoded(self, serve: Serve) -> None:
        message = request(b"&".join([b"a=%zz"] * 3), URLENCODED)
        status, text = await refused(serve, message, client_max_fields=2)
        assert status == 413
        assert "2 fields" in text
        message = request(b"a=1&b=2", URLENCODED)
        assert len(await posted(serve, message, client_max_fields=2)) == 2

    async def test_the_default_limit_is_1000(self, serve: Serve) -> None:
        assert len(await posted(serve, request(b"&".join([b"a=1"] * 1000), URLENCODED))) == 1000
        status, _ = await refused(serve, request(b"&".join([b"a=1"] * 1001), URLENCODED))
        assert status == 413

    async def test_without_a_limit_other_tasks_run_meanwhile(self, serve: Serve) -> None:
        turns: list[int] = []

        async def handler(request: Request) -> Response:
            running = asyncio.ensure_future(count_turns(turns))
            fields = await request.post()
            running.cancel()
            return Response(text=str(len(fields)))

        app = app_of(handler, client_max_fields=0)
        answer = await (await serve(app)).ask(request(b"&".join([b"a=1"] * 15000), URLENCODED))
        assert answer.text == "15000"
        # How many is the machine's affair; without a pause it is one or two.
        assert len(turns) > 10


async def count_turns(turns: list[int]) -> None:
    while True:
        turns.append(1)
        await asyncio.sleep(0)


class TestMultipart:
    async def test_text_files_and_binary_values(self, serve: Serve) -> None:
        body = form(
            field("text", "ä".encode()),
            field("latin", b"\xe4", content_type="text/plain; charset=latin-1"),
            field("binary", b"\x00\xff", content_type="application/x-y"),
            file("a", b"content", "text/csv"),
            file("b", b""),
            field("text", b""),
        )
        expected = [
            ["text", "ä"],
            ["latin", "ä"],
            ["binary", [0, 255]],
            ["a", "a.txt", "text/csv", "content"],
            ["b", "b.txt", "application/octet-stream", ""],
            ["text", ""],
        ]
        assert await posted(serve, request(body, FORM_DATA)) == expected
        assert await posted(serve, request(body, FORM_DATA, chunked=True)) == expected

    async def test_a_file_input_without_a_file(self, serve: Serve) -> None:
        part = field("f", b"", 'filename=""', content_type="application/octet-stream")
        assert await posted(serve, request(form(part), FORM_DATA)) == [["f", []]]

    async def test_transfer_encodings_are_taken_off(self, serve: Serve) -> None:
        part = (
            b"Content-Disposition: form-data; name=a; filename=f\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\nQUJD"
        )
        expected = [["a", "f", "application/octet-stream", "ABC"]]
        assert await posted(serve, request(form(part), FORM_DATA)) == expected

    async def test_the_charset_field(self, serve: Serve) -> None:
        body = form(field("_charset_", b"iso-8859-1"), field("a", b"\xe4"))
        assert await posted(serve, request(body, FORM_DATA)) == [["a", "ä"]]

    async def test_files_of_one_field_in_a_nested_mixed(self, serve: Serve) -> None:
        inner = (
            b"--c\r\nContent-Disposition: file; filename=1.txt\r\n\r\none\r\n"
            b"--c\r\nContent-Disposition: file; filename=2.txt\r\n\r\ntwo\r\n--c--"
        )
        body = form(
            field("files", inner, content_type="multipart/mixed; boundary=c"), field("a", b"b")
        )
        assert await posted(serve, request(body, FORM_DATA)) == [
            ["files", "1.txt", "application/octet-stream", "one"],
            ["files", "2.txt", "application/octet-stream", "two"],
            ["a", "b"],
        ]

    async def test_the_same_form_is_returned_again(self, serve: Serve) -> None:
        async def handler(request: Request) -> Response:
            first = await request.post()
            return Response(text=str(first is await request.post()))

        answer = await (await serve(app_of(handler))).ask(
            request(form(field("a", b"b")), FORM_DATA)
        )
        assert answer.text == "True"

    @pytest.mark.parametrize("content_type", [FORM_DATA, URLENCODED])
    async def test_a_body_that_was_read_is_a_form_all_the_same(
        self, serve: Serve, content_type: str
    ) -> None:
        async def handler(request: Request) -> Response:
            await request.read()
            return await show(request)

        body = form(field("a", b"b")) if content_type == FORM_DATA else b"a=b"
        answer = await (await serve(app_of(handler))).ask(request(body, content_type))
        assert answer.text == '[["a", "b"]]'

    @pytest.mark.parametrize(
        "body",
        [
            b"nothing",
            b"--b\r\n",
            form(field("a", b"b"))[:-8],
            form(b"\r\nno name"),
            form(b"Content-Disposition: form-data\r\n\r\nno name"),
            form(b"Content-Disposition: form-data; name=a; name=b\r\n\r\nx"),
            form(b"bad field\r\n\r\nx"),
            form(field("a", b"\xff")),
            form(field("a", b"b")).replace(b"\r\n", b"\n"),
            form(field("a", b"b", content_type="multipart/mixed")),
            form(field("a", b"b", content_type="multipart/mixed; boundary=c")),
            form(BASE64 + b"!"),
        ],
    )
    async def test_what_is_malformed_is_a_400(self, serve: Serve, body: bytes) -> None:
        assert (await refused(serve, request(body, FORM_DATA)))[0] == 400

    @pytest.mark.parametrize("parameter", ["", "; boundary=", f"; boundary={'x' * 71}"])
    async def test_without_a_boundary_it_is_a_400(self, serve: Serve, parameter: str) -> None:
        message = request(form(field("a", b"b")), f"multipart/form-data{parameter}")
        assert (await refused(serve, message))[0] == 400

    async def test_an_unknown_charset_or_encoding_is_a_415(self, serve: Serve) -> None:
        body = form(field("a", b"b", content_type="text/plain; charset=nosuch"))
        assert (await refused(serve, request(body, FORM_DATA)))[0] == 415
        body = form(BASE64.replace(b"base64", b"nosuch"))
        assert (await refused(serve, request(body, FORM_DATA)))[0] == 415

    async def test_a_client_that_goes_away_is_no_error(
        self, serve: Serve, log: Log, until: Until
    ) -> None:
        done: list[BaseException | None] = []

        async def handler(request: Request) -> Response:
            try:
                await request.post()
            except BaseException as exc:
                done.append(exc)
                raise
            raise AssertionError

        connection = await (await serve(app_of(handler))).connect()
        connection.send(request(form(file("a", b"x" * 1000)), FORM_DATA)[:-500])
        await asyncio.sleep(0.01)
        connection.reset()
        await until(lambda: bool(done))


class TestLimits:
    async def test_the_length_is_refused_before_the_body_is_read(self, serve: Serve) -> None:
        connection = await (await serve(app_of(show, client_max_size=1000))).connect()
        for content_type in (FORM_DATA, URLENCODED):
            connection = await (await serve(app_of(show, client_max_size=1000))).connect()
            connection.send(
                f"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {content_type}\r\n"
                "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n".encode()
            )
            answer = await connection.answer()
            assert answer.status == 413
            assert "1000" in answer.text
            assert "1001" in answer.text

    @pytest.mark.parametrize("make", [field, file])
    async def test_the_whole_body_counts(
        self, serve: Serve, make: Callable[[str, bytes], bytes]
    ) -> None:
        body = form(make("a", b"x" * 300), make("b", b"x" * 300))
        message = request(body, FORM_DATA, chunked=True)
        status, text = await refused(serve, message, client_max_size=len(body) - 1)
        assert status == 413
        assert str(len(body) - 1) in text
        assert len(await posted(serve, message, client_max_size=len(body))) == 2
        assert len(await posted(serve, message, client_max_size=0)) == 2

    async def test_more_fields_than_allowed(self, serve: Serve) -> None:
        message = request(form(*[field("a", b"b")] * 3), FORM_DATA)
        status, text = await refused(serve, message, client_max_fields=2)
        assert status == 413
        assert "2" in text
        assert len(await posted(serve, message, client_max_fields=3)) == 3
        assert len(await posted(serve, message, client_max_fields=0)) == 3

    async def test_fields_in_nested_bodies_count(self, serve: Serve) -> None:
        inner = b"--c\r\n\r\nx\r\n" * 2 + b"--c--"
        nested = field("f", inner, content_type="multipart/mixed; boundary=c")
        message = request(form(nested, nested), FORM_DATA)
        status, text = await refused(serve, message, client_max_fields=3)
        assert status == 413
        assert "3 fields" in text
        assert len(await posted(serve, message, client_max_fields=4)) == 4

    async def test_what_a_nested_part_decompresses_to_counts(self, serve: Serve) -> None:
        packed = gzip.compress(bytes(2_000_000))
        inner = b"--c\r\nContent-Encoding: gzip\r\n\r\n" + packed + b"\r\n--c--"
        body = form(field("f", inner, content_type="multipart/mixed; boundary=c"))
        status, text = await refused(serve, request(body, FORM_DATA))
        assert status == 413
        assert str(1024**2) in text

    async def test_a_preamble_is_refused_early(self, serve: Serve) -> None:
        message = request(b"x" * 1_000_000 + b"\r\n" + form(field("a", b"b")), FORM_DATA)
        status, text = await refused(serve, message)
        assert status == 413
        assert "before the first part" in text

    async def test_header_sections_are_limited(self, serve: Serve) -> None:
        many = b"".join(b"X-%d: a\r\n" % number for number in range(33))
        assert (await refused(serve, request(form(many + b"\r\n"), FORM_DATA)))[0] == 413
        long = b"X: " + b"a" * 9000 + b"\r\n\r\n"
        assert (await refused(serve, request(form(long), FORM_DATA)))[0] == 413

    async def test_many_parts_let_other_tasks_run(self, serve: Serve) -> None:
        turns: list[int] = []

        async def handler(request: Request) -> Response:
            running = asyncio.ensure_future(count_turns(turns))
            fields = await request.post()
            running.cancel()
            return Response(text=str(len(fields)))

        body = form(*[field("a", b"b")] * 1000)
        answer = await (await serve(app_of(handler))).ask(request(body, FORM_DATA))
        assert answer.text == "1000"
        assert len(turns) >= 1000 // 64


class TestFiles:
    """Where files are, and when they are closed."""

    @staticmethod
    async def post_file(
        serve: Serve,
        content: bytes,
        handler: Callable[[Request, FileField], Awaitable[Response]],
    ) -> tuple[str, IO[bytes]]:
        seen: list[IO[bytes]] = []

        async def reads(request: Request) -> Response:
            value = (await request.post())["f"]
            assert isinstance(value, FileField)
            seen.append(value.file)
            return await handler(request, value)

        served = await serve(app_of(reads, client_max_size=2**24))
        answer = await served.ask(request(form(file("f", content)), FORM_DATA))
        return answer.text, seen[0]

    @pytest.mark.parametrize("size", [0, SPOOL_SIZE, SPOOL_SIZE + 1, 3 * SPOOL_SIZE + 5])
    async def test_content_is_whole_in_memory_and_on_disk(self, serve: Serve, size: int) -> None:
        content = bytes(range(256)) * (size // 256 + 1)
        content = content[:size]

        async def handler(request: Request, upload: FileField) -> Response:
            assert upload.file.tell() == 0
            on_disk = isinstance(getattr(upload.file, "name", None), int)
            assert upload.file.read() == content
            return Response(text=f"{on_disk}")

        text, opened = await self.post_file(serve, content, handler)
        assert text == str(size > SPOOL_SIZE)
        assert opened.closed

    async def test_a_disk_is_written_to_by_other_threads(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        threads: set[str] = set()

        class Spooled(tempfile.SpooledTemporaryFile[bytes]):
            def rollover(self) -> None:
                threads.add(threading.current_thread().name)
                super().rollover()

        monkeypatch.setattr("tidegate_web_server.forms.SpooledTemporaryFile", Spooled)

        async def handler(request: Request, upload: FileField) -> Response:
            return Response(text="ok")

        text, _ = await self.post_file(serve, b"x" * (2 * SPOOL_SIZE), handler)
        assert text == "ok"
        assert threads
        assert threading.main_thread().name not in threads

    async def test_a_handler_that_fails_leaves_no_file_open(self, serve: Serve, log: Log) -> None:
        async def handler(request: Request, upload: FileField) -> Response:
            raise RuntimeError("on purpose")

        _, opened = await self.post_file(serve, b"x" * (SPOOL_SIZE + 1), handler)
        assert opened.closed
        assert "Error handling" in log.take_one().getMessage()

    async def test_a_handler_that_is_cancelled_leaves_no_file_open(
        self, serve: Serve, until: Until
    ) -> None:
        seen: list[FileField] = []

        async def handler(request: Request) -> Response:
            value = (await request.post())["f"]
            assert isinstance(value, FileField)
            seen.append(value)
            await asyncio.Event().wait()
            raise AssertionError

        served = await serve(app_of(handler), handler_cancellation=True)
        connection = await served.connect()
        connection.send(request(form(file("f", b"x")), FORM_DATA))
        await until(lambda: bool(seen))
        assert not seen[0].file.closed
        connection.reset()
        await until(lambda: seen[0].file.closed)

    async def test_a_form_that_fails_leaves_no_file_open(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made: list[tempfile.SpooledTemporaryFile[bytes]] = []

        class Spooled(tempfile.SpooledTemporaryFile[bytes]):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                made.append(self)

        monkeypatch.setattr("tidegate_web_server.forms.SpooledTemporaryFile", Spooled)
        body = form(file("f", b"x"), file("g", b"y"), b"\r\nno name")
        assert (await refused(serve, request(body, FORM_DATA)))[0] == 400
        assert [spooled.closed for spooled in made] == [True, True]

    async def test_a_file_is_not_closed_while_a_thread_writes_it(
        self, serve: Serve, until: Until, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made: list[Spooled] = []
        cancelled, writing, go_on = threading.Event(), threading.Event(), threading.Event()
        closed_meanwhile: list[bool] = []

        class Spooled(tempfile.SpooledTemporaryFile[bytes]):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                made.append(self)

            def writelines(self, iterable: Iterable[Any]) -> None:
                writing.set()
                go_on.wait(10)
                closed_meanwhile.append(self.closed)
                super().writelines(iterable)

        async def handler(request: Request) -> Response:
            try:
                await request.post()
            finally:
                cancelled.set()
            raise AssertionError

        monkeypatch.setattr("tidegate_web_server.forms.SpooledTemporaryFile", Spooled)
        served = await serve(app_of(handler, client_max_size=0), handler_cancellation=True)
        connection = await served.connect()
        connection.send(request(form(file("f", b"x" * (WRITE_STEP + 2**16))), FORM_DATA)[:-100])
        await until(writing.is_set)
        connection.reset()
        await until(cancelled.is_set)
        go_on.set()
        await until(lambda: bool(closed_meanwhile) and made[0].closed)
        assert closed_meanwhile == [False]

    async def test_a_safe_name(self, serve: Serve) -> None:
        async def handler(request: Request) -> Response:
            value = (await request.post())["f"]
            assert isinstance(value, FileField)
            return Response(text=f"{value.filename} {value.safe_filename}")

        part = field("f", b"", 'filename="../../etc/passwd"')
        answer = await (await serve(app_of(handler))).ask(request(form(part), FORM_DATA))
        assert answer.text == "../../etc/passwd passwd"


class TestStreaming:
    """``request.multipart()``."""

    async def test_an_upload_longer_than_client_max_size_is_read_in_pieces(
        self, serve: Serve
    ) -> None:
        async def handler(request: Request) -> Response:
            reader = await request.multipart()
            part = await reader.next()
            assert isinstance(part, BodyPartReader)
            size = 0
            while piece := await part.read_chunk():
                assert len(piece) <= 8192
                size += len(piece)
            assert await reader.next() is None
            return Response(text=f"{part.name} {size}")

        served = await serve(app_of(handler, client_max_size=1000))
        answer = await served.ask(request(form(file("f", b"x" * 3_000_000)), FORM_DATA))
        assert answer.text == "f 3000000"

    async def test_a_part_read_whole_is_limited(self, serve: Serve) -> None:
        async def handler(request: Request) -> Response:
            part = await (await request.multipart()).next()
            assert isinstance(part, BodyPartReader)
            return Response(body=await part.read())

        served = await serve(app_of(handler, client_max_size=1000))
        answer = await served.ask(request(form(file("f", b"x" * 1001)), FORM_DATA))
        assert answer.status == 413
        assert "1000" in answer.text
        answer = await served.ask(request(form(file("f", b"x" * 1000)), FORM_DATA))
        assert answer.status == 200

    async def test_parts_are_limited_as_fields_are(self, serve: Serve) -> None:
        async def handler(request: Request) -> Response:
            await (await request.multipart()).release()
            return Response()

        served = await serve(app_of(handler, client_max_fields=2))
        message = request(form(*[field("a", b"b")] * 3), FORM_DATA)
        assert (await served.ask(message)).status == 413

    @pytest.mark.parametrize(
        ("content_type", "status"),
        [
            (None, 415),
            (URLENCODED, 415),
            ("multipart/mixed", 400),
            ("multipart/; boundary=b", 415),
        ],
    )
    async def test_what_is_no_multipart(
        self, serve: Serve, content_type: str | None, status: int
    ) -> None:
        async def handler(request: Request) -> Response:
            await request.multipart()
            raise AssertionError

        answer = await (await serve(app_of(handler))).ask(request(b"a", content_type))
        assert answer.status == status

    async def test_the_connection_goes_on_behind_a_form(self, serve: Serve) -> None:
        connection = await (await serve(app_of(show))).connect()
        message = request(form(field("a", b"b")) + b"epilogue", FORM_DATA)
        message = message.replace(b"Connection: close\r\n", b"")
        for _ in range(3):
            connection.send(message)
            assert (await connection.answer()).text == '[["a", "b"]]'

    async def test_a_reader_of_another_class_is_deprecated(self, serve: Serve) -> None:
        class Reader(MultipartReader):
            pass

        async def handler(request: Request) -> Response:
            with pytest.warns(DeprecationWarning, match="reader"):
                reader = await request.multipart(reader=Reader)
            return Response(text=type(reader).__name__)

        answer = await (await serve(app_of(handler))).ask(request(form(), FORM_DATA))
        assert answer.text == "Reader"

    async def test_a_low_level_server_reads_forms_too(self, serve: Serve) -> None:
        answer = await (await serve(show)).ask(request(form(field("a", b"b")), FORM_DATA))
        assert answer.text == '[["a", "b"]]'


# --- properties ---


class Sent:
    """A request with a form in it, as far as reading the form asks for one."""

    method = "POST"
    body_exists = True
    can_read_body = False
    content_length = None
    charset = None
    client_max_size = 500
    client_max_fields = 3
    task = None

    def __init__(self, body: bytes, content_type: str) -> None:
        self.body = body
        self.headers = CIMultiDictProxy(CIMultiDict({"Content-Type": content_type}))
        self.content_type = content_type.partition(";")[0]
        self.content: Any = None

    async def read(self) -> bytes:
        return self.body


FRAGMENTS = [
    b"--b",
    b"--",
    b"--c",
    b"--b\r\n",
    b"\r\n--b--",
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\xff",
    b"x",
    b"&a=%",
    b"=",
    b"=41",
    b"Content-Disposition: form-data; name=a",
    b"; filename=f",
    b"Content-Type: multipart/mixed; boundary=c",
    b"Content-Type: text/plain; charset=",
    b"zlib",
    b"utf-8",
    b"Content-Transfer-Encoding: quoted-printable",
    b"Content-Transfer-Encoding: base64",
    b"Content-Encoding: gzip",
    b"_charset_",
]


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(FRAGMENTS), max_size=16).map(b"".join),
    st.sampled_from([FORM_DATA, URLENCODED]),
)
async def test_whatever_comes_is_a_form_or_a_fault_of_the_client(
    body: bytes, content_type: str
) -> None:
    with suppress(HTTPClientError):
        await read_form(Sent(body, content_type))
