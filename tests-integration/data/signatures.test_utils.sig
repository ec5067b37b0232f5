# The surface of aiohttp's test_utils, version 3.14.5: facts, not code.
AioHTTPTestCase(methodName)
AioHTTPTestCase.get_app()
AioHTTPTestCase.longMessage
AioHTTPTestCase.maxDiff
BaseTestServer(*, scheme='', loop=None, host='127.0.0.1', port=None, skip_url_asserts=False, socket_factory=..., **kwargs)
BaseTestServer.closed
BaseTestServer.handler
BaseTestServer.make_url(path)
BaseTestServer.started
RawTestServer(handler, *, scheme='', host='127.0.0.1', port=None, **kwargs)
RawTestServer.closed
RawTestServer.handler
RawTestServer.make_url(path)
RawTestServer.started
TestClient(server, *, cookie_jar=None, loop=None, **kwargs)
TestClient.app
TestClient.delete(path, **kwargs)
TestClient.get(path, **kwargs)
TestClient.head(path, **kwargs)
TestClient.host
TestClient.make_url(path)
TestClient.options(path, **kwargs)
TestClient.patch(path, **kwargs)
TestClient.port
TestClient.post(path, **kwargs)
TestClient.put(path, **kwargs)
TestClient.request(method, path, **kwargs)
TestClient.server
TestClient.session
TestClient.ws_connect(path, *, decode_text=True, **kwargs)
TestServer(app, *, scheme='', host='127.0.0.1', port=None, **kwargs)
TestServer.closed
TestServer.handler
TestServer.make_url(path)
TestServer.started
async AioHTTPTestCase.asyncSetUp()
async AioHTTPTestCase.asyncTearDown()
async AioHTTPTestCase.get_application()
async AioHTTPTestCase.get_client(server)
async AioHTTPTestCase.get_server(app)
async AioHTTPTestCase.setUpAsync()
async AioHTTPTestCase.tearDownAsync()
async BaseTestServer.__aenter__()
async BaseTestServer.__aexit__(exc_type, exc_value, traceback)
async BaseTestServer.close()
async BaseTestServer.start_server(loop=None, **kwargs)
async RawTestServer.__aenter__()
async RawTestServer.__aexit__(exc_type, exc_value, traceback)
async RawTestServer.close()
async RawTestServer.start_server(loop=None, **kwargs)
async TestClient.__aenter__()
async TestClient.__aexit__(exc_type, exc, tb)
async TestClient.close()
async TestClient.start_server()
async TestServer.__aenter__()
async TestServer.__aexit__(exc_type, exc_value, traceback)
async TestServer.close()
async TestServer.start_server(loop=None, **kwargs)
get_port_socket(host, port, family)
get_unused_port_socket(host, family=...)
loop_context(loop_factory=..., fast=False)
make_mocked_coro(return_value=..., raise_exception=...)
make_mocked_request(method, path, headers=None, *, match_info=..., version=..., closing=False, app=None, writer=..., protocol=..., transport=..., payload=..., sslcontext=None, client_max_size=1048576, client_max_fields=1000, loop=...)
setup_test_loop(loop_factory=...)
teardown_test_loop(loop, fast=False)
unittest_run_loop(func, *args, **kwargs)
unused_port()
