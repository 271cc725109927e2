"""What waits to be written: small frames in order, large calls chunk by chunk between them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ._calls import CREDIT_DEFAULT, Call
from ._frames import CHUNK_BYTES_MAX, MORE, encode_extended


@dataclass(slots=True, eq=False)
class ChunkedCall:
    """A call whose parameters travel in chunks, each costing a credit."""

    call: Call
    #: The header of the first chunk, and that of all others.
    first_header: bytes
    header: bytes
    params: memoryview
    offset: int = 0
    credit: int = CREDIT_DEFAULT
    #: Since when it has been waiting for a credit.
    stalled_at: float | None = None

    def next_frame(self) -> bytes:
        end = min(self.offset + CHUNK_BYTES_MAX, len(self.params))
        header = self.first_header if self.offset == 0 else self.header
        frame = encode_extended(MORE if end < len(self.params) else 0, header, self.params[self.offset : end])
        self.offset = end
        self.credit -= 1
        return frame

    @property
    def is_done(self) -> bool:
        return self.offset == len(self.params)


class Outbox:
    """Frames that are not written yet."""

    def __init__(self) -> None:
        self._small: deque[tuple[bytes, Call | None]] = deque()
        self._ready: deque[ChunkedCall] = deque()
        self._chunked: dict[int, ChunkedCall] = {}
        #: The call whose frame was handed out last: if the connection breaks before it left, it was not fully written.
        self.last_call: Call | None = None

    def __bool__(self) -> bool:
        return bool(self._small or self._ready)

    def append(self, frame: bytes, call: Call | None = None) -> None:
        """Adds a frame; `call` is told when it is handed out."""
        self._small.append((frame, call))

    def append_chunked(self, id: int, chunked: ChunkedCall) -> None:
        """Adds a large call."""
        self._chunked[id] = chunked
        self._ready.append(chunked)

    def grant(self, id: int, credit: int) -> None:
        """The server takes so many chunks more of a large call."""
        chunked = self._chunked.get(id)
        if chunked is None:
            return
        if chunked.credit == 0:
            chunked.stalled_at = None
            self._ready.append(chunked)
        chunked.credit += credit

    def drop(self, id: int) -> bool:
        """Forgets what is left of a large call; True if there was something left."""
        chunked = self._chunked.pop(id, None)
        if chunked is None:
            return False
        if chunked in self._ready:
            self._ready.remove(chunked)
        return True

    def stalled(self, before: float) -> list[int]:
        """Large calls that have waited for a credit since before a moment."""
        return [id for id, c in self._chunked.items() if c.stalled_at is not None and c.stalled_at <= before]

    def take(self, octets_max: int, now: float) -> bytes:
        """At least one frame if there is any, and about so many octets; small frames go first."""
        taken: list[bytes] = []
        size = 0
        while size < octets_max:
            if self._small:
                frame, call = self._small.popleft()
                if call is not None:
                    call.written = True
                self.last_call = call
            elif self._ready:
                frame = self._next_chunk(now)
            else:
                break
            taken.append(frame)
            size += len(frame)
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def _next_chunk(self, now: float) -> bytes:
        chunked = self._ready.popleft()
        frame = chunked.next_frame()
        self.last_call = chunked.call
        if chunked.is_done:
            chunked.call.written = True
            if chunked.call.id is not None:
                self._chunked.pop(chunked.call.id, None)
        elif chunked.credit > 0:
            self._ready.append(chunked)
        else:
            chunked.stalled_at = now
        return frame
