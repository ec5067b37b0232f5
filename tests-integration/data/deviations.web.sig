# What is different on purpose from aiohttp.web's calls: name, and why.
BaseSite(): shutdown_timeout belongs to the runner; None tells that it was not given, and giving it warns
NamedPipeSite(): as BaseSite()
PrefixedSubAppResource.raw_match(): the parameter is called path, as in every other resource
RequestHandler(): a connection is made by its Server, which has all settings; the name is for types and isinstance
RequestHandler.force_close(): inside aiohttp's connection; a response has force_close()
RequestHandler.finish_response(): inside aiohttp's connection
RequestHandler.handle_error(): inside aiohttp's connection; an application has error_handler()
RequestHandler.keep_alive(): inside aiohttp's connection; a response has keep_alive
RequestHandler.keepalive_timeout: a setting of the server, Server.timeouts.keep_alive
RequestHandler.log_access(): inside aiohttp's connection; access_log_class has log()
RequestHandler.log_debug(): inside aiohttp's connection
RequestHandler.log_exception(): inside aiohttp's connection
RequestHandler.resume_reading(): resume_parser is of aiohttp's parser
RequestHandler.set_parser(): inside aiohttp's connection; upgrade() hands a connection over
RequestHandler.shutdown(): the server ends its connections, Server.shutdown()
RequestHandler.start(): there is no loop per connection
Server(): every argument is named, so that a misspelt one is found
SockSite(): as BaseSite()
StaticResource.raw_match(): the parameter is called path, as in every other resource
StreamResponse(): _real_headers is private to aiohttp
TCPSite(): as BaseSite()
UrlDispatcher.__contains__(): what is looked for is a name, and the parameter says so
