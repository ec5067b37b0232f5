"""The life of one request: call the handler, turn what it does into an answer, send it.

``serve`` runs as a task of its own. Whatever the handler does, one of these happens:

===============================  =============================================================
returns a response               it is sent
raises an ``HTTPException``      it is sent: it is a response
a client's fault reaches here    it is answered with its 4xx and logged in one quiet line
the client is gone               nothing; there is nobody to tell
anything else is raised          500, and the traceback is logged
it fails after the head was sent the connection is aborted, so that no client takes a part for
                                 the whole (RFC 9112 section 8)
===============================  =============================================================

Outside debug mode nothing of an exception reaches the client.
"""

import asyncio
import logging
import time
import traceback
import warnings
from contextlib import suppress

from tidegate_http_core import (
    ProtocolError,
    RequestHead,
    format_http_date,
    hdrs,
    reason_phrase,
    serialize_response,
)

from .abc import AbstractConnection
from .errors import ClientConnectionResetError, InternalError, RequestPayloadError
from .exceptions import HTTPException
from .hosting import Host
from .request import BaseRequest
from .response import Response
from .software import SERVER_SOFTWARE
from .stream_response import StreamResponse
from .streams import StreamReader
from .writer import ResponseWriter


async def serve(
    server: Host, connection: AbstractConnection, head: RequestHead, body: StreamReader
) -> None:
    """Answer one request of *connection* and tell it when that is done."""
    keep_alive = False
    writer = ResponseWriter(connection)
    started = server.loop.time() if server.access_log_enabled else None
    try:
        request = server.request_factory(
            head,
            body,
            connection,
            writer,
            connection.task or asyncio.current_task(),
            server.loop,
            client_max_size=server.client_max_size,
        )
        try:
            response = await server.handle(request)
            # The usual class needs no look at its ancestors, which is slow for abstract ones.
            if type(response) is not Response:
                _check_returned(request, response)
        except HTTPException as exc:
            response = _without_traceback(exc)
        except Exception as exc:
            response = _answer_to(exc, request, server)
        except asyncio.CancelledError as exc:
            if _cancelled():
                raise
            response = _answer_to(exc, request, server)
        response, keep_alive = await _send(request, response, server)
        if started is not None and server.access_log is not None:
            server.access_log.log(request, response, server.loop.time() - started)
    except asyncio.CancelledError:
        connection.abort()
        raise
    except Exception:
        # Not the handler's: what made the request, or the access log.
        server.logger.exception("Error serving %s %s", head.method, head.target)
        if not connection.answering:
            connection.refuse(InternalError())
    finally:
        writer.abandon()
        connection.request_done(keep_alive)


def _without_traceback(answer: HTTPException) -> HTTPException:
    """Free the frames that an answer was raised through.

    They hold the answer, which holds them: each raised answer would wait for the garbage
    collector, with the request and all that the handler has.
    """
    links: list[BaseException | None] = [answer]
    while links:
        link = links.pop()
        # One without a traceback was not raised, or has been here before.
        if link is not None and link.__traceback__ is not None:
            link.__traceback__ = None
            links += (link.__cause__, link.__context__)
    return answer


def _cancelled() -> bool:
    """Tell whether somebody cancelled the request, and not something that it awaited."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _send(
    request: BaseRequest, response: StreamResponse, server: Host
) -> tuple[StreamResponse, bool]:
    """Send *response*; return what was sent and whether the connection can carry another one."""
    if request.writer.begun and not response.answers(request):
        # The handler failed, or returned something else, after it had described an answer.
        if request.writer.output_size:
            _abort(request, server)
            return response, False
        request.renew_writer()
    try:
        await response.prepare(request)
        await response.write_eof()
    except ClientConnectionResetError:
        return response, False
    except Exception as exc:
        if isinstance(exc, HTTPException):
            response = _without_traceback(exc)
        else:
            response = _answer_to(exc, request, server)
        if request.writer.output_size:
            _abort(request, server)
            return response, False
        request.renew_writer()
        # Without the signal: its receiver may be what failed.
        request.response_prepare = None
        with suppress(ClientConnectionResetError):
            await response.prepare(request)
            await response.write_eof()
    return response, bool(response.keep_alive)


def _abort(request: BaseRequest, server: Host) -> None:
    """Cut an answer off so that no client takes a part for the whole (RFC 9112 section 8)."""
    transport = request.transport
    if transport is None or transport.is_closing():
        return
    # A body that failed is the client's doing; anything else is the handler's.
    level = logging.ERROR if request.content.exception() is None else logging.INFO
    server.logger.log(level, "%r had been answered in part: connection aborted", request)
    request.protocol.abort()


def _answer_to(exc: BaseException, request: BaseRequest, server: Host) -> StreamResponse:
    """Find the answer to an exception that is none itself, and log it as it deserves."""
    if isinstance(exc, RequestPayloadError):
        server.logger.info("%r failed: %s", request, exc)
        return _plain(exc.status, f"{exc.status}: {reason_phrase(exc.status)}", close=True)
    if isinstance(exc, ClientConnectionResetError):
        server.logger.debug("%r: the client is gone", request)
        return _plain(500, "", close=True)
    server.logger.error("Error handling %r", request, exc_info=exc)
    if server.debug:
        text = "".join(traceback.format_exception(exc))
        return _plain(500, f"500 Internal Server Error\n\n{text}", close=True)
    return _plain(500, "500 Internal Server Error\n\nServer got itself in trouble", close=True)


def _plain(status: int, text: str, *, close: bool) -> Response:
    response = Response(status=status, text=text)
    if close:
        response.force_close()
    return response


def _check_returned(request: BaseRequest, returned: object) -> None:
    """Refuse what is no response; warn of an answer that should have been raised."""
    if not isinstance(returned, StreamResponse):
        raise TypeError(_not_a_response(request, returned))
    if isinstance(returned, HTTPException):
        warnings.warn(_RETURNED, DeprecationWarning, stacklevel=2)


def _not_a_response(request: BaseRequest, returned: object) -> str:
    if returned is None:
        return f"Missing return statement on the handler of {request!r}: it returned None"
    return (
        f"the handler of {request!r} should return a StreamResponse such as web.Response, "
        f"got {type(returned).__name__}"
    )


_RETURNED = (
    "returning HTTPException object is deprecated and will be removed, please raise the exception "
    "instead"
)


def refusal(exc: ProtocolError) -> bytes:
    """Make the whole answer to bytes that are no valid request; the connection closes after it.

    It names the status alone: what was wrong is in the log.
    """
    reason = reason_phrase(exc.status)
    text = f"{exc.status}: {reason}".encode()
    fields = (
        (hdrs.CONTENT_TYPE, "text/plain; charset=utf-8"),
        (hdrs.CONTENT_LENGTH, str(len(text))),
        (hdrs.DATE, format_http_date(int(time.time()))),
        (hdrs.SERVER, SERVER_SOFTWARE),
        (hdrs.CONNECTION, "close"),
    )
    return serialize_response(exc.status, reason, fields, text)
