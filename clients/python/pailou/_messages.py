"""Messages: what stands in the frames, sections 2, 4 and 5 of the wire specification."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from ._frames import MORE, OPAQUE, ExtendedFrame, Frame, FrameError, PlainFrame
from .errors import RPCError

META_BYTES_MAX = 8192
_OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Event:
    """Something a call says before its reply."""

    #: Counts the events of the call from 1.
    seq: int
    #: `item` is part of the answer, `progress` replaces earlier progress, `log` is a line for people.
    kind: str
    data: Any


@dataclass(frozen=True, slots=True)
class Content:
    """What a byte stream is; what the server does not say is None."""

    #: The media type.
    type: str = _OCTETS
    name: str | None = None
    #: Octets that follow.
    size: int | None = None
    #: Which part of the whole follows: first octet, last octet, octets of the whole.
    range: tuple[int, int, int] | None = None
    etag: str | None = None
    #: Seconds since 1970.
    modified: int | None = None
    #: An HTTP status, when it is not what one expects.
    status: int | None = None

    @classmethod
    def from_wire(cls, value: dict[str, Any]) -> Content:
        """Reads the member `content`; members of the wrong kind count as missing."""
        span = value.get("range")
        ends = tuple(_integer(span.get(name)) for name in ("first", "last", "total")) if isinstance(span, dict) else ()
        first, last, total = ends if len(ends) == 3 else (None, None, None)
        return cls(
            type=_text(value.get("type")) or _OCTETS,
            name=_text(value.get("name")),
            size=_integer(value.get("size")),
            range=None if first is None or last is None or total is None else (first, last, total),
            etag=_text(value.get("etag")),
            modified=_integer(value.get("modified")),
            status=_integer(value.get("status")),
        )


@dataclass(frozen=True, slots=True)
class Success:
    id: Any
    result: Any
    meta: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    id: Any
    error: RPCError


@dataclass(frozen=True, slots=True)
class Notification:
    method: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a byte stream, or of a large result when it is not `opaque`."""

    id: Any
    header: dict[str, Any]
    flags: int
    payload: bytes

    @property
    def is_opaque(self) -> bool:
        return bool(self.flags & OPAQUE)

    @property
    def is_last(self) -> bool:
        return not self.flags & MORE

    @property
    def meta(self) -> dict[str, Any]:
        """What the reply carries beside its result."""
        meta = self.header.get("meta")
        return meta if isinstance(meta, dict) else {}


Message = Success | Failure | Notification | Chunk


def encode(value: Any) -> bytes:
    """JSON as it travels. Raises TypeError or ValueError for what JSON cannot say."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # Lone surrogates can only travel as escapes.
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def decode(data: bytes) -> Any:
    """Reads JSON as RFC 8259 has it: without NaN, in UTF-8. Raises FrameError."""
    try:
        return json.loads(data.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"expected JSON, found something else: {error}") from error


def messages(frame: Frame) -> Iterator[Message]:
    """What a frame from the server says: one message, or each of a batch. Raises FrameError.

    Requests of the server are passed over: it has nothing to ask of a client.
    """
    if isinstance(frame, ExtendedFrame):
        header = decode(frame.header)
        if not isinstance(header, dict) or "id" not in header:
            raise FrameError("the header of an x-frame is no message with an id")
        yield Chunk(header["id"], header, frame.flags, frame.payload)
        return
    assert isinstance(frame, PlainFrame)
    whole = decode(frame.json)
    for item in whole if isinstance(whole, list) else (whole,):
        message = _message(item)
        if message is not None:
            yield message


def _message(item: Any) -> Message | None:
    if not isinstance(item, dict):
        raise FrameError("expected a message, found JSON that is no object")
    meta = item.get("meta")
    members = meta if isinstance(meta, dict) else {}
    if "error" in item and item["error"] is not None:
        return Failure(item.get("id"), RPCError.from_wire(item["error"], members.get("retry_after_ms")))
    if "result" in item:
        return Success(item.get("id"), item["result"], members)
    method, params = item.get("method"), item.get("params")
    if not isinstance(method, str):
        raise FrameError("expected a reply or a notification, found an object that is neither")
    return None if "id" in item else Notification(method, params if isinstance(params, dict) else {})


def request_head(id: int | None, method: str, meta: bytes | None = None) -> bytes:
    """A request up to its last member, without the closing brace."""
    head = b'{"jsonrpc":"2.0",' + (b"" if id is None else b'"id":%d,' % id) + b'"method":' + encode(method)
    return head if meta is None else head + b',"meta":' + meta


def request(id: int | None, method: str, params: bytes | None, meta: bytes | None = None) -> bytes:
    """A request with its parameters inside; without an id, a notification."""
    head = request_head(id, method, meta)
    return head + b"}" if params is None else head + b',"params":' + params + b"}"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
