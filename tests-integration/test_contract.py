"""Calls that aiohttp.web 3.14 takes are calls that tidegate takes: signatures, member by member.

``data/signatures.*.sig`` has the public surface of one module each, a line for every class,
method, function and property::

    Application.add_domain(domain, subapp)      a call, without self
    async BaseRequest.read()                    a call that is awaited
    Application.router                          a property or attribute

Each call of the contract has to be one that ours takes: the same parameters by the same names, at
the same places where they are positional, optional where they are optional there, with the same
default where that is a plain value (``...`` stands for one that is not). Ours may take more.

``data/deviations.*.sig`` has what is different on purpose, ``name: reason``; a deviation that is
none any more fails, so that the list stays true.
"""

from __future__ import annotations

import importlib
import inspect
from functools import cache
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parent / "data"
MODULES = {
    "abc": "tidegate.abc",
    "test_utils": "tidegate_web_server.testing",
    "web": "tidegate.web",
}

POSITIONAL = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}


@cache
def lines(file: str) -> tuple[str, ...]:
    """Return the lines of a data file, without comments."""
    read = (line.partition("  #")[0].strip() for line in (DATA / file).read_text().splitlines())
    return tuple(line for line in read if line and not line.startswith("#"))


@cache
def deviations(section: str) -> dict[str, str]:
    """Return the reasons for what is different on purpose, by name."""
    found = {}
    for line in lines(f"deviations.{section}.sig"):
        name, separator, reason = line.partition(": ")
        assert separator, f"expected 'name: reason', got {line!r}"
        assert reason
        found[name] = reason
    return found


def contract_signature(text: str) -> inspect.Signature:
    """Return the signature of ``name(a, *, b=1)``."""
    scope: dict[str, Any] = {}
    exec(f"def stub{text[text.index('(') :]}: ...", scope)
    return inspect.signature(scope["stub"])


def our_signature(found: object, attribute: str | None) -> inspect.Signature:
    """Return the signature of what is called, without self."""
    signature = inspect.signature(found)  # type: ignore[arg-type]  # a callable, or this raises
    parameters = list(signature.parameters.values())
    if attribute is not None and parameters and parameters[0].name in ("self", "cls"):
        parameters = parameters[1:]
    return signature.replace(parameters=parameters)


def differences(contract: inspect.Signature, ours: inspect.Signature) -> list[str]:
    """Tell what keeps a call by *contract* from being one by *ours*."""
    mine = ours.parameters
    takes_any_keyword = any(p.kind is p.VAR_KEYWORD for p in mine.values())
    takes_any_position = any(p.kind is p.VAR_POSITIONAL for p in mine.values())
    places = [p.name for p in mine.values() if p.kind in POSITIONAL]
    told = []
    for place, parameter in enumerate(contract.parameters.values()):
        if parameter.kind is parameter.VAR_KEYWORD:
            if not takes_any_keyword:
                told.append(f"**{parameter.name} is not taken")
        elif parameter.kind is parameter.VAR_POSITIONAL:
            if not takes_any_position:
                told.append(f"*{parameter.name} is not taken")
        elif parameter.name not in mine:
            if not (takes_any_keyword and parameter.kind is parameter.KEYWORD_ONLY):
                told.append(f"{parameter.name} is not there")
        elif parameter.kind in POSITIONAL and places[place : place + 1] != [parameter.name]:
            told.append(f"{parameter.name} is at another place")
        else:
            told += default_differences(parameter, mine[parameter.name])
    required = [
        p.name
        for p in mine.values()
        if p.default is p.empty
        and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        and p.name not in contract.parameters
    ]
    return told + [f"{name} is required besides" for name in required]


def default_differences(contract: inspect.Parameter, ours: inspect.Parameter) -> list[str]:
    """Tell how the defaults of one parameter differ."""
    if contract.default is contract.empty:
        return []
    if ours.default is ours.empty:
        return [f"{contract.name} is required"]
    if contract.default is ... or contract.default == ours.default:
        return []
    return [f"{contract.name} is {ours.default!r} by default, not {contract.default!r}"]


def check(module: object, line: str) -> list[str]:
    """Tell what keeps one line of the contract from being true of *module*."""
    awaited, text = line.startswith("async "), line.removeprefix("async ")
    name, _, attribute = text.partition("(")[0].partition(".")
    found = getattr(module, name, None)
    if found is None:
        return ["the name is not there"]
    if attribute:
        if not hasattr(found, attribute) and attribute not in getattr(
            found, "__annotations__", ()
        ):
            return ["the member is not there"]
        if "(" not in text:
            return []
        found = getattr(found, attribute)
        if awaited and not inspect.iscoroutinefunction(found):
            return ["it is not a coroutine function"]
    return differences(contract_signature(text), our_signature(found, attribute or None))


def key(line: str) -> str:
    """Return the name that a line is about."""
    return line.removeprefix("async ").partition("(")[0] + ("()" if "(" in line else "")


@pytest.mark.parametrize("section", MODULES)
def test_calls_of_the_contract_are_taken(section: str) -> None:
    module = importlib.import_module(MODULES[section])
    allowed = deviations(section)
    told = {
        line: found
        for line in lines(f"signatures.{section}.sig")
        if key(line) not in allowed and (found := check(module, line))
    }
    assert told == {}


@pytest.mark.parametrize("section", MODULES)
def test_a_deviation_is_one(section: str) -> None:
    module = importlib.import_module(MODULES[section])
    known = {key(line): line for line in lines(f"signatures.{section}.sig")}
    for name in deviations(section):
        assert name in known, f"the contract has no {name}"
        assert check(module, known[name]), f"{name} is as in the contract now: take it out"


@pytest.mark.parametrize(
    ("contract", "ours", "told"),
    [
        ("f(a, b)", "f(a, b)", []),
        ("f(a)", "f(b)", ["a is not there", "b is required besides"]),
        ("f(a, b)", "f(b, a)", ["a is at another place", "b is at another place"]),
        ("f(a=1)", "f(a)", ["a is required"]),
        ("f(a=1)", "f(a=2)", ["a is 2 by default, not 1"]),
        ("f(a=...)", "f(a=2, b=3)", []),
        ("f(*, a)", "f(**rest)", []),
        ("f(a)", "f(**rest)", ["a is not there"]),
        ("f(**rest)", "f()", ["**rest is not taken"]),
        ("f(*rest)", "f()", ["*rest is not taken"]),
    ],
)
def test_a_difference_is_told(contract: str, ours: str, told: list[str]) -> None:
    assert differences(contract_signature(contract), contract_signature(ours)) == told
