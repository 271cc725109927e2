"""A call on its way: what it asks, and who is told what comes back."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from typing import Any, Protocol

from ._frames import FrameError
from ._messages import META_BYTES_MAX, Chunk, Content, Event, encode

#: Items or chunks a peer may send before the first `rpc.credit`.
CREDIT_DEFAULT = 16


class Receiver(Protocol):
    """Is told what comes back of one call; `succeeded` or `failed` comes once and last.

    What fails is an RPCError, or Moved.
    """

    def event(self, event: Event) -> None: ...

    def content(self, content: Content) -> None: ...

    def chunk(self, data: bytes) -> None: ...

    def succeeded(self, result: Any, meta: dict[str, Any]) -> None: ...

    def failed(self, error: Exception) -> None: ...


@dataclass(slots=True)
class Partial:
    """A large result of which chunks are still to come."""

    meta: dict[str, Any]
    last_at: float
    #: Chunks the server may still send, and those taken that no credit was given back for.
    credit: int
    owed: int = 0
    size: int = 0
    parts: list[bytes] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Call:
    """One attempt of one call."""

    method: str
    params: bytes | None
    receiver: Receiver
    #: On the clock of the session; what remains of it is told to the server.
    deadline: float | None = None
    #: Events or a byte stream are taken, with so much credit at the start.
    credit: int | None = None
    #: The last event seen of an earlier attempt.
    after: int | None = None
    idem: str | None = None
    attempt: int = 1
    request_id: str | None = None
    traceparent: str | None = None
    #: The number under which it is in flight; None before, and behind the end.
    id: int | None = None
    #: Its last octet was handed to the operating system, or may have been.
    written: bool = False
    #: The server was told `idem`, so that it will not do the work twice.
    keyed: bool = False
    #: Items and chunks the server may send before it is given credit, and those it may still send.
    window: int = CREDIT_DEFAULT
    credit_left: int = 0
    partial: Partial | None = None
    #: The first chunk of a byte stream has come.
    is_streaming: bool = False

    def meta(self, now: float) -> bytes | None:
        """The request's meta; None when there is nothing to say. Raises ValueError above 8 KiB."""
        members: dict[str, Any] = {}
        if self.deadline is not None:
            members["timeout_ms"] = max(0, math.ceil((self.deadline - now) * 1000))
        if self.credit is not None:
            members["stream"] = {"credit": self.credit} | ({} if self.after is None else {"after": self.after})
        for name in ("request_id", "traceparent", "idem"):
            if (value := getattr(self, name)) is not None:
                members[name] = value
        if self.attempt > 1:
            members["attempt"] = self.attempt
        if not members:
            return None
        text = encode(members)
        if len(text) > META_BYTES_MAX:
            raise ValueError(f"expected meta of at most {META_BYTES_MAX} octets, found {len(text)}")
        return text

    def charge(self) -> None:
        """An item or a chunk came. Raises FrameError when there was no credit for it."""
        self.credit_left -= 1
        if self.credit_left < 0:
            raise FrameError(f"the server sent more than {self.method} had credit for")

    def take_event(self, event: Event) -> None:
        """Hands an event to whoever waits for it."""
        if event.kind == "item":
            self.charge()
        self.receiver.event(event)

    def take_octets(self, chunk: Chunk) -> None:
        """Hands the octets of a byte stream to whoever waits for them; the first chunk says what they are."""
        if not self.is_streaming:
            self.is_streaming = True
            content = chunk.header.get("content")
            self.receiver.content(Content.from_wire(content if isinstance(content, dict) else {}))
        if chunk.payload:
            self.charge()
            self.receiver.chunk(chunk.payload)


class Moved(Exception):
    """The call was not sent and its connection takes no more: to be made on another one, at no cost."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A result, and what the server says about it."""

    result: Any
    #: Milliseconds the server worked on it; 0 when it said nothing.
    server_ms: int = 0
    #: The result was stored when the call was made before, with the same `idem`.
    replayed: bool = False

    @classmethod
    def from_wire(cls, result: Any, meta: dict[str, Any]) -> Reply:
        ms = meta.get("server_ms")
        return cls(result, ms if isinstance(ms, int) else 0, meta.get("replayed") is True)


class FutureReceiver:
    """Waits for the reply alone."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[Reply] = loop.create_future()

    def event(self, event: Event) -> None:
        pass

    def content(self, content: Content) -> None:
        pass

    def chunk(self, data: bytes) -> None:
        pass

    def succeeded(self, result: Any, meta: dict[str, Any]) -> None:
        if not self.future.done():
            self.future.set_result(Reply.from_wire(result, meta))

    def failed(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)
