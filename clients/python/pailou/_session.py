"""One connection as a state machine: no socket, no clock. Octets and the time go in, frames come out of `outbox`.

Invariants: a call is in `_waiting` (no id), in `_calls` (in flight) or known to nobody here; an id in `_abandoned`
keeps its place in flight until its reply comes or its time is over; `_calls` and `_abandoned` together never exceed
what the server agreed to.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from . import _messages as wire
from ._abandoned import Abandoned
from ._calls import Call, Moved
from ._chunks import ChunkReader
from ._frames import FrameDecoder, encode_plain
from ._hello import HELLO_ID, Agreement, Phase, check_refusal, hello
from ._liveness import Liveness
from ._outbox import ChunkedCall, Outbox
from ._partials import Partials
from .errors import RPCError, Status, too_large, unavailable
from .settings import Settings

#: Parameters above this travel in chunks, where that was agreed on.
CHUNKED_ABOVE = 262_144


class Session:
    """What is agreed on, what is in flight, and what is to be written."""

    def __init__(self, settings: Settings, now: float, *, greet: bool = True) -> None:
        self._settings = settings
        self._limits = settings.limits
        self.outbox = Outbox()
        self.phase = Phase.READY
        #: None towards a plain server, and before its answer.
        self.agreement: Agreement | None = None
        self.in_flight_max = self._limits.plain_in_flight_max
        self._decoder = FrameDecoder(self._limits.frame_bytes_max)
        self._partials = Partials(self._limits, self._send_credit)
        self._chunks = ChunkReader(self, self._partials)
        self._calls: dict[int, Call] = {}
        self._waiting: deque[Call] = deque()
        self._abandoned = Abandoned(settings.limits)
        self._next_id = HELLO_ID + 1
        self._liveness = Liveness(settings, now)
        self._hello_at = now
        #: Hello was sent and is not answered. The answer counts even when it was no longer waited for.
        self._awaits_hello = False
        #: What the server said about the connection as a whole: why it is going to close it.
        self.last_words: RPCError | None = None
        if greet:
            self._say_hello()

    @property
    def features(self) -> frozenset[str]:
        """What was agreed on."""
        return frozenset() if self.agreement is None else self.agreement.features

    @property
    def is_negotiated(self) -> bool:
        """The server knows hello."""
        return self.agreement is not None

    @property
    def is_idle(self) -> bool:
        """No call is in flight or waits."""
        return not (self._calls or self._waiting or self._abandoned)

    @property
    def _has_place(self) -> bool:
        """Another call may be sent."""
        return len(self._calls) + len(self._abandoned) < self.in_flight_max

    @property
    def is_greeting(self) -> bool:
        """Hello is waited for."""
        return self.phase is Phase.GREETING

    # Calls

    def submit(self, call: Call, now: float) -> None:
        """Sends a call, or lets it wait for its place."""
        if self.phase is Phase.RETIRED:
            call.receiver.failed(Moved())
        elif self._has_place and not self._waiting:
            self._send(call, now)
        else:
            self._waiting.append(call)

    def abandon(self, call: Call, reason: str, now: float) -> None:
        """The caller no longer waits: the server is told, and the place stays taken until it answers."""
        if call.id is None:
            if call in self._waiting:
                self._waiting.remove(call)
        elif self._calls.pop(call.id, None) is not None:
            id, call.id = call.id, None
            self._abandoned.add(id, now)
            self.outbox.drop(id)
            self._partials.drop(call)
            if self.is_negotiated:
                self._notify("rpc.cancel", {"id": id, "reason": reason})
            else:
                self._notify("$/cancelRequest", {"id": id})

    def notify(self, method: str, params: bytes | None) -> None:
        """Sends a notification."""
        self._append(wire.request(None, method, params))

    def grant(self, call: Call, credit: int) -> None:
        """The reader of a call took so many items or chunks; the server may send as many again."""
        if call.id is not None and call.id in self._calls:
            call.credit_left += credit
            self._send_credit(call.id, credit)

    def _send(self, call: Call, now: float) -> None:
        id, self._next_id = self._next_id, self._next_id + 1
        meta = call.meta(now) if "meta" in self.features else None
        if call.credit is not None and meta is not None:
            call.window = call.credit
        call.credit_left = call.window
        params = call.params
        length = len(params) if params is not None else 0
        if self.agreement is not None and not self.agreement.takes(length):
            return call.receiver.failed(too_large(self.agreement.frame_bytes_max, length))
        call.keyed = meta is not None and call.idem is not None
        call.id = id
        self._calls[id] = call
        if params is None or length <= CHUNKED_ABOVE or "xframe" not in self.features:
            return self._append(wire.request(id, call.method, params, meta), call)
        first = wire.request_head(id, call.method, meta) + b"}"
        self.outbox.append_chunked(id, ChunkedCall(call, first, b'{"jsonrpc":"2.0","id":%d}' % id, memoryview(params)))

    def _send_waiting(self, now: float) -> None:
        while self._waiting and self._has_place:
            self._send(self._waiting.popleft(), now)

    def in_flight(self, id: Any) -> Call | None:
        """The call that was sent under an id and is waited for."""
        return self._calls.get(id) if isinstance(id, int) else None

    def take(self, id: Any, now: float) -> Call | None:
        """The call of a reply, no longer in flight; None for one that nobody waits for (any more)."""
        if not isinstance(id, int) or isinstance(id, bool):
            return None
        self._abandoned.answered(id)
        call = self._calls.pop(id, None)
        if call is not None:
            call.id = None
            self.outbox.drop(id)
            self._partials.drop(call)
        self._send_waiting(now)
        return call

    def end(self, call: Call, error: RPCError, now: float) -> None:
        """Ends a call from this side."""
        self.abandon(call, error.reason or "failed", now)
        call.receiver.failed(error)

    # What comes in

    def receive(self, data: bytes, now: float) -> None:
        """Takes octets from the server. Raises FrameError or HelloRefused; the connection is to be ended then."""
        self._liveness.heard(now)
        has_completed = False
        for frame in self._decoder.feed(data):
            has_completed = True
            for message in wire.messages(frame):
                self._handle(message, now)
        is_partial = self._decoder.partial_length is not None
        self._liveness.decoded(now, has_completed=has_completed, is_partial=is_partial)

    def _handle(self, message: wire.Message, now: float) -> None:
        match message:
            case wire.Success(id, result, meta):
                if self._awaits_hello and id == HELLO_ID:
                    return self._greeted(result, now)
                if (call := self.take(id, now)) is not None:
                    call.receiver.succeeded(result, meta)
            case wire.Failure(id, error):
                self._handle_failure(id, error, now)
            case wire.Chunk():
                self._chunks.read(message, now)
            case wire.Notification(method, params):
                self._handle_notification(method, params)

    def _handle_failure(self, id: Any, error: RPCError, now: float) -> None:
        if self._awaits_hello and id == HELLO_ID:
            return self._refused(error, now)
        if id is None:
            self.last_words = error
            return
        # Without goaway this is how a server says that it stops; with it, another one behind it may be meant.
        if error.reason == "draining" and self.is_negotiated and "goaway" not in self.features:
            self.retire()
        if (call := self.take(id, now)) is not None:
            call.receiver.failed(error)

    def _handle_notification(self, method: str, params: dict[str, Any]) -> None:
        if not self.is_negotiated:
            return
        id = params.get("id")
        if method == "rpc.goaway":
            if "goaway" in self.features:
                self._notify("rpc.goaway_ack", None)
            self.retire()
        elif not isinstance(id, int) or isinstance(id, bool):
            return
        elif method == "rpc.credit":
            credit = params.get("n")
            if isinstance(credit, int) and credit > 0:
                self.outbox.grant(id, credit)
        elif method == "rpc.event" and (call := self._calls.get(id)) is not None and call.credit is not None:
            event = wire.Event(params.get("seq") or 0, str(params.get("kind")), params.get("data"))
            call.take_event(event)

    # Hello

    def _say_hello(self) -> None:
        self.phase = Phase.GREETING
        self._awaits_hello = True
        self._append(hello(self._settings))

    def _greeted(self, result: Any, now: float) -> None:
        self._awaits_hello = False
        self.agreement = Agreement.from_wire(result, self._settings)
        self._decoder.allows_extended = "xframe" in self.features
        self.in_flight_max = self.agreement.in_flight_max
        self._become_ready(now)

    def _refused(self, error: RPCError, now: float) -> None:
        self._awaits_hello = False
        check_refusal(error)
        self._become_ready(now)

    def _become_ready(self, now: float) -> None:
        if self.phase is Phase.GREETING:
            self.phase = Phase.READY
        self._send_waiting(now)

    # Time, and the end

    def tick(self, now: float) -> None:
        """Does what is due. Raises PeerSilent; the connection is to be ended then."""
        if self.phase is Phase.GREETING and now - self._hello_at >= self._limits.hello_timeout:
            self._become_ready(now)
        self._liveness.check_frame(now, self._decoder.partial_length)
        if self.is_negotiated and self._liveness.needs_ping(now):
            id, self._next_id = self._next_id, self._next_id + 1
            self._append(wire.request(id, "rpc.ping", None))
        if self._abandoned.tick(now):
            self.retire()
        for id in self.outbox.stalled(now - self._limits.stall_timeout):
            text = f"the server gave no credit for {self._limits.stall_timeout:g} s"
            self.end(self._calls[id], RPCError(Status.ABORTED, text, reason="stalled"), now)
        for call in self._partials.overdue(now):
            text = f"no chunk of the reply came for {self._limits.chunk_timeout:g} s"
            self.end(call, RPCError(Status.DEADLINE_EXCEEDED, text, reason="frame"), now)
        self._send_waiting(now)

    def next_tick(self, now: float) -> float:
        """When `tick` is to be called again at the latest."""
        due = [now + 1]
        if self.phase is Phase.GREETING:
            due.append(self._hello_at + self._limits.hello_timeout)
        if self.is_negotiated:
            due.append(self._liveness.due)
        return max(now + 0.001, min(due))

    def retire(self) -> None:
        """Takes no more calls; those not sent yet are to be made elsewhere."""
        if self.phase is Phase.RETIRED:
            return
        self.phase = Phase.RETIRED
        waiting, self._waiting = self._waiting, deque()
        for call in waiting:
            call.receiver.failed(Moved())

    def lost(self, address: str, cause: str | None, unwritten: Call | None = None) -> None:
        """The connection is gone: every call ends. `unwritten` is one whose frame was not fully written."""
        if self.last_words is not None:
            cause = str(self.last_words)
        text = f"the connection to {address} was lost: {cause or 'the server closed it'}"
        calls, self._calls = list(self._calls.values()), {}
        self.retire()
        for call in calls:
            call.id = None
            not_started = not call.written or call is unwritten
            call.receiver.failed(unavailable("connection_lost", text, not_started=not_started))

    def _append(self, json: bytes, call: Call | None = None) -> None:
        self.outbox.append(encode_plain(json), call)

    def _notify(self, method: str, params: dict[str, Any] | None) -> None:
        self.notify(method, None if params is None else wire.encode(params))

    def _send_credit(self, id: int, credit: int) -> None:
        if self.is_negotiated:
            self._notify("rpc.credit", {"id": id, "n": credit})
