"""Whether the server is still there: what was heard of it, and when it has to be asked."""

from __future__ import annotations

from .settings import Settings

#: The slowest rate, in octets a second, at which a frame that has begun is waited for.
_FRAME_RATE_MIN = 65_536


class PeerSilent(Exception):
    """Nothing was heard for too long: the connection is dead, whatever the system says."""


class Liveness:
    """Pings after a silence, and gives up after another one, or when a frame does not come to its end."""

    def __init__(self, settings: Settings, now: float) -> None:
        self._keep_alive = settings.keep_alive
        self._frame_timeout = settings.limits.frame_timeout
        self._heard_at = now
        self._pinged_at: float | None = None
        self._frame_began_at: float | None = None

    def heard(self, now: float) -> None:
        """Octets came."""
        self._heard_at = now
        self._pinged_at = None

    def decoded(self, now: float, *, has_completed: bool, is_partial: bool) -> None:
        """Whether a frame was completed by them, and whether another one has begun."""
        if not is_partial:
            self._frame_began_at = None
        elif has_completed or self._frame_began_at is None:
            self._frame_began_at = now

    def check_frame(self, now: float, length: int | None) -> None:
        """`length` is that of the frame that has begun. Raises PeerSilent when it takes too long."""
        if length is None or self._frame_began_at is None:
            return
        if now - self._frame_began_at >= self._frame_timeout + length / _FRAME_RATE_MIN:
            raise PeerSilent("a frame that had begun was not completed in time")

    def needs_ping(self, now: float) -> bool:
        """True when the server is to be asked now. Raises PeerSilent when it did not answer."""
        if self._pinged_at is not None:
            if now - self._pinged_at >= self._keep_alive:
                raise PeerSilent(f"nothing was heard for {now - self._heard_at:.1f} s, not even the answer to a ping")
        elif now - self._heard_at >= self._keep_alive:
            self._pinged_at = now
            return True
        return False

    @property
    def due(self) -> float:
        """When `needs_ping` is to be asked again."""
        return (self._pinged_at or self._heard_at) + self._keep_alive
