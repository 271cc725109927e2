"""What servers do wrong, over real sockets: every call ends, with the right word, and nothing is done twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

from pailou import Client, Limits, RetryPolicy, RPCError, Status
from pailou._frames import MORE, OPAQUE, encode_plain

from .support.double import Double, Peer

ONCE = RetryPolicy(tries=1)
QUICK = RetryPolicy(delay_min=0.01, delay_max=0.02)
QUICK_LIMITS = Limits(connect_timeout=2, hello_timeout=0.2, backoff_min=0.01, backoff_max=0.05)


class FaultCase(unittest.IsolatedAsyncioTestCase):
    async def error(self, work: Any) -> RPCError:
        async with asyncio.timeout(10):
            with self.assertRaises(RPCError) as caught:
                await work
        return caught.exception


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
            b"HTTP/1.1 400 Bad Request\r\n\r\n", encode_plain(b"nonsense"), b"\x7f\xff\xff\xff", b"\x80\x00\x00\x01x",
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
            (cut, Status.UNAVAILABLE), (breaks, Status.DATA_LOSS), (is_short, Status.DATA_LOSS),
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
            self.assertEqual(client._call_count, 0)

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
