import assert from "node:assert/strict";
import { test } from "node:test";

import { RPCError } from "../src/errors.js";
import { DEFAULTS } from "../src/options.js";
import { RetryBudget, retryDelay } from "../src/retry.js";

const error = (code, data) => RPCError.fromReply({ code, message: "m", data });
const plain = { attempt: 1, isIdempotent: false, remainingMs: Infinity, random: () => 0.5 };

for (const [name, failure, call, expected] of [
  ["what never started is tried again", error(-32064, { not_started: true }), {}, 100],
  ["unavailable alone is not", error(-32064), {}, undefined],
  ["unavailable is, of an idempotent method", error(-32064), { isIdempotent: true }, 100],
  ["a deadline is, of an idempotent method", error(-32054), { isIdempotent: true }, 100],
  ["a deadline is not, of another", error(-32054), {}, undefined],
  ["a long call that a draining server ended is", error(-32064, { resume: true }), {}, 100],
  ["exhausted is an answer, even with a time", error(-32058, { retry_after_ms: 700 }), { isIdempotent: true }, undefined],
  ["exhausted is, when it never started", error(-32058, { not_started: true, retry_after_ms: 700 }), {}, 700],
  ["exhausted without a time is not", error(-32058), { isIdempotent: true }, undefined],
  ["not found is not", error(-32055), { isIdempotent: true }, undefined],
  ["too large is not", error(-32070), { isIdempotent: true }, undefined],
  ["the third delay is four times the first", error(-32064), { isIdempotent: true, attempt: 3 }, 400],
  ["there is no fifth try", error(-32064), { isIdempotent: true, attempt: 4 }, undefined],
  ["a delay is spread downwards", error(-32064), { isIdempotent: true, random: () => 0 }, 80],
  ["a delay that does not fit into the time left ends it", error(-32064), { isIdempotent: true, remainingMs: 99 }, undefined],
  ["what the gateway has tried is not", error(-32064, { not_started: true, tries: 4 }), { isIdempotent: true }, undefined],
  ["a closed client does not try", new RPCError(-32064, "m", { reason: "closed", notStarted: true }), {}, undefined],
]) {
  test(name, () => {
    assert.equal(retryDelay(failure, DEFAULTS.retry, { ...plain, ...call }), expected);
  });
}

test("delays end growing at their maximum", () => {
  const policy = { ...DEFAULTS.retry, tries: 20 };
  assert.equal(retryDelay(error(-32064), policy, { ...plain, isIdempotent: true, attempt: 12 }), 1_000);
});

test("the meta of a reply may say when to come again", () => {
  assert.equal(RPCError.fromReply({ code: -32058, message: "m" }, { retry_after_ms: 30 }).retryAfterMs, 30);
});

test("a budget holds ten retries, and ten successes give one back", () => {
  const budget = new RetryBudget(DEFAULTS.retryBudget);
  for (let n = 0; n < 10; n++) assert.equal(budget.take(), true);
  assert.equal(budget.take(), false);
  for (let n = 0; n < 9; n++) budget.succeeded();
  assert.equal(budget.take(), false);
  for (let n = 0; n < 2; n++) budget.succeeded();
  assert.equal(budget.take(), true);
});

test("successes do not fill a budget beyond its size", () => {
  const budget = new RetryBudget({ tokens: 1, refund: 1 });
  for (let n = 0; n < 5; n++) budget.succeeded();
  assert.equal(budget.take(), true);
  assert.equal(budget.take(), false);
});
