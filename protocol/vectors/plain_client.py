"""A plain client: Twisted's Int32StringReceiver and the json module, nothing of ours.

    python plain_client.py HOST PORT PID

checks what the wire specification promises such a client (P1 to P12) against a server of the demo methods whose
process id is PID, and runs every case of messages/*.json; the last check ends the server. Prints one line a check;
exits with 1 if one of them fails.
"""

import base64
import json
import os
import pathlib
import signal
import struct
import sys

from twisted.internet import defer, endpoints, protocol, task
from twisted.protocols.basic import Int32StringReceiver

SECONDS_MAX = 20
HERE = pathlib.Path(__file__).resolve().parent


class PlainClient(Int32StringReceiver):
    """Keeps what arrives, in order; frames beyond Twisted's own default limit of 99,999 octets end the connection."""

    def __init__(self):
        self.frames = defer.DeferredQueue()
        self.closed = defer.Deferred()

    def connectionMade(self):
        self.transport.setTcpNoDelay(True)

    def stringReceived(self, string):
        self.frames.put(string)

    def connectionLost(self, reason=protocol.connectionDone):
        self.closed.callback(None)

    def send(self, *messages):
        """Sends each message in a frame of its own, all in one write."""
        frames = [m if isinstance(m, bytes) else json.dumps(m).encode() for m in messages]
        self.transport.write(b"".join(struct.pack("!I", len(f)) + f for f in frames))

    def half_close(self):
        self.transport.loseWriteConnection()

    async def reply(self):
        """The next frame, checked to be a reply and nothing else."""
        text = await self.frames.get()
        return checked(json.loads(text)), text

    async def rest(self):
        """Waits until the server ends the connection; answers all that came before."""
        await self.closed
        frames, self.frames.pending = self.frames.pending, []
        return [(checked(json.loads(f)), f) for f in frames]


def checked(message):
    """P3: a reply has these members and no others; so has every reply of a batch."""
    for reply in message if isinstance(message, list) else [message]:
        assert set(reply) in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"}), f"P3: not a plain reply: {reply}"
        assert reply["jsonrpc"] == "2.0", reply
        if "error" in reply:
            assert isinstance(reply["error"]["code"], int) and reply["error"]["message"], reply
    return message


def call(id, method, params=None):
    request = {"jsonrpc": "2.0", "id": id, "method": method}
    return request if params is None else {**request, "params": params}


def note(method, params):
    return {"jsonrpc": "2.0", "method": method, "params": params}


def error_code(reply):
    assert "error" in reply, f"expected an error, found {reply}"
    return reply["error"]["code"]


async def p1_needs_no_hello(client):
    client.send(call(1, "subtract", [42, 23]))
    reply, _ = await client.reply()
    assert reply == {"jsonrpc": "2.0", "id": 1, "result": 19}, reply


async def p2_receives_only_replies_to_its_own_requests(client):
    client.send(
        call("count", "demo.count", {"to": 5}), note("update", [1]), call("echo", "demo.echo", {"a": 1}),
        note("demo.count", {"to": 5}))
    client.half_close()
    replies = {reply["id"]: reply["result"] for reply, _ in await client.rest()}
    assert replies == {"count": {"counted": 5}, "echo": {"a": 1}}, replies


async def p3_gets_replies_with_three_members_and_no_others(client):
    client.send(call(1, "get_data"), call(2, "no.such.method"))  # Every reply of every check is looked at, too.
    members = sorted([sorted((await client.reply())[0]) for _ in range(2)])
    assert members == [["error", "id", "jsonrpc"], ["id", "jsonrpc", "result"]], members


async def p4_gets_replies_in_any_order_with_the_octets_of_their_ids(client):
    client.send(
        call("slow", "demo.sleep", {"ms": 300}), b'{"jsonrpc":"2.0","id":1.0,"method":"get_data"}')
    _, first = await client.reply()
    assert b'"id":1.0' in first.replace(b" ", b""), first
    reply, _ = await client.reply()
    assert reply["id"] == "slow", reply


async def p5_sends_batches(client):
    client.send([call(1, "sum", [1, 2, 4]), note("notify_hello", [7]), {"foo": "boo"}, call(2, "get_data")])
    reply, _ = await client.reply()
    found = sorted((str(item["id"]), str(item.get("result", item.get("error", {}).get("code")))) for item in reply)
    assert found == [("1", "7"), ("2", "['hello', 5]"), ("None", "-32600")], found


async def p6_sends_one_octet_at_a_time(client):
    text = json.dumps(call(1, "get_data")).encode()
    for octet in struct.pack("!I", len(text)) + text:
        client.transport.write(bytes([octet]))
        await task.deferLater(reactor(), 0)  # one turn of the reactor: the octet leaves alone
    reply, _ = await client.reply()
    assert reply["result"] == ["hello", 5], reply


async def p6_sends_64_frames_in_one_segment(client):
    client.send(*[call(n, "subtract", [n, 1]) for n in range(64)])
    replies = [(await client.reply())[0] for _ in range(64)]
    assert {reply["id"]: reply["result"] for reply in replies} == {n: n - 1 for n in range(64)}, replies


async def p7_closes_its_half_and_still_gets_its_replies(client):
    client.send(call(1, "demo.sleep", {"ms": 200}), call(2, "get_data"))
    client.half_close()
    replies = await client.rest()
    assert [reply["id"] for reply, _ in replies] == [2, 1], replies


async def p8_is_told_a_limit_before_the_connection_closes(client):
    client.transport.write(struct.pack("!I", 8 * 1024 * 1024 + 1) + b"{" * 1000)
    reply, _ = await client.reply()
    assert error_code(reply) == -32070 and reply["error"]["data"]["limit"] == 8 * 1024 * 1024, reply
    assert await client.rest() == []


async def p9_has_the_methods_own_timeouts_and_no_meta(client):
    client.send({**call(1, "demo.sleep", {"ms": 50}), "meta": {"timeout_ms": 1, "stream": {"credit": 1}}})
    reply, _ = await client.reply()
    assert reply["result"] == {"slept_ms": 50}, reply


async def p10_drain(client, pid):
    client.send(call(1, "demo.sleep", {"ms": 500}), call(2, "get_data"))
    reply, _ = await client.reply()
    assert reply["id"] == 2, reply
    os.kill(pid, signal.SIGTERM)
    replies = [reply for reply, _ in await client.rest()]
    assert replies == [{"jsonrpc": "2.0", "id": 1, "result": {"slept_ms": 500}}], replies


async def p11_cancels_unannounced(client):
    client.send(call("a", "demo.sleep", {"ms": 60000}), call("b", "demo.sleep", {"ms": 100}))
    client.send(note("$/cancelRequest", {"id": "a"}))
    reply, _ = await client.reply()
    assert reply["id"] == "a" and error_code(reply) == -32051, reply
    reply, _ = await client.reply()
    assert reply["result"] == {"slept_ms": 100}, reply


async def p12_gets_long_lists_in_parts_it_can_take(client):
    numbers, more = [], True
    while more:
        client.send(call(1, "demo.list", {"total": 20_000, "after": len(numbers)}))
        reply, text = await client.reply()
        assert len(text) < client.MAX_LENGTH == 99_999, len(text)
        more = reply["result"]["more"]
        numbers += [item["number"] for item in reply["result"]["items"]]
    assert numbers == list(range(1, 20_001)), len(numbers)
    client.send(call(2, "demo.list", {"max_bytes": 2_000}))
    reply, text = await client.reply()
    assert len(text) < 2_100 and reply["result"]["more"], len(text)


async def gets_a_byte_stream_piece_by_piece(client):
    size, octets, eof = 150_000, b"", False
    while not eof:
        client.send(call(1, "demo.stream", {"bytes": size, "offset": len(octets)}))
        piece = (await client.reply())[0]["result"]
        assert piece["offset"] == len(octets), piece["offset"]
        octets, eof = octets + base64.b64decode(piece["base64"], validate=True), piece["eof"]
    assert octets == bytes(n % 251 for n in range(size)), len(octets)


async def survives_its_own_mistakes(client):
    client.send(b"nonsense", call(1, "get_data"))
    replies = [(await client.reply())[0] for _ in range(2)]
    assert sorted(str(reply["id"]) for reply in replies) == ["1", "None"], replies


CHECKS = [
    p1_needs_no_hello, p2_receives_only_replies_to_its_own_requests, p3_gets_replies_with_three_members_and_no_others,
    p4_gets_replies_in_any_order_with_the_octets_of_their_ids, p5_sends_batches, p6_sends_one_octet_at_a_time,
    p6_sends_64_frames_in_one_segment, p7_closes_its_half_and_still_gets_its_replies,
    p8_is_told_a_limit_before_the_connection_closes, p9_has_the_methods_own_timeouts_and_no_meta,
    p11_cancels_unannounced, p12_gets_long_lists_in_parts_it_can_take, gets_a_byte_stream_piece_by_piece,
    survives_its_own_mistakes,
]


def is_match(reply, pattern):
    """README.md of this folder says what a pattern means."""
    if isinstance(pattern, list):
        return isinstance(reply, list) and is_match_in_any_order(reply, pattern)
    if "id" in pattern and reply["id"] != pattern["id"]:
        return False
    if "error" in pattern:
        return "error" in reply and is_within(reply["error"], pattern["error"])
    return "result" in reply and ("result" not in pattern or reply["result"] == pattern["result"])


def is_match_in_any_order(replies, patterns):
    left = list(replies)
    for pattern in patterns:
        match = next((reply for reply in left if is_match(reply, pattern)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def is_within(found, expected):
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(k in found and is_within(found[k], v) for k, v in expected.items())
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(is_within, found, expected))
    return found == expected


def message_case(case):
    async def run(client):
        client.send(bytes.fromhex(case["send_hex"]) if "send_hex" in case else case["send"].encode())
        client.half_close()
        replies = await client.rest()
        assert is_match_in_any_order([reply for reply, _ in replies], case["replies"]), replies
        tokens = [p["id_token"] for p in case["replies"] if isinstance(p, dict) and "id_token" in p]
        texts = " ".join(text.decode() for _, text in replies)
        assert all(f'"id":{token}' in texts for token in tokens), texts
        assert case.get("reply_holds", "") in texts, texts

    return run


def reactor():
    from twisted.internet import reactor as chosen  # installed by task.react, not before

    return chosen


async def main(chosen, host, port, pid):
    server = endpoints.clientFromString(chosen, f"tcp:{host}:{port}")
    checks = [(check.__name__.replace("_", " "), check) for check in CHECKS]
    for path in sorted((HERE / "messages").glob("*.json")):
        for case in json.loads(path.read_text("utf-8"))["cases"]:
            checks.append((f"{path.stem}: {case['name']}", message_case(case)))
    # The last one: it ends the server.
    checks.append(("p10 gets its replies from a server that stops", lambda client: p10_drain(client, int(pid))))

    failures = 0
    for name, check in checks:
        client = await endpoints.connectProtocol(server, PlainClient())
        try:
            await defer.ensureDeferred(check(client)).addTimeout(SECONDS_MAX, chosen)
            print(f"ok      {name}")
        except Exception as error:  # one failure must not hide the others
            failures += 1
            print(f"FAILED  {name}: {type(error).__name__}: {error}")
        client.transport.abortConnection()
    print(f"{len(checks) - failures} of {len(checks)} checks passed")
    if failures:
        raise SystemExit(1)


if __name__ == "__main__":
    task.react(lambda chosen: defer.ensureDeferred(main(chosen, *sys.argv[1:])))
