import net from "node:net";

import { FrameDecoder, plainFrame } from "../src/frames.js";

export const HELLO_RESULT = {
  version: 1,
  peer: "double/1",
  role: "service",
  features: ["meta", "xframe", "cancel", "stream", "goaway"],
  limits: { frame_bytes_max: 67108864, in_flight_max: 256 },
};

/**
 * A server over real sockets that does what a test tells it to.
 *
 * `serve(peer)` is called for every connection; the peer hands out messages one by one and writes what it is told to.
 */
export class Double {
  #server;
  #sockets = new Set();
  connections = 0;
  address;
  failure;

  /** @param {number} port 0 for any */
  static async start(serve, create = net.createServer, port = 0) {
    const double = new Double();
    double.#server = create((socket) => {
      double.connections += 1;
      double.#sockets.add(socket);
      socket.on("close", () => double.#sockets.delete(socket));
      const peer = new Peer(socket);
      Promise.resolve(serve(peer, double.connections)).catch((error) => {
        // A test that ended closes the socket under its double's feet.
        if (!socket.destroyed) double.failure ??= error;
      });
    });
    await new Promise((resolve) => double.#server.listen(port, "127.0.0.1", resolve));
    double.address = `127.0.0.1:${double.#server.address().port}`;
    return double;
  }

  async stop() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    if (this.failure) throw this.failure;
  }
}

export class Peer {
  #decoder = new FrameDecoder(1 << 27);
  #messages = [];
  #waiters = [];

  constructor(socket) {
    this.socket = socket;
    this.#decoder.takesXFrames = true;
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("data", (octets) => {
      this.#decoder.add(octets);
      for (let frame; (frame = this.#decoder.next()); ) this.#arrived(frame);
    });
  }

  #arrived(frame) {
    const message = JSON.parse((frame.body ?? frame.header).toString());
    if (frame.payload) Object.assign(message, { flags: frame.flags, payload: frame.payload });
    const waiter = this.#waiters.shift();
    if (waiter) waiter(message);
    else this.#messages.push(message);
  }

  /** The next message of the client. */
  next() {
    if (this.#messages.length > 0) return Promise.resolve(this.#messages.shift());
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  send(message) {
    this.socket.write(typeof message === "string" || !Buffer.isBuffer(message) ? plainFrame(text(message)) : message);
  }

  reply(id, result) {
    this.send({ jsonrpc: "2.0", id, result });
  }

  error(id, code, data, message = "as the test wants it") {
    this.send({ jsonrpc: "2.0", id, error: { code, message, data } });
  }

  notify(method, params) {
    this.send({ jsonrpc: "2.0", method, params });
  }

  /** Answers hello. */
  async greet(result = HELLO_RESULT) {
    const hello = await this.next();
    if (hello.method !== "rpc.hello") throw new Error(`expected hello, found ${hello.method}`);
    this.reply(hello.id, result);
    return hello;
  }
}

const text = (message) => (typeof message === "string" ? message : JSON.stringify(message));
