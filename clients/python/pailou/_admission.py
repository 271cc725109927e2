"""How many calls a client takes on at once."""

from __future__ import annotations

from .errors import unavailable
from .settings import Limits


class Admission:
    """Counts the calls under way and those that wait: beyond what the limits allow a call fails at once."""

    def __init__(self, limits: Limits) -> None:
        self._count_max = limits.waiting_max + limits.in_flight_max
        self.count = 0

    def admit(self) -> None:
        """Counts a call that begins. Raises RPCError when there are too many."""
        if self.count >= self._count_max:
            raise unavailable("overloaded", f"{self.count} calls are under way or wait", not_started=True)
        self.count += 1

    def release(self) -> None:
        """A call has ended."""
        self.count -= 1
