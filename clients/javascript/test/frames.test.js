import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameDecoder, plainFrame, xFrame } from "../src/frames.js";

/** Every frame of the octets, given `step` at a time. */
function decode(octets, { step = octets.length, octetsMax = 1000, takesXFrames = true } = {}) {
  const decoder = new FrameDecoder(octetsMax);
  decoder.takesXFrames = takesXFrames;
  const frames = [];
  for (let at = 0; at < octets.length; at += step) {
    decoder.add(octets.subarray(at, at + step));
    for (let frame; (frame = decoder.next()); ) frames.push(frame);
  }
  return frames.map(({ body, ...x }) => (body ? body.toString() : { flags: x.flags, header: `${x.header}`, payload: `${x.payload}` }));
}

const SEVERAL = Buffer.concat([
  plainFrame('{"a":1}'),
  plainFrame(""),
  ...xFrame('{"id":1}', 6, Buffer.from("octets")),
  ...xFrame("{}", 0, Buffer.alloc(0)),
  plainFrame("日本"),
]);
const EXPECTED = [
  '{"a":1}', "", { flags: 6, header: '{"id":1}', payload: "octets" }, { flags: 0, header: "{}", payload: "" }, "日本",
];

for (const step of [1, 2, 3, 5, 7, SEVERAL.length]) {
  test(`frames that come ${step} octets at a time`, () => {
    assert.deepEqual(decode(SEVERAL, { step }), EXPECTED);
  });
}

test("a frame's octets are those of the specification's example", () => {
  const frame = plainFrame('{"jsonrpc":"2.0","id":1,"method":"subtract","params":[42,23]}');
  assert.equal(frame.subarray(0, 5).toString("hex"), "0000003d7b");
});

test("a frame that is too long is refused at its header", () => {
  const decoder = new FrameDecoder(8);
  decoder.add(Buffer.from([0, 0, 0, 9]));
  assert.throws(() => decoder.next(), { code: -32070, reason: "size", data: { limit: 8, length: 9 } });
});

test("a frame of exactly the limit is taken", () => {
  assert.deepEqual(decode(plainFrame("12345678"), { octetsMax: 8 }), ["12345678"]);
});

test("bit 31 is an ordinary bit until x-frames were agreed on", () => {
  assert.throws(() => decode(Buffer.concat(xFrame("{}", 0, Buffer.alloc(0))), { takesXFrames: false }), { reason: "size" });
});

for (const [name, hex] of [
  ["shorter than its prologue", "80000003010000"],
  ["whose header is longer than itself", "80000005010000020a"],
  ["of an unknown type", "8000000602000002" + "7b7d"],
]) {
  test(`an x-frame ${name} is refused`, () => {
    assert.throws(() => decode(Buffer.from(hex, "hex")), { reason: "protocol" });
  });
}

test("a decoder says whether it is inside a frame", () => {
  const decoder = new FrameDecoder(100);
  assert.equal(decoder.isInside, false);
  decoder.add(Buffer.from([0]));
  assert.equal(decoder.isInside, true);
  decoder.add(Buffer.from([0, 0, 1, 0x7b]));
  assert.equal(decoder.next().body.toString(), "{");
  assert.equal(decoder.isInside, false);
});
