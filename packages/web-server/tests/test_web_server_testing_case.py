"""The unittest case: run as unittest runs it."""

import asyncio
import unittest

import pytest
from tidegate_web_routing import get
from tidegate_web_server import Application, BaseRequest, Response
from tidegate_web_server.testing import AioHTTPTestCase, unittest_run_loop


async def hello(request: BaseRequest) -> Response:
    return Response(text="hello")


def make_app() -> Application:
    app = Application()
    app.add_routes([get("/", hello)])
    return app


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def test_a_case_has_its_application_server_and_client() -> None:
    seen: list[AioHTTPTestCase] = []

    class Case(AioHTTPTestCase):
        __test__ = False

        async def get_application(self) -> Application:
            return make_app()

        async def test_hello(self) -> None:
            seen.append(self)
            assert self.loop is asyncio.get_running_loop()
            assert self.client.app is self.app
            async with self.client.get("/") as response:
                assert await response.text() == "hello"

    result = run(Case)
    assert result.wasSuccessful(), result.errors + result.failures
    assert result.testsRun == len(seen) == 1
    assert seen[0].server.closed


def test_an_application_may_be_made_without_awaiting_anything() -> None:
    class Case(AioHTTPTestCase):
        __test__ = False

        def get_app(self) -> Application:
            return make_app()

        async def test_hello(self) -> None:
            async with self.client.get("/") as response:
                assert response.status == 200

    assert run(Case).wasSuccessful()


def test_a_case_without_an_application_says_what_to_override() -> None:
    class Case(AioHTTPTestCase):
        __test__ = False

        async def test_nothing(self) -> None:
            raise AssertionError("unreachable")

    ((_, message),) = run(Case).errors
    assert "override get_application()" in message


def test_an_application_that_does_not_start_leaves_nothing_open() -> None:
    async def fail(app: Application) -> None:
        raise KeyError("no database")

    class Case(AioHTTPTestCase):
        __test__ = False

        async def get_application(self) -> Application:
            app = make_app()
            app.on_startup.append(fail)
            return app

        async def test_nothing(self) -> None:
            raise AssertionError("unreachable")

    ((_, message),) = run(Case).errors
    assert "no database" in message


def test_the_decorator_of_old_is_not_needed_any_more() -> None:
    async def test() -> None: ...

    with pytest.warns(DeprecationWarning, match="unittest_run_loop"):
        assert unittest_run_loop(test) is test
