"""Every name and every parameter of aiohttp.web's router is there.

data/contract.txt lists them; what differs on purpose stands in data/deviations.txt with a reason.
More parameters than listed are fine, as long as they may be left out.
"""

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest
import tidegate_web_routing as package

DATA = Path(__file__).parent / "data"


def read(name: str) -> list[str]:
    lines = (DATA / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


DEVIATIONS = dict(line.split("  ", 1) for line in read("deviations.txt"))
CONTRACT = read("contract.txt")


def expected_signature(line: str) -> inspect.Signature:
    """Read the signature that a line describes."""
    function = ast.parse(f"def f({line.partition('(')[2]}: ...").body[0]
    scope: dict[str, Any] = {}
    exec(compile(ast.Module([function], []), line, "exec"), scope)
    return inspect.signature(scope["f"])


def problems(expected: inspect.Signature, actual: inspect.Signature) -> list[str]:
    """Tell what a caller who knows *expected* would stumble over."""
    found = []
    actual_parameters = list(actual.parameters.values())
    for place, parameter in enumerate(expected.parameters.values()):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            mine = next((one for one in actual_parameters if one.kind is parameter.kind), None)
            if mine is None:
                found.append(f"no *{parameter.name}")
            continue
        mine = actual.parameters.get(parameter.name)
        # The first parameter of a method may have any name and be positional only.
        if place == 0 and parameter.name == "self":
            mine = actual_parameters[0]
            continue
        if mine is None:
            found.append(f"no parameter {parameter.name}")
            continue
        if mine.kind is not parameter.kind:
            found.append(f"{parameter.name} is {mine.kind.description}")
        if mine.default != parameter.default:
            found.append(f"{parameter.name} is {mine.default!r} by default")
        by_place = parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        if by_place and actual_parameters.index(mine) != place:
            found.append(f"{parameter.name} is at another place")
    required = [
        one.name
        for one in actual_parameters
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    more = [name for name in required if name not in expected.parameters and name != "self"]
    if more:
        found.append(f"{more} are asked for, too")
    return found


def find(name: str) -> Any:
    """Give what a dotted name of the package stands for."""
    cls, _, member = name.partition(".")
    found = getattr(package, cls)
    return inspect.getattr_static(found, member) if member else found


def check(line: str) -> list[str]:
    """Tell in which way the package does not have what *line* says."""
    kind, _, rest = line.removeprefix("async ").partition(" ")
    name = rest.partition("(")[0].split()[0]
    cls, _, member = name.partition(".")
    if not hasattr(package, cls):
        return [f"there is no {cls}"]
    if kind == "class":
        bases = [
            base.strip().rpartition(".")[2] for base in rest.partition("(")[2][:-1].split(",")
        ]
        names = {base.__name__ for base in find(name).__mro__}
        return [f"it is no {base}" for base in bases if base not in names]
    if member and not hasattr(find(cls), member):
        # What is set in __init__() of a dataclass without a default has no class attribute.
        if kind == "property" and member in getattr(find(cls), "__dataclass_fields__", {}):
            return []
        return ["it is not there"]
    if kind == "property":
        found = find(name)
        if rest.endswith(" settable") and getattr(found, "fset", None) is None:
            return ["it can't be set"]
        return [] if isinstance(found, property) else ["it is no property"]
    function = getattr(find(cls), member) if member else find(name)
    wrong = problems(expected_signature(rest), inspect.signature(function))
    if inspect.iscoroutinefunction(function) != line.startswith("async "):
        wrong.append("it is awaited in one place and not in the other")
    return wrong


@pytest.mark.parametrize("line", CONTRACT)
def test_the_contract_is_kept(line: str) -> None:
    found = check(line)
    if line in DEVIATIONS:
        assert found, f"{line} is kept after all: take it out of deviations.txt"
    else:
        assert not found


def test_every_deviation_is_one_from_the_contract() -> None:
    assert set(DEVIATIONS) <= set(CONTRACT)


@pytest.mark.parametrize(
    "line",
    [
        "def UrlDispatcher.nothing(self)",
        "def nothing(path)",
        "class View(AbstractRouter)",
        "property UrlDispatcher.resolve",
        "property UrlDispatcher.frozen settable",
        "def UrlDispatcher.resolve(self, request)",
        "async def UrlDispatcher.freeze(self)",
        "def UrlDispatcher.add_routes(self, table)",
        "def UrlDispatcher.add_routes(self)",
        "def UrlDispatcher.add_route(self, path, method, handler)",
        "def UrlDispatcher.add_route(self, method, path, handler, name=None)",
        "def UrlDispatcher.add_get(self, path, handler, *, allow_head=False)",
        "def UrlDispatcher.add_routes(self, routes, *more)",
        "def UrlDispatcher.add_routes(self, routes, **more)",
    ],
)
def test_what_is_not_there_is_found_out(line: str) -> None:
    assert check(line)
