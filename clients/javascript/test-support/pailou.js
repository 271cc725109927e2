import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const START_MS = 30_000;

/** The server's program: `PAILOU`, or what was built in this checkout. */
export function program() {
  const candidates = process.env.PAILOU
    ? [process.env.PAILOU]
    : [join(ROOT, ".build/release/pailou"), join(ROOT, ".build/debug/pailou")];
  const found = candidates.find((path) => existsSync(path));
  if (!found) {
    throw new Error(`no server to test against at ${candidates.join(" or ")}: run "swift build", or set PAILOU`);
  }
  return found;
}

/** The real server on free ports, ended by its own process id. */
export class Pailou {
  #child;
  #directory;
  #log = "";
  endpoints;

  static async start(options = []) {
    const server = new Pailou();
    await server.#start(options);
    return server;
  }

  async #start(options) {
    this.#directory = await mkdtemp(join(tmpdir(), "pailou-javascript-"));
    const data = join(this.#directory, "data");
    const roles = ["--role", "all", "--role", "demo"];
    this.#child = spawn(program(), ["serve", "--ephemeral", "--data-dir", data, ...roles, ...options], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, PAILOU: undefined },
    });
    this.#child.stderr.on("data", (text) => (this.#log = (this.#log + text).slice(-20_000)));
    const file = join(data, "endpoints.json");
    const end = performance.now() + START_MS;
    while (!existsSync(file)) {
      if (this.#child.exitCode !== null || performance.now() > end) throw new Error(`the server did not start: ${this.#log}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.endpoints = JSON.parse(readFileSync(file, "utf8"));
  }

  get demo() {
    return this.endpoints.rpc.demo;
  }

  get gateway() {
    return this.endpoints.rpc.gateway;
  }

  /** SIGTERM: the server drains. */
  terminate() {
    this.#child.kill("SIGTERM");
  }

  async stop() {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.terminate();
      await ended;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}
