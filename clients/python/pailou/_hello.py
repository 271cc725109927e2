"""What a client says in hello and what comes of the answer, section 4 of the wire specification."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from ._frames import FrameError
from ._messages import encode, request
from .errors import INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, RPCError
from .settings import Settings

FEATURES = ("meta", "xframe", "cancel", "stream", "goaway")
#: Calls have greater ones.
HELLO_ID = 0
#: What a server takes that does not say.
_FRAME_BYTES_MAX = 64 << 20
_IN_FLIGHT_MAX = 256
#: What a frame has besides its parameters, roughly.
_ENVELOPE_BYTES = 512


class Phase(Enum):
    #: Hello was sent. Leaves to READY (answered, refused by a stranger, or too long without an answer).
    GREETING = "greeting"
    #: Takes calls. Leaves to RETIRED (the server is going, or loses calls).
    READY = "ready"
    #: Takes no new calls; those in flight are still answered. The end.
    RETIRED = "retired"


class HelloRefused(Exception):
    """The server knows hello and does not want this client."""

    def __init__(self, error: RPCError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, slots=True)
class Agreement:
    """What both sides know and take."""

    features: frozenset[str]
    #: Longest frame the server takes.
    frame_bytes_max: int
    in_flight_max: int

    @classmethod
    def from_wire(cls, result: Any, settings: Settings) -> Agreement:
        """Reads the answer to hello. Raises FrameError for one that is none."""
        if not isinstance(result, dict):
            raise FrameError("expected an object as answer to hello")
        features, limits = result.get("features"), result.get("limits")
        named = features if isinstance(features, list) else []
        taken = limits if isinstance(limits, dict) else {}
        return cls(
            frozenset(name for name in FEATURES if name in named),
            _positive(taken.get("frame_bytes_max"), _FRAME_BYTES_MAX),
            min(settings.limits.in_flight_max, _positive(taken.get("in_flight_max"), _IN_FLIGHT_MAX)),
        )

    def takes(self, length: int) -> bool:
        """Whether the server takes parameters of so many octets."""
        return length + _ENVELOPE_BYTES <= self.frame_bytes_max


def hello(settings: Settings) -> bytes:
    """The first request of a connection."""
    limits = {"frame_bytes_max": settings.limits.frame_bytes_max, "in_flight_max": settings.limits.in_flight_max}
    params: dict[str, Any] = {
        "versions": [1], "peer": settings.name, "role": "client", "features": FEATURES, "limits": limits,
    }
    if settings.token is not None:
        params["auth"] = {"token": settings.token}
    return request(HELLO_ID, "rpc.hello", encode(params))


def check_refusal(error: RPCError) -> None:
    """Passes the words of a stranger, who knows no hello. Raises HelloRefused for all others."""
    if error.code not in (METHOD_NOT_FOUND, INVALID_REQUEST, INVALID_PARAMS):
        raise HelloRefused(error)


def _positive(value: Any, default: int) -> int:
    return value if isinstance(value, int) and value > 0 else default
