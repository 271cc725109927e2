"""The client against the real server, which speaks TLS and asks for tokens."""

from __future__ import annotations

import atexit
import functools
import subprocess
import tempfile
import unittest
from pathlib import Path

from pailou import TLS, Client, RetryPolicy, RPCError, Status

from .support.certificates import Pair, authority, stranger
from .support.server import Server, program

ONCE = RetryPolicy(tries=1)
NAME = "service.test"


def trust(**identity: str) -> TLS:
    return TLS(ca_file=authority().ca_file, server_name=NAME, **identity)


def serve(*arguments: str, tokens: str | None = None, asks_for_certificates: bool = False) -> Server:
    """A server whose RPC ports all speak TLS."""
    pair: Pair = authority().issue(NAME)
    environment = {"PAILOU_RPC_TLS_CERTIFICATE": pair.cert, "PAILOU_RPC_TLS_KEY": pair.key}
    if tokens is not None:
        environment["PAILOU_RPC_TOKENS_FILE"] = tokens
    if asks_for_certificates:
        environment["PAILOU_RPC_TLS_CLIENT_AUTHORITY"] = authority().ca_file
    server = Server(*arguments, **environment)
    atexit.register(server.stop)
    return server


@functools.cache
def token() -> tuple[str, str]:
    """A token of `reports`, and the file that a server knows it by."""
    done = subprocess.run([program(), "token", "reports"], capture_output=True, text=True, check=True)
    shown, line = done.stdout.splitlines()
    directory = tempfile.TemporaryDirectory(prefix="pailou-tokens-")
    atexit.register(directory.cleanup)
    file = Path(directory.name, "tokens")
    file.write_text(line + "\n")
    return shown, str(file)


@functools.cache
def guarded_server() -> Server:
    return serve(tokens=token()[1])


class TokenTests(unittest.IsolatedAsyncioTestCase):
    def client(self, role: str = "gateway", *, shows: str | None, tls: TLS | None) -> Client:
        return Client(guarded_server().rpc(role), token=shows, tls=tls, retry=ONCE, timeout=30)

    async def refusal(self, client: Client) -> RPCError:
        async with client:
            with self.assertRaises(RPCError) as caught:
                await client.call("get_data")
        return caught.exception

    async def test_whoever_shows_its_token_is_served(self) -> None:
        for role in ("gateway", "demo"):
            async with self.client(role, shows=token()[0], tls=trust()) as client:
                self.assertEqual(await client.call("get_data"), ["hello", 5])
                self.assertLessEqual({"meta", "cancel", "stream", "xframe", "goaway"}, client.features)
                self.assertEqual(await client.call("demo.echo", ["x" * 1_000_000]), ["x" * 1_000_000])

    async def test_events_and_octets_come_by_tls(self) -> None:
        async with self.client(shows=token()[0], tls=trust()) as client:
            async with client.events("demo.count", {"to": 300}) as events:
                self.assertEqual([event.data async for event in events], list(range(1, 301)))
                self.assertEqual(await events.result(), {"counted": 300})
            async with client.stream("demo.stream", {"bytes": 300_000}) as stream:
                self.assertEqual(len(await stream.read()), 300_000)

    async def test_others_are_not(self) -> None:
        for shown in (None, "plt_wrong", token()[0][:-1], token()[0] + "x"):
            with self.subTest(shown=shown):
                error = await self.refusal(self.client(shows=shown, tls=trust()))
                self.assertEqual((error.status, error.reason), (Status.UNAUTHENTICATED, "credentials"))
                self.assertNotIn(token()[0][:-1], str(error))

    async def test_neither_side_speaks_without_tls(self) -> None:
        for tls in (None, TLS(ca_file=stranger().ca_file, server_name=NAME), TLS(ca_file=authority().ca_file)):
            error = await self.refusal(self.client(shows=token()[0], tls=tls))
            self.assertEqual(error.status, Status.UNAVAILABLE)


class CertificateTests(unittest.IsolatedAsyncioTestCase):
    async def test_a_certificate_is_as_good_as_a_token(self) -> None:
        server = serve("--role", "demo", asks_for_certificates=True)
        mine = authority().issue("me", usage="clientAuth")
        async with Client(server.rpc("demo"), tls=trust(cert_file=mine.cert, key_file=mine.key)) as client:
            self.assertEqual(await client.call("get_data"), ["hello", 5])
        async with Client(server.rpc("demo"), tls=trust(), retry=ONCE, timeout=30) as client:
            with self.assertRaises(RPCError) as caught:
                await client.call("get_data")
        self.assertEqual(caught.exception.status, Status.UNAVAILABLE)


class WatchTests(unittest.IsolatedAsyncioTestCase):
    async def test_a_watched_server_tells_when_it_stops(self) -> None:
        server = Server("--role", "demo")
        try:
            async with Client(server.rpc("demo"), retry=ONCE) as client:
                async with client.events("rpc.health", {"watch": True}) as events:
                    self.assertEqual((await anext(events)).data["status"], "ok")
                    server.terminate()
                    self.assertEqual((await anext(events)).data["status"], "draining")
        finally:
            server.stop()
