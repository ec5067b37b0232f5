"""A worker that dies early waits longer each time, and enough of them are hopeless."""

import pytest
from tidegate_web_cli.restarts import Failures, RestartPolicy


def test_a_worker_that_served_for_a_while_is_replaced_at_once() -> None:
    failures = Failures(RestartPolicy(early=10))
    assert failures.died(10.0) == 0
    assert failures.count == 0


@pytest.mark.parametrize("served", [None, 0.0, 9.9])
def test_the_delay_doubles_up_to_a_bound(served: float | None) -> None:
    failures = Failures(RestartPolicy(first_delay=0.5, longest_delay=3, most_failures=5))
    assert [failures.died(served) for _ in range(5)] == [0.5, 1, 2, 3, 3]


def test_failures_in_a_row_are_hopeless_at_last() -> None:
    failures = Failures(RestartPolicy(most_failures=2))
    failures.died(None)
    assert not failures.hopeless
    failures.died(None)
    assert failures.hopeless


def test_one_that_served_for_a_while_ends_the_row() -> None:
    failures = Failures(RestartPolicy(most_failures=2))
    failures.died(None)
    failures.died(100.0)
    failures.died(None)
    assert not failures.hopeless


def test_a_long_row_of_failures_does_not_overflow() -> None:
    failures = Failures(RestartPolicy(longest_delay=30))
    assert [failures.died(None) for _ in range(5000)][-1] == 30
