"""The shell around a session: a socket, a clock, and nothing to decide."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from ._calls import Call
from ._frames import FrameError
from ._hello import HelloRefused, Phase
from ._liveness import PeerSilent
from ._session import Session
from .errors import RPCError, unavailable
from .settings import Settings

#: Octets handed to the transport at once.
_WRITE_BYTES = 256 * 1024


class Connection(asyncio.Protocol):
    """One connection to a server; ends once and stays ended."""

    def __init__(
        self, settings: Settings, address: str, on_retired: Callable[[Connection], None], *, greet: bool
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.session = Session(settings, self._loop.time(), greet=greet)
        self.address = address
        self._on_retired = on_retired
        self._transport: asyncio.Transport | None = None
        self._is_paused = False
        self._is_retired = False
        self._flush_handle: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._cause: Exception | None = None
        #: Done when calls can be made; fails with an RPCError, or with ClosedAtHello.
        self.ready: asyncio.Future[None] = self._loop.create_future()
        #: Done when the connection is gone.
        self.closed: asyncio.Future[None] = self._loop.create_future()

    # Called by the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        # asyncio's TLS calls a writer with nothing left to write too far ahead of a limit of 0, and lets it wait.
        is_secure = transport.get_extra_info("ssl_object") is not None
        transport.set_write_buffer_limits(high=1 if is_secure else 0)
        _keep_alive(transport.get_extra_info("socket"))
        self._tick()
        self._after()

    def data_received(self, data: bytes) -> None:
        try:
            self.session.receive(data, self._loop.time())
        except (FrameError, HelloRefused) as error:
            self._break(error)
        self._after()

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._flush_handle is not None:
            self._flush_handle.cancel()
        cause = self._cause or exc
        # Over TLS a pause says nothing about what left: then every frame handed out counts as written.
        is_exact = self._transport is not None and self._transport.get_extra_info("ssl_object") is None
        unwritten = self.session.outbox.last_call if self._is_paused and is_exact else None
        was_greeting = self.session.is_greeting
        self.session.lost(self.address, None if cause is None else str(cause) or type(cause).__name__, unwritten)
        self._transport = None
        if not self.ready.done():
            self.ready.set_exception(self._why_not_ready(cause, was_greeting))
            self.ready.exception()  # Whoever waited may have gone.
        self._after()
        if not self.closed.done():
            self.closed.set_result(None)

    # Called by clients

    def submit(self, call: Call) -> None:
        """Sends a call, or lets it wait for its place."""
        self.session.submit(call, self._loop.time())
        self._flush_soon()

    def abandon(self, call: Call, reason: str) -> None:
        """The caller no longer waits."""
        self.session.abandon(call, reason, self._loop.time())
        self._after()

    def abandon_soon(self, call: Call) -> None:
        """As `abandon`, from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.abandon, call, "the caller forgot it")

    def notify(self, method: str, params: bytes | None) -> None:
        """Sends a notification."""
        self.session.notify(method, params)
        self._flush_soon()

    def grant(self, call: Call, credit: int) -> None:
        """The reader of a call took so much."""
        self.session.grant(call, credit)
        self._flush_soon()

    def abort(self, cause: Exception) -> None:
        """Ends the connection now; calls in flight fail."""
        self._break(cause)

    # Inside

    def _after(self) -> None:
        """What may have become due by what was received or by time."""
        session = self.session
        if session.phase is not Phase.GREETING and not self.ready.done():
            self.ready.set_result(None)
        if session.phase is Phase.RETIRED and not self._is_retired:
            self._is_retired = True
            self._on_retired(self)
        self._flush_soon()

    def _flush_soon(self) -> None:
        """Writes at the end of this turn of the loop, so that calls made together leave together."""
        if self._flush_handle is None and not self._is_paused and (self.session.outbox or self._is_retired):
            self._flush_handle = self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_handle = None
        outbox = self.session.outbox
        while outbox and not self._is_paused and self._transport is not None and not self._transport.is_closing():
            self._transport.write(outbox.take(_WRITE_BYTES, self._loop.time()))
        if self._is_retired and self.session.is_idle and not outbox and self._transport is not None:
            self._transport.close()

    def _tick(self) -> None:
        now = self._loop.time()
        try:
            self.session.tick(now)
        except PeerSilent as error:
            return self._break(error)
        self._timer = self._loop.call_at(self.session.next_tick(now), self._tick)
        self._after()

    def _break(self, cause: Exception) -> None:
        self._cause = self._cause or cause
        if self._transport is not None:
            self._transport.abort()

    def _why_not_ready(self, cause: Exception | None, was_greeting: bool) -> Exception:
        if isinstance(cause, HelloRefused):
            return cause.error
        if isinstance(cause, RPCError):
            return cause
        if was_greeting and self.session.last_words is not None:
            return self.session.last_words
        if cause is None and was_greeting:
            return ClosedAtHello()
        return unavailable("unreachable", f"no connection to {self.address}: {cause}", not_started=True)


class ClosedAtHello(Exception):
    """The server hung up on hello: a stranger, who may still understand plain calls."""


def _keep_alive(connected: socket.socket | None) -> None:
    """Lets the system find a dead server within 20 s of silence, for connections that carry no pings."""
    if connected is None or connected.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 2), ("TCP_USER_TIMEOUT", 20_000)):
        if (option := getattr(socket, name, None)) is not None:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)
