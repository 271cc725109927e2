"""The state machine of a connection, driven by hand: what it is told and what it says."""

from __future__ import annotations

import json
from typing import Any

from pailou._calls import Call
from pailou._frames import (
    ExtendedFrame,
    FrameDecoder,
    PlainFrame,
    encode_extended,
    encode_plain,
)
from pailou._messages import Content, Event, encode
from pailou._session import Session
from pailou.errors import RPCError
from pailou.settings import Settings

ALL = ["meta", "xframe", "cancel", "stream", "goaway"]


class Recorder:
    """Keeps what a call was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.head: Content | None = None
        self.octets = b""
        self.result: Any = None
        self.meta: dict[str, Any] | None = None
        self.error: Exception | None = None

    def event(self, event: Event) -> None:
        self.events.append(event)

    def content(self, content: Content) -> None:
        self.head = content

    def chunk(self, data: bytes) -> None:
        self.octets += data

    def succeeded(self, result: Any, meta: dict[str, Any]) -> None:
        self.result, self.meta = result, meta

    def failed(self, error: Exception) -> None:
        self.error = error


class Bench:
    """A session between a test that plays the server and one that plays the callers."""

    def __init__(self, *, greet: bool = True, settings: Settings | None = None) -> None:
        self.now = 100.0
        self.session = Session(settings or Settings(), self.now, greet=greet)
        self._decoder = FrameDecoder(1 << 30)
        self._decoder.allows_extended = True

    def sent(self) -> list[Any]:
        """What the session wrote since the last look: messages, or (flags, header, payload)."""
        octets = self.session.outbox.take(1 << 30, self.now) if self.session.outbox else b""
        found: list[Any] = []
        for frame in self._decoder.feed(octets):
            if isinstance(frame, ExtendedFrame):
                found.append((frame.flags, json.loads(frame.header), frame.payload))
            else:
                assert isinstance(frame, PlainFrame)
                found.append(json.loads(frame.json))
        return found

    def receive(self, message: Any) -> None:
        self.session.receive(encode_plain(encode(message)), self.now)

    def reply(self, id: int, result: Any, **members: Any) -> None:
        self.receive({"jsonrpc": "2.0", "id": id, **members, "result": result})

    def fail(self, id: int | None, code: int, **data: Any) -> None:
        self.receive({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": "m", "data": data}})

    def notify(self, method: str, **params: Any) -> None:
        self.receive({"jsonrpc": "2.0", "method": method, "params": params})

    def chunk(self, flags: int, header: dict[str, Any], payload: bytes) -> None:
        self.session.receive(encode_extended(flags, encode({"jsonrpc": "2.0", **header}), payload), self.now)

    def greeted(self, features: list[str] = ALL, **limits: int) -> Bench:
        self.sent()
        self.reply(0, {"version": 1, "features": features, "limits": limits})
        return self

    def call(self, method: str = "m", params: bytes | None = None, **members: Any) -> tuple[Call, Recorder]:
        receiver = Recorder()
        call = Call(method, params, receiver, **members)
        self.session.submit(call, self.now)
        return call, receiver

    def tick(self, seconds: float) -> None:
        """Lets time pass, in the steps that the session asks for."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.session.next_tick(self.now))
            self.session.tick(self.now)


def error_of(receiver: Recorder) -> RPCError:
    assert isinstance(receiver.error, RPCError), receiver.error
    return receiver.error
