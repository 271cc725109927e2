"""Connections that fail, over real sockets: every call ends, with the right word, and nothing is done twice."""

from __future__ import annotations

import asyncio
import struct
from typing import Any

from pailou import Client, RetryPolicy, RPCError, Status
from pailou._frames import encode_plain

from .support.double import Double, Peer
from .support.faults import ONCE, QUICK, QUICK_LIMITS, FaultCase


class ConnectionFaultTests(FaultCase):
    async def test_a_connection_cut_in_the_middle_of_a_frame(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            await peer.receive_call()
            await peer.send_raw(struct.pack("!I", 100) + b'{"jsonrpc":"2.0","id":1,"resu')

        async with Double(script) as server, Client(server.address) as client:
            error = await self.error(client.call("m"))
        self.assertEqual((error.status, error.reason), (Status.UNAVAILABLE, "connection_lost"))
        self.assertFalse(error.not_started)
        self.assertEqual(server.count, 1)  # Not idempotent: not made again.

    async def test_an_idempotent_call_is_made_again_after_a_loss(self) -> None:
        attempts: list[Any] = []

        async def script(peer: Peer) -> None:
            await peer.greet()
            call = await peer.receive_call()
            attempts.append(call.get("meta", {}).get("attempt"))
            if peer.number < 2:
                return peer.reset()
            await peer.reply(call, "at last")
            await peer.until_closed()

        async with Double(script) as server, Client(server.address, retry=QUICK, limits=QUICK_LIMITS) as client:
            self.assertEqual(await client.call("m", idempotent=True), "at last")
        self.assertEqual(attempts, [None, 2, 3])

    async def test_a_keyed_call_is_made_again_where_the_key_is_understood(self) -> None:
        keys: list[Any] = []

        async def script(peer: Peer) -> None:
            await peer.greet(*(["cancel"] if peer.number == 2 else []))
            call = await peer.receive_call()
            keys.append(call.get("meta", {}).get("idem"))
            if peer.number == 1:
                await peer.reply(call, "once")
                await peer.until_closed()

        async with Double(script) as server, Client(server.address, retry=QUICK, limits=QUICK_LIMITS) as client:
            self.assertEqual(await client.call("m", idem="key"), "once")
            server_side = client._connector.current
            assert server_side is not None
            server_side.abort(ConnectionError("for the next part"))
            await server_side.closed
            error = await self.error(client.call("m", idem="key"))
            self.assertEqual(error.reason, "connection_lost")
        self.assertEqual(keys, ["key", "key", None])

    async def test_a_keyed_call_that_may_have_been_done_is_not_made_where_no_key_is_understood(self) -> None:
        keys: list[Any] = []

        async def script(peer: Peer) -> None:
            await peer.greet(*(["meta"] if peer.number == 0 else ["cancel"]))
            call = await peer.receive_call()
            keys.append(call.get("meta", {}).get("idem"))

        async with Double(script) as server, Client(server.address, retry=QUICK, limits=QUICK_LIMITS) as client:
            error = await self.error(client.call("m", idem="key"))
        self.assertEqual((error.status, error.reason), (Status.UNAVAILABLE, "idempotency_unsupported"))
        self.assertFalse(error.not_started)
        self.assertEqual(keys, ["key"])

    async def test_what_one_try_may_have_begun_the_last_one_does_not_deny(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            call = await peer.receive_call()
            while peer.number > 0:
                await peer.fail(call, -32064, "no", status="UNAVAILABLE", not_started=True)
                call = await peer.receive_call()

        async with Double(script) as server, Client(server.address, retry=QUICK, limits=QUICK_LIMITS) as client:
            error = await self.error(client.call("m", idempotent=True))
        self.assertEqual((error.status, error.not_started), (Status.UNAVAILABLE, False))

    async def test_an_outage_is_not_multiplied(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            while True:
                call = await peer.receive_call()
                calls.append(call)
                await peer.fail(call, -32064, "no", status="UNAVAILABLE", not_started=True)

        calls: list[Any] = []
        policy = RetryPolicy(delay_min=0.001, delay_max=0.001)
        async with Double(script) as server, Client(server.address, retry=policy) as client:
            outcomes = await asyncio.gather(*(client.call("m") for _ in range(50)), return_exceptions=True)
        self.assertEqual({type(outcome) for outcome in outcomes}, {RPCError})
        self.assertEqual(len(calls), 60)

    async def test_nobody_listens(self) -> None:
        async with Double(lambda _: asyncio.sleep(0)) as server:
            address = server.address
        client = Client(address, retry=QUICK, limits=QUICK_LIMITS)
        error = await self.error(client.call("m"))
        self.assertEqual((error.status, error.reason, error.not_started), (Status.UNAVAILABLE, "unreachable", True))
        error = await self.error(client.call("m", timeout=0.001))
        self.assertEqual((error.status, error.not_started), (Status.DEADLINE_EXCEEDED, True))
        await client.close()
        self.assertEqual((await self.error(client.call("m"))).reason, "closed")

    async def test_a_client_comes_back_when_the_server_does(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            await peer.reply(await peer.receive_call(), peer.number)

        async with Double(script) as server, Client(server.address, limits=QUICK_LIMITS) as client:
            for number in range(3):
                self.assertEqual(await client.call("m", idempotent=True), number)

    async def test_the_second_address_is_taken_when_the_first_is_dead(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            await peer.reply(await peer.receive_call(), "second")
            await peer.until_closed()

        async with Double(lambda _: asyncio.sleep(0)) as dead:
            first = dead.address
        async with Double(script) as server, Client([first, server.address], limits=QUICK_LIMITS) as client:
            self.assertEqual(await client.call("m"), "second")

    async def test_garbage_ends_the_connection(self) -> None:
        for octets in (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            encode_plain(b"nonsense"),
            b"\x7f\xff\xff\xff",
            b"\x80\x00\x00\x01x",
            encode_plain(b"\xef\xbb\xbf{}"),
        ):

            async def script(peer: Peer, octets: bytes = octets) -> None:
                await peer.greet()
                await peer.receive_call()
                await peer.send_raw(octets)
                await peer.until_closed()

            with self.subTest(octets=octets):
                async with Double(script) as server, Client(server.address, retry=ONCE) as client:
                    error = await self.error(client.call("m"))
                self.assertEqual(error.reason, "connection_lost")

    async def test_the_servers_last_words_are_told(self) -> None:
        async def script(peer: Peer) -> None:
            await peer.greet()
            await peer.receive_call()
            await peer.fail({"id": None}, -32070, "a frame too long", reason="size")

        async with Double(script) as server, Client(server.address, retry=ONCE) as client:
            error = await self.error(client.call("m"))
        self.assertIn("a frame too long", error.message)

    async def test_close_ends_calls_under_way(self) -> None:
        called = asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.greet()
            await peer.receive_call()
            called.set()
            await peer.until_closed()

        async with Double(script) as server, asyncio.TaskGroup() as tasks:
            client = Client(server.address)
            call = tasks.create_task(self.error(client.call("m")))
            await called.wait()
            await client.close()
            self.assertEqual((await call).status, Status.UNAVAILABLE)

    async def test_frames_that_never_left_are_known_not_to_have_started(self) -> None:
        stopped = asyncio.Event()

        async def script(peer: Peer) -> None:
            await peer.greet("meta")
            await stopped.wait()  # Takes nothing: what the system does not buffer stays with the client.
            peer.reset()

        async with Double(script) as server, Client(server.address, retry=ONCE) as client:
            await client.connect()
            calls = [asyncio.ensure_future(client.call("m", ["x" * 4_000_000])) for _ in range(4)]
            await asyncio.sleep(0)
            while (connection := client._connector.current) and not connection._is_paused:
                await asyncio.sleep(0)
            stopped.set()
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
        errors = [outcome for outcome in outcomes if isinstance(outcome, RPCError)]
        self.assertEqual({error.reason for error in errors}, {"connection_lost"})
        self.assertEqual([error.not_started for error in errors][1:], [True] * 3)


class HelloFaultTests(FaultCase):
    async def test_a_server_that_is_full_is_no_stranger(self) -> None:
        async def script(peer: Peer) -> None:
            if peer.number < 2:
                data = {"status": "UNAVAILABLE", "reason": "overloaded", "not_started": True}
                error = {"code": -32064, "message": "full", "data": data}
                return await peer.send({"jsonrpc": "2.0", "id": None, "error": error})
            await peer.greet()
            await peer.reply(await peer.receive_call(), "a place")
            await peer.until_closed()

        async with Double(script) as server:
            async with Client(server.address, retry=ONCE, limits=QUICK_LIMITS) as client:
                error = await self.error(client.call("m"))
            self.assertEqual((error.code, error.reason, error.not_started), (-32064, "overloaded", True))
            self.assertEqual(server.count, 1)
            async with Client(server.address, retry=QUICK, limits=QUICK_LIMITS) as client:
                self.assertEqual(await client.call("m"), "a place")
                self.assertTrue(client.is_negotiated)
            self.assertEqual(server.count, 3)

    async def test_strangers_are_spoken_to_plainly(self) -> None:
        async def refuses(peer: Peer) -> None:
            await peer.fail(await peer.receive_call(), -32601, "no such method")
            await answers(peer)

        async def is_silent(peer: Peer) -> None:
            await peer.receive_call()
            await answers(peer)

        async def hangs_up(peer: Peer) -> None:
            call = await peer.receive_call()
            if call["method"] != "rpc.hello":
                await peer.reply(call, set(call) == {"jsonrpc", "id", "method", "params"})
                await peer.until_closed()

        async def answers(peer: Peer) -> None:
            call = await peer.receive_call()
            await peer.reply(call, set(call) == {"jsonrpc", "id", "method", "params"})
            await peer.until_closed()

        # Whoever hangs up may be stopping: hello is said once more.
        for script, connections in ((refuses, 1), (is_silent, 1), (hangs_up, 3)):
            with self.subTest(script.__name__):
                async with Double(script) as server, Client(server.address, limits=QUICK_LIMITS) as client:
                    self.assertTrue(await client.call("m", [1], timeout=5))
                    self.assertFalse(client.is_negotiated)
                self.assertEqual(server.count, connections)

    async def test_wrong_credentials_fail_the_calls_and_are_not_tried_again(self) -> None:
        async def script(peer: Peer) -> None:
            hello = await peer.receive_call()
            assert hello["params"]["auth"] == {"token": "t"}
            await peer.fail(hello, -32066, "who?", status="UNAUTHENTICATED", reason="credentials")
            await peer.until_closed()

        async with Double(script) as server, Client(server.address, token="t", limits=QUICK_LIMITS) as client:
            error = await self.error(client.call("m"))
        self.assertEqual((error.status, error.reason), (Status.UNAUTHENTICATED, "credentials"))
        self.assertEqual(server.count, 1)

    async def test_an_answer_that_comes_late_still_counts(self) -> None:
        async def script(peer: Peer) -> None:
            hello = await peer.receive_call()
            call = await peer.receive_call()
            await peer.reply(hello, {"version": 1, "features": ["meta"], "limits": {}})
            await peer.reply(call, "plain")
            call = await peer.receive_call()
            await peer.reply(call, call["meta"]["request_id"])
            await peer.until_closed()

        async with Double(script) as server, Client(server.address, limits=QUICK_LIMITS) as client:
            self.assertEqual(await client.call("m"), "plain")
            self.assertEqual(await client.call("m", request_id="r"), "r")
