import { Connection } from "./connection.js";
import { closedHere, overloaded } from "./errors.js";
import { spread } from "./retry.js";
import { sleep } from "./time.js";

const BACKOFF_JITTER = 0.2;

/** Keeps one connection to the first address that answers, and makes it anew when it is gone. */
export class Connector {
  #addresses;
  #settings;
  #next = 0;
  #current;
  #attempt;
  #endAttempt;
  #waiting = 0;
  #failures = 0;
  #notBefore = 0;
  #closing = new AbortController();

  constructor(addresses, settings) {
    this.#addresses = addresses;
    this.#settings = settings;
  }

  /** The connection to use now, if there is one. */
  get current() {
    return this.#current?.isOpen ? this.#current : undefined;
  }

  get isClosed() {
    return this.#closing.signal.aborted;
  }

  /** @throws {RPCError} `unreachable` when no address answered, or what hello was answered with */
  async connection() {
    if (this.isClosed) throw closedHere();
    if (this.current) return this.current;
    if (this.#waiting >= this.#settings.waitingMax) throw overloaded(this.#settings.waitingMax);
    this.#waiting += 1;
    try {
      return await (this.#attempt ??= this.#begin());
    } finally {
      this.#waiting -= 1;
    }
  }

  /** One attempt for all who wait; `close` ends it for them. */
  #begin() {
    const attempt = new Promise((resolve, reject) => {
      this.#endAttempt = reject;
      this.#connect().then(resolve, reject);
    });
    return attempt.finally(() => (this.#attempt = undefined));
  }

  async #connect() {
    const closing = this.#closing.signal;
    await sleep(this.#notBefore - performance.now(), closing);
    let failure;
    for (let tried = 0; tried < this.#addresses.length; tried++) {
      const address = this.#addresses[this.#next % this.#addresses.length];
      try {
        this.#current = await Connection.open(address, this.#settings, (one) => this.#retired(one), closing);
        this.#failures = 0;
        return this.#current;
      } catch (error) {
        if (this.isClosed) throw closing.reason;
        failure = error;
        this.#next += 1;
      }
    }
    this.#backOff();
    throw failure;
  }

  #backOff() {
    const { backoffMinMs, backoffMaxMs } = this.#settings;
    const delay = Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#failures);
    this.#failures += 1;
    this.#notBefore = performance.now() + spread(delay, BACKOFF_JITTER);
  }

  #retired(connection) {
    if (connection !== this.#current) return;
    this.#current = undefined;
    this.#next += 1;
  }

  /** Ends every connection, also those that only finish what they have. */
  close() {
    this.#closing.abort(closedHere());
    this.#current = undefined;
    this.#endAttempt?.(this.#closing.signal.reason);
  }
}
