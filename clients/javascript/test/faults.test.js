import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { plainFrame } from "../src/frames.js";
import { Client } from "../src/index.js";
import { Double, HELLO_RESULT } from "../test-support/double.js";
import { against, ONCE, QUICK } from "../test-support/against.js";

describe("a server that", () => {
  test("cuts in the middle of a frame", () =>
    against(
      async (peer) => {
        await peer.greet();
        const { id } = await peer.next();
        peer.socket.end(plainFrame(JSON.stringify({ jsonrpc: "2.0", id, result: 1 })).subarray(0, 20));
      },
      ONCE,
      (client) => assert.rejects(client.call("m"), { status: "UNAVAILABLE", reason: "connection_lost", notStarted: false }),
    ));

  test("is cut, and an idempotent call is made again on a new connection", () =>
    against(
      async (peer, number) => {
        await peer.greet();
        const call = await peer.next();
        if (number === 1) return peer.socket.destroy();
        assert.equal(call.meta.attempt, 2);
        peer.reply(call.id, "second");
      },
      QUICK,
      async (client, double) => {
        assert.equal(await client.call("m", {}, { idempotent: true }), "second");
        assert.equal(double.connections, 2);
      },
    ));

  test("is cut, and another call is not made again", () =>
    against(
      async (peer) => {
        await peer.greet();
        await peer.next();
        peer.socket.destroy();
      },
      QUICK,
      async (client, double) => {
        await assert.rejects(client.call("m"), { reason: "connection_lost" });
        assert.equal(double.connections, 1);
      },
    ));

  test("knows no key is not told a keyed call twice", () =>
    against(
      async (peer) => {
        const hello = await peer.next();
        peer.reply(hello.id, { ...HELLO_RESULT, features: ["cancel"] });
        assert.equal((await peer.next()).meta, undefined);
        peer.socket.destroy();
      },
      QUICK,
      async (client, double) => {
        await assert.rejects(client.call("m", {}, { idem: "k" }), { reason: "connection_lost" });
        assert.equal(double.connections, 1);
      },
    ));

  test("knows no key is not told a call that one who knew it may have done", () =>
    against(
      async (peer, number) => {
        const hello = await peer.next();
        peer.reply(hello.id, { ...HELLO_RESULT, features: number === 1 ? ["meta"] : ["cancel"] });
        const call = await peer.next();
        assert.equal(number, 1);
        assert.equal(call.meta.idem, "k");
        peer.socket.destroy();
      },
      QUICK,
      async (client) => {
        const failure = { reason: "idempotency_unsupported", status: "UNAVAILABLE", notStarted: false };
        await assert.rejects(client.call("m", {}, { idem: "k" }), failure);
      },
    ));

  test("knows the key of a call is told it again", () =>
    against(
      async (peer, number) => {
        await peer.greet();
        const call = await peer.next();
        assert.equal(call.meta.idem, "k");
        if (number === 1) return peer.socket.destroy();
        peer.reply(call.id, "once");
      },
      QUICK,
      async (client) => assert.equal(await client.call("m", {}, { idem: "k" }), "once"),
    ));

  test("never started a call gets it again, within the budget", () =>
    against(
      async (peer) => {
        await peer.greet();
        for (;;) peer.error((await peer.next()).id, -32064, { status: "UNAVAILABLE", reason: "overloaded", not_started: true });
      },
      { ...QUICK, retryBudget: { tokens: 2, refund: 0.1 } },
      async (client) => {
        await assert.rejects(client.call("m"), { reason: "overloaded" });
      },
    ));

  test("answers late is cancelled, and its reply belongs to nobody", () =>
    against(
      async (peer) => {
        await peer.greet();
        const late = await peer.next();
        const cancel = await peer.next();
        assert.deepEqual(cancel.params, { id: late.id, reason: "deadline" });
        const next = await peer.next();
        peer.reply(late.id, "late");
        peer.reply(next.id, "own");
      },
      {},
      async (client) => {
        await client.connect();
        await assert.rejects(client.call("m", {}, { timeoutMs: 200 }), { reason: "deadline" });
        assert.equal(await client.call("m"), "own");
      },
    ));

  test("never answers hello is spoken to plainly", () =>
    against(
      async (peer) => {
        await peer.next();
        const call = await peer.next();
        assert.equal("meta" in call, false);
        peer.reply(call.id, 5);
      },
      { helloTimeoutMs: 30 },
      async (client) => {
        assert.equal(await client.call("m", {}, { timeoutMs: 5_000 }), 5);
        assert.equal(client.isNegotiated, false);
      },
    ));

  test("closes at hello is spoken to plainly", () =>
    against(
      async (peer, number) => {
        const first = await peer.next();
        if (number <= 2) return peer.socket.end();
        peer.reply(first.id, first.method);
      },
      {},
      async (client, double) => {
        assert.equal(await client.call("m"), "m");
        assert.equal(double.connections, 3);
      },
    ));

  test("has no room is no stranger, and asked again later", () =>
    against(
      async (peer, number) => {
        if (number <= 2) {
          peer.error(null, -32064, { status: "UNAVAILABLE", reason: "overloaded", not_started: true });
          return peer.socket.end();
        }
        await peer.greet();
        peer.reply((await peer.next()).id, "a place");
      },
      QUICK,
      async (client, double) => {
        assert.equal(await client.call("m"), "a place");
        assert.equal(double.connections, 3);
        assert.equal(client.isNegotiated, true);
      },
    ));

  test("has no room says so", () =>
    against(
      async (peer) => {
        peer.error(null, -32064, { status: "UNAVAILABLE", reason: "overloaded", not_started: true });
        peer.socket.end();
      },
      ONCE,
      async (client, double) => {
        await assert.rejects(client.call("m"), { code: -32064, reason: "overloaded", notStarted: true });
        assert.equal(double.connections, 1);
      },
    ));

  test("answers hello with something else than a stranger's words is not spoken to", () =>
    against(
      async (peer) => {
        peer.error((await peer.next()).id, -32700, { status: "INVALID_ARGUMENT", reason: "json" });
      },
      ONCE,
      (client) => assert.rejects(client.call("m"), { code: -32700 }),
    ));

  test("stops is left at once, without a token", () =>
    against(
      async (peer, number) => {
        await peer.greet();
        const call = await peer.next();
        assert.equal(call.meta?.attempt, number === 1 ? undefined : number);
        if (number === 6) return peer.reply(call.id, "the next");
        const data = { status: "UNAVAILABLE", reason: "draining", [number % 2 ? "resume" : "not_started"]: true };
        peer.send({ jsonrpc: "2.0", method: "rpc.goaway", params: { reason: "draining", grace_ms: 30_000 } });
        peer.error(call.id, -32064, data);
      },
      { ...QUICK, retryBudget: { tokens: 0, refund: 0 } },
      async (client) => assert.equal(await client.call("m"), "the next"),
    ));

  test("stops while hello is said is greeted once more", () =>
    against(
      async (peer, number) => {
        if (number === 1) return peer.socket.end();
        await peer.greet();
        peer.reply((await peer.next()).id, 1);
      },
      {},
      async (client) => {
        await client.call("m");
        assert.equal(client.isNegotiated, true);
      },
    ));

  test("is given up while it connects can be asked again", () =>
    against(
      async (peer, number) => {
        if (number === 1) await new Promise((resolve) => setTimeout(resolve, 100));
        await peer.greet();
        for (;;) peer.reply((await peer.next()).id, "here");
      },
      QUICK,
      async (client) => {
        await assert.rejects(client.stream("m", {}, { signal: AbortSignal.timeout(10) }), { name: "TimeoutError" });
        const events = client.events("m", {}, { signal: AbortSignal.timeout(10) });
        await assert.rejects(events.result(), { name: "TimeoutError" });
        assert.equal(await client.call("m"), "here");
      },
    ));

  test("has 600 calls cancelled at once goes on", () =>
    against(
      async (peer) => {
        await peer.greet();
        for (;;) {
          const { id, method, params } = await peer.next();
          if (method === "rpc.cancel") peer.error(params.id, -32051, { reason: "cancelled" });
          else if (method === "m") peer.reply(id, "here");
        }
      },
      QUICK,
      async (client) => {
        await client.connect();
        const controller = new AbortController();
        const calls = Array.from({ length: 600 }, () => client.call("slow", {}, { signal: controller.signal }));
        const outcomes = Promise.allSettled(calls);
        controller.abort();
        assert.ok((await outcomes).every(({ status }) => status === "rejected"));
        assert.equal(await client.call("m"), "here");
      },
    ));

  test("is too busy says when to come again", () =>
    against(
      async (peer) => {
        await peer.greet();
        peer.error((await peer.next()).id, -32058, { reason: "rate", not_started: true, retry_after_ms: 30 });
        peer.reply((await peer.next()).id, "now");
      },
      QUICK,
      async (client) => {
        const start = performance.now();
        assert.equal(await client.call("m"), "now");
        assert.ok(performance.now() - start >= 29);
      },
    ));

  test("refuses the credentials says so", () =>
    against(
      async (peer) => {
        const hello = await peer.next();
        assert.deepEqual(hello.params.auth, { token: "wrong" });
        peer.error(hello.id, -32066, { status: "UNAUTHENTICATED", reason: "credentials" });
      },
      { ...ONCE, token: "wrong" },
      (client) => assert.rejects(client.call("m"), { status: "UNAUTHENTICATED", reason: "credentials" }),
    ));
});

describe("addresses", () => {
  test("the next one is tried when one refuses", async () => {
    const gone = await Double.start(() => {});
    await gone.stop();
    const double = await Double.start(async (peer) => {
      await peer.greet({ ...HELLO_RESULT, features: ["meta"] });
      peer.reply((await peer.next()).id, "here");
    });
    const client = new Client([gone.address, double.address], ONCE);
    assert.equal(await client.call("m"), "here");
    assert.deepEqual(client.features, ["meta"]);
    await client.close();
    await double.stop();
  });

  test("nobody there: unreachable, after as many tries as are allowed", async () => {
    const gone = await Double.start(() => {});
    await gone.stop();
    const client = new Client(gone.address, QUICK);
    await assert.rejects(client.call("m"), { status: "UNAVAILABLE", reason: "unreachable", notStarted: true });
    await client.close();
  });

  for (const address of ["localhost", "127.0.0.1:", "::1:70", "a b:1", "h:0", "h:65536", []]) {
    test(`${JSON.stringify(address)} is none`, () => assert.throws(() => new Client(address), TypeError));
  }

  test("a server that comes back is used again", async () => {
    const serve = async (peer) => {
      await peer.greet();
      for (;;) {
        const { id } = await peer.next();
        peer.reply(id, "pong");
      }
    };
    let double = await Double.start(serve);
    const { address } = double;
    const client = new Client(address, QUICK);
    await client.ping();
    await double.stop();
    const call = client.call("m", {}, { idempotent: true }).catch((error) => error);
    double = await Double.start(serve, undefined, Number(address.split(":")[1]));
    await call;
    await client.ping();
    await client.close();
    await double.stop();
  });
});

test("an option that does not exist is refused", async () => {
  assert.throws(() => new Client("h:1", { timeout: 5 }), /no option "timeout"/);
  await assert.rejects(new Client("h:1").call("m", {}, { timeout: 5 }), /no option "timeout"/);
});
