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
from .access_log_json import JSONAccessLogger as JSONAccessLogger
from .allowed_hosts import allowed_hosts_middleware as allowed_hosts_middleware
from .application import Application as Application
from .base_request import BaseRequest as BaseRequest
from .body_limits import limit_body as limit_body
from .cancellation import atomic as atomic
from .cancellation import cancel_on_disconnect as cancel_on_disconnect
from .chain_map_proxy import ChainMapProxy as ChainMapProxy
from .cleanup_context import CleanupContext as CleanupContext
from .cleanup_context import CleanupError as CleanupError
from .compression import ContentCoding as ContentCoding
from .error_handlers import ErrorHandler as ErrorHandler
from .errors import ClientConnectionResetError as ClientConnectionResetError
from .errors import NotAppKeyWarning as NotAppKeyWarning
from .errors import PayloadAccessError as PayloadAccessError
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
from .file_field import FileField as FileField
from .form_data import FormData as FormData
from .health import health as health
from .keys import AppKey as AppKey
from .keys import RequestKey as RequestKey
from .keys import ResponseKey as ResponseKey
from .middlewares import Handler as Handler
from .middlewares import Middleware as Middleware
from .middlewares import middleware as middleware
from .multipart_disposition import BadContentDispositionHeader as BadContentDispositionHeader
from .multipart_disposition import BadContentDispositionParam as BadContentDispositionParam
from .multipart_disposition import content_disposition_filename as content_disposition_filename
from .multipart_disposition import parse_content_disposition as parse_content_disposition
from .multipart_part import BodyPartReader as BodyPartReader
from .multipart_reader import MultipartReader as MultipartReader
from .multipart_reader import MultipartResponseWrapper as MultipartResponseWrapper
from .multipart_source import InvalidMultipart as InvalidMultipart
from .multipart_source import NotMultipart as NotMultipart
from .multipart_source import UnknownPartEncoding as UnknownPartEncoding
from .multipart_writer import MultipartWriter as MultipartWriter
from .normalize_path import normalize_path_middleware as normalize_path_middleware
from .payload import PAYLOAD_REGISTRY as PAYLOAD_REGISTRY
from .payload import Order as Order
from .payload import Payload as Payload
from .payload import PayloadRegistry as PayloadRegistry
from .payload import get_payload as get_payload
from .payload import payload_type as payload_type
from .payload_files import BufferedReaderPayload as BufferedReaderPayload
from .payload_files import BytesIOPayload as BytesIOPayload
from .payload_files import IOBasePayload as IOBasePayload
from .payload_files import TextIOPayload as TextIOPayload
from .payload_memory import BytesPayload as BytesPayload
from .payload_memory import JsonPayload as JsonPayload
from .payload_memory import StringIOPayload as StringIOPayload
from .payload_memory import StringPayload as StringPayload
from .payload_streams import AsyncIterablePayload as AsyncIterablePayload
from .payload_streams import StreamReaderPayload as StreamReaderPayload
from .protocol import HttpProtocol as HttpProtocol
from .protocol import HttpProtocol as RequestHandler
from .raw_message import RawRequestMessage as RawRequestMessage
from .request import Request as Request
from .request_fields import InvalidRange as InvalidRange
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
from .sites import NamedPipeSite as NamedPipeSite
from .sites import SockSite as SockSite
from .sites import TCPSite as TCPSite
from .sites import UnixSite as UnixSite
from .stream_response import StreamResponse as StreamResponse
from .streams import EMPTY_PAYLOAD as EMPTY_PAYLOAD
from .streams import LineTooLong as LineTooLong
from .streams import StreamReader as StreamReader
from .timeouts import Timeouts as Timeouts
from .trusted_proxies import TrustedProxies as TrustedProxies
from .upgrade import Upgraded as Upgraded
from .upgrade import UpgradeReceiver as UpgradeReceiver
from .upgrade import upgrade as upgrade
from .view import View as View
from .writer import ResponseWriter as ResponseWriter

__all__ = (
    "EMPTY_PAYLOAD",
    "PAYLOAD_REGISTRY",
    "AbstractAccessLogger",
    "AbstractConnection",
    "AbstractStreamWriter",
    "AccessLogger",
    "AppKey",
    "AppRunner",
    "Application",
    "AsyncIterablePayload",
    "BadContentDispositionHeader",
    "BadContentDispositionParam",
    "BaseRequest",
    "BaseRunner",
    "BaseSite",
    "BodyPartReader",
    "BufferedReaderPayload",
    "BytesIOPayload",
    "BytesPayload",
    "ChainMapProxy",
    "CleanupContext",
    "CleanupError",
    "ClientConnectionResetError",
    "ContentCoding",
    "ErrorHandler",
    "FileField",
    "FormData",
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
    "Handler",
    "HttpProtocol",
    "IOBasePayload",
    "InvalidJSON",
    "InvalidMultipart",
    "InvalidRange",
    "JSONAccessLogger",
    "JsonPayload",
    "LineTooLong",
    "Middleware",
    "MultipartReader",
    "MultipartResponseWrapper",
    "MultipartWriter",
    "NamedPipeSite",
    "NotAppKeyWarning",
    "NotMultipart",
    "Order",
    "Payload",
    "PayloadAccessError",
    "PayloadRegistry",
    "RawRequestMessage",
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
    "StreamReaderPayload",
    "StreamResponse",
    "StringIOPayload",
    "StringPayload",
    "TCPSite",
    "TextIOPayload",
    "Timeouts",
    "TrustedProxies",
    "UnixSite",
    "UnknownPartEncoding",
    "UpgradeReceiver",
    "Upgraded",
    "View",
    "__version__",
    "allowed_hosts_middleware",
    "atomic",
    "cancel_on_disconnect",
    "content_disposition_filename",
    "get_payload",
    "health",
    "http_exception",
    "json_bytes_response",
    "json_response",
    "limit_body",
    "middleware",
    "normalize_path_middleware",
    "parse_content_disposition",
    "payload_type",
    "upgrade",
)
