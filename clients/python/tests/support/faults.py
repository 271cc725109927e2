"""What tests of misbehaving servers have in common."""

from __future__ import annotations

import asyncio
import unittest
from typing import Any

from pailou import Limits, RetryPolicy, RPCError

ONCE = RetryPolicy(tries=1)
QUICK = RetryPolicy(delay_min=0.01, delay_max=0.02)
QUICK_LIMITS = Limits(connect_timeout=2, hello_timeout=0.2, backoff_min=0.01, backoff_max=0.05)


class FaultCase(unittest.IsolatedAsyncioTestCase):
    async def error(self, work: Any) -> RPCError:
        async with asyncio.timeout(10):
            with self.assertRaises(RPCError) as caught:
                await work
        return caught.exception
