"""Streams and long messages in the state machine of a connection, with a clock set by hand and no socket."""

from __future__ import annotations

import json
import unittest

from pailou._frames import (
    MORE,
    OPAQUE,
    FrameError,
)
from pailou._messages import Content, encode
from pailou.errors import Status
from pailou.settings import Limits, Settings

from .support.bench import Bench, error_of


class StreamTests(unittest.TestCase):
    def test_items_cost_credit_that_the_reader_gives_back(self) -> None:
        bench = Bench().greeted()
        call, receiver = bench.call(credit=2)
        bench.sent()
        for seq in (1, 2):
            bench.notify("rpc.event", id=1, seq=seq, kind="item", data=seq)
        bench.notify("rpc.event", id=1, seq=3, kind="progress", data={})
        self.assertEqual([e.data for e in receiver.events], [1, 2, {}])
        bench.session.grant(call, 1)
        self.assertEqual(bench.sent()[0]["params"], {"id": 1, "n": 1})
        bench.notify("rpc.event", id=1, seq=4, kind="item", data=3)
        with self.assertRaisesRegex(FrameError, "credit"):
            bench.notify("rpc.event", id=1, seq=5, kind="item", data=4)

    def test_events_nobody_asked_for_are_passed_over(self) -> None:
        bench = Bench().greeted()
        _, receiver = bench.call()
        bench.notify("rpc.event", id=1, seq=1, kind="item", data=1)
        bench.notify("rpc.event", id=99, seq=1, kind="item", data=1)
        bench.notify("rpc.event", seq=1)
        self.assertEqual(receiver.events, [])

    def test_a_byte_stream_has_a_head_chunks_and_a_clean_end(self) -> None:
        bench = Bench().greeted()
        _, receiver = bench.call(credit=2)
        bench.chunk(OPAQUE | MORE, {"id": 1, "content": {"type": "text/plain", "size": 4}}, b"ab")
        bench.chunk(OPAQUE | MORE, {"id": 1}, b"cd")
        self.assertIsNone(receiver.meta)
        bench.chunk(OPAQUE, {"id": 1}, b"")
        self.assertEqual((receiver.head, receiver.octets), (Content(type="text/plain", size=4), b"abcd"))
        self.assertEqual(receiver.meta, {})

    def test_chunks_beyond_the_credit_end_the_connection(self) -> None:
        bench = Bench().greeted()
        bench.call(credit=1)
        bench.chunk(OPAQUE | MORE, {"id": 1}, b"ab")
        with self.assertRaisesRegex(FrameError, "credit"):
            bench.chunk(OPAQUE | MORE, {"id": 1}, b"cd")

    def test_octets_for_a_call_that_asked_for_none_end_the_call(self) -> None:
        bench = Bench().greeted()
        _, receiver = bench.call()
        bench.sent()
        bench.chunk(OPAQUE | MORE, {"id": 1}, b"ab")
        self.assertEqual(error_of(receiver).reason, "stream")
        self.assertEqual(bench.sent()[0]["method"], "rpc.cancel")
        bench.chunk(OPAQUE | MORE, {"id": 1}, b"cd")
        bench.fail(1, -32051)
        self.assertTrue(bench.session.is_idle)


class ChunkedTests(unittest.TestCase):
    PARAMS = encode(["x" * 1_500_000])

    def test_a_large_call_travels_in_chunks_each_for_a_credit(self) -> None:
        bench = Bench().greeted()
        bench.call("big", self.PARAMS, request_id="r")
        frames = bench.sent()
        self.assertEqual(len(frames), 16)
        self.assertEqual(
            frames[0][:2], (MORE, {"jsonrpc": "2.0", "id": 1, "method": "big", "meta": {"request_id": "r"}})
        )
        self.assertEqual(frames[1][:2], (MORE, {"jsonrpc": "2.0", "id": 1}))
        self.assertEqual({len(f[2]) for f in frames}, {65_536})
        bench.notify("rpc.credit", id=1, n=100)
        rest = bench.sent()
        self.assertEqual([f[0] for f in rest], [MORE] * 6 + [0])
        self.assertEqual(b"".join(f[2] for f in frames + rest), self.PARAMS)

    def test_small_calls_go_before_the_chunks_of_large_ones_which_take_turns(self) -> None:
        bench = Bench().greeted()
        for _ in range(2):
            bench.call("big", self.PARAMS)
        bench.call("small")
        frames = bench.sent()
        self.assertEqual(frames[0]["method"], "small")
        self.assertEqual([f[1]["id"] for f in frames[1:5]], [1, 2, 1, 2])

    def test_an_early_error_stops_the_chunks(self) -> None:
        bench = Bench().greeted()
        _, receiver = bench.call("big", self.PARAMS)
        bench.sent()
        bench.fail(1, -32064, status="UNAVAILABLE", not_started=True)
        self.assertTrue(error_of(receiver).not_started)
        bench.notify("rpc.credit", id=1, n=100)
        self.assertEqual(bench.sent(), [])

    def test_a_half_sent_call_given_up_is_cancelled(self) -> None:
        bench = Bench().greeted()
        call, _ = bench.call("big", self.PARAMS)
        bench.sent()
        bench.session.abandon(call, "gone", bench.now)
        bench.notify("rpc.credit", id=1, n=100)
        self.assertEqual([m["method"] for m in bench.sent()], ["rpc.cancel"])

    def test_a_large_call_without_credit_ends_after_a_minute(self) -> None:
        bench = Bench().greeted()
        _, receiver = bench.call("big", self.PARAMS)
        bench.sent()
        for _ in range(59):
            bench.tick(1)
            bench.notify("sign.of.life")
        self.assertIsNone(receiver.error)
        bench.tick(2)
        self.assertEqual((error_of(receiver).status, error_of(receiver).reason), (Status.ABORTED, "stalled"))
        self.assertEqual([m["method"] for m in bench.sent()], ["rpc.cancel"])

    def test_a_large_call_is_a_plain_frame_where_chunks_were_not_agreed_on(self) -> None:
        bench = Bench().greeted(["meta"])
        bench.call("big", self.PARAMS)
        self.assertEqual(bench.sent()[0]["params"], json.loads(self.PARAMS))

    def test_a_large_reply_is_put_together_and_credit_given_back(self) -> None:
        bench = Bench().greeted()
        _, receiver = bench.call()
        bench.sent()
        pieces = [self.PARAMS[at : at + 65_536] for at in range(0, len(self.PARAMS), 65_536)]
        for number, piece in enumerate(pieces):
            header = {"id": 1, "meta": {"server_ms": 7}} if number == 0 else {"id": 1}
            bench.chunk(MORE if number + 1 < len(pieces) else 0, header, piece)
        self.assertEqual(receiver.result, json.loads(self.PARAMS))
        self.assertEqual(receiver.meta, {"server_ms": 7})
        self.assertEqual([m["params"] for m in bench.sent()], [{"id": 1, "n": 8}, {"id": 1, "n": 8}])

    def test_a_whole_result_beside_its_header(self) -> None:
        bench = Bench().greeted()
        _, receiver = bench.call()
        bench.chunk(0, {"id": 1}, b"[1,2]")
        self.assertEqual(receiver.result, [1, 2])

    def test_a_reply_above_the_limit_ends_the_call_and_not_the_connection(self) -> None:
        bench = Bench(settings=Settings(limits=Limits(frame_bytes_max=100_000))).greeted()
        _, receiver = bench.call()
        _, other = bench.call()
        bench.sent()
        for _ in range(3):
            bench.chunk(MORE, {"id": 1}, b"x" * 60_000)
        self.assertEqual(error_of(receiver).code, -32070)
        self.assertEqual([m["method"] for m in bench.sent()], ["rpc.cancel"])
        bench.reply(2, "fine")
        self.assertEqual(other.result, "fine")

    def test_above_the_budget_only_the_oldest_reply_goes_on(self) -> None:
        bench = Bench(settings=Settings(limits=Limits(partial_bytes_max=1_000_000))).greeted()
        bench.call()
        bench.call()
        bench.sent()
        for _ in range(9):
            bench.chunk(MORE, {"id": 1}, b"x" * 65_536)
            bench.chunk(MORE, {"id": 2}, b"x" * 65_536)
        self.assertEqual([m["params"] for m in bench.sent()], [{"id": 1, "n": 8}])
        bench.fail(1, -32603)
        self.assertEqual([m["params"] for m in bench.sent()], [{"id": 2, "n": 9}])

    def test_a_large_reply_that_stops_ends(self) -> None:
        bench = Bench().greeted()
        _, receiver = bench.call()
        bench.chunk(MORE, {"id": 1}, b"[")
        for _ in range(31):
            bench.tick(1)
            bench.notify("sign.of.life")
        self.assertEqual((error_of(receiver).status, error_of(receiver).reason), (Status.DEADLINE_EXCEEDED, "frame"))
