"""Ends an export that is not finished.

    python samples/cancel.py HASH_KEY
"""

from __future__ import annotations

import argparse

from common import parser, run

from pailou import Client


async def cancel(client: Client, arguments: argparse.Namespace) -> None:
    job = await client.call("export.job.cancel", {"key": arguments.key}, idempotent=True, timeout=10)
    print(f"status {job['status']}")


if __name__ == "__main__":
    options = parser("cancel an export")
    options.add_argument("key", metavar="KEY")
    run(cancel, options.parse_args())
