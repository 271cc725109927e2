import { CHUNK_OCTETS, Flag, plainFrame, xFrame } from "./frames.js";

/** Credits a peer starts with where nobody said otherwise. */
export const DEFAULT_CREDIT = 16;

/**
 * One call on one connection: what was sent of it, what came back of it.
 *
 * Knows neither sockets nor clocks; `Calls` moves it from state to state:
 * waiting → sent → settled, and from either of the first two to given up (nobody wants the reply any more).
 */
export class Call {
  id;
  /** Someone still wants to know how it ends. */
  isWanted = true;
  isSent = false;
  /** Its last octet was handed to the operating system. */
  isWritten = false;
  /** When it ends here if no reply has come. */
  endsAt = Infinity;
  givenUpAt;
  /** What remains to be sent of parameters that travel in chunks. */
  upload;
  /** What has come of a result that travels in chunks. */
  assembly;

  #owed = 0;

  /**
   * @param {object} request
   * @param {string} request.method
   * @param {string} [request.params] JSON text
   * @param {object} [request.meta] what the caller wants in `meta`, without `timeout_ms` and `stream`
   * @param {number} [request.deadline] on the session's clock; Infinity for none
   * @param {{credit: number, after?: number}} [request.stream] asks for events
   * @param {object} sink `settled(error, reply)`, and, for who takes them, `event(event)` and `chunk(octets, content)`
   */
  constructor({ method, params, meta, deadline = Infinity, stream }, sink) {
    this.method = method;
    this.params = params;
    this.meta = meta;
    this.deadline = deadline;
    this.stream = stream;
    this.sink = sink;
    this.window = stream?.credit ?? DEFAULT_CREDIT;
    /** What the server may still send of items and chunks. */
    this.credit = this.window;
  }

  /** The envelope up to and without `params`, not closed. */
  head(features, now) {
    const meta = features.has("meta") ? this.#metaMembers(features, now) : undefined;
    const members = meta && Object.keys(meta).length > 0 ? `,"meta":${JSON.stringify(meta)}` : "";
    return `{"jsonrpc":"2.0","id":${this.id},"method":${JSON.stringify(this.method)}${members}`;
  }

  #metaMembers(features, now) {
    const meta = { ...this.meta };
    if (this.deadline !== Infinity) meta.timeout_ms = Math.max(0, Math.ceil(this.deadline - now));
    if (this.stream && features.has("stream")) meta.stream = this.stream;
    return meta;
  }

  /** Notes that the reader took `count` items or chunks; answers the credits to give back now, or 0. */
  consumed(count) {
    this.#owed += count;
    if (this.#owed * 2 < this.window) return 0;
    const given = this.#owed;
    this.#owed = 0;
    this.credit += given;
    return given;
  }
}

/** Parameters on their way in chunks. */
export class Upload {
  #head;
  #payload;
  #offset = 0;
  /** Chunks the server takes now. */
  credit = DEFAULT_CREDIT;
  /** Since when there is none; undefined while there is. */
  stalledSince;

  constructor(head, payload) {
    this.#head = head;
    this.#payload = payload;
  }

  get hasBegun() {
    return this.#offset > 0;
  }

  get isDone() {
    return this.#offset === this.#payload.length;
  }

  /** The next chunk as octets to write; takes a credit. */
  next(id, now) {
    const header = this.#offset === 0 ? `${this.#head}}` : `{"jsonrpc":"2.0","id":${id}}`;
    const payload = this.#payload.subarray(this.#offset, this.#offset + CHUNK_OCTETS);
    this.#offset += payload.length;
    this.credit -= 1;
    if (this.credit === 0 && !this.isDone) this.stalledSince = now;
    return xFrame(header, this.isDone ? 0 : Flag.more, payload);
  }

  grant(count) {
    this.credit += count;
    this.stalledSince = undefined;
  }
}

/** A call's parameters as one frame. */
export function wholeFrame(head, params) {
  return plainFrame(params === undefined ? `${head}}` : `${head},"params":${params}}`);
}
