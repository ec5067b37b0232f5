"""Requests, responses, applications, and an asyncio HTTP/1.1 server for them.

The way of a request, file by file: :mod:`.server` makes a :mod:`.protocol` for each connection,
which parses bytes and starts a task of :mod:`.handling` for each request; that calls
:mod:`.application`, which routes the :mod:`.request` and runs the handler within the
:mod:`.middlewares`; the :mod:`.response` goes out through :mod:`.writer`.
"""

from ._version import __version__ as __version__
from .abc import AbstractAccessLogger as AbstractAccessLogger
from .abc import AbstractConnection as AbstractConnection
from .abc import AbstractStreamWriter as AbstractStreamWriter
from .access_log import AccessLogger as AccessLogger
from .application import Application as Application
from .errors import ClientConnectionResetError as ClientConnectionResetError
from .errors import NotAppKeyWarning as NotAppKeyWarning
from .errors import RequestPayloadError as RequestPayloadError
from .exceptions import HTTPAccepted as HTTPAccepted
from .exceptions import HTTPBadGateway as HTTPBadGateway
from .exceptions import HTTPBadRequest as HTTPBadRequest
from .exceptions import HTTPClientError as HTTPClientError
from .exceptions import HTTPConflict as HTTPConflict
from .exceptions import HTTPCreated as HTTPCreated
from .exceptions import HTTPError as HTTPError
from .exceptions import HTTPException as HTTPException
from .exceptions import HTTPExpectationFailed as HTTPExpectationFailed
from .exceptions import HTTPFailedDependency as HTTPFailedDependency
from .exceptions import HTTPForbidden as HTTPForbidden
from .exceptions import HTTPFound as HTTPFound
from .exceptions import HTTPGatewayTimeout as HTTPGatewayTimeout
from .exceptions import HTTPGone as HTTPGone
from .exceptions import HTTPInsufficientStorage as HTTPInsufficientStorage
from .exceptions import HTTPInternalServerError as HTTPInternalServerError
from .exceptions import HTTPLengthRequired as HTTPLengthRequired
from .exceptions import HTTPMethodNotAllowed as HTTPMethodNotAllowed
from .exceptions import HTTPMisdirectedRequest as HTTPMisdirectedRequest
from .exceptions import HTTPMove as HTTPMove
from .exceptions import HTTPMovedPermanently as HTTPMovedPermanently
from .exceptions import HTTPMultipleChoices as HTTPMultipleChoices
from .exceptions import HTTPNetworkAuthenticationRequired as HTTPNetworkAuthenticationRequired
from .exceptions import HTTPNoContent as HTTPNoContent
from .exceptions import HTTPNonAuthoritativeInformation as HTTPNonAuthoritativeInformation
from .exceptions import HTTPNotAcceptable as HTTPNotAcceptable
from .exceptions import HTTPNotExtended as HTTPNotExtended
from .exceptions import HTTPNotFound as HTTPNotFound
from .exceptions import HTTPNotImplemented as HTTPNotImplemented
from .exceptions import HTTPNotModified as HTTPNotModified
from .exceptions import HTTPOk as HTTPOk
from .exceptions import HTTPPartialContent as HTTPPartialContent
from .exceptions import HTTPPaymentRequired as HTTPPaymentRequired
from .exceptions import HTTPPermanentRedirect as HTTPPermanentRedirect
from .exceptions import HTTPPreconditionFailed as HTTPPreconditionFailed
from .exceptions import HTTPPreconditionRequired as HTTPPreconditionRequired
from .exceptions import HTTPProxyAuthenticationRequired as HTTPProxyAuthenticationRequired
from .exceptions import HTTPRedirection as HTTPRedirection
from .exceptions import HTTPRequestEntityTooLarge as HTTPRequestEntityTooLarge
from .exceptions import HTTPRequestHeaderFieldsTooLarge as HTTPRequestHeaderFieldsTooLarge
from .exceptions import HTTPRequestRangeNotSatisfiable as HTTPRequestRangeNotSatisfiable
from .exceptions import HTTPRequestTimeout as HTTPRequestTimeout
from .exceptions import HTTPRequestURITooLong as HTTPRequestURITooLong
from .exceptions import HTTPResetContent as HTTPResetContent
from .exceptions import HTTPSeeOther as HTTPSeeOther
from .exceptions import HTTPServerError as HTTPServerError
from .exceptions import HTTPServiceUnavailable as HTTPServiceUnavailable
from .exceptions import HTTPSuccessful as HTTPSuccessful
from .exceptions import HTTPTemporaryRedirect as HTTPTemporaryRedirect
from .exceptions import HTTPTooManyRequests as HTTPTooManyRequests
from .exceptions import HTTPUnauthorized as HTTPUnauthorized
from .exceptions import HTTPUnavailableForLegalReasons as HTTPUnavailableForLegalReasons
from .exceptions import HTTPUnprocessableEntity as HTTPUnprocessableEntity
from .exceptions import HTTPUnsupportedMediaType as HTTPUnsupportedMediaType
from .exceptions import HTTPUpgradeRequired as HTTPUpgradeRequired
from .exceptions import HTTPUseProxy as HTTPUseProxy
from .exceptions import HTTPVariantAlsoNegotiates as HTTPVariantAlsoNegotiates
from .exceptions import HTTPVersionNotSupported as HTTPVersionNotSupported
from .exceptions import InvalidJSON as InvalidJSON
from .keys import AppKey as AppKey
from .keys import RequestKey as RequestKey
from .keys import ResponseKey as ResponseKey
from .middlewares import Middleware as Middleware
from .middlewares import middleware as middleware
from .protocol import HttpProtocol as HttpProtocol
from .protocol import HttpProtocol as RequestHandler
from .request import BaseRequest as BaseRequest
from .request import Request as Request
from .response import Response as Response
from .response import json_bytes_response as json_bytes_response
from .response import json_response as json_response
from .routing_errors import http_exception as http_exception
from .runner import AppRunner as AppRunner
from .runner import BaseRunner as BaseRunner
from .runner import GracefulExit as GracefulExit
from .runner import ServerRunner as ServerRunner
from .server import Server as Server
from .sites import BaseSite as BaseSite
from .sites import SockSite as SockSite
from .sites import TCPSite as TCPSite
from .sites import UnixSite as UnixSite
from .stream_response import StreamResponse as StreamResponse
from .streams import EMPTY_PAYLOAD as EMPTY_PAYLOAD
from .streams import LineTooLong as LineTooLong
from .streams import StreamReader as StreamReader
from .timeouts import Timeouts as Timeouts
from .upgrade import Upgraded as Upgraded
from .upgrade import UpgradeReceiver as UpgradeReceiver
from .upgrade import upgrade as upgrade
from .view import View as View
from .writer import ResponseWriter as ResponseWriter

__all__ = (
    "EMPTY_PAYLOAD",
    "AbstractAccessLogger",
    "AbstractConnection",
    "AbstractStreamWriter",
    "AccessLogger",
    "AppKey",
    "AppRunner",
    "Application",
    "BaseRequest",
    "BaseRunner",
    "BaseSite",
    "ClientConnectionResetError",
    "GracefulExit",
    "HTTPAccepted",
    "HTTPBadGateway",
    "HTTPBadRequest",
    "HTTPClientError",
    "HTTPConflict",
    "HTTPCreated",
    "HTTPError",
    "HTTPException",
    "HTTPExpectationFailed",
    "HTTPFailedDependency",
    "HTTPForbidden",
    "HTTPFound",
    "HTTPGatewayTimeout",
    "HTTPGone",
    "HTTPInsufficientStorage",
    "HTTPInternalServerError",
    "HTTPLengthRequired",
    "HTTPMethodNotAllowed",
    "HTTPMisdirectedRequest",
    "HTTPMove",
    "HTTPMovedPermanently",
    "HTTPMultipleChoices",
    "HTTPNetworkAuthenticationRequired",
    "HTTPNoContent",
    "HTTPNonAuthoritativeInformation",
    "HTTPNotAcceptable",
    "HTTPNotExtended",
    "HTTPNotFound",
    "HTTPNotImplemented",
    "HTTPNotModified",
    "HTTPOk",
    "HTTPPartialContent",
    "HTTPPaymentRequired",
    "HTTPPermanentRedirect",
    "HTTPPreconditionFailed",
    "HTTPPreconditionRequired",
    "HTTPProxyAuthenticationRequired",
    "HTTPRedirection",
    "HTTPRequestEntityTooLarge",
    "HTTPRequestHeaderFieldsTooLarge",
    "HTTPRequestRangeNotSatisfiable",
    "HTTPRequestTimeout",
    "HTTPRequestURITooLong",
    "HTTPResetContent",
    "HTTPSeeOther",
    "HTTPServerError",
    "HTTPServiceUnavailable",
    "HTTPSuccessful",
    "HTTPTemporaryRedirect",
    "HTTPTooManyRequests",
    "HTTPUnauthorized",
    "HTTPUnavailableForLegalReasons",
    "HTTPUnprocessableEntity",
    "HTTPUnsupportedMediaType",
    "HTTPUpgradeRequired",
    "HTTPUseProxy",
    "HTTPVariantAlsoNegotiates",
    "HTTPVersionNotSupported",
    "HttpProtocol",
    "InvalidJSON",
    "LineTooLong",
    "Middleware",
    "NotAppKeyWarning",
    "Request",
    "RequestHandler",
    "RequestKey",
    "RequestPayloadError",
    "Response",
    "ResponseKey",
    "ResponseWriter",
    "Server",
    "ServerRunner",
    "SockSite",
    "StreamReader",
    "StreamResponse",
    "TCPSite",
    "Timeouts",
    "UnixSite",
    "UpgradeReceiver",
    "Upgraded",
    "View",
    "__version__",
    "http_exception",
    "json_bytes_response",
    "json_response",
    "middleware",
    "upgrade",
)
