"""Agreeing on permessage-deflate: RFC 7692 sections 5 and 7.1."""

from __future__ import annotations

from typing import Any

import pytest
from tidegate_web_ws import DeflateSettings
from tidegate_web_ws.extensions import parse_extensions
from tidegate_web_ws.negotiation import DeflateParameters, negotiate

BIG = DeflateSettings(window_bits=15, client_window_bits=15)


def agree(line: str, settings: DeflateSettings = BIG) -> DeflateParameters | None:
    return negotiate(parse_extensions([line]), settings)


@pytest.mark.parametrize(
    ("offer", "response"),
    [
        ("permessage-deflate", ""),
        ("permessage-deflate; server_no_context_takeover", "; server_no_context_takeover"),
        # A hint, which nothing is made of (section 7.1.1.2).
        ("permessage-deflate; client_no_context_takeover", ""),
        ("permessage-deflate; server_max_window_bits=10", "; server_max_window_bits=10"),
        ('permessage-deflate; server_max_window_bits="8"', "; server_max_window_bits=8"),
        ("permessage-deflate; client_max_window_bits", ""),
        ("permessage-deflate; client_max_window_bits=15", ""),
        ("x-webkit-deflate-frame, permessage-deflate", ""),
        # The first that can be kept is taken (section 5.1).
        ("permessage-deflate; server_max_window_bits=7, permessage-deflate", ""),
        ("permessage-deflate; new, permessage-deflate; server_no_context_takeover",
         "; server_no_context_takeover"),
    ],
)  # fmt: skip
def test_an_offer_is_answered(offer: str, response: str) -> None:
    parameters = agree(offer)
    assert parameters is not None
    assert parameters.response == "permessage-deflate" + response


@pytest.mark.parametrize(
    "parameters",
    [
        "unknown",
        "unknown=1",
        "server_no_context_takeover=1",
        "client_no_context_takeover=true",
        "server_no_context_takeover; server_no_context_takeover",
        "server_max_window_bits",
        "server_max_window_bits=7",
        "server_max_window_bits=16",
        "server_max_window_bits=08",
        "server_max_window_bits=+9",
        "server_max_window_bits=x",
        "client_max_window_bits=7",
        "client_max_window_bits=16",
        "client_max_window_bits=09",
        "client_max_window_bits=9; client_max_window_bits=9",
    ],
)
def test_an_offer_that_can_t_be_kept_is_passed_over(parameters: str) -> None:
    assert agree(f"permessage-deflate; {parameters}") is None


def test_another_extension_is_passed_over() -> None:
    assert agree("permessage-bzip2") is None


def test_our_windows_are_the_most() -> None:
    settings = DeflateSettings(window_bits=12, client_window_bits=11)
    small = agree(
        "permessage-deflate; server_max_window_bits=14; client_max_window_bits", settings
    )
    assert small is not None
    assert small.response == (
        "permessage-deflate; server_max_window_bits=12; client_max_window_bits=11"
    )
    assert (small.server_window_bits, small.client_window_bits) == (12, 11)
    # A client whose window can't be limited has the largest (section 7.1.2.2).
    large = agree("permessage-deflate", settings)
    assert large is not None
    assert (large.response, large.client_window_bits) == ("permessage-deflate", 15)
    # One that has a smaller one anyway is asked for nothing.
    own = agree("permessage-deflate; client_max_window_bits=9", settings)
    assert own is not None
    assert (own.response, own.client_window_bits) == ("permessage-deflate", 9)


def test_both_sides_can_be_asked_to_forget() -> None:
    settings = DeflateSettings(context_takeover=False, client_context_takeover=False)
    parameters = agree("permessage-deflate", settings)
    assert parameters is not None
    assert parameters.server_no_context_takeover
    assert parameters.client_no_context_takeover
    assert parameters.response == (
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    )


@pytest.mark.parametrize(
    "setting",
    [
        {"level": 0},
        {"level": 10},
        {"mem_level": 0},
        {"window_bits": 8},
        {"window_bits": 16},
        {"client_window_bits": 7},
        {"threshold": -1},
        {"executor_threshold": -1},
    ],
)
def test_settings_that_zlib_does_not_have_are_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        DeflateSettings(**setting)
