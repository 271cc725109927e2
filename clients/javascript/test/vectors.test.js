import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Conversation, sentOctets } from "../test-support/conversation.js";
import { Pailou, ROOT } from "../test-support/pailou.js";
import { matchAll } from "../test-support/patterns.js";
import { unfold } from "../test-support/repeat.js";

const VECTORS = join(ROOT, "protocol/vectors");
/** Above this a case is not sent octet by octet. */
const SPLIT_OCTETS_MAX = 4096;

let server;
before(async () => (server = await Pailou.start()));
after(() => server?.stop());

function files(folder) {
  return readdirSync(join(VECTORS, folder))
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => ({ name: `${folder}/${name}`, cases: unfold(JSON.parse(readFileSync(join(VECTORS, folder, name), "utf8")).cases) }));
}

async function converse(isForeign, body) {
  const conversation = await Conversation.open(server.demo, isForeign);
  try {
    await body(conversation);
  } finally {
    conversation.destroy();
  }
}

/** Runs a case whole, and split where it is small enough. */
function bothWays(name, octets, run) {
  test(name, () => run(false));
  if (octets < SPLIT_OCTETS_MAX) test(`${name}, octet by octet`, () => run(true));
}

for (const { name, cases } of files("messages")) {
  describe(name, { concurrency: 4 }, () => {
    for (const vector of cases) {
      const octets = vector.send_hex ? Buffer.from(vector.send_hex, "hex") : Buffer.from(vector.send);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(octets.length);
      bothWays(vector.name, octets.length, (isSplit) =>
        converse(false, async (conversation) => {
          await conversation.send([{ hex: Buffer.concat([length, octets]).toString("hex") }], isSplit);
          conversation.end();
          const frames = await conversation.rest();
          assert.ok(matchAll(frames, vector.replies), `found ${JSON.stringify(frames)}`);
          if (vector.reply_holds) assert.ok(frames.some(({ text }) => text.includes(vector.reply_holds)));
        }),
      );
    }
  });
}

for (const { name, cases } of files("frames")) {
  describe(name, { concurrency: 4 }, () => {
    for (const vector of cases) {
      const isForeign = vector.steps.some((step) => "receive_text" in step);
      const octets = vector.steps.reduce((sum, step) => sum + (step.send ? sentOctets(step.send) : 0), 0);
      bothWays(vector.name, octets, (isSplit) => converse(isForeign, (conversation) => run(conversation, vector.steps, isSplit)));
    }
  });
}

async function run(conversation, steps, isSplit) {
  for (const step of steps) {
    if (step.send) await conversation.send(step.send, isSplit);
    else if (step.receive) await conversation.receive(step.receive);
    else if (step.receive_text) await conversation.receiveText(step.receive_text);
    else if (step.end) conversation.end();
    else if (step.closed) await conversation.closed();
    else assert.fail(`unknown step ${JSON.stringify(step)}`);
  }
  if (steps.at(-1).closed) return;
  conversation.end();
  assert.deepEqual(await conversation.rest(), []);
}
