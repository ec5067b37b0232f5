"""Where tidegate does not do what aiohttp does, on purpose, and why.

Patterns are those of fnmatch. Each pattern of cases has to differ in one of the patterns of
aspects, and each of those in one of the cases, or the entry is out of date.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """A difference that is meant."""

    name: str
    cases: tuple[str, ...]
    aspects: tuple[str, ...]
    reason: str


NO_RESPONSE = ("None", "str", "int", "dict", "class", "exception instance", "CancelledError")

DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "errors are not sniffed",
        ("*",),
        ("*header x-content-type-options",),
        "an error page may hold what a client sent, and is never to be taken for a script",
    ),
    Difference(
        "a 500 is not cached",
        ("*",),
        (
            "*header cache-control",
            "*header vary",
        ),
        (
            "its page is about this moment and depends on Accept; Vary names to caches "
            "whatever a choice was made by"
        ),
    ),
    Difference(
        "the page of a 500",
        ("exceptions: handler: *",),
        (
            "html header content-length",
            "html body",
            "html header content-type",
            "html header content-security-policy",
            "html header referrer-policy",
            "html header x-frame-options",
        ),
        "a page of its own, in which nothing can run",
    ),
    Difference(
        "HTTP/1.0 is told of the close",
        (
            "request: attributes: *1.0",
            "request: attributes: no host, 1.0",
            "static: FileResponse 1.0",
        ),
        ("*header connection",),
        "the field says to proxies what the version says already",
    ),
    Difference(
        "HTTP/1.0 is told of the close, as an answer of 1.0",
        (
            "response: made: *",
            "streaming: stream: *",
            "running: UnixSite",
        ),
        ("1.0 header connection",),
        "as above",
    ),
    Difference(
        "HTTP/1.0 is told of the close, on one connection",
        ("response: keep alive",),
        ("answered (4)",),
        "as above",
    ),
    Difference(
        "HEAD says what GET would",
        (
            "response: made: *",
            "streaming: stream: *",
            "exceptions: class: HTTPResetContent",
        ),
        (
            "HEAD header content-length",
            "HEAD header content-type",
            "HEAD header transfer-encoding",
        ),
        "RFC 9110 section 9.3.2: the same fields; aiohttp leaves some out",
    ),
    Difference(
        "str keys of requests and responses do not warn",
        (
            "request: storage",
            "request: clone",
            "response: storage",
            "response: changed: item",
            "application: middlewares: change requests",
        ),
        ("warnings",),
        ("documented as a choice beside typed keys: data of one request that its parts share"),
    ),
    Difference(
        "a client's fault is no 500",
        ("request: nobody catches *",),
        (
            "status",
            "reason",
            "header content-length",
            "header connection",
            "body",
            "log",
        ),
        ("docs/decisions/0008: the exception that the handler sees is the same, and also a 4xx"),
    ),
    Difference(
        "an empty Host",
        ("request: attributes: host empty",),
        ("*",),
        "RFC 9112 section 3.2.3: for http it is invalid, so it is a 400",
    ),
    Difference(
        "a lower-case method",
        ("request: attributes: method lower case",),
        ("*",),
        (
            "RFC 9110 section 9.1: methods are case-sensitive tokens, and get is one that no "
            "route serves"
        ),
    ),
    Difference(
        "escapes of a path in their normal form",
        ("request: attributes: path bad utf-8",),
        ("request.match_info",),
        "RFC 3986 section 6.2.2.1: upper case",
    ),
    Difference(
        "the port of an absolute target",
        ("request: attributes: absolute target, another host",),
        ("request.host",),
        "RFC 9112 section 3.2.2: the authority takes the place of Host, port and all",
    ),
    Difference(
        "the local port without Host",
        (
            "request: attributes: no host, 1.0",
            "request: clone",
        ),
        (
            "request.url",
            "request.host",
            "clone headers",
        ),
        "the URL is then one that leads here",
    ),
    Difference(
        "cookies of more than one field",
        ("request: attributes: cookies twice",),
        ("request.cookies",),
        "proxies that speak HTTP/2 split the field (RFC 9113 section 8.2.3)",
    ),
    Difference(
        "cookies that are none",
        (
            "request: attributes: cookie bad pairs",
            "request: attributes: cookie comma",
            "request: attributes: cookie attribute names",
        ),
        ("request.cookies",),
        "RFC 6265 section 5.4: pairs end at semicolons alone, and a pair has a name",
    ),
    Difference(
        "charsets are in lower case",
        (
            "request: attributes: content-type charset",
            "request: attributes: content-type upper case",
        ),
        ("request.charset",),
        "RFC 9110 section 8.3.2: they are case-insensitive, so that they can be compared",
    ),
    Difference(
        "an unknown range unit",
        ("request: attributes: range another unit",),
        ("request.http_range",),
        "RFC 9110 section 14.2: it is ignored",
    ),
    Difference(
        "dates without GMT",
        ("request: attributes: dates without zone",),
        ("request.if_modified_since",),
        "RFC 9110 section 5.6.7: it is no HTTP-date, so it is ignored",
    ),
    Difference(
        "entity tags",
        (
            "request: attributes: tags partly bad",
            "request: attributes: tags empty",
        ),
        (
            "request.if_match",
            "request.if_none_match",
        ),
        "an empty tag is one, and a bad item does not hide those behind it",
    ),
    Difference(
        "Forwarded with bad pairs",
        ("request: attributes: forwarded bad",),
        ("request.forwarded",),
        "nothing of an element that is malformed is believed",
    ),
    Difference(
        "requests can be keys",
        ("request: storage",),
        ("hash",),
        "a request is equal to itself alone, so it has a hash",
    ),
    Difference(
        "repr of requests",
        (
            "request: repr",
            "response: repr when sent",
        ),
        (
            "repr",
            "prepared",
        ),
        "without the blank at its end",
    ),
    Difference(
        "chunks are no messages",
        (
            "request: methods of content",
            "request: iterations of content",
        ),
        (
            "readchunk",
            "by chunks",
        ),
        "RFC 9112 section 7.1: where a sender or proxy cuts them means nothing",
    ),
    Difference(
        "a 413 says both sizes",
        (
            "request: bodies over client_max_size",
            "exceptions: class: HTTPRequestEntityTooLarge",
            "exceptions: special arguments",
        ),
        (
            "*header content-length",
            "*body",
            "status",
            "too large",
        ),
        "the limit, and what was sent where that is known",
    ),
    Difference(
        "bytes are bytes",
        (
            "response: made: body bytearray",
            "response: made: body memoryview",
        ),
        (
            "response.body",
            "response.text",
            "response.headers",
            "response.content_length",
        ),
        "whatever bytes a body was made of, it is bytes, and not a payload",
    ),
    Difference(
        "lengths that are known",
        (
            "response: made: body *",
            "response: changed: body str",
            "response: content_length",
        ),
        (
            "response.content_length",
            "io",
        ),
        "what has a size says so before it is sent",
    ),
    Difference(
        "charset of a text body",
        ("response: made: body str charset",),
        (
            "response.*",
            "header *",
            "body",
            "HEAD header *",
            "1.0 *",
        ),
        "the argument counts; aiohttp sends UTF-8 all the same",
    ),
    Difference(
        "headers that can't be sent",
        (
            "response: made: headers number",
            "response: made: header with line break",
            "response: made: header bad name",
        ),
        (
            "*status",
            "*reason",
            "*header *",
            "*body",
            "*complete",
            "log",
        ),
        (
            "refused before a byte is written, and answered with a 500; aiohttp drops the "
            "connection, or sends it"
        ),
    ),
    Difference(
        "a type that is None",
        (
            "response: changed: content_type None",
            "response: stream changed: content_type None",
        ),
        (
            "change",
            "response.headers",
            "response.content_type",
            "header content-type",
        ),
        "refused, where aiohttp sends None as text",
    ),
    Difference(
        "tags that are none or any",
        (
            "response: changed: etag any",
            "response: changed: etag empty",
            "response: stream changed: etag any",
            "response: stream changed: etag empty",
        ),
        (
            "change",
            "response.headers",
            "response.etag",
            "header etag",
        ),
        "RFC 9110 section 8.8.3: the field has no *, and the empty tag is valid",
    ),
    Difference(
        "TypeError in place of an assert",
        (
            "response: changed: text bytes",
            "streaming: stream: unprepared",
            "streaming: stream: bad writes",
            "streaming: compressed: str, *",
            "forms: not multipart",
            "running: testing tools",
        ),
        (
            "change",
            "write_eof*",
            "write *",
            "enable*",
            "multipart",
            "absolute",
        ),
        (
            "an assert says nothing under python -O; these do, with TypeError, RuntimeError "
            "or ValueError"
        ),
    ),
    Difference(
        "cookies are checked",
        (
            "response: * cookie line break",
            "response: * cookie domain line break",
            "response: * cookie samesite bad",
            "response: * cookie path None",
        ),
        (
            "change",
            "response.cookies",
            "status",
            "reason",
            "header *",
            "body",
            "complete",
            "log",
        ),
        "what would break out of its field is a ValueError where it is set",
    ),
    Difference(
        "cookies as they are",
        (
            "response: * cookie unicode",
            "response: * cookie empty",
            "response: * del_cookie*",
            "response: * set and del",
        ),
        ("header set-cookie",),
        "RFC 6265: an empty value needs no quotes, and UTF-8 no octal escapes",
    ),
    Difference(
        "a head that was sent is not changed",
        ("response: changed too late: *",),
        (
            "change",
            "warnings",
        ),
        "silent in aiohttp, which sends nothing of it; an error tells",
    ),
    Difference(
        "HTTP exceptions can be unpickled",
        ("exceptions: class: *",),
        ("pickled",),
        "those of aiohttp can't be",
    ),
    Difference(
        "locations are checked",
        (
            "exceptions: location: line break",
            "exceptions: location: none",
        ),
        (
            "made",
            "location",
            "header *",
            "header",
            "status",
            "reason",
            "body",
            "complete",
        ),
        "refused where the redirect is made, None as a TypeError",
    ),
    Difference(
        "repr of exceptions", ("exceptions: special arguments",), ("repr",), "with the status"
    ),
    Difference(
        "a 504 is a page",
        ("exceptions: handler: TimeoutError",),
        (
            "* header content-type",
            "* header content-length",
            "* body",
            "log",
        ),
        "it has a body, and its traceback is logged",
    ),
    Difference(
        "what is no response",
        tuple(f"exceptions: handler: {what}" for what in NO_RESPONSE),
        (
            "*status",
            "*reason",
            "*complete",
            "*header content-type",
            "*header content-length",
            "*header connection",
            "*body",
            "log",
            "answered",
        ),
        "answered as any failure of a handler is, once logged, and the connection closed",
    ),
    Difference(
        "middlewares that return no response",
        ("application: middlewares: broken",),
        (
            "*header content-length",
            "*body",
            "*header connection",
        ),
        "as above",
    ),
    Difference(
        "an answer that was cut off is logged",
        ("exceptions: a failure after prepare",),
        ("log",),
        "that the client has a part of it is worth a line",
    ),
    Difference(
        "a router of one's own is no mistake",
        (
            "application: made: router*",
            "routing: custom router",
        ),
        (
            "warnings",
            "made",
        ),
        "Application(router=...) is a feature; what is no router is a TypeError",
    ),
    Difference(
        "debug is a feature",
        ("application: made: debug",),
        ("warnings",),
        "it shows tracebacks in answers, and is not deprecated",
    ),
    Difference(
        "signals see all default fields",
        ("application: signals",),
        ("prepare (3)",),
        "the fields of error answers among them",
    ),
    Difference(
        "on_cleanup fires for what began to start",
        ("application: failing: *",),
        (
            "signal*",
            "leave*",
            "cleanup failed",
            "exceptions",
        ),
        ("documented in Application.cleanup(): no failure keeps the rest from being cleaned up"),
    ),
    Difference(
        "the first resource that matches, nested",
        ("application: nested",),
        (
            "handler (4)",
            "out (7)",
            "prepare (*",
            "GET /sub/outside *",
            "in (2*",
        ),
        (
            "FIFO lookup, as the router documents it: a route behind the prefix of a nested "
            "application is shadowed"
        ),
    ),
    Difference(
        "the first resource that matches, by domain",
        ("application: add_domain after a route",),
        (
            "header content-length",
            "body",
        ),
        "FIFO lookup",
    ),
    Difference(
        "the first resource that matches",
        (
            "routing: order: variable first",
            "routing: order: tail first",
            "routing: order: prefix",
        ),
        (
            "handler*",
            "*header content-length",
            "*body",
        ),
        "FIFO lookup; UrlDispatcher(prefer_fixed=True) has the other order",
    ),
    Difference(
        "prefixes are quoted",
        (
            "application: add_subapp: '/a b'",
            "application: add_subapp: '/é'",
            "application: add_subapp: '/{x}'",
        ),
        (
            "url",
            "added",
        ),
        "a URL has its escapes; a prefix with braces is no pattern, and refused",
    ),
    Difference(
        "one parent for a nested application",
        ("application: nesting refused",),
        ("twice",),
        "it has one place, so that its URLs are what they say",
    ),
    Difference(
        "forms that are none",
        (
            "forms: post: urlencoded bad *",
            "forms: *: multipart no *",
            "forms: *: multipart wrong *",
            "forms: *: multipart not *",
        ),
        (
            "kind",
            "fields",
            "same",
            "read after",
            "status",
            "reason",
            "header *",
            "body",
            "log",
            "data",
        ),
        "a 400 in one place, where aiohttp guesses or fails with a 500",
    ),
    Difference(
        "_charset_ of a form",
        ("forms: *: multipart _charset_",),
        ("*",),
        "RFC 7578 section 4.6 is served; aiohttp fails",
    ),
    Difference(
        "parts are bytes",
        ("forms: multipart: multipart*",),
        ("data*",),
        "immutable; aiohttp has a bytearray",
    ),
    Difference(
        "what a MultipartWriter writes",
        ("forms: MultipartWriter",),
        (
            "size",
            "header content-length",
            "body",
        ),
        "file names in UTF-8 (RFC 7578 section 4.2), fields in the order given",
    ),
    Difference(
        "routes are found by any spelling",
        (
            "routing: pattern: variable",
            "routing: pattern: encoded",
            "routing: pattern: unicode variable",
        ),
        (
            "* status",
            "* reason",
            "* header content-length",
            "* body",
            "handler*",
        ),
        (
            "encoded braces, escapes and letters in a pattern match what they stand for; "
            "aiohttp misses some"
        ),
    ),
    Difference(
        "canonical paths are quoted",
        (
            "routing: pattern: space",
            "routing: pattern: unicode",
            "routing: pattern: brackets",
            "routing: pattern: query in path",
        ),
        (
            "canonical",
            "info values",
        ),
        "the form that is matched and sent",
    ),
    Difference(
        "brackets in a path",
        ("routing: pattern: brackets",),
        (
            "/a(b)* status",
            "/a(b)* reason",
            "/a(b)* header content-length",
            "/a(b)* body",
            "handler (2)",
        ),
        ("RFC 3986 section 3.3: no characters of a path, so a route is found by their escapes"),
    ),
    Difference(
        "parts of URLs",
        (
            "routing: url_for: variable quoted",
            "routing: url_for: variable extra",
        ),
        (
            "url",
            "raw",
            "with query",
            "type",
        ),
        (
            "the URL leads to the route again: a slash in a part is escaped; a part that the "
            "path has not is refused"
        ),
    ),
    Difference(
        "routes that are refused leave nothing",
        ("routing: filled: *",),
        (
            "filling",
            "resources",
            "routes",
            "warnings",
        ),
        "TypeError or ValueError for an assert, before a resource is made",
    ),
    Difference(
        "methods are tokens",
        ("routing: class based views",),
        (
            "_HELPER * *",
            "REQUEST * *",
        ),
        "aiohttp's parser knows a list of methods; here it is the view that refuses",
    ),
    Difference(
        "100 is for those who wait",
        ("routing: expect",),
        (
            "* interim",
            "/default nonsense *",
        ),
        "RFC 9110 section 10.1.1: none for a body that has come already; and an own text",
    ),
    Difference(
        "states of runners",
        ("running: states of a runner",),
        (
            "server",
            "stop again",
        ),
        "stopping what is stopped is no error",
    ),
    Difference(
        "runners check what they run",
        (
            "running: runner: no server",
            "running: runner: an application",
            "running: runner: access_log_class",
        ),
        ("made",),
        "early, with a TypeError",
    ),
    Difference(
        "a Unix socket is no host",
        ("running: UnixSite",),
        (
            "host (2)",
            "url (2)",
        ),
        "a path is no authority",
    ),
    Difference(
        "the last answer of a connection says so",
        ("running: order of the end",),
        ("slow header connection",),
        "a client that is told does not send another request into the close",
    ),
    Difference(
        "formats of the access log",
        (
            "running: access log: '%%'",
            "running: access log: '100%% %s%%'",
            "running: access log: '%O'",
            "running: access log: '%{User-Agent}e'",
        ),
        (
            "line*",
            "extra*",
            "log",
        ),
        "%% is a percent sign, and a format without known atoms still writes its lines",
    ),
    Difference(
        "log lines are escaped",
        ("running: access log: '%{User-Agent}i'",),
        (
            "line*",
            "extra*",
        ),
        "a client can't end a quoted part early",
    ),
    Difference(
        "names of classes",
        ("running: Server",),
        ("connections",),
        "RequestHandler is another name of it",
    ),
    Difference(
        "a head is no message",
        ("running: Server with a request class",),
        ("missing path",),
        "a request factory gets the parsed head; request.message has the old names",
    ),
    Difference(
        "paths of files",
        ("static: paths",),
        (
            "/s/link-in header content-type",
            "/s/data.txt/ *",
            "/s/dir/../data.txt *",
            "/s/xxx*",
            "log",
            "*header transfer-encoding",
            "*header content-type",
            "*header content-length",
            "*body",
        ),
        (
            "RFC 9239; no file has a slash at its end, no .. is followed, long names are a "
            "404; errors have a body"
        ),
    ),
    Difference(
        "types by the name that was asked for",
        ("static: paths, following symlinks",),
        ("*header content-type",),
        "where a link leads is nobody's business",
    ),
    Difference(
        "files that are compressed already",
        (
            "static: precompressed",
            "static: FileResponse packed",
        ),
        (
            "*header etag",
            "gzip;q=0 *",
        ),
        "RFC 9110: an ETag for each representation, and q=0 is a refusal",
    ),
    Difference(
        "conditions and ranges",
        (
            "static: conditions*",
            "static: FileResponse",
            "static: FileResponse chunks",
        ),
        (
            "*match other* *",
            "*unmodified before *",
            "*range beyond* *",
            "*range reversed *",
            "*range suffix zero *",
            "*range malformed *",
            "*range unit *",
            "*range several *",
            "*range, if-range *",
        ),
        (
            "RFC 9110 sections 13 and 14: what is malformed is ignored, If-Range compares "
            "exactly, several ranges may be joined; errors have a body"
        ),
    ),
    Difference(
        "ranges of HEAD, and of nothing",
        (
            "static: conditions, HEAD",
            "static: conditions, empty file",
        ),
        ("range*",),
        "RFC 9110 section 14.2: Range is for GET, and an empty file has none to give",
    ),
    Difference(
        "ranges of another status",
        ("static: FileResponse with status",),
        ("range *",),
        "a 206 is said in place of a 200 alone",
    ),
    Difference(
        "errors of files have a body",
        (
            "static: FileResponse of a directory",
            "static: FileResponse that is not there",
        ),
        (
            "*header transfer-encoding",
            "*header content-type",
            "*header content-length",
            "*body",
        ),
        "as any other 403 and 404",
    ),
    Difference(
        "URLs of files",
        ("static: url_for",),
        (
            "outside*",
            "positional",
            "warnings",
        ),
        (
            "no URL leads out of the directory; the seeds' positional file name still works, "
            "and warns"
        ),
    ),
    Difference(
        "types of listings",
        ("static: listing",),
        ("/s/none/ type",),
        "a 404 that has a body has a type",
    ),
    Difference(
        "what is chunked says so",
        ("streaming: stream: two writes",),
        (
            "prepared*",
            "body_length*",
        ),
        "chunked is true when it is; body_length counts what was written",
    ),
    Difference(
        "chunked for HTTP/1.0",
        (
            "streaming: stream: chunked",
            "streaming: stream: chunked and length",
            "streaming: stream: a response, chunked",
        ),
        (
            "1.0 *",
            "log",
        ),
        "docs/decisions/0008: the close ends the body; aiohttp fails",
    ),
    Difference(
        "codings are negotiated",
        (
            "streaming: compressed: auto, text",
            "streaming: compressed: auto, large",
            "streaming: compressed: auto, stream",
            "streaming: compressed: None, *",
            "streaming: compressed: strategy, *",
        ),
        (
            "*header content-encoding",
            "*body",
            "*decoded",
        ),
        (
            "RFC 9110 section 12.5.3: by q-values, br and zstd where they are installed, "
            "nothing that is refused"
        ),
    ),
    Difference(
        "nothing to compress",
        (
            "streaming: compressed: auto, empty",
            "streaming: compressed: auto, encoded",
            "streaming: compressed: auto, no content",
            "streaming: compressed: gzip, empty",
            "streaming: compressed: gzip, encoded",
            "streaming: compressed: gzip, no content",
        ),
        ("*",),
        ("what is empty or encoded already is left alone; aiohttp drops the connection of a 204"),
    ),
    Difference(
        "clients that leave are no error",
        ("streaming: a client that is gone",),
        ("log",),
        "a disconnect is never a traceback",
    ),
    Difference(
        "closing without a code",
        ("websocket: receive, closed without a code",),
        ("*",),
        "RFC 6455 section 7.1.5: it is 1005, and answered with no code either",
    ),
    Difference(
        "nothing is sent after a Close",
        ("websocket: receive, autoclose off",),
        ("* after close",),
        "the other side reads no more",
    ),
    Difference(
        "the window of permessage-deflate",
        (
            "websocket: sends",
            "websocket: compress",
        ),
        ("compress*",),
        "12 bits: 32 KiB less for each connection",
    ),
    Difference(
        "control frames are bounded",
        ("websocket: sends*",),
        (
            "ping too long",
            "client *",
            "ended",
        ),
        ("RFC 6455 section 5.5: more than 125 bytes is a ValueError, not a broken connection"),
    ),
    Difference(
        "an upgraded connection is not HTTP's",
        (
            "websocket: attributes",
            "websocket: protocols",
            "websocket: no common protocol",
            "websocket: compress*",
        ),
        ("state",),
        "keep_alive is what the request said; nothing reads it any more",
    ),
    Difference(
        "handlers that fail are seen to",
        (
            "websocket: handler fails",
            "websocket: handler raises an answer",
        ),
        ("client *",),
        ("RFC 6455 section 7.4.1: 1011, where aiohttp drops the connection or sends HTTP into it"),
    ),
    Difference(
        "closing codes",
        (
            "websocket: bad utf-8",
            "websocket: max_msg_size",
        ),
        (
            "ended",
            "client got",
            "log",
        ),
        (
            "the code that was sent is the code it ended with; why is said, and logged in one "
            "quiet line"
        ),
    ),
    Difference(
        "the Connection field",
        ("websocket: handshake: *",),
        ("header connection",),
        "case-insensitive, as RFC 6455 writes it",
    ),
    Difference(
        "why a handshake was refused",
        (
            "websocket: handshake: plain get",
            "websocket: handshake: no *",
            "websocket: handshake: another upgrade",
            "websocket: handshake: *key",
        ),
        (
            "header content-length",
            "body",
        ),
        "a text that says what was expected",
    ),
    Difference(
        "handshakes that are refused",
        (
            "websocket: handshake: version *",
            "websocket: handshake: no version",
            "websocket: handshake: post",
            "websocket: handshake: 1.0",
        ),
        (
            "can_prepare*",
            "prepared",
            "raised",
            "status",
            "reason",
            "header *",
            "body",
        ),
        "RFC 6455 sections 4.1 and 4.4: version 13 with 426, GET, and HTTP/1.1",
    ),
    Difference(
        "options of permessage-deflate",
        ("websocket: handshake: extension*",),
        (
            "prepared",
            "header sec-websocket-extensions",
        ),
        "the window, as above",
    ),
    Difference(
        "the closing handshake goes on",
        ("websocket: shutdown",),
        ("ended",),
        "close_code is set when it is over; the handler's loop ends when it begins",
    ),
)
