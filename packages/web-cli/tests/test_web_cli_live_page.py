"""Pages get the script that reloads them; what is no whole page is left as it is."""

import pytest
from tidegate_web_cli.live_page import LiveState, script
from tidegate_web_server import Application, Request, Response


def extended(response: Response) -> bytes:
    LiveState(1234, 7)._extend(response)
    assert isinstance(response.body, bytes)
    return response.body


def test_a_page_ends_with_the_script() -> None:
    page = Response(text="<body>ü</BODY></html>", content_type="text/html")
    text = extended(page).decode()
    assert text == f"<body>ü{script(1234, 7)}</BODY></html>"
    assert ":1234/" in text
    assert '!=="7"' in text
    assert extended(Response(text="x", content_type="text/html")).startswith(b"x<script>")


@pytest.mark.parametrize(
    "response",
    [
        Response(text="x"),
        Response(body=b"x", content_type="text/html", headers={"Content-Encoding": "br"}),
        Response(text="x", content_type="text/html", headers={"Content-Security-Policy": "x"}),
        Response(body=b"x", headers={"Content-Type": "text/html; charset=none"}),
    ],
)
def test_what_is_no_page_for_scripts_is_left_as_it_is(response: Response) -> None:
    assert extended(response) == b"x"


def test_it_is_the_outermost_middleware() -> None:
    async def other(request: Request, handler: object) -> Response:
        return Response()

    app = Application(middlewares=[other])
    LiveState(1, 1).install(app)
    assert app.middlewares[1] is other
