"""How a connection comes about, again after a loss, and elsewhere when a server goes."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence

from ._connection import ClosedAtHello, Connection
from .errors import RPCError, unavailable
from .settings import Settings

#: Connections that only wait for their last replies; more are cut.
_RETIRED_MAX = 8


def parse_address(address: str) -> tuple[str, int]:
    """Splits `host:port` or `[::1]:port`. Raises ValueError."""
    host, separator, port = address.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not separator or not host or not port.isdigit() or int(port) > 65_535:
        raise ValueError(f"expected an address as host:port, found '{address}'")
    return host, int(port)


class Backoff:
    """Pauses between attempts to connect: doubling, each a fifth longer or shorter."""

    def __init__(self, shortest: float, longest: float) -> None:
        self._shortest = shortest
        self._longest = longest
        self._failures = 0

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, chance: float) -> float:
        """The pause before the next attempt; `chance` is drawn from 0…1."""
        pause = min(self._longest, self._shortest * 2.0 ** min(self._failures, 20))
        self._failures += 1
        return pause * (0.8 + 0.4 * chance)


class Connector:
    """Keeps one connection that takes calls, and those that still answer their last ones."""

    def __init__(self, settings: Settings, addresses: Sequence[str]) -> None:
        self._settings = settings
        self._addresses = [(text, *parse_address(text)) for text in addresses]
        if not self._addresses:
            raise ValueError("expected at least one address")
        self._place = 0
        self._current: Connection | None = None
        self._retired: dict[Connection, None] = {}
        self._attempt: asyncio.Task[Connection] | None = None
        self._backoff = Backoff(settings.limits.backoff_min, settings.limits.backoff_max)
        self._not_before = 0.0
        self._is_closed = False

    @property
    def current(self) -> Connection | None:
        """The connection that takes calls, if there is one now."""
        return self._current

    async def ready(self) -> Connection:
        """The connection that takes calls; connects when there is none. Raises RPCError."""
        if self._current is not None:
            return self._current
        if self._is_closed:
            raise _closed()
        if self._attempt is None:
            self._attempt = asyncio.get_running_loop().create_task(self._connect(), name="pailou connect")
            self._attempt.add_done_callback(self._attempted)
        # One caller that gives up does not take the attempt from the others.
        await asyncio.wait((attempt := self._attempt,))
        if attempt.cancelled() or self._is_closed:
            raise _closed()
        return attempt.result()

    async def close(self) -> None:
        """Ends all connections; calls under way fail."""
        self._is_closed = True
        if self._attempt is not None:
            self._attempt.cancel()
        connections = [*([self._current] if self._current else []), *self._retired]
        for connection in connections:
            connection.abort(_closed())
        for connection in connections:
            await connection.closed

    def _attempted(self, attempt: asyncio.Task[Connection]) -> None:
        self._attempt = None
        if not attempt.cancelled():
            attempt.exception()  # Those who wait have it; nobody may be left.

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._not_before - loop.time())
        try:
            connection = await self._greet()
        except RPCError:
            self._place += 1
            self._not_before = loop.time() + self._backoff.failed(random.random())
            raise
        self._backoff.succeeded()
        if not connection.closed.done():
            self._current = connection
        return connection

    async def _greet(self) -> Connection:
        """Says hello, once more to a server that hung up, which may have been stopping, and then speaks plainly."""
        for greet in (False,) if self._settings.plain else (True, True):
            with contextlib.suppress(ClosedAtHello):
                return await self._open(greet=greet)
        return await self._open(greet=False)

    async def _open(self, *, greet: bool) -> Connection:
        text, host, port = self._addresses[self._place % len(self._addresses)]
        loop = asyncio.get_running_loop()
        tls = self._settings.tls
        connection: Connection | None = None
        try:
            context = None if tls is None else tls.context()
            async with asyncio.timeout(self._settings.limits.connect_timeout):
                _, connection = await loop.create_connection(
                    lambda: Connection(self._settings, text, self._connection_retired, greet=greet),
                    host, port, ssl=context,
                    server_hostname=None if tls is None else tls.server_name or host,
                )
        except (OSError, TimeoutError) as error:
            reason = str(error) or "the time for connecting is over"
            raise unavailable("unreachable", f"no connection to {text}: {reason}", not_started=True) from error
        try:
            await asyncio.shield(connection.ready)
        except asyncio.CancelledError:
            connection.abort(_closed())
            raise
        return connection

    def _connection_retired(self, connection: Connection) -> None:
        if self._current is connection:
            self._current = None
            self._place += 1
        if connection.closed.done() or not connection.ready.done():
            return
        self._retired[connection] = None
        connection.closed.add_done_callback(lambda _: self._retired.pop(connection, None))
        if len(self._retired) > _RETIRED_MAX:
            next(iter(self._retired)).abort(unavailable("connection_lost", "too many connections wait for replies"))


def _closed() -> RPCError:
    return unavailable("closed", "the client was closed", not_started=True)
