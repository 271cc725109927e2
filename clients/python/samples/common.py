"""What the samples share: the options that say where the server is."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from pailou import TLS, Client, RPCError


def parser(description: str) -> argparse.ArgumentParser:
    """An argument parser with the options that every sample takes."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--address", default="127.0.0.1:7100", metavar="HOST:PORT")
    made.add_argument("--token")
    made.add_argument("--ca-file", metavar="PEM", help="authorities to trust; turns TLS on")
    return made


def run(work: Callable[[Client, argparse.Namespace], Awaitable[None]], arguments: argparse.Namespace) -> None:
    """Runs a sample with a client; a failed call becomes one line and status 1."""
    tls = TLS(ca_file=arguments.ca_file) if arguments.ca_file else None

    async def main() -> None:
        async with Client(arguments.address, token=arguments.token, tls=tls) as client:
            await work(client, arguments)

    try:
        asyncio.run(main())
    except RPCError as error:
        sys.exit(f"error: {error}")
