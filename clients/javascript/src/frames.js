import { protocolError, tooLarge } from "./errors.js";

const X_BIT = 0x8000_0000;
const MESSAGE_TYPE = 1;

/** Flags of x-frames. */
export const Flag = Object.freeze({ octets: 2, more: 4 });

/** The largest payload of one chunk. */
export const CHUNK_OCTETS = 65_536;

/** Params and results longer than this travel in chunks. */
export const WHOLE_OCTETS_MAX = 262_144;

/** @returns {Buffer} the text with its length in front */
export function plainFrame(text) {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(4 + length);
  frame.writeUInt32BE(length, 0);
  frame.write(text, 4, "utf8");
  return frame;
}

/** @returns {Buffer[]} prologue and header, then the payload as it is */
export function xFrame(header, flags, payload) {
  const text = Buffer.from(header);
  const head = Buffer.allocUnsafe(8 + text.length);
  head.writeUInt32BE(X_BIT + 4 + text.length + payload.length, 0);
  head.writeUInt8(MESSAGE_TYPE, 4);
  head.writeUInt8(flags, 5);
  head.writeUInt16BE(text.length, 6);
  text.copy(head, 8);
  return [head, payload];
}

/**
 * Cuts what arrives into frames.
 *
 * Refuses a frame that is too long at its header; until it is complete, it costs only what has arrived.
 */
export class FrameDecoder {
  #octetsMax;
  #parts = [];
  #octets = 0;
  /** Length of the body that is being collected; undefined while the four octets before it are. */
  #length;
  #isX = false;

  /** X-frames are understood from the moment they were agreed on. */
  takesXFrames = false;

  constructor(octetsMax) {
    this.#octetsMax = octetsMax;
  }

  /** True while a frame has begun and is not complete. */
  get isInside() {
    return this.#length !== undefined || this.#octets > 0;
  }

  /** Octets of the frame that is being collected, as far as known. */
  get expectedOctets() {
    return this.#length ?? 0;
  }

  add(octets) {
    if (octets.length === 0) return;
    this.#parts.push(octets);
    this.#octets += octets.length;
  }

  /**
   * The next complete frame, if it is there.
   *
   * @returns {{body: Buffer} | {flags: number, header: Buffer, payload: Buffer} | undefined}
   * @throws {RPCError} `size` or `protocol`; nothing can be read after it
   */
  next() {
    if (this.#length === undefined) {
      if (this.#octets < 4) return undefined;
      this.#readLength(this.#take(4).readUInt32BE(0));
    }
    if (this.#octets < this.#length) return undefined;
    const body = this.#take(this.#length);
    this.#length = undefined;
    return this.#isX ? xFrameParts(body) : { body };
  }

  #readLength(prefix) {
    this.#isX = this.takesXFrames && prefix >= X_BIT;
    this.#length = this.#isX ? prefix - X_BIT : prefix;
    if (this.#length > this.#octetsMax) throw tooLarge(this.#length, this.#octetsMax);
  }

  /** The first `count` octets; copied only where they lie in several parts. */
  #take(count) {
    this.#octets -= count;
    const first = this.#parts[0];
    if (count === 0) return Buffer.alloc(0);
    if (first.length === count) return this.#parts.shift();
    if (first.length > count) {
      this.#parts[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    return this.#gather(count);
  }

  #gather(count) {
    const taken = [];
    let [missing, used] = [count, 0];
    for (; missing > 0 && this.#parts[used].length <= missing; used++) {
      taken.push(this.#parts[used]);
      missing -= this.#parts[used].length;
    }
    this.#parts.splice(0, used);
    if (missing > 0) {
      taken.push(this.#parts[0].subarray(0, missing));
      this.#parts[0] = this.#parts[0].subarray(missing);
    }
    return Buffer.concat(taken, count);
  }
}

function xFrameParts(body) {
  if (body.length < 4) throw protocolError("expected an x-frame's type, flags and header length, found its end");
  const headerEnd = 4 + body.readUInt16BE(2);
  if (headerEnd > body.length) throw protocolError("the header of an x-frame is longer than the frame");
  if (body[0] !== MESSAGE_TYPE) throw protocolError(`expected an x-frame of type 1, found type ${body[0]}`);
  return { flags: body[1], header: body.subarray(4, headerEnd), payload: body.subarray(headerEnd) };
}
