import assert from "node:assert/strict";
import net from "node:net";

import { CHUNK_OCTETS, FrameDecoder, plainFrame, xFrame } from "../src/frames.js";
import { isWithin, matchAll } from "./patterns.js";

const RECEIVE_MS = 20_000;

/** One connection of a test vector: octets out, and what comes back cut into frames by the library's own decoder. */
export class Conversation {
  #socket;
  #received = [];
  #changed = () => {};
  #hasEnded = false;
  #hasMeta = false;
  #isForeign;
  /** Given the octets as they come, and one by one: both must find the same. */
  #whole = newDecoder();
  #single = newDecoder();
  #frames = [];

  /** @param {boolean} isForeign what the server sends is no frame */
  static async open(address, isForeign = false) {
    const [host, port] = address.split(":");
    const conversation = new Conversation();
    conversation.#isForeign = isForeign;
    await new Promise((resolve, reject) => {
      const socket = net.connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true }, resolve);
      socket.on("error", reject);
      conversation.#use(socket);
    });
    return conversation;
  }

  #use(socket) {
    this.#socket = socket;
    socket.on("data", (octets) => this.#arrived(octets));
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#hasEnded = true;
        this.#changed();
      });
    }
  }

  #arrived(octets) {
    this.#received.push(octets);
    if (!this.#isForeign) {
      const frames = framesOf(this.#whole, [octets]);
      const singles = framesOf(this.#single, [...octets].map((octet) => Buffer.from([octet])));
      assert.deepEqual(singles, frames);
      this.#frames.push(...frames);
    }
    this.#changed();
  }

  /** Writes pieces at once, or octet by octet with a turn of the event loop between any two. */
  async send(pieces, isSplit) {
    const octets = Buffer.concat(pieces.flatMap(octetsOf));
    if (!isSplit) return void this.#socket.write(octets);
    for (const octet of octets) {
      this.#socket.write(Buffer.from([octet]));
      await new Promise(setImmediate);
    }
  }

  end() {
    this.#socket.end();
  }

  async #until(isThere, what) {
    const end = performance.now() + RECEIVE_MS;
    while (!isThere()) {
      const left = end - performance.now();
      if (this.#hasEnded || left <= 0) assert.fail(`expected ${what}, found ${describe(this.#frames)}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async receive(patterns) {
    if (patterns.length === 1 && patterns[0].stream) return this.#receiveStream(patterns[0].stream);
    if (patterns.length === 1 && patterns[0].chunks) return this.#receiveChunks(patterns[0].chunks);
    await this.#until(() => this.#frames.length >= patterns.length, JSON.stringify(patterns));
    const frames = this.#frames.splice(0, patterns.length);
    assert.ok(matchAll(frames, patterns, this.#hasMeta), `expected ${JSON.stringify(patterns)}, found ${describe(frames)}`);
    // Only the answer to hello lists features.
    this.#hasMeta ||= frames.some(({ text }) => text && JSON.parse(text).result?.features?.includes?.("meta"));
  }

  async #receiveChunks({ id, text, more = false }) {
    const expected = Buffer.from(text);
    let found = Buffer.alloc(0);
    for (let isLast = false; !isLast && (found.length < expected.length || !more); ) {
      await this.#until(() => this.#frames.length > 0, "a chunk");
      const { flags, header, payload } = this.#frames.shift();
      assert.deepEqual([JSON.parse(header).id, flags & 2, payload.length <= CHUNK_OCTETS], [id, 0, true]);
      found = Buffer.concat([found, payload]);
      isLast = (flags & 4) === 0;
      assert.ok(!(isLast && more), "the reply ended too early");
    }
    assert.ok(found.equals(expected), `expected ${expected.length} octets, found ${found.length}`);
  }

  async #receiveStream({ id, from = 0, octets, content, broken }) {
    let offset = from;
    for (let isFirst = true; ; isFirst = false) {
      await this.#until(() => this.#frames.length > 0, "a chunk");
      const frame = this.#frames.shift();
      if (frame.text !== undefined) {
        assert.ok(broken && matchAll([frame], [broken], this.#hasMeta), `expected a chunk, found ${frame.text}`);
        break;
      }
      const header = JSON.parse(frame.header);
      assert.equal(header.id, id);
      if (isFirst && content) assert.ok(isWithin(header.content, content), frame.header);
      for (const octet of frame.payload) assert.equal(octet, offset++ % 251);
      if (!(frame.flags & 4)) {
        assert.equal(broken, undefined);
        break;
      }
    }
    assert.equal(offset - from, octets);
  }

  async receiveText(text) {
    const found = () => Buffer.concat(this.#received).toString("latin1");
    await this.#until(() => found().length >= text.length, text);
    assert.equal(found().slice(0, text.length), text);
  }

  /** The server ends the connection, and nothing more comes before that. */
  async closed() {
    await this.#until(() => this.#hasEnded || this.#frames.length > 0, "the end").catch((error) => {
      if (!this.#hasEnded) throw error;
    });
    assert.deepEqual(this.#frames, []);
  }

  /** Every frame until the server ends the connection. */
  async rest() {
    await this.#until(() => this.#hasEnded, "the end");
    return this.#frames.splice(0);
  }

  destroy() {
    this.#socket.destroy();
  }
}

function newDecoder() {
  const decoder = new FrameDecoder(1 << 27);
  decoder.takesXFrames = true;
  return decoder;
}

function framesOf(decoder, parts) {
  const frames = [];
  for (const part of parts) {
    decoder.add(part);
    for (let frame; (frame = decoder.next()); ) {
      frames.push(frame.body ? { text: `${frame.body}` } : { flags: frame.flags, header: `${frame.header}`, payload: Buffer.from(frame.payload) });
    }
  }
  return frames;
}

function octetsOf(piece) {
  if (piece.hex !== undefined) return [Buffer.from(piece.hex, "hex")];
  if (piece.text !== undefined) return [Buffer.from(piece.text)];
  if (piece.frame !== undefined) return [plainFrame(piece.frame)];
  if (piece.x) return xFrame(text(piece.x.header), piece.x.flags, Buffer.from(text(piece.x.payload ?? "")));
  if (piece.fill !== undefined) return [Buffer.alloc(piece.times, Buffer.from(piece.fill, "hex"))];
  throw new Error(`unknown piece ${JSON.stringify(piece)}`);
}

const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));

const describe = (frames) => JSON.stringify(frames).slice(0, 2000);

/** How many octets a step sends. */
export function sentOctets(pieces) {
  return pieces.reduce((sum, piece) => sum + (piece.times ?? Buffer.concat(octetsOf(piece)).length), 0);
}
