"""What a call has said and nobody has read yet."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from ._calls import Reply
from ._messages import Content, Event


class Inbox:
    """Keeps what a call said until it is read. Bounded: by credit, by replacement, by dropping."""

    def __init__(self, log_events_max: int) -> None:
        self._log_events_max = log_events_max
        self._waiter: asyncio.Future[None] | None = None
        self.queue: deque[Event | bytes] = deque()
        self.head: Content | None = None
        self.outcome: Reply | Exception | None = None

    def event(self, event: Event) -> None:
        if event.kind != "item":
            self._make_room(event.kind)
        self.queue.append(event)
        self._wake()

    def content(self, content: Content) -> None:
        self.head = content
        self._wake()

    def chunk(self, data: bytes) -> None:
        self.queue.append(data)
        self._wake()

    def succeeded(self, result: Any, meta: dict[str, Any]) -> None:
        self.outcome = Reply.from_wire(result, meta)
        self._wake()

    def failed(self, error: Exception) -> None:
        self.outcome = error
        self._wake()

    async def changed(self) -> None:
        """Waits until something more has come."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _make_room(self, kind: str) -> None:
        unread = [event for event in self.queue if isinstance(event, Event) and event.kind == kind]
        if (kind == "progress" and unread) or len(unread) >= self._log_events_max:
            self.queue.remove(unread[0])
