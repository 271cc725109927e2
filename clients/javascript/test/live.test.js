import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { after, before, describe, test } from "node:test";

import { Client } from "../src/index.js";
import { Pailou } from "../test-support/pailou.js";

let server;
let directory;
const clients = [];

before(async () => {
  server = await Pailou.start();
  directory = mkdtempSync(join(tmpdir(), "pailou-javascript-"));
});
after(async () => {
  for (const client of clients) await client.close();
  await server?.stop();
  if (directory) rmSync(directory, { recursive: true });
});

function connect(options, address = server.demo) {
  // On a busy machine the answer to hello may take longer than two seconds; it is not to be taken for a plain server.
  const client = new Client(address, { helloTimeoutMs: 30_000, ...options });
  clients.push(client);
  return client;
}

const pattern = (size) => Buffer.from(Array.from({ length: size }, (_, n) => n % 251));

for (const [name, options] of [["negotiated", {}], ["plain", { plain: true }]]) {
  describe(`a ${name} client`, () => {
    const client = () => connect(options);

    test("calls", async () => {
      assert.equal(await client().call("subtract", [42, 23]), 19);
    });

    test("has many calls under way at once", async () => {
      const one = client();
      const numbers = Array.from({ length: 500 }, (_, n) => n);
      assert.deepEqual(await Promise.all(numbers.map((n) => one.call("demo.echo", [n]))), numbers.map((n) => [n]));
    });

    test("gets errors with their details", async () => {
      await assert.rejects(client().call("demo.sleep", { ms: "soon" }), {
        name: "RPCError", code: -32602, status: "INVALID_ARGUMENT",
        details: [{ path: ["ms"], type: "int_type", message: "expected an integer" }],
      });
      await assert.rejects(client().call("demo.nothing"), { code: -32601, status: "UNIMPLEMENTED" });
    });

    test("stops waiting at its deadline", async () => {
      await assert.rejects(client().call("demo.sleep", { ms: 20_000 }, { timeoutMs: 50 }), { status: "DEADLINE_EXCEEDED" });
    });

    test("cancels by a signal, and goes on", async () => {
      const one = client();
      const controller = new AbortController();
      const sleeping = one.call("demo.sleep", { ms: 20_000 }, { signal: controller.signal });
      await one.ping();
      controller.abort(new Error("enough"));
      await assert.rejects(sleeping, { message: "enough" });
      assert.deepEqual(await one.call("get_data"), ["hello", 5]);
    });

    test("reads octets as a node stream", async () => {
      const stream = await client().stream("demo.stream", { bytes: 200_000 });
      const chunks = [];
      await pipeline(stream, async (source) => {
        for await (const chunk of source) chunks.push(chunk);
      });
      assert.ok(Buffer.concat(chunks).equals(pattern(200_000)));
    });

    test("reads an empty stream", async () => {
      const stream = await client().stream("demo.stream", { bytes: 0 });
      for await (const chunk of stream) assert.fail(`unexpected ${chunk.length} octets`);
    });

    test("downloads a file, whole or not at all", async () => {
      const path = join(directory, `${name}.bin`);
      let told = 0;
      await client().download("demo.stream", { bytes: 300_000 }, path, { onProgress: (octets) => (told = octets) });
      assert.ok(readFileSync(path).equals(pattern(300_000)));
      assert.equal(told, 300_000);
      const broken = join(directory, `${name}-broken.bin`);
      await assert.rejects(client().download("demo.stream", { bytes: 300_000, fail_at: 200_000 }, broken), { status: "DATA_LOSS" });
      assert.equal(existsSync(broken), false);
      assert.deepEqual(readdirSync(directory).filter((file) => file.endsWith(".part")), []);
    });

    test("speaks through the gateway", async () => {
      assert.equal(await connect(options, server.gateway).call("subtract", [42, 23]), 19);
    });
  });
}

describe("what is negotiated", () => {
  test("is told", async () => {
    const client = connect();
    assert.equal(client.isNegotiated, false);
    await client.connect();
    assert.equal(client.isNegotiated, true);
    for (const feature of ["meta", "xframe", "cancel", "stream"]) assert.ok(client.features.includes(feature));
  });

  test("the content of a stream says what it is", async () => {
    const stream = await connect().stream("demo.stream", { bytes: 5 });
    assert.deepEqual(stream.content, { type: "application/octet-stream", name: "demo.bin", size: 5 });
    stream.destroy();
  });

  test("a big message there and back", async () => {
    const params = { text: "ä".repeat(2_000_000), list: Array.from({ length: 1000 }, (_, n) => n) };
    assert.deepEqual(await connect().call("demo.echo", params), params);
  });

  test("a plain message of 3 MiB there and back", async () => {
    const params = { text: "x".repeat(3 << 20) };
    assert.deepEqual(await connect({ plain: true }).call("demo.echo", params), params);
  });
});

describe("events", () => {
  test("come in order, and then the result", async () => {
    const events = connect().events("demo.count", { to: 100 });
    const items = [];
    for await (const { kind, data } of events) if (kind === "item") items.push(data);
    assert.deepEqual(items, Array.from({ length: 100 }, (_, n) => n + 1));
    assert.deepEqual(await events.result(), { counted: 100 });
  });

  test("wait for a slow reader", async () => {
    const client = connect();
    const events = client.events("demo.count", { to: 1000 }, { credit: 4 });
    const first = await events.next();
    assert.equal(first.value.seq, 1);
    // The server has spent what it had; a call that came later passes what waits.
    await client.ping();
    let last;
    for await (const event of events) last = event;
    assert.equal(last.data, 1000);
  });

  test("that are left early cancel the call", async () => {
    const client = connect();
    for await (const { data } of client.events("demo.count", { to: 100_000, every_ms: 1 })) if (data === 3) break;
    assert.equal(await client.call("subtract", [3, 1]), 2);
  });

  test("the result drops what nobody read", async () => {
    assert.deepEqual(await connect().events("demo.count", { to: 50 }).result(), { counted: 50 });
  });

  test("progress is told while a call runs", async () => {
    const told = [];
    const result = await connect().call("demo.count", { to: 40, progress: true, every_ms: 5 }, { onProgress: (data) => told.push(data) });
    assert.deepEqual(result, { counted: 40 });
    assert.deepEqual(told.at(-1), { done: 40, total: 40 });
  });

  test("a signal ends them with its reason", async () => {
    const controller = new AbortController();
    const events = connect().events("demo.count", { to: 1000, every_ms: 1000 }, { signal: controller.signal });
    await events.next();
    controller.abort(new Error("enough"));
    await assert.rejects(events.next(), { message: "enough" });
    await assert.rejects(events.result(), { message: "enough" });
  });
});

test("integers of 64 bits survive as BigInts", async () => {
  const params = { id: 18446744073709551615n, small: 7 };
  assert.deepEqual(await connect({ integers: "bigint" }).call("demo.echo", params), params);
});

test("a notification is handed over", async () => {
  await connect().notify("update", [1]);
});

test("a stream that nobody reads on does not stop other calls", async () => {
  const client = connect();
  const stream = await client.stream("demo.stream", { bytes: 50_000_000 });
  assert.equal(await client.call("subtract", [2, 1]), 1);
  stream.destroy();
  assert.equal(await client.call("subtract", [3, 1]), 2);
});

test("a call of a method that answers octets says what to use", async () => {
  await assert.rejects(connect().call("demo.stream", { bytes: 100_000 }), { reason: "stream" });
});

test("a closed client refuses calls, and ends those under way", async () => {
  const client = connect();
  await client.connect();
  const sleeping = client.call("demo.sleep", { ms: 20_000 });
  await client.close();
  await assert.rejects(sleeping, { reason: "closed" });
  await assert.rejects(client.call("get_data"), { reason: "closed" });
});

test("a server that stops answers what it has, and nobody is left hanging", async () => {
  const own = await Pailou.start();
  const client = connect({ retry: { tries: 1 } }, own.demo);
  try {
    const running = client.call("demo.sleep", { ms: 700 });
    await client.ping();
    own.terminate();
    assert.deepEqual(await running, { slept_ms: 700 });
  } finally {
    await own.stop();
  }
  await assert.rejects(client.call("get_data"), { status: "UNAVAILABLE", notStarted: true });
});
