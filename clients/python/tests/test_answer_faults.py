"""Answers that do not come, come late or come twice, over real sockets; servers that stop."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from pailou import Client, Limits, Status
from pailou._frames import encode_plain

from .support.double import Double, Peer
from .support.faults import ONCE, QUICK, FaultCase


class AnswerFaultTests(FaultCase):
    async def test_a_server_that_never_answers(self) -> None:
        cancelled: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def script(peer: Peer) -> None:
            await peer.greet()
            call = await peer.receive_call()
            cancelled.set_result((call["meta"]["timeout_ms"] <= 100, call["id"], await peer.receive()))
            await peer.until_closed()

        async with Double(script) as server, Client(server.address) as client:
            began = time.monotonic()
            error = await self.error(client.call("m", timeout=0.1))
            self.assertLess(time.monotonic() - began, 2)
            self.assertEqual((error.status, error.reason), (Status.DEADLINE_EXCEEDED, "deadline"))
            told, id, message = await cancelled
        self.assertTrue(told)
        self.assertEqual((message["method"], message["params"]["id"]), ("rpc.cancel", id))

    async def test_an_answer_that_comes_too_late_meets_nobody_else(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            first = await peer.receive_call()
            second = await peer.receive_call()
            await peer.reply(first, "too late")
            await peer.reply(second, "in time")
            await peer.until_closed()

        async with Double(script) as server, Client(server.address) as client:
            # Connecting takes its time, too, which is not the call's.
            await client.connect()
            await self.error(client.call("m", timeout=0.05))
            self.assertEqual(await client.call("m"), "in time")

    async def test_answers_come_twice(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            while True:
                call = await peer.receive_call()
                for _ in range(3):
                    await peer.reply(call, call["params"])

        async with Double(script) as server, Client(server.address) as client:
            found = await asyncio.gather(*(client.call("m", [n]) for n in range(100)))
        self.assertEqual(found, [[n] for n in range(100)])

    async def test_answers_come_octet_by_octet(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            call = await peer.receive_call()
            text = json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": "slowly"}).encode()
            for octet in encode_plain(text):
                await peer.send_raw(bytes([octet]))
                await asyncio.sleep(0)
            await peer.until_closed()

        async with Double(script) as server, Client(server.address) as client:
            self.assertEqual(await client.call("m"), "slowly")

    async def test_a_server_that_falls_silent_is_found_by_pings(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            await peer.until_closed()

        async with Double(script) as server, Client(server.address, keep_alive=0.1, retry=ONCE) as client:
            error = await self.error(client.call("m"))
        self.assertEqual(error.reason, "connection_lost")
        self.assertIn("nothing was heard", error.message)

    async def test_the_task_of_a_call_is_cancelled(self) -> None:
        called = asyncio.Event()
        told: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def script(peer: Peer) -> None:
            await peer.greet()
            await peer.receive_call()
            called.set()
            told.set_result(await peer.receive())
            await peer.until_closed()

        async with Double(script) as server, Client(server.address) as client:
            call = asyncio.ensure_future(client.call("m"))
            await called.wait()
            call.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await call
            self.assertEqual((await told)["method"], "rpc.cancel")

    async def test_too_many_calls_at_once_fail_at_once(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            await peer.until_closed()

        limits = Limits(in_flight_max=2, waiting_max=3)
        async with Double(script) as server, Client(server.address, limits=limits, retry=ONCE) as client:
            calls = [asyncio.ensure_future(client.call("m")) for _ in range(6)]
            done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
            errors = [call.exception() for call in done]
            self.assertEqual([getattr(e, "reason", None) for e in errors], ["overloaded"])
            for call in calls:
                call.cancel()


class GoawayTests(FaultCase):
    async def test_calls_in_flight_are_answered_and_new_ones_go_elsewhere(self) -> None:
        acknowledged = asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.greet()
            call = await peer.receive_call()
            if peer.number > 0:
                await peer.reply(call, "new")
                return await peer.until_closed()
            await peer.send({"jsonrpc": "2.0", "method": "rpc.goaway", "params": {"reason": "draining"}})
            assert (await peer.receive())["method"] == "rpc.goaway_ack"
            acknowledged.set()
            await renewed.wait()
            await peer.reply(call, "old")

        renewed = asyncio.Event()
        async with Double(script) as server, Client(server.address, retry=ONCE) as client:
            old = asyncio.ensure_future(client.call("m"))
            await acknowledged.wait()
            self.assertEqual(await client.call("m"), "new")
            renewed.set()
            self.assertEqual(await old, "old")
            self.assertEqual(server.count, 2)

    async def test_a_long_call_is_made_again_elsewhere_with_the_time_that_remains(self) -> None:
        metas: list[Any] = []

        async def script(peer: Peer) -> None:
            await peer.greet()
            call = await peer.receive_call()
            metas.append(call["meta"])
            if peer.number == 0:
                event = {"id": call["id"], "seq": 5, "kind": "item", "data": "first"}
                await peer.send({"jsonrpc": "2.0", "method": "rpc.event", "params": event})
                await peer.send({"jsonrpc": "2.0", "method": "rpc.goaway", "params": {}})
                await peer.fail(call, -32064, "going", status="UNAVAILABLE", reason="draining", resume=True)
                return
            await peer.reply(call, "done")
            await peer.until_closed()

        async with Double(script) as server, Client(server.address, retry=QUICK) as client:
            events = client.events("watch", timeout=30)
            self.assertEqual([event.data async for event in events], ["first"])
            self.assertEqual(await events.result(), "done")
        self.assertEqual(metas[1]["stream"], {"credit": 16, "after": 5})
        self.assertLess(metas[1]["timeout_ms"], metas[0]["timeout_ms"])
