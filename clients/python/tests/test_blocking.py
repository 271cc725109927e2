"""The client for programs without asyncio, against the real server."""

from __future__ import annotations

import signal
import socket
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pailou import BlockingClient, RetryPolicy, RPCError, Status

from .support.server import shared_server
from .test_live import demo_octets


class BlockingTests(unittest.TestCase):
    def setUp(self) -> None:
        self.client = BlockingClient(shared_server().rpc("demo"), timeout=30)
        self.addCleanup(self.client.close)

    def test_every_operation(self) -> None:
        client = self.client
        client.connect()
        self.assertTrue(client.is_negotiated)
        self.assertIn("meta", client.features)
        client.ping()
        client.notify("update", [1])
        self.assertEqual(client.call("subtract", [42, 23]), 19)
        self.assertEqual(client.request("get_data").result, ["hello", 5])
        with client.events("demo.count", {"to": 3}) as events:
            self.assertEqual([event.data for event in events], [1, 2, 3])
            self.assertEqual(events.result(), {"counted": 3})
        with client.stream("demo.stream", {"bytes": 100_000}) as stream:
            self.assertEqual(stream.content.size, 100_000)
            self.assertEqual(b"".join(stream), demo_octets(100_000))
        with tempfile.TemporaryDirectory() as directory:
            client.download("demo.stream", {"bytes": 100_000}, Path(directory, "file"))
            self.assertEqual(Path(directory, "file").read_bytes(), demo_octets(100_000))

    def test_errors_are_raised_where_the_call_is(self) -> None:
        with self.assertRaises(RPCError) as caught:
            self.client.call("demo.sleep", {"ms": 20_000}, timeout=0.05)
        self.assertEqual(caught.exception.status, Status.DEADLINE_EXCEEDED)

    def test_many_threads_share_a_client(self) -> None:
        with ThreadPoolExecutor(16) as threads:
            found = list(threads.map(lambda n: self.client.call("subtract", [n, 1]), range(200)))
        self.assertEqual(found, [n - 1 for n in range(200)])

    def test_an_interrupt_cancels_the_call(self) -> None:
        main = threading.get_ident()
        timer = threading.Timer(0.2, lambda: signal.pthread_kill(main, signal.SIGINT))
        timer.start()
        began = time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            self.client.call("demo.sleep", {"ms": 20_000})
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(self.client.call("get_data"), ["hello", 5])

    def test_a_closed_client_stays_closed(self) -> None:
        self.client.close()
        self.client.close()
        with self.assertRaises(RPCError) as caught:
            self.client.call("get_data")
        self.assertEqual(caught.exception.reason, "closed")

    def test_closing_ends_what_other_threads_wait_for(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        # One waits for its reply, the other for its next attempt to reach a server that is not there.
        clients = [self.client, BlockingClient(f"127.0.0.1:{port}", retry=RetryPolicy(delay_min=30, delay_max=30))]
        with ThreadPoolExecutor(2) as threads:
            waiting = [threads.submit(client.call, "demo.sleep", {"ms": 50_000}) for client in clients]
            self.client.ping()
            for client in clients:
                client.close()
            for call in waiting:
                with self.assertRaises(RPCError) as caught:
                    call.result(10)
                self.assertEqual(caught.exception.status, Status.UNAVAILABLE)
