import { Readable } from "node:stream";

import { DEFAULT_CREDIT } from "./call.js";
import { Code, isObject, RPCError } from "./errors.js";

const PIECE_BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Starts a call that answers octets.
 *
 * @returns {Promise<ByteStream | {piece: unknown}>} the stream once its head is here; or, of a server without x-frames,
 *   the first piece. Until then the call may be tried again, from then on not.
 */
export function startStream(request, attempts, credit = DEFAULT_CREDIT) {
  request.stream = { credit };
  return attempts.run((connection) => new Promise((resolve, reject) => once(connection, request, resolve, reject)));
}

function once(connection, request, resolve, reject) {
  const { signal } = request;
  let [call, stream] = [];
  const abort = () => {
    if (stream) return stream.abort(signal.reason);
    connection.giveUp(call, "cancelled");
    reject(signal.reason);
  };
  signal?.addEventListener("abort", abort, { once: true });
  call = connection.start(request, {
    chunk: (payload, content) => {
      stream ??= new ByteStream(content, connection, call);
      stream.arrived(payload);
      resolve(stream);
    },
    settled: (error, reply) => {
      signal?.removeEventListener("abort", abort);
      if (stream) stream.ended(error);
      else if (error) reject(error);
      else resolve({ piece: reply.result });
    },
  });
}

/**
 * Octets that a method answers, as a node stream; `content` says what they are.
 *
 * The server gets the next credits when chunks are taken out. Destroying the stream, or leaving a `for await` early,
 * cancels the call. It ends well only when all of it came: a call that fails later, or a `size` that differs from what
 * came, is an error of the stream.
 */
export class ByteStream extends Readable {
  #connection;
  #call;
  #queue = [];
  #received = 0;
  #isAsked = false;
  #isOver = false;

  constructor(content, connection, call) {
    super();
    this.content = isObject(content) ? content : {};
    this.#connection = connection;
    this.#call = call;
  }

  arrived(payload) {
    if (payload.length === 0) return;
    this.#received += payload.length;
    this.#queue.push(payload);
    if (this.#isAsked) this._read();
  }

  ended(error) {
    this.#isOver = true;
    const { size } = this.content;
    if (!error && size !== undefined && Number(size) !== this.#received) {
      error = new RPCError(Code.dataLoss, `expected ${size} octets, received ${this.#received}`, { reason: "size" });
    }
    this.#queue.push(error ?? null);
    if (this.#isAsked) this._read();
  }

  /** Ends it with this reason, without what nobody has read yet. */
  abort(reason) {
    if (this.#isOver) return;
    this.#connection.giveUp(this.#call, "cancelled");
    this.#isOver = true;
    this.#queue = [reason];
    if (this.#isAsked) this._read();
  }

  /** Called by the stream when it wants more. */
  _read() {
    this.#isAsked = true;
    while (this.#isAsked && this.#queue.length > 0) {
      const next = this.#queue.shift();
      // An error waits for its turn behind what came before it, and for somebody to read: it can be caught.
      if (next !== null && !Buffer.isBuffer(next)) return void this.destroy(next);
      this.#isAsked = this.push(next) && next !== null;
      if (next !== null) this.#connection.consumed(this.#call);
    }
  }

  _destroy(error, done) {
    this.#queue = [];
    if (!this.#isOver) this.#connection.giveUp(this.#call, "cancelled");
    done(error);
  }
}

/** The stream of a server that answers one piece a call: `again(offset)` asks for the next. */
export function readPieces(first, again) {
  let piece = decode(first);
  async function* pieces() {
    for (;;) {
      yield piece.octets;
      if (piece.eof) return;
      const next = piece.offset + piece.octets.length;
      piece = decode(await again(next), next);
    }
  }
  return Object.assign(Readable.from(pieces(), { objectMode: false }), { content: {} });
}

function decode(piece, offset) {
  const isPiece =
    isObject(piece) && typeof piece.base64 === "string" && Number.isInteger(piece.offset) && typeof piece.eof === "boolean";
  if (!isPiece) {
    throw new RPCError(Code.failedPrecondition, "the method answers no octets: use call()", { reason: "stream" });
  }
  if (!PIECE_BASE64.test(piece.base64) || (offset !== undefined && piece.offset !== offset)) {
    throw new RPCError(Code.dataLoss, `a piece of the stream cannot be used; expected the one at ${offset}`, { reason: "piece" });
  }
  const octets = Buffer.from(piece.base64, "base64");
  if (octets.length === 0 && !piece.eof) {
    throw new RPCError(Code.dataLoss, "an empty piece that is not the last", { reason: "piece" });
  }
  return { octets, offset: piece.offset, eof: piece.eof };
}
