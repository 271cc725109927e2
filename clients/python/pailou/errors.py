"""The one error type of the client, and the statuses it carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
TOO_LARGE = -32070
UNSUPPORTED_VERSION = -32071


class Status(StrEnum):
    """What kind of failure it is, in gRPC's words: it says what the caller should do next."""

    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    ABORTED = "ABORTED"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    UNIMPLEMENTED = "UNIMPLEMENTED"
    INTERNAL = "INTERNAL"
    UNAVAILABLE = "UNAVAILABLE"
    DATA_LOSS = "DATA_LOSS"
    UNAUTHENTICATED = "UNAUTHENTICATED"


#: The code of each status, section 6 of the wire specification.
CODES: Mapping[Status, int] = {
    Status.CANCELLED: -32051,
    Status.UNKNOWN: -32052,
    Status.INVALID_ARGUMENT: INVALID_PARAMS,
    Status.DEADLINE_EXCEEDED: -32054,
    Status.NOT_FOUND: -32055,
    Status.ALREADY_EXISTS: -32056,
    Status.PERMISSION_DENIED: -32057,
    Status.RESOURCE_EXHAUSTED: -32058,
    Status.FAILED_PRECONDITION: -32059,
    Status.ABORTED: -32060,
    Status.OUT_OF_RANGE: -32061,
    Status.UNIMPLEMENTED: METHOD_NOT_FOUND,
    Status.INTERNAL: INTERNAL_ERROR,
    Status.UNAVAILABLE: -32064,
    Status.DATA_LOSS: -32065,
    Status.UNAUTHENTICATED: -32066,
}

_STATUS_OF_CODE: Mapping[int, Status] = {
    **{code: status for status, code in CODES.items()},
    PARSE_ERROR: Status.INVALID_ARGUMENT,
    INVALID_REQUEST: Status.INVALID_ARGUMENT,
    TOO_LARGE: Status.RESOURCE_EXHAUSTED,
    UNSUPPORTED_VERSION: Status.FAILED_PRECONDITION,
}


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one parameter."""

    #: Names and indices from the root of the parameters; empty for the whole.
    path: tuple[str | int, ...]
    #: A word of pydantic's list, such as ``missing`` or ``int_parsing``.
    type: str
    message: str


class RPCError(Exception):
    """A call that failed, here or on the server.

    Programs look at `status`, `code` and `reason`; `message` is for people and may change.
    """

    def __init__(
        self,
        status: Status | None,
        message: str,
        *,
        code: int | None = None,
        reason: str | None = None,
        not_started: bool = False,
        retry_after: float | None = None,
        data: object = None,
    ) -> None:
        super().__init__(message)
        #: What kind of failure it is; None when a stranger's error has a code of its own.
        self.status = status
        #: The code of the JSON-RPC error.
        self.code: int = code if code is not None else CODES[status or Status.UNKNOWN]
        self.message = message
        #: A stable word for this very case, such as ``overloaded``.
        self.reason = reason
        #: True when the call surely never began: sending it again cannot do the work twice.
        self.not_started = not_started
        #: Seconds to wait before trying again, if the server said so.
        self.retry_after = retry_after
        #: The error's ``data`` as it came.
        self.data = data
        #: True when a server that stops ended a long call that is to be made again elsewhere.
        self.resume = False
        #: How often somebody on the way, who owns the tries, has sent the call; it is not to be sent again.
        self.tries: int | None = None
        #: What is wrong with which parameter.
        self.details: tuple[Violation, ...] = ()
        #: Further members.
        self.info: Mapping[str, Any] = {}
        self._attach(data)

    def _attach(self, data: object) -> None:
        if not isinstance(data, dict):
            return
        self.resume = data.get("resume") is True
        if isinstance(data.get("tries"), int) and data["tries"] > 0:
            self.tries = data["tries"]
        if isinstance(data.get("info"), dict):
            self.info = data["info"]
        if isinstance(data.get("details"), list):
            self.details = tuple(_violation(item) for item in data["details"] if isinstance(item, dict))

    @classmethod
    def from_wire(cls, error: object, retry_after_ms: object = None) -> RPCError:
        """Reads the ``error`` member of a reply, whatever a stranger put there."""
        if not isinstance(error, dict):
            return cls(Status.UNKNOWN, "the server answered an error that is no object", data=error)
        code, message, data = error.get("code"), error.get("message"), error.get("data")
        members = data if isinstance(data, dict) else {}
        wait = members.get("retry_after_ms", retry_after_ms)
        known = _STATUS_OF_CODE.get(code) if isinstance(code, int) else Status.UNKNOWN
        reason = members.get("reason")
        return cls(
            _status(members.get("status")) or known,
            message if isinstance(message, str) else "",
            code=code if isinstance(code, int) else CODES[Status.UNKNOWN],
            reason=reason if isinstance(reason, str) else None,
            not_started=members.get("not_started") is True,
            retry_after=_seconds(wait),
            data=data,
        )

    def __str__(self) -> str:
        words = ".".join(word for word in (self.status, self.reason) if word)
        return f"{self.code} {words}: {self.message}" if words else f"{self.code}: {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        given = (self.status, self.message, self.code, self.reason, self.not_started, self.retry_after, self.data)
        return (_rebuilt, given)


def _rebuilt(
    status: Status | None,
    message: str,
    code: int,
    reason: str | None,
    not_started: bool,
    retry_after: float | None,
    data: object,
) -> RPCError:
    return RPCError(
        status, message, code=code, reason=reason, not_started=not_started, retry_after=retry_after, data=data
    )


def _status(word: object) -> Status | None:
    try:
        return Status(word) if isinstance(word, str) else None
    except ValueError:
        return None


def _seconds(milliseconds: object) -> float | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    return max(0.0, milliseconds / 1000)


def _violation(item: dict[str, Any]) -> Violation:
    path = item.get("path")
    steps = path if isinstance(path, list) else []
    return Violation(
        tuple(step for step in steps if isinstance(step, str | int)),
        str(item.get("type", "")),
        str(item.get("message", "")),
    )


def unavailable(reason: str, message: str, *, not_started: bool = False) -> RPCError:
    """A failure of the connection or of this side's limits."""
    return RPCError(Status.UNAVAILABLE, message, reason=reason, not_started=not_started)


def deadline_exceeded(method: str, *, not_started: bool) -> RPCError:
    """The caller's time is over."""
    return RPCError(
        Status.DEADLINE_EXCEEDED, f"{method} took longer than its caller waits", reason="deadline",
        not_started=not_started,
    )


def key_unsupported(method: str) -> RPCError:
    """A call that another server may have done is not for one that does not know it by its key."""
    return RPCError(
        Status.UNAVAILABLE, f"{method} may have been done already, and this server takes no idempotency keys",
        reason="idempotency_unsupported",
    )


def too_large(limit: int, length: int) -> RPCError:
    """A message that its receiver does not take; nothing was sent of it, or the rest is dropped."""
    return RPCError(
        Status.RESOURCE_EXHAUSTED,
        f"a message of {length} octets exceeds the limit of {limit}",
        code=TOO_LARGE, reason="size", data={"limit": limit, "length": length},
    )
