import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { HELLO_RESULT } from "../test-support/double.js";
import { Machine } from "../test-support/machine.js";

describe("hello", () => {
  test("says what this side speaks, and the token", () => {
    const machine = new Machine({ token: "secret", name: "me/1" });
    const [hello] = machine.sent();
    assert.equal(hello.method, "rpc.hello");
    assert.deepEqual(hello.params, {
      versions: [1], peer: "me/1", role: "client", features: ["meta", "xframe", "cancel", "stream", "goaway"],
      limits: { frame_bytes_max: 67108864, in_flight_max: 256 }, auth: { token: "secret" },
    });
  });

  test("answered: both speak as agreed", () => {
    const machine = Machine.negotiated();
    assert.deepEqual([machine.greeted, machine.session.isNegotiated, machine.session.state], [1, true, "open"]);
  });

  for (const code of [-32601, -32600, -32602]) {
    test(`refused with ${code}: plain`, () => {
      const machine = new Machine();
      machine.receive({ jsonrpc: "2.0", id: 0, error: { code, message: "no" } });
      assert.deepEqual([machine.greeted, machine.greetingError, machine.session.isNegotiated], [1, undefined, false]);
    });
  }

  test("refused for the credentials: the session fails with that error", () => {
    const machine = new Machine();
    machine.receive({ jsonrpc: "2.0", id: 0, error: { code: -32066, message: "no", data: { reason: "credentials" } } });
    assert.equal(machine.greetingError.reason, "credentials");
    assert.equal(machine.session.endedOnHello, false);
  });

  test("silence for 2 s: plain; an answer that comes later still counts", () => {
    const machine = new Machine();
    machine.pass(1_999);
    assert.equal(machine.greeted, 0);
    machine.pass(1);
    assert.deepEqual([machine.greeted, machine.session.isNegotiated], [1, false]);
    machine.receive({ jsonrpc: "2.0", id: 0, result: HELLO_RESULT });
    assert.deepEqual([machine.greeted, machine.session.isNegotiated], [1, true]);
  });

  test("a server that closes is known for it", () => {
    const machine = new Machine();
    machine.session.ended();
    assert.equal(machine.session.endedOnHello, true);
    assert.equal(machine.greetingError.reason, "connection_lost");
  });

  test("a plain client says nothing", () => {
    const machine = new Machine({ plain: true });
    assert.deepEqual(machine.sent(), []);
    assert.equal(machine.greeted, 1);
  });
});

describe("calls", () => {
  test("carry what remains of their time, and other meta", () => {
    const machine = Machine.negotiated();
    machine.call({ meta: { idem: "k" }, timeoutMs: 250.4 });
    assert.deepEqual(machine.sent()[0].meta, { idem: "k", timeout_ms: 251 });
  });

  test("carry no meta to a plain server", () => {
    const machine = new Machine({ plain: true });
    machine.call({ meta: { idem: "k" }, timeoutMs: 250, stream: { credit: 1 } });
    assert.deepEqual(machine.sent(), [{ jsonrpc: "2.0", id: 1, method: "m", params: {} }]);
  });

  test("beyond the limit wait for their turn, beyond the queue fail", () => {
    const machine = Machine.negotiated({ inFlightMax: 2, waitingMax: 1 });
    const calls = [1, 2, 3, 4].map(() => machine.call());
    assert.deepEqual(machine.sent().map(({ id }) => id), [1, 2]);
    assert.deepEqual([calls[3].outcome.error.reason, calls[3].outcome.error.notStarted], ["overloaded", true]);
    machine.receive({ jsonrpc: "2.0", id: 1, result: 5 });
    assert.equal(calls[0].outcome.reply.result, 5);
    assert.deepEqual(machine.sent().map(({ id }) => id), [3]);
  });

  test("the server's limit in flight holds if it is smaller", () => {
    const machine = Machine.negotiated({}, { ...HELLO_RESULT, limits: { in_flight_max: 1 } });
    machine.call();
    machine.call();
    assert.equal(machine.sent().length, 1);
  });

  test("whose time is over fail, and the server is told", () => {
    const machine = Machine.negotiated();
    const { outcome } = machine.call({ timeoutMs: 100 });
    machine.sent();
    machine.pass(349);
    assert.equal(outcome.settled, 0);
    machine.pass(1);
    assert.equal(outcome.error.reason, "deadline");
    assert.deepEqual(machine.sent(), [{ jsonrpc: "2.0", method: "rpc.cancel", params: { id: 1, reason: "deadline" } }]);
    machine.receive({ jsonrpc: "2.0", id: 1, result: "late" });
    assert.equal(outcome.settled, 1);
  });

  test("end at their time where the server was not told it", () => {
    const machine = new Machine({ plain: true });
    const { outcome } = machine.call({ timeoutMs: 100 });
    machine.pass(100);
    assert.equal(outcome.error.reason, "deadline");
  });

  test("whose time is over while they wait never started", () => {
    const machine = Machine.negotiated({ inFlightMax: 1 });
    machine.call();
    const { outcome } = machine.call({ timeoutMs: 100 });
    machine.pass(100);
    assert.deepEqual([outcome.error.reason, outcome.error.notStarted], ["deadline", true]);
  });

  test("given up before they left are taken back", () => {
    const machine = Machine.negotiated();
    const { call } = machine.call();
    machine.session.giveUp(call, machine.now, "cancelled");
    assert.deepEqual(machine.sent(), []);
    assert.equal(machine.session.isIdle, true);
  });

  test("given up on a plain server are cancelled by the name others use", () => {
    const machine = new Machine({ plain: true });
    const { call } = machine.call();
    machine.sent();
    machine.session.giveUp(call, machine.now, "cancelled");
    assert.deepEqual(machine.sent(), [{ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: 1 } }]);
  });

  test("a reply that nobody waits for, or comes twice, is ignored", () => {
    const machine = Machine.negotiated();
    const { outcome } = machine.call();
    machine.sent();
    for (const id of [77, 1, 1]) machine.receive({ jsonrpc: "2.0", id, result: id });
    assert.deepEqual([outcome.settled, outcome.reply.result, machine.session.state], [1, 1, "open"]);
  });

  test("that are larger than the server takes fail here", () => {
    const machine = Machine.negotiated({}, { ...HELLO_RESULT, limits: { frame_bytes_max: 100 } });
    const { outcome } = machine.call({ params: `"${"a".repeat(100)}"` });
    assert.deepEqual([outcome.error.code, outcome.error.reason], [-32070, "size"]);
  });

  test("sixteen lost ones retire the connection", () => {
    const machine = Machine.negotiated();
    for (let n = 0; n < 16; n++) machine.call({ timeoutMs: 10 });
    const last = machine.call();
    machine.sent();
    machine.pass(260);
    machine.pass(29_999);
    assert.equal(machine.session.state, "open");
    machine.pass(1);
    assert.deepEqual([machine.session.state, machine.retired], ["retired", 1]);
    machine.receive({ jsonrpc: "2.0", id: last.call.id, result: 1 });
    assert.deepEqual([machine.session.state, last.outcome.settled], ["over", 1]);
  });
});

describe("the end of a connection", () => {
  test("says of each call whether it may have begun", () => {
    const machine = Machine.negotiated();
    const written = machine.call();
    machine.sent();
    const unwritten = machine.call();
    machine.sent({ isWritten: false });
    machine.session.ended(new Error("reset"));
    assert.deepEqual([written.outcome.error.reason, written.outcome.error.notStarted], ["connection_lost", false]);
    assert.equal(unwritten.outcome.error.notStarted, true);
  });

  test("the server's last words are the cause", () => {
    const machine = Machine.negotiated();
    const { outcome } = machine.call();
    machine.receive({ jsonrpc: "2.0", id: null, error: { code: -32070, message: "too long" } });
    machine.session.ended();
    assert.equal(outcome.error.cause.code, -32070);
  });

  for (const [name, text] of [["garbage", "no json"], ["a batch", "[]"], ["neither reply nor notification", '{"id":1}']]) {
    test(`${name} ends it`, () => {
      const machine = Machine.negotiated();
      const { outcome } = machine.call();
      machine.session.received(Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]), machine.now);
      assert.deepEqual([machine.session.state, outcome.error.reason], ["over", "connection_lost"]);
      assert.equal(outcome.error.cause.code, -32700);
    });
  }

  test("a frame that is not completed in time ends it", () => {
    const machine = Machine.negotiated({ keepAliveMs: 1e9 });
    machine.session.received(Buffer.from([0, 0, 0, 9, 1]), machine.now);
    machine.pass(30_000);
    assert.equal(machine.session.state, "open");
    machine.pass(1);
    assert.equal(machine.session.failure.reason, "protocol");
  });
});

describe("keep-alive", () => {
  test("pings after silence, and takes any octet for life", () => {
    const machine = Machine.negotiated();
    machine.pass(9_999);
    assert.deepEqual(machine.sent(), []);
    machine.pass(1);
    assert.equal(machine.sent()[0].method, "rpc.ping");
    machine.pass(9_999);
    machine.receive({ jsonrpc: "2.0", id: "keep-alive", result: "pong" });
    machine.pass(9_999);
    assert.equal(machine.session.state, "open");
  });

  test("a server that says nothing is dead", () => {
    const machine = Machine.negotiated();
    const { outcome } = machine.call();
    machine.sent();
    machine.pass(10_000);
    machine.pass(10_000);
    assert.deepEqual([machine.session.state, outcome.error.reason], ["over", "connection_lost"]);
  });

  test("plain connections are left alone", () => {
    const machine = new Machine({ plain: true });
    machine.pass(100_000);
    assert.deepEqual([machine.sent(), machine.session.state], [[], "open"]);
  });
});

describe("goaway", () => {
  test("is acknowledged; what waits is handed back, what runs finishes, then it ends", () => {
    const machine = Machine.negotiated({ inFlightMax: 1 });
    const [running, waiting] = [machine.call(), machine.call()];
    machine.sent();
    machine.receive({ jsonrpc: "2.0", method: "rpc.goaway", params: { reason: "draining", grace_ms: 30_000 } });
    assert.deepEqual(machine.sent(), [{ jsonrpc: "2.0", method: "rpc.goaway_ack" }]);
    assert.deepEqual([waiting.outcome.error.reason, waiting.outcome.error.notStarted], ["draining", true]);
    const late = machine.call();
    assert.equal(late.outcome.error.notStarted, true);
    machine.receive({ jsonrpc: "2.0", id: 1, result: 1 });
    assert.deepEqual([running.outcome.reply.result, machine.session.state, machine.session.failure], [1, "over", undefined]);
  });

  test("was not agreed on: then an error with this reason means it", () => {
    const machine = Machine.negotiated({}, { ...HELLO_RESULT, features: ["meta"] });
    const running = machine.call();
    const refused = machine.call();
    machine.receive({ jsonrpc: "2.0", id: 2, error: { code: -32064, message: "m", data: { reason: "draining", not_started: true } } });
    assert.deepEqual([machine.session.state, refused.outcome.error.notStarted], ["retired", true]);
    machine.receive({ jsonrpc: "2.0", id: 1, result: 1 });
    assert.deepEqual([machine.session.state, running.outcome.reply.result], ["over", 1]);
  });

  test("was agreed on: then an error with this reason may speak of another server", () => {
    const machine = Machine.negotiated();
    machine.call();
    machine.receive({ jsonrpc: "2.0", id: 1, error: { code: -32064, message: "m", data: { reason: "draining" } } });
    assert.equal(machine.session.state, "open");
  });

  test("a long call that is ended says that it may resume", () => {
    const machine = Machine.negotiated();
    const { outcome } = machine.call();
    machine.receive({ jsonrpc: "2.0", id: 1, error: { code: -32064, message: "m", data: { reason: "draining", resume: true } } });
    assert.equal(outcome.error.resume, true);
  });
});
