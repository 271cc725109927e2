"""Every case of `protocol/vectors/` that concerns the wire: its octets over a real socket to the real server, and what
comes back through the library's own decoder.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import unittest
from pathlib import Path
from typing import Any

from pailou import _messages
from pailou._connector import parse_address
from pailou._frames import (
    CHUNK_BYTES_MAX,
    MORE,
    OPAQUE,
    ExtendedFrame,
    Frame,
    FrameDecoder,
    FrameError,
    encode_extended,
    encode_plain,
)

from .support.patterns import check_stream, in_any_order, is_match, unfold
from .support.server import VECTORS, shared_server

#: Cases that send less are sent octet by octet, too.
OCTETS_MAX = 4096
SECONDS_MAX = 20


class Conversation:
    """A socket, and the frames that came over it."""

    def __init__(self, *, by_octet: bool) -> None:
        self._socket = socket.create_connection(parse_address(shared_server().rpc("demo")), SECONDS_MAX)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._decoder = FrameDecoder(64 << 20)
        self._frames: list[Frame] = []
        self._by_octet = by_octet
        self._is_plain = True
        self._received = b""

    def close(self) -> None:
        self._socket.close()

    def send(self, octets: bytes) -> None:
        size = 1 if self._by_octet else max(1, len(octets))
        # A server that has heard enough may have closed already; what it says is looked at later.
        with contextlib.suppress(ConnectionError):
            for at in range(0, len(octets), size):
                self._socket.sendall(octets[at : at + size])

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def _read(self) -> bytes:
        try:
            octets = self._socket.recv(65_536)
        except ConnectionError:
            return b""
        self._received += octets
        return octets

    def frame(self) -> Frame:
        while not self._frames:
            octets = self._read()
            assert octets, "the server closed before everything expected had come"
            self._frames += self._decoder.feed(octets)
        frame = self._frames.pop(0)
        self._look(frame)
        return frame

    def _look(self, frame: Frame) -> None:
        """The library understands what the server says, and from the answer to hello on it speaks as agreed."""
        for message in _messages.messages(frame):
            if isinstance(message, _messages.Success) and isinstance(message.result, dict):
                features = message.result.get("features")
                if message.result.get("version") == 1 and isinstance(features, list):
                    self._is_plain = False
                    self._decoder.allows_extended = "xframe" in features

    def receive(self, patterns: list[Any]) -> None:
        if len(patterns) == 1 and isinstance(patterns[0], dict) and "stream" in patterns[0]:
            return self._receive_stream(patterns[0]["stream"])
        if len(patterns) == 1 and isinstance(patterns[0], dict) and "chunks" in patterns[0]:
            return self._receive_chunks(patterns[0]["chunks"])
        is_plain = self._is_plain
        frames = [self.frame() for _ in patterns]
        assert in_any_order(
            frames, patterns, lambda frame, pattern: is_match(frame, pattern, is_plain=is_plain)
        ), f"expected {patterns}, found {frames}"

    def _receive_stream(self, pattern: dict[str, Any]) -> None:
        frames = [self.frame()]
        while isinstance(last := frames[-1], ExtendedFrame) and last.flags & MORE:
            frames.append(self.frame())
        check_stream(frames, pattern)

    def _receive_chunks(self, pattern: dict[str, Any]) -> None:
        expected, found, is_last = pattern["text"].encode(), b"", False
        while not is_last and len(found) < len(expected) + (not pattern.get("more", False)):
            chunk = self.frame()
            assert isinstance(chunk, ExtendedFrame), f"expected a chunk, found {chunk}"
            assert json.loads(chunk.header)["id"] == pattern["id"] and not chunk.flags & OPAQUE, chunk.header
            assert len(chunk.payload) <= CHUNK_BYTES_MAX, len(chunk.payload)
            found, is_last = found + chunk.payload, not chunk.flags & MORE
        assert found == expected, f"expected {len(expected)} octets, found {len(found)}"
        assert is_last is not pattern.get("more", False), is_last

    def receive_text(self, text: str) -> None:
        while len(self._received) < len(text):
            assert self._read(), f"expected '{text}', found {self._received!r}"
        assert self._received.startswith(text.encode()), self._received
        with refused():
            list(FrameDecoder(8 << 20).feed(self._received))

    def closed(self) -> None:
        while octets := self._read():
            if self._received.startswith(b"HTTP/"):
                continue
            self._frames += self._decoder.feed(octets)
        assert not self._frames, f"expected the end, found {self._frames}"


@contextlib.contextmanager
def refused() -> Any:
    """What is no frame does not pass for one."""
    try:
        yield
    except FrameError:
        return
    raise AssertionError("the decoder took another protocol for frames")


def octets_of(piece: dict[str, Any]) -> bytes:
    if "hex" in piece:
        return bytes.fromhex(piece["hex"])
    if "text" in piece:
        return str(piece["text"]).encode()
    if "frame" in piece:
        return encode_plain(piece["frame"].encode())
    if "fill" in piece:
        return bytes.fromhex(piece["fill"]) * int(piece["times"])
    x = piece["x"]
    return encode_extended(x["flags"], x["header"].encode(), x.get("payload", "").encode())


def play(steps: list[dict[str, Any]], *, by_octet: bool) -> None:
    conversation = Conversation(by_octet=by_octet)
    try:
        for step in steps:
            if "send" in step:
                conversation.send(b"".join(octets_of(piece) for piece in step["send"]))
            elif "receive" in step:
                conversation.receive(step["receive"])
            elif "receive_text" in step:
                conversation.receive_text(step["receive_text"])
            elif "end" in step:
                conversation.end()
            elif "closed" in step:
                conversation.closed()
            else:
                raise AssertionError(f"a step this runner does not know: {step}")
        if "closed" not in steps[-1]:
            conversation.end()
            conversation.closed()
    finally:
        conversation.close()


def steps_of_message(case: dict[str, Any]) -> list[dict[str, Any]]:
    octets = bytes.fromhex(case["send_hex"]) if "send_hex" in case else case["send"].encode()
    frame = struct.pack("!I", len(octets)) + octets
    return [{"send": [{"hex": frame.hex()}]}, {"end": True}, {"receive": case["replies"]}, {"closed": True}]


def cases(folder: str) -> list[tuple[Path, dict[str, Any]]]:
    files = sorted((VECTORS / folder).glob("*.json"))
    return [(file, case) for file in files for case in unfold(json.loads(file.read_text())["cases"])]


class VectorTests(unittest.TestCase):
    def test_messages(self) -> None:
        found = cases("messages")
        self.assertGreater(len(found), 50)
        for file, case in found:
            with self.subTest(file.stem, case=case["name"]):
                self._run(steps_of_message(case))

    def test_frames(self) -> None:
        found = cases("frames")
        self.assertGreater(len(found), 50)
        for file, case in found:
            with self.subTest(file.stem, case=case["name"]):
                self._run(case["steps"])

    def _run(self, steps: list[dict[str, Any]]) -> None:
        play(steps, by_octet=False)
        sent = sum(len(octets_of(piece)) for step in steps for piece in step.get("send", []))
        if sent < OCTETS_MAX:
            play(steps, by_octet=True)


class DecoderAgreementTests(unittest.TestCase):
    """The library's decoder cuts the frames of every case alike, whole and octet by octet."""

    def test_sent_frames(self) -> None:
        for file, case in cases("frames"):
            octets = b"".join(
                octets_of(piece) for step in case["steps"] for piece in step.get("send", []) if "fill" not in piece
            )
            if len(octets) < OCTETS_MAX:
                with self.subTest(file.stem, case=case["name"]):
                    self.assertEqual(self._cut(octets, len(octets) or 1), self._cut(octets, 1))

    def _cut(self, octets: bytes, size: int) -> tuple[list[Frame], bool]:
        decoder = FrameDecoder(64 << 20)
        decoder.allows_extended = True
        frames: list[Frame] = []
        try:
            for at in range(0, len(octets), size):
                for frame in decoder.feed(octets[at : at + size]):
                    frames.append(frame)
        except FrameError:
            return frames, True
        return frames, False
