"""Patterns of `protocol/vectors/README.md`: whether what came is what a case expects."""

from __future__ import annotations

import json
from typing import Any

from pailou._frames import MORE, OPAQUE, ExtendedFrame, Frame

#: Members that are a text, or parts of one.
_TEXTS = ("text", "frame", "payload")


def unfold(value: Any) -> Any:
    """A case with everything that repeats written out."""
    if isinstance(value, dict):
        return {k: _joined(v) if k in _TEXTS and isinstance(v, list) else unfold(v) for k, v in value.items()}
    if isinstance(value, list):
        return [copy for item in value for copy in _copies(item)]
    return value


def _copies(item: Any) -> list[Any]:
    if isinstance(item, dict) and "repeat" in item:
        return [unfold(_numbered(item["of"], n)) for n in range(item["repeat"])]
    return [unfold(item)]


def _numbered(value: Any, n: int) -> Any:
    if isinstance(value, dict):
        return {k: _numbered(v, n) for k, v in value.items()}
    if isinstance(value, list):
        return [_numbered(v, n) for v in value]
    if isinstance(value, str):
        return n if value == "<n>" else value.replace("<n>", str(n))
    return value


def _joined(parts: list[Any]) -> str:
    return "".join(
        part if isinstance(part, str) else part.get("between", "").join(
            part["of"].replace("<n>", str(n)) for n in range(part["repeat"])
        )
        for part in parts
    )


def is_match(frame: Frame, pattern: Any, *, is_plain: bool) -> bool:
    """Whether a frame of the server is what a pattern stands for."""
    if isinstance(pattern, dict) and "x" in pattern:
        return isinstance(frame, ExtendedFrame) and _is_x_frame(frame, pattern["x"])
    if isinstance(frame, ExtendedFrame):
        return False
    message, text = json.loads(frame.json), frame.json.decode()
    if isinstance(pattern, list):
        return isinstance(message, list) and in_any_order(
            message, pattern, lambda item, wanted: _is_message(item, text, wanted, is_plain)
        )
    return _is_message(message, text, pattern, is_plain)


def in_any_order(found: list[Any], patterns: list[Any], matches: Any) -> bool:
    """Whether each pattern has one of what was found, and nothing is left over."""
    left = list(found)
    for pattern in patterns:
        match = next((item for item in left if matches(item, pattern)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _is_message(message: Any, text: str, pattern: Any, is_plain: bool) -> bool:
    if not isinstance(message, dict):
        return False
    if "method" in pattern:
        return message.get("method") == pattern["method"] and within(message.get("params"), pattern.get("params", {}))
    if is_plain and set(message) not in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"}):
        return False
    if message.get("jsonrpc") != "2.0" or ("id" in pattern and not _is_same(message["id"], pattern["id"])):
        return False
    if "id_token" in pattern and f'"id":{pattern["id_token"]}' not in text:
        return False
    if "error" in pattern:
        return bool(message.get("error", {}).get("message")) and within(message["error"], pattern["error"])
    if "result_within" in pattern:
        return within(message.get("result"), pattern["result_within"])
    return "result" in message and ("result" not in pattern or _is_same(message["result"], pattern["result"]))


def within(found: Any, expected: Any) -> bool:
    """Whether every member given is there with this value; others may be."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(n in found and within(found[n], expected[n]) for n in expected)
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(within, found, expected))
    return _is_same(found, expected)


def _is_same(found: Any, expected: Any) -> bool:
    return bool(found == expected) and isinstance(found, bool) == isinstance(expected, bool)


def _is_x_frame(frame: ExtendedFrame, pattern: dict[str, Any]) -> bool:
    header = json.loads(frame.header)
    is_header = frame.flags == pattern["flags"] and within(header, pattern["header"])
    return is_header and ("octets" not in pattern or len(frame.payload) == pattern["octets"])


def check_stream(frames: list[Frame], pattern: dict[str, Any]) -> None:
    """All further chunks of a byte stream of `demo.stream`, however it was cut."""
    *chunks, last = frames
    if "broken" not in pattern:
        chunks.append(last)
    octets = b""
    for number, chunk in enumerate(chunks):
        assert isinstance(chunk, ExtendedFrame), f"expected a chunk, found {chunk}"
        header = json.loads(chunk.header)
        assert chunk.flags & OPAQUE and header["id"] == pattern["id"], (chunk.flags, header)
        is_last = "broken" not in pattern and number + 1 == len(chunks)
        assert bool(chunk.flags & MORE) is not is_last, chunk.flags
        if number == 0 and "content" in pattern:
            assert within(header.get("content"), pattern["content"]), header
        octets += chunk.payload
    start = pattern.get("from", 0)
    assert octets == bytes((start + n) % 251 for n in range(pattern["octets"])), len(octets)
    if "broken" in pattern:
        assert is_match(last, pattern["broken"], is_plain=False), last
