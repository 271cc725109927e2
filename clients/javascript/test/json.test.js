import assert from "node:assert/strict";
import { test } from "node:test";

import { parseJSON, toJSON } from "../src/json.js";

const parse = (text, integers) => parseJSON(Buffer.from(text), integers);

test("long integers become BigInts where that was asked for", () => {
  const text = '{"a":9007199254740993,"b":[-18446744073709551615],"c":9007199254740991,"d":1.5,"e":1e30,"f":"9007199254740993"}';
  assert.deepEqual(parse(text, "bigint"), {
    a: 9007199254740993n, b: [-18446744073709551615n], c: 9007199254740991, d: 1.5, e: 1e30, f: "9007199254740993",
  });
});

test("long integers become the nearest number otherwise", () => {
  assert.deepEqual(parse('{"a":9007199254740993}'), { a: 9007199254740992 });
});

test("digits inside of strings with escapes stay text", () => {
  assert.deepEqual(parse('["\\"12345678901234567890\\\\",12345678901234567890]', "bigint"), [
    '"12345678901234567890\\', 12345678901234567890n,
  ]);
});

test("a long integer where a name should be is no JSON", () => {
  assert.throws(() => parse('{12345678901234567890:1}', "bigint"), { code: -32700, reason: "json" });
});

test("BigInts are written as integers", () => {
  assert.equal(toJSON({ a: [18446744073709551615n, "1"], b: -1n }), '{"a":[18446744073709551615,"1"],"b":-1}');
});

test("what was read is written the same", () => {
  const text = '{"a":9007199254740993,"b":"x 9007199254740993"}';
  assert.equal(toJSON(parse(text, "bigint")), text);
});

for (const value of [undefined, () => 1, Symbol("s")]) {
  test(`${typeof value} is nothing that JSON can hold`, () => assert.throws(() => toJSON(value), TypeError));
}

test("a cycle is refused", () => {
  const cycle = {};
  cycle.self = cycle;
  assert.throws(() => toJSON(cycle), TypeError);
});

for (const [name, octets] of [["not UTF-8", Buffer.from([0x22, 0xff, 0x22])], ["cut", Buffer.from('{"a":')], ["nothing", Buffer.alloc(0)]]) {
  test(`octets that are ${name} are refused`, () => assert.throws(() => parseJSON(octets), { code: -32700, reason: "json" }));
}
