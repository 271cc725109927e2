"""The state machine of a connection, with a clock set by hand and no socket."""

from __future__ import annotations

import unittest

from pailou._calls import Moved
from pailou._frames import (
    FrameError,
    encode_plain,
)
from pailou._hello import HelloRefused, Phase
from pailou._liveness import PeerSilent
from pailou.errors import Status
from pailou.settings import Limits, Settings

from .support.bench import ALL, Bench, error_of


class HelloTests(unittest.TestCase):
    def test_hello_says_who_we_are_and_what_we_take(self) -> None:
        bench = Bench(settings=Settings(name="me/1", token="secret"))
        (hello,) = bench.sent()
        self.assertEqual((hello["id"], hello["method"]), (0, "rpc.hello"))
        self.assertEqual(hello["params"]["versions"], [1])
        self.assertEqual(hello["params"]["peer"], "me/1")
        self.assertEqual(hello["params"]["features"], ALL)
        self.assertEqual(hello["params"]["limits"], {"frame_bytes_max": 64 << 20, "in_flight_max": 256})
        self.assertEqual(hello["params"]["auth"], {"token": "secret"})

    def test_an_answer_is_what_both_sides_know(self) -> None:
        bench = Bench().greeted(["meta", "time-travel"], in_flight_max=8)
        self.assertIs(bench.session.phase, Phase.READY)
        self.assertEqual(bench.session.features, {"meta"})
        self.assertEqual(bench.session.in_flight_max, 8)

    def test_a_stranger_is_spoken_to_plainly(self) -> None:
        for code in (-32601, -32600, -32602):
            with self.subTest(code):
                bench = Bench()
                bench.fail(0, code)
                self.assertIs(bench.session.phase, Phase.READY)
                self.assertFalse(bench.session.is_negotiated)
                self.assertEqual(bench.session.in_flight_max, 64)

    def test_another_error_refuses_this_client(self) -> None:
        bench = Bench()
        with self.assertRaises(HelloRefused) as caught:
            bench.fail(0, -32066, status="UNAUTHENTICATED", reason="credentials")
        self.assertEqual(caught.exception.error.status, Status.UNAUTHENTICATED)

    def test_after_two_seconds_of_silence_the_server_is_a_stranger_and_a_late_answer_still_counts(self) -> None:
        bench = Bench()
        bench.tick(1.9)
        self.assertIs(bench.session.phase, Phase.GREETING)
        bench.tick(0.2)
        self.assertIs(bench.session.phase, Phase.READY)
        self.assertFalse(bench.session.is_negotiated)
        bench.greeted()
        self.assertTrue(bench.session.is_negotiated)
        self.assertEqual(bench.session.features, set(ALL))

    def test_a_plain_client_says_nothing(self) -> None:
        bench = Bench(greet=False)
        self.assertEqual(bench.sent(), [])
        bench.call("m", b"[1]", deadline=bench.now + 1)
        self.assertEqual(bench.sent(), [{"jsonrpc": "2.0", "id": 1, "method": "m", "params": [1]}])


class CallTests(unittest.TestCase):
    def test_replies_find_their_calls_in_any_order(self) -> None:
        bench = Bench().greeted()
        _, first = bench.call("a")
        _, second = bench.call("b", b'{"x":1}')
        self.assertEqual([m["id"] for m in bench.sent()], [1, 2])
        bench.reply(2, "second", meta={"server_ms": 4})
        bench.reply(1, "first")
        self.assertEqual((first.result, second.result, second.meta), ("first", "second", {"server_ms": 4}))
        self.assertTrue(bench.session.is_idle)

    def test_meta_says_what_the_caller_said(self) -> None:
        bench = Bench().greeted()
        bench.call(
            deadline=bench.now + 1.2345, credit=4, after=9, idem="k", attempt=2, request_id="r", traceparent="00-1-2-3"
        )
        self.assertEqual(
            bench.sent()[0]["meta"],
            {
                "timeout_ms": 1235,
                "stream": {"credit": 4, "after": 9},
                "request_id": "r",
                "traceparent": "00-1-2-3",
                "idem": "k",
                "attempt": 2,
            },
        )
        bench.call()
        self.assertNotIn("meta", bench.sent()[0])

    def test_no_meta_where_it_was_not_agreed_on(self) -> None:
        bench = Bench().greeted(["cancel"])
        call, _ = bench.call(deadline=bench.now + 1, idem="k")
        self.assertNotIn("meta", bench.sent()[0])
        self.assertFalse(call.keyed)

    def test_replies_nobody_waits_for_are_passed_over(self) -> None:
        bench = Bench().greeted()
        _, receiver = bench.call()
        bench.reply(77, "unknown")
        bench.receive({"jsonrpc": "2.0", "id": [1], "result": 1})
        bench.receive({"jsonrpc": "2.0", "id": True, "result": 1})
        self.assertIsNone(receiver.result)
        bench.reply(1, "once")
        bench.reply(1, "twice")
        self.assertEqual(receiver.result, "once")

    def test_calls_above_the_agreed_number_wait(self) -> None:
        bench = Bench().greeted(in_flight_max=2)
        for _ in range(4):
            bench.call()
        self.assertEqual([m["id"] for m in bench.sent()], [1, 2])
        bench.reply(2, None)
        self.assertEqual([m["id"] for m in bench.sent()], [3])

    def test_a_cancelled_call_keeps_its_place_until_its_reply_comes(self) -> None:
        bench = Bench().greeted(in_flight_max=1)
        call, receiver = bench.call()
        bench.call()
        bench.sent()
        bench.session.abandon(call, "gone", bench.now)
        self.assertEqual(
            bench.sent(), [{"jsonrpc": "2.0", "method": "rpc.cancel", "params": {"id": 1, "reason": "gone"}}]
        )
        bench.fail(1, -32051)
        self.assertEqual([m["id"] for m in bench.sent()], [2])
        self.assertIsNone(receiver.error)

    def test_a_call_that_waits_is_cancelled_without_a_word(self) -> None:
        bench = Bench().greeted(in_flight_max=1)
        bench.call()
        waiting, _ = bench.call()
        bench.sent()
        bench.session.abandon(waiting, "gone", bench.now)
        bench.reply(1, None)
        self.assertEqual(bench.sent(), [])

    def test_a_stranger_is_told_of_cancels_by_the_name_others_use(self) -> None:
        bench = Bench(greet=False)
        call, _ = bench.call()
        bench.session.abandon(call, "gone", bench.now)
        self.assertEqual(bench.sent()[1], {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 1}})

    def test_replies_that_never_come_give_their_places_back_and_cost_the_connection_in_the_end(self) -> None:
        bench = Bench(settings=Settings(limits=Limits(lost_max=2))).greeted(in_flight_max=1)
        for expected in (Phase.READY, Phase.RETIRED):
            call, _ = bench.call()
            bench.session.abandon(call, "gone", bench.now)
            for _ in range(32):
                bench.tick(1)
                bench.notify("sign.of.life")
            self.assertIs(bench.session.phase, expected)
            self.assertTrue(bench.session.is_idle)

    def test_a_call_the_server_would_not_take_is_not_sent(self) -> None:
        bench = Bench().greeted(frame_bytes_max=2048)
        _, receiver = bench.call("m", b'"' + b"x" * 4096 + b'"')
        self.assertEqual(error_of(receiver).code, -32070)
        self.assertEqual(bench.sent(), [])

    def test_a_lost_connection_ends_every_call_and_says_what_was_not_started(self) -> None:
        bench = Bench().greeted(in_flight_max=3)
        calls = [bench.call() for _ in range(2)]
        bench.sent()
        unwritten = bench.call()
        waiting = bench.call()
        bench.session.lost("host:1", "reset", calls[1][0])
        lost = [error_of(receiver) for _, receiver in (*calls, unwritten)]
        self.assertEqual({e.reason for e in lost}, {"connection_lost"})
        self.assertEqual([e.not_started for e in lost], [False, True, True])
        self.assertIsInstance(waiting[1].error, Moved)

    def test_last_words_of_the_server_say_why_it_closed(self) -> None:
        bench = Bench().greeted()
        _, receiver = bench.call()
        bench.fail(None, -32070, reason="size")
        bench.session.lost("host:1", None)
        self.assertIn("-32070", error_of(receiver).message)

    def test_what_is_no_message_ends_the_connection(self) -> None:
        for text in (b"nonsense", b"1", b"[1]", b"{}", b'{"id":1}', b"\xff", b"", b'{"id":1,"result":NaN}'):
            with self.subTest(text), self.assertRaises(FrameError):
                Bench().greeted().session.receive(encode_plain(text), 100.0)
        with self.assertRaises(FrameError):
            Bench().greeted().session.receive(encode_plain(b"[" * 100_000 + b"]" * 100_000), 100.0)


class EndTests(unittest.TestCase):
    def test_goaway_is_acknowledged_and_new_calls_go_elsewhere(self) -> None:
        bench = Bench().greeted(in_flight_max=1)
        _, running = bench.call()
        _, waiting = bench.call()
        bench.sent()
        bench.notify("rpc.goaway", reason="draining", grace_ms=30_000)
        self.assertEqual(bench.sent(), [{"jsonrpc": "2.0", "method": "rpc.goaway_ack"}])
        self.assertIs(bench.session.phase, Phase.RETIRED)
        self.assertIsInstance(waiting.error, Moved)
        _, late = bench.call()
        self.assertIsInstance(late.error, Moved)
        bench.reply(1, "still answered")
        self.assertEqual(running.result, "still answered")
        self.assertTrue(bench.session.is_idle)

    def test_a_server_that_refuses_because_it_stops_gets_no_more_calls(self) -> None:
        bench = Bench().greeted(["meta"])
        _, receiver = bench.call()
        bench.fail(1, -32064, status="UNAVAILABLE", reason="draining", not_started=True)
        self.assertTrue(error_of(receiver).not_started)
        self.assertIs(bench.session.phase, Phase.RETIRED)

    def test_where_goaway_was_agreed_on_only_goaway_ends_a_connection(self) -> None:
        bench = Bench().greeted()
        bench.call()
        bench.fail(1, -32064, status="UNAVAILABLE", reason="draining", not_started=True)
        self.assertIs(bench.session.phase, Phase.READY)

    def test_silence_is_answered_with_a_ping_and_twice_as_long_ends_the_connection(self) -> None:
        bench = Bench().greeted()
        bench.tick(9.9)
        self.assertEqual(bench.sent(), [])
        bench.tick(0.2)
        (ping,) = bench.sent()
        self.assertEqual(ping["method"], "rpc.ping")
        bench.reply(ping["id"], "pong")
        bench.tick(9.9)
        self.assertEqual(bench.sent(), [])
        bench.tick(0.2)
        self.assertEqual([m["method"] for m in bench.sent()], ["rpc.ping"])
        with self.assertRaisesRegex(PeerSilent, "20.0 s"):
            bench.tick(10)

    def test_a_plain_server_is_not_pinged(self) -> None:
        bench = Bench(greet=False)
        bench.tick(100)
        self.assertEqual(bench.sent(), [])

    def test_a_frame_that_is_never_completed_ends_the_connection(self) -> None:
        bench = Bench(greet=False)
        bench.session.receive(b"\x00\x01\x00\x00{", bench.now)
        bench.tick(30.9)
        bench.session.receive(b"{", bench.now)
        with self.assertRaisesRegex(PeerSilent, "completed"):
            bench.tick(0.2)
