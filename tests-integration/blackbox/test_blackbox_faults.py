"""The load and fault runs, small; ``hatch run faults`` has them at full size."""

from __future__ import annotations

import random

import faults
import pytest

pytestmark = pytest.mark.real


@pytest.mark.parametrize("scenario", [name for name in faults.SCENARIOS if name != "paused"])
def test_a_server_is_as_it_was(scenario: str) -> None:
    faults.run(scenario, "asyncio", part=20)


def test_the_fuzzer_gives_the_same_requests_for_the_same_seed() -> None:
    first, second = random.Random(5), random.Random(5)
    assert [faults.mutate(first) for _ in range(50)] == [faults.mutate(second) for _ in range(50)]


def test_growth_between_the_rounds_is_found() -> None:
    with pytest.raises(faults.Wrong, match="memory grew: a leak; MiB after each round"):
        faults.grown([20.0, 20.1 + faults.SLACK], "a leak")
