"""TLS over real sockets: who is trusted, who is not, and what a client certificate says."""

from __future__ import annotations

import asyncio
import ssl
import unittest
from typing import Any

from pailou import TLS, Client, Limits, RetryPolicy, RPCError, Status

from .support.certificates import Pair, authority, stranger
from .support.double import Double, Peer

ONCE = RetryPolicy(tries=1)
QUICK = Limits(connect_timeout=5, hello_timeout=1, backoff_min=0.01, backoff_max=0.02)


async def echo(peer: Peer) -> None:
    """Answers each call with its parameters, and the first with the common name of the client's certificate."""
    await peer.greet()
    certificate = peer.writer.get_extra_info("peercert") or {}
    names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    while True:
        call = await peer.receive_call()
        await peer.reply(call, call.get("params") or names)


def context(pair: Pair, *, clients: str | None = None) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pair.cert, pair.key)
    if clients is not None:
        made.load_verify_locations(clients)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


class TLSTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        # The double's side of a refused handshake would be logged.
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)

    async def call(self, server: Double, tls: TLS | None, params: Any = None) -> Any:
        async with asyncio.timeout(20), Client(server.address, tls=tls, retry=ONCE, limits=QUICK) as client:
            return await client.call("m", params)

    async def refused(self, server: Double, tls: TLS | None) -> str:
        with self.assertRaises(RPCError) as caught:
            await self.call(server, tls)
        self.assertEqual(caught.exception.status, Status.UNAVAILABLE)
        return caught.exception.message

    async def test_a_server_whose_authority_and_name_are_right_is_trusted(self) -> None:
        async with Double(echo, context(authority().issue("service.test"))) as server:
            tls = TLS(ca_file=authority().ca_file, server_name="service.test")
            self.assertEqual(await self.call(server, tls, ["x" * 200_000]), ["x" * 200_000])

    async def test_others_are_not(self) -> None:
        right = TLS(ca_file=authority().ca_file, server_name="service.test")
        async with Double(echo, context(authority().issue("other.test"))) as server:
            self.assertIn("service.test", await self.refused(server, right))
        async with Double(echo, context(stranger().issue("service.test"))) as server:
            self.assertIn("certificate verify failed", await self.refused(server, right))
            self.assertIn("certificate verify failed", await self.refused(server, TLS(server_name="service.test")))

    async def test_neither_side_falls_back_to_plain_text(self) -> None:
        async with Double(echo, context(authority().issue("service.test"))) as server:
            await self.refused(server, None)
        async with Double(echo) as server:
            await self.refused(server, TLS(ca_file=authority().ca_file, server_name="service.test"))

    async def test_a_client_shows_its_certificate(self) -> None:
        mine = authority().issue("me", usage="clientAuth")
        served = context(authority().issue("service.test"), clients=authority().ca_file)
        async with Double(echo, served) as server:
            files = TLS(authority().ca_file, "service.test", mine.cert, mine.key)
            self.assertEqual(await self.call(server, files), ["me"])
            await self.refused(server, TLS(authority().ca_file, "service.test"))

    async def test_files_that_are_not_there_are_named(self) -> None:
        async with Double(echo) as server:
            await self.refused(server, TLS(ca_file="/nonexistent/ca.pem"))


