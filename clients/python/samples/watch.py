"""Follows an export line by line until it has come to its end.

    python samples/watch.py HASH_KEY
"""

from __future__ import annotations

import argparse
import json

from common import parser, run

from pailou import Client


async def watch(client: Client, arguments: argparse.Namespace) -> None:
    async with client.events("export.job.events", {"key": arguments.key}, idempotent=True) as events:
        async for event in events:
            print(event.kind, json.dumps(event.data, ensure_ascii=False), flush=True)
        print("ended", json.dumps(await events.result(), ensure_ascii=False))


if __name__ == "__main__":
    options = parser("watch the progress of an export")
    options.add_argument("key", metavar="KEY")
    run(watch, options.parse_args())
