"""The client for programs without asyncio: the same operations, each waits for its end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

from ._blocking_streams import BlockingByteStream, BlockingEvents
from ._calls import CREDIT_DEFAULT, Reply
from ._loop_thread import LoopThread
from ._messages import Content
from ._streams import ByteStream, Events
from .client import Client
from .errors import RPCError
from .settings import NAME, TLS, Limits, RetryPolicy


class BlockingClient:
    """Calls one service over one connection, from any number of threads at once.

        with BlockingClient("127.0.0.1:7100") as client:
            print(client.call("subtract", [42, 23]))

    Every operation means what the one of `Client` does. Callbacks run in the client's own thread.
    """

    def __init__(
        self,
        address: str | Sequence[str],
        *,
        name: str = NAME,
        plain: bool = False,
        token: str | None = None,
        tls: TLS | None = None,
        timeout: float | None = None,
        keep_alive: float = 10.0,
        retry: RetryPolicy | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._client = Client(
            address, name=name, plain=plain, token=token, tls=tls, timeout=timeout, keep_alive=keep_alive,
            retry=retry, limits=limits,
        )
        self._loop = LoopThread()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def connect(self) -> None:
        """As `Client.connect`."""
        self._loop.run(self._client.connect())

    def close(self) -> None:
        """As `Client.close`; ends the client's thread, too."""
        if not self._loop.is_stopped:
            self._loop.run(self._client.close())
            self._loop.stop()

    @property
    def is_negotiated(self) -> bool:
        """As `Client.is_negotiated`."""
        return self._client.is_negotiated

    @property
    def features(self) -> frozenset[str]:
        """As `Client.features`."""
        return self._client.features

    def call(
        self,
        method: str,
        params: Any = None,
        *,
        timeout: float | None = None,
        idempotent: bool = False,
        idem: str | None = None,
        request_id: str | None = None,
        traceparent: str | None = None,
        on_progress: Callable[[Any], object] | None = None,
    ) -> Any:
        """As `Client.call`."""
        reply = self.request(
            method, params, timeout=timeout, idempotent=idempotent, idem=idem, request_id=request_id,
            traceparent=traceparent, on_progress=on_progress,
        )
        return reply.result

    def request(
        self,
        method: str,
        params: Any = None,
        *,
        timeout: float | None = None,
        idempotent: bool = False,
        idem: str | None = None,
        request_id: str | None = None,
        traceparent: str | None = None,
        on_progress: Callable[[Any], object] | None = None,
    ) -> Reply:
        """As `Client.request`."""
        return self._loop.run(
            self._client.request(
                method, params, timeout=timeout, idempotent=idempotent, idem=idem, request_id=request_id,
                traceparent=traceparent, on_progress=on_progress,
            )
        )

    def notify(self, method: str, params: Any = None) -> None:
        """As `Client.notify`."""
        self._loop.run(self._client.notify(method, params))

    def ping(self, *, timeout: float | None = None) -> None:
        """As `Client.ping`."""
        self._loop.run(self._client.ping(timeout=timeout))

    @contextmanager
    def events(
        self,
        method: str,
        params: Any = None,
        *,
        credit: int = CREDIT_DEFAULT,
        timeout: float | None = None,
        idempotent: bool = False,
        idem: str | None = None,
        request_id: str | None = None,
        traceparent: str | None = None,
    ) -> Iterator[BlockingEvents]:
        """As `Client.events`, to be used in a `with` block.

            with client.events("demo.count", {"to": 5}) as events:
                for event in events:
                    print(event.data)
                print(events.result())
        """

        async def make() -> Events:
            return self._client.events(
                method, params, credit=credit, timeout=timeout, idempotent=idempotent, idem=idem,
                request_id=request_id, traceparent=traceparent,
            )

        events = self._loop.run(make())
        try:
            yield BlockingEvents(self._loop, events)
        finally:
            with suppress(RPCError):  # The client may have been closed meanwhile.
                self._loop.run(events.aclose())

    @contextmanager
    def stream(
        self,
        method: str,
        params: Any = None,
        *,
        credit: int = CREDIT_DEFAULT,
        timeout: float | None = None,
        idempotent: bool = False,
        request_id: str | None = None,
        traceparent: str | None = None,
    ) -> Iterator[BlockingByteStream]:
        """As `Client.stream`, to be used in a `with` block."""

        async def make() -> ByteStream:
            return self._client.stream(
                method, params, credit=credit, timeout=timeout, idempotent=idempotent, request_id=request_id,
                traceparent=traceparent,
            )

        stream = self._loop.run(make())
        try:
            self._loop.run(stream.open())
            yield BlockingByteStream(self._loop, stream)
        finally:
            with suppress(RPCError):
                self._loop.run(stream.aclose())

    def download(
        self,
        method: str,
        params: Any,
        path: str | os.PathLike[str],
        *,
        timeout: float | None = None,
        idempotent: bool = True,
        request_id: str | None = None,
        traceparent: str | None = None,
        on_progress: Callable[[int, int | None], object] | None = None,
    ) -> Content:
        """As `Client.download`."""
        return self._loop.run(
            self._client.download(
                method, params, path, timeout=timeout, idempotent=idempotent, request_id=request_id,
                traceparent=traceparent, on_progress=on_progress,
            )
        )
