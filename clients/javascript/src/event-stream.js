import { DEFAULT_CREDIT } from "./call.js";

const LOGS_MAX = 256;

/**
 * The events of one call, in order, as an async iterator.
 *
 * The server gets the next credits when items are taken, so a slow reader slows it down. Progress that nobody read yet
 * is replaced by newer; of unread log lines the oldest are dropped.
 */
export class EventStream {
  #queue = [];
  #logs = 0;
  #lastSeq = 0;
  #waiters = [];
  #connection;
  #call;
  #end;
  #isLeft = false;
  #leaving = new AbortController();
  #outcome;

  constructor(request, attempts, credit = DEFAULT_CREDIT) {
    const stopFollowing = follow(request.signal, this.#leaving);
    request.signal = this.#leaving.signal;
    this.#outcome = attempts.run(
      (connection) => this.#once(connection, request, credit),
      (error) => this.#lastSeq === 0 || error.resume === true,
    );
    this.#outcome.then(() => this.#ended({}), (error) => this.#ended({ error })).then(stopFollowing);
  }

  #once(connection, request, credit) {
    request.stream = { credit, ...(this.#lastSeq > 0 ? { after: this.#lastSeq } : {}) };
    return new Promise((resolve, reject) => {
      const abort = () => {
        connection.giveUp(this.#call, "cancelled");
        reject(request.signal.reason);
      };
      request.signal.addEventListener("abort", abort, { once: true });
      this.#connection = connection;
      this.#call = connection.start(request, {
        event: (event) => this.#arrived(event),
        settled: (error, reply) => {
          request.signal.removeEventListener("abort", abort);
          if (error) reject(error);
          else resolve(reply);
        },
      });
    });
  }

  #arrived(event) {
    if (this.#isLeft) return;
    this.#lastSeq = Math.max(this.#lastSeq, Number(event.seq) || 0);
    if (event.kind === "progress") this.#dropFirst("progress");
    if (event.kind === "log" && ++this.#logs > LOGS_MAX) this.#dropFirst("log");
    // The window an item belongs to is that of the try it came with.
    this.#queue.push({ event, connection: this.#connection, call: this.#call });
    this.#wake();
  }

  #dropFirst(kind) {
    const index = this.#queue.findIndex(({ event }) => event.kind === kind);
    if (index < 0) return;
    this.#queue.splice(index, 1);
    if (kind === "log") this.#logs -= 1;
  }

  #ended(end) {
    this.#end = end;
    this.#wake();
  }

  #wake() {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  async next() {
    for (;;) {
      const entry = this.#queue.shift();
      if (entry) return { done: false, value: this.#taken(entry) };
      if (this.#end?.error && !this.#isLeft) throw this.#end.error;
      if (this.#end) return { done: true, value: undefined };
      await new Promise((resolve) => this.#waiters.push(resolve));
    }
  }

  #taken({ event, connection, call }) {
    if (event.kind === "log") this.#logs -= 1;
    if (event.kind === "item") connection.consumed(call);
    return event;
  }

  /** Leaving a loop early cancels the call. */
  async return(value) {
    if (!this.#end) {
      this.#isLeft = true;
      this.#queue = [];
      this.#leaving.abort();
    }
    return { done: true, value };
  }

  /** What the call answered; events that nobody read are dropped. */
  async result() {
    while (!(await this.next()).done);
    return (await this.#outcome).result;
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

/** Ends what `controller` stands for when the signal says so. @returns {() => void} stops that */
function follow(signal, controller) {
  if (!signal) return () => {};
  const abort = () => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}
