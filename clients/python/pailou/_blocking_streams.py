"""What a blocking program reads of a call before its reply, and of a byte stream."""

from __future__ import annotations

from typing import Any, Self

from ._calls import Reply
from ._loop_thread import LoopThread
from ._messages import Content, Event
from ._streams import ByteStream, Events


async def _next(iterator: Events) -> Event | None:
    return await anext(iterator, None)


async def _next_chunk(iterator: ByteStream) -> bytes | None:
    return await anext(iterator, None)


class BlockingEvents:
    """What a call says before its reply, and the reply."""

    def __init__(self, loop: LoopThread, events: Events) -> None:
        self._loop = loop
        self._events = events

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        event = self._loop.run(_next(self._events))
        if event is None:
            raise StopIteration
        return event

    def result(self) -> Any:
        """Waits for the result; events not read before are dropped."""
        return self._loop.run(self._events.result())

    def reply(self) -> Reply:
        """As `result`, with what the server says about it."""
        return self._loop.run(self._events.reply())


class BlockingByteStream:
    """A byte stream that answers a call: its head, then its octets."""

    def __init__(self, loop: LoopThread, stream: ByteStream) -> None:
        self._loop = loop
        self._stream = stream

    @property
    def content(self) -> Content:
        """What the octets are."""
        return self._stream.content

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        chunk = self._loop.run(_next_chunk(self._stream))
        if chunk is None:
            raise StopIteration
        return chunk

    def read(self) -> bytes:
        """All octets at once, for streams known to be small."""
        return self._loop.run(self._stream.read())
