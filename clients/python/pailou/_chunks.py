"""Answers that come in chunks: octets of a stream, or parts of a result too long for one frame."""

from __future__ import annotations

from typing import Any, Protocol

from . import _messages as wire
from ._calls import Call
from ._partials import Partials
from .errors import RPCError, Status


class Calls(Protocol):
    """The calls of a connection, as the reader of their chunks needs them."""

    def in_flight(self, id: Any) -> Call | None: ...

    def take(self, id: Any, now: float) -> Call | None: ...

    def end(self, call: Call, error: RPCError, now: float) -> None: ...


class ChunkReader:
    """Hands chunks to the calls they belong to; late ones of a call given up find nobody."""

    def __init__(self, calls: Calls, partials: Partials) -> None:
        self._calls = calls
        self._partials = partials

    def read(self, chunk: wire.Chunk, now: float) -> None:
        """Takes one chunk. Raises FrameError when there was no credit for it."""
        call = self._calls.in_flight(chunk.id)
        if call is None:
            if chunk.is_last:
                self._calls.take(chunk.id, now)
        elif chunk.is_opaque:
            self._read_octets(call, chunk, now)
        elif call.partial is None and chunk.is_last:
            self._calls.take(chunk.id, now)
            call.receiver.succeeded(wire.decode(chunk.payload), chunk.meta)
        else:
            self._read_part(call, chunk, now)

    def _read_octets(self, call: Call, chunk: wire.Chunk, now: float) -> None:
        if call.credit is None:
            text = f"{call.method} answers with a byte stream: it is to be read with stream() or download()"
            return self._calls.end(call, RPCError(Status.FAILED_PRECONDITION, text, reason="stream"), now)
        call.take_octets(chunk)
        if chunk.is_last:
            self._calls.take(chunk.id, now)
            call.receiver.succeeded(None, chunk.meta)

    def _read_part(self, call: Call, chunk: wire.Chunk, now: float) -> None:
        error = self._partials.add(call, chunk.payload, chunk.meta, now)
        if error is not None:
            self._calls.end(call, error, now)
        elif chunk.is_last and call.partial is not None:
            whole, meta = b"".join(call.partial.parts), call.partial.meta
            self._calls.take(chunk.id, now)
            call.receiver.succeeded(wire.decode(whole), meta)
