"""The client for asyncio."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from ._admission import Admission
from ._calls import CREDIT_DEFAULT, Call, FutureReceiver, Moved, Receiver, Reply
from ._connection import Connection
from ._connector import Connector
from ._download import PartFile
from ._messages import Content, encode
from ._options import CallOptions
from ._retry import Retrier, RetryBudget
from ._streams import ByteStream, Events
from .errors import RPCError, deadline_exceeded, key_unsupported
from .settings import NAME, TLS, Limits, RetryPolicy, Settings


class Client:
    """Calls one service over one connection; any number of calls at a time, answered in any order.

    Connects with the first call and again after a loss. To be used from one event loop. Cancelling the task of a call
    cancels the call on the server.

        async with Client("127.0.0.1:7100") as client:
            print(await client.call("subtract", [42, 23]))
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
        """Does no I/O. `address` is `host:port`, or several that are tried in turn; see `Settings` for the options."""
        self._settings = Settings(
            name=name, plain=plain, token=token, tls=tls, timeout=timeout, keep_alive=keep_alive,
            retry=retry or RetryPolicy(), limits=limits or Limits(),
        )
        self._connector = Connector(self._settings, (address,) if isinstance(address, str) else address)
        policy = self._settings.retry
        self._budget = RetryBudget(policy.budget_tokens, policy.budget_refund)
        self._admission = Admission(self._settings.limits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def connect(self) -> None:
        """Connects and agrees on what both sides know now rather than with the first call. Raises RPCError."""
        await self._connector.ready()

    async def close(self) -> None:
        """Ends the connection; calls under way fail, and so do all later ones."""
        await self._connector.close()

    @property
    def is_negotiated(self) -> bool:
        """The present connection's server knows hello; False without a connection."""
        connection = self._connector.current
        return connection is not None and connection.session.is_negotiated

    @property
    def features(self) -> frozenset[str]:
        """What was agreed on with the present connection's server."""
        connection = self._connector.current
        return frozenset() if connection is None else connection.session.features

    # Calls

    async def call(
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
        """Calls a method and returns its result. Raises RPCError.

        `params` is a dict, a list or None. `timeout` is in seconds and covers everything: connecting, waiting for a
        place, retries. `idempotent` declares that doing it twice has the effect of once; `idem` is a key by which a
        server that supports it for this method does it only once. `on_progress` is told the data of progress events.
        """
        reply = await self.request(
            method, params, timeout=timeout, idempotent=idempotent, idem=idem, request_id=request_id,
            traceparent=traceparent, on_progress=on_progress,
        )
        return reply.result

    async def request(
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
        """As `call`, with what the server says about its reply."""
        options = self._options(timeout, idempotent, idem, request_id, traceparent)
        body = None if params is None else encode(params)
        if on_progress is None:
            return await self._run(method, body, options)
        async with Events(self, method, body, options, CREDIT_DEFAULT) as events:
            async for event in events:
                if event.kind == "progress":
                    on_progress(event.data)
            return await events.reply()

    async def notify(self, method: str, params: Any = None) -> None:
        """Sends a notification; nobody tells what became of it."""
        body = None if params is None else encode(params)
        connection = await self._connector.ready()
        connection.notify(method, body)

    async def ping(self, *, timeout: float | None = None) -> None:
        """Asks the server for a sign of life."""
        await self.call("rpc.ping", timeout=timeout, idempotent=True)

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
    ) -> Events:
        """Calls a method that says something before its reply.

        The call begins with the first event asked for. Items wait at the server until they are read here, `credit` of
        them are sent ahead. Leaving the `async with` block early cancels the call.

            async with client.events("demo.count", {"to": 5}) as events:
                async for event in events:
                    print(event.data)
                print(await events.result())
        """
        options = self._options(timeout, idempotent, idem, request_id, traceparent)
        return Events(self, method, None if params is None else encode(params), options, credit)

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
    ) -> ByteStream:
        """Calls a method that answers with octets.

        Chunks wait at the server until they are read here, `credit` of them are sent ahead. The end is clean or an
        RPCError is raised: what came before an error is not the whole.

            async with client.stream("demo.stream", {"bytes": 100_000}) as stream:
                print(stream.content.type)
                async for chunk in stream:
                    ...
        """
        options = self._options(timeout, idempotent, None, request_id, traceparent)
        return ByteStream(self, method, params, options, credit)

    async def download(
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
        """Saves a byte stream: the file is there whole, or not at all, and what stood there before stays until then.

        `on_progress` is told the octets received and, if it is known, how many there are. A download that breaks
        begins again if it is `idempotent`, which reading is.
        """
        options = self._options(timeout, idempotent, None, request_id, traceparent)
        retrier = self._new_retrier()
        while True:
            # Retries are made here, from the first octet on: a stream alone cannot take back what it handed out.
            stream = ByteStream(self, method, params, options.single(retrier.attempt), CREDIT_DEFAULT)
            try:
                async with stream, PartFile(path) as file:
                    content = await stream.open()
                    async for chunk in stream:
                        await file.write(chunk)
                        if on_progress is not None:
                            on_progress(file.size, content.size)
                    await file.finish(content)
                return content
            except RPCError as error:
                await self._pause(retrier, error, options, is_safe=idempotent)

    async def _run(self, method: str, params: bytes | None, options: CallOptions) -> Reply:
        """Makes a call until it is answered, or not worth another attempt."""
        retrier = self._new_retrier()
        call: Call | None = None
        self._admission.admit()
        try:
            async with asyncio.timeout_at(options.deadline) as timer:
                while True:
                    receiver = FutureReceiver(asyncio.get_running_loop())
                    try:
                        connection, call = await self._start(method, params, options, receiver, retrier)
                        timer.reschedule(options.limit(connection.session.features))
                        reply = await self._answer(connection, call, receiver)
                    except Moved:
                        timer.reschedule(options.deadline)
                    except RPCError as error:
                        timer.reschedule(options.deadline)
                        is_safe = options.idempotent or (call is not None and call.keyed)
                        await self._pause(retrier, error, options, is_safe=is_safe)
                    else:
                        self._succeeded()
                        return reply
        except TimeoutError:
            not_started = (call is None or not call.written) and not retrier.may_have_begun
            raise deadline_exceeded(method, not_started=not_started) from None
        finally:
            self._admission.release()

    async def _answer(self, connection: Connection, call: Call, receiver: FutureReceiver) -> Reply:
        try:
            return await receiver.future
        except asyncio.CancelledError:
            connection.abandon(call, "the caller no longer waits")
            raise

    async def _start(
        self, method: str, params: bytes | None, options: CallOptions, receiver: Receiver, retrier: Retrier,
        credit: int | None = None, after: int | None = None,
    ) -> tuple[Connection, Call]:
        """Hands one attempt of a call to a connection."""
        connection = await self._connector.ready()
        if retrier.may_have_begun and options.needs_key(connection.session.features):
            raise key_unsupported(method)
        before = options.attempts_before
        attempt = retrier.attempt if before is None else before + 1
        call = Call(
            method, params, receiver, deadline=options.deadline, credit=credit, after=after, idem=options.idem,
            attempt=attempt, request_id=options.request_id, traceparent=options.traceparent,
        )
        connection.submit(call)
        return connection, call

    async def _pause(self, retrier: Retrier, error: RPCError, options: CallOptions, *, is_safe: bool) -> None:
        """Waits before the next attempt; raises the error when there is to be none."""
        remaining = options.remaining(asyncio.get_running_loop().time())
        delay = retrier.delay(error, is_safe=is_safe, remaining=remaining, chance=random.random())
        if delay is None:
            # What one try may have begun the last one does not deny.
            error.not_started = error.not_started and not retrier.may_have_begun
            raise error
        await asyncio.sleep(delay)

    def _succeeded(self) -> None:
        self._budget.succeeded()

    def _new_retrier(self) -> Retrier:
        return Retrier(self._settings.retry, self._budget)

    def _options(
        self, timeout: float | None, idempotent: bool, idem: str | None, request_id: str | None,
        traceparent: str | None,
    ) -> CallOptions:
        seconds = self._settings.timeout if timeout is None else timeout
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        return CallOptions(deadline, idempotent, idem, request_id, traceparent)


