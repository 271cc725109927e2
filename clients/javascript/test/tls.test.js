import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import tls from "node:tls";

import { Client } from "../src/index.js";
import { Double } from "../test-support/double.js";

let directory;
const at = (name) => join(directory, name);
const openssl = (...args) => execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });

before(() => {
  directory = mkdtempSync(join(tmpdir(), "pailou-javascript-tls-"));
  for (const ca of ["ca", "other"]) {
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
      "-subj", `/CN=${ca}`, "-keyout", `${ca}.key`, "-out", `${ca}.pem`);
  }
  for (const [name, alternative] of [["server", "DNS:server.test,IP:127.0.0.1"], ["client", "DNS:client.test"]]) {
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", `/CN=${name}`,
      "-keyout", `${name}.key`, "-out", `${name}.csr`);
    writeFileSync(at(`${name}.ext`), `subjectAltName=${alternative}\n`);
    openssl("x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
      "-extfile", `${name}.ext`, "-out", `${name}.pem`);
  }
});
after(() => rmSync(directory, { recursive: true, force: true }));

/** A server with this certificate that answers every call with the name its client's certificate has. */
async function withServer(options, body) {
  const read = (name) => readFileSync(at(name));
  const double = await Double.start(
    async (peer) => {
      await peer.greet();
      for (;;) peer.reply((await peer.next()).id, peer.socket.getPeerCertificate()?.subject?.CN ?? null);
    },
    (serve) => tls.createServer({ cert: read("server.pem"), key: read("server.key"), ca: read("ca.pem"), ...options }, serve),
  );
  try {
    await body(double.address);
  } finally {
    await double.stop();
  }
}

async function call(address, security) {
  const client = new Client(address, { tls: security, retry: { tries: 1 } });
  try {
    return await client.call("m", undefined, { timeoutMs: 10_000 });
  } finally {
    await client.close();
  }
}

test("a certificate of the right authority is believed, by address and by name", () =>
  withServer({}, async (address) => {
    assert.equal(await call(address, { caFile: at("ca.pem") }), null);
    assert.equal(await call(address, { caFile: at("ca.pem"), serverName: "server.test" }), null);
  }));

test("another authority's is not", () =>
  withServer({}, (address) => assert.rejects(call(address, { caFile: at("other.pem") }), { reason: "unreachable", notStarted: true })));

test("another name's is not", () =>
  withServer({}, (address) =>
    assert.rejects(call(address, { caFile: at("ca.pem"), serverName: "else.test" }), { reason: "unreachable", message: /else\.test/ }),
  ));

test("a client shows its certificate", () =>
  withServer({ requestCert: true, rejectUnauthorized: true }, async (address) => {
    const security = { caFile: at("ca.pem"), certFile: at("client.pem"), keyFile: at("client.key") };
    assert.equal(await call(address, security), "client");
    await assert.rejects(call(address, { caFile: at("ca.pem") }), { status: "UNAVAILABLE" });
  }));

test("a file that is not there is told", () =>
  assert.rejects(call("127.0.0.1:1", { caFile: at("nothing.pem") }), { reason: "unreachable", message: /nothing\.pem/ }));
