import { readFile } from "node:fs/promises";
import net from "node:net";
import tls from "node:tls";

import { Call } from "./call.js";
import { connectionLost, unreachable } from "./errors.js";
import { Session } from "./session.js";

const now = () => performance.now();

/** A `Session` on a socket: hands over what arrives, writes what it wants written, and wakes it. */
export class Connection {
  #socket;
  #session;
  #timer;
  #timerAt = Infinity;
  #isPumping = false;
  #greeted;

  /**
   * Connects and says hello.
   *
   * @param {{host: string, port: number, text: string}} address
   * @param {(connection: Connection) => void} retired told when it takes no new calls any more
   * @param {AbortSignal} closing ends it at once, whatever it does; calls under way fail `closed`
   * @throws {RPCError} `unreachable`, or what the server answered hello with
   */
  static async open(address, settings, retired, closing) {
    // A server that ends the connection on hello may be stopping, so it hears it once more; then it is a stranger.
    const plain = { ...settings, plain: true };
    for (const attempt of settings.plain ? [plain] : [settings, settings, plain]) {
      const socket = await connectSocket(address, settings, closing);
      const connection = new Connection(socket, attempt, retired, closing);
      try {
        await connection.#greeted;
        return connection;
      } catch (error) {
        if (!connection.#session.endedOnHello) throw error;
      }
    }
    throw connectionLost(undefined, true);
  }

  constructor(socket, settings, retired, closing) {
    this.#socket = socket;
    const close = () => this.#do(() => this.#session.ended(closing.reason));
    closing.addEventListener("abort", close, { once: true });
    socket.once("close", () => closing.removeEventListener("abort", close));
    this.#greeted = new Promise((resolve, reject) => {
      this.#session = new Session(settings, {
        greeted: (error) => (error ? reject(helloFailure(error)) : resolve()),
        retired: () => retired(this),
      });
    });
    this.#greeted.catch(() => {});
    socket.on("data", (octets) => this.#do(() => this.#session.received(octets, now())));
    socket.on("drain", () => this.#pump());
    socket.on("error", (error) => this.#do(() => this.#session.ended(error)));
    socket.on("close", () => this.#do(() => this.#session.ended()));
    this.#do(() => this.#session.opened(now()));
  }

  get isOpen() {
    return this.#session.state === "open";
  }

  get isNegotiated() {
    return this.#session.isNegotiated;
  }

  get features() {
    return [...this.#session.features];
  }

  /** @returns {Call} under way; its sink is told how it goes on */
  start(request, sink) {
    const call = new Call(request, sink);
    this.#do(() => this.#session.submit(call, now()));
    return call;
  }

  notify(method, params) {
    let written;
    this.#do(() => (written = this.#session.notify(method, params)));
    return written;
  }

  giveUp(call, reason) {
    this.#do(() => this.#session.giveUp(call, now(), reason));
  }

  consumed(call) {
    this.#do(() => this.#session.consumed(call));
  }

  #do(step) {
    step();
    this.#pump();
  }

  /** Writes while the socket takes it; what it does not take stays where it can be put in a better order. */
  #pump() {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const socket = this.#socket;
    socket.cork();
    for (let output; !socket.writableNeedDrain && (output = this.#session.nextOutput(now())); ) this.#write(output);
    process.nextTick(() => socket.uncork());
    this.#isPumping = false;
    if (this.#session.state === "over") this.#end();
    else this.#rest();
  }

  #write({ parts, written }) {
    const last = parts.length - 1;
    // TLS tells of a write only after the next events were looked at, which may be the server's answer to it: what it has
    // been handed counts as written. TCP tells at once.
    const isTold = this.#socket instanceof tls.TLSSocket === false;
    parts.forEach((part, index) => this.#socket.write(part, index === last && isTold ? written : undefined));
    if (!isTold) written?.();
  }

  /** Between two steps: a timer for what is due next, and no reason to keep the process alive without calls. */
  #rest() {
    if (this.#session.isIdle && this.isOpen) this.#socket.unref();
    else this.#socket.ref();
    const wakeAt = this.#session.wakeAt;
    if (wakeAt === this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = wakeAt;
    if (wakeAt === Infinity) return;
    const delay = Math.min(Math.max(0, Math.ceil(wakeAt - now())), 0x7fff_ffff);
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.#do(() => this.#session.advance(now()));
    }, delay).unref();
  }

  #end() {
    clearTimeout(this.#timer);
    if (this.#session.failure || this.#socket.destroyed) return this.#socket.destroy();
    // Nothing went wrong and nothing is awaited: the last words (goaway_ack) may leave before the socket closes.
    if (!this.#socket.writableEnded) this.#socket.end(() => this.#socket.destroy());
  }
}

function helloFailure(error) {
  return error.code === undefined || error.reason === "protocol" ? connectionLost(error, true) : error;
}

async function connectSocket(address, settings, closing) {
  let socket;
  try {
    socket = await openSocket(address, settings, closing);
  } catch (error) {
    throw closing.aborted ? closing.reason : unreachable(address.text, error);
  }
  socket.setNoDelay(true);
  socket.setKeepAlive(true, settings.keepAliveMs);
  return socket;
}

async function openSocket({ host, port }, { tls: security, connectTimeoutMs }, closing) {
  const secrets = security ? await tlsOptions(host, security) : undefined;
  return new Promise((resolve, reject) => {
    if (closing.aborted) throw closing.reason;
    const socket = secrets ? tls.connect({ host, port, ...secrets }) : net.connect({ host, port });
    const close = () => socket.destroy();
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${connectTimeoutMs} ms`)), connectTimeoutMs);
    const done = () => {
      clearTimeout(timer);
      closing.removeEventListener("abort", close);
    };
    closing.addEventListener("abort", close, { once: true });
    socket.once("error", reject);
    socket.once("close", () => {
      done();
      reject(new Error("the server closed the connection while it was being made"));
    });
    socket.once(secrets ? "secureConnect" : "connect", () => {
      done();
      socket.removeAllListeners("error").removeAllListeners("close");
      resolve(socket);
    });
  });
}

/** Files are read for every connection, so that a renewed certificate is used by the next one. */
async function tlsOptions(host, { caFile, serverName, certFile, keyFile }) {
  const read = (path) => (path === undefined ? undefined : readFile(path));
  const [ca, cert, key] = await Promise.all([read(caFile), read(certFile), read(keyFile)]);
  const name = serverName ?? host;
  return {
    ca,
    cert,
    key,
    servername: net.isIP(name) ? "" : name,
    checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
    minVersion: "TLSv1.2",
  };
}
