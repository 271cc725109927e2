"""The client against the real server."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
import unittest
from pathlib import Path

from pailou import Client, RetryPolicy, RPCError, Status

from .support.server import Server, shared_server

ONCE = RetryPolicy(tries=1)


def demo_octets(count: int) -> bytes:
    """What `demo.stream` streams."""
    return (bytes(range(251)) * (count // 251 + 1))[:count]


class LiveCase(unittest.IsolatedAsyncioTestCase):
    """Every test has a client of its own, negotiated with the demo service unless it asks for another."""

    role = "demo"
    plain = False

    async def asyncSetUp(self) -> None:
        self.client = Client(shared_server().rpc(self.role), plain=self.plain, timeout=30)

    async def asyncTearDown(self) -> None:
        await self.client.close()

    async def error(self, method: str, params: object = None, *, timeout: float | None = None) -> RPCError:
        with self.assertRaises(RPCError) as caught:
            await self.client.call(method, params, timeout=timeout)
        return caught.exception


class EverybodyTests(LiveCase):
    """What works with and without hello, and through the gateway."""

    async def test_calls(self) -> None:
        call = self.client.call
        self.assertEqual(await call("subtract", [42, 23]), 19)
        self.assertEqual(await call("subtract", {"minuend": 42, "subtrahend": 23}), 19)
        self.assertEqual(await call("get_data"), ["hello", 5])
        value = {"text": "汉字 \ud800 \n", "numbers": [1.5, 10**30, -0.25], "none": None, "yes": True}
        self.assertEqual(await call("demo.echo", value), value)
        await self.client.ping()
        await self.client.notify("update", [1])

    async def test_a_thousand_calls_at_once(self) -> None:
        found = await asyncio.gather(*(self.client.call("subtract", [n, 1]) for n in range(1000)))
        self.assertEqual(found, [n - 1 for n in range(1000)])

    async def test_errors_say_what_is_wrong(self) -> None:
        error = await self.error("subtract", {"minuend": 1})
        self.assertEqual((error.code, error.status), (-32602, Status.INVALID_ARGUMENT))
        self.assertEqual([(d.path, d.type) for d in error.details], [(("subtrahend",), "missing")])
        error = await self.error("demo.nothing")
        self.assertEqual((error.code, error.status), (-32601, Status.UNIMPLEMENTED))

    async def test_deadlines(self) -> None:
        began = time.monotonic()
        error = await self.error("demo.sleep", {"ms": 20_000}, timeout=0.1)
        self.assertEqual(error.status, Status.DEADLINE_EXCEEDED)
        self.assertLess(time.monotonic() - began, 5)

    async def test_cancelled_calls_leave_the_server(self) -> None:
        calls = [asyncio.ensure_future(self.client.call("demo.sleep", {"ms": 50_000})) for _ in range(300)]
        await self.client.ping()
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        # All places are taken until the server has let go of those calls.
        self.assertEqual(await self.client.call("get_data", timeout=10), ["hello", 5])

    async def test_byte_streams(self) -> None:
        for count in (0, 1, 65_536, 200_000):
            async with self.client.stream("demo.stream", {"bytes": count}) as stream:
                self.assertEqual(await stream.read(), demo_octets(count))

    async def test_a_broken_byte_stream_is_no_file(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "file")
            params = {"bytes": 150_000, "fail_at": 100_000}
            with self.assertRaises(RPCError) as caught:
                await self.client.download("demo.stream", params, file)
            self.assertEqual(caught.exception.status, Status.DATA_LOSS)
            self.assertEqual(list(Path(directory).iterdir()), [])

    async def test_downloads(self) -> None:
        seen: list[tuple[int, int | None]] = []
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "file")
            await self.client.download(
                "demo.stream", {"bytes": 200_000}, file, on_progress=lambda *progress: seen.append(progress)
            )
            self.assertEqual(file.read_bytes(), demo_octets(200_000))
            self.assertEqual(os.listdir(directory), ["file"])
        self.assertEqual(seen[-1], (200_000, None if self.plain else 200_000))

    async def test_events_end_with_the_result(self) -> None:
        async with self.client.events("demo.count", {"to": 100}) as events:
            data = [event.data async for event in events]
            self.assertEqual(await events.result(), {"counted": 100})
        self.assertEqual(data, [] if self.plain else list(range(1, 101)))


class PlainTests(EverybodyTests):
    plain = True

    async def test_nothing_is_agreed_on(self) -> None:
        await self.client.connect()
        self.assertFalse(self.client.is_negotiated)


class GatewayTests(EverybodyTests):
    role = "gateway"


class NegotiatedTests(LiveCase):
    async def test_all_features_are_agreed_on(self) -> None:
        await self.client.connect()
        self.assertLessEqual({"meta", "cancel", "stream", "xframe"}, self.client.features)

    async def test_items_wait_for_their_reader(self) -> None:
        async with self.client.events("demo.count", {"to": 1000}, credit=2) as events:
            first = await anext(events)
            # Had the server not waited, all of them and the reply would have come before this answer.
            await self.client.ping()
            inbox = events._inbox
            assert inbox is not None
            self.assertIsNone(inbox.outcome)
            self.assertLessEqual(len(inbox.queue), 3)
            self.assertEqual([first.data] + [event.data async for event in events], list(range(1, 1001)))

    async def test_events_left_early_are_cancelled(self) -> None:
        async with self.client.events("demo.count", {"to": 1000, "every_ms": 1000}) as events:
            async for event in events:
                self.assertEqual(event.data, 1)
                break
        await self.client.ping()

    async def test_progress(self) -> None:
        seen: list[object] = []
        params = {"to": 3, "every_ms": 1, "progress": True}
        self.assertEqual(await self.client.call("demo.count", params, on_progress=seen.append), {"counted": 3})
        self.assertEqual(seen[-1], {"done": 3, "total": 3})

    async def test_a_stream_says_what_it_is(self) -> None:
        async with self.client.stream("demo.stream", {"bytes": 5}) as stream:
            self.assertEqual((stream.content.size, stream.content.type), (5, "application/octet-stream"))

    async def test_a_stream_is_not_a_call(self) -> None:
        self.assertEqual((await self.error("demo.stream", {"bytes": 5})).reason, "stream")

    async def test_large_messages_travel_beside_small_ones(self) -> None:
        big = ["x" * 5_000_000]
        echoed, *small = await asyncio.gather(
            self.client.call("demo.echo", big), *(self.client.call("get_data") for _ in range(20))
        )
        self.assertEqual(echoed, big)
        self.assertEqual(small, [["hello", 5]] * 20)


class KeyedTests(LiveCase):
    role = "export"

    async def test_a_key_makes_of_two_calls_one(self) -> None:
        source = {"url": f"http://{shared_server().endpoints['facades']['export']}/demo/page", "param": {"limit": 20}}
        params = {
            "timestamp": int(time.time()), "ext_type": "XLSX", "title": "keyed", "user_id": "python",
            "source_http": source,
        }
        replies = [await self.client.request("export.http.submit", params, idem="one") for _ in range(2)]
        self.assertEqual([reply.replayed for reply in replies], [False, True])
        self.assertEqual(replies[0].result, replies[1].result)
        with self.assertRaises(RPCError) as caught:
            await self.client.request("export.http.submit", {**params, "title": "another"}, idem="one")
        self.assertEqual(caught.exception.reason, "idempotency_mismatch")


class RestartTests(unittest.IsolatedAsyncioTestCase):
    async def test_a_client_outlives_its_server(self) -> None:
        server = Server("--role", "demo")
        try:
            address = server.rpc("demo")
            client = Client(address, timeout=30)
            self.assertEqual(await client.call("get_data"), ["hello", 5])
            sleeping = asyncio.ensure_future(client.call("demo.sleep", {"ms": 60_000}))
            await client.ping()
            server.process.kill()
            with self.assertRaises(RPCError) as caught:
                await sleeping
            self.assertEqual(caught.exception.reason, "connection_lost")
        finally:
            server.kill()
        with self.assertRaises(RPCError) as caught:
            await client.call("get_data")
        self.assertEqual(caught.exception.reason, "unreachable")
        again = Server("--role", "demo", "--listen", f"rpc.demo={address}")
        try:
            self.assertEqual(await client.call("get_data"), ["hello", 5])
        finally:
            await client.close()
            again.stop()

    async def test_a_server_that_stops_finishes_its_calls(self) -> None:
        server = Server("--role", "demo")
        try:
            async with Client(server.rpc("demo"), retry=ONCE) as client:
                running = asyncio.ensure_future(client.call("demo.sleep", {"ms": 500}))
                await client.ping()
                server.terminate()
                self.assertEqual(await running, {"slept_ms": 500})
        finally:
            server.stop()
