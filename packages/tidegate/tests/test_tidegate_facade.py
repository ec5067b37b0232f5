"""The façade brings names together and defines none: each is the very object of its package."""

import importlib
import subprocess
import sys
from types import ModuleType

import pytest
import tidegate
import tidegate.abc
import tidegate.hdrs
import tidegate.test_utils
import tidegate_http_core.hdrs
from tidegate import web

MODULES = [tidegate, web, tidegate.abc, tidegate.hdrs, tidegate.test_utils]
PARTS = [
    importlib.import_module(name)
    for name in (
        "tidegate_http_core",
        "tidegate_http_core.hdrs",
        "tidegate_web_routing",
        "tidegate_web_server",
        "tidegate_web_server.testing",
        "tidegate_web_static",
        "tidegate_web_ws",
        "tidegate_web_cli",
    )
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.__name__))
def test_every_name_is_the_object_of_a_part(module: ModuleType) -> None:
    own = {"__version__", "abc", "hdrs", "web"}
    for name in set(module.__all__) - own:
        made_by = [part for part in PARTS if getattr(part, name, None) is getattr(module, name)]
        assert made_by, f"{module.__name__}.{name} is of no part"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.__name__))
def test_every_public_name_is_in_all_once(module: ModuleType) -> None:
    names = list(module.__all__)
    assert len(names) == len(set(names))
    imported = {
        "Any",
        "test_utils",
        "annotations",
        "import_module",
        "ModuleType",
        "TYPE_CHECKING",
        "sys",
        "main",
    }
    public = {name for name in vars(module) if name[0].isalpha()}
    assert public - imported <= set(names)


@pytest.mark.parametrize(
    "name",
    ["Application", "Request", "Response", "RouteTableDef", "View", "json_response", "run_app"],
)
def test_web_has_what_a_first_program_needs(name: str) -> None:
    assert name in web.__all__


def test_a_view_answers_a_missing_method_as_a_response() -> None:
    # Of two classes of that name, the router's and the server's, a program needs the server's.
    server = importlib.import_module("tidegate_web_server")
    assert web.View is server.View


def test_hdrs_has_every_constant() -> None:
    names = [name for name in vars(tidegate_http_core.hdrs) if name.isupper() and name[0] != "_"]
    assert tidegate.hdrs.__all__ == tuple(sorted(names))


def python(*arguments: str) -> str:
    """Run Python with warnings as errors; return what it prints."""
    command = [sys.executable, "-W", "error", *arguments]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout


def test_web_is_there_without_an_import_of_its_own() -> None:
    assert python("-c", "import tidegate; print(tidegate.web.Response.__name__)") == "Response\n"


def test_web_runs_as_a_module_without_a_warning() -> None:
    assert python("-m", "tidegate.web", "--help").startswith("usage: python -m tidegate.web ")


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'tidegate' has no attribute 'nothing'"):
        tidegate.nothing  # type: ignore[attr-defined]  # noqa: B018 - it is to fail
