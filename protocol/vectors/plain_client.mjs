// A plain client: Node's sockets and JSON, nothing of ours.
//
//     node plain_client.mjs HOST PORT PID
//
// checks what the wire specification promises such a client (P1 to P12) against a server of the demo methods whose
// process id is PID; the last check ends it. Prints one line a check; exits with 1 if one of them fails.

import assert from "node:assert/strict";
import net from "node:net";

const MS_MAX = 20_000;
const FRAME_BYTES_MAX = 8 * 1024 * 1024;

/** Keeps what arrives, in order. */
class PlainClient {
  #socket;
  #octets = Buffer.alloc(0);
  #hasEnded = false;
  #changed = () => {};

  static async connect(host, port) {
    const client = new PlainClient();
    const socket = net.connect({ host, port, noDelay: true, allowHalfOpen: true });
    client.#socket = socket;
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.setTimeout(MS_MAX, () => socket.destroy(new Error(`nothing came for ${MS_MAX} ms`)));
    socket.on("data", (octets) => {
      client.#octets = Buffer.concat([client.#octets, octets]);
      client.#changed();
    });
    const ended = () => {
      client.#hasEnded = true;
      client.#changed();
    };
    socket.on("end", ended).on("close", ended).on("error", ended);
    return client;
  }

  write(octets) {
    return new Promise((resolve) => this.#socket.write(octets, resolve));
  }

  /** Sends each message in a frame of its own, all in one write. */
  send(...messages) {
    return this.write(Buffer.concat(messages.map(framed)));
  }

  halfClose() {
    this.#socket.end();
  }

  destroy() {
    this.#socket.destroy();
  }

  /** The next frame, checked to be a reply and nothing else; undefined at the end of the connection. */
  async replyOrEnd() {
    while (!this.#hasFrame() && !this.#hasEnded) await new Promise((resolve) => (this.#changed = resolve));
    if (!this.#hasFrame()) {
      assert.equal(this.#octets.length, 0, "the last frame was cut");
      return undefined;
    }
    const end = 4 + this.#octets.readUInt32BE(0);
    const text = this.#octets.toString("utf8", 4, end);
    this.#octets = this.#octets.subarray(end);
    return { message: checked(JSON.parse(text)), text };
  }

  #hasFrame() {
    return this.#octets.length >= 4 && this.#octets.length >= 4 + this.#octets.readUInt32BE(0);
  }

  async reply() {
    const reply = await this.replyOrEnd();
    assert.ok(reply, "expected a reply, found the end of the connection");
    return reply;
  }

  /** All replies until the server ends the connection. */
  async rest() {
    const replies = [];
    for (let reply; (reply = await this.replyOrEnd()); ) replies.push(reply.message);
    return replies;
  }
}

function framed(message) {
  const text = Buffer.from(typeof message === "string" ? message : JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text]);
}

/** P3: a reply has these members and no others; so has every reply of a batch. */
function checked(message) {
  for (const reply of Array.isArray(message) ? message : [message]) {
    const members = Object.keys(reply).sort().join();
    assert.ok(["id,jsonrpc,result", "error,id,jsonrpc"].includes(members), `P3: not a plain reply: ${members}`);
    assert.equal(reply.jsonrpc, "2.0");
    if (reply.error) assert.ok(Number.isInteger(reply.error.code) && reply.error.message, "P3: not an error");
  }
  return message;
}

const call = (id, method, params) => ({ jsonrpc: "2.0", id, method, params });
const note = (method, params) => ({ jsonrpc: "2.0", method, params });

const CHECKS = {
  "p1 needs no hello": async (client) => {
    await client.send(call(1, "subtract", [42, 23]));
    assert.equal((await client.reply()).message.result, 19);
  },

  "p2 receives only replies to its own requests": async (client) => {
    await client.send(
      call("count", "demo.count", { to: 5 }), note("update", [1]), call("echo", "demo.echo", { a: 1 }),
      note("demo.count", { to: 5 }),
    );
    client.halfClose();
    const replies = Object.fromEntries((await client.rest()).map(({ id, result }) => [id, result]));
    assert.deepEqual(replies, { count: { counted: 5 }, echo: { a: 1 } });
  },

  // Every reply of every check is looked at; here one of each kind.
  "p3 gets replies with three members and no others": async (client) => {
    await client.send(call(1, "get_data"), call(2, "no.such.method"));
    const replies = [(await client.reply()).message, (await client.reply()).message].sort((a, b) => a.id - b.id);
    assert.deepEqual(replies.map((reply) => Object.keys(reply).sort()), [["id", "jsonrpc", "result"], ["error", "id", "jsonrpc"]]);
  },

  "p4 gets replies in any order with the octets of their ids": async (client) => {
    await client.send(call("slow", "demo.sleep", { ms: 300 }), '{"jsonrpc":"2.0","id":1.0,"method":"get_data"}');
    assert.match((await client.reply()).text, /"id": ?1\.0[,}]/);
    assert.equal((await client.reply()).message.id, "slow");
  },

  "p5 sends batches": async (client) => {
    await client.send([call(1, "sum", [1, 2, 4]), note("notify_hello", [7]), { foo: "boo" }, call(2, "get_data")]);
    const { message } = await client.reply();
    const found = message.map(({ id, result, error }) => JSON.stringify([id, result ?? error.code])).sort();
    assert.deepEqual(found, ['[1,7]', '[2,["hello",5]]', "[null,-32600]"]);
  },

  "p6 sends one octet at a time": async (client) => {
    for (const octet of framed(call(1, "get_data"))) await client.write(Buffer.from([octet]));
    assert.deepEqual((await client.reply()).message.result, ["hello", 5]);
  },

  "p6 sends 64 frames in one segment": async (client) => {
    const numbers = Array.from({ length: 64 }, (_, n) => n);
    await client.send(...numbers.map((n) => call(n, "subtract", [n, 1])));
    const results = new Map();
    for (const _ of numbers) {
      const { id, result } = (await client.reply()).message;
      results.set(id, result);
    }
    assert.deepEqual(numbers.map((n) => results.get(n)), numbers.map((n) => n - 1));
  },

  "p7 closes its half and still gets its replies": async (client) => {
    await client.send(call(1, "demo.sleep", { ms: 200 }), call(2, "get_data"));
    client.halfClose();
    assert.deepEqual((await client.rest()).map(({ id }) => id), [2, 1]);
  },

  "p8 is told a limit before the connection closes": async (client) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(FRAME_BYTES_MAX + 1);
    await client.write(Buffer.concat([length, Buffer.alloc(1000, "{")]));
    const [reply, ...rest] = await client.rest();
    assert.deepEqual([reply.id, reply.error.code, reply.error.data.limit, rest], [null, -32070, FRAME_BYTES_MAX, []]);
  },

  "p9 has the methods' own timeouts and no meta": async (client) => {
    await client.send({ ...call(1, "demo.sleep", { ms: 50 }), meta: { timeout_ms: 1, stream: { credit: 1 } } });
    assert.deepEqual((await client.reply()).message.result, { slept_ms: 50 });
  },

  "p11 cancels unannounced": async (client) => {
    await client.send(
      call("a", "demo.sleep", { ms: 60_000 }), call("b", "demo.sleep", { ms: 100 }), note("$/cancelRequest", { id: "a" }),
    );
    const { id, error } = (await client.reply()).message;
    assert.deepEqual([id, error?.code], ["a", -32051]);
    assert.deepEqual((await client.reply()).message.result, { slept_ms: 100 });
  },

  "p12 gets long lists in parts it can take": async (client) => {
    const numbers = [];
    for (let more = true; more; ) {
      await client.send(call(1, "demo.list", { total: 20_000, after: numbers.length }));
      const { message, text } = await client.reply();
      assert.ok(text.length < 99_999, `a reply of ${text.length} octets`);
      numbers.push(...message.result.items.map(({ number }) => number));
      more = message.result.more;
    }
    assert.deepEqual(numbers, Array.from({ length: 20_000 }, (_, n) => n + 1));
    await client.send(call(2, "demo.list", { max_bytes: 2_000 }));
    const { message, text } = await client.reply();
    assert.ok(text.length < 2_100 && message.result.more, `a reply of ${text.length} octets`);
  },

  // Ends the server: nothing can be checked after it.
  "p10 gets its replies from a server that stops": async (client, pid) => {
    await client.send(call(1, "demo.sleep", { ms: 500 }), call(2, "get_data"));
    assert.equal((await client.reply()).message.id, 2);
    process.kill(pid, "SIGTERM");
    assert.deepEqual(await client.rest(), [{ jsonrpc: "2.0", id: 1, result: { slept_ms: 500 } }]);
  },
};

const [host, port, pid] = process.argv.slice(2);
if (pid === undefined) {
  console.error("usage: plain_client.mjs HOST PORT PID");
  process.exit(64);
}
let failures = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  const client = await PlainClient.connect(host, Number(port));
  try {
    await check(client, Number(pid));
    console.log(`ok      ${name}`);
  } catch (error) {
    failures += 1; // One failure must not hide the others.
    console.log(`FAILED  ${name}: ${error.message}`);
  }
  client.destroy();
}
const count = Object.keys(CHECKS).length;
console.log(`${count - failures} of ${count} checks passed`);
process.exitCode = failures ? 1 : 0;
