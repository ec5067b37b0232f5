"""No path of a client makes a pattern without custom regexes take long.

Time is not measured, for that would depend on the machine: the paths are so long that matching in
linear time takes milliseconds, in quadratic time many minutes, and in worse years. Each case runs
in a process of its own, which is killed after a minute.
"""

import subprocess
import sys

import pytest

LENGTH = 200_000

PROGRAM = """
import sys
from tidegate_web_routing import UrlDispatcher
async def handler(request): ...
router = UrlDispatcher()
router.add_get(sys.argv[1], handler)
unit, length = sys.argv[2], int(sys.argv[3])
for end in ("", "x", "/", "/x", ".json", ".jsox", "/end", "/enx", "{", "%20"):
    router.match("GET", "/" + unit * (length // len(unit)) + end)
print("done")
"""


@pytest.mark.parametrize("unit", [".", "-", "/", "a", ".-", "a/", "/.", "%2F", ".json"])
@pytest.mark.parametrize(
    "path",
    [
        "/{a}",
        "/{a}/{b}/{c}/{d}/{e}/end",
        "/{a}.json",
        "/{a}{b}{c}{d}.json",
        "/{a}.{b}.{c}.{d}.json",
        "/{a}.{b}-{c}.{d}/end",
        "/{a}.{b}/{c}.{d}/{e}.{f}/end",
        "/{a}.x/{b}.x/{c}.x/end",
        "/{a}.{b}.{c}/{tail:.*}/end",
        r"/{a}-{b}-{c}-{number:\d+}",
        r"/{a}.{b}.{c}{path:/.*}.json",
    ],
)
def test_a_hostile_path_is_matched_in_no_time(path: str, unit: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, path, unit, str(LENGTH)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert result.stdout == "done\n"


def test_registering_a_path_of_many_braces_takes_no_time() -> None:
    program = """
from tidegate_web_routing import Pattern
for path in ("/" + "{" * 100_000, "/{a:" + "[" * 2_000 + "}", "/{a:" + "[^a" * 3_000 + "}",
             "/{a:" + "a" * 100_000 + ".}", "/{a:" + "[a-z]" * 10_000 + "/}"):
    try:
        Pattern(path)
    except ValueError:
        pass
print("done")
"""
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert result.stdout == "done\n"


@pytest.mark.parametrize("mask", ["*.*.*.*.*.com", "*a*a*a*a*a*.com", "**********", "a*.*.*:80"])
def test_a_hostile_host_is_compared_in_no_time(mask: str) -> None:
    program = """
import sys
from tidegate_web_routing import MaskDomain
rule = MaskDomain(sys.argv[1])
for unit in ("a", ".", "a.", "*", ":", ".com"):
    for end in ("", "x", ".com", ".cox", ":80", ":x"):
        rule.match_domain(unit * 200_000 + end)
print("done")
"""
    result = subprocess.run(
        [sys.executable, "-c", program, mask],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert result.stdout == "done\n"


def test_what_is_registered_is_checked_in_no_time() -> None:
    program = """
from tidegate_web_routing import Domain, MaskDomain, PlainResource, UrlDispatcher, requote
async def handler(request): ...
size = 100_000
for unit in ("a", "-", ".", "a.", ":", "%", "%2", "%41", "/", "é", "-a"):
    for call in (
        Domain, MaskDomain, requote,
        lambda text: PlainResource("/" + text),
        lambda text: PlainResource("/", name=text).add_route("GET", handler),
        lambda text: UrlDispatcher().add_resource("/x", name="a" + text),
        lambda text: UrlDispatcher().add_route(text, "/", handler),
    ):
        try:
            call(unit * size)
        except ValueError:
            pass
print("done")
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout == "done\n"
