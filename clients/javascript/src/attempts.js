import { RPCError, keyUnsupported } from "./errors.js";
import { isOfStopping, isRetryable, retryDelay } from "./retry.js";
import { sleep } from "./time.js";

/** How often a call leaves a server that stops for the next one; such moves are no tries. */
const MOVES_MAX = 16;

/** The tries of one call, counted together whoever makes them. */
export class Attempts {
  #call;
  #attempt = 1;
  #moves = 0;
  /** The server of the last try knows the call's key, and does not do it twice. */
  #isKeyed = false;
  /** A try that failed may have been done all the same, or be at it still. */
  #mayHaveBegun = false;

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
        const outcome = await this.#once(once, connection instanceof Promise ? await connection : connection);
        this.#call.budget.succeeded();
        return outcome;
      } catch (error) {
        if (!mayRepeat(error)) throw error;
        await this.again(error);
      }
    }
  }

  #once(once, connection) {
    const { request, isIdempotent } = this.#call;
    const hasKey = request.meta.idem !== undefined;
    const takesKeys = connection.features.includes("meta");
    // One that does not know the call by its key would do it a second time.
    if (hasKey && !takesKeys && !isIdempotent && this.#mayHaveBegun) throw keyUnsupported();
    this.#isKeyed = hasKey && takesKeys;
    return once(connection);
  }

  /** Waits until the next try may be made. @throws the error itself if there must be none */
  async again(error) {
    const { request, policy, budget } = this.#call;
    const isIdempotent = this.#call.isIdempotent || this.#isKeyed;
    if (!(error instanceof RPCError) || request.signal?.aborted) throw error;
    this.#mayHaveBegun ||= !error.notStarted && !error.resume;
    const remainingMs = request.deadline - performance.now();
    if (this.#mayMove(error)) {
      if (remainingMs <= 0) throw this.#final(error);
      this.#moves += 1;
      request.meta.attempt = this.#attempt + this.#moves;
      return;
    }
    const delay = retryDelay(error, policy, { attempt: this.#attempt, isIdempotent, remainingMs });
    if (delay === undefined || !budget.take()) throw this.#final(error);
    this.#attempt += 1;
    request.meta.attempt = this.#attempt + this.#moves;
    await sleep(delay, request.signal);
  }

  /** The error as the caller gets it: what one try may have begun the last one does not deny. */
  #final(error) {
    if (this.#mayHaveBegun) error.notStarted = false;
    return error;
  }

  /** Whether the call leaves a server that stops: free and at once, as it adds nothing to what others have to do. */
  #mayMove(error) {
    const { policy } = this.#call;
    return policy.tries > 1 && this.#moves < MOVES_MAX && isOfStopping(error) && isRetryable(error, false);
  }
}
