"""Large results on their way: chunks put together, within a budget of octets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._calls import Call, Partial
from ._frames import FrameError
from .errors import RPCError, too_large
from .settings import Limits


class Partials:
    """The unfinished large results of one connection.

    Credit is given back in halves of the window. While the octets at hand exceed the budget it is withheld, except for
    the oldest result, so that one of them always comes to its end.
    """

    def __init__(self, limits: Limits, send_credit: Callable[[int, int], None]) -> None:
        self._limits = limits
        self._send_credit = send_credit
        #: In the order in which they began.
        self._calls: dict[Call, Partial] = {}
        self._octets = 0

    def add(self, call: Call, payload: bytes, meta: dict[str, Any], now: float) -> RPCError | None:
        """Adds a chunk. Answers why the call is to end, if it is. Raises FrameError without credit."""
        partial = call.partial
        if partial is None:
            partial = call.partial = Partial(meta, now, call.window)
            self._calls[call] = partial
        partial.credit -= 1
        if partial.credit < 0:
            raise FrameError(f"the server sent more chunks of {call.method} than it had credit for")
        partial.last_at = now
        partial.owed += 1
        partial.size += len(payload)
        self._octets += len(payload)
        partial.parts.append(payload)
        if partial.size > self._limits.frame_bytes_max:
            return too_large(self._limits.frame_bytes_max, partial.size)
        self._settle()
        return None

    def drop(self, call: Call) -> None:
        """Forgets a call; a no-op when it has no part here."""
        partial = self._calls.pop(call, None)
        if partial is not None:
            call.partial = None
            self._octets -= partial.size
            self._settle()

    def overdue(self, now: float) -> list[Call]:
        """Calls of which no chunk came for too long though there was credit."""
        limit = now - self._limits.chunk_timeout
        return [call for call, partial in self._calls.items() if partial.credit > 0 and partial.last_at <= limit]

    def _settle(self) -> None:
        for place, (call, partial) in enumerate(self._calls.items()):
            if place > 0 and self._octets > self._limits.partial_bytes_max:
                return
            if call.id is not None and partial.owed * 2 >= (call.window):
                self._send_credit(call.id, partial.owed)
                partial.credit += partial.owed
                partial.owed = 0
