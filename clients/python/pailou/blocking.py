"""The client for programs without asyncio: the same operations, each waits for its end."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self, TypeVar

from ._calls import CREDIT_DEFAULT, Reply
from ._messages import Content, Event
from ._streams import ByteStream, Events
from .client import Client
from .errors import RPCError, unavailable
from .settings import NAME, TLS, Limits, RetryPolicy

Result = TypeVar("Result")


class _LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._loop.run_forever, name="pailou", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Waits for a coroutine. An exception in this thread meanwhile (Ctrl-C) cancels it."""
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("a callback must not wait for the client that calls it")
        with self._lock:  # What is begun before the stop is ended by it.
            if self._is_stopping:
                work.close()
                raise unavailable("closed", "the client was closed", not_started=True)
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except CancelledError:  # Another thread closed the client.
            raise unavailable("closed", "the client was closed") from None
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """Ends what other threads still wait for, and the thread."""
        with self._lock:
            if self._is_stopping:
                return
            self._is_stopping = True
        asyncio.run_coroutine_threadsafe(_end_all(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    @property
    def is_stopped(self) -> bool:
        return self._is_stopping


async def _end_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


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
        self._loop = _LoopThread()

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


async def _next(iterator: Events) -> Event | None:
    return await anext(iterator, None)


async def _next_chunk(iterator: ByteStream) -> bytes | None:
    return await anext(iterator, None)


class BlockingEvents:
    """What a call says before its reply, and the reply."""

    def __init__(self, loop: _LoopThread, events: Events) -> None:
        self._loop = loop
        self._events = events

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        event = self._loop.run(_next(self._events))
        if event is None:
            raise StopIteration
        return event

    def result(self) -> Any:
        """Waits for the result; events not read before are dropped."""
        return self._loop.run(self._events.result())

    def reply(self) -> Reply:
        """As `result`, with what the server says about it."""
        return self._loop.run(self._events.reply())


class BlockingByteStream:
    """A byte stream that answers a call: its head, then its octets."""

    def __init__(self, loop: _LoopThread, stream: ByteStream) -> None:
        self._loop = loop
        self._stream = stream

    @property
    def content(self) -> Content:
        """What the octets are."""
        return self._stream.content

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        chunk = self._loop.run(_next_chunk(self._stream))
        if chunk is None:
            raise StopIteration
        return chunk

    def read(self) -> bytes:
        """All octets at once, for streams known to be small."""
        return self._loop.run(self._stream.read())
