"""When a worker that died is started again, and when there is no point in it.

A worker that has served for a while and then dies is replaced at once. One that dies early is a
failure: the next one waits twice as long each time, up to a bound. When enough workers have failed
one after the other, and none serves, starting more would hide that nothing works:
:attr:`Failures.hopeless`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """How patient a supervisor is; times in seconds."""

    early: float = 10.0
    """A worker that dies within this time after it began to serve has failed."""
    first_delay: float = 0.5
    longest_delay: float = 30.0
    most_failures: int = 6
    """Failures in a row after which, when no worker serves, the supervisor gives up."""
    start: float = 300.0
    """How long a worker may take from its start until it serves."""


class Failures:
    """The failures of workers in a row."""

    def __init__(self, policy: RestartPolicy) -> None:
        """Count for *policy*, from none."""
        self._policy = policy
        self.count = 0

    def died(self, served: float | None) -> float:
        """Count the death of a worker; return the seconds to wait before the next one starts.

        :param served: the seconds that it served; None when it did not come to that.
        """
        if served is not None and served >= self._policy.early:
            self.count = 0
            return 0.0
        self.count += 1
        delay: float = self._policy.first_delay * 2.0 ** min(self.count - 1, 32)
        return min(delay, self._policy.longest_delay)

    @property
    def hopeless(self) -> bool:
        """So many workers failed in a row that another one would, too."""
        return self.count >= self._policy.most_failures
