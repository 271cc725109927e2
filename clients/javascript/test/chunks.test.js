import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Machine } from "../test-support/machine.js";

describe("credits", () => {
  test("are given back in halves of the window, as the reader takes items", () => {
    const machine = Machine.negotiated();
    const events = [];
    const { call } = machine.call({ stream: { credit: 4 } }, { event: (event) => events.push(event) });
    assert.deepEqual(machine.sent()[0].meta.stream, { credit: 4 });
    for (const seq of [1, 2, 3, 4]) machine.event(1, seq, "item", seq);
    assert.equal(events.length, 4);
    machine.session.consumed(call);
    assert.deepEqual(machine.sent(), []);
    machine.session.consumed(call);
    assert.deepEqual(machine.sent(), [{ jsonrpc: "2.0", method: "rpc.credit", params: { id: 1, n: 2 } }]);
    machine.event(1, 5, "item", 5);
    machine.event(1, 6, "item", 6);
    assert.equal(machine.session.state, "open");
    machine.event(1, 7, "item", 7);
    assert.equal(machine.session.failure.reason, "protocol");
  });

  test("progress and log lines cost none", () => {
    const machine = Machine.negotiated();
    machine.call({ stream: { credit: 1 } }, { event() {} });
    for (let seq = 1; seq < 50; seq++) machine.event(1, seq, seq % 2 ? "progress" : "log", seq);
    assert.equal(machine.session.state, "open");
  });

  test("a byte stream's chunks cost them, except an empty last one", () => {
    const machine = Machine.negotiated();
    const chunks = [];
    const { outcome } = machine.call({ stream: { credit: 2 } }, { chunk: (payload, content) => chunks.push([`${payload}`, content]) });
    machine.receiveX({ jsonrpc: "2.0", id: 1, content: { type: "t" } }, 6, "ab");
    machine.receiveX({ jsonrpc: "2.0", id: 1 }, 6, "c");
    machine.receiveX({ jsonrpc: "2.0", id: 1 }, 2, "");
    assert.deepEqual(chunks, [["ab", { type: "t" }], ["c", undefined], ["", undefined]]);
    assert.deepEqual([outcome.settled, outcome.error, machine.session.state], [1, undefined, "open"]);
  });

  test("octets that nobody asked for end the call", () => {
    const machine = Machine.negotiated();
    const { outcome } = machine.call();
    machine.sent();
    machine.receiveX({ jsonrpc: "2.0", id: 1, content: {} }, 6, "ab");
    assert.equal(outcome.error.reason, "stream");
    assert.equal(machine.sent()[0].method, "rpc.cancel");
  });
});

describe("chunked messages", () => {
  const big = JSON.stringify("x".repeat(20 * 65_536));

  test("a big call leaves in chunks, as far as there is credit, and small calls pass it", () => {
    const machine = Machine.negotiated();
    machine.call({ method: "big", params: big, meta: { idem: "k" } });
    machine.call({ method: "small" });
    const sent = machine.sent();
    assert.equal(sent[0].method, "small");
    const chunks = sent.slice(1);
    assert.equal(chunks.length, 16);
    assert.deepEqual([chunks[0].method, chunks[0].meta, chunks[0].flags], ["big", { idem: "k" }, 4]);
    assert.deepEqual(Object.keys(chunks[1]), ["jsonrpc", "id", "flags", "payload"]);
    machine.receive({ jsonrpc: "2.0", method: "rpc.credit", params: { id: 1, n: 8 } });
    const rest = machine.sent();
    assert.deepEqual(rest.map(({ flags }) => flags), [4, 4, 4, 4, 0]);
    assert.equal(Buffer.concat([...chunks, ...rest].map(({ payload }) => payload)).toString(), big);
    assert.ok([...chunks, ...rest].every(({ payload }) => payload.length <= 65_536));
  });

  test("two big calls give a chunk each in turn", () => {
    const machine = Machine.negotiated();
    machine.call({ params: big });
    machine.call({ params: big });
    assert.deepEqual(machine.sent().slice(0, 4).map(({ id }) => id), [1, 2, 1, 2]);
  });

  test("262,144 octets are a plain frame, one more is not", () => {
    const machine = Machine.negotiated();
    machine.call({ params: JSON.stringify("x".repeat(262_142)) });
    assert.equal(machine.sent()[0].payload, undefined);
    machine.call({ params: JSON.stringify("x".repeat(262_143)) });
    assert.deepEqual(machine.sent().map(({ flags }) => flags), [4, 4, 4, 4, 0]);
  });

  test("an error before the last chunk ends the sending", () => {
    const machine = Machine.negotiated();
    const { outcome } = machine.call({ params: big });
    machine.sent();
    machine.receive({ jsonrpc: "2.0", id: 1, error: { code: -32601, message: "m" } });
    machine.receive({ jsonrpc: "2.0", method: "rpc.credit", params: { id: 1, n: 8 } });
    assert.deepEqual([outcome.error.code, machine.sent()], [-32601, []]);
  });

  test("a half-sent call that is given up is cancelled", () => {
    const machine = Machine.negotiated();
    const { call } = machine.call({ params: big });
    machine.sent();
    machine.session.giveUp(call, machine.now, "cancelled");
    machine.receive({ jsonrpc: "2.0", method: "rpc.credit", params: { id: 1, n: 8 } });
    assert.deepEqual(machine.sent().map(({ method }) => method), ["rpc.cancel"]);
  });

  test("without credit for 60 s the call is stalled", () => {
    const machine = Machine.negotiated({ keepAliveMs: 1e9 });
    const { outcome } = machine.call({ params: big });
    machine.sent();
    machine.pass(59_999);
    assert.equal(outcome.settled, 0);
    machine.pass(1);
    assert.deepEqual([outcome.error.reason, outcome.error.status], ["stalled", "ABORTED"]);
  });

  test("a result in chunks is put together, and its credits are given back", () => {
    const machine = Machine.negotiated();
    const { outcome } = machine.call();
    machine.sent();
    const text = JSON.stringify("y".repeat(30));
    for (let at = 0; at < text.length; at++) {
      const header = { jsonrpc: "2.0", id: 1, ...(at === 0 ? { meta: { server_ms: 7 } } : {}) };
      machine.receiveX(header, at + 1 < text.length ? 4 : 0, text[at]);
    }
    assert.deepEqual([outcome.reply.result, outcome.reply.meta], ["y".repeat(30), { server_ms: 7 }]);
    assert.deepEqual(machine.sent().map(({ params }) => params.n), [8, 8, 8]);
  });

  test("a whole message in an x-frame costs no credit", () => {
    const machine = Machine.negotiated();
    const { outcome } = machine.call({ stream: { credit: 1 } });
    machine.receiveX({ jsonrpc: "2.0", id: 1 }, 0, "[1]");
    assert.deepEqual(outcome.reply.result, [1]);
  });

  test("a result that does not go on for 30 s ends the call", () => {
    const machine = Machine.negotiated({ keepAliveMs: 1e9 });
    const { outcome } = machine.call();
    machine.receiveX({ jsonrpc: "2.0", id: 1 }, 4, "[");
    machine.pass(30_000);
    assert.deepEqual([outcome.error.reason, outcome.error.status], ["frame", "DEADLINE_EXCEEDED"]);
  });

  test("beyond the budget of unfinished results, only the oldest gets credit", () => {
    const machine = Machine.negotiated({ partialBytesMax: 1000 });
    const [oldest, other] = [machine.call(), machine.call()];
    machine.sent();
    const chunks = (id, count) => {
      for (let n = 0; n < count; n++) machine.receiveX({ jsonrpc: "2.0", id }, 4, " ".repeat(80));
    };
    chunks(1, 8);
    assert.deepEqual(machine.sent().map(({ params }) => params), [{ id: 1, n: 8 }]);
    chunks(2, 12);
    assert.deepEqual(machine.sent(), []);
    chunks(1, 8);
    assert.deepEqual(machine.sent().map(({ params }) => params), [{ id: 1, n: 8 }]);
    machine.receiveX({ jsonrpc: "2.0", id: 1 }, 0, "1");
    assert.equal(oldest.outcome.reply.result, 1);
    assert.deepEqual(machine.sent().map(({ params }) => params), [{ id: 2, n: 12 }]);
    machine.receiveX({ jsonrpc: "2.0", id: 2 }, 0, "2");
    assert.equal(other.outcome.reply.result, 2);
  });

  test("a result whose credit is withheld is not overdue", () => {
    const machine = Machine.negotiated({ partialBytesMax: 100, keepAliveMs: 1e9 });
    const [, other] = [machine.call(), machine.call()];
    machine.receiveX({ jsonrpc: "2.0", id: 1 }, 4, " ".repeat(200));
    for (let n = 0; n < 16; n++) machine.receiveX({ jsonrpc: "2.0", id: 2 }, 4, " ");
    machine.pass(29_999);
    machine.receiveX({ jsonrpc: "2.0", id: 1 }, 4, " ");
    machine.pass(1);
    assert.equal(other.outcome.settled, 0);
  });

  test("a result beyond the limit ends the call, not the connection", () => {
    const machine = Machine.negotiated({ frameBytesMax: 1000 });
    const { outcome } = machine.call();
    machine.sent();
    for (let n = 0; n < 2; n++) machine.receiveX({ jsonrpc: "2.0", id: 1 }, 4, "x".repeat(600));
    assert.deepEqual([outcome.error.code, machine.session.state], [-32070, "open"]);
    machine.receiveX({ jsonrpc: "2.0", id: 1 }, 0, "x");
    assert.equal(machine.session.isIdle, true);
  });
});
