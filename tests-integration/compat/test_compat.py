"""An application for aiohttp.web's server does the same on tidegate, but for what is listed.

Each case runs with aiohttp.web and with tidegate.web; every aspect that was observed is compared.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from compat.bench import Case, Observation, Raised, differing, observe
from compat.differences import DIFFERENCES, Difference
from compat.frameworks import AIOHTTP, TIDEGATE

MISTAKES = {"AttributeError", "NameError", "UnboundLocalError", "ImportError", "KeyError"}
"""What a case of ours that is wrong raises with both, so that it would compare as equal."""


def _cases() -> Iterator[tuple[str, Case]]:
    for path in sorted(Path(__file__).parent.glob("cases_*.py")):
        group = path.stem.removeprefix("cases_")
        for name, case in importlib.import_module(f"compat.{path.stem}").CASES.items():
            yield f"{group}: {name}", case


CASES = dict(_cases())


@functools.cache
def observations(name: str) -> tuple[Observation, Observation]:
    """Return what aiohttp and what tidegate did, run once."""
    case = CASES[name]
    return observe(case, AIOHTTP), observe(case, TIDEGATE)


def explains(difference: Difference, name: str, aspect: str) -> bool:
    """Tell whether an entry of the table is about an aspect of a case."""
    return any(fnmatchcase(name, pattern) for pattern in difference.cases) and any(
        fnmatchcase(aspect, pattern) for pattern in difference.aspects
    )


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    theirs, ours = observations(name)
    assert "crash" not in theirs, "the case itself is wrong: aiohttp can't do it"
    for aspect, value in theirs.items():
        if isinstance(value, Raised) and "missing" not in aspect:
            assert value.name not in MISTAKES, f"{aspect}: {value}"
    unexplained = {
        aspect: values
        for aspect, values in differing(theirs, ours).items()
        if not any(explains(difference, name, aspect) for difference in DIFFERENCES)
    }
    assert not unexplained, "\n".join(
        f"{aspect}: aiohttp {one!r}, tidegate {other!r}"
        for aspect, (one, other) in unexplained.items()
    )


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.name)
def test_a_difference_that_is_listed_is_still_there(difference: Difference) -> None:
    unseen = set(difference.aspects)
    for pattern in difference.cases:
        names = [name for name in CASES if fnmatchcase(name, pattern)]
        found = {aspect for name in names for aspect in differing(*observations(name))}
        seen = {each for each in difference.aspects for a in found if fnmatchcase(a, each)}
        assert seen, f"{pattern} no longer differs in any of {difference.aspects}"
        unseen -= seen
    assert not unseen, f"these no longer differ: {unseen}"
