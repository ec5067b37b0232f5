"""What a target names is found, and made into an application; or it is said what is wrong."""

import asyncio
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tidegate_web_cli.discovery import LoadError, find_target, is_program, load, load_to_inspect
from tidegate_web_server import Application

HEAD = "from tidegate_web_server import Application\n"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Return a function that writes a file of the current folder; its modules are forgotten."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    before = set(sys.modules)

    def write(name: str, text: str = "", head: str = HEAD) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(head + text)
        return file

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


def made(target: str | None = None, *args: str, factory: bool = False) -> Application:
    found = load(find_target(target, "."), app_dir=".", factory=factory, args=args)
    if inspect.isawaitable(found):

        async def wait() -> Application:
            app = await found
            assert isinstance(app, Application)
            return app

        return asyncio.run(wait())
    assert isinstance(found, Application)
    return found


@pytest.mark.parametrize("file", ["app.py", "main.py", "other/app.py", "pkg/main.py"])
@pytest.mark.parametrize(
    "text",
    [
        "app = Application()",
        "def create_app():\n    return Application()",
        "async def init_func(argv):\n    assert argv == []\n    return Application()",
        "def create_app(argv=None, *more):\n    assert argv == []\n    return Application()",
    ],
)
def test_an_application_is_found_in_a_file_and_a_folder(
    write: Write, file: str, text: str
) -> None:
    write(file, text)
    made(None if "/" not in file else file.partition("/")[0])
    made(file)


def test_a_file_of_a_package_is_imported_as_its_module(write: Write) -> None:
    write("pkg/__init__.py")
    write("pkg/deep/__init__.py")
    write("pkg/deep/web.py", "from . import sibling\napp = Application()")
    write("pkg/deep/sibling.py")
    made("pkg/deep/web.py")
    assert "pkg.deep.web" in sys.modules
    write("pkg/other/__init__.py", "app = Application()")
    made("pkg/other/__init__.py")
    assert "pkg.other" in sys.modules


def test_a_module_and_an_attribute_are_named(write: Write) -> None:
    write("shop/__init__.py")
    write("shop/web.py", "class Holder:\n    site = Application()")
    assert made("shop.web:Holder.site")


def test_files_of_any_name_are_loaded(write: Write) -> None:
    write("my-app.py", "app = Application()")
    made("my-app.py")
    write("json.py", "app = Application()")
    made("json.py")
    import json

    assert json.dumps({}) == "{}"


def test_arguments_go_to_a_function(write: Write) -> None:
    write("app.py", "def create_app(argv):\n    return argv")
    with pytest.raises(LoadError, match=r"a web.Application, and returned \['a', 'b'\]"):
        made("app", "a", "b")


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        ("", "app", "app has neither app, create_app nor init_func"),
        ("", "app:no", "app:no: no such name in the module"),
        ("app = 1", "app:no", "it has app"),
        ("app = 1", "app", "app:app is neither an application nor a function that makes one"),
        ("def app(a, b): ...", "app", r"app:app\(a, b\) can't be called"),
        ("def app(): return 5", "app", "app:app is to make a web.Application, and returned 5"),
        ("async def app(): return 5", "app", "and returned 5"),
        ("", "none", "no module named 'none'"),
        ("", "none.deep:app", "no module named 'none'"),
        ("", "none.py", "no such file: none.py"),
        ("", "a/b", "no such file: a/b"),
        ("", ".app", "is no name of a module"),
        ("", "app:a-b", "names no application"),
        ("", ":app", "names no application"),
    ],
)
def test_what_is_wrong_with_a_target_is_said_in_one_line(
    write: Write, text: str, target: str, message: str
) -> None:
    write("app.py", text)
    with pytest.raises(LoadError, match=message) as caught:
        made(target)
    assert "\n" not in str(caught.value)


def test_arguments_that_nobody_takes_are_refused(write: Write) -> None:
    write("app.py", "app = Application()\ndef create_app(): ...")
    with pytest.raises(LoadError, match="takes no arguments: x y"):
        made("app", "x", "y")
    with pytest.raises(LoadError, match="takes no arguments, and got: x"):
        made("app:create_app", "x")


def test_an_application_is_called_if_it_is_said_to_be_a_factory(write: Write) -> None:
    write("app.py", "app = Application()")
    assert made("app", factory=True)


def test_nothing_to_find_is_said(write: Write) -> None:
    with pytest.raises(LoadError, match=r"no app.py or main.py in .*: name the application"):
        find_target(None, ".")


def test_errors_of_the_application_are_its_own(write: Write) -> None:
    write("app.py", "import not_installed_at_all")
    with pytest.raises(ModuleNotFoundError, match="not_installed_at_all"):
        made("app")


PROGRAM = """
import sys
from tidegate_web_cli import run_app
def main():
    app = Application()
    run_app(app, port=1, print=None)
    raise RuntimeError("run_app came back")
if __name__ == "__main__":
    app = 1
    main()
"""


def test_a_program_is_told_from_a_module_without_running_it(write: Write) -> None:
    write("prog.py", PROGRAM)
    assert is_program(find_target("prog.py", "."))
    sys.path.insert(0, ".")
    assert is_program(find_target("prog", "."))
    assert not is_program(find_target("prog:main", "."))
    assert not is_program(find_target("json", "."))
    assert not is_program(find_target("sys", "."))
    assert not is_program(find_target("none", "."))
    write(
        "both.py", "if 1:\n    try:\n        import app\n    finally:\n        pass\nrun_app(app)"
    )
    assert not is_program(find_target("both.py", "."))
    write("broken.py", "run_app(")
    assert not is_program(find_target("broken.py", "."))
    write("typed.py", "app: int = 1\nx = y = 2\nrun_app(app)")
    assert not is_program(find_target("typed.py", "."))


@pytest.mark.parametrize("target", ["prog.py", "prog"])
def test_a_program_is_left_at_its_call_of_run_app(write: Write, target: str) -> None:
    write("prog.py", PROGRAM)
    sys.path.insert(0, ".")
    found = load_to_inspect(find_target(target, "."), app_dir=".", factory=False, args=["x"])
    assert isinstance(found, Application)
    assert sys.argv[1:] == ["x"]


def test_a_module_that_serves_while_it_is_imported_is_left_there_too(write: Write) -> None:
    write("app.py", "from tidegate_web_cli import run_app\napp = Application()\nrun_app(app)")
    assert load_to_inspect(find_target("app.py", "."), app_dir=".", factory=False, args=[])


def test_a_program_that_serves_nothing_is_an_error(write: Write) -> None:
    write("prog.py", "if 0:\n    run_app(1)")
    with pytest.raises(LoadError, match="ended without a call of run_app"):
        load_to_inspect(find_target("prog.py", "."), app_dir=".", factory=False, args=[])
