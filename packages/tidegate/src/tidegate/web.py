"""The names of ``aiohttp.web``: ``from tidegate import web``.

Each is defined in one of the packages that tidegate is made of, and only brought together here.
``python -m tidegate.web module:function`` serves an application; see :func:`main`.
"""

import sys

from tidegate_web_cli import main as main
from tidegate_web_cli import run_app as run_app
from tidegate_web_routing import AbstractResource as AbstractResource
from tidegate_web_routing import AbstractRoute as AbstractRoute
from tidegate_web_routing import AbstractRouteDef as AbstractRouteDef
from tidegate_web_routing import DynamicResource as DynamicResource
from tidegate_web_routing import MatchedSubAppResource as MatchedSubAppResource
from tidegate_web_routing import PlainResource as PlainResource
from tidegate_web_routing import PrefixedSubAppResource as PrefixedSubAppResource
from tidegate_web_routing import Resource as Resource
from tidegate_web_routing import ResourceRoute as ResourceRoute
from tidegate_web_routing import RouteDef as RouteDef
from tidegate_web_routing import RouteTableDef as RouteTableDef
from tidegate_web_routing import StaticDef as StaticDef
from tidegate_web_routing import UrlDispatcher as UrlDispatcher
from tidegate_web_routing import UrlMappingMatchInfo as UrlMappingMatchInfo
from tidegate_web_routing import delete as delete
from tidegate_web_routing import get as get
from tidegate_web_routing import head as head
from tidegate_web_routing import options as options
from tidegate_web_routing import patch as patch
from tidegate_web_routing import post as post
from tidegate_web_routing import put as put
from tidegate_web_routing import route as route
from tidegate_web_routing import static as static
from tidegate_web_routing import view as view
from tidegate_web_server import AppKey as AppKey
from tidegate_web_server import Application as Application
from tidegate_web_server import AppRunner as AppRunner
from tidegate_web_server import BaseRequest as BaseRequest
from tidegate_web_server import BaseRunner as BaseRunner
from tidegate_web_server import BaseSite as BaseSite
from tidegate_web_server import CleanupError as CleanupError
from tidegate_web_server import ClientConnectionResetError as ClientConnectionResetError
from tidegate_web_server import ContentCoding as ContentCoding
from tidegate_web_server import ErrorHandler as ErrorHandler
from tidegate_web_server import FileField as FileField
from tidegate_web_server import GracefulExit as GracefulExit
from tidegate_web_server import Handler as Handler
from tidegate_web_server import HTTPAccepted as HTTPAccepted
from tidegate_web_server import HTTPBadGateway as HTTPBadGateway
from tidegate_web_server import HTTPBadRequest as HTTPBadRequest
from tidegate_web_server import HTTPClientError as HTTPClientError
from tidegate_web_server import HTTPConflict as HTTPConflict
from tidegate_web_server import HTTPCreated as HTTPCreated
from tidegate_web_server import HTTPError as HTTPError
from tidegate_web_server import HTTPException as HTTPException
from tidegate_web_server import HTTPExpectationFailed as HTTPExpectationFailed
from tidegate_web_server import HTTPFailedDependency as HTTPFailedDependency
from tidegate_web_server import HTTPForbidden as HTTPForbidden
from tidegate_web_server import HTTPFound as HTTPFound
from tidegate_web_server import HTTPGatewayTimeout as HTTPGatewayTimeout
from tidegate_web_server import HTTPGone as HTTPGone
from tidegate_web_server import HTTPInsufficientStorage as HTTPInsufficientStorage
from tidegate_web_server import HTTPInternalServerError as HTTPInternalServerError
from tidegate_web_server import HTTPLengthRequired as HTTPLengthRequired
from tidegate_web_server import HTTPMethodNotAllowed as HTTPMethodNotAllowed
from tidegate_web_server import HTTPMisdirectedRequest as HTTPMisdirectedRequest
from tidegate_web_server import HTTPMove as HTTPMove
from tidegate_web_server import HTTPMovedPermanently as HTTPMovedPermanently
from tidegate_web_server import HTTPMultipleChoices as HTTPMultipleChoices
from tidegate_web_server import (
    HTTPNetworkAuthenticationRequired as HTTPNetworkAuthenticationRequired,
)
from tidegate_web_server import HTTPNoContent as HTTPNoContent
from tidegate_web_server import HTTPNonAuthoritativeInformation as HTTPNonAuthoritativeInformation
from tidegate_web_server import HTTPNotAcceptable as HTTPNotAcceptable
from tidegate_web_server import HTTPNotExtended as HTTPNotExtended
from tidegate_web_server import HTTPNotFound as HTTPNotFound
from tidegate_web_server import HTTPNotImplemented as HTTPNotImplemented
from tidegate_web_server import HTTPNotModified as HTTPNotModified
from tidegate_web_server import HTTPOk as HTTPOk
from tidegate_web_server import HTTPPartialContent as HTTPPartialContent
from tidegate_web_server import HTTPPaymentRequired as HTTPPaymentRequired
from tidegate_web_server import HTTPPermanentRedirect as HTTPPermanentRedirect
from tidegate_web_server import HTTPPreconditionFailed as HTTPPreconditionFailed
from tidegate_web_server import HTTPPreconditionRequired as HTTPPreconditionRequired
from tidegate_web_server import HTTPProxyAuthenticationRequired as HTTPProxyAuthenticationRequired
from tidegate_web_server import HTTPRedirection as HTTPRedirection
from tidegate_web_server import HTTPRequestEntityTooLarge as HTTPRequestEntityTooLarge
from tidegate_web_server import HTTPRequestHeaderFieldsTooLarge as HTTPRequestHeaderFieldsTooLarge
from tidegate_web_server import HTTPRequestRangeNotSatisfiable as HTTPRequestRangeNotSatisfiable
from tidegate_web_server import HTTPRequestTimeout as HTTPRequestTimeout
from tidegate_web_server import HTTPRequestURITooLong as HTTPRequestURITooLong
from tidegate_web_server import HTTPResetContent as HTTPResetContent
from tidegate_web_server import HTTPSeeOther as HTTPSeeOther
from tidegate_web_server import HTTPServerError as HTTPServerError
from tidegate_web_server import HTTPServiceUnavailable as HTTPServiceUnavailable
from tidegate_web_server import HTTPSuccessful as HTTPSuccessful
from tidegate_web_server import HTTPTemporaryRedirect as HTTPTemporaryRedirect
from tidegate_web_server import HTTPTooManyRequests as HTTPTooManyRequests
from tidegate_web_server import HTTPUnauthorized as HTTPUnauthorized
from tidegate_web_server import HTTPUnavailableForLegalReasons as HTTPUnavailableForLegalReasons
from tidegate_web_server import HTTPUnprocessableEntity as HTTPUnprocessableEntity
from tidegate_web_server import HTTPUnsupportedMediaType as HTTPUnsupportedMediaType
from tidegate_web_server import HTTPUpgradeRequired as HTTPUpgradeRequired
from tidegate_web_server import HTTPUseProxy as HTTPUseProxy
from tidegate_web_server import HTTPVariantAlsoNegotiates as HTTPVariantAlsoNegotiates
from tidegate_web_server import HTTPVersionNotSupported as HTTPVersionNotSupported
from tidegate_web_server import InvalidRange as InvalidRange
from tidegate_web_server import JSONAccessLogger as JSONAccessLogger
from tidegate_web_server import Middleware as Middleware
from tidegate_web_server import NamedPipeSite as NamedPipeSite
from tidegate_web_server import NotAppKeyWarning as NotAppKeyWarning
from tidegate_web_server import PayloadAccessError as PayloadAccessError
from tidegate_web_server import Request as Request
from tidegate_web_server import RequestHandler as RequestHandler
from tidegate_web_server import RequestKey as RequestKey
from tidegate_web_server import RequestPayloadError as RequestPayloadError
from tidegate_web_server import Response as Response
from tidegate_web_server import ResponseKey as ResponseKey
from tidegate_web_server import Server as Server
from tidegate_web_server import ServerRunner as ServerRunner
from tidegate_web_server import SockSite as SockSite
from tidegate_web_server import StreamResponse as StreamResponse
from tidegate_web_server import TCPSite as TCPSite
from tidegate_web_server import Timeouts as Timeouts
from tidegate_web_server import TrustedProxies as TrustedProxies
from tidegate_web_server import UnixSite as UnixSite
from tidegate_web_server import View as View
from tidegate_web_server import allowed_hosts_middleware as allowed_hosts_middleware
from tidegate_web_server import atomic as atomic
from tidegate_web_server import cancel_on_disconnect as cancel_on_disconnect
from tidegate_web_server import health as health
from tidegate_web_server import json_bytes_response as json_bytes_response
from tidegate_web_server import json_response as json_response
from tidegate_web_server import limit_body as limit_body
from tidegate_web_server import middleware as middleware
from tidegate_web_server import normalize_path_middleware as normalize_path_middleware
from tidegate_web_server import upgrade as upgrade
from tidegate_web_static import FileResponse as FileResponse
from tidegate_web_static import StaticResource as StaticResource
from tidegate_web_ws import DeflateSettings as DeflateSettings
from tidegate_web_ws import WebSocketReady as WebSocketReady
from tidegate_web_ws import WebSocketResponse as WebSocketResponse
from tidegate_web_ws import WSMsgType as WSMsgType
from tidegate_web_ws import broadcast as broadcast
from tidegate_web_ws import prepare_message as prepare_message

__all__ = (
    "AbstractResource",
    "AbstractRoute",
    "AbstractRouteDef",
    "AppKey",
    "AppRunner",
    "Application",
    "BaseRequest",
    "BaseRunner",
    "BaseSite",
    "CleanupError",
    "ClientConnectionResetError",
    "ContentCoding",
    "DeflateSettings",
    "DynamicResource",
    "ErrorHandler",
    "FileField",
    "FileResponse",
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
    "InvalidRange",
    "JSONAccessLogger",
    "MatchedSubAppResource",
    "Middleware",
    "NamedPipeSite",
    "NotAppKeyWarning",
    "PayloadAccessError",
    "PlainResource",
    "PrefixedSubAppResource",
    "Request",
    "RequestHandler",
    "RequestKey",
    "RequestPayloadError",
    "Resource",
    "ResourceRoute",
    "Response",
    "ResponseKey",
    "RouteDef",
    "RouteTableDef",
    "Server",
    "ServerRunner",
    "SockSite",
    "StaticDef",
    "StaticResource",
    "StreamResponse",
    "TCPSite",
    "Timeouts",
    "TrustedProxies",
    "UnixSite",
    "UrlDispatcher",
    "UrlMappingMatchInfo",
    "View",
    "WSMsgType",
    "WebSocketReady",
    "WebSocketResponse",
    "allowed_hosts_middleware",
    "atomic",
    "broadcast",
    "cancel_on_disconnect",
    "delete",
    "get",
    "head",
    "health",
    "json_bytes_response",
    "json_response",
    "limit_body",
    "middleware",
    "normalize_path_middleware",
    "options",
    "patch",
    "post",
    "prepare_message",
    "put",
    "route",
    "run_app",
    "static",
    "upgrade",
    "view",
)

if __name__ == "__main__":
    main(sys.argv[1:])
