"""Streams and downloads that break, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path
from typing import Any

from pailou import Client, Status
from pailou._frames import MORE, OPAQUE

from .support.double import Double, Peer
from .support.faults import ONCE, QUICK, QUICK_LIMITS, FaultCase


class StreamFaultTests(FaultCase):
    async def test_a_cut_download_leaves_what_was_there_and_nothing_else(self) -> None:
        async def cut(peer: Peer, call: Any) -> None:
            await peer.send_chunk(OPAQUE | MORE, {"id": call["id"], "content": {"type": "a/b", "size": 10}}, b"12345")

        async def breaks(peer: Peer, call: Any) -> None:
            await cut(peer, call)
            await peer.fail(call, -32065, "gone", status="DATA_LOSS")
            await peer.until_closed()

        async def is_short(peer: Peer, call: Any) -> None:
            await cut(peer, call)
            await peer.send_chunk(OPAQUE, {"id": call["id"]}, b"")
            await peer.until_closed()

        for answer, status in (
            (cut, Status.UNAVAILABLE),
            (breaks, Status.DATA_LOSS),
            (is_short, Status.DATA_LOSS),
        ):

            async def script(peer: Peer, answer: Any = answer) -> None:
                await peer.greet()
                await answer(peer, await peer.receive_call())

            with self.subTest(answer.__name__), tempfile.TemporaryDirectory() as directory:
                file = Path(directory, "file.zip")
                file.write_text("before")
                async with Double(script) as server, Client(server.address, retry=ONCE) as client:
                    error = await self.error(client.download("m", {}, file))
                self.assertEqual(error.status, status)
                self.assertEqual(file.read_text(), "before")
                self.assertEqual([f.name for f in Path(directory).iterdir()], ["file.zip"])

    async def test_a_download_begins_again(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            id = (await peer.receive_call())["id"]
            await peer.send_chunk(OPAQUE | MORE, {"id": id, "content": {"type": "a/b", "size": 10}}, b"12345")
            if peer.number == 0:
                return
            await peer.send_chunk(OPAQUE, {"id": id}, b"67890")
            await peer.until_closed()

        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "file.zip")
            async with Double(script) as server, Client(server.address, retry=QUICK, limits=QUICK_LIMITS) as client:
                content = await client.download("m", {}, file)
            self.assertEqual((content.size, file.read_bytes()), (10, b"1234567890"))

    async def test_a_server_that_ignores_credit_is_left(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            id = (await peer.receive_call())["id"]
            for _ in range(20):
                await peer.send_chunk(OPAQUE | MORE, {"id": id, "content": {"type": "a/b"}}, b"12345")
            await peer.until_closed()

        async with Double(script) as server, Client(server.address, retry=ONCE) as client:
            stream = client.stream("m", credit=4)
            error = await self.error(stream.read())
        self.assertIn("credit", error.message)

    async def test_what_is_read_slowly_is_given_credit_slowly(self) -> None:
        granted: list[Any] = []

        async def script(peer: Peer) -> None:
            await peer.greet()
            id = (await peer.receive_call())["id"]
            for _ in range(4):
                await peer.send_chunk(OPAQUE | MORE, {"id": id, "content": {"type": "a/b"}}, b"x")
            granted.append(await peer.receive())
            await peer.send_chunk(OPAQUE, {"id": id}, b"")
            await peer.until_closed()

        async with Double(script) as server, Client(server.address) as client:
            async with client.stream("m", credit=4) as stream:
                await anext(stream)
                await client._connector.ready()
                self.assertEqual(granted, [])
                self.assertEqual(await stream.read(), b"xxx")
        self.assertEqual(granted[0]["params"]["n"], 2)

    async def test_who_gives_up_while_connecting_may_ask_again(self) -> None:
        greeted = asyncio.Event()

        async def script(peer: Peer) -> None:
            await greeted.wait()
            await peer.greet()
            await peer.reply(await peer.receive_call(), "done")
            await peer.until_closed()

        async with Double(script) as server, Client(server.address) as client:
            events = client.events("m")
            with self.assertRaises(TimeoutError):
                await asyncio.wait_for(anext(events), 0.05)
            greeted.set()
            self.assertEqual(await events.result(), "done")
            self.assertEqual(client._admission.count, 0)

    async def test_a_stream_left_early_is_cancelled(self) -> None:
        told: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def script(peer: Peer) -> None:
            await peer.greet()
            id = (await peer.receive_call())["id"]
            await peer.send_chunk(OPAQUE | MORE, {"id": id, "content": {"type": "a/b"}}, b"x")
            told.set_result(await peer.receive())
            await peer.until_closed()

        async with Double(script) as server, Client(server.address) as client:
            async with client.stream("m") as stream:
                async for _ in stream:
                    break
            async with asyncio.timeout(5):
                self.assertEqual((await told)["method"], "rpc.cancel")

    async def test_pieces_that_do_not_fit_together_are_no_file(self) -> None:
        async def script(peer: Peer) -> None:
            while True:
                with contextlib.suppress(KeyError):
                    call = await peer.receive_call()
                    await peer.reply(call, {"base64": "MTIz", "offset": 0, "eof": False})

        async with Double(script) as server, Client(server.address, plain=True) as client:
            error = await self.error(client.stream("m", {}).read())
        self.assertEqual(error.status, Status.DATA_LOSS)
