"""Calls that say something before their reply, and calls that answer with octets."""

from __future__ import annotations

import asyncio
import base64
import binascii
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ._calls import Call, Moved, Reply
from ._connection import Connection
from ._inbox import Inbox
from ._messages import Content, Event, encode
from ._options import CallOptions
from .errors import RPCError, Status, deadline_exceeded

if TYPE_CHECKING:
    from .client import Client


class _Streamed:
    """What both kinds have in common: attempts, the caller's time, credit, and an end in every case."""

    def __init__(self, client: Client, method: str, options: CallOptions, credit: int) -> None:
        if credit < 1:
            raise ValueError(f"expected a credit of at least 1, found {credit}")
        self._client = client
        self._method = method
        self._options = options
        self._credit = credit
        self._retrier = client._new_retrier()
        self._inbox: Inbox | None = None
        self._connection: Connection | None = None
        self._call: Call | None = None
        self._taken = 0
        self._after: int | None = None
        #: Something was handed out: what is made again from its beginning would be handed out twice.
        self._is_partly_read = False
        self._is_closed = False

    async def aclose(self) -> None:
        """Ends the call if it is still running."""
        self._is_closed = True
        self._cancel()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        # Forgotten before its end, maybe in another thread.
        call, connection = getattr(self, "_call", None), getattr(self, "_connection", None)
        if call is not None and connection is not None and call.id is not None:
            connection.abandon_soon(call)

    def _params(self) -> bytes | None:
        raise NotImplementedError

    def _cancel(self) -> None:
        if self._call is not None and self._connection is not None:
            self._connection.abandon(self._call, "the caller no longer reads")
        if self._inbox is not None:
            self._client._admission.release()
        self._call = self._inbox = None

    async def _receive(self) -> Event | bytes | Content | Reply:
        """What comes next: the head of a byte stream, an event or chunk, and at last the reply. Raises RPCError."""
        while True:
            try:
                async with asyncio.timeout_at(self._options.deadline) as timer:
                    return await self._next(timer)
            except TimeoutError:
                is_unwritten = self._call is None or not self._call.written
                not_started = is_unwritten and not self._retrier.may_have_begun
                await self.aclose()
                raise deadline_exceeded(self._method, not_started=not_started) from None
            except Moved:
                self._cancel()
            except RPCError as error:
                is_safe = self._options.idempotent or (self._call is not None and self._call.keyed)
                self._cancel()
                may_retry = error.resume or not self._is_partly_read
                if not may_retry or self._options.attempts_before is not None:
                    self._is_closed = True
                    raise
                try:
                    await self._client._pause(self._retrier, error, self._options, is_safe=is_safe)
                except RPCError:
                    self._is_closed = True
                    raise

    async def _next(self, timer: asyncio.Timeout) -> Event | bytes | Content | Reply:
        inbox = self._inbox or await self._begin()
        if self._connection is not None:
            timer.reschedule(self._options.limit(self._connection.session.features))
        while True:
            if inbox.head is not None:
                head, inbox.head = inbox.head, None
                return head
            if inbox.queue:
                return self._taken_from(inbox)
            if isinstance(inbox.outcome, Exception):
                raise inbox.outcome
            if inbox.outcome is not None:
                self._call = None
                self._client._succeeded()
                return inbox.outcome
            await inbox.changed()

    async def _begin(self) -> Inbox:
        self._client._admission.admit()
        inbox = self._inbox = Inbox(self._client._settings.limits.log_events_max)
        self._taken = 0
        try:
            self._connection, self._call = await self._client._start(
                self._method, self._params(), self._options, inbox, self._retrier, self._credit, self._after
            )
        except BaseException:
            self._cancel()  # Nothing was sent: who asks again begins again.
            raise
        return inbox

    def _taken_from(self, inbox: Inbox) -> Event | bytes:
        item = inbox.queue.popleft()
        self._is_partly_read = True
        if isinstance(item, Event):
            self._after = item.seq
        if isinstance(item, bytes) or item.kind == "item":
            self._taken += 1
        if self._taken * 2 >= self._credit and self._call is not None and self._connection is not None:
            self._connection.grant(self._call, self._taken)
            self._taken = 0
        return item


class Events(_Streamed):
    """What a call says before its reply, and the reply. For one reader, who is asked for by `async for`."""

    def __init__(self, client: Client, method: str, params: bytes | None, options: CallOptions, credit: int) -> None:
        super().__init__(client, method, options, credit)
        self._body = params
        self._reply: Reply | None = None

    async def __aenter__(self) -> Self:
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if self._reply is not None or self._is_closed:
            raise StopAsyncIteration
        item = await self._receive()
        if isinstance(item, Event):
            return item
        if isinstance(item, Reply):
            self._reply = item
            self._cancel()
            raise StopAsyncIteration
        await self.aclose()
        raise RPCError(
            Status.FAILED_PRECONDITION, f"{self._method} answers with a byte stream: it is to be read with stream()",
            reason="stream",
        )

    async def result(self) -> Any:
        """Waits for the result; events not read before are dropped."""
        return (await self.reply()).result

    async def reply(self) -> Reply:
        """As `result`, with what the server says about it."""
        async for _ in self:
            pass
        if self._reply is None:
            raise RPCError(Status.CANCELLED, f"{self._method} was ended before its reply", reason="closed")
        return self._reply

    def _params(self) -> bytes | None:
        return self._body


class ByteStream(_Streamed):
    """A byte stream that answers a call: its head, then its octets. For one reader."""

    def __init__(self, client: Client, method: str, params: Any, options: CallOptions, credit: int) -> None:
        super().__init__(client, method, options, credit)
        self._given = params
        self._body = None if params is None else encode(params)
        self._content: Content | None = None
        #: Octets handed out or ready, when the server answers in pieces.
        self._offset = 0
        self._piece: bytes | None = None
        self._is_pieced = False

    @property
    def content(self) -> Content:
        """What the octets are; known once the stream is open."""
        if self._content is None:
            raise RuntimeError("the stream is not open: use 'async with', or await open()")
        return self._content

    async def __aenter__(self) -> Self:
        try:
            await self.open()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def open(self) -> Content:
        """Makes the call and waits for the head of its answer."""
        if self._content is None:
            item = await self._receive()
            if isinstance(item, Content):
                self._content = item
            elif isinstance(item, Reply):
                self._cancel()
                self._take_piece(item.result)
                self._is_pieced = True
                self._content = Content()
            else:
                await self.aclose()
                raise RPCError(
                    Status.FAILED_PRECONDITION, f"{self._method} sends events: it is to be read with events()",
                    reason="stream",
                )
        return self._content

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        await self.open()
        if self._is_closed and not self._is_pieced:
            raise StopAsyncIteration
        if self._is_pieced:
            return await self._next_piece()
        while True:
            item = await self._receive()
            if isinstance(item, bytes):
                return item
            if isinstance(item, Reply):
                await self.aclose()
                raise StopAsyncIteration

    async def read(self) -> bytes:
        """All octets at once, for streams known to be small."""
        return b"".join([chunk async for chunk in self])

    def _params(self) -> bytes | None:
        return self._body

    async def _next_piece(self) -> bytes:
        while True:
            piece, self._piece = self._piece, None
            if piece:
                return piece
            if self._is_closed:
                raise StopAsyncIteration
            params = {} if self._given is None else self._given
            if not isinstance(params, dict):
                raise RPCError(
                    Status.FAILED_PRECONDITION, "pieces are asked for with a dict as parameters", reason="plain"
                )
            body = encode({**params, "offset": self._offset})
            self._take_piece((await self._client._run(self._method, body, self._options)).result)

    def _take_piece(self, result: Any) -> None:
        members = result if isinstance(result, dict) else {}
        text, offset, eof = members.get("base64"), members.get("offset"), members.get("eof")
        if not isinstance(text, str) or not isinstance(offset, int) or not isinstance(eof, bool):
            raise RPCError(Status.FAILED_PRECONDITION, f"{self._method} does not answer with octets", reason="plain")
        try:
            octets = base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise RPCError(Status.DATA_LOSS, f"a piece of {self._method} is no base64: {error}") from error
        if self._piece is None and self._offset == 0:
            self._offset = offset  # The caller may have asked for a later beginning.
        if offset != self._offset:
            raise RPCError(Status.DATA_LOSS, f"expected octets from {self._offset} on, found those from {offset} on")
        if not octets and not eof:  # A server that never comes to an end would be asked for ever.
            raise RPCError(Status.DATA_LOSS, f"expected octets from {self._offset} on, found none and no end")
        self._offset += len(octets)
        self._piece = octets
        self._is_closed = eof
