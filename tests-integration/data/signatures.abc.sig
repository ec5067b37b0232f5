# The server's part of aiohttp.abc, version 3.14.5.
AbstractAccessLogger(logger, log_format)
AbstractAccessLogger.enabled
AbstractAccessLogger.log(request, response, time)
AbstractMatchInfo()
AbstractMatchInfo.add_app(app)
AbstractMatchInfo.apps
AbstractMatchInfo.expect_handler
AbstractMatchInfo.freeze()
AbstractMatchInfo.get_info()
AbstractMatchInfo.handler
AbstractMatchInfo.http_exception
AbstractRouter()
AbstractRouter.freeze()
AbstractRouter.frozen
AbstractRouter.post_init(app)
AbstractStreamWriter()
AbstractStreamWriter.enable_chunking()
AbstractStreamWriter.enable_compression(encoding='deflate', strategy=None)
AbstractStreamWriter.send_headers()
AbstractStreamWriter.transport
AbstractView(request)
AbstractView.__await__()
AbstractView.request
async AbstractRouter.resolve(request)
async AbstractStreamWriter.drain()
async AbstractStreamWriter.write(chunk)
async AbstractStreamWriter.write_eof(chunk=b'')
async AbstractStreamWriter.write_headers(status_line, headers)
