import { RPCError } from "./errors.js";
import { retryDelay } from "./retry.js";
import { sleep } from "./time.js";

/** The tries of one call, counted together whoever makes them. */
export class Attempts {
  #call;
  #attempt = 1;

  /**
   * @param {object} call
   * @param {object} call.request `deadline`, `signal`, and `meta`, in which the number of the try is written
   * @param {boolean} call.isIdempotent
   * @param {object} call.policy
   * @param {import("./retry.js").RetryBudget} call.budget
   * @param {() => Promise<import("./connection.js").Connection>} call.connection
   */
  constructor(call) {
    this.#call = call;
  }

  /**
   * Calls `once` with a connection until it succeeds or must not be tried again.
   *
   * @param {(error: RPCError) => boolean} [mayRepeat] has the last word on another try
   */
  async run(once, mayRepeat = () => true) {
    for (;;) {
      try {
        this.#call.request.signal?.throwIfAborted();
        const connection = this.#call.connection();
        const outcome = await once(connection instanceof Promise ? await connection : connection);
        this.#call.budget.succeeded();
        return outcome;
      } catch (error) {
        if (!mayRepeat(error)) throw error;
        await this.again(error);
      }
    }
  }

  /** Waits until the next try may be made. @throws the error itself if there must be none */
  async again(error) {
    const { request, policy, budget, isIdempotent } = this.#call;
    if (!(error instanceof RPCError) || request.signal?.aborted) throw error;
    const remainingMs = request.deadline - performance.now();
    const delay = retryDelay(error, policy, { attempt: this.#attempt, isIdempotent, remainingMs });
    if (delay === undefined || !budget.take()) throw error;
    this.#attempt += 1;
    request.meta.attempt = this.#attempt;
    await sleep(delay, request.signal);
  }
}
