"""The life of one request: call the handler, turn what it does into an answer, send it.

``serve`` runs as a task of its own. Whatever the handler does, one of these happens:

===============================  =============================================================
returns a response               it is sent
raises an ``HTTPException``      it is sent: it is a response
a client's fault reaches here    it is answered with its 4xx and logged in one quiet line
the client is gone               nothing; there is nobody to tell
a TimeoutError is raised         504, and the traceback is logged
anything else is raised          500, and the traceback is logged
it fails after the head was sent the connection is aborted, so that no client takes a part for
                                 the whole (RFC 9112 section 8)
it fails after an upgrade        what the connection was handed over to ends in its own way
===============================  =============================================================

Outside debug mode nothing of an exception reaches the client.
"""

import asyncio
import logging
import time
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

from .abc import AbstractConnection, EndableStream
from .concurrency import refuse_request
from .error_pages import NOSNIFF, error_page, found_match, handler_name
from .errors import ClientConnectionResetError, InternalError, RequestPayloadError
from .exceptions import HTTPException
from .hosting import Host
from .raised_answers import without_traceback
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
    handle = server.handle
    limit = server.concurrency
    if limit is not None and not limit.enter():
        server.logger.info(
            "refused a request from %s: %s are in service", connection.peername, limit.limit
        )
        handle, limit = refuse_request, None
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
            client_max_fields=server.client_max_fields,
        )
        try:
            response = await handle(request)
            # The usual class needs no look at its ancestors, which is slow for abstract ones.
            if type(response) is not Response:
                _check_returned(request, response, server)
        except HTTPException as exc:
            response = _raised(exc)
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
        stream = server.ended_event_stream(asyncio.current_task())
        if stream is None:
            connection.abort()
        else:
            await _end_event_stream(stream, connection)
            if started is not None and server.access_log is not None:
                server.access_log.log(request, stream, server.loop.time() - started)
        raise
    except Exception:
        # Not the handler's: what made the request, or the access log.
        server.logger.exception("Error serving %s %s", head.method, head.target)
        if not connection.answering:
            connection.refuse(InternalError())
    finally:
        writer.abandon()
        # Before the next request begins, which may be at once.
        if limit is not None:
            limit.leave()
        connection.request_done(keep_alive)


async def _end_event_stream(stream: EndableStream, connection: AbstractConnection) -> None:
    """End a stream of events in order: its client gets what was sent, and connects again."""
    ended = False
    try:
        with suppress(ClientConnectionResetError):
            await stream.end_stream()
            ended = True
    finally:
        if not ended:
            connection.abort()


def _raised(answer: HTTPException) -> HTTPException:
    """Make an answer that was raised ready to be sent."""
    if answer.status >= 400:
        answer.headers.setdefault(*NOSNIFF)
    return without_traceback(answer)


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
            await _cut_off(request, server)
            return response, False
        request.renew_writer()
    try:
        await response.prepare(request)
        await response.write_eof()
    except ClientConnectionResetError:
        return response, False
    except Exception as exc:
        if isinstance(exc, HTTPException):
            response = _raised(exc)
        else:
            response = _answer_to(exc, request, server)
        if request.writer.output_size:
            await _cut_off(request, server)
            return response, False
        request.renew_writer()
        # Without the signal: its receiver may be what failed.
        request.response_prepare = None
        with suppress(ClientConnectionResetError):
            await response.prepare(request)
            await response.write_eof()
    return response, bool(response.keep_alive)


async def _cut_off(request: BaseRequest, server: Host) -> None:
    """Cut an answer off so that no client takes a part for the whole (RFC 9112 section 8).

    What is not HTTP any more has its own way to say so.
    """
    transport = request.transport
    if transport is None or transport.is_closing() or await request.protocol.fail_successor():
        return
    # A body that failed is the client's doing; anything else is the handler's.
    level = logging.ERROR if request.content.exception() is None else logging.INFO
    server.logger.log(level, "%r had been answered in part: connection aborted", request)
    request.protocol.abort()


def _answer_to(exc: BaseException, request: BaseRequest, server: Host) -> StreamResponse:
    """Find the answer to an exception that is none itself, and log it as it deserves."""
    if isinstance(exc, RequestPayloadError):
        server.logger.info("%r failed: %s", request, exc)
        return error_page(request, exc.status)
    if isinstance(exc, ClientConnectionResetError):
        server.logger.debug("%r: the client is gone", request)
        return error_page(request, 500)
    server.logger.error("Error handling %r", request, exc_info=exc)
    # RFC 9110 section 15.6.5: what the handler waited for did not come in time.
    status = 504 if isinstance(exc, TimeoutError) else 500
    return error_page(request, status, exc, debug=server.debug)


def _check_returned(request: BaseRequest, returned: object, server: Host) -> None:
    """Refuse what is no response; warn of an answer that should have been raised."""
    if not isinstance(returned, StreamResponse):
        raise TypeError(_not_a_response(request, returned, server))
    if isinstance(returned, HTTPException):
        warnings.warn(_RETURNED, DeprecationWarning, stacklevel=2)


def _not_a_response(request: BaseRequest, returned: object, server: Host) -> str:
    match_info = found_match(request)
    handler = handler_name(server.handler if match_info is None else match_info.handler)
    if match_info is not None and any(app.middlewares for app in match_info.apps):
        handler += ", or a middleware around it,"
    expected = "return a response, such as web.Response(text='...') or web.json_response({...})"
    if returned is None:
        return (
            f"Missing return statement on the handler of {request!r}: {handler} returned None; "
            f"it should {expected}"
        )
    return (
        f"the handler of {request!r} should {expected}: {handler} returned "
        f"{type(returned).__name__}"
    )


_RETURNED = (
    "returning HTTPException object is deprecated and will be removed, please raise the exception "
    "instead"
)


def refusal(exc: ProtocolError, *more: tuple[str, str]) -> bytes:
    """Make the whole answer to bytes that are no valid request; the connection closes after it.

    It names the status alone: what was wrong is in the log.

    :param more: further header fields.
    """
    reason = reason_phrase(exc.status)
    text = f"{exc.status}: {reason}".encode()
    fields = (
        (hdrs.CONTENT_TYPE, "text/plain; charset=utf-8"),
        NOSNIFF,
        (hdrs.CONTENT_LENGTH, str(len(text))),
        (hdrs.DATE, format_http_date(int(time.time()))),
        (hdrs.SERVER, SERVER_SOFTWARE),
        (hdrs.CONNECTION, "close"),
        *more,
    )
    return serialize_response(exc.status, reason, fields, text)
