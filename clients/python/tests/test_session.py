"""The state machine of a connection, with a clock set by hand and no socket."""

from __future__ import annotations

import json
import unittest
from typing import Any

from pailou._calls import Call, Moved
from pailou._frames import (
    MORE,
    OPAQUE,
    ExtendedFrame,
    FrameDecoder,
    FrameError,
    PlainFrame,
    encode_extended,
    encode_plain,
)
from pailou._hello import HelloRefused
from pailou._messages import Content, Event, encode
from pailou._session import PeerSilent, Phase, Session
from pailou.errors import RPCError, Status
from pailou.settings import Limits, Settings

ALL = ["meta", "xframe", "cancel", "stream", "goaway"]


class Recorder:
    """Keeps what a call was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.head: Content | None = None
        self.octets = b""
        self.result: Any = None
        self.meta: dict[str, Any] | None = None
        self.error: Exception | None = None

    def event(self, event: Event) -> None:
        self.events.append(event)

    def content(self, content: Content) -> None:
        self.head = content

    def chunk(self, data: bytes) -> None:
        self.octets += data

    def succeeded(self, result: Any, meta: dict[str, Any]) -> None:
        self.result, self.meta = result, meta

    def failed(self, error: Exception) -> None:
        self.error = error


class Bench:
    """A session between a test that plays the server and one that plays the callers."""

    def __init__(self, *, greet: bool = True, settings: Settings | None = None) -> None:
        self.now = 100.0
        self.session = Session(settings or Settings(), self.now, greet=greet)
        self._decoder = FrameDecoder(1 << 30)
        self._decoder.allows_extended = True

    def sent(self) -> list[Any]:
        """What the session wrote since the last look: messages, or (flags, header, payload)."""
        octets = self.session.outbox.take(1 << 30, self.now) if self.session.outbox else b""
        found: list[Any] = []
        for frame in self._decoder.feed(octets):
            if isinstance(frame, ExtendedFrame):
                found.append((frame.flags, json.loads(frame.header), frame.payload))
            else:
                assert isinstance(frame, PlainFrame)
                found.append(json.loads(frame.json))
        return found

    def receive(self, message: Any) -> None:
        self.session.receive(encode_plain(encode(message)), self.now)

    def reply(self, id: int, result: Any, **members: Any) -> None:
        self.receive({"jsonrpc": "2.0", "id": id, **members, "result": result})

    def fail(self, id: int | None, code: int, **data: Any) -> None:
        self.receive({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": "m", "data": data}})

    def notify(self, method: str, **params: Any) -> None:
        self.receive({"jsonrpc": "2.0", "method": method, "params": params})

    def chunk(self, flags: int, header: dict[str, Any], payload: bytes) -> None:
        self.session.receive(encode_extended(flags, encode({"jsonrpc": "2.0", **header}), payload), self.now)

    def greeted(self, features: list[str] = ALL, **limits: int) -> Bench:
        self.sent()
        self.reply(0, {"version": 1, "features": features, "limits": limits})
        return self

    def call(self, method: str = "m", params: bytes | None = None, **members: Any) -> tuple[Call, Recorder]:
        receiver = Recorder()
        call = Call(method, params, receiver, **members)
        self.session.submit(call, self.now)
        return call, receiver

    def tick(self, seconds: float) -> None:
        """Lets time pass, in the steps that the session asks for."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.session.next_tick(self.now))
            self.session.tick(self.now)


def error_of(receiver: Recorder) -> RPCError:
    assert isinstance(receiver.error, RPCError), receiver.error
    return receiver.error


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
        self.assertEqual(bench.sent()[0]["meta"], {
            "timeout_ms": 1235, "stream": {"credit": 4, "after": 9}, "request_id": "r", "traceparent": "00-1-2-3",
            "idem": "k", "attempt": 2,
        })
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
        self.assertEqual(bench.sent(), [
            {"jsonrpc": "2.0", "method": "rpc.cancel", "params": {"id": 1, "reason": "gone"}}
        ])
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
