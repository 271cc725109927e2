import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Pailou } from "../test-support/pailou.js";

let server;
before(async () => (server = await Pailou.start()));
after(() => server?.stop());

/** Runs a sample as a reader would. */
function sample(name, ...options) {
  const path = fileURLToPath(new URL(`../samples/${name}.js`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...options, "--address", server.gateway], { timeout: 60_000 }, (error, output, errors) =>
      resolve({ status: error ? error.code : 0, output, errors }),
    );
  });
}

test("call prints the result, or one line of error", async () => {
  assert.deepEqual(await sample("call", "subtract", "[42, 23]"), { status: 0, output: "19\n", errors: "" });
  const { status, errors } = await sample("call", "demo.nothing");
  assert.equal(status, 1);
  assert.match(errors, /^error: -32601 UNIMPLEMENTED .*\n$/);
});

test("arguments that are missing are told with the usage", async () => {
  const { status, errors } = await sample("watch");
  assert.equal(status, 64);
  assert.match(errors, /usage: watch\.js KEY/);
});

test("export, watch and cancel", async () => {
  const directory = mkdtempSync(join(tmpdir(), "pailou-javascript-"));
  try {
    const file = join(directory, "demo.zip");
    const exported = await sample("export", `http://${server.endpoints.facades.export}/demo/page`, "-o", file);
    assert.deepEqual([exported.status, exported.errors], [0, ""]);
    assert.equal(readFileSync(file).subarray(0, 4).toString("latin1"), "PK\x03\x04");
    const key = exported.output.split(/\s/)[1];
    const watched = await sample("watch", key);
    const ended = JSON.parse(watched.output.trimEnd().split("\n").at(-1).replace(/^ended /, ""));
    assert.deepEqual([ended.hash_key, ended.status], [key, 2]);
    // It has come to its end already: the server says so, one way or the other.
    const cancelled = await sample("cancel", key);
    assert.match(cancelled.output + cancelled.errors, /status \d|FAILED_PRECONDITION/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
