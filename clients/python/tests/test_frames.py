"""The decoder of frames: whole, octet by octet, many at once; and what it refuses."""

from __future__ import annotations

import struct
import unittest

from pailou._frames import (
    MORE,
    OPAQUE,
    ExtendedFrame,
    Frame,
    FrameDecoder,
    FrameError,
    PlainFrame,
    encode_extended,
    encode_plain,
)

SAMPLE: list[tuple[bytes, Frame]] = [
    (encode_plain(b'{"a":1}'), PlainFrame(b'{"a":1}')),
    (encode_plain(b""), PlainFrame(b"")),
    (encode_extended(OPAQUE | MORE, b'{"id":1}', b"x" * 1000), ExtendedFrame(6, b'{"id":1}', b"x" * 1000)),
    (encode_extended(0, b"{}", b""), ExtendedFrame(0, b"{}", b"")),
    (encode_plain(b"[]"), PlainFrame(b"[]")),
]


def decoder(limit: int = 1 << 20, *, extended: bool = True) -> FrameDecoder:
    made = FrameDecoder(limit)
    made.allows_extended = extended
    return made


class DecoderTests(unittest.TestCase):
    def test_a_plain_frame_is_its_length_and_its_octets(self) -> None:
        self.assertEqual(encode_plain(b"hello"), b"\x00\x00\x00\x05hello")

    def test_an_x_frame_is_as_the_specification_writes_it(self) -> None:
        header = b'{"jsonrpc":"2.0","id":1,"method":"subtract"}'
        expected = bytes.fromhex("800000370100002c") + header + b"[42,23]"
        self.assertEqual(encode_extended(0, header, b"[42,23]"), expected)

    def test_frames_come_out_however_the_octets_come_in(self) -> None:
        octets = b"".join(frame for frame, _ in SAMPLE)
        for size in (1, 2, 3, 7, 100, len(octets)):
            with self.subTest(size=size):
                cutter = decoder()
                found = [f for at in range(0, len(octets), size) for f in cutter.feed(octets[at : at + size])]
                self.assertEqual(found, [frame for _, frame in SAMPLE])
                self.assertIsNone(cutter.partial_length)

    def test_a_frame_too_long_is_refused_at_its_header(self) -> None:
        for header in (b"\x00\x00\x04\x01", b"\x7f\xff\xff\xff", b"\x80\x00\x04\x01"):
            with self.subTest(header=header), self.assertRaisesRegex(FrameError, "at most 1024"):
                list(decoder(1024).feed(header))
        self.assertEqual(list(decoder(4).feed(encode_plain(b"1234"))), [PlainFrame(b"1234")])

    def test_bit_31_is_part_of_the_length_until_x_frames_were_agreed_on(self) -> None:
        with self.assertRaisesRegex(FrameError, "found one of 2147483652"):
            list(decoder(extended=False).feed(b"\x80\x00\x00\x04"))

    def test_x_frames_that_do_not_hold_what_they_say_are_refused(self) -> None:
        cases = {
            "no room for the prologue": b"\x80\x00\x00\x03\x01\x00\x00",
            "no room for the header": struct.pack("!IBBH", 0x8000_0004, 1, 0, 1),
            "another type": struct.pack("!IBBH", 0x8000_0004, 9, 0, 0),
        }
        for name, octets in cases.items():
            with self.subTest(name), self.assertRaises(FrameError):
                list(decoder().feed(octets))

    def test_a_frame_that_has_begun_is_known_by_its_length(self) -> None:
        cutter = decoder()
        self.assertIsNone(cutter.partial_length)
        list(cutter.feed(b"\x00\x00"))
        self.assertEqual(cutter.partial_length, 0)
        list(cutter.feed(b"\x00\x09half"))
        self.assertEqual(cutter.partial_length, 9)
