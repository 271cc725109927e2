"""What a caller said about one call."""

from __future__ import annotations

from dataclasses import dataclass, replace

#: Seconds between the end of the caller's time and that of waiting for the server to say so.
REPLY_GRACE = 0.25


@dataclass(frozen=True, slots=True)
class CallOptions:
    #: On the clock of the event loop; covers all attempts.
    deadline: float | None = None
    idempotent: bool = False
    idem: str | None = None
    request_id: str | None = None
    traceparent: str | None = None
    #: Attempts made before the one that these options are for; it is the only one then.
    attempts_before: int | None = None

    def single(self, attempt: int) -> CallOptions:
        """For one attempt, by somebody who counts them himself."""
        return replace(self, attempts_before=attempt - 1)

    def limit(self, features: frozenset[str]) -> float | None:
        """When to stop waiting for a reply: a server that was told the time has its own word a moment longer."""
        if self.deadline is None or "meta" not in features:
            return self.deadline
        return self.deadline + REPLY_GRACE

    def needs_key(self, features: frozenset[str]) -> bool:
        """Whether a call that may have been done already must not be made by a server that knows no keys."""
        return self.idem is not None and not self.idempotent and "meta" not in features

    def remaining(self, now: float) -> float | None:
        """Seconds left; None for ever."""
        return None if self.deadline is None else self.deadline - now
