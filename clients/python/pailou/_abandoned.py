"""Calls nobody waits for any more, whose places the server has not given back."""

from __future__ import annotations

from .settings import Limits


class Abandoned:
    """Keeps a place in flight until its reply comes or its time is over; counts those that never came."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._given_up_at: dict[int, float] = {}
        self._lost_count = 0

    def __len__(self) -> int:
        return len(self._given_up_at)

    def add(self, id: int, now: float) -> None:
        """The caller has given the call up."""
        self._given_up_at[id] = now

    def answered(self, id: int) -> None:
        """Its reply has come; a no-op for other calls."""
        self._given_up_at.pop(id, None)

    def tick(self, now: float) -> bool:
        """Gives places back whose time is over; true when so many were lost that the connection is to be left."""
        for id in [id for id, at in self._given_up_at.items() if now - at >= self._limits.abandoned_timeout]:
            del self._given_up_at[id]
            self._lost_count += 1
        return self._lost_count >= self._limits.lost_max
