"""Which application a command is about: from what was named, or not named, to an application.

A target is the path of a file or a folder, a module, or either with ``:attribute`` behind it.
Without a target, and in a folder, ``app.py`` and then ``main.py`` are looked for; without an
attribute the names ``app``, ``create_app`` and ``init_func``, in this order. What is found there
is an application, or a function that makes one: plain or ``async``, called with a list of the
arguments that were left over if it takes a parameter, else without.

A file that has none of those names and calls ``run_app`` is a program of its own: it is run as
``__main__``, and who loads it takes over its call (:mod:`.takeover`).

What the target has wrong is a :class:`LoadError`. An error that the application itself raises
while it is imported or made is raised as it is.
"""

import ast
import importlib
import inspect
import runpy
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from tidegate_web_server import Application

from .errors import CommandError
from .takeover import RunCall, taking_over

FILES = ("app.py", "main.py")
NAMES = ("app", "create_app", "init_func")

Made = Application | Awaitable[Any]


class LoadError(CommandError):
    """No such file, module, name or application."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be loaded: a file or a module, and the name in it."""

    module: str | None
    path: Path | None
    """The file, where a file was named; *module* is None then."""
    attribute: str | None = None

    def __str__(self) -> str:
        """Show what was named."""
        where = self.module if self.path is None else str(self.path)
        return f"{where}:{self.attribute}" if self.attribute else str(where)

    @property
    def source(self) -> Path | None:
        """The file that has the source; None where there is none. It imports parent packages."""
        if self.path is not None or self.module is None:
            return self.path
        try:
            spec = find_spec(self.module)
        except (ImportError, ValueError):
            return None
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return None
        return Path(spec.origin)


def find_target(target: str | None, app_dir: str) -> Target:
    """Find out what *target* names.

    :param target: None to look in *app_dir*.
    :param app_dir: a folder.
    :raises LoadError: there is no such file, or nothing that looks like an application.
    """
    if target is None:
        return Target(None, _application_file(Path(app_dir)))
    path, attribute = Path(target), None
    if not path.exists() and ":" in target:
        where, _, attribute = target.rpartition(":")
        if not where or not all(part.isidentifier() for part in attribute.split(".")):
            raise LoadError(
                f"{target!r} names no application: expected a file such as app.py, or "
                "package.module:app"
            )
        target, path = where, Path(where)
    if path.is_dir() and (path.name != target or find_module(target, app_dir) is None):
        return Target(None, _application_file(path), attribute)
    if path.suffix == ".py" or "/" in target or "\\" in target:
        if not path.is_file():
            raise LoadError(f"no such file: {target}")
        return Target(None, path, attribute)
    if not all(part.isidentifier() for part in target.split(".")):
        raise LoadError(
            f"{target!r} is no name of a module; relative names are not supported: expected a "
            "file such as app.py, or package.module:app"
        )
    return Target(target, None, attribute)


def find_module(name: str, app_dir: str) -> Path | None:
    """Find the package *name* in *app_dir*, if there is one."""
    package = Path(app_dir, *name.split("."), "__init__.py")
    return package if package.is_file() else None


def _application_file(folder: Path) -> Path:
    for name in FILES:
        if (folder / name).is_file():
            return folder / name
    raise LoadError(
        f"no {' or '.join(FILES)} in {folder.resolve()}: name the application, such as "
        "package.module:app or path/to/file.py"
    )


# -- Programs -----------------------------------------------------------------------------------


def is_program(target: Target) -> bool:
    """Tell whether *target* is a program that calls ``run_app``, and has no application to take.

    Its source is read for that, not run.
    """
    source = None if target.attribute else target.source
    if source is None:
        return False
    try:
        tree = ast.parse(source.read_bytes())
    except (OSError, ValueError, SyntaxError):
        return False  # importing it says what is wrong
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    runs = any("run_app" in (getattr(f, "attr", ""), getattr(f, "id", "")) for f in calls)
    return runs and not set(_names(tree.body)) & set(NAMES)


def _names(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the names that a module has once it is imported, as far as can be seen."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for each in targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.If) and not _is_main_guard(node.test):
            yield from _names([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            yield from _names([*node.body, *node.orelse, *node.finalbody])


def _is_main_guard(test: ast.expr) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(test))


def run_program(target: Target, args: Sequence[str]) -> None:
    """Run *target* as ``__main__``, with *args* in ``sys.argv``; its run_app is taken over."""
    if target.path is not None:
        sys.argv = [str(target.path), *args]
        sys.path.insert(0, str(target.path.resolve().parent))
        runpy.run_path(str(target.path), run_name="__main__")
    else:
        sys.argv = [target.module or "", *args]
        runpy.run_module(target.module or "", run_name="__main__", alter_sys=True)


# -- Loading ------------------------------------------------------------------------------------


def load(target: Target, *, app_dir: str, factory: bool, args: Sequence[str]) -> Made:
    """Import what *target* names and make the application of it.

    :param app_dir: the folder that is searched for modules first.
    :param factory: what is named is called to make the application, even if it is one.
    :param args: for a function that makes the application.
    :raises LoadError: there is no such module or name, or it is nothing of an application.
    """
    search_first(app_dir)
    module = _import_module(target) if target.path is None else _import_file(target.path)
    name, found = _pick(target, module)
    return _make(f"{target if target.attribute else f'{target}:{name}'}", found, factory, args)


def search_first(folder: str) -> None:
    """Let modules be searched in *folder* first, as ``python`` does for a program's own."""
    path = str(Path(folder).resolve())
    if path not in sys.path:
        sys.path.insert(0, path)


def _import_module(target: Target) -> ModuleType:
    name = target.module or ""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise LoadError(
            f"no module named {error.name!r}: check the spelling, or give the folder that it is "
            "in with --app-dir"
        ) from error


def _import_file(path: Path) -> ModuleType:
    """Import a file under the name that others import it by, in its package if it has one."""
    path = path.resolve()
    parts, folder = [path.stem], path.parent
    if path.name == "__init__.py":
        parts = []
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    name = ".".join(parts)
    search_first(str(folder))
    if all(part.isidentifier() for part in parts):
        known = sys.modules.get(name)
        spec = find_spec(name) if known is None else known.__spec__
        origin = getattr(known, "__file__", None) or getattr(spec, "origin", None)
        if origin is not None and Path(origin).resolve() == path:
            return importlib.import_module(name)
    # Another module has the name, or it is none that could be imported.
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise LoadError(f"{path} is no file of Python")
    module = module_from_spec(spec)
    sys.modules.setdefault(name, module)
    spec.loader.exec_module(module)
    return module


def _pick(target: Target, module: ModuleType) -> tuple[str, Any]:
    if target.attribute is None:
        for name in NAMES:
            if hasattr(module, name):
                return name, getattr(module, name)
        raise LoadError(
            f"{target} has neither {', '.join(NAMES[:-1])} nor {NAMES[-1]}: name what makes the "
            f"application, as in {target}:name"
        )
    found: Any = module
    for part in target.attribute.split("."):
        if not hasattr(found, part):
            known = [name for name in NAMES if hasattr(module, name)]
            hint = f"; it has {', '.join(known)}" if known else ""
            raise LoadError(f"{target}: no such name in the module{hint}")
        found = getattr(found, part)
    return target.attribute, found


def _make(label: str, found: Any, factory: bool, args: Sequence[str]) -> Made:
    if isinstance(found, Application) and not factory:
        if args:
            raise LoadError(
                f"{label} is an application, which takes no arguments: {' '.join(args)}"
            )
        return found
    if not callable(found):
        raise LoadError(
            f"{label} is neither an application nor a function that makes one, but {found!r}"
        )
    made = found(list(args)) if _takes_arguments(label, found, args) else found()
    if inspect.isawaitable(made):
        return _awaited(label, made)
    return _checked(label, made)


def _takes_arguments(label: str, function: Callable[..., Any], args: Sequence[str]) -> bool:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return bool(args)
    takes = [
        parameter
        for parameter in signature.parameters.values()
        if parameter.kind
        in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL)
    ]
    try:
        signature.bind(*[[]] * bool(takes))
    except TypeError as error:
        raise LoadError(
            f"{label}{signature} can't be called: what makes an application takes nothing, or a "
            f"list of arguments ({error})"
        ) from error
    if args and not takes:
        raise LoadError(f"{label}() takes no arguments, and got: {' '.join(args)}")
    return bool(takes)


async def _awaited(label: str, made: Awaitable[Any]) -> Application:
    return _checked(label, await made)


def _checked(label: str, made: Any) -> Application:
    if not isinstance(made, Application):
        raise LoadError(f"{label} is to make a web.Application, and returned {made!r}")
    return made


# -- To look at, not to serve -------------------------------------------------------------------


class _Taken(BaseException):
    """Leaves a program at its call of run_app; no ``except Exception`` of it stops that."""

    def __init__(self, call: RunCall) -> None:
        super().__init__(call)
        self.call = call


def load_to_inspect(target: Target, *, app_dir: str, factory: bool, args: Sequence[str]) -> Made:
    """Load as :func:`load` does; a program is run no further than to its call of ``run_app``.

    :raises LoadError: as :func:`load`, and for a program that ends without that call.
    """

    def take(call: RunCall) -> None:
        raise _Taken(call)

    with taking_over(take):
        try:
            if not is_program(target):
                return load(target, app_dir=app_dir, factory=factory, args=args)
            search_first(app_dir)
            run_program(target, args)
        except _Taken as taken:
            return taken.call.app
    raise LoadError(f"{target} ended without a call of run_app: nothing is served by it")
