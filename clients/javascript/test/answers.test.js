import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { plainFrame, xFrame } from "../src/frames.js";
import { against, ONCE, QUICK } from "../test-support/against.js";

describe("a server that", () => {
  test("goes on with a byte stream that nobody asked for", () =>
    against(
      async (peer) => {
        await peer.greet();
        const { id } = await peer.next();
        peer.send(Buffer.concat(xFrame(JSON.stringify({ jsonrpc: "2.0", id, content: {} }), 6, Buffer.from("a"))));
        assert.equal((await peer.next()).method, "rpc.cancel");
        peer.send(Buffer.concat(xFrame(JSON.stringify({ jsonrpc: "2.0", id }), 6, Buffer.from("b"))));
        peer.error(id, -32051, {});
        peer.reply((await peer.next()).id, "here");
      },
      QUICK,
      async (client) => {
        await assert.rejects(client.call("m"), { reason: "stream" });
        assert.equal(await client.call("m"), "here");
      },
    ));

  test("sends progress to a mistaken caller loses only that call", () =>
    against(
      async (peer) => {
        await peer.greet();
        const { id } = await peer.next();
        peer.notify("rpc.event", { id, seq: 1, kind: "progress", data: 1 });
        assert.equal((await peer.next()).method, "rpc.cancel");
        peer.reply((await peer.next()).id, "here");
      },
      QUICK,
      async (client) => {
        const onProgress = () => {
          throw new Error("mine");
        };
        await assert.rejects(client.call("m", {}, { onProgress }), { message: "mine" });
        assert.equal(await client.call("m"), "here");
      },
    ));

  test("says goaway is left for a new connection, and what runs finishes", () => {
    let [acknowledged, release] = [];
    const acknowledgement = new Promise((resolve) => (acknowledged = resolve));
    const released = new Promise((resolve) => (release = resolve));
    return against(
      async (peer, number) => {
        await peer.greet();
        const call = await peer.next();
        if (number === 2) return peer.reply(call.id, "new");
        peer.notify("rpc.goaway", { reason: "draining", grace_ms: 30_000 });
        assert.equal((await peer.next()).method, "rpc.goaway_ack");
        acknowledged();
        await released;
        peer.reply(call.id, "old");
      },
      QUICK,
      async (client) => {
        const old = client.call("slow");
        await acknowledgement;
        assert.equal(await client.call("fast"), "new");
        release();
        assert.equal(await old, "old");
      },
    );
  });

  test("ends a long call when it stops has it made again", () =>
    against(
      async (peer, number) => {
        await peer.greet();
        const call = await peer.next();
        if (number === 2) {
          assert.equal(call.meta.stream.after, 2);
          peer.notify("rpc.event", { id: call.id, seq: 3, kind: "item", data: "c" });
          return peer.reply(call.id, "done");
        }
        peer.notify("rpc.event", { id: call.id, seq: 1, kind: "item", data: "a" });
        peer.notify("rpc.event", { id: call.id, seq: 2, kind: "item", data: "b" });
        peer.notify("rpc.goaway", { reason: "draining", grace_ms: 1000 });
        peer.error(call.id, -32064, { status: "UNAVAILABLE", reason: "draining", resume: true });
      },
      QUICK,
      async (client) => {
        const events = client.events("watch");
        const items = [];
        for await (const { data } of events) items.push(data);
        assert.deepEqual([items, await events.result()], [["a", "b", "c"], "done"]);
      },
    ));

  test("dribbles is understood", () =>
    against(
      async (peer) => {
        await peer.greet();
        const { id } = await peer.next();
        for (const octet of plainFrame(JSON.stringify({ jsonrpc: "2.0", id, result: "slow" }))) {
          peer.socket.write(Buffer.from([octet]));
          await new Promise(setImmediate);
        }
      },
      {},
      async (client) => assert.equal(await client.call("m"), "slow"),
    ));

  for (const [name, octets, code] of [
    ["garbage", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), -32070],
    ["what is no JSON", plainFrame("nonsense"), -32700],
    ["a frame longer than is taken", Buffer.from("7fffffff", "hex"), -32070],
    ["an x-frame cut short", Buffer.from("80000001aa", "hex"), -32700],
  ]) {
    test(`sends ${name} is disconnected`, () =>
      against(
        async (peer) => {
          await peer.greet();
          await peer.next();
          peer.socket.write(octets);
          await peer.closed;
        },
        ONCE,
        async (client) => {
          const error = await client.call("m").catch((error) => error);
          assert.deepEqual([error.reason, error.cause.code], ["connection_lost", code]);
        },
      ));
  }

  test("answers twice is heard once", () =>
    against(
      async (peer) => {
        await peer.greet();
        for (;;) {
          const { id } = await peer.next();
          for (let n = 0; n < 3; n++) peer.reply(id, id);
        }
      },
      {},
      async (client) => assert.deepEqual([await client.call("m"), await client.call("m")], [1, 2]),
    ));

  test("says nothing any more is given up", () =>
    against(
      async (peer) => {
        await peer.greet();
        await peer.closed;
      },
      { ...ONCE, keepAliveMs: 40 },
      async (client) => assert.rejects(client.call("m"), { reason: "connection_lost" }),
    ));

  test("breaks off a stream: the download begins again, and no cut file is left", async () => {
    const directory = mkdtempSync(join(tmpdir(), "pailou-javascript-"));
    const path = join(directory, "file.bin");
    const chunk = (id, flags, octets, content) =>
      Buffer.concat(xFrame(JSON.stringify({ jsonrpc: "2.0", id, ...(content ? { content } : {}) }), flags, Buffer.from(octets)));
    try {
      await against(
        async (peer, number) => {
          await peer.greet();
          const { id } = await peer.next();
          peer.send(chunk(id, 6, "abc", { type: "text/plain", size: 6 }));
          if (number === 1) return peer.socket.end();
          peer.send(chunk(id, 2, "def"));
        },
        QUICK,
        async (client) => {
          const content = await client.download("file", {}, path);
          assert.deepEqual(content, { type: "text/plain", size: 6 });
        },
      );
      assert.equal(readFileSync(path, "utf8"), "abcdef");
      assert.deepEqual(readdirSync(directory), ["file.bin"]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test("sends less than it said: data loss, and no file", async () => {
    const directory = mkdtempSync(join(tmpdir(), "pailou-javascript-"));
    const header = (id) => JSON.stringify({ jsonrpc: "2.0", id, content: { type: "t", size: 6 } });
    try {
      await against(
        async (peer) => {
          await peer.greet();
          const { id } = await peer.next();
          peer.send(Buffer.concat(xFrame(header(id), 2, Buffer.from("abc"))));
        },
        ONCE,
        (client) => assert.rejects(client.download("file", {}, join(directory, "file.bin")), { status: "DATA_LOSS", reason: "size" }),
      );
      assert.deepEqual([existsSync(join(directory, "file.bin")), readdirSync(directory)], [false, []]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
