"""Calls any method and prints its result.

    python samples/call.py export.demo.page '{"page": 1, "limit": 2}'
"""

from __future__ import annotations

import argparse
import json

from common import parser, run

from pailou import Client


async def call(client: Client, arguments: argparse.Namespace) -> None:
    params = None if arguments.params is None else json.loads(arguments.params)
    result = await client.call(arguments.method, params, timeout=arguments.timeout)
    print(json.dumps(result, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    options = parser("call any method")
    options.add_argument("method", metavar="METHOD")
    options.add_argument("params", nargs="?", metavar="PARAMS_JSON")
    options.add_argument("--timeout", type=float, metavar="SECONDS")
    run(call, options.parse_args())
