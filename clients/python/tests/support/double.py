"""A server for faults: a real socket, and a script that says what it does with each connection."""

from __future__ import annotations

import asyncio
import json
import ssl
import struct
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

Script = Callable[["Peer"], Awaitable[None]]


class Peer:
    """The server's side of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self.reader = reader
        self.writer = writer
        #: Counts the connections of the server from 0.
        self.number = number

    async def receive(self) -> Any:
        """The next message. Raises IncompleteReadError at the end."""
        _, message, _ = await self.receive_frame()
        return message

    async def receive_frame(self) -> tuple[int | None, Any, bytes]:
        """Flags (None: a plain frame), message or header, payload."""
        word = struct.unpack("!I", await self.reader.readexactly(4))[0]
        body = await self.reader.readexactly(word & 0x7FFF_FFFF)
        if not word & 0x8000_0000:
            return None, json.loads(body), b""
        kind, flags, header = struct.unpack("!BBH", body[:4])
        assert kind == 1, kind
        return flags, json.loads(body[4 : 4 + header]), body[4 + header :]

    async def receive_call(self) -> Any:
        """The next message that is a call."""
        while "id" not in (message := await self.receive()):
            pass
        return message

    async def send(self, message: Any) -> None:
        text = json.dumps(message).encode()
        await self.send_raw(struct.pack("!I", len(text)) + text)

    async def send_chunk(self, flags: int, header: Any, payload: bytes) -> None:
        text = json.dumps(header).encode()
        length = 0x8000_0000 + 4 + len(text) + len(payload)
        await self.send_raw(struct.pack("!IBBH", length, 1, flags, len(text)) + text + payload)

    async def send_raw(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

    async def reply(self, call: Any, result: Any, **members: Any) -> None:
        await self.send({"jsonrpc": "2.0", "id": call["id"], **members, "result": result})

    async def fail(self, call: Any, code: int, message: str, **data: Any) -> None:
        error = {"code": code, "message": message, "data": data}
        await self.send({"jsonrpc": "2.0", "id": call["id"], "error": error})

    async def greet(self, *features: str, frame_bytes_max: int = 64 << 20, in_flight_max: int = 256) -> Any:
        """Answers hello; by default with all features. Returns its parameters."""
        hello = await self.receive()
        assert hello["method"] == "rpc.hello", hello
        named = features or ("meta", "xframe", "cancel", "stream", "goaway")
        limits = {"frame_bytes_max": frame_bytes_max, "in_flight_max": in_flight_max}
        await self.reply(hello, {"version": 1, "peer": "double/1", "role": "demo", "features": named, "limits": limits})
        return hello["params"]

    async def until_closed(self) -> None:
        """Reads on until the client has gone."""
        while await self.reader.read(65_536):
            pass

    def reset(self) -> None:
        """Ends the connection at once."""
        self.writer.transport.abort()


class Double:
    """Listens on a free port while its block lasts; a script that fails fails the test at the block's end."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []
        self.count = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if error is None and self._failures:
            raise self._failures[0]

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        peer = Peer(reader, writer, self.count)
        self.count += 1
        try:
            await self._script(peer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # The client has gone, or the test is over.
        except BaseException as failure:
            self._failures.append(failure)
        finally:
            self._tasks.discard(task)
            writer.close()
