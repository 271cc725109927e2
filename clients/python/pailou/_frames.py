"""Frames: octets into messages and back, section 1 of the wire specification."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

#: Bit 31 of the length: an x-frame.
EXTENDED = 0x8000_0000
#: Flags of x-frames: the payload is octets; more chunks of this id follow.
OPAQUE, MORE = 2, 4
#: Octets of payload in one chunk.
CHUNK_BYTES_MAX = 65_536
_MESSAGE_TYPE = 1
_LENGTH = struct.Struct("!I")
_EXTENDED_HEAD = struct.Struct("!IBBH")
_PROLOGUE = struct.Struct("!BBH")


class FrameError(Exception):
    """Octets that are no frame, or none this side takes: what follows has no known boundaries."""


@dataclass(frozen=True, slots=True)
class PlainFrame:
    """One message or batch."""

    json: bytes


@dataclass(frozen=True, slots=True)
class ExtendedFrame:
    """A message whose payload stands beside its header."""

    flags: int
    header: bytes
    payload: bytes


Frame = PlainFrame | ExtendedFrame


def encode_plain(json: bytes) -> bytes:
    """A plain frame."""
    return _LENGTH.pack(len(json)) + json


def encode_extended(flags: int, header: bytes, payload: bytes | memoryview) -> bytes:
    """An x-frame of type 1."""
    head = _EXTENDED_HEAD.pack(EXTENDED + 4 + len(header) + len(payload), _MESSAGE_TYPE, flags, len(header))
    return b"".join((head, header, payload))


class FrameDecoder:
    """Cuts what arrives into frames.

    The header decides: a frame that is too long is refused before anything of it is kept, and memory grows only with
    octets that have arrived.
    """

    def __init__(self, frame_bytes_max: int) -> None:
        self._max = frame_bytes_max
        self._buffer = bytearray()
        #: X-frames were agreed on; until then bit 31 is an ordinary bit of the length.
        self.allows_extended = False

    @property
    def partial_length(self) -> int | None:
        """The length of a frame that has begun and is not complete; 0 while its length is not known."""
        if not self._buffer:
            return None
        if len(self._buffer) < _LENGTH.size:
            return 0
        return int(_LENGTH.unpack_from(self._buffer)[0]) & ~EXTENDED

    def feed(self, data: bytes | memoryview) -> Iterator[Frame]:
        """Takes octets and hands out the frames they complete. Raises FrameError; nothing may be fed after that."""
        self._buffer += data
        offset = 0
        try:
            while len(self._buffer) - offset >= _LENGTH.size:
                word = _LENGTH.unpack_from(self._buffer, offset)[0]
                is_extended = bool(word & EXTENDED) and self.allows_extended
                length = word & ~EXTENDED if is_extended else word
                self._check(length, is_extended)
                end = offset + _LENGTH.size + length
                if end > len(self._buffer):
                    return
                start, offset = offset + _LENGTH.size, end
                yield self._extended(start, end) if is_extended else PlainFrame(bytes(self._buffer[start:end]))
        finally:
            del self._buffer[:offset]

    def _check(self, length: int, is_extended: bool) -> None:
        if length > self._max:
            raise FrameError(f"expected a frame of at most {self._max} octets, found one of {length}")
        if is_extended and length < _PROLOGUE.size:
            raise FrameError(f"expected an x-frame of at least {_PROLOGUE.size} octets, found one of {length}")

    def _extended(self, start: int, end: int) -> ExtendedFrame:
        kind, flags, header_length = _PROLOGUE.unpack_from(self._buffer, start)
        header = start + _PROLOGUE.size
        if kind != _MESSAGE_TYPE:
            raise FrameError(f"expected an x-frame of type {_MESSAGE_TYPE}, found type {kind}")
        if header + header_length > end:
            raise FrameError(f"a header of {header_length} octets does not fit into its x-frame")
        payload = header + header_length
        return ExtendedFrame(flags, bytes(self._buffer[header:payload]), bytes(self._buffer[payload:end]))
