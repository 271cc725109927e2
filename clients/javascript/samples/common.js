// What the samples share: the options that say where the server is.

import { parseArgs } from "node:util";

import { Client, RPCError } from "../src/index.js";

const OPTIONS = {
  address: { type: "string", default: "127.0.0.1:7100" },
  token: { type: "string" },
  "ca-file": { type: "string" },
};

/** Runs a sample with a client; a failed call becomes one line and status 1. */
export async function run(usage, positionalsMin, work, options = {}) {
  let parsed;
  try {
    parsed = parseArgs({ options: { ...OPTIONS, ...options }, allowPositionals: true });
    if (parsed.positionals.length < positionalsMin) throw new TypeError("arguments are missing");
  } catch (error) {
    console.error(`error: ${error.message}\nusage: ${usage} [--address HOST:PORT] [--token TOKEN] [--ca-file PEM]`);
    process.exit(64);
  }
  const { address, token, "ca-file": caFile } = parsed.values;
  const client = new Client(address, { token, tls: caFile ? { caFile } : undefined });
  try {
    await work(client, parsed.positionals, parsed.values);
  } catch (error) {
    if (!(error instanceof RPCError)) throw error;
    console.error(`error: ${error.code} ${error.status ?? ""} ${error.message}`);
    process.exitCode = 1;
  } finally {
    await client.close();
  }
}
