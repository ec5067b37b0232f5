"""What a client sees of a request that failed and that nobody answered.

It is plain text, or a page for who accepts ``text/html`` by name, as browsers do. Outside debug
mode it names the status and nothing of the exception. In debug mode it shows the traceback, what
was asked, and the route that was found: no values of variables, and fields and parameters whose
name says that they are secret are masked, because screenshots travel.

All that came from a client or an exception is escaped, and a page comes with a policy that lets
nothing in it run (Content-Security-Policy) and is neither stored nor shown in a frame.
"""

import html
import re
import traceback
from typing import Final

from tidegate_http_core import accepts, hdrs, parse_accept, reason_phrase
from tidegate_web_routing import AbstractMatchInfo
from yarl import URL

from .request import BaseRequest, Request
from .response import Response

#: Sent with an error whose body is not a page, so that it isn't taken for one.
NOSNIFF: Final = ("X-Content-Type-Options", "nosniff")

_PAGE_FIELDS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}

_TROUBLE: Final = "Server got itself in trouble"
_MASK: Final = "********"
_SECRET: Final = re.compile(
    r"authori[sz]ation|authenti|oauth|cookie|credential|csrf|xsrf|jwt|nonce|passw|passphrase|secret"
    r"|session|signature|token|key(?:$|[-_])|(?:^|[-_])(?:auth|code|otp|pin|pwd|sid|sig)(?:$|[-_])",
    re.IGNORECASE,
)
# Characters of a traceback that are shown, half of them from its beginning.
_SHOWN: Final = 100_000

_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "pre{background:#f4f4f4;color:#111;overflow:auto;padding:1rem}"
    "th{text-align:left;vertical-align:top;padding-right:1rem}td{word-break:break-all}"
)


def error_page(
    request: BaseRequest, status: int, exc: BaseException | None = None, *, debug: bool = False
) -> Response:
    """Make the answer to *request* when it failed; the connection closes after it.

    :param status: 400 or more.
    :param exc: what was raised; shown in debug mode only.
    """
    as_page = _prefers_pages(", ".join(request.headers.getall(hdrs.ACCEPT, ())))
    compose = _page if as_page else _text
    try:
        text = compose(request, status, exc if debug else None)
    except Exception:
        # What is shown may be what failed: a route that can't describe itself, an odd URL.
        text = compose(request, status, None)
    response = Response(
        status=status,
        text=text.encode("utf-8", "backslashreplace").decode(),
        content_type="text/html" if as_page else "text/plain",
        headers={"Cache-Control": "no-store", "Vary": "Accept", NOSNIFF[0]: NOSNIFF[1]},
    )
    if as_page:
        response.headers.update(_PAGE_FIELDS)
    response.force_close()
    return response


def _prefers_pages(accept: str) -> bool:
    """Tell whether a client names HTML and likes text no better; `*/*` is what programs send."""
    named = (
        item for item in parse_accept(accept) if (item.type, item.subtype) == ("text", "html")
    )
    weight = max((item.weight for item in named), default=0.0)
    return weight > 0 and weight >= accepts(accept, "text/plain")


def _text(request: BaseRequest, status: int, exc: BaseException | None) -> str:
    title = f"{status} {reason_phrase(status)}"
    if exc is None:
        return f"{title}\n\n{_TROUBLE}" if status >= 500 else title.replace(" ", ": ", 1)
    parts = [title, _traceback(exc)]
    parts += [
        f"{caption}\n" + "\n".join(f"  {name}: {value}" for name, value in rows)
        for caption, rows in _sections(request)
    ]
    return "\n\n".join(parts)


def _page(request: BaseRequest, status: int, exc: BaseException | None) -> str:
    title = html.escape(f"{status} {reason_phrase(status)}")
    begin = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>'
        f"{title}</title><style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n"
    )
    end = "</body></html>\n"
    if exc is None:
        return begin + (f"<p>{_TROUBLE}</p>\n" if status >= 500 else "") + end
    summary = "".join(traceback.format_exception_only(exc)).strip()
    parts = [
        begin,
        f"<p><strong>{html.escape(_shortened(summary))}</strong></p>\n",
        f"<h2>Traceback</h2>\n<pre>{html.escape(_traceback(exc))}</pre>\n",
    ]
    for caption, rows in _sections(request):
        cells = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>\n"
            for name, value in rows
        )
        parts.append(f"<h2>{caption}</h2>\n<table>\n{cells}</table>\n")
    return "".join([*parts, end])


def _traceback(exc: BaseException) -> str:
    return _shortened("".join(traceback.format_exception(exc)).rstrip())


def _shortened(text: str) -> str:
    if len(text) <= _SHOWN:
        return text
    half = _SHOWN // 2
    return f"{text[:half]}\n… {len(text) - _SHOWN} characters …\n{text[-half:]}"


def _sections(request: BaseRequest) -> list[tuple[str, list[tuple[str, str]]]]:
    """List what is known of *request*, under captions."""
    major, minor = request.version
    asked = [
        ("Request", f"{request.method} {_masked_url(request.rel_url)} HTTP/{major}.{minor}"),
        ("Host", request.host),
        ("Remote", str(request.remote)),
    ]
    fields = [(name, _masked(name, value)) for name, value in request.headers.items()]
    sections = [("Request", asked), ("Header fields", fields)]
    route = _route(request)
    return [*sections, ("Route", route)] if route else sections


def _masked(name: str, value: str) -> str:
    if _SECRET.search(name):
        return _MASK
    # What led here may have parameters of its own.
    url, query, _ = value.partition("?") if name.lower() == "referer" else (value, "", "")
    return f"{url}?{_MASK}" if query else url


def _masked_url(url: URL) -> str:
    masked = [(name, _masked(name, value)) for name, value in url.query.items()]
    query = "&".join(f"{name}={value}" for name, value in masked)
    return f"{url.path}?{query}" if query else url.path


def _route(request: BaseRequest) -> list[tuple[str, str]]:
    match_info = found_match(request)
    if match_info is None:
        return []
    rows = [("Handler", handler_name(match_info.handler))]
    rows += [(name, str(value)) for name, value in match_info.get_info().items()]
    if isinstance(match_info, dict):
        rows += [(f"{{{name}}}", _masked(name, value)) for name, value in match_info.items()]
    rows.append(("Applications", " → ".join(map(repr, match_info.apps))))
    return rows


def found_match(request: BaseRequest) -> AbstractMatchInfo | None:
    """Return what the router found for *request*, None where no router was asked."""
    try:
        return request.match_info if isinstance(request, Request) else None
    except RuntimeError:
        return None


def handler_name(handler: object) -> str:
    """Return what people call *handler*: its module and its qualified name."""
    name = getattr(handler, "__qualname__", None)
    return repr(handler) if name is None else f"{getattr(handler, '__module__', '')}.{name}"
