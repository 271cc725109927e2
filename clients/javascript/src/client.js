import { Attempts } from "./attempts.js";
import { ByteStream, readPieces, startStream } from "./byte-stream.js";
import { Connector } from "./connector.js";
import { download } from "./download.js";
import { deadlineExceeded } from "./errors.js";
import { EventStream } from "./event-stream.js";
import { toJSON } from "./json.js";
import { parseAddresses, settingsFrom } from "./options.js";
import { RetryBudget } from "./retry.js";
import { within } from "./time.js";

const CALL_OPTIONS = new Set([
  "timeoutMs", "signal", "idempotent", "idem", "requestId", "traceparent", "onProgress", "credit",
]);

/**
 * A client of one service, at one address or several.
 *
 * Connects when it is first needed, and again when the connection is lost. Any number of calls may run at once.
 */
export class Client {
  #settings;
  #connector;
  #budget;

  /**
   * @param {string | string[]} address `"host:port"`; of several, the next is tried when one fails or stops
   * @param {import("../index.js").ClientOptions} [options]
   */
  constructor(address, options) {
    this.#settings = settingsFrom(options);
    this.#connector = new Connector(parseAddresses(address), this.#settings);
    this.#budget = new RetryBudget(this.#settings.retryBudget);
  }

  /** What was agreed on with the present connection. */
  get isNegotiated() {
    return this.#connector.current?.isNegotiated ?? false;
  }

  get features() {
    return this.#connector.current?.features ?? [];
  }

  async connect() {
    await this.#connector.connection();
  }

  /** Ends the connections; calls under way and later ones fail `closed`. */
  async close() {
    this.#connector.close();
  }

  async call(method, params, options) {
    return (await this.request(method, params, options)).result;
  }

  /** Like `call`, and tells what the server said about the reply. */
  async request(method, params, options = {}) {
    const request = this.#request(method, params, options);
    const { onProgress } = options;
    if (onProgress) request.stream = { credit: 16 };
    const attempts = this.#attempts(request, options);
    const reply = await attempts.run((connection) => this.#once(connection, request, onProgress));
    return {
      result: reply.result,
      serverMs: Number(reply.meta?.server_ms ?? 0),
      replayed: reply.meta?.replayed === true,
    };
  }

  /** One try. */
  #once(connection, request, onProgress) {
    return new Promise((resolve, reject) => {
      const abort = () => {
        connection.giveUp(call, "cancelled");
        reject(request.signal.reason);
      };
      let call;
      const sink = {
        settled: (error, reply) => {
          request.signal?.removeEventListener("abort", abort);
          if (error) reject(error);
          else resolve(reply);
        },
      };
      if (onProgress) {
        sink.event = ({ kind, data }) => {
          if (kind === "item") return connection.consumed(call);
          if (kind !== "progress") return;
          try {
            onProgress(data);
          } catch (error) {
            // The caller's own mistake ends the caller's own call, and nobody else's.
            connection.giveUp(call, "cancelled");
            sink.settled(error);
          }
        };
      }
      request.signal?.addEventListener("abort", abort, { once: true });
      call = connection.start(request, sink);
    });
  }

  async notify(method, params) {
    const connection = await this.#connector.connection();
    await connection.notify(method, params === undefined ? undefined : toJSON(params));
  }

  events(method, params, options = {}) {
    const request = this.#request(method, params, options);
    return new EventStream(request, this.#attempts(request, options), options.credit);
  }

  async stream(method, params, options = {}) {
    const request = this.#request(method, params, options);
    return this.#stream(request, params, options, this.#attempts(request, options));
  }

  async #stream(request, params, options, attempts) {
    const started = await startStream(request, attempts, options.credit);
    if (started instanceof ByteStream) return started;
    const { timeoutMs, credit, ...each } = options;
    const timeLeft = () => (request.deadline === Infinity ? {} : { timeoutMs: request.deadline - performance.now() });
    return readPieces(started.piece, (offset) => this.call(method(request), { ...params, offset }, { ...each, ...timeLeft() }));
  }

  /** Streams into a file that stands under its name only when all of it is there. */
  async download(method, params, path, { onProgress, ...options } = {}) {
    const request = this.#request(method, params, options);
    const attempts = this.#attempts(request, { idempotent: true, ...options });
    return download(path, attempts, onProgress, () => this.#stream(request, params, options, attempts));
  }

  async ping() {
    await this.call("rpc.ping", undefined, { idempotent: true });
  }

  #request(method, params, options) {
    if (typeof method !== "string") throw new TypeError("expected the method's name as a string");
    for (const key of Object.keys(options)) {
      if (!CALL_OPTIONS.has(key)) throw new TypeError(`there is no option ${JSON.stringify(key)} of a call`);
    }
    const { timeoutMs = this.#settings.timeoutMs, signal, idem, requestId, traceparent } = options;
    return {
      method,
      params: params === undefined ? undefined : toJSON(params),
      deadline: timeoutMs === undefined ? Infinity : performance.now() + timeoutMs,
      signal,
      meta: defined({ idem, request_id: requestId, traceparent }),
    };
  }

  #attempts(request, { idempotent = false }) {
    return new Attempts({
      request,
      isIdempotent: idempotent,
      policy: this.#settings.retry,
      budget: this.#budget,
      connection: () =>
        this.#connector.current ??
        within(this.#connector.connection(), request.deadline, request.signal, () => deadlineExceeded(true)),
    });
  }
}

const method = (request) => request.method;

function defined(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

if (Symbol.asyncDispose) {
  Client.prototype[Symbol.asyncDispose] = Client.prototype.close;
}
