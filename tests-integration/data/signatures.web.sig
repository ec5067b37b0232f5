# The surface of aiohttp's web, version 3.14.5: facts, not code.
AbstractResource(*, name=None)
AbstractResource.add_prefix(prefix)
AbstractResource.canonical
AbstractResource.freeze()
AbstractResource.get_info()
AbstractResource.name
AbstractResource.raw_match(path)
AbstractResource.url_for(**kwargs)
AbstractRoute(method, handler, *, expect_handler=None, resource=None)
AbstractRoute.get_info()
AbstractRoute.handler
AbstractRoute.method
AbstractRoute.name
AbstractRoute.resource
AbstractRoute.url_for(*args, **kwargs)
AbstractRouteDef()
AbstractRouteDef.register(router)
AppKey(name, t=None)
AppRunner(app, *, handle_signals=False, access_log_class=..., **kwargs)
AppRunner.app
Application(*, logger=..., router=None, middlewares=(), handler_args=None, client_max_size=1048576, client_max_fields=1000, loop=None, debug=...)
Application.__bool__()
Application.__call__()
Application.__getitem__(key)
Application.__iter__()
Application.__len__()
Application.add_domain(domain, subapp)
Application.add_routes(routes)
Application.add_subapp(prefix, subapp)
Application.cleanup_ctx
Application.debug
Application.freeze()
Application.frozen
Application.get(key, default=None)
Application.loop
Application.make_handler(*, loop=None, access_log_class=..., **kwargs)
Application.middlewares
Application.on_cleanup
Application.on_response_prepare
Application.on_shutdown
Application.on_startup
Application.pre_freeze()
Application.pre_frozen
Application.router
BaseRequest(message, payload, protocol, payload_writer, task, loop, *, client_max_size=1048576, client_max_fields=1000, state=None, scheme=None, host=None, remote=None)
BaseRequest.__bool__()
BaseRequest.__getitem__(key)
BaseRequest.__iter__()
BaseRequest.__len__()
BaseRequest.body_exists
BaseRequest.can_read_body
BaseRequest.charset
BaseRequest.client_max_fields
BaseRequest.client_max_size
BaseRequest.clone(*, method=..., rel_url=..., headers=..., scheme=..., host=..., remote=..., client_max_size=..., client_max_fields=...)
BaseRequest.content
BaseRequest.content_length
BaseRequest.content_type
BaseRequest.cookies
BaseRequest.forwarded
BaseRequest.get_extra_info(name, default=None)
BaseRequest.has_body
BaseRequest.headers
BaseRequest.host
BaseRequest.http_range
BaseRequest.if_match
BaseRequest.if_modified_since
BaseRequest.if_none_match
BaseRequest.if_range
BaseRequest.if_unmodified_since
BaseRequest.keep_alive
BaseRequest.loop
BaseRequest.message
BaseRequest.method
BaseRequest.path
BaseRequest.path_qs
BaseRequest.protocol
BaseRequest.query
BaseRequest.query_string
BaseRequest.raw_headers
BaseRequest.raw_path
BaseRequest.rel_url
BaseRequest.remote
BaseRequest.scheme
BaseRequest.secure
BaseRequest.task
BaseRequest.transport
BaseRequest.url
BaseRequest.version
BaseRequest.writer
BaseRunner(*, handle_signals=False, shutdown_timeout=60.0, **kwargs)
BaseRunner.addresses
BaseRunner.server
BaseRunner.sites
BaseSite(runner, *, shutdown_timeout=60.0, ssl_context=None, backlog=128)
BaseSite.name
CleanupError.exceptions
ContentCoding.deflate
ContentCoding.gzip
ContentCoding.identity
DynamicResource(path, *, name=None)
DynamicResource.add_prefix(prefix)
DynamicResource.canonical
DynamicResource.get_info()
DynamicResource.raw_match(path)
DynamicResource.url_for(**parts)
FileField(name, filename, file, content_type, headers)
FileField.content_type
FileField.file
FileField.filename
FileField.headers
FileField.name
FileResponse(path)
GracefulExit.code
HTTPAccepted(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPBadGateway(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPBadRequest(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPClientError(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPConflict(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPCreated(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPError(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPException(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPException.__bool__()
HTTPExpectationFailed(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPFailedDependency(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPForbidden(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPFound(location, *, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPGatewayTimeout(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPGone(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPInsufficientStorage(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPInternalServerError(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPLengthRequired(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPMethodNotAllowed(method, allowed_methods, *, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPMisdirectedRequest(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPMove(location, *, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPMovedPermanently(location, *, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPMultipleChoices(location, *, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPNetworkAuthenticationRequired(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPNoContent(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPNonAuthoritativeInformation(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPNotAcceptable(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPNotExtended(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPNotFound(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPNotImplemented(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPNotModified(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPOk(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPPartialContent(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPPaymentRequired(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPPermanentRedirect(location, *, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPPreconditionFailed(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPPreconditionRequired(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPProxyAuthenticationRequired(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPRedirection(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPRequestEntityTooLarge(max_size, actual_size=0, **kwargs)
HTTPRequestHeaderFieldsTooLarge(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPRequestRangeNotSatisfiable(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPRequestTimeout(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPRequestURITooLong(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPResetContent(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPSeeOther(location, *, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPServerError(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPServiceUnavailable(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPSuccessful(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPTemporaryRedirect(location, *, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPTooManyRequests(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPUnauthorized(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPUnavailableForLegalReasons(link, *, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPUnavailableForLegalReasons.link
HTTPUnprocessableEntity(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPUnsupportedMediaType(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPUpgradeRequired(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPUseProxy(location, *, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPVariantAlsoNegotiates(*, headers=None, reason=None, body=None, text=None, content_type=None)
HTTPVersionNotSupported(*, headers=None, reason=None, body=None, text=None, content_type=None)
NamedPipeSite(runner, path, *, shutdown_timeout=60.0)
NamedPipeSite.name
PlainResource(path, *, name=None)
PlainResource.add_prefix(prefix)
PlainResource.canonical
PlainResource.freeze()
PlainResource.get_info()
PlainResource.raw_match(path)
PlainResource.url_for()
PrefixedSubAppResource(prefix, app)
PrefixedSubAppResource.__iter__()
PrefixedSubAppResource.__len__()
PrefixedSubAppResource.add_prefix(prefix)
PrefixedSubAppResource.canonical
PrefixedSubAppResource.get_info()
PrefixedSubAppResource.raw_match(prefix)
PrefixedSubAppResource.url_for(*args, **kwargs)
Request(message, payload, protocol, payload_writer, task, loop, *, client_max_size=1048576, client_max_fields=1000, state=None, scheme=None, host=None, remote=None)
Request.app
Request.charset
Request.clone(*, method=..., rel_url=..., headers=..., scheme=..., host=..., remote=..., client_max_size=..., client_max_fields=...)
Request.config_dict
Request.content_length
Request.content_type
Request.match_info
RequestHandler(manager, *, loop, keepalive_timeout=3630, tcp_keepalive=True, logger=..., access_log_class=..., access_log=..., access_log_format='%a %t "%r" %s %b "%{Referer}i" "%{User-Agent}i"', debug=False, max_line_size=8190, max_headers=128, max_field_size=8190, lingering_time=10.0, read_bufsize=262144, auto_decompress=True, timeout_ceil_threshold=5)
RequestHandler.close()
RequestHandler.connected
RequestHandler.connection_lost(exc)
RequestHandler.connection_made(transport)
RequestHandler.data_received(data)
RequestHandler.eof_received()
RequestHandler.force_close()
RequestHandler.handle_error(request, status=500, exc=None, message=None)
RequestHandler.keep_alive(val)
RequestHandler.keepalive_timeout
RequestHandler.log_access(request, response, time)
RequestHandler.log_debug(*args, **kw)
RequestHandler.log_exception(*args, **kw)
RequestHandler.pause_reading()
RequestHandler.pause_writing()
RequestHandler.peername
RequestHandler.resume_reading(resume_parser=True)
RequestHandler.resume_writing()
RequestHandler.set_parser(parser, data_received_cb=None)
RequestHandler.sockname
RequestHandler.ssl_context
RequestHandler.writing_paused
RequestKey(name, t=None)
Resource(*, name=None)
Resource.__iter__()
Resource.__len__()
Resource.add_route(method, handler, *, expect_handler=None)
Resource.register_route(route)
ResourceRoute(method, handler, resource, *, expect_handler=None)
ResourceRoute.get_info()
ResourceRoute.name
ResourceRoute.url_for(*args, **kwargs)
Response(*, body=None, status=200, reason=None, text=None, headers=None, content_type=None, charset=None, zlib_executor_size=4096, zlib_executor=None)
Response.body
Response.content_length
Response.text
ResponseKey(name, t=None)
RouteDef(method, path, handler, kwargs)
RouteDef.handler
RouteDef.kwargs
RouteDef.method
RouteDef.path
RouteDef.register(router)
RouteTableDef()
RouteTableDef.__contains__(item)
RouteTableDef.__getitem__(index)
RouteTableDef.__iter__()
RouteTableDef.__len__()
RouteTableDef.delete(path, **kwargs)
RouteTableDef.get(path, **kwargs)
RouteTableDef.head(path, **kwargs)
RouteTableDef.options(path, **kwargs)
RouteTableDef.patch(path, **kwargs)
RouteTableDef.post(path, **kwargs)
RouteTableDef.put(path, **kwargs)
RouteTableDef.route(method, path, **kwargs)
RouteTableDef.static(prefix, path)
RouteTableDef.view(path, **kwargs)
Server(handler, *, request_factory=None, handler_cancellation=False, loop=None, **kwargs)
Server.__call__()
Server.connection_lost(handler, exc=None)
Server.connection_made(handler, transport)
Server.connections
Server.pre_shutdown()
ServerRunner(web_server, *, handle_signals=False, **kwargs)
SockSite(runner, sock, *, shutdown_timeout=60.0, ssl_context=None, backlog=128)
SockSite.name
StaticDef(prefix, path, kwargs)
StaticDef.kwargs
StaticDef.path
StaticDef.prefix
StaticDef.register(router)
StaticResource(prefix, directory)
StaticResource.__iter__()
StaticResource.__len__()
StaticResource.add_prefix(prefix)
StaticResource.canonical
StaticResource.get_info()
StaticResource.raw_match(prefix)
StaticResource.set_options_route(handler)
StaticResource.url_for(*, filename)
StreamResponse(*, status=200, reason=None, headers=None, _real_headers=None)
StreamResponse.__bool__()
StreamResponse.__getitem__(key)
StreamResponse.__iter__()
StreamResponse.__len__()
StreamResponse.body_length
StreamResponse.charset
StreamResponse.chunked
StreamResponse.compression
StreamResponse.content_length
StreamResponse.content_type
StreamResponse.cookies
StreamResponse.del_cookie(name, *, domain=None, path='/', secure=None, httponly=None, samesite=None)
StreamResponse.enable_chunked_encoding(chunk_size=None)
StreamResponse.enable_compression(force=None, strategy=None)
StreamResponse.etag
StreamResponse.force_close()
StreamResponse.headers
StreamResponse.keep_alive
StreamResponse.last_modified
StreamResponse.output_length
StreamResponse.prepared
StreamResponse.reason
StreamResponse.set_cookie(name, value, *, expires=None, domain=None, max_age=None, path='/', secure=None, httponly=None, version=None, samesite=None, partitioned=None)
StreamResponse.set_status(status, reason=None)
StreamResponse.status
StreamResponse.task
TCPSite(runner, host=None, port=None, *, shutdown_timeout=60.0, ssl_context=None, backlog=128, reuse_address=None, reuse_port=None)
TCPSite.name
TCPSite.port
UnixSite(runner, path)
UnixSite.name
UrlDispatcher()
UrlDispatcher.__contains__(resource)
UrlDispatcher.__getitem__(name)
UrlDispatcher.__iter__()
UrlDispatcher.__len__()
UrlDispatcher.add_delete(path, handler, **kwargs)
UrlDispatcher.add_get(path, handler, *, name=None, allow_head=True, **kwargs)
UrlDispatcher.add_head(path, handler, **kwargs)
UrlDispatcher.add_options(path, handler, **kwargs)
UrlDispatcher.add_patch(path, handler, **kwargs)
UrlDispatcher.add_post(path, handler, **kwargs)
UrlDispatcher.add_put(path, handler, **kwargs)
UrlDispatcher.add_resource(path, *, name=None)
UrlDispatcher.add_route(method, path, handler, *, name=None, expect_handler=None)
UrlDispatcher.add_routes(routes)
UrlDispatcher.add_static(prefix, path)
UrlDispatcher.add_view(path, handler, **kwargs)
UrlDispatcher.freeze()
UrlDispatcher.index_resource(resource)
UrlDispatcher.named_resources()
UrlDispatcher.register_resource(resource)
UrlDispatcher.resources()
UrlDispatcher.routes()
UrlDispatcher.unindex_resource(resource)
UrlMappingMatchInfo(match_dict, route)
UrlMappingMatchInfo.add_app(app)
UrlMappingMatchInfo.apps
UrlMappingMatchInfo.current_app
UrlMappingMatchInfo.expect_handler
UrlMappingMatchInfo.freeze()
UrlMappingMatchInfo.get_info()
UrlMappingMatchInfo.handler
UrlMappingMatchInfo.http_exception
UrlMappingMatchInfo.route
View(request)
View.__await__()
WSMsgType.BINARY
WSMsgType.CLOSE
WSMsgType.CLOSED
WSMsgType.CLOSING
WSMsgType.CONTINUATION
WSMsgType.ERROR
WSMsgType.PING
WSMsgType.PONG
WSMsgType.TEXT
WebSocketReady(ok, protocol)
WebSocketReady.__bool__()
WebSocketReady.ok
WebSocketReady.protocol
WebSocketResponse(*, timeout=10.0, receive_timeout=None, autoclose=True, autoping=True, heartbeat=None, protocols=(), compress=True, max_msg_size=4194304, writer_limit=262144, decode_text=True)
WebSocketResponse.__aiter__()
WebSocketResponse.can_prepare(request)
WebSocketResponse.close_code
WebSocketResponse.closed
WebSocketResponse.compress
WebSocketResponse.exception()
WebSocketResponse.get_extra_info(name, default=None)
WebSocketResponse.prepared
WebSocketResponse.ws_protocol
async AbstractResource.resolve(request)
async AbstractRoute.handle_expect_header(request)
async AppRunner.shutdown()
async Application.cleanup()
async Application.shutdown()
async Application.startup()
async BaseRequest.json(*, loads=...)
async BaseRequest.multipart()
async BaseRequest.post()
async BaseRequest.read()
async BaseRequest.release()
async BaseRequest.text()
async BaseRunner.cleanup()
async BaseRunner.setup()
async BaseRunner.shutdown()
async BaseSite.start()
async BaseSite.stop()
async FileResponse.prepare(request)
async NamedPipeSite.start()
async PrefixedSubAppResource.resolve(request)
async RequestHandler.finish_response(request, resp, start_time)
async RequestHandler.shutdown(timeout=15.0)
async RequestHandler.start()
async Resource.resolve(request)
async Response.write_eof(data=b'')
async Server.shutdown(timeout=None)
async ServerRunner.shutdown()
async SockSite.start()
async StaticResource.resolve(request)
async StreamResponse.drain()
async StreamResponse.prepare(request)
async StreamResponse.write(data)
async StreamResponse.write_eof(data=b'')
async TCPSite.start()
async UnixSite.start()
async UrlDispatcher.resolve(request)
async WebSocketResponse.__anext__()
async WebSocketResponse.close(*, code=..., message=b'', drain=True)
async WebSocketResponse.ping(message=b'')
async WebSocketResponse.pong(message=b'')
async WebSocketResponse.prepare(request)
async WebSocketResponse.receive(timeout=None)
async WebSocketResponse.receive_bytes(*, timeout=None)
async WebSocketResponse.receive_json(*, loads=..., timeout=None)
async WebSocketResponse.receive_str(*, timeout=None)
async WebSocketResponse.send_bytes(data, compress=None)
async WebSocketResponse.send_frame(message, opcode, compress=None)
async WebSocketResponse.send_json(data, compress=None, *, dumps=...)
async WebSocketResponse.send_json_bytes(data, compress=None, *, dumps)
async WebSocketResponse.send_str(data, compress=None)
async WebSocketResponse.write(data)
async WebSocketResponse.write_eof()
delete(path, handler, **kwargs)
get(path, handler, *, name=None, allow_head=True, **kwargs)
head(path, handler, **kwargs)
json_bytes_response(data=..., *, dumps, body=None, status=200, reason=None, headers=None, content_type='application/json')
json_response(data=..., *, text=None, body=None, status=200, reason=None, headers=None, content_type='application/json', dumps=...)
middleware(f)
normalize_path_middleware(*, append_slash=True, remove_slash=False, merge_slashes=True, redirect_class=...)
options(path, handler, **kwargs)
patch(path, handler, **kwargs)
post(path, handler, **kwargs)
put(path, handler, **kwargs)
route(method, path, handler, **kwargs)
run_app(app, *, host=None, port=None, path)
static(prefix, path)
view(path, handler, **kwargs)
