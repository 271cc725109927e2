/**
 * The large results of one connection that are on their way, put together within a budget of octets.
 *
 * While what is at hand exceeds the budget, credit is withheld, except for the oldest result: one of them always comes
 * to its end.
 */
export class Partials {
  #settings;
  #consumed;
  /** In the order in which they began. */
  #calls = new Set();
  #octets = 0;

  /** @param {(call: import("./call.js").Call, count: number) => void} consumed gives credit back for chunks */
  constructor(settings, consumed) {
    this.#settings = settings;
    this.#consumed = consumed;
  }

  /** Adds a chunk. @returns {boolean} whether the result is still within what is taken */
  add(call, payload, isLast, meta, now) {
    call.assembly ??= { parts: [], octets: 0, meta, owed: 0 };
    this.#calls.add(call);
    const { assembly } = call;
    assembly.parts.push(payload);
    assembly.octets += payload.length;
    assembly.heardAt = now;
    if (!isLast) assembly.owed += 1;
    this.#octets += payload.length;
    this.#giveBack();
    return assembly.octets <= this.#settings.frameBytesMax;
  }

  /** Forgets what has come of a call, if anything has. */
  drop(call) {
    if (!this.#calls.delete(call)) return;
    this.#octets -= call.assembly.octets;
    call.assembly = undefined;
    this.#giveBack();
  }

  #giveBack() {
    let isOldest = true;
    for (const call of this.#calls) {
      if (!isOldest && this.#octets > this.#settings.partialBytesMax) return;
      isOldest = false;
      const { owed } = call.assembly;
      call.assembly.owed = 0;
      if (owed > 0) this.#consumed(call, owed);
    }
  }
}
